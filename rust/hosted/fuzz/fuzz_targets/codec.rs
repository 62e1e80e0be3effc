//! Any bytes, as a stream of calls and as a stream of results: they are decoded or refused, and what was decoded is encoded
//! to what it was decoded from. `nox -s fuzz`, or `cargo fuzz run codec` in `rust/hosted`.
//!
//! The first byte says in pieces of what length the others arrive. Left out is what the kernel makes of the calls: that is
//! `tests/fuzz.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xous_sim_hosted::wire::{
    Decoder, Packet, announced_by_call, announced_by_result, call_packet, result_packet,
    sys_result, syscall,
};

/// Bytes that the calls lent whose results are read.
const LENT: usize = 3;

fuzz_target!(|bytes: &[u8]| {
    let Some((length, stream)) = bytes.split_first() else {
        return;
    };
    let pieces = usize::from(*length) + 1;
    for packet in packets(stream, pieces, announced_by_call) {
        check_call(packet);
    }
    for packet in packets(stream, pieces, |packet| {
        announced_by_result(packet, LENT as u64)
    }) {
        check_result(packet);
    }
});

/// The packets of a stream up to where it is refused. They are its bytes, and no more memory than those.
fn packets(stream: &[u8], pieces: usize, announced: impl Fn(&Packet) -> u64) -> Vec<Packet> {
    let (mut decoder, mut packets) = (Decoder::default(), Vec::new());
    let mut again = Vec::new();
    'stream: for piece in stream.chunks(pieces) {
        decoder.extend(piece);
        loop {
            match decoder.next(&announced) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(_) => break 'stream,
            }
        }
    }
    packets
        .iter()
        .for_each(|packet| packet.write_to(&mut again));
    assert!(
        stream.starts_with(&again),
        "other bytes came out than went in"
    );
    packets
}

fn check_call(packet: Packet) {
    let (thread, payload) = (packet.thread, packet.payload.clone());
    let Ok(call) = syscall(packet) else {
        return;
    };
    let again = call_packet(thread, &call);
    assert_eq!(again.payload, payload, "{call:?}");
    assert_eq!(syscall(again), Ok(call));
}

fn check_result(packet: Packet) {
    let thread = packet.thread;
    let Ok(result) = sys_result(packet, LENT) else {
        return;
    };
    let again = result_packet(thread, &result, LENT, true);
    let decoded = sys_result(again.clone(), LENT).expect("a result");
    assert_eq!(
        result_packet(thread, &decoded, LENT, true),
        again,
        "{result:?}"
    );
}
