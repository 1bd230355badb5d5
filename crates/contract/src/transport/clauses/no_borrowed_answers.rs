use payment_credentials_core::seam::Progress;
use payment_credentials_core::wire::MAX_ANSWER_BODY;

use crate::patience::drop_once;
use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, answer, body, good};
use crate::transport::call::Ask;
use crate::transport::peer::{Play, Reply};
use crate::transport::{Scenario, Stage};

pub(crate) async fn no_borrowed_answers(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("no borrowed answers");
    after_a_fault(stage, &mut clause).await;
    after_a_body_over_the_cap(stage, &mut clause).await;
    after_two_answers(stage, &mut clause).await;
    after_a_dropped_call(stage, &mut clause).await;
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
        its_own_answer(clause, &bench, &second, 1, fault);
        on_another_connection(clause, &bench, fault);
    }
}

/// What a transport has left unread of a refusal isn't the next call's answer.
async fn after_a_body_over_the_cap(stage: &dyn Stage, clause: &mut Clause) {
    let large = "d".repeat(MAX_ANSWER_BODY + 1);
    let play = Play::answers(move |request| match request {
        0 => Reply::new(answer("403 Forbidden", "", &large)),
        _ => good(request),
    });
    if let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await {
        let _ = bench.send().await;
        let second = bench.send().await;
        its_own_answer(clause, &bench, &second, 1, "a body over the cap");
    }
}

/// A second answer on a connection belongs to nobody.
async fn after_two_answers(stage: &dyn Stage, clause: &mut Clause) {
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
        its_own_answer(clause, &bench, &sent, call, "two answers at once");
    }
}

/// The answer to a call that was dropped comes late.
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
        "a call whose answer is held back didn't wait for it".to_owned()
    });
    bench.peer.release();
    let next = bench.send().await;
    its_own_answer(clause, &bench, &next, 1, "a dropped call");
    on_another_connection(clause, &bench, "a dropped call");
}

fn its_own_answer(clause: &mut Clause, bench: &Bench, sent: &Sent, call: usize, after: &str) {
    let requests = bench.peer.heard().len();
    let is_its_own = sent.is(201, body(call).as_bytes()) && requests == call + 1;
    clause.holds(is_its_own, || {
        format!("after {after}, call {call} in {requests} requests: {sent}, and not its own answer")
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
