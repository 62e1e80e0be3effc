//! Limits, counts and tokens.

use crate::world::*;
use xous_sim_kernel::names::*;
use xous_sim_kernel::*;

#[test]
fn a_repeated_connection_of_the_same_process_counts_again() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("a", Some(2));
    let cids: Vec<_> = (0..2)
        .map(|_| {
            connected(&world.ask_one(3, lookup("a")))
                .expect("below the limit")
                .0
        })
        .collect();
    assert_eq!(cids[0], cids[1]);
    assert_eq!(world.names.connections_counted("a"), Some(2));
    assert_eq!(
        connected(&world.ask_one(3, lookup("a"))),
        Err(Error::ServerNotFound)
    );
}

#[test]
fn over_the_limit_try_connect_fails_and_blocking_connect_waits_for_ever() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let mut world = World::new(fidelity);
        world.serve("a", Some(1));
        let token = world.lookup_token("a");
        assert_eq!(
            world.ask_one(4, trying("a")),
            Response::Refused(ConnectCode::ServerNotFound)
        );
        assert_eq!(world.ask(4, blocking("a")), []);
        let free_place = Request::Disconnect {
            name: "a".to_owned(),
            token,
        };
        assert_eq!(
            world.ask(3, free_place).len(),
            1,
            "the waiter is not served by a place becoming free"
        );
    }
}

#[test]
fn a_server_without_limit_never_refuses() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("a", None);
    assert!((0..1000).all(|_| connected(&world.ask_one(3, lookup("a"))).is_ok()));
    assert_eq!(world.names.connections_counted("a"), None);
}

#[test]
fn the_token_sets_the_count_to_zero_and_works_once() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("a", Some(3));
    let tokens = [world.lookup_token("a"), world.lookup_token("a")];
    assert_eq!(tokens[0], tokens[1], "all holders have the same token");
    let disconnect = |token| Request::Disconnect {
        name: "a".to_owned(),
        token,
    };
    assert_eq!(
        disconnected(&world.ask_one(3, disconnect(tokens[0]))),
        Ok(())
    );
    assert_eq!(world.names.connections_counted("a"), Some(0));
    assert_eq!(
        disconnected(&world.ask_one(3, disconnect(tokens[1]))),
        Err(Error::ServerNotFound)
    );
    assert_ne!(world.lookup_token("a"), tokens[0]);
}

#[test]
fn trusted_init_is_done_when_every_limit_is_reached_exactly() {
    let mut world = World::new(Fidelity::Faithful);
    world.serve("unlimited", None);
    let done = |world: &mut World| trusted_init_done(&world.ask_one(3, Request::TrustedInitDone));
    assert_eq!(done(&mut world), Ok(true));
    world.serve("a", Some(1));
    assert_eq!(done(&mut world), Ok(false));
    world.lookup_token("a");
    assert_eq!(done(&mut world), Ok(true));
}
