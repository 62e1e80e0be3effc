//! How PID 1 gives out quanta, and which calls end one.

use crate::machine::*;
use xous_sim_kernel::bare_metal::{BareMetal, Refused};
use xous_sim_kernel::*;

#[test]
fn the_first_quantum_goes_to_process_two() {
    let machine = on(boot(3));
    assert_eq!(machine.running(), Some(thread(2, 2)));
    assert_eq!(machine.quantum_owner(), thread(2, 2));
}

#[test]
fn the_timer_gives_quanta_in_turn_over_the_process_table() {
    let expected = [2, 3, 4, 2, 3].map(|pid| thread(pid, 2));
    assert_eq!(quanta(&mut on(boot(3)), 5), expected);
}

#[test]
fn a_process_with_no_ready_thread_is_passed_over() {
    let mut kernel = boot(3);
    with_server(&mut kernel, 3, &[]);
    park(&mut kernel, thread(3, 2));
    assert_eq!(
        quanta(&mut on(kernel), 3),
        [2, 4, 2].map(|pid| thread(pid, 2))
    );
}

#[test]
fn when_nothing_is_ready_the_processor_idles_and_a_call_is_refused() {
    let mut kernel = boot(1);
    with_server(&mut kernel, 2, &[]);
    park(&mut kernel, thread(2, 2));
    let mut machine = on(kernel);
    assert_eq!(machine.running(), None);
    assert_eq!(machine.call(&Syscall::Yield), Err(Refused::Idle));
    assert_eq!(machine.exit_thread(0), Err(Refused::Idle));
}

#[test]
fn a_hosted_kernel_is_refused() {
    let kernel = Kernel::new(Config {
        profile: Profile::Hosted,
        ..Config::default()
    });
    assert_eq!(BareMetal::new(kernel), Err(Refused::Hosted));
}

#[test]
fn within_a_process_the_next_thread_above_the_current_one_runs_else_the_lowest() {
    let mut kernel = boot(1);
    with_threads(&mut kernel, 2, 4);
    assert_eq!(
        quanta(&mut on(kernel), 5),
        [3, 4, 2, 3, 4].map(|tid| thread(2, tid))
    );
}

#[test]
fn receiving_or_waiting_with_nothing_pending_ends_the_quantum() {
    let mut kernel = boot(2);
    with_server(&mut kernel, 2, &[]);
    assert_eq!(
        after(&mut on(kernel.clone()), &receive()),
        Some(thread(3, 2))
    );
    assert_eq!(
        after(&mut on(kernel), &Syscall::WaitEvent),
        Some(thread(3, 2))
    );
}

#[test]
fn joining_a_live_thread_ends_the_quantum_and_its_exit_wakes_the_joiner() {
    let mut kernel = boot(2);
    with_threads(&mut kernel, 3, 3);
    let mut machine = on(kernel);
    machine.preempt();
    assert_eq!(machine.running(), Some(thread(3, 3)));
    assert_eq!(
        after(&mut machine, &Syscall::JoinThread { tid: Tid(2) }),
        Some(thread(2, 2))
    );
    machine.preempt();
    let step = machine.exit_thread(9).expect("no misuse");
    assert_eq!(step.wakes.len(), 1);
    assert_eq!(machine.running(), Some(thread(3, 3)));
}

#[test]
fn a_connect_that_is_retried_polls_once_a_round() {
    let mut machine = on(boot(2));
    let connect = Syscall::Connect { sid: OTHER };
    assert_eq!(outcome(&mut machine, &connect), Outcome::Retry);
    assert_eq!(machine.running(), Some(thread(3, 2)));
    machine
        .call(&Syscall::CreateServerWithAddress { sid: OTHER })
        .expect("no misuse");
    assert_eq!(after(&mut machine, &Syscall::Yield), Some(thread(2, 2)));
    assert!(matches!(
        outcome(&mut machine, &connect),
        Outcome::Done(SysResult::ConnectionId(_))
    ));
}

#[test]
fn a_lone_process_that_yields_runs_again() {
    assert_eq!(after(&mut on(boot(1)), &Syscall::Yield), Some(thread(2, 2)));
}

#[test]
fn a_new_thread_runs_at_once_and_its_creator_stays_ready() {
    let mut machine = on(boot(2));
    let create = Syscall::CreateThread {
        entry: 0x1_0000,
        stack: 0x7000_0000,
        stack_length: 4096,
        arguments: [0; 4],
    };
    assert_eq!(after(&mut machine, &create), Some(thread(2, 3)));
    assert_eq!(machine.quantum_owner(), thread(2, 2));
    machine.exit_thread(0).expect("no misuse");
    assert_eq!(
        machine.running(),
        Some(thread(2, 2)),
        "the process goes on in the same quantum"
    );
}

#[test]
fn the_exit_of_the_last_thread_ends_the_quantum() {
    let mut machine = on(boot(2));
    machine.exit_thread(0).expect("no misuse");
    assert_eq!(machine.running(), Some(thread(3, 2)));
}

#[test]
fn a_process_that_terminates_ends_the_quantum() {
    let mut machine = on(boot(2));
    assert_eq!(
        after(&mut machine, &Syscall::TerminateProcess { code: 0 }),
        Some(thread(3, 2))
    );
}

#[test]
fn after_a_kernel_panic_nobody_runs() {
    let mut machine = on(boot(2));
    let step = machine
        .call(&Syscall::JoinThread { tid: Tid(31) })
        .expect("no misuse");
    assert!(matches!(step.outcome, Outcome::Panic(_)));
    assert_eq!(machine.running(), None);
}

#[test]
fn a_created_process_starts_when_its_turn_comes() {
    let mut machine = on(boot(1));
    let create = Syscall::CreateProcess { words: [0; 7] };
    assert_eq!(after(&mut machine, &create), Some(thread(2, 2)));
    machine.preempt();
    assert_eq!(machine.running(), Some(thread(3, 2)));
    assert!(machine.kernel().is_started(thread(3, 2).pid));
}

#[test]
fn the_page_shows_the_processs_current_thread() {
    let mut kernel = boot(1);
    with_threads(&mut kernel, 2, 4);
    let mut machine = on(kernel);
    assert_eq!(
        machine
            .page(thread(2, 2).pid)
            .expect("a page")
            .hardware_thread,
        3 + 1
    );
    machine.preempt();
    assert_eq!(
        machine
            .page(thread(2, 2).pid)
            .expect("a page")
            .hardware_thread,
        4 + 1
    );
}
