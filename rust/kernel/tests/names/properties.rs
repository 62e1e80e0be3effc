//! Random requests: every one is answered once, and no limit is exceeded.

use std::collections::BTreeSet;

use crate::world::*;
use proptest::prelude::*;
use xous_sim_kernel::Fidelity;
use xous_sim_kernel::names::*;

fn any_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b"]).prop_map(str::to_owned)
}

fn any_request() -> impl Strategy<Value = Request> {
    prop_oneof![
        (any_name(), prop::option::of(0..3_u32))
            .prop_map(|(name, limit)| Request::Register { name, limit }),
        any_name().prop_map(Request::Lookup),
        any_name().prop_map(Request::BlockingConnect),
        any_name().prop_map(Request::TryConnect),
        Just(Request::TrustedInitDone),
    ]
}

proptest! {
    #[test]
    fn every_request_is_answered_once_or_waits(
        requests in prop::collection::vec((any_request(), any::<bool>()), 1..40),
    ) {
        let mut world = World::new(Fidelity::Safe);
        let mut open = BTreeSet::new();
        for (number, (request, create)) in (0_u32..).zip(requests) {
            let client = ClientToken { pid: token_of(3).pid, request: number };
            open.insert(client);
            let mut answers = world.names.handle(client, request, &mut world.servers);
            if create {
                world.servers.exist.extend(world.names.registered().map(|(_, sid)| sid));
                answers.extend(world.names.poll(&mut world.servers));
            }
            for answer in answers {
                prop_assert!(open.remove(&answer.client), "answered twice: {:?}", answer.client);
            }
            if world.names.busy_with().is_none() {
                prop_assert_eq!(&open, &world.names.waiting().map(|(client, _)| client).collect());
            }
        }
    }

    #[test]
    fn a_limit_is_never_exceeded(
        limit in 0..4_u32,
        requests in prop::collection::vec(
            prop::sample::select(vec![lookup("a"), blocking("a"), trying("a")]), 1..40
        ),
    ) {
        let mut world = World::new(Fidelity::Faithful);
        world.serve("a", Some(limit));
        let answers: Vec<Answer> = requests.into_iter().flat_map(|request| world.ask(3, request)).collect();
        let given = answers.iter().filter(|answer| connected(&answer.response).is_ok()).count() as u32;
        prop_assert_eq!(world.names.connections_counted("a"), Some(given));
        prop_assert!(given <= limit);
    }
}
