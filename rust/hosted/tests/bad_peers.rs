//! Peers that break the rules: each is cut off or answered, and a good one goes on undisturbed.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use support::{Client, PATIENCE, is_closed, server};
use xous_sim_hosted::Server;
use xous_sim_hosted::wire::{Key, PACKET_BYTES, Packet, call_packet};
use xous_sim_kernel::{Cid, Error, Fidelity, Message, MessageKind, Sid, SysResult, Syscall};

/// Lets a peer misbehave while a good one works, before, meanwhile and after.
fn beside_a_good_one(misbehave: impl FnOnce(&Server, &mut Client)) {
    let server = server(Fidelity::Safe);
    let mut good = Client::join(&server);
    works(&mut good);
    misbehave(&server, &mut good);
    works(&mut good);
    assert_eq!(server.status().ending, None);
    assert_eq!(server.status().connected, 1);
}

fn works(client: &mut Client) {
    let pid = xous_sim_kernel::Pid::new(client.pid).expect("not 0");
    for _ in 0..100 {
        assert_eq!(
            client.call(&Syscall::GetProcessId),
            SysResult::ProcessId(pid)
        );
    }
}

/// What the server says of those that it cut off.
fn reasons(server: &Server) -> Vec<String> {
    server
        .status()
        .cuts
        .into_iter()
        .map(|(_, why)| why)
        .collect()
}

/// Waits until the server has noticed that only the good one is left.
fn alone(server: &Server) {
    for _ in 0..5_000 {
        if server.status().connected <= 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("the server still takes somebody for connected who is gone");
}

#[test]
fn a_client_that_dies_within_a_packet_is_gone() {
    beside_a_good_one(|server, good| {
        let mut bad = Client::join(server);
        let packet = call_packet(2, &Syscall::GetThreadId).to_bytes();
        bad.stream.write_all(&packet[..40]).expect("sent");
        works(good);
        drop(bad);
        alone(server);
        assert_eq!(server.look(|exchange| exchange.processes().len()), 1);
    });
}

#[test]
fn a_client_that_closes_right_behind_its_last_call_is_gone() {
    beside_a_good_one(|server, _| {
        for _ in 0..200 {
            let mut last = Client::join(server);
            let sid = Sid([7, 7, 7, 7]);
            last.call(&Syscall::CreateServerWithAddress { sid });
            let waits = Syscall::ReceiveMessage { sid }; // nothing is sent back, which would show that it is gone
            last.send(2, &waits).expect("sent");
            drop(last);
            alone(server);
        }
    });
}

#[test]
fn half_a_key_is_cut_off_after_a_while() {
    beside_a_good_one(|server, good| {
        let mut bad = Client::connect(server);
        bad.write_all(&[1; 8]).expect("sent");
        works(good);
        assert!(is_closed(&mut bad));
    });
}

#[test]
fn half_a_key_and_then_nobody_is_ignored() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::connect(server);
        bad.write_all(&[1; 8]).expect("sent");
        drop(bad);
    });
}

#[test]
fn an_unknown_key_is_turned_away() {
    beside_a_good_one(|server, _| {
        for key in [Key([7; 16]), Key::ZERO] {
            assert!(Client::join_as(server, key).is_err());
        }
    });
}

#[test]
fn a_key_that_is_taken_is_turned_away() {
    beside_a_good_one(|server, _| {
        let invitation = server.invite().expect("a free PID");
        let first = Client::join_as(server, invitation.key).expect("a process");
        assert!(Client::join_as(server, invitation.key).is_err());
        drop(first);
        alone(server);
    });
}

#[test]
fn an_unknown_system_call_is_answered() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::join(server);
        for number in [0, 1, 8, 13, 37, 39, 47, 1 << 40, u64::MAX] {
            let words = [number, 1, 2, 3, 4, 5, 6, 7];
            let packet = Packet {
                thread: 2,
                words,
                payload: Vec::new(),
            };
            bad.stream.write_all(&packet.to_bytes()).expect("sent");
            let answer = bad.answer(0).expect("an answer");
            assert_eq!(
                answer,
                (2, SysResult::Error(Error::UnhandledSyscall)),
                "{number}"
            );
        }
        drop(bad);
        alone(server);
    });
}

