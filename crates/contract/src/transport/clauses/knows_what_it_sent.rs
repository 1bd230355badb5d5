use bytes::Bytes;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{Delivery, Repeatability, TransportError};

use crate::patience::drop_once;
use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, good};
use crate::transport::call::Ask;
use crate::transport::peer::{Play, Reply, Unsolicited};
use crate::transport::{Scenario, Stage};

use super::before_the_first_byte;
use super::own_response::{ROUNDS, its_own_or_not_sent};

/// More than fits into the buffers between a transport and its peer.
const LARGE: usize = 16 * 1024 * 1024;

pub(crate) async fn knows_what_it_sent(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("knows what it sent");
    refused(stage, &mut clause).await;
    closed_at_once(stage, &mut clause).await;
    closed_later(stage, &mut clause).await;
    while_it_waits(stage, &mut clause).await;
    after_an_end(stage, &mut clause).await;
    before_the_first_byte::ends(stage, &mut clause).await;
    clause
}

/// Without a connection, the service can't have responded.
async fn refused(stage: &dyn Stage, clause: &mut Clause) {
    let play = Play::Refuses;
    let Some(bench) = Bench::set(stage, Scenario::Unreachable, play, clause).await else {
        return;
    };
    let sent = bench.send().await;
    let unanswered = |error: &TransportError| error.delivery() != Delivery::Answered;
    clause.holds(sent.error().is_some_and(unanswered), || {
        format!("nobody listens: {sent}; expected an error other than `Answered`")
    });
}

/// The peer closes before it has received anything, and counts the bytes that still arrive.
async fn closed_at_once(stage: &dyn Stage, clause: &mut Clause) {
    let Some(bench) = Bench::set(stage, Scenario::Connected, Play::HangsUp, clause).await else {
        return;
    };
    let sent = bench.send().await;
    clause.holds(sent.error().is_some(), || {
        format!("a peer that closes at once: {sent}; expected an error")
    });
    tells_the_truth(clause, &bench, &sent, "a peer that closes at once");
}

/// The peer closes while it receives the request, after that, or within its response.
async fn closed_later(stage: &dyn Stage, clause: &mut Clause) {
    let first_bytes = Play::Cuts { after: 1 };
    let whole_request = Play::answers(|_| Reply::new("").closing());
    let part = "HTTP/1.1 201 Created\r\ncontent-length: 12\r\n\r\neyJ9";
    let part_of_response = Play::answers(move |_| Reply::new(part).closing());
    for (what, play) in [
        ("a peer that closes after the first bytes", first_bytes),
        ("a peer that closes without a response", whole_request),
        ("a peer that closes within its response", part_of_response),
    ] {
        let is_cut = matches!(play, Play::Cuts { .. });
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let body = is_cut.then(|| Bytes::from(vec![b' '; LARGE]));
        let sent = bench.ask(Ask { body, named: None }).await;
        tells_the_truth(clause, &bench, &sent, what);
    }
}

/// If bytes arrived, neither the error nor the progress may report that nothing was sent.
fn tells_the_truth(clause: &mut Clause, bench: &Bench, sent: &Sent, what: &str) {
    let bytes = bench.peer.bytes();
    if bytes == 0 {
        return;
    }
    let by_error = sent.error().map(TransportError::delivery);
    clause.holds(by_error != Some(Delivery::NotSent), || {
        format!("{what}: {bytes} bytes arrived, but {sent}; never return `NotSent` then")
    });
    let invites_another =
        sent.error().map(TransportError::repeatability) == Some(Repeatability::Safe);
    clause.holds(!invites_another, || {
        format!(
            "{what}: {bytes} bytes arrived, but the error's repeatability is `Safe`; \
             return `MayRepeat`"
        )
    });
    let phase = sent.attempt.phase();
    clause.holds(phase.delivery() != Delivery::NotSent, || {
        format!(
            "{what}: {bytes} bytes arrived, but the progress is {phase:?}, which counts as not sent; \
             report the phase before its first byte"
        )
    });
}

/// The code that holds the call's deadline reads the progress while the call waits.
async fn while_it_waits(stage: &dyn Stage, clause: &mut Clause) {
    let play = Play::answers(|request| good(request).held());
    let Some(bench) = Bench::set(stage, Scenario::Dropped, play, clause).await else {
        return;
    };
    let (held, progress) = (bench.call(Ask::default()), Progress::default());
    let waiting = held.make(&progress);
    let heard = || bench.peer.heard().len() == 1;
    let dropped = drop_once(bench.patience, waiting, heard).await;
    clause.holds(dropped, || {
        "a call must send its request and wait for a response that the peer holds back".to_owned()
    });
    let phase = progress.phase();
    clause.holds(phase.delivery() != Delivery::NotSent, || {
        format!("the request has arrived, but the progress is {phase:?}, which counts as not sent")
    });
    bench.peer.release();
}

/// A transport that checks a kept connection sees an end that arrived before the call's first byte.
async fn after_an_end(stage: &dyn Stage, clause: &mut Clause) {
    for (what, unsolicited) in [
        ("the end of an idle connection", Unsolicited::End),
        ("the reset of an idle connection", Unsolicited::Reset),
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
