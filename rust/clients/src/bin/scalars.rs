//! Scalars, blocking and not, answered with one, two and five words: `scalars server`, `scalars client ROUNDS`.

use xous::{Message, Result};
use xous_sim_clients::{arguments, ask, done, sid};

const NAME: &str = "scalars";
const COUNT: usize = 0;
const ONE: usize = 1;
const TWO: usize = 2;
const FIVE: usize = 5;

fn main() {
    match arguments().as_slice() {
        [role] if role == "server" => server(),
        [role, rounds] if role == "client" => client(rounds.parse().expect("a number")),
        other => panic!("server, or client ROUNDS; not {other:?}"),
    }
}

/// Adds up what it gets without answering; tells the sum.
fn server() {
    let sid = xous::create_server_with_sid(sid(NAME)).expect("a server");
    let mut sum = 0;
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        let (sender, id) = (envelope.sender, envelope.id());
        let [a, b, c, d] = words(&envelope.body);
        match id {
            COUNT => sum += a + b + c + d,
            ONE => xous::return_scalar(sender, sum).expect("an answer"),
            TWO => xous::return_scalar2(sender, a + b, c + d).expect("an answer"),
            FIVE => xous::return_scalar5(sender, a, b, c, d, id).expect("an answer"),
            other => panic!("no such message: {other}"),
        }
    }
}

fn words(message: &Message) -> [usize; 4] {
    let body = message.scalar_message().expect("a scalar");
    [body.arg1, body.arg2, body.arg3, body.arg4]
}

fn client(rounds: usize) {
    let server = xous::connect(sid(NAME)).expect("a connection");
    let before = ask(server, ONE, 0).expect("an answer");
    for round in 0..rounds {
        let message = Message::new_scalar(COUNT, round, 1, 2, 3);
        assert_eq!(xous::send_message(server, message), Ok(Result::Ok));
        let message = Message::new_blocking_scalar(TWO, round, 1, 2, 3);
        let answer = xous::send_message(server, message);
        assert_eq!(answer, Ok(Result::Scalar2(round + 1, 5)));
        let message = Message::new_blocking_scalar(FIVE, 1, 2, 3, round);
        let answer = xous::send_message(server, message);
        assert_eq!(answer, Ok(Result::Scalar5(1, 2, 3, round, FIVE)));
    }
    let sum = rounds * rounds.saturating_sub(1) / 2 + 6 * rounds;
    let counted = ask(server, ONE, 0).expect("an answer") - before;
    assert!(
        counted >= sum,
        "{counted} is less than the {sum} that were sent here"
    );
    done()
}