#[test]
fn a_call_that_cannot_be_decoded_is_answered_by_a_safe_kernel() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::join(server);
        let connect_for_nobody = [30, 0, 0, 0, 0, 0, 0, 0];
        let try_send_of_nothing = [24, 2, 1, 0, 0, 4096, 0, 0];
        for words in [connect_for_nobody, try_send_of_nothing] {
            let packet = Packet {
                thread: 2,
                words,
                payload: Vec::new(),
            };
            bad.stream.write_all(&packet.to_bytes()).expect("sent");
            let answer = bad.answer(0).expect("an answer");
            assert_eq!(answer, (2, SysResult::Error(Error::UnhandledSyscall)));
        }
        drop(bad);
        alone(server);
    });
}

#[test]
fn a_length_word_of_two_to_the_63_is_cut_off_at_once() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::join(server);
        let words = [16, 2, 1, 0, 0x1000, 1 << 63, 0, 0];
        let packet = Packet {
            thread: 2,
            words,
            payload: Vec::new(),
        };
        bad.stream.write_all(&packet.to_bytes()).expect("sent");
        assert!(bad.is_closed());
        alone(server);
        assert!(
            reasons(server)[0].contains("9223372036854775808 bytes"),
            "{:?}",
            reasons(server)
        );
    });
}

#[test]
fn a_payload_that_never_comes_is_cut_off_after_a_while() {
    beside_a_good_one(|server, good| {
        let mut bad = Client::join(server);
        let words = [16, 2, 1, 0, 0x1000, 1 << 20, 0, 0];
        let packet = Packet {
            thread: 2,
            words,
            payload: Vec::new(),
        };
        bad.stream.write_all(&packet.to_bytes()).expect("sent");
        bad.stream.write_all(&[0; 5000]).expect("sent");
        works(good);
        assert!(bad.is_closed());
        alone(server);
        assert_eq!(reasons(server), ["it stopped within a packet"]);
    });
}

#[test]
fn a_client_that_is_always_within_a_packet_but_goes_on_is_not_cut_off() {
    beside_a_good_one(|server, good| {
        let mut busy = Client::join(server);
        let packet = call_packet(2, &Syscall::GetThreadId).to_bytes();
        let (head, tail) = packet.split_at(40);
        busy.stream.write_all(head).expect("sent");
        let calls = 10;
        for _ in 0..calls {
            std::thread::sleep(PATIENCE / 4);
            busy.stream.write_all(tail).expect("sent");
            busy.stream.write_all(head).expect("sent");
            works(good);
        }
        let mut answers = vec![0; calls * PACKET_BYTES];
        busy.stream
            .read_exact(&mut answers)
            .expect("an answer each");
        drop(busy);
        alone(server);
        assert!(reasons(server).is_empty());
    });
}

#[test]
fn a_flood_that_reads_no_answers_is_held_back_and_then_cut_off() {
    beside_a_good_one(|server, good| {
        let mut bad = Client::join(server);
        let packets = call_packet(2, &Syscall::GetThreadId)
            .to_bytes()
            .repeat(1000);
        let flood = std::thread::scope(|scope| {
            let flood = scope.spawn(|| {
                let mut sent = 0;
                while bad.stream.write_all(&packets).is_ok() {
                    sent += packets.len();
                }
                sent
            });
            while !flood.is_finished() {
                works(good);
            }
            flood.join().expect("no panic")
        });
        // It is what the host buffers, and a little more.
        assert!((1..32 << 20).contains(&flood), "{flood} bytes were taken");
        alone(server);
        assert_eq!(reasons(server), ["it did not read its answers"]);
    });
}

