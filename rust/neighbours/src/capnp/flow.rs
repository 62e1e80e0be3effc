//! A stream in time: a producer, links with rates and latencies, proxies between them, a consumer.
//!
//! Events in integer nanoseconds, in the order of time and then of arising, so that equal flows are equal to the bit. A vat
//! forwards what it has read as soon as the next link is free, and keeps the rest in memory: that is the queue of a proxy.
//! The first link pushes back, because a producer cannot write faster than it sends; nothing else does but the window,
//! which opens with each Return. Returns take latencies and no bandwidth. Left out: limits on calls in flight, which
//! are explored and not timed, losses, and anything else on the links.

use super::window::{AdaptiveWindow, is_ready};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const SECOND: u64 = 1_000_000_000;

/// A link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Bytes a second.
    pub rate: u64,
    /// Nanoseconds from end to end.
    pub latency: u64,
}

/// How far the producer runs ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// As far as the first link lets it.
    Any,
    /// A fixed window, in bytes.
    Fixed(u64),
    /// The adaptive window of C++.
    Adaptive,
}

/// What is simulated. All rates are positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Bytes of a message.
    pub message: u64,
    /// Bytes that are produced in a second.
    pub producer: u64,
    /// Bytes that are consumed in a second.
    pub consumer: u64,
    /// The links, from the producer to the consumer.
    pub links: Vec<Link>,
    /// The window.
    pub ahead: Ahead,
}

/// What is seen at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Nanoseconds since the beginning.
    pub at: u64,
    /// Bytes that wait at each vat: at the producer for the first link, at each proxy for its link, at the consumer.
    pub waiting: Vec<u64>,
    /// Bytes without a Return.
    pub in_flight: u64,
    /// Bytes that were consumed.
    pub consumed: u64,
    /// The window.
    pub window: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The producer has a message.
    Produced,
    /// A link, or the consumer behind the last one, is done with a message.
    Done(usize),
    /// A message is at the vat in front of this link, or at the consumer.
    Arrived(usize),
    /// A Return is at the producer.
    Returned,
}

struct Run<'a> {
    flow: &'a Flow,
    now: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    /// Events so far, so that those of one time happen in the order in which they arose.
    arisen: u64,
    /// Messages that wait in front of each link, and of the consumer.
    waiting: Vec<u64>,
    busy: Vec<bool>,
    /// Whether the producer has a message that it may not send yet.
    held: bool,
    in_flight: u64,
    consumed: u64,
    window: Option<AdaptiveWindow>,
    round: Round,
    /// When each message without a Return was sent.
    sent: VecDeque<u64>,
}

/// A round of an adaptive window: until a message is acknowledged that was sent in it.
#[derive(Default)]
struct Round {
    began: u64,
    acknowledged: u64,
}

/// Simulates so many nanoseconds, and looks so many times.
#[must_use]
pub fn simulate(flow: &Flow, duration: u64, samples: u64) -> Vec<Sample> {
    let mut run = Run::new(flow);
    let look = |n: u64| (u128::from(duration) * u128::from(n) / u128::from(samples)) as u64;
    (1..=samples)
        .map(|n| {
            run.until(look(n));
            run.sample(look(n))
        })
        .collect()
}

/// How long a message takes at such a rate.
fn time(bytes: u64, rate: u64) -> u64 {
    (u128::from(bytes) * u128::from(SECOND) / u128::from(rate)) as u64
}

impl<'a> Run<'a> {
    fn new(flow: &'a Flow) -> Self {
        let stations = flow.links.len() + 1;
        let mut run = Self {
            flow,
            now: 0,
            events: BinaryHeap::new(),
            arisen: 0,
            waiting: vec![0; stations],
            busy: vec![false; stations],
            held: false,
            in_flight: 0,
            consumed: 0,
            window: (flow.ahead == Ahead::Adaptive).then(AdaptiveWindow::new),
            round: Round::default(),
            sent: VecDeque::new(),
        };
        run.schedule(0, Event::Produced);
        run
    }

    fn schedule(&mut self, delay: u64, event: Event) {
        self.arisen += 1;
        let at = self.now.saturating_add(delay);
        self.events.push(Reverse((at, self.arisen, event)));
    }

    /// Lets everything happen up to a time.
    fn until(&mut self, end: u64) {
        while let Some(&Reverse((at, _, event))) = self.events.peek()
            && at <= end
        {
            self.events.pop();
            self.now = at;
            self.happen(event);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Produced => self.held = true,
            Event::Arrived(station) => self.waiting[station] += 1,
            Event::Done(station) => self.pass_on(station),
            Event::Returned => self.acknowledge(),
        }
        self.send();
        (0..self.waiting.len()).for_each(|station| self.begin(station));
    }

