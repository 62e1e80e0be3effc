//! Deaths of processes as choices of a search: how many there are, what they end, and with what they commute.

mod reach;

use reach::{Edge, reachable};
use std::collections::BTreeSet;
use xous_sim_explore::{Dfs, Execution, Exhaustive, Report, Silent, Stop};
use xous_sim_kernel::Config;
use xous_sim_step::{Choice, Model, Schedule};
use xous_sim_userland::c11::MemoryModel;
use xous_sim_userland::idioms::{Clients, IDIOMS, Idiom, scenario};
use xous_sim_userland::native::{Process, Scenario, Server, perform, spin_while};
use xous_sim_userland::op::Op;
use xous_sim_userland::sync::{AtomicU32, Mutex, Order};
use xous_sim_userland::{At, World, xous};

fn empty() -> (Scenario, Process) {
    let mut scenario = Scenario::new(Config::default()).expect("an empty kernel has room");
    let app = scenario.process("app").expect("a PID is free");
    (scenario, app)
}

/// Connects, sends, and connects again if that failed; the slot of the dead connection is never freed.
fn careless(server: Server) {
    let connection = xous::connect(server.sid).unwrap();
    if !xous::send_blocking_scalar(&connection, 0).is_ok() {
        xous::connect(server.sid).unwrap();
    }
}

/// A server that dies and comes back, and two clients.
fn restarts(deaths: u16) -> World<'static> {
    let (mut scenario, app) = empty();
    let server = scenario.mortal_server("log", true);
    let server = server.expect("the kernel has room for a server");
    scenario.limit_deaths(deaths);
    let body = scenario.body(move || careless(server));
    for name in ["one", "two"] {
        scenario.spawn(app, name, body, 1).expect("a TID is free");
    }
    scenario.into_world()
}

/// Two processes that may die, and a third that spins until one of them has done something; one starts a thread.
fn workers() -> World<'static> {
    let (mut scenario, app) = empty();
    let done = AtomicU32::new(&mut scenario, "done", 0);
    let lock = Mutex::new(&mut scenario, "lock");
    let child = scenario.body(move || {
        done.fetch_add(1, Order::SeqCst);
    });
    let parent = scenario.body(move || {
        perform(Op::Spawn(child, vec![]));
        drop(lock.lock());
    });
    let locks = scenario.body(move || {
        let guard = lock.lock();
        done.fetch_add(2, Order::SeqCst);
        drop(guard);
    });
    let waits = scenario.body(move || spin_while(|| done.load(Order::SeqCst) == 0));
    let other = scenario.process("other").expect("a PID is free");
    scenario.may_die(app);
    scenario.may_die(other);
    for (process, name, body) in [(app, "parent", parent), (other, "locks", locks)] {
        let spawned = scenario.spawn(process, name, body, 1);
        spawned.expect("a TID is free");
    }
    let third = scenario.process("third").expect("a PID is free");
    let spawned = scenario.spawn(third, "waits", waits, 1);
    spawned.expect("a TID is free");
    scenario.into_world()
}

fn learned(mut world: World<'static>) -> World<'static> {
    reach::learn(&mut world);
    world
}

fn strong() -> Vec<World<'static>> {
    let both = || learned(workers());
    vec![restarts(1), restarts(2), both(), both().with_symmetry()]
}

/// Strong machines and weak ones; on those hardly any two steps commute.
fn worlds() -> Vec<World<'static>> {
    let weak = [restarts(1), restarts(2), workers()];
    let weak = weak.map(|world| learned(world.with_memory(MemoryModel::C11)));
    strong().into_iter().chain(weak).collect()
}

fn violated(report: &Report) -> BTreeSet<&'static str> {
    let found = report.counterexamples.iter();
    found.map(|c| c.violation.property.0).collect()
}

#[test]
fn no_execution_has_more_deaths_than_allowed_and_some_have_as_many() {
    for deaths in 0..4 {
        let mut world = restarts(deaths);
        let mut most = 0;
        for edge in reachable(&mut world) {
            let died = edge.path.0.iter().filter(|choice| choice.is_fault());
            most = most.max(died.count());
        }
        assert_eq!(most, usize::from(deaths));
    }
}

#[test]
fn a_process_dies_in_every_state_while_deaths_are_left() {
    let mut world = restarts(1);
    for edge in reachable(&mut world) {
        let mut enabled = Vec::new();
        world.enabled(&edge.before, &mut enabled).expect("known");
        let earlier = &edge.path.0[..edge.path.0.len() - 1];
        let spent = earlier.iter().any(|choice| choice.is_fault());
        assert_eq!(enabled.contains(&Choice::fault(2)), !spent, "{}", edge.path);
    }
}

#[test]
fn the_threads_of_a_dead_process_are_dead_and_no_others() {
    let mut world = workers();
    reach::learn(&mut world);
    for Edge { after, choice, .. } in reachable(&mut world) {
        let killed = |world: &World<'_>, thread| world.local(&after, thread).at == At::Killed;
        if choice == Choice::fault(3) {
            assert!(killed(&world, 0) && !killed(&world, 2));
            assert!((3..world.thread_count(&after)).all(|started| killed(&world, started)));
        }
        if choice == Choice::fault(4) {
            assert!(killed(&world, 1) && !killed(&world, 2));
        }
    }
}

