use std::iter::{once, repeat_n};

use bytes::Bytes;
use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use payment_credentials_core::{Delivery, Repeatability, TransportError};

use crate::report::Clause;
use crate::transport::bench::{Bench, answer};
use crate::transport::peer::{Play, Reply};
use crate::transport::{Scenario, Stage};

/// How many bytes the peer sends in a response that should never be read to its end.
///
/// The number is finite, so that a transport without a cap reaches the end and is reported.
const FLOOD: usize = 8 * 1024 * 1024;

const PIECE: usize = 16 * 1024;

pub(crate) async fn bounded(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("bounded");
    bodies(stage, &mut clause).await;
    floods(stage, &mut clause).await;
    clause
}

/// Tests that the cap on a body is exact.
async fn bodies(stage: &dyn Stage, clause: &mut Clause) {
    for length in [MAX_RESPONSE_BODY, MAX_RESPONSE_BODY + 1] {
        let body = "d".repeat(length);
        let whole = body.clone();
        let play = Play::answers(move |_| Reply::new(answer("201 Created", "", &body)).closing());
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let sent = bench.send().await;
        let held = match length {
            MAX_RESPONSE_BODY => sent.is(201, whole.as_bytes()),
            _ => is_refused_and_was_sent(sent.error()),
        };
        clause.holds(held, || {
            format!("a body of {length} bytes with a cap of {MAX_RESPONSE_BODY}: {sent}")
        });
    }
}

/// Whether an error is neither `NotSent` nor `Safe`: both would be wrong, because the service had the
/// request.
fn is_refused_and_was_sent(error: Option<&TransportError>) -> bool {
    error.is_some_and(|error| {
        error.delivery() != Delivery::NotSent && error.repeatability() != Repeatability::Safe
    })
}

/// Tests that an endless response is not read to its end.
async fn floods(stage: &dyn Stage, clause: &mut Clause) {
    let line = "x".repeat(PIECE);
    let lines = "x: y\r\n".repeat(PIECE / 6);
    let chunk = format!("{PIECE:x}\r\n{line}\r\n");
    let body = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n";
    let extension = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n2;x=";
    let end = "\r\ncontent-length: 2\r\n\r\n{}";
    for (what, start, piece, end) in [
        ("a body in chunks", body, chunk, "0\r\n\r\n"),
        (
            "a chunk's extension",
            extension,
            line.clone(),
            "\r\n{}\r\n0\r\n\r\n",
        ),
        ("a header", "HTTP/1.1 201 Created\r\nx: ", line, end),
        (
            "a head of many headers",
            "HTTP/1.1 201 Created\r\n",
            lines,
            &end[2..],
        ),
    ] {
        let piece = Bytes::from(piece);
        let play = Play::answers(move |_| {
            let flood = repeat_n(piece.clone(), FLOOD / PIECE);
            let all = once(start.into()).chain(flood).chain(once(end.into()));
            Reply::pieces(all).closing()
        });
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let sent = bench.send().await;
        clause.holds(is_refused_and_was_sent(sent.error()), || {
            format!(
                "{what} of {FLOOD} bytes: {sent}; expected an error, neither `NotSent` nor `Safe`"
            )
        });
    }
}