    /// The producer sends what it has, if window and first link let it.
    fn send(&mut self) {
        let message = self.flow.message;
        let open = match self.window_now() {
            Some(window) => self.in_flight == 0 || is_ready(window, self.in_flight, message),
            None => true,
        };
        if !(self.held && open && self.waiting[0] == 0) {
            return;
        }
        self.held = false;
        self.waiting[0] += 1;
        self.in_flight += message;
        self.sent.push_back(self.now);
        self.schedule(time(message, self.flow.producer), Event::Produced);
    }

    fn window_now(&self) -> Option<u64> {
        match (self.flow.ahead, &self.window) {
            (_, Some(adaptive)) => Some(adaptive.window()),
            (Ahead::Fixed(window), None) => Some(window),
            (Ahead::Any | Ahead::Adaptive, None) => None,
        }
    }

    /// A link or the consumer takes the next message.
    fn begin(&mut self, station: usize) {
        if self.busy[station] || self.waiting[station] == 0 {
            return;
        }
        self.busy[station] = true;
        self.waiting[station] -= 1;
        let link = self.flow.links.get(station);
        let rate = link.map_or(self.flow.consumer, |link| link.rate);
        self.schedule(time(self.flow.message, rate), Event::Done(station));
    }

    fn pass_on(&mut self, station: usize) {
        self.busy[station] = false;
        match self.flow.links.get(station) {
            Some(link) => self.schedule(link.latency, Event::Arrived(station + 1)),
            None => {
                self.consumed += self.flow.message;
                let back = self.flow.links.iter().map(|link| link.latency).sum();
                self.schedule(back, Event::Returned);
            }
        }
    }

    fn acknowledge(&mut self) {
        self.in_flight -= self.flow.message;
        self.round.acknowledged += self.flow.message;
        let sent = self.sent.pop_front().expect("what returns was sent");
        let elapsed = self.now - self.round.began;
        if sent < self.round.began || elapsed == 0 {
            return;
        }
        if let Some(window) = &mut self.window {
            window.round(self.round.acknowledged as f64 / elapsed as f64);
        }
        self.round = Round {
            began: self.now,
            acknowledged: 0,
        };
    }

    fn sample(&self, at: u64) -> Sample {
        let bytes = |&messages: &u64| messages * self.flow.message;
        Sample {
            at,
            waiting: self.waiting.iter().map(bytes).collect(),
            in_flight: self.in_flight,
            consumed: self.consumed,
            window: self.window_now().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1_000_000;

    /// A fast first link, and a slow one behind the proxy.
    fn proxied(ahead: Ahead) -> Flow {
        let link = |rate| Link {
            rate,
            latency: SECOND / 100,
        };
        Flow {
            message: 1_000,
            producer: 100 * MEGABYTE,
            consumer: 100 * MEGABYTE,
            links: vec![link(10 * MEGABYTE), link(MEGABYTE)],
            ahead,
        }
    }

    #[test]
    fn without_a_window_the_proxys_queue_grows_by_the_difference_of_the_rates() {
        for sample in simulate(&proxied(Ahead::Any), 4 * SECOND, 4) {
            let expected = 9 * MEGABYTE * sample.at / SECOND;
            // What is on its way in the beginning is not there yet.
            assert!(
                sample.waiting[1].abs_diff(expected) <= MEGABYTE / 10,
                "{sample:?}"
            );
        }
    }

    #[test]
    fn a_window_bounds_every_queue_and_all_of_them_together() {
        for window in [1_000, 20_000, 65_536] {
            for sample in simulate(&proxied(Ahead::Fixed(window)), 2 * SECOND, 200) {
                let queued: u64 = sample.waiting.iter().sum();
                assert!(queued <= sample.in_flight);
                assert!(sample.in_flight <= window + 2 * 1_000, "{sample:?}");
            }
        }
    }

    #[test]
    fn a_window_below_rate_times_round_trip_costs_throughput_and_one_above_does_not() {
        let consumed = |window| {
            let samples = simulate(&proxied(Ahead::Fixed(window)), 2 * SECOND, 1);
            samples[0].consumed
        };
        // 40 ms of latency and 1 MB a second need 40 kB.
        assert!(consumed(10_000) < MEGABYTE);
        assert!(consumed(65_536) > 19 * MEGABYTE / 10);
    }

    #[test]
    fn an_adaptive_window_grows_until_the_slow_link_is_full() {
        let mut fast = proxied(Ahead::Adaptive);
        fast.links[1].rate = 5 * MEGABYTE;
        let samples = simulate(&fast, 3 * SECOND, 30);
        let last = &samples[29];
        assert!(last.window > AdaptiveWindow::LEAST);
        assert!(last.consumed > 13 * MEGABYTE, "{last:?}");
    }

    #[test]
    fn equal_flows_are_equal() {
        let run = || simulate(&proxied(Ahead::Adaptive), SECOND, 50);
        assert_eq!(run(), run());
    }
}
