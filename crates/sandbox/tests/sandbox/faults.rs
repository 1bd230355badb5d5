//! Fault rules: where they break something, how often, and how a run is repeated.

use std::io::ErrorKind;

use payment_credentials_sandbox::faults::{Fault, FaultPhase, FaultRule, FaultRuleError, Match};
use payment_credentials_sandbox::{Sandbox, vault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::{Answer, Call, connect, start};

fn breaking(rule: FaultRule) -> Sandbox {
    let sandbox = start();
    sandbox.faults().add(rule).unwrap();
    sandbox
}

/// All bytes of a response, and how it ended.
async fn received(sandbox: &Sandbox) -> (usize, Option<ErrorKind>) {
    let mut stream = connect(sandbox).await.unwrap();
    Call::v3(vault::VISA).write(&mut stream).await.unwrap();
    let mut all = Vec::new();
    let ended = stream.read_to_end(&mut all).await;
    (all.len(), ended.err().map(|error| error.kind()))
}

#[tokio::test]
async fn a_rule_applies_once_and_no_more() {
    let sandbox = breaking(FaultRule::at(FaultPhase::Headers).fault(Fault::Status(503)));
    let statuses = [
        Call::v3(vault::VISA).answer(&sandbox).await.status,
        Call::v3(vault::VISA).answer(&sandbox).await.status,
    ];
    assert_eq!(statuses, [503, 201]);
    assert_eq!(sandbox.faults().log().len(), 1);
}

#[tokio::test]
async fn a_rule_for_the_second_request_minds_no_other_even_on_one_connection() {
    let rule = FaultRule::at(FaultPhase::Headers).on(Match::nth_request(2));
    let sandbox = breaking(rule.fault(Fault::Status(404)).times(u32::MAX));
    let mut stream = connect(&sandbox).await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        Call::v3(vault::VISA).write(&mut stream).await.unwrap();
        statuses.push(Answer::read(&mut stream).await.unwrap().status);
    }
    assert_eq!(statuses, [201, 404, 201]);
    assert_eq!(sandbox.faults().log()[0].request(), Some(2));
}

#[tokio::test]
async fn a_rule_for_a_token_id_minds_no_other() {
    let rule = FaultRule::at(FaultPhase::Headers).on(Match::token_id(vault::MASTERCARD));
    let sandbox = breaking(rule.fault(Fault::Status(410)));
    assert_eq!(Call::v3(vault::VISA).answer(&sandbox).await.status, 201);
    assert_eq!(
        Call::v3(vault::MASTERCARD).answer(&sandbox).await.status,
        410
    );
}

#[tokio::test]
async fn a_reset_is_an_rst_and_a_close_is_not() {
    for phase in [FaultPhase::Write, FaultPhase::Headers, FaultPhase::Body] {
        let sandbox = breaking(FaultRule::at(phase).fault(Fault::Reset));
        let (_, ended) = received(&sandbox).await;
        assert_eq!(ended, Some(ErrorKind::ConnectionReset), "{phase:?}");

        let sandbox = breaking(FaultRule::at(phase).fault(Fault::Close));
        let (_, ended) = received(&sandbox).await;
        assert_eq!(ended, None, "{phase:?}");
    }
    for phase in [FaultPhase::Connect, FaultPhase::Tls] {
        let sandbox = breaking(FaultRule::at(phase).fault(Fault::Reset));
        let error = connect(&sandbox).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{phase:?}");
        assert_eq!(sandbox.faults().log()[0].connection(), 1);
        connect(&sandbox).await.unwrap();
    }
}

/// A socket that is dropped while it has unread bytes sends an RST.
#[tokio::test]
async fn a_close_is_clean_though_nothing_was_read() {
    let sandbox = breaking(
        FaultRule::at(FaultPhase::Connect)
            .fault(Fault::Close)
            .times(u32::MAX),
    );
    for _ in 0..50 {
        let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let read = stream.read_to_end(&mut Vec::new()).await;
        assert_eq!(read.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_request_that_breaks_while_it_is_written_is_not_acted_upon() {
    let sandbox = breaking(FaultRule::at(FaultPhase::Write).fault(Fault::Close));
    received(&sandbox).await;
    assert_eq!((sandbox.requests().len(), sandbox.minted()), (0, 0));
    let sandbox = breaking(FaultRule::at(FaultPhase::Headers).fault(Fault::Close));
    received(&sandbox).await;
    assert_eq!((sandbox.requests().len(), sandbox.minted()), (1, 1));
}

#[tokio::test]
async fn a_spoilt_record_is_seen_by_tls_and_nobody_else() {
    let sandbox = breaking(FaultRule::at(FaultPhase::Body).fault(Fault::FlipBit));
    // The number of bytes before the corrupted record depends on timing: if two records are read
    // together, TLS delivers neither.
    let (_, ended) = received(&sandbox).await;
    assert_eq!(ended, Some(ErrorKind::InvalidData));
    assert_eq!((sandbox.requests().len(), sandbox.minted()), (1, 1));
}

#[tokio::test]
async fn whoever_shows_the_certificate_of_another_host_is_found_out() {
    let sandbox = breaking(FaultRule::at(FaultPhase::Tls).fault(Fault::WrongIdentity));
    let error = connect(&sandbox).await.unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn the_log_replays_the_run() {
    let sandbox = breaking(
        FaultRule::at(FaultPhase::Body)
            .fault(Fault::Cut)
            .times(3)
            .seeded(7),
    );
    let mut run = Vec::new();
    for _ in 0..4 {
        run.push(received_of_whole(&sandbox).await);
    }
    assert_ne!(run[0], run[1], "each time another byte");
    let script = sandbox.faults().log_json();

    let again = start();
    again.faults().add_json(&script).unwrap();
    for expected in run {
        assert_eq!(received_of_whole(&again).await, expected, "{script}");
    }
    assert_eq!(again.faults().log(), sandbox.faults().log());
    assert_eq!(again.faults().log_json(), script);
}

/// Receives all bytes of a response on a connection that isn't kept, and returns their number.
async fn received_of_whole(sandbox: &Sandbox) -> usize {
    let mut stream = connect(sandbox).await.unwrap();
    let call = Call::v3(vault::VISA).with("Connection", "close");
    call.write(&mut stream).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    all.len()
}

#[test]
fn a_fault_where_it_cannot_be_is_refused() {
    let sandbox = start();
    let rule = FaultRule::at(FaultPhase::Connect).fault(Fault::Redirect);
    let error = sandbox.faults().add(rule).unwrap_err();
    assert!(matches!(error, FaultRuleError::Nowhere { .. }), "{error}");
    let text = r#"[{"phase":"headers","fault":"reset"},{"phase":"tls","fault":"redirect"}]"#;
    assert!(sandbox.faults().add_json(text).is_err());
    let rest = r#"[{"phase":"headers","fault":"resett"}]"#;
    let error = sandbox.faults().add_json(rest).unwrap_err().to_string();
    assert!(error.starts_with("rule 1: must have a fault"), "{error}");
}

#[tokio::test]
async fn cleared_rules_break_nothing() {
    let sandbox = breaking(
        FaultRule::at(FaultPhase::Headers)
            .fault(Fault::Reset)
            .times(u32::MAX),
    );
    sandbox.faults().clear();
    assert_eq!(Call::v3(vault::VISA).answer(&sandbox).await.status, 201);
}
