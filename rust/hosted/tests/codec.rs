//! The codec against itself and against junk: encoding and decoding are inverse, however the bytes arrive, and no bytes
//! make it panic or reserve memory.

use proptest::collection::vec;
use proptest::prelude::*;
use xous_sim_hosted::wire::{
    Decoder, Packet, TooLong, announced_by_call, announced_by_result, call_packet, result_packet,
    sys_result, syscall,
};
use xous_sim_kernel::{Message, MessageKind, SysResult, Syscall};

/// Words that mean something more often than chance would have it.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..4_u64,
        0..64_u64,
        Just(4096),
        any::<u32>().prop_map(u64::from),
        any::<u64>()
    ]
}

/// A call that can be encoded, with the payload that its words announce.
fn call() -> impl Strategy<Value = Packet> {
    let words = prop::array::uniform7(word());
    let number = prop_oneof![0..48_u64, prop::sample::select(vec![16_u64, 20, 24, 41])];
    (any::<u64>(), number, words).prop_filter_map(
        "too long or no call",
        |(thread, number, mut words)| {
            if number == 41 && words[0] % 2 == 0 {
                words[6] = Syscall::REPLY_MEMORY;
            }
            let mut all = [number; 8];
            all[1..].copy_from_slice(&words);
            let mut packet = Packet {
                thread,
                words: all,
                payload: Vec::new(),
            };
            let length = announced_by_call(&packet);
            if length > 10_000 || Syscall::decode(number, words).is_err() {
                return None;
            }
            packet.payload = (0..length).map(|n| (n ^ thread) as u8).collect();
            Some(packet)
        },
    )
}

/// All packets of a stream that arrives in pieces of these lengths, again and again.
fn packets(bytes: &[u8], lengths: &[usize]) -> Result<Vec<Packet>, TooLong> {
    let (mut decoder, mut packets, mut rest) = (Decoder::default(), Vec::new(), bytes);
    for length in lengths.iter().cycle() {
        let (piece, later) = rest.split_at(rest.len().min(*length));
        decoder.extend(piece);
        rest = later;
        while let Some(packet) = decoder.next(announced_by_call)? {
            packets.push(packet);
        }
        if rest.is_empty() {
            break;
        }
    }
    assert!(!decoder.is_within_packet());
    Ok(packets)
}

proptest! {
    #[test]
    fn calls_survive_the_wire_in_pieces_of_any_size(
        calls in vec(call(), 1..20),
        lengths in vec(1..500_usize, 1..10),
    ) {
        let bytes: Vec<u8> = calls.iter().flat_map(Packet::to_bytes).collect();
        prop_assert_eq!(packets(&bytes, &lengths), Ok(calls));
    }

    #[test]
    fn a_call_is_encoded_to_what_it_was_decoded_from(packet in call()) {
        let decoded = syscall(packet.clone()).expect("the strategy makes calls");
        let again = call_packet(packet.thread, &decoded);
        prop_assert_eq!(syscall(again.clone()), Ok(decoded));
        prop_assert_eq!(again.payload, packet.payload);
    }

    #[test]
    fn a_result_is_decoded_to_what_it_was_encoded_from(
        thread in any::<u64>(),
        tag in 0..22_u64,
        words in prop::array::uniform7(word()),
        lent in 0..5000_usize,
    ) {
        let mut all = [tag; 8];
        all[1..].copy_from_slice(&words);
        let Ok(result) = SysResult::decode(all) else { return Ok(()) };
        let received = received(&result);
        prop_assume!(received <= 10_000 && !matches!(result, SysResult::Unimplemented));
        let packet = result_packet(thread, &result, lent, true);
        prop_assert_eq!(packet.payload.len() as u64, announced_by_result(&packet, lent as u64));
        let again = result_packet(thread, &sys_result(packet.clone(), lent).expect("a result"), lent, true);
        prop_assert_eq!(again, packet);
    }

    #[test]
    fn junk_is_decoded_or_refused_and_takes_no_more_memory_than_it_has_bytes(
        bytes in vec(any::<u8>(), 0..2000),
    ) {
        let mut decoder = Decoder::default();
        decoder.extend(&bytes);
        while let Ok(Some(packet)) = decoder.next(announced_by_call) {
            prop_assert!(packet.payload.len() <= bytes.len());
            let _ = syscall(packet);
        }
    }
}

/// The length word of a received memory message.
fn received(result: &SysResult) -> u64 {
    match result {
        SysResult::MessageEnvelope(envelope) => envelope
            .message
            .memory()
            .map_or(0, |body| body.range.length),
        _ => 0,
    }
}

#[test]
fn a_length_word_of_two_to_the_63_is_refused_without_waiting_for_the_bytes() {
    let words = [16, 2, 1, 0, 0x1000, 1 << 63, 0, 0];
    let packet = Packet {
        thread: 2,
        words,
        payload: Vec::new(),
    };
    let mut decoder = Decoder::default();
    decoder.extend(&packet.to_bytes());
    assert_eq!(decoder.next(announced_by_call), Err(TooLong(1 << 63)));
}

#[test]
fn nothing_follows_a_lend_of_a_null_or_empty_buffer() {
    for (address, length) in [(0, 4096), (0x1000, 0)] {
        for number in [16, 24] {
            let words = [number, 2, 1, 0, address, length, 0, 0];
            let packet = Packet {
                thread: 2,
                words,
                payload: Vec::new(),
            };
            assert_eq!(announced_by_call(&packet), 0);
        }
    }
}

#[test]
fn lent_bytes_follow_an_immediate_error_only_if_they_are_to_follow_every_answer() {
    let error = SysResult::Error(xous_sim_kernel::Error::ServerNotFound);
    assert_eq!(result_packet(2, &error, 5, false).payload, [0; 0]);
    assert_eq!(result_packet(2, &error, 5, true).payload, [0; 5]);
    assert_eq!(
        result_packet(2, &SysResult::RetryCall, 5, true).payload,
        [0; 0]
    );
}

#[test]
fn a_returned_buffer_that_is_too_short_is_filled_up_with_zeros() {
    let result = SysResult::MemoryReturned {
        offset: 0,
        valid: 0,
        payload: vec![7, 7],
    };
    assert_eq!(result_packet(2, &result, 4, false).payload, [7, 7, 0, 0]);
}

#[test]
fn a_message_is_carried_with_its_bytes() {
    let mut message = Message::from_words(MessageKind::Move, [1, 0x1000, 3, 0, 0]);
    message.memory_mut().expect("a move has memory").payload = vec![1, 2, 3];
    let call = Syscall::SendMessage {
        cid: xous_sim_kernel::Cid(2),
        message,
    };
    let packet = call_packet(9, &call);
    assert_eq!(packet.to_bytes().len(), 75);
    assert_eq!(syscall(packet), Ok(call));
}
