//! The refcount race as a recording, for the tests of the renderings.

use crate::recording::{KERNEL, Recording, Source, Step, Violation};
use crate::snapshot::{ByteRange, ObjectState, PageBytes, Slot, SlotState, Snapshot};
use crate::system::{Field, Kernel, PageLayout, Process, Server, Thread};
use xous_sim_step::Choice;

/// The shortest execution in which a drop cuts a connection that another thread has just opened.
pub fn race() -> Recording {
    let threads = ["app/a", "app/b"];
    let step = |agent: u16, operation: &str, result: &str, after: Snapshot| Step {
        source: Some(Source {
            file: "race.py".into(),
            line: 7,
            text: Some(format!("{operation} # <source> & \"text\"")),
        }),
        acts_on: Some(match operation.split_once('.') {
            Some((object, _)) => object.into(),
            None => KERNEL.into(),
        }),
        after,
        ..Step::new(
            Choice::of(agent),
            threads[usize::from(agent)],
            operation,
            result,
        )
    };
    let mut steps = vec![
        step(0, "REFCOUNT.fetch_add(1)", "0", state("1", None, "")),
        step(
            0,
            "connect to log",
            "CID 2",
            state("1", Some("app/a"), "02"),
        ),
        step(
            0,
            "REFCOUNT.fetch_sub(1)",
            "1",
            state("0", Some("app/a"), ""),
        ),
        step(
            1,
            "REFCOUNT.fetch_add(1)",
            "0",
            state("1", Some("app/a"), ""),
        ),
        step(1, "connect to log", "CID 2", state("1", Some("app/b"), "")),
        step(0, "disconnect CID 2 (log)", "Ok", cut("00")),
        step(
            1,
            "send Scalar 0 through CID 2 (log)",
            "ServerNotFound (9)",
            cut(""),
        ),
    ];
    steps[3].preempts = true;
    steps[5].preempts = true;
    Recording {
        scenario: "race".into(),
        schedule: "x1:0*3.1*2.0.1".into(),
        kernel: Some(kernel()),
        processes: vec![Process {
            name: "app".into(),
            pid: 2,
            slots: 32,
        }],
        servers: vec![Server {
            name: "log".into(),
            owner: None,
        }],
        threads: threads.map(thread).into(),
        page_layout: Some(layout()),
        before: state("0", None, "00000000"),
        steps,
        violation: Some(Violation {
            property: "severed".into(),
            subject: "log".into(),
            message: "a send to log gets ServerNotFound (9) although the server lives".into(),
        }),
        repeats_from: None,
    }
}

fn kernel() -> Kernel {
    Kernel {
        profile: "hardware".into(),
        slots: 32,
        connect: "reuse".into(),
        mode: "faithful".into(),
        memory: "sc".into(),
    }
}

fn thread(name: &str) -> Thread {
    Thread {
        name: name.into(),
        process: Some("app".into()),
    }
}

fn layout() -> PageLayout {
    PageLayout {
        size: 4096,
        fields: vec![Field {
            name: "connection_map".into(),
            offset: 36,
            size: 32,
        }],
        contexts: 31,
        contexts_at: 128,
        words: vec!["ra".into(), "sp".into()],
    }
}

/// A state in which CID 2 is connected if somebody holds it.
fn state(count: &str, holder: Option<&str>, page: &str) -> Snapshot {
    let slot = |holder: &str| Slot {
        holders: vec![holder.into()],
        ..Slot::new("app", 2, Some("log"))
    };
    Snapshot {
        connections: holder.map(slot).into_iter().collect(),
        objects: vec![ObjectState {
            name: "REFCOUNT".into(),
            kind: "atomic".into(),
            value: count.into(),
        }],
        pages: bytes(page),
        ..Snapshot::default()
    }
}

/// A state in which thread b holds CID 2, and nothing is connected there.
fn cut(page: &str) -> Snapshot {
    Snapshot {
        connections: vec![Slot {
            state: SlotState::Free,
            stale: vec!["app/b".into()],
            ..Slot::new("app", 2, None)
        }],
        ..state("1", None, page)
    }
}

/// Bytes of the connection map.
fn bytes(page: &str) -> Vec<PageBytes> {
    let digits = page.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(&String::from_utf8_lossy(pair), 16);
    let bytes: Vec<u8> = digits.map(|pair| byte(pair).expect("two digits")).collect();
    let range = ByteRange { offset: 36, bytes };
    let changed = (!page.is_empty()).then(|| PageBytes {
        process: "app".into(),
        changes: vec![range],
    });
    changed.into_iter().collect()
}
