//! The system calls that the other programs do not make, each with the answer that the kernel is known to give.
//!
//! The calls are made raw, so that the library does not act on their answers.

use xous::{Error, MemoryFlags, MemoryRange, Result, SysCall, SysCallResult, rsyscall};
use xous_sim_clients::{done, sid};

const PAGE: usize = 4096;
const RW: usize = 6;

fn main() {
    identity();
    memory();
    connections();
    servers();
    unhandled();
    done()
}

fn call(words: [usize; 8]) -> SysCallResult {
    let [number, a, b, c, d, e, f, g] = words;
    rsyscall(SysCall::from_args(number, a, b, c, d, e, f, g).expect("words of a call"))
}

fn range(address: usize, size: usize) -> SysCallResult {
    // SAFETY: the range is only compared.
    Ok(Result::MemoryRange(
        unsafe { MemoryRange::new(address, size) }.expect("neither is 0"),
    ))
}

fn identity() {
    let pid = xous::current_pid().expect("a PID");
    assert_eq!(std::env::var("XOUS_PID"), Ok(pid.to_string()));
    assert_eq!(xous::current_tid(), Ok(2));
    assert_eq!(
        call([3, 0, 0, 0, 0, 0, 0, 0]),
        Ok(Result::Ok),
        "Yield returns at once"
    );
    assert_eq!(
        call([9, 0, 0, 0, 0, 0, 0, 0]),
        Ok(Result::Ok),
        "and so does WaitEvent"
    );
    let join = |tid| call([36, tid, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        join(2),
        Err(Error::ThreadNotAvailable),
        "a thread does not join itself"
    );
    assert_eq!(join(30), Ok(Result::Scalar1(0)), "there is no such thread");
}

fn memory() {
    let map = |address, size, flags| call([2, 0, address, size, flags, 0, 0, 0]);
    assert_eq!(map(0, PAGE, RW), range(0x6000_0000, PAGE));
    assert_eq!(map(0x7000_0000, PAGE, RW), range(0x7000_0000, PAGE));
    assert_eq!(map(0, 100, RW), Err(Error::BadAlignment));
    assert_eq!(map(0xff00_0000, PAGE, RW), Err(Error::BadAddress));
    assert_eq!(map(0, 0x1000_0000, RW), Err(Error::BadAddress));
    assert_eq!(call([19, 0x6000_0000, PAGE, 0, 0, 0, 0, 0]), Ok(Result::Ok));

    let grow = |delta| {
        rsyscall(SysCall::IncreaseHeap(
            delta,
            MemoryFlags::R | MemoryFlags::W,
        ))
    };
    assert_eq!(grow(0), range(0x2000_0000, PAGE));
    assert_eq!(grow(2 * PAGE), range(0x2000_0000, 2 * PAGE));
    assert_eq!(grow(PAGE), range(0x2000_2000, PAGE));
    assert_eq!(grow(1), Err(Error::BadAlignment));
    assert_eq!(grow(0x1000_0000), Err(Error::OutOfMemory));
    assert_eq!(
        call([11, PAGE, 0, 0, 0, 0, 0, 0]),
        range(0x2000_0000, 2 * PAGE)
    );
    assert_eq!(
        call([11, 9 * PAGE, 0, 0, 0, 0, 0, 0]),
        Err(Error::OutOfMemory)
    );

    assert_eq!(
        call([12, 0x1000, PAGE, 2, 0, 0, 0, 0]),
        Err(Error::MemoryInUse)
    );
    assert_eq!(
        call([12, 0x1000, PAGE, 2, 3, 0, 0, 0]),
        Err(Error::ProcessNotChild)
    );
    assert_eq!(
        call([38, 2, 0, 0, 0, 0, 0, 0]),
        Ok(Result::Scalar2(2, 2 * PAGE))
    );
    assert_eq!(call([38, 3, 0, 0, 0, 0, 0, 0]), Err(Error::InvalidLimit));
}

fn connections() {
    let nobody = sid("nobody");
    assert_eq!(xous::try_connect(nobody), Err(Error::ServerNotFound));
    for cid in [0, 1, 2, 33, 34, u32::MAX] {
        let message = xous::Message::new_scalar(0, 0, 0, 0, 0);
        assert_eq!(xous::send_message(cid, message), Err(Error::ServerNotFound));
        let page = xous_sim_clients::buffer(&[7; PAGE]);
        let body = xous_sim_clients::memory(0, page, 0, 0);
        let lent = xous::send_message(cid, xous::Message::MutableBorrow(body));
        assert_eq!(lent, Err(Error::ServerNotFound));
        assert_eq!(
            xous_sim_clients::bytes(&page),
            [7; PAGE],
            "the lent bytes are back"
        );
        // SAFETY: there is no connection.
        assert_eq!(unsafe { xous::disconnect(cid) }, Err(Error::ServerNotFound));
    }
    let pid = xous::PID::new(31).expect("not 0");
    assert_eq!(
        xous::connect_for_process(pid, nobody),
        Err(Error::ProcessNotFound)
    );
}

fn servers() {
    let id = xous::create_server_id().expect("a SID");
    assert_ne!(id, xous::create_server_id().expect("another SID"));
    let own = xous::create_server_with_sid(sid("own")).expect("a server");
    assert_eq!(xous::connect(own), Ok(2), "its owner is connected already");
    let pid = xous::current_pid().expect("a PID");
    assert_eq!(
        xous::connect_for_process(pid, own),
        Ok(Result::ConnectionID(2))
    );
    assert_eq!(xous::try_receive_message(own), Ok(None));
    for id in 0..64 {
        let message = xous::Message::new_scalar(id, 0, 0, 0, 0);
        assert_eq!(xous::try_send_message(2, message), Ok(Result::Ok));
    }
    let message = xous::Message::new_scalar(64, 0, 0, 0, 0);
    assert_eq!(
        xous::try_send_message(2, message),
        Err(Error::ServerQueueFull)
    );
    let first = xous::try_receive_message(own)
        .expect("no error")
        .expect("a message");
    assert_eq!(first.id(), 0);
    assert_eq!(xous::return_scalar(first.sender, 1), Err(Error::DoubleFree));
    let beyond = xous::MessageSender::from_usize(first.sender.to_usize() | 0xffff);
    assert_eq!(xous::return_scalar(beyond, 1), Err(Error::BadAddress));
    let random = xous::create_server().expect("a server");
    // SAFETY: nobody else uses these servers.
    unsafe {
        assert_eq!(xous::destroy_server(random), Ok(()));
        assert_eq!(xous::destroy_server(own), Ok(()));
        assert_eq!(xous::destroy_server(own), Err(Error::ServerNotFound));
    }
    assert_eq!(
        rsyscall(SysCall::ReceiveMessage(own)),
        Err(Error::ServerNotFound)
    );
}

fn unhandled() {
    for number in [0, 1, 8, 13, 37, 39, 42, 43, 44, 45, 47] {
        assert_eq!(
            call([number, 2, 3, 4, 5, 6, 7, 8]),
            Err(Error::UnhandledSyscall),
            "{number}"
        );
    }
    let free = call([6, 5, 0, 0, 0, 0, 0, 0]);
    assert!(
        free.is_err(),
        "an interrupt that was not claimed cannot be freed: {free:?}"
    );
}
