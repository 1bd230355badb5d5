use bytes::Bytes;

use crate::report::Clause;
use crate::transport::bench::{Bench, answer};
use crate::transport::peer::{Play, Reply};
use crate::transport::{Scenario, Stage};

const BODY: &str = "eyJ9.a.b.c.d";

const CHUNKED: &str = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n\
    5\r\neyJ9.\r\n7\r\na.b.c.d\r\n0\r\n\r\n";

pub(crate) async fn whole_or_not_at_all(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("whole or not at all");
    let with_length = answer("201 Created", "v-c-correlation-id: 77\r\n", BODY);
    // A chunked body is complete once its last chunk has arrived (RFC 9112 §8), before the final CRLF.
    let last_chunk = CHUNKED.len() - "0\r\n\r\n".len();
    for (bytes, whole) in [(&*with_length, with_length.len()), (CHUNKED, last_chunk)] {
        in_pieces(stage, &mut clause, bytes).await;
        cut(stage, &mut clause, bytes, whole).await;
    }
    clause
}

/// Tests that a response that arrives byte by byte is the same response.
async fn in_pieces(stage: &dyn Stage, clause: &mut Clause, bytes: &str) {
    let bytes = Bytes::copy_from_slice(bytes.as_bytes());
    let play = Play::answers(move |_| {
        let pieces = bytes.clone().into_iter();
        Reply::pieces(pieces.map(|byte| Bytes::copy_from_slice(&[byte]))).closing()
    });
    if let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await {
        let sent = bench.send().await;
        clause.holds(sent.is(201, BODY.as_bytes()), || {
            format!("a valid response, byte by byte: {sent}; expected the response")
        });
    }
}

/// Tests that a response that is cut anywhere is no response.
async fn cut(stage: &dyn Stage, clause: &mut Clause, bytes: &str, whole: usize) {
    let bytes = Bytes::copy_from_slice(bytes.as_bytes());
    let all = bytes.clone();
    let play = Play::answers(move |request| {
        let part = all.slice(..request.min(all.len()));
        Reply::new(part).closing()
    });
    let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
        return;
    };
    for after in 0..whole {
        let sent = bench.send().await;
        let requests = bench.peer.heard().len();
        clause.holds(sent.error().is_some() && requests == after + 1, || {
            let length = bytes.len();
            format!(
                "a response cut after {after} of {length} bytes must be an error: {sent}; \
                 expected {} requests in total, got {requests}",
                after + 1
            )
        });
        if requests != after + 1 {
            // From here on, the cuts are no longer at the intended bytes.
            return;
        }
    }
}