#[test]
fn silent_connections_are_cut_off_and_keep_nobody_out() {
    beside_a_good_one(|server, good| {
        let mut silent: Vec<TcpStream> = (0..200).map(|_| Client::connect(server)).collect();
        works(good);
        drop(Client::join(server));
        alone(server);
        assert!(silent.iter_mut().all(is_closed));
    });
}

#[test]
fn of_many_silent_connections_the_oldest_is_closed_at_once() {
    let server = support::patient_server();
    let mut silent: Vec<TcpStream> = (0..70).map(|_| Client::connect(&server)).collect();
    assert!(silent[..6].iter_mut().all(is_closed));
    works(&mut Client::join(&server));
}

#[test]
fn a_second_call_before_the_first_is_answered_is_cut_off() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::join(server);
        let sid = Sid([1, 2, 3, 4]);
        bad.call(&Syscall::CreateServerWithAddress { sid });
        bad.send(2, &Syscall::ReceiveMessage { sid }).expect("sent");
        bad.send(2, &Syscall::GetThreadId).expect("sent");
        assert!(bad.is_closed());
        alone(server);
        assert!(reasons(server)[0].contains("before its last one was answered"));
    });
}

#[test]
fn calls_of_threads_that_cannot_be_are_refused() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::join(server);
        for thread in [0, 33, 255, 256, 70_000, u64::MAX] {
            bad.send(thread, &Syscall::GetProcessId).expect("sent");
            let refused = SysResult::Error(Error::InvalidThread);
            assert_eq!(bad.answer(0).expect("an answer"), (thread, refused));
        }
        drop(bad);
        alone(server);
    });
}

#[test]
fn memory_that_lies_in_queues_is_bounded() {
    beside_a_good_one(|server, _| {
        let mut bad = Client::join(server);
        let sid = Sid([1, 2, 3, 4]);
        bad.call(&Syscall::CreateServerWithAddress { sid });
        let message = Message::from_words(MessageKind::Move, [0, 0x1000, 16 << 20, 0, 0]);
        let call = Syscall::SendMessage {
            cid: Cid(2),
            message,
        };
        let answers: Vec<SysResult> = (0..6).map(|_| bad.call(&call)).collect();
        let (taken, refused) = answers.split_at(4);
        assert!(taken.iter().all(|answer| *answer == SysResult::Ok));
        assert!(
            refused
                .iter()
                .all(|answer| *answer == SysResult::Error(Error::OutOfMemory))
        );
        drop(bad);
        alone(server);
    });
}

#[test]
fn a_faithful_kernel_panics_where_the_real_one_does() {
    for misbehave in [
        |server: &Server| drop(Client::join_as(server, Key([7; 16]))),
        |server: &Server| {
            let mut bad = Client::connect(server);
            bad.write_all(&[1; 8]).expect("sent");
        },
        |server: &Server| {
            let mut bad = Client::join(server);
            bad.send(2, &Syscall::TerminateProcess { code: 0 })
                .expect("sent");
            assert!(bad.is_closed());
        },
        |server: &Server| {
            let first = Client::join_as(server, Key::ZERO).expect("the key of PID 1");
            assert_eq!(first.pid, 1);
        },
    ] {
        let server = server(Fidelity::Faithful);
        let mut good = Client::join(&server);
        works(&mut good);
        misbehave(&server);
        let mut end = Vec::new();
        good.stream
            .read_to_end(&mut end)
            .expect("the connection is closed in order");
        let ending = server.status().ending.expect("an ending").to_string();
        assert!(ending.starts_with("KernelPanic: "), "{ending}");
    }
}

#[test]
fn a_shutdown_is_answered_before_all_connections_close() {
    let server = server(Fidelity::Safe);
    let (mut one, mut other) = (Client::join(&server), Client::join(&server));
    assert_eq!(one.call(&Syscall::Shutdown), SysResult::Ok);
    assert!(one.is_closed() && other.is_closed());
    assert!(server.wait(support::PATIENCE));
}
