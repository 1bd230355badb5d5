//! Invalid and unusual responses of curl's test suite, over an in-memory pipe and a socket.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{Delivery, Endpoint, PortError, PortErrorKind, UnexpectedResponse};
use payment_credentials_hyper::{HyperPort, Roots};

use crate::peer::{Peer, call};

/// Number, expected outcome, peculiarity and bytes of each case; see the README in the same folder.
const CASES: &str = include_str!("../../../../tests/vectors/http/curl.tsv");

struct Case {
    number: &'static str,
    outcome: &'static str,
    bytes: Vec<u8>,
}

/// How many cases there are.
const COUNT: usize = 49;

fn cases() -> impl Iterator<Item = Case> {
    CASES.lines().map(|line| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().expect("a field");
        let (number, outcome, _oddity) = (field(), field(), field());
        let bytes = unescaped(field());
        Case {
            number,
            outcome,
            bytes,
        }
    })
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        bytes.extend(plain.bytes());
        let (kind, behind) = escaped.split_at(1);
        rest = behind;
        match kind {
            "r" => bytes.push(b'\r'),
            "n" => bytes.push(b'\n'),
            "x" => {
                let (digits, behind) = rest.split_at(2);
                bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                rest = behind;
            }
            "[" => {
                let (count, behind) = rest.split_once('*').expect("a count");
                let (repeated, behind) = behind.split_once("\\]").expect("an end");
                let repeated = unescaped(repeated);
                bytes.extend(repeated.repeat(count.parse().expect("a number")));
                rest = behind;
            }
            other => unreachable!("no such escape: {other:?}"),
        }
    }
    bytes.extend(rest.bytes());
    bytes
}

/// The outcome of a call, as the table names it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what the table doesn't name differs from all that it does"
)]
fn outcome(kind: PortErrorKind) -> &'static str {
    match kind {
        PortErrorKind::Framing => "framing",
        PortErrorKind::Reset => "reset",
        PortErrorKind::Jwe => "token",
        PortErrorKind::Refused(_) => "refused",
        PortErrorKind::Unexpected(UnexpectedResponse::NotTheService) => "not the service",
        PortErrorKind::Unexpected(UnexpectedResponse::Coding) => "coding",
        PortErrorKind::Unexpected(UnexpectedResponse::Empty) => "empty",
        PortErrorKind::Unexpected(UnexpectedResponse::Redirect) => "redirect",
        _ => "not in the table",
    }
}

/// Checks that the call ends as the table says, and that no error claims that nothing was sent.
#[track_caller]
fn check(error: &PortError, case: &Case) {
    assert_eq!(outcome(error.kind()), case.outcome, "{}", case.number);
    let delivery = match case.outcome {
        "framing" | "not the service" | "reset" => Delivery::Unknown,
        _ => Delivery::Answered,
    };
    assert_eq!(error.delivery(), delivery, "{}", case.number);
}

#[tokio::test]
async fn each_response_ends_as_the_table_says() {
    let mut ended = 0;
    for case in cases() {
        let error = Peer::answering(&case.bytes).call().await;
        check(&error.expect_err(case.number), &case);
        ended += 1;
    }
    assert_eq!(ended, COUNT);
}

#[tokio::test]
async fn each_response_ends_the_same_over_a_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    let peer = thread::spawn(move || {
        let mut served = 0;
        for case in cases() {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n{}") {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("the request goes on");
                request.extend(byte);
            }
            // The client may close the connection before it has read everything.
            let _ = stream.write_all(&case.bytes);
            served += 1;
        }
        served
    });
    let endpoint = Endpoint::custom(format!("http://{address}").parse().expect("an address"));
    // A case can't share the connection of another case, since the peer waits for a new one.
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let port = port.max_idle_connections(0).build().expect("a port");
    for case in cases() {
        let error = call(&port).await.expect_err(case.number);
        check(&error, &case);
    }
    assert_eq!(peer.join().expect("the peer ends"), COUNT);
}
