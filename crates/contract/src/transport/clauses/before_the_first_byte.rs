//! Under TLS: data that arrives before a call's first byte, on a kept connection and on a fresh one.
//!
//! On a fresh connection the peer sends the data in one piece with its own `Finished`, so the data has
//! arrived before the transport can write. Only the end of the socket itself may arrive later. On a kept
//! connection, no peer can hit the time between the transport's check and its first byte, so the peer
//! sends the data before the check.

use bytes::Bytes;
use http::Response;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{Delivery, TransportError};

use crate::patience::drop_after;
use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, answer, good};
use crate::transport::peer::{Play, Unsolicited};
use crate::transport::{Case, Scenario, Stage};

use super::own_response::{ROUNDS, its_own_or_not_sent, number, numbered};

const VERSIONS: [Scenario; 2] = [Scenario::Tls12, Scenario::Tls13];

/// Tests responses without a request, and the records of TLS itself.
pub(super) async fn strays(stage: &dyn Stage, clause: &mut Clause) {
    let stray = Unsolicited::Says(answer("201 Created", "", "eyJ9.stray").into());
    let late = Unsolicited::SaysAndEnds(answer("408 Request Timeout", "", "").into());
    let said = [
        ("an unsolicited response", stray.clone()),
        ("an early 408 and an end", late),
    ];
    let mut differs = None;
    for version in VERSIONS {
        // If the version isn't staged, this records it once.
        if kept(stage, version, &said, clause).await.is_none() {
            continue;
        }
        let it_differs = fresh(stage, version, &said, clause).await;
        differs = Some(it_differs || differs == Some(true));
        dropped(stage, version, &stray, clause).await;
    }
    own_records(stage, clause).await;
    // If neither version is staged, nothing is known about the case.
    if let Some(differs) = differs {
        clause.differs(&Case::Greetings, stage.differs(), differs);
    }
}

/// Tests an end of TLS, or of the connection below it.
pub(super) async fn ends(stage: &dyn Stage, clause: &mut Clause) {
    let said = [
        ("a close_notify", Unsolicited::CloseNotify),
        ("an end without close_notify", Unsolicited::End),
    ];
    let reset = [("a reset", Unsolicited::Reset)];
    let mut differs = None;
    for version in VERSIONS {
        if kept(stage, version, &said, clause).await.is_some() {
            let _ = kept(stage, version, &reset, clause).await;
            let it_differs = fresh(stage, version, &said, clause).await;
            differs = Some(it_differs || differs == Some(true));
        }
    }
    if let Some(differs) = differs {
        clause.differs(&Case::Greetings, stage.differs(), differs);
    }
}

/// Tests a connection that is idle between two calls.
async fn kept(
    stage: &dyn Stage,
    version: Scenario,
    said: &[(&str, Unsolicited)],
    clause: &mut Clause,
) -> Option<()> {
    for (what, unsolicited) in said {
        for _ in 0..ROUNDS {
            let bench = Bench::set(stage, version, Play::answers(good), clause).await?;
            let first = bench.send().await;
            clause.holds(first.answer().is_some(), || {
                format!("{version:?}, first call: {first}")
            });
            bench.peer.surprise(unsolicited, bench.patience);
            let before = bench.peer.bytes();
            let next = bench.send().await;
            let after = format!("{what} ({version:?})");
            its_own_or_not_sent(clause, &bench, &next, before, &after);
        }
    }
    Some(())
}

/// Tests a fresh connection. Returns whether the outcome of any call differs from what the clause
/// demands.
async fn fresh(
    stage: &dyn Stage,
    version: Scenario,
    said: &[(&str, Unsolicited)],
    clause: &mut Clause,
) -> bool {
    let is_declared = |(case, _): &(Case, _)| *case == Case::Greetings;
    let is_declared = stage.differs().iter().any(is_declared);
    let mut differs = false;
    for (what, unsolicited) in said {
        for _ in 0..ROUNDS {
            let play = Play::Greets(unsolicited.clone());
            let Some(bench) = Bench::set(stage, version, play, clause).await else {
                return differs;
            };
            let sent = bench.ask(numbered(0)).await;
            let bytes = bench.peer.bytes();
            // The end of a socket can't be sent in one piece with the handshake: the first byte may
            // leave before the end arrives.
            let may_be_late = matches!(unsolicited, Unsolicited::End) && is_unknown(&sent);
            let held = is_own_or_not_sent(&sent, 0, bytes) || may_be_late;
            differs |= !held;
            clause.holds(held || is_declared && is_unknown(&sent), || {
                format!(
                    "{version:?}, {what} on a fresh connection: {sent}; expected its own response, or \
                     `NotSent` with no byte sent; {bytes} bytes arrived"
                )
            });
            let next = bench.ask(numbered(1)).await;
            clause.holds(next.is(201, &number(1)), || {
                format!(
                    "{version:?}, call after {what} on a fresh connection: {next}; \
                     expected its own response"
                )
            });
        }
    }
    differs
}

