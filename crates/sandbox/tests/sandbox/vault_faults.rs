//! Token ids whose responses break without any rule.

use std::time::Duration;

use payment_credentials_sandbox::faults::{Fault, FaultPhase, FaultRule, Match};
use payment_credentials_sandbox::{Authentication, ReceivedRequest, Sandbox, vault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::yield_now;

use super::client::{Answer, Call, connect, start};

async fn edge_page(sandbox: &Sandbox) -> bool {
    let answer = Call::v3(vault::EDGE_PAGE).answer(sandbox).await;
    (answer.status, answer.header("content-type")) == (200, "text/html")
}

#[tokio::test]
async fn their_rules_are_neither_logged_nor_cleared_nor_used_up() {
    let sandbox = start();
    for _ in 0..3 {
        assert!(edge_page(&sandbox).await);
        sandbox.faults().clear();
    }
    assert_eq!(sandbox.faults().log(), []);
    let requests = sandbox.requests();
    assert!(requests.iter().all(|request| request.status() == Some(200)));
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn an_added_rule_breaks_what_they_leave_of_the_response() {
    let sandbox = start();
    let rule = |id: &str| FaultRule::at(FaultPhase::Headers).on(Match::token_id(id));
    let faults = sandbox.faults();
    faults
        .add(rule(vault::EDGE_PAGE).fault(Fault::Status(503)))
        .unwrap();
    faults
        .add(rule(vault::CLOSES).fault(Fault::Status(503)))
        .unwrap();
    assert_eq!(
        Call::v3(vault::EDGE_PAGE).answer(&sandbox).await.status,
        503
    );
    assert!(edge_page(&sandbox).await);
    // Nothing of this response remains for the rule to break, but the rule counts as applied.
    assert!(Call::v3(vault::CLOSES).send(&sandbox).await.is_err());
    assert_eq!(faults.log().len(), 2);
}

#[tokio::test]
async fn a_request_that_is_refused_gets_its_refusal() {
    let strict = Sandbox::start_blocking(Authentication::strict()).unwrap();
    for id in [vault::CLOSES, vault::EDGE_PAGE, vault::NEVER_RESPONDS] {
        assert_eq!(Call::v3(id).answer(&strict).await.status, 401);
        let call = Call::v3(id).without("Accept");
        assert_eq!(call.answer(&start()).await.status, 400);
    }
}

/// The token id is taken from the HTTP request, not from the first bytes that arrived.
#[tokio::test]
async fn they_break_where_the_request_line_comes_in_pieces() {
    let sandbox = start();
    // The log shows when the first piece was read.
    let rule = FaultRule::at(FaultPhase::Write).fault(Fault::Delay(Duration::ZERO));
    sandbox.faults().add(rule).unwrap();
    let mut stream = connect(&sandbox).await.unwrap();
    stream.write_all(b"PO").await.unwrap();
    stream.flush().await.unwrap();
    while sandbox.faults().log().is_empty() {
        yield_now().await;
    }
    let target = format!(
        "ST /tms/v3/tokens/{}/payment-credentials HTTP/1.1\r\n",
        vault::CLOSES
    );
    let rest = "Host: apitest.cybersource.com\r\nContent-Type: application/json;charset=utf-8\r\n\
        Accept: application/jose;charset=utf-8\r\nContent-Length: 2\r\n\r\n{}";
    stream
        .write_all(format!("{target}{rest}").as_bytes())
        .await
        .unwrap();
    stream.flush().await.unwrap();
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    assert_eq!(all, b"");
    assert_eq!(sandbox.requests()[0].status(), None);
}

#[tokio::test]
async fn they_break_their_own_response_and_no_other_on_one_connection() {
    let sandbox = start();
    let mut stream = connect(&sandbox).await.unwrap();
    let ids = [
        vault::VISA,
        vault::EDGE_PAGE,
        vault::VISA,
        vault::OTHER_KEY,
        vault::VISA,
    ];
    // All requests arrive in one TLS record.
    let all: Vec<u8> = ids.iter().flat_map(|id| Call::v3(id).to_bytes()).collect();
    stream.write_all(&all).await.unwrap();
    stream.flush().await.unwrap();
    let mut statuses = Vec::new();
    for _ in ids {
        statuses.push(Answer::read(&mut stream).await.unwrap().status);
    }
    assert_eq!(statuses, [201, 200, 201, 201, 201]);
    let requests = sandbox.requests();
    let recorded = requests.iter().filter_map(ReceivedRequest::status);
    assert!(recorded.eq(statuses));
}
