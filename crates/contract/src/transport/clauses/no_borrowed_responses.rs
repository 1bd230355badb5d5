use bytes::Bytes;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use payment_credentials_core::{Delivery, TransportError};

use crate::patience::{drop_after, drop_once, until};
use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, answer, body, good};
use crate::transport::call::Ask;
use crate::transport::peer::{Play, Reply, Unasked};
use crate::transport::{Scenario, Stage};

use super::before_the_first_byte;

pub(crate) async fn no_borrowed_responses(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("no borrowed responses");
    after_a_fault(stage, &mut clause).await;
    after_a_body_over_the_cap(stage, &mut clause).await;
    after_two_responses(stage, &mut clause).await;
    after_a_dropped_call(stage, &mut clause).await;
    after_a_call_dropped_anywhere(stage, &mut clause).await;
    after_an_unasked_response(stage, &mut clause).await;
    after_a_greeting(stage, &mut clause).await;
    before_the_first_byte::strays(stage, &mut clause).await;
    clause
}

/// Answers with a fault, after which the connection stays open.
const FAULTS: [(&str, &str); 5] = [
    ("garbage", "garbage\r\n\r\n"),
    (
        "a length that is none",
        "HTTP/1.1 201 Created\r\ncontent-length: x\r\n\r\n{}",
    ),
    (
        "two lengths",
        "HTTP/1.1 201 Created\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    ),
    (
        "a chunk that is none",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ),
    (
        "a refusal with a chunk that is none",
        "HTTP/1.1 502 Bad\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ),
];

async fn after_a_fault(stage: &dyn Stage, clause: &mut Clause) {
    for (fault, bytes) in FAULTS {
        let play = Play::answers(move |request| match request {
            0 => Reply::new(bytes),
            _ => good(request),
        });
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        // What becomes of this call is for other clauses.
        let _ = bench.send().await;
        let second = bench.send().await;
        its_own_response(clause, &bench, &second, 1, fault);
        on_another_connection(clause, &bench, fault);
    }
}

/// What a transport has left unread of a refusal isn't the next call's response.
async fn after_a_body_over_the_cap(stage: &dyn Stage, clause: &mut Clause) {
    let large = "d".repeat(MAX_RESPONSE_BODY + 1);
    let play = Play::answers(move |request| match request {
        0 => Reply::new(answer("403 Forbidden", "", &large)),
        _ => good(request),
    });
    if let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await {
        let _ = bench.send().await;
        let second = bench.send().await;
        its_own_response(clause, &bench, &second, 1, "a body over the cap");
    }
}

/// A second response on a connection belongs to nobody.
async fn after_two_responses(stage: &dyn Stage, clause: &mut Clause) {
    let play = Play::answers(|request| {
        let one = answer("201 Created", "", &body(request));
        let stray = answer("201 Created", "", "eyJ9.stray");
        Reply::new(one + &stray)
    });
    let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
        return;
    };
    for call in 0..3 {
        let sent = bench.send().await;
        its_own_response(clause, &bench, &sent, call, "two responses at once");
    }
}

/// The response to a call that was dropped comes late.
async fn after_a_dropped_call(stage: &dyn Stage, clause: &mut Clause) {
    let late = |request| match request {
        0 => good(request).held(),
        _ => good(request),
    };
    let Some(bench) = Bench::set(stage, Scenario::Dropped, Play::answers(late), clause).await
    else {
        return;
    };
    let (call, progress) = (bench.call(Ask::default()), Progress::default());
    let waiting = call.make(&progress);
    let heard = || bench.peer.heard().len() == 1;
    let dropped = drop_once(bench.patience, waiting, heard).await;
    clause.holds(dropped, || {
        "a call whose response is held back didn't wait for it".to_owned()
    });
    bench.peer.release();
    let next = bench.send().await;
    its_own_response(clause, &bench, &next, 1, "a dropped call");
    on_another_connection(clause, &bench, "a dropped call");
}

/// A call may be dropped at any of its polls, while it takes a connection too.
async fn after_a_call_dropped_anywhere(stage: &dyn Stage, clause: &mut Clause) {
    for polls in 1..=8 {
        let greeting = Bytes::new();
        let play = Play::Echoes { greeting };
        let Some(bench) = Bench::set(stage, Scenario::Dropped, play, clause).await else {
            return;
        };
        // Leaves a connection to take.
        let _ = bench.ask(numbered(0)).await;
        let (call, progress) = (bench.call(numbered(1)), Progress::default());
        let heard = || bench.peer.heard().len() > 1;
        drop_after(bench.patience, polls, call.make(&progress), heard).await;
        drop(call);
        bench.peer.release();
        let next = bench.ask(numbered(2)).await;
        clause.holds(next.is(201, &number(2)), || {
            format!("after a call dropped at poll {polls}: {next}, and not its own response")
        });
    }
}

/// Whole responses that lie in a connection before the next call's first byte.
async fn after_an_unasked_response(stage: &dyn Stage, clause: &mut Clause) {
    let stray = Bytes::from(answer("201 Created", "", "eyJ9.stray"));
    let late = Bytes::from(answer("408 Request Timeout", "", ""));
    for (what, unasked) in [
        ("a response that nobody asked for", Unasked::Says(stray)),
        ("an early 408 and an end", Unasked::SaysAndEnds(late)),
    ] {
        for _ in 0..ROUNDS {
            let play = Play::answers(good);
            let Some(bench) = Bench::set(stage, Scenario::Unasked, play, clause).await else {
                return;
            };
            let _ = bench.send().await;
            bench.peer.surprise(&unasked, bench.patience);
            let before = bench.peer.bytes();
            let next = bench.send().await;
            its_own_or_not_sent(clause, &bench, &next, before, what);
        }
    }
}

/// How often it is tried: on many threads, a runtime may or may not look by itself in between.
pub(super) const ROUNDS: usize = 5;

/// What a peer says before the first byte of a fresh connection may pass for the response, where
/// nothing looks before it writes. The true response then comes behind it, and must reach nobody.
async fn after_a_greeting(stage: &dyn Stage, clause: &mut Clause) {
    let greeting = Bytes::from(answer("201 Created", "", "eyJ9.stray"));
    let play = Play::Echoes { greeting };
    let Some(bench) = Bench::set(stage, Scenario::Unasked, play, clause).await else {
        return;
    };
    bench.peer.release();
    for call in 0..3 {
        let sent = bench.ask(numbered(call)).await;
        let borrowed = sent.answer().is_some_and(|answer| {
            let body = answer.body();
            *body != number(call) && body != "eyJ9.stray"
        });
        clause.holds(!borrowed && sent.outcome.is_some(), || {
            format!("from a peer that speaks first, call {call}: {sent}, another call's")
        });
        // From here on, what is yet to come can be seen before the next call begins.
        until(bench.patience, || bench.peer.has_answered(call + 1)).await;
    }
}

/// A request that its response repeats.
pub(super) fn numbered(call: usize) -> Ask {
    Ask {
        body: Some(number(call)),
        named: None,
    }
}

pub(super) fn number(call: usize) -> Bytes {
    format!("{{\"call\":{call}}}").into()
}

fn its_own_response(clause: &mut Clause, bench: &Bench, sent: &Sent, call: usize, after: &str) {
    let requests = bench.peer.heard().len();
    let is_its_own = sent.is(201, body(call).as_bytes()) && requests == call + 1;
    clause.holds(is_its_own, || {
        format!(
            "after {after}, call {call} in {requests} requests: {sent}, and not its own response"
        )
    });
}

/// What lay in a connection before a call's first byte is neither its response nor its fault.
pub(super) fn its_own_or_not_sent(
    clause: &mut Clause,
    bench: &Bench,
    sent: &Sent,
    before: usize,
    after: &str,
) {
    let arrived = bench.peer.bytes() - before;
    let not_sent = |error: &TransportError| error.delivery() == Delivery::NotSent;
    let is_not_sent = sent.error().is_some_and(not_sent) && arrived == 0;
    clause.holds(is_not_sent || sent.is(201, body(1).as_bytes()), || {
        format!(
            "after {after}: {sent}, and neither its own response nor unsent; {arrived} bytes arrived"
        )
    });
}

fn on_another_connection(clause: &mut Clause, bench: &Bench, after: &str) {
    let heard = bench.peer.heard();
    let connections: Vec<_> = heard.iter().map(|heard| heard.connection).collect();
    let shared = connections.windows(2).any(|two| two.first() == two.last());
    clause.holds(!shared, || {
        format!("after {after}, the next request came on the same connection")
    });
}
