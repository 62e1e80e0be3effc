//! Nothing that programs do makes the library panic, and the state keeps its promises whatever they do.

use proptest::prelude::*;
use xous_sim_kernel::*;

/// One thing that happens, with numbers to choose by.
#[derive(Clone, Debug)]
enum Event {
    Call {
        who: usize,
        number: u64,
        words: [u64; 7],
    },
    Exit {
        who: usize,
    },
    Crash {
        who: usize,
    },
    Boot,
}

/// Words that mean something: small numbers, CIDs, SIDs, pages, sender words of the first servers.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        5 => 0..6u64,
        1 => Just(PAGE_SIZE),
        1 => prop_oneof![Just(DEFAULT_BASE), Just(MESSAGE_BASE), Just(HEAP_BASE)],
        2 => (0..3u64, 0..4u64).prop_map(|(index, slot)| index << 16 | slot),
        1 => any::<u64>(),
    ]
}

fn words() -> impl Strategy<Value = [u64; 7]> {
    let send = (2..5u64, 1..6u64, Just([1, DEFAULT_BASE, PAGE_SIZE, 0, 0]))
        .prop_map(|(cid, kind, [a, b, c, d, e])| [cid, kind, a, b, c, d, e]);
    let sid = (0..3u64).prop_map(|number| [number; 7]);
    let reply = (0..3u64, 0..4u64, 1..3u64).prop_map(|(index, slot, kind)| {
        [index << 16 | slot, MESSAGE_BASE, PAGE_SIZE, 0, 0, 0, kind]
    });
    prop_oneof![2 => send, 3 => sid, 2 => reply, 2 => prop::array::uniform7(word())]
}

fn event() -> impl Strategy<Value = Event> {
    let call = (0..8usize, 0..48u64, words())
        .prop_filter("too rare in real life", |(_, number, _)| {
            ![22, 23].contains(number)
        })
        .prop_map(|(who, number, words)| Event::Call { who, number, words });
    let usual = (
        0..8usize,
        prop::sample::select(vec![2, 14, 15, 16, 17, 18, 20, 26, 34, 35, 36, 41]),
        words(),
    )
        .prop_map(|(who, number, words)| Event::Call { who, number, words });
    prop_oneof![
        10 => call,
        20 => usual,
        1 => (0..8usize).prop_map(|who| Event::Exit { who }),
        1 => (0..8usize).prop_map(|who| Event::Crash { who }),
        2 => Just(Event::Boot),
    ]
}

/// A thread that can call, chosen by number.
fn ready(kernel: &Kernel, who: usize) -> Option<Caller> {
    let threads: Vec<Caller> = kernel
        .process_ids()
        .into_iter()
        .filter(|pid| kernel.is_started(*pid))
        .flat_map(|pid| {
            kernel
                .threads(pid)
                .into_iter()
                .map(move |tid| Caller { pid, tid })
        })
        .filter(|thread| kernel.is_blocked(*thread).is_none())
        .collect();
    threads.get(who % threads.len().max(1)).copied()
}

fn apply(kernel: &mut Kernel, event: &Event) -> Option<Step> {
    let misused = "a ready thread can call";
    match *event {
        Event::Call { who, number, words } => {
            let caller = ready(kernel, who)?;
            Some(kernel.call_words(caller, number, words).expect(misused))
        }
        Event::Exit { who } => {
            let caller = ready(kernel, who)?;
            Some(kernel.exit_thread(caller, 1).expect(misused))
        }
        Event::Crash { who } => kernel.crash_process(ready(kernel, who)?.pid).ok(),
        Event::Boot => {
            let _ = kernel.boot_process();
            None
        }
    }
}

/// What holds between calls.
fn check(kernel: &Kernel) -> Result<(), TestCaseError> {
    let servers = kernel.servers();
    for pid in kernel.process_ids() {
        for (cid, connection) in kernel.connection_map(pid).expect("a process").connections() {
            let is_server = matches!(connection, Connection::Server(_));
            prop_assert_eq!(kernel.server_behind(pid, cid).is_some(), is_server);
        }
    }
    for server in &servers {
        prop_assert!(kernel.is_alive(server.serial));
        prop_assert!(kernel.process_ids().contains(&server.owner));
        prop_assert!(server.queued + server.waiting <= kernel.config().queue_length());
    }
    Ok(())
}

fn config() -> impl Strategy<Value = Config> {
    (
        prop_oneof![Just(Profile::Hardware), Just(Profile::Hosted)],
        prop_oneof![Just(Slots::Classic), Just(Slots::Extended)],
        prop_oneof![Just(ConnectMode::Reuse), Just(ConnectMode::Unique)],
        prop_oneof![Just(Fidelity::Faithful), Just(Fidelity::Safe)],
    )
        .prop_map(|(profile, slots, connect, fidelity)| Config {
            profile,
            slots,
            connect,
            fidelity,
            seed: 1,
            ..Config::default()
        })
}

proptest! {
    #[test]
    fn no_sequence_of_calls_breaks_the_model(
        config in config(),
        events in prop::collection::vec(event(), 1..200),
    ) {
        let mut kernel = Kernel::new(config);
        kernel.boot_process().expect("a free PID");
        kernel.boot_process().expect("a free PID");
        for event in &events {
            let before = kernel.clone();
            let step = apply(&mut kernel, event);
            check(&kernel)?;
            let retry = step.as_ref().is_some_and(|step| step.outcome == Outcome::Retry);
            if retry && config.fidelity == Fidelity::Safe {
                prop_assert_eq!(&kernel, &before);
            }
            if let (Some(step), Fidelity::Safe) = (&step, config.fidelity) {
                prop_assert!(!matches!(step.outcome, Outcome::Panic(_)), "{:?}", step);
            }
        }
    }
}