/// Tests a call that is dropped anywhere before its first byte, on a connection where an unsolicited
/// response has already arrived.
async fn dropped(stage: &dyn Stage, version: Scenario, stray: &Unsolicited, clause: &mut Clause) {
    let cannot = |(it, _): &(Scenario, _)| *it == Scenario::Dropped;
    if stage.cannot().iter().any(cannot) {
        return;
    }
    for polls in 1..=8 {
        let play = Play::Greets(stray.clone());
        let Some(bench) = Bench::set(stage, version, play, clause).await else {
            return;
        };
        let (call, progress) = (bench.call(numbered(0)), Progress::default());
        let heard = || bench.peer.bytes() > 0;
        drop_after(bench.patience, polls, call.make(&progress), heard).await;
        drop(call);
        for call in 1..3 {
            let sent = bench.ask(numbered(call)).await;
            let is_another = |answer: &Response<Bytes>| *answer.body() != number(call);
            let borrowed = sent.answer().is_some_and(is_another);
            clause.holds(!borrowed && sent.outcome.is_some(), || {
                format!(
                    "{version:?}, after a call dropped at poll {polls}: {sent}; \
                     expected no other call's response"
                )
            });
        }
    }
}

/// Tests that tickets and new keys of TLS 1.3 are no fault and cost no connection.
async fn own_records(stage: &dyn Stage, clause: &mut Clause) -> Option<()> {
    let cannot = |version| stage.cannot().iter().any(|(it, _)| *it == version);
    if cannot(Scenario::Tls13) {
        return None;
    }
    // TLS 1.2 has neither, so it shows how many connections this transport makes by itself.
    let usual = if cannot(Scenario::Tls12) {
        None
    } else {
        let bench = Bench::set(stage, Scenario::Tls12, Play::answers(good), clause).await?;
        for _ in 0..CALLS {
            let _ = bench.send().await;
        }
        Some(bench.peer.connections())
    };
    for _ in 0..ROUNDS {
        let play = Play::Greets(Unsolicited::UpdatesKeys);
        let bench = Bench::set(stage, Scenario::Tls13, play, clause).await?;
        for call in 0..CALLS {
            let sent = bench.ask(numbered(call)).await;
            clause.holds(sent.is(201, &number(call)), || {
                format!("Tls13, after tickets and new keys: {sent}; expected its own response")
            });
            bench
                .peer
                .surprise(&Unsolicited::UpdatesKeys, bench.patience);
        }
        let dialled = bench.peer.connections();
        clause.holds(usual.is_none_or(|usual| dialled <= usual), || {
            format!("Tls13: tickets and new keys cost connections: {dialled} for {CALLS} calls")
        });
        clause.holds(bench.peer.tls_spoke(), || {
            "Tls13 must be staged with a ticket after the handshake".to_owned()
        });
    }
    Some(())
}

const CALLS: usize = 4;

/// A declaration excuses `Unknown`, but never an unsolicited response.
fn is_unknown(sent: &Sent) -> bool {
    let unknown = |error: &TransportError| error.delivery() == Delivery::Unknown;
    sent.error().is_some_and(unknown)
}

/// Whether data that came before a call's first byte was taken neither for its response nor for its
/// fault.
fn is_own_or_not_sent(sent: &Sent, call: usize, bytes: usize) -> bool {
    let not_sent = |error: &TransportError| error.delivery() == Delivery::NotSent;
    let own: Bytes = number(call);
    sent.is(201, &own) || bytes == 0 && sent.error().is_some_and(not_sent)
}
