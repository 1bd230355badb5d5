use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use payment_credentials_core::{CorrelationId, PortError, PortErrorKind};

use crate::report::Clause;
use crate::transport::bench::{Bench, Sent};
use crate::transport::peer::{Play, Reply};
use crate::transport::{Scenario, Stage};

/// How a body can fail after a valid head: the header that frames the body, and the body.
const BROKEN: [(&str, &str); 3] = [
    ("content-length: 900", "{"),
    ("transfer-encoding: chunked", "9\r\n{"),
    ("transfer-encoding: chunked", "zz\r\n"),
];

pub(crate) async fn the_head_is_reported(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("the head is reported");
    for (framing, body) in BROKEN {
        broken(stage, &mut clause, framing, body).await;
    }
    let length = format!("content-length: {}", MAX_RESPONSE_BODY + 1);
    broken(
        stage,
        &mut clause,
        &length,
        &"d".repeat(MAX_RESPONSE_BODY + 1),
    )
    .await;
    clause
}

/// Rows G5 and G6: a refusal remains a refusal whatever happens to its body, and the error of a success
/// that is cut carries status and id.
async fn broken(stage: &dyn Stage, clause: &mut Clause, framing: &str, body: &str) {
    for (status, line) in [(201, "201 Created"), (410, "410 Gone"), (502, "502 Bad")] {
        let response =
            format!("HTTP/1.1 {line}\r\nv-c-correlation-id: 77\r\n{framing}\r\n\r\n{body}");
        let play = Play::answers(move |_| Reply::new(response.clone()).closing());
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let sent = bench.send().await;
        clause.holds(is_told(&sent, status), || {
            let reported = sent.reported.as_ref().map(PortError::to_string);
            format!(
                "a broken body ({framing}) after status {status}: {sent}; the gateway's caller must \
                 get this status and the correlation id, but gets {reported:?}"
            )
        });
    }
}

fn is_told(sent: &Sent, status: u16) -> bool {
    let Some(reported) = &sent.reported else {
        return false;
    };
    let id = reported.correlation_id().map(CorrelationId::as_str);
    let is_refusal = matches!(reported.kind(), PortErrorKind::Refused(_));
    reported.status() == Some(status) && id == Some("77") && is_refusal == (status >= 400)
}
