//! Random packets from random processes: the exchange neither panics nor loses count. More with `PROPTEST_CASES=100000`.

use proptest::collection::vec;
use proptest::prelude::*;
use xous_sim_hosted::Exchange;
use xous_sim_hosted::exchange::{Output, Setup};
use xous_sim_hosted::wire::{Key, Packet, announced_by_call};
use xous_sim_kernel::{Config, Fidelity, Pid, Profile};

const PROCESSES: u8 = 3;

/// Words of calls that are likely to meet: few servers, connections, slots and lengths.
fn words() -> impl Strategy<Value = [u64; 8]> {
    let word = prop_oneof![4 => 0..6_u64, 1 => Just(1 << 63), 1 => 1 << 24..4_u64 << 24, 1 => any::<u64>()];
    let numbers = vec![
        14, 15, 16, 17, 18, 20, 24, 25, 26, 27, 28, 29, 30, 34, 35, 36, 40, 41,
    ];
    let number = prop_oneof![8 => prop::sample::select(numbers), 1 => 0..50_u64];
    (number, prop::array::uniform7(word)).prop_map(|(number, arguments)| {
        let mut words = [number; 8];
        words[1..].copy_from_slice(&arguments);
        words
    })
}

#[derive(Clone, Debug)]
enum Event {
    Packet(u8, Packet),
    Leave(u8),
    Move(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let thread = prop_oneof![8 => 1..5_u64, 1 => Just(65_536), 1 => any::<u64>()];
    prop_oneof![
        20 => (2..2 + PROCESSES, thread, words()).prop_map(|(pid, thread, words)| {
            Event::Packet(pid, Packet { thread, words, payload: Vec::new() })
        }),
        1 => (1..2 + PROCESSES).prop_map(Event::Leave),
        8 => any::<usize>().prop_map(Event::Move),
    ]
}

/// A payload as announced, or none of those that the decoder would refuse.
fn complete(mut packet: Packet) -> Option<Packet> {
    let length = announced_by_call(&packet);
    packet.payload = vec![
        7;
        usize::try_from(length)
            .ok()
            .filter(|length| *length < 10_000)?
    ];
    Some(packet)
}

fn run(setup: Setup, events: Vec<Event>) {
    let mut exchange = Exchange::new(setup);
    for process in 0..PROCESSES {
        let key = Key([process + 1; 16]);
        exchange.invite(key, "fuzz").expect("a free PID");
        exchange.join(key).expect("it was invited");
    }
    let (mut calls, mut answers) = (0, 0);
    for event in events {
        match event {
            Event::Packet(pid, packet) => {
                let pid = Pid::new(pid).expect("not 0");
                if let Some(packet) = complete(packet) {
                    calls += usize::from(exchange.receive(pid, packet).is_ok());
                }
            }
            Event::Leave(pid) => exchange.leave(Pid::new(pid).expect("not 0")),
            Event::Move(number) => {
                let moves = exchange.moves();
                if !moves.is_empty() {
                    exchange.take(moves[number % moves.len()]);
                }
            }
        }
        let sent = |one: &&Output| matches!(one, Output::Send(..));
        answers += exchange.take_output().iter().filter(sent).count();
    }
    exchange.finish();
    let is_safe = !exchange.kernel().config().is_faithful();
    assert!(
        answers <= calls || !is_safe,
        "{answers} answers to {calls} calls"
    );
    if setup.record {
        let recording = exchange.recording("fuzz").expect("it records");
        let document = xous_sim_trace::Document::new(vec![recording]);
        xous_sim_trace::Document::from_json(&document.to_json()).expect("it fits together");
    }
}

proptest! {
    #[test]
    fn any_packets_in_any_order_are_survived(
        events in vec(event(), 0..80),
        faithful in any::<bool>(),
        hold in any::<bool>(),
        names in any::<bool>(),
    ) {
        let fidelity = if faithful { Fidelity::Faithful } else { Fidelity::Safe };
        let config = Config { profile: Profile::Hosted, fidelity, ..Config::default() };
        run(Setup { config, names, hold, record: true }, events);
    }
}
