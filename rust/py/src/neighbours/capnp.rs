//! Cap'n Proto: cases from Python's words and numbers.

use super::{explored, replayed};
use crate::errors::misuse;
use crate::results::{Execution, Report};
use crate::strategy::Keywords;
use pyo3::prelude::*;
use xous_sim_neighbours::capnp as native;
use xous_sim_neighbours::capnp::{
    Admission, Block, Call, Capnp, Finish, Kind, Limit, Reading, Release, Setup, Stream, Wake,
    Window,
};

/// A limit in Python's words; what its kind does not know is left out.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct LimitInWords {
    kind: String,
    #[pyo3(default)]
    limit: u64,
    #[pyo3(default)]
    release: String,
    #[pyo3(default)]
    reading: String,
    #[pyo3(default)]
    block: String,
    #[pyo3(default)]
    wake: String,
    #[pyo3(default)]
    second: u64,
}

/// A stream in Python's words: its calls (kind, hops, words, words of the result), its window (kind and words), its Finish.
type StreamInWords = (Vec<(String, u8, u64, u64)>, (String, u64, u64), String);

/// A case in Python's words.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct CaseInWords {
    limits: Vec<LimitInWords>,
    link: usize,
    replies_wait: bool,
    streams: Vec<StreamInWords>,
    memory: Option<u64>,
}

fn unknown<T>(what: &str, word: &str) -> PyResult<T> {
    Err(misuse(format!("{word:?} is no {what}")))
}

fn block(word: &str) -> PyResult<Block> {
    match word {
        "above" => Ok(Block::Above),
        "at" => Ok(Block::At),
        other => unknown("strictness of blocking", other),
    }
}

fn wake(word: &str) -> PyResult<Wake> {
    match word {
        "below" => Ok(Wake::Below),
        "at" => Ok(Wake::At),
        other => unknown("strictness of waking", other),
    }
}

impl LimitInWords {
    fn limit(&self) -> PyResult<Limit> {
        Ok(match self.kind.as_str() {
            "none" => Limit::None,
            "words" => Limit::Words {
                limit: self.limit,
                release: match self.release.as_str() {
                    "return" => Release::Return,
                    "finish" => Release::Finish,
                    other => return unknown("release", other),
                },
                reading: match self.reading.as_str() {
                    "V1" => Reading::All {
                        block: block(&self.block)?,
                        wake: wake(&self.wake)?,
                    },
                    "V2" => Reading::Fitting,
                    other => return unknown("rule for readers", other),
                },
            },
            "advertised" => Limit::Advertised { limit: self.limit },
            "held" => Limit::Held {
                soft: self.limit,
                hard: self.second,
            },
            "requests" => Limit::Requests {
                running: small(self.limit)?,
                waiting: small(self.second)?,
            },
            other => return unknown("limit", other),
        })
    }
}

fn small(number: u64) -> PyResult<u16> {
    u16::try_from(number).map_err(|_| misuse(format!("{number} calls are too many to be explored")))
}

fn call((kind, hops, words, result): (String, u8, u64, u64)) -> PyResult<Call> {
    let kind = match kind.as_str() {
        "plain" => Kind::Plain { hops },
        "tail" => Kind::Tail,
        "pipeline-only" => Kind::PipelineOnly,
        "endless" => Kind::Endless,
        other => return unknown("kind of call", other),
    };
    Ok(Call {
        kind,
        words,
        result,
    })
}

fn stream((calls, window, finish): StreamInWords) -> PyResult<Stream> {
    Ok(Stream {
        calls: calls.into_iter().map(call).collect::<PyResult<_>>()?,
        window: match (window.0.as_str(), window.1, window.2) {
            ("none", ..) => Window::None,
            ("fixed", words, _) => Window::Fixed(words),
            ("adaptive", least, most) => Window::Adaptive { least, most },
            (other, ..) => return unknown("window", other),
        },
        finish: match finish.as_str() {
            "at-return" => Finish::AtReturn,
            "later" => Finish::Later,
            "never" => Finish::Never,
            "early" => Finish::Early,
            "early-cancelling" => Finish::EarlyCancelling,
            "before-next" => Finish::BeforeNext,
            "not-needed" => Finish::NotNeeded,
            other => return unknown("rule for Finish", other),
        },
    })
}

impl CaseInWords {
    fn model(self) -> PyResult<Capnp> {
        let limits = self.limits.iter().map(LimitInWords::limit);
        let setup = Setup {
            limits: limits.collect::<PyResult<_>>()?,
            link: self.link,
            replies_wait: self.replies_wait,
            streams: self
                .streams
                .into_iter()
                .map(stream)
                .collect::<PyResult<_>>()?,
            memory: self.memory,
        };
        Capnp::new(setup).map_err(|error| misuse(error.to_string()))
    }
}

/// Explores a case.
#[pyfunction]
#[pyo3(signature = (case, strategy, *, stop_at_first, progress))]
pub fn explore_capnp(
    py: Python<'_>,
    case: CaseInWords,
    strategy: Keywords,
    stop_at_first: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    explored(py, case.model()?, &strategy, stop_at_first, progress)
}

/// Follows a schedule of a case.
#[pyfunction]
pub fn replay_capnp(py: Python<'_>, case: CaseInWords, schedule: &str) -> PyResult<Execution> {
    replayed(py, case.model()?, schedule)
}

/// How many calls are let in; `None` if sizes overflow.
#[pyfunction]
#[pyo3(signature = (limit, sizes, returns, *, block_when, wake_when))]
pub fn admitted(
    limit: u64,
    sizes: Vec<u64>,
    returns: u64,
    block_when: &str,
    wake_when: &str,
) -> PyResult<Option<u64>> {
    let rule = Admission {
        limit,
        block: block(block_when)?,
        wake: wake(wake_when)?,
    };
    Ok(xous_sim_neighbours::capnp::admitted(rule, &sizes, returns))
}

/// How many messages are sent; `None` if sizes overflow.
#[pyfunction]
pub fn sends_until_blocked(window: u64, sizes: Vec<u64>) -> Option<u64> {
    xous_sim_neighbours::capnp::sends_until_blocked(window, &sizes)
}

/// What is seen of a flow at one time: nanoseconds, bytes that wait at each vat, bytes in flight, bytes consumed, the window.
type Seen = (u64, Vec<u64>, u64, u64, u64);

/// Simulates a flow. All rates and sizes are positive.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are one flow")]
pub fn simulate_flow(
    py: Python<'_>,
    message: u64,
    producer: u64,
    consumer: u64,
    links: Vec<(u64, u64)>,
    window: (String, u64),
    duration: u64,
    samples: u64,
) -> PyResult<Vec<Seen>> {
    let links = links.into_iter();
    let flow = native::Flow {
        message,
        producer,
        consumer,
        links: links
            .map(|(rate, latency)| native::Link { rate, latency })
            .collect(),
        ahead: match (window.0.as_str(), window.1) {
            ("none", _) => native::Ahead::Any,
            ("fixed", bytes) => native::Ahead::Fixed(bytes),
            ("adaptive", _) => native::Ahead::Adaptive,
            (other, _) => return unknown("window", other),
        },
    };
    let seen = py
        .detach(|| native::simulate(&flow, duration, samples))
        .into_iter();
    Ok(seen
        .map(|s| (s.at, s.waiting, s.in_flight, s.consumed, s.window))
        .collect())
}
