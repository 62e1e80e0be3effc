//! Registering, looking up, waiting, and being busy.

use crate::world::*;
use xous_sim_kernel::names::*;
use xous_sim_kernel::*;

#[test]
fn a_taken_name_is_refused_as_internal_error() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("a", None);
    let response = world.ask_one(4, register("a", None));
    assert_eq!(
        (response, registered(&response)),
        (Response::Failure, Err(Error::InternalError))
    );
}

#[test]
fn sids_and_tokens_are_a_function_of_the_seed() {
    let sids: Vec<Sid> = (0..2)
        .map(|_| World::new(Fidelity::Faithful).serve("a", None).0)
        .collect();
    assert_eq!(sids[0], sids[1]);
    let mut world = World::new(Fidelity::Faithful);
    assert_ne!(world.serve("a", None).0, world.serve("b", None).0);
}

#[test]
fn lookup_of_an_unknown_name_is_server_not_found() {
    let response = World::new(Fidelity::Faithful).ask_one(3, lookup("a"));
    assert_eq!(response, Response::AuthenticateRequest);
    assert_eq!(connected(&response), Err(Error::ServerNotFound));
}

#[test]
fn polling_an_unknown_name_does_not_change_the_state() {
    let mut world = World::new(Fidelity::Faithful);
    let before = world.names.clone();
    world.ask(3, lookup("a"));
    world.ask(3, trying("a"));
    assert_eq!(world.names, before);
}

#[test]
fn try_connect_to_an_unknown_name_gives_code_five_and_blocking_connect_waits() {
    let mut world = World::new(Fidelity::Faithful);
    let code = Response::Refused(ConnectCode::ServerNotFound);
    assert_eq!(world.ask_one(3, trying("a")), code);
    assert_eq!(
        connected(&code),
        Err(Error::InternalError),
        "the blocking wrapper's only error"
    );
    assert_eq!(world.ask(3, blocking("a")), []);
    assert_eq!(
        world.names.waiting().collect::<Vec<_>>(),
        [(token_of(3), "a")]
    );
}

#[test]
fn waiters_are_served_newest_first_once_the_server_exists() {
    let mut world = World::new(Fidelity::Faithful);
    for (client, name) in [(3, "a"), (4, "b"), (5, "a")] {
        world.ask(client, blocking(name));
    }
    let (_, later) = world.serve("a", None);
    assert_eq!(
        later.iter().map(|answer| answer.client).collect::<Vec<_>>(),
        [token_of(5), token_of(3)]
    );
    assert!(
        later
            .iter()
            .all(|answer| matches!(answer.response, Response::Connected(..)))
    );
    assert_eq!(world.names.waiting().count(), 1);
}

#[test]
fn names_serves_nobody_while_a_registered_server_is_not_yet_created() {
    let mut world = World::new(Fidelity::Faithful);
    let Response::Sid(sid) = world.ask_one(9, register("a", None)) else {
        panic!("taken")
    };
    assert_eq!(world.ask(3, lookup("a")), []);
    assert_eq!(world.names.busy_with(), Some(sid));
    assert_eq!(
        world.ask(4, Request::TrustedInitDone),
        [],
        "an unrelated request waits too"
    );
    world.servers.exist.insert(sid);
    let answers = world.names.poll(&mut world.servers);
    assert_eq!(
        answers
            .iter()
            .map(|answer| answer.client)
            .collect::<Vec<_>>(),
        [token_of(3), token_of(4)]
    );
    assert_eq!(world.names.busy_with(), None);
}

#[test]
fn registering_is_no_wait_when_nobody_waits_for_the_name() {
    let mut world = World::new(Fidelity::Faithful);
    world.ask(3, blocking("b"));
    world.ask(9, register("a", None));
    assert_eq!(world.names.busy_with(), None);
}

#[test]
fn unregister_goes_by_sid_and_frees_the_name() {
    let mut world = World::new(Fidelity::Faithful);
    let (sid, _) = world.serve("a", None);
    assert_eq!(
        unregistered(&world.ask_one(9, Request::Unregister(sid))),
        Ok(())
    );
    assert_eq!(
        unregistered(&world.ask_one(9, Request::Unregister(sid))),
        Err(Error::ServerNotFound)
    );
    assert_ne!(world.serve("a", None).0, sid);
}
