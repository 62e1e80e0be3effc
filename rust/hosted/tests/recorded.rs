//! The codec against packets that the real library encoded: `recorded.txt`, made by `cargo run -p xous-sim-clients --bin
//! record`. Each is decoded, bears the name that the library gives it, and is encoded to the same bytes again.

use xous_sim_hosted::wire::{
    Decoder, Packet, announced_by_call, announced_by_result, call_packet, result_packet,
    sys_result, syscall,
};

/// A line of the recording.
struct Line {
    to_kernel: bool,
    bytes: Vec<u8>,
    /// Bytes that the call lent, for a result.
    lent: usize,
    name: String,
}

fn recording() -> Vec<Line> {
    include_str!("recorded.txt").lines().map(line).collect()
}

fn line(text: &str) -> Line {
    let words: Vec<&str> = text.split(' ').collect();
    let digits = words[1].as_bytes().chunks_exact(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16);
    let to_kernel = words[0] == ">";
    Line {
        to_kernel,
        bytes: digits.map(|pair| byte(pair).expect("digits")).collect(),
        lent: if to_kernel {
            0
        } else {
            words[2].parse().expect("a number")
        },
        name: words.last().expect("a name").to_lowercase(),
    }
}

fn packet(line: &Line) -> Packet {
    let mut decoder = Decoder::default();
    decoder.extend(&line.bytes);
    let packet = decoder.next(|packet| match line.to_kernel {
        true => announced_by_call(packet),
        false => announced_by_result(packet, line.lent as u64),
    });
    assert!(!decoder.is_within_packet(), "{}", line.name);
    packet.expect("short enough").expect("complete")
}

/// The name of a variant, from what its Debug prints.
fn variant(debug: &str) -> String {
    debug
        .split(['(', ' '])
        .next()
        .expect("a name")
        .to_lowercase()
}

#[test]
fn every_call_of_the_library_is_decoded_and_encoded_as_the_library_does() {
    let mut numbers = Vec::new();
    for line in recording().iter().filter(|line| line.to_kernel) {
        let packet = packet(line);
        let call = syscall(packet.clone()).expect("a call");
        assert_eq!(variant(&format!("{call:?}")), line.name);
        if line.name != "invalid" {
            assert_eq!(
                call_packet(packet.thread, &call).to_bytes(),
                line.bytes,
                "{call:?}"
            );
        }
        numbers.push(packet.words[0]);
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(
        numbers,
        [0].into_iter()
            .chain(2..=38)
            .chain([40, 41, 46])
            .collect::<Vec<u64>>()
    );
}

#[test]
fn every_result_of_the_library_is_decoded_and_encoded_as_the_library_does() {
    let mut tags = Vec::new();
    // The library encodes Unimplemented with the tag of a message, and decodes it as one.
    let known = |line: &&Line| !line.to_kernel && line.name != "unimplemented";
    for line in recording().iter().filter(known) {
        let packet = packet(line);
        let result = sys_result(packet.clone(), line.lent).expect("a result");
        let name = variant(&format!("{result:?}")).replace("lendfailed", "error");
        assert_eq!(name, line.name);
        let again = result_packet(packet.thread, &result, line.lent, true);
        if line.lent == 0 {
            assert_eq!(again.to_bytes(), line.bytes, "{result:?}");
        } else {
            assert_eq!(again.to_bytes().len(), line.bytes.len(), "{result:?}");
        }
        tags.push(packet.words[0]);
    }
    tags.sort_unstable();
    tags.dedup();
    let all = (0..=11).chain(13..=15).chain(17..=21).chain([u64::MAX]);
    assert_eq!(tags, all.collect::<Vec<u64>>());
}
