use bytes::Bytes;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::wire::MAX_RESPONSE_BODY;

use crate::patience::{drop_after, drop_once, until};
use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, answer, body, good};
use crate::transport::call::Ask;
use crate::transport::peer::{Play, Reply, Unsolicited};
use crate::transport::{Scenario, Stage};

use super::before_the_first_byte;
use super::own_response::{ROUNDS, its_own_or_not_sent, number, numbered};

pub(crate) async fn no_borrowed_responses(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("no borrowed responses");
    after_a_fault(stage, &mut clause).await;
    after_a_body_over_the_cap(stage, &mut clause).await;
    after_two_responses(stage, &mut clause).await;
    after_a_dropped_call(stage, &mut clause).await;
    after_a_call_dropped_anywhere(stage, &mut clause).await;
    after_an_unsolicited_response(stage, &mut clause).await;
    after_a_greeting(stage, &mut clause).await;
    before_the_first_byte::strays(stage, &mut clause).await;
    clause
}

/// Faulty responses, after which the connection stays open.
const FAULTS: [(&str, &str); 5] = [
    ("garbage", "garbage\r\n\r\n"),
    (
        "a length that is no number",
        "HTTP/1.1 201 Created\r\ncontent-length: x\r\n\r\n{}",
    ),
    (
        "two lengths",
        "HTTP/1.1 201 Created\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    ),
    (
        "a chunk size that is no number",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ),
    (
        "a refusal with a chunk size that is no number",
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
        // Other clauses test the outcome of this call.
        let _ = bench.send().await;
        let second = bench.send().await;
        its_own_response(clause, &bench, &second, 1, fault);
        on_another_connection(clause, &bench, fault);
    }
}

/// The part of a refusal that a transport has not read isn't the next call's response.
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

/// A second response on a connection belongs to no call.
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

/// The response to a dropped call arrives after the drop.
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
        "a call must send its request and wait for a response that the peer holds back".to_owned()
    });
    bench.peer.release();
    let next = bench.send().await;
    its_own_response(clause, &bench, &next, 1, "a dropped call");
    on_another_connection(clause, &bench, "a dropped call");
}

/// A call may be dropped at any of its polls, even while it takes a connection.
async fn after_a_call_dropped_anywhere(stage: &dyn Stage, clause: &mut Clause) {
    for polls in 1..=8 {
        let greeting = Bytes::new();
        let play = Play::Echoes { greeting };
        let Some(bench) = Bench::set(stage, Scenario::Dropped, play, clause).await else {
            return;
        };
        // Leaves a connection for the next call to take.
        let _ = bench.ask(numbered(0)).await;
        let (call, progress) = (bench.call(numbered(1)), Progress::default());
        let heard = || bench.peer.heard().len() > 1;
        drop_after(bench.patience, polls, call.make(&progress), heard).await;
        drop(call);
        bench.peer.release();
        let next = bench.ask(numbered(2)).await;
        clause.holds(next.is(201, &number(2)), || {
            format!("after a call dropped at poll {polls}: {next}; expected its own response")
        });
    }
}

/// Complete responses that have arrived on a connection before the next call's first byte.
async fn after_an_unsolicited_response(stage: &dyn Stage, clause: &mut Clause) {
    let stray = Bytes::from(answer("201 Created", "", "eyJ9.stray"));
    let late = Bytes::from(answer("408 Request Timeout", "", ""));
    for (what, unsolicited) in [
        ("an unsolicited response", Unsolicited::Says(stray)),
        ("an early 408 and an end", Unsolicited::SaysAndEnds(late)),
    ] {
        for _ in 0..ROUNDS {
            let play = Play::answers(good);
            let Some(bench) = Bench::set(stage, Scenario::Unsolicited, play, clause).await else {
                return;
            };
            let _ = bench.send().await;
            bench.peer.surprise(&unsolicited, bench.patience);
            let before = bench.peer.bytes();
            let next = bench.send().await;
            its_own_or_not_sent(clause, &bench, &next, before, what);
        }
    }
}

/// If a transport doesn't check a fresh connection before it writes, it may take a response that the
/// peer sent before the first byte for the response to its request. The true response then arrives after
/// that one, and no call may return it.
async fn after_a_greeting(stage: &dyn Stage, clause: &mut Clause) {
    let greeting = Bytes::from(answer("201 Created", "", "eyJ9.stray"));
    let play = Play::Echoes { greeting };
    let Some(bench) = Bench::set(stage, Scenario::Unsolicited, play, clause).await else {
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
            format!(
                "call {call}, to a peer that sends a response first: {sent}; \
                 expected no other call's response"
            )
        });
        // Waits until the peer has sent everything for this call, so that the next call can see it
        // before it begins.
        until(bench.patience, || bench.peer.has_answered(call + 1)).await;
    }
}

fn its_own_response(clause: &mut Clause, bench: &Bench, sent: &Sent, call: usize, after: &str) {
    let requests = bench.peer.heard().len();
    let is_its_own = sent.is(201, body(call).as_bytes()) && requests == call + 1;
    clause.holds(is_its_own, || {
        format!(
            "after {after}, call {call} must return its own response: {sent}; \
             expected {} requests in total, got {requests}",
            call + 1
        )
    });
}

fn on_another_connection(clause: &mut Clause, bench: &Bench, after: &str) {
    let heard = bench.peer.heard();
    let connections: Vec<_> = heard.iter().map(|heard| heard.connection).collect();
    let shared = connections.windows(2).any(|two| two.first() == two.last());
    clause.holds(!shared, || {
        format!(
            "after {after}, the next request must come on another connection, but came on the same"
        )
    });
}
