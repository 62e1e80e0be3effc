//! How control passes with messages and their answers.

use crate::machine::*;
use xous_sim_kernel::*;

#[test]
fn the_client_of_a_scalar_keeps_running_and_the_parked_thread_is_just_ready() {
    let mut kernel = boot(2);
    with_server(&mut kernel, 3, &[2]);
    park(&mut kernel, thread(3, 2));
    let mut machine = on(kernel);
    assert_eq!(after(&mut machine, &scalar()), Some(thread(2, 2)));
    machine.preempt();
    assert_eq!(machine.running(), Some(thread(3, 2)));
}

#[test]
fn a_blocking_send_to_a_parked_thread_switches_to_it_within_the_clients_quantum() {
    let mut kernel = boot(3);
    with_server(&mut kernel, 4, &[2]);
    park(&mut kernel, thread(4, 2));
    let mut machine = on(kernel);
    assert_eq!(
        after(&mut machine, &blocking()),
        Some(thread(4, 2)),
        "process 3 is passed over"
    );
    assert_eq!(machine.quantum_owner(), thread(2, 2));
    machine.preempt();
    assert_eq!(
        machine.running(),
        Some(thread(3, 2)),
        "PID 1 chose process 2 last"
    );
}

#[test]
fn a_blocking_send_without_a_parked_thread_ends_the_quantum() {
    let mut kernel = boot(3);
    with_server(&mut kernel, 4, &[2]);
    assert_eq!(after(&mut on(kernel), &blocking()), Some(thread(3, 2)));
}

#[test]
fn a_server_on_borrowed_time_yields_to_the_client_that_it_answers() {
    let mut kernel = boot(2);
    with_server(&mut kernel, 3, &[2]);
    park(&mut kernel, thread(3, 2));
    let mut machine = on(kernel);
    let sender = envelope_of(&mut machine, &blocking());
    assert_eq!(after(&mut machine, &reply(sender)), Some(thread(2, 2)));
    machine.preempt();
    assert_eq!(
        machine.running(),
        Some(thread(3, 2)),
        "the server was left ready"
    );
}

/// Process 3 serves; thread `client` of process 2 has queued a call, and process 3 owns the quantum.
fn server_in_its_own_quantum(client: u8) -> (BareMetal, SenderWord) {
    let mut kernel = boot(2);
    with_threads(&mut kernel, 2, client.max(2));
    with_server(&mut kernel, 3, &[2]);
    assert_eq!(
        kernel
            .call(thread(2, client), &blocking())
            .expect("no misuse")
            .outcome,
        Outcome::Blocked
    );
    let mut machine = on(kernel);
    preempt_until(&mut machine, thread(3, 2));
    let sender = envelope_of(&mut machine, &receive());
    assert_eq!(machine.quantum_owner(), thread(3, 2));
    (machine, sender)
}

#[test]
fn a_server_in_its_own_quantum_goes_on_after_an_answer() {
    let (mut machine, sender) = server_in_its_own_quantum(2);
    assert_eq!(after(&mut machine, &reply(sender)), Some(thread(3, 2)));
}

#[test]
fn whose_quantum_it_is_goes_by_the_clients_tid() {
    let (mut machine, sender) = server_in_its_own_quantum(3);
    assert_eq!(
        after(&mut machine, &reply(sender)),
        Some(thread(2, 3)),
        "TID 3 is not the owner's TID 2"
    );
}

#[test]
fn reply_and_receive_next_follows_the_same_rule_when_a_message_is_pending() {
    for (client, expected) in [(2, thread(3, 2)), (3, thread(2, 3))] {
        let mut kernel = boot(3);
        with_threads(&mut kernel, 2, client);
        with_server(&mut kernel, 3, &[2, 4]);
        for caller in [thread(2, client), thread(4, 2)] {
            assert_eq!(
                kernel.call(caller, &blocking()).expect("no misuse").outcome,
                Outcome::Blocked
            );
        }
        let mut machine = on(kernel);
        preempt_until(&mut machine, thread(3, 2));
        let sender = envelope_of(&mut machine, &receive());
        assert_eq!(
            after(&mut machine, &reply_and_receive(sender)),
            Some(expected)
        );
    }
}

#[test]
fn reply_and_receive_next_with_nothing_pending_switches_to_the_client_even_in_its_own_quantum() {
    let (mut machine, sender) = server_in_its_own_quantum(2);
    assert_eq!(
        after(&mut machine, &reply_and_receive(sender)),
        Some(thread(2, 2))
    );
    assert!(
        machine.kernel().is_blocked(thread(3, 2)).is_some(),
        "the server sleeps"
    );
    assert_eq!(machine.quantum_owner(), thread(3, 2));
}

#[test]
fn a_quantum_owner_that_is_ready_again_is_where_the_next_search_starts() {
    let mut kernel = boot(1);
    with_threads(&mut kernel, 2, 4);
    with_server(&mut kernel, 2, &[]);
    park(&mut kernel, thread(2, 4));
    let mut machine = on(kernel);
    preempt_until(&mut machine, thread(2, 2));
    let sender = envelope_of(&mut machine, &blocking());
    assert_eq!(machine.running(), Some(thread(2, 4)));
    assert_eq!(
        after(&mut machine, &reply(sender)),
        Some(thread(2, 4)),
        "the client's TID owns the quantum"
    );
    assert_eq!(
        after(&mut machine, &receive()),
        Some(thread(2, 3)),
        "thread 3 is not skipped"
    );
}

#[test]
fn destroying_a_server_wakes_its_clients_but_does_not_switch() {
    let mut kernel = boot(2);
    with_server(&mut kernel, 3, &[2]);
    assert_eq!(
        kernel
            .call(thread(2, 2), &blocking())
            .expect("no misuse")
            .outcome,
        Outcome::Blocked
    );
    let mut machine = on(kernel);
    assert_eq!(
        after(&mut machine, &Syscall::DestroyServer { sid: SERVICE }),
        Some(thread(3, 2))
    );
}

#[test]
fn a_send_to_a_full_queue_is_retried_and_gives_way() {
    let mut kernel = boot(2);
    with_server(&mut kernel, 3, &[2]);
    for _ in 0..Config::default().queue_length() {
        done(&mut kernel, thread(2, 2), &scalar());
    }
    let mut machine = on(kernel);
    assert_eq!(outcome(&mut machine, &scalar()), Outcome::Retry);
    assert_eq!(after(&mut machine, &receive()), Some(thread(3, 2)));
    machine.preempt();
    assert_eq!(
        outcome(&mut machine, &scalar()),
        Outcome::Done(SysResult::Ok)
    );
}

#[test]
fn a_parked_thread_that_answers_its_own_call_does_not_run_while_it_waits() {
    let mut kernel = boot(2);
    with_server(&mut kernel, 2, &[]);
    let mut machine = on(kernel);
    let slot_0 = SenderWord::pack(Pid::KERNEL, ServerIndex(0), SlotIndex(0));
    let parked = outcome(&mut machine, &reply_and_receive(slot_0));
    assert_eq!(parked, Outcome::Done(SysResult::Error(Error::DoubleFree)));
    assert_eq!(
        after(&mut machine, &blocking()),
        Some(thread(2, 2)),
        "surprise 14: it has its own call"
    );
    assert_eq!(
        outcome(&mut machine, &reply_and_receive(slot_0)),
        Outcome::Blocked
    );
    assert_eq!(machine.running(), Some(thread(3, 2)));
}
