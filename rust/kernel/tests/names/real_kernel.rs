//! xous-names with the real kernel behind it.

use crate::world::*;
use xous_sim_kernel::names::*;
use xous_sim_kernel::*;

/// A kernel with a client and a registrant, PIDs 2 and 3.
fn real_kernel(config: Config) -> Kernel {
    let mut kernel = Kernel::new(config);
    for _ in 0..2 {
        kernel.boot_process().expect("the process table has room");
    }
    kernel
}

fn create_server(kernel: &mut Kernel, pid: u8, sid: Sid) {
    let caller = Caller {
        pid: token_of(pid).pid,
        tid: Tid::INITIAL,
    };
    kernel
        .call(caller, &Syscall::CreateServerWithAddress { sid })
        .expect("no misuse");
}

#[test]
fn on_the_real_kernel_a_lookup_waits_for_the_server_and_connects_the_asker() {
    let mut kernel = real_kernel(Config::default());
    let mut names = NameServer::new(Fidelity::Faithful, 0);
    let answers = names.handle(token_of(3), register("a", None), &mut kernel);
    let sid = registered(&answers[0].response).expect("the name is free");
    assert_eq!(names.handle(token_of(2), lookup("a"), &mut kernel), []);
    create_server(&mut kernel, 3, sid);
    let answers = names.poll(&mut kernel);
    assert!(matches!(
        answers[0].response,
        Response::Connection(Cid(2), _)
    ));
    assert_eq!(
        kernel.server_behind(token_of(2).pid, Cid(2)),
        kernel.server_named(sid)
    );
}

#[test]
fn on_the_real_kernel_a_lookup_for_a_full_process_crashes_names() {
    let mut kernel = real_kernel(Config::default());
    for number in 0..32 {
        create_server(&mut kernel, 2, Sid([number, 0, 0, 1]));
    }
    let mut names = NameServer::new(Fidelity::Faithful, 0);
    names.handle(token_of(3), register("a", None), &mut kernel);
    assert_eq!(names.handle(token_of(2), lookup("a"), &mut kernel), []);
    assert_eq!(
        names.crashed(),
        Some(Crash::LookupNotBrokered(Error::OutOfMemory))
    );
}

#[test]
fn names_never_returns_from_a_connect_that_panics_the_kernel() {
    let mut kernel = real_kernel(Config::default());
    kernel.create_process().expect("the process table has room");
    let mut names = NameServer::new(Fidelity::Faithful, 0);
    names.handle(token_of(3), register("a", None), &mut kernel);
    assert_eq!(
        names.handle(token_of(4), lookup("a"), &mut kernel),
        [],
        "process 4 has never run"
    );
    assert!(kernel.panicked().is_some());
    assert!(names.busy_with().is_some());
}

#[test]
fn names_and_kernel_draw_different_sids_from_the_same_seed() {
    let mut kernel = real_kernel(Config::default());
    let mut names = NameServer::new(Fidelity::Faithful, kernel.config().seed);
    let answers = names.handle(token_of(3), register("a", None), &mut kernel);
    let caller = Caller {
        pid: token_of(2).pid,
        tid: Tid::INITIAL,
    };
    let drawn = kernel
        .call(caller, &Syscall::CreateServerId)
        .expect("no misuse")
        .outcome;
    let Outcome::Done(SysResult::ServerId(sid)) = drawn else {
        panic!("{drawn:?}")
    };
    assert_ne!(registered(&answers[0].response), Ok(sid));
}
