//! What crashes the faithful name server, and what the safe one answers.

use crate::world::*;
use xous_sim_kernel::names::*;
use xous_sim_kernel::*;

#[test]
fn a_full_process_gets_code_two_and_its_count_back_from_blocking_connect() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("a", Some(1));
    world.servers.full.insert(token_of(3).pid);
    let response = world.ask_one(3, blocking("a"));
    assert_eq!(
        response,
        Response::Refused(ConnectCode::KernelConnectFailure)
    );
    assert_eq!(world.names.connections_counted("a"), Some(0));
}

#[test]
fn lookup_for_a_full_process_crashes_the_faithful_server_and_fails_in_the_safe_one() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let mut world = World::new(fidelity);
        world.serve("a", Some(1));
        world.servers.full.insert(token_of(3).pid);
        let answers = world.ask(3, lookup("a"));
        if fidelity == Fidelity::Faithful {
            assert_eq!(
                world.names.crashed(),
                Some(Crash::LookupNotBrokered(Error::OutOfMemory))
            );
            assert_eq!(answers, []);
        } else {
            assert_eq!(answers[0].response, Response::Failure);
            assert_eq!(world.names.connections_counted("a"), Some(0));
        }
    }
}

#[test]
fn a_crashed_server_answers_nobody_and_forgets_everybody() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("a", None);
    world.ask(3, blocking("b"));
    assert_eq!(world.ask(4, Request::AuthenticatedLookup), []);
    assert_eq!(world.names.crashed(), Some(Crash::AuthenticatedLookup));
    assert_eq!(world.ask(4, lookup("a")), []);
    assert_eq!(
        (
            world.names.waiting().count(),
            world.names.registered().count()
        ),
        (0, 0)
    );
}

#[test]
fn a_name_of_sixty_four_bytes_crashes_the_faithful_server() {
    let long = "x".repeat(64);
    let disconnect = Request::Disconnect {
        name: long.clone(),
        token: [0; 4],
    };
    for request in [
        register(&long, None),
        lookup(&long),
        blocking(&long),
        trying(&long),
        disconnect,
    ] {
        let mut faithful = World::new(Fidelity::Faithful);
        faithful.ask(3, request.clone());
        assert_eq!(
            faithful.names.crashed(),
            Some(Crash::NameTooLong),
            "{request:?}"
        );
        assert!(matches!(
            World::new(Fidelity::Safe).ask_one(3, request),
            Response::Failure | Response::Refused(ConnectCode::InvalidString)
        ));
    }
    assert!(matches!(
        World::new(Fidelity::Faithful).ask_one(3, register(&long[1..], None)),
        Response::Sid(_)
    ));
}

#[test]
fn an_empty_name_crashes_only_the_raw_operations() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("", None);
    world.lookup_token("");
    world.ask(3, trying(""));
    assert_eq!(world.names.crashed(), Some(Crash::NameTooLong));
}

#[test]
fn a_waiter_beyond_the_limit_crashes_the_faithful_server_and_waits_on_in_the_safe_one() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let mut world = World::new(fidelity);
        world.ask(3, blocking("a"));
        world.ask(4, blocking("a"));
        let (_, later) = world.serve("a", Some(1));
        assert_eq!(
            later.iter().map(|answer| answer.client).collect::<Vec<_>>(),
            [token_of(4)]
        );
        let safe = fidelity == Fidelity::Safe;
        assert_eq!(
            world.names.crashed(),
            (!safe).then_some(Crash::WaiterOverLimit)
        );
        assert_eq!(world.names.waiting().count(), usize::from(safe));
    }
}