#[test]
fn steps_whose_footprints_do_not_conflict_commute() {
    for mut world in strong() {
        let mut pairs = 0;
        let edges = reachable(&mut world);
        for (a, b) in reach::siblings(&edges) {
            let [first, second] =
                [a, b].map(|edge| world.footprint::<1>(&edge.before, edge.choice, &edge.after));
            if a.choice.agent == b.choice.agent || first.conflicts(second) {
                continue;
            }
            let (mut ab, mut ba) = (a.after.clone(), b.after.clone());
            world.apply(&mut ab, b.choice).expect("known");
            world.apply(&mut ba, a.choice).expect("known");
            assert_eq!(ab, ba, "{} and {}", a.path, b.path);
            pairs += 1;
        }
        assert!(pairs > 0);
    }
}

#[test]
fn a_step_that_is_taken_is_told_to_touch_what_its_footprint_says() {
    let idiom = |idiom: &Idiom| {
        let clients = Clients {
            threads: 2,
            rounds: 2,
            std_shadow: true,
            bystander: true,
        };
        let world = scenario(idiom, clients, Config::default());
        learned(world.expect("an idiom is no misuse"))
    };
    for mut world in worlds().into_iter().chain(IDIOMS.iter().map(idiom)) {
        for edge in reachable(&mut world) {
            let mut state = edge.before.clone();
            let (_, touched) = world.take::<1>(&mut state, edge.choice).expect("known");
            assert_eq!(state, edge.after, "{}", edge.path);
            let footprint = world.footprint::<1>(&edge.before, edge.choice, &edge.after);
            assert_eq!(touched, footprint, "{}", edge.path);
        }
    }
}

#[test]
fn whoever_enables_or_disables_a_step_conflicts_with_what_is_pending() {
    for mut world in worlds() {
        for edge in reachable(&mut world) {
            let done = world.footprint::<1>(&edge.before, edge.choice, &edge.after);
            for agent in 0..world.agents(&edge.before) as u16 {
                let Some(pending) = world.pending::<1>(&edge.before, agent) else {
                    continue;
                };
                let own = |world: &mut World<'_>, state| reach::own_choices(world, state, agent);
                let before = own(&mut world, &edge.before);
                let after = own(&mut world, &edge.after);
                let untouched = before == after || agent == edge.choice.agent;
                assert!(untouched || done.conflicts(pending), "{}", edge.path);
            }
        }
    }
}

#[test]
fn whoever_takes_the_last_death_or_ends_an_agent_writes_the_agents_own_place() {
    for mut world in worlds() {
        for edge in reachable(&mut world) {
            let done = world.footprint::<1>(&edge.before, edge.choice, &edge.after);
            for agent in 0..world.agents(&edge.before) as u16 {
                let is_cut_off = agent != edge.choice.agent
                    && world.pending::<1>(&edge.before, agent).is_some()
                    && world.pending::<1>(&edge.after, agent).is_none();
                let noted = done.conflicts(world.own_place(agent));
                assert!(!is_cut_off || noted, "agent {agent} by {}", edge.path);
            }
        }
    }
}

#[test]
fn what_conflicts_with_a_death_conflicts_with_the_pending_one() {
    for mut world in worlds() {
        let edges = reachable(&mut world);
        for (a, b) in reach::siblings(&edges) {
            let [a, b] = if a.choice.is_fault() { [a, b] } else { [b, a] };
            let death = world.footprint::<1>(&a.before, a.choice, &a.after);
            let other = world.footprint::<1>(&b.before, b.choice, &b.after);
            if a.choice.is_fault() && death.conflicts(other) {
                let pending = world.pending::<1>(&a.before, a.choice.agent);
                let pending = pending.expect("whoever can die is about to");
                assert!(pending.conflicts(other), "{} and {}", a.path, b.path);
            }
        }
    }
}

#[test]
fn all_searches_find_the_same_properties_violated() {
    let stop = Stop::WhenExplored;
    let plain = Dfs {
        stop,
        ..Dfs::default()
    };
    let exhaustive = Exhaustive {
        stop,
        ..Exhaustive::default()
    };
    let expected = plain.run(&mut restarts(2), &mut Silent);
    let expected = violated(&expected.expect("deterministic"));
    assert_eq!(expected, BTreeSet::from(["leak"]));
    for mut world in [restarts(2), restarts(2).with_symmetry()] {
        let found = exhaustive.run(&mut world, &mut Silent);
        assert_eq!(violated(&found.expect("deterministic")), expected);
    }
}

#[test]
fn a_bound_on_preemptions_leaves_deaths_free() {
    let mut world = restarts(1);
    let schedule: Schedule = "x1:0.!2.0.2.0.1*2".parse().expect("a schedule");
    let followed = Execution::follow(&mut world, &schedule).expect("deterministic");
    let followed = followed.expect("it fits");
    // The server's return stops a thread that could not go on anyway: it waits in connect.
    assert_eq!(followed.preemptions, 0);
    let bounded = Dfs {
        max_preemptions: Some(0),
        ..Dfs::default()
    };
    let report = bounded.run(&mut world, &mut Silent).expect("deterministic");
    assert_eq!(violated(&report), BTreeSet::from(["leak"]));
}
