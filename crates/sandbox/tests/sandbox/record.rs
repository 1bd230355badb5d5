//! The record of each request: where it came from, what was wrong with it, and at which stage.

use std::io::ErrorKind;
use std::time::{Duration, UNIX_EPOCH};

use payment_credentials_sandbox::vault::{NOT_FOUND, VISA};
use payment_credentials_sandbox::{Checked, Policy, ReceivedRequest, Sandbox, Stage, Verdict};
use rustls::RootCertStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::start as start_open;
use super::client::{Answer, Call, config, connect, handshake};
use super::mle_sealing::{Sealed, signed};
use super::signer::{BODY, Jwt, NOW, Signing, secret, start};

/// The first objection as stage, check, expected and received value.
fn objection(request: &ReceivedRequest) -> (Stage, String, String, String) {
    let first = request.objections().next().unwrap();
    let [check, expected, got] = [first.name(), first.expected(), first.got()].map(str::to_owned);
    (first.stage(), check, expected, got)
}

/// Waits for the record of a request that has no response.
async fn recorded(sandbox: &Sandbox, number: u64) -> ReceivedRequest {
    sandbox.follow_since(number - 1).next().await.unwrap()
}

/// Signs with the sandbox's shared secret, as the policies of these tests know it.
fn sound(sandbox: &Sandbox) -> Call {
    let signing = secret(sandbox.merchant().shared_secret());
    let jwt = Jwt::of(sandbox).signed(Signing::Hmac(&signing));
    Call::v3(VISA)
        .body(BODY)
        .with("Authorization", &format!("Bearer {jwt}"))
}

#[tokio::test]
async fn a_sound_request_has_number_time_peer_and_identity_and_no_objection() {
    let sandbox = start(Policy::strict());
    let mut stream = connect(&sandbox).await.unwrap();
    let peer = stream.get_ref().0.local_addr().unwrap();
    sound(&sandbox).write(&mut stream).await.unwrap();
    let answer = Answer::read(&mut stream).await.unwrap();
    let request = sandbox.latest().unwrap();
    assert_eq!((answer.status, request.status()), (201, Some(201)));
    assert_eq!((request.number(), request.peer()), (1, peer));
    assert_eq!(request.received_at(), UNIX_EPOCH + Duration::from_secs(NOW));
    assert_eq!(request.refused_at(), None);
    assert!(request.is_minted());
    let is_passed = |check: &Checked| check.verdict() == Verdict::Passed;
    assert!(!request.checks().is_empty() && request.checks().iter().all(is_passed));
    assert_eq!(
        request.correlation_id(),
        Some(answer.header("v-c-correlation-id"))
    );
    let identity = request.authentication().unwrap();
    assert_eq!(identity.merchant_id(), Some(sandbox.merchant().id()));
}

#[tokio::test]
async fn each_stage_says_what_it_expected_and_what_it_got() {
    let sandbox = start(Policy::strict());
    let no_json = sound(&sandbox).instead("Accept", "text/plain");
    let encrypted = Sealed::of(&sandbox).with("enc", "A128GCM").body();
    for (call, stage, check, expected, got) in [
        (
            Call::to("/elsewhere?a=b"),
            Stage::Head,
            "path",
            "/payment-credentials",
            "/elsewhere?a=b",
        ),
        (
            no_json,
            Stage::Head,
            "Accept",
            "application/jose",
            "text/plain",
        ),
        (
            Call::v3(VISA),
            Stage::Authentication,
            "credentials",
            "Authorization",
            "no v-c-merchant-id",
        ),
        (
            signed(&sandbox, Jwt::of(&sandbox), &encrypted),
            Stage::Encryption,
            "algorithm",
            "enc A256GCM",
            "A128GCM",
        ),
        (
            signed(&sandbox, Jwt::of(&sandbox), r#"{"transactionType":7}"#),
            Stage::Body,
            "transactionType",
            "a string",
            "a number",
        ),
    ] {
        call.answer(&sandbox).await;
        let request = sandbox.latest().unwrap();
        assert_eq!(request.refused_at(), Some(stage), "{request:?}");
        let (_, first, wanted, received) = objection(&request);
        assert!(first.contains(check), "{request:?}");
        assert!(wanted.contains(expected), "{request:?}");
        assert!(received.contains(got), "{request:?}");
        assert!(!request.is_minted());
    }
    let queries: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|it| it.query().map(str::to_owned))
        .collect();
    assert_eq!(queries[0].as_deref(), Some("a=b"));
    assert_eq!(queries[1], None);
}

#[tokio::test]
async fn the_vaults_own_refusal_is_not_the_requests_fault() {
    let sandbox = start_open();
    Call::v3(NOT_FOUND).answer(&sandbox).await;
    assert_eq!(sandbox.latest().unwrap().refused_at(), Some(Stage::Vault));
}

#[tokio::test]
async fn all_objections_of_the_head_are_recorded() {
    let sandbox = start_open();
    let call = Call::v3(VISA)
        .without("Host")
        .instead("Accept", "text/plain");
    call.answer(&sandbox).await;
    let request = sandbox.latest().unwrap();
    let checks: Vec<&str> = request.objections().map(Checked::name).collect();
    assert_eq!(checks, ["Host", "Accept"]);
}

#[tokio::test]
async fn what_is_not_http_is_recorded_with_its_first_line_and_status() {
    let sandbox = start_open();
    for (number, bytes, method, path, status) in [
        (
            1,
            &b"POST /a HTTP/1.1\r\nHost\r\n\r\n"[..],
            "POST",
            "/a",
            Some(400),
        ),
        (2, b"P@ST /a?b HTTP/1.1\r\n\r\n", "P@ST", "/a", Some(400)),
        (
            3,
            b"\0\x01 4111111111111111\r\n\r\n",
            "??",
            "[digits masked]",
            Some(400),
        ),
        (
            4,
            b"POST /half HTTP/1.1\r\nHost: localh",
            "POST",
            "/half",
            None,
        ),
    ] {
        let mut stream = connect(&sandbox).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
        let request = recorded(&sandbox, number).await;
        assert_eq!((request.method(), request.path()), (method, path));
        assert_eq!(request.status(), status, "{request:?}");
        assert_eq!(request.refused_at(), Some(Stage::Http));
        assert!(!format!("{request:?}").contains("4111111111111111"));
    }
    let many = [
        b"POST /many HTTP/1.1\r\n".to_vec(),
        b"A: b\r\n".repeat(65),
        b"\r\n".to_vec(),
    ]
    .concat();
    let mut stream = connect(&sandbox).await.unwrap();
    stream.write_all(&many).await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    assert_eq!(recorded(&sandbox, 5).await.status(), Some(431));
    // What HTTP didn't deliver never reached the service.
    assert!(sandbox.requests().is_empty());
    assert_eq!(sandbox.since(0).len(), 5);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_recorded() {
    let sandbox = start_open();
    let mut stream = connect(&sandbox).await.unwrap();
    let sound = Call::v3(VISA).to_bytes();
    stream.write_all(&sound[..sound.len() - 1]).await.unwrap();
    drop(stream);
    let request = recorded(&sandbox, 1).await;
    assert_eq!(request.refused_at(), Some(Stage::Http));
    assert_eq!((request.status(), request.method()), (None, "POST"));
    assert!(request.path().contains(VISA));
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_root_is_recorded_and_told_what_to_trust() {
    let sandbox = start_open();
    let other = start_open();
    let trust = config(other.root_certificate_der(), rustls::ALL_VERSIONS);
    let fault = handshake(sandbox.address(), "localhost", trust)
        .await
        .unwrap_err();
    assert_eq!(fault.kind(), ErrorKind::InvalidData);
    let request = recorded(&sandbox, 1).await;
    let (stage, _, expected, _) = objection(&request);
    assert_eq!(stage, Stage::Tls);
    assert!(
        expected.contains("trusts the sandbox's root certificate"),
        "{expected}"
    );
    assert_eq!(
        (request.method(), request.path(), request.status()),
        ("", "", None)
    );
}

#[tokio::test]
async fn plain_http_is_recorded_and_who_waits_for_the_port_is_not() {
    let sandbox = start_open();
    drop(TcpStream::connect(sandbox.address()).await.unwrap());
    let mut plain = TcpStream::connect(sandbox.address()).await.unwrap();
    plain.write_all(b"POST / HTTP/1.1\r\n\r\n").await.unwrap();
    let _ = plain.read_to_end(&mut Vec::new()).await;
    let (stage, _, expected, _) = objection(&recorded(&sandbox, 1).await);
    assert_eq!(stage, Stage::Tls);
    assert!(expected.contains("plain HTTP"), "{expected}");
    let no_roots = rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ));
    let no_roots = no_roots.with_safe_default_protocol_versions().unwrap();
    let no_roots = no_roots
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    handshake(sandbox.address(), "localhost", no_roots)
        .await
        .unwrap_err();
    let (stage, _, expected, got) = objection(&recorded(&sandbox, 2).await);
    assert_eq!(stage, Stage::Tls);
    assert!(
        expected.contains("trusts the sandbox's root"),
        "{expected} {got}"
    );
}

#[tokio::test]
async fn header_and_claims_of_a_jwt_are_decoded_also_where_it_is_refused() {
    let sandbox = start(Policy::strict());
    let signing = secret(sandbox.merchant().shared_secret());
    let jwt = Jwt::of(&sandbox)
        .claim("iss", "somebody_else")
        .claim("jti", "4111111111111111");
    let jwt = jwt.signed(Signing::Hmac(&signing));
    let call = Call::v3(VISA)
        .body(BODY)
        .with("Authorization", &format!("Bearer {jwt}"));
    assert_eq!(call.answer(&sandbox).await.status, 401);
    let request = sandbox.latest().unwrap();
    assert_eq!(
        request.jwt_header().unwrap()["kid"],
        sandbox.merchant().key_id()
    );
    let claims = request.jwt_claims().unwrap();
    assert_eq!(claims["iss"], "somebody_else");
    assert_eq!(claims["jti"], "[digits masked]");
    assert!(!format!("{request:?}{claims}").contains(jwt.rsplit('.').next().unwrap()));
}

#[tokio::test]
async fn without_authentication_no_jwt_is_looked_at() {
    let sandbox = start_open();
    let call = Call::v3(VISA).with("Authorization", "Bearer e30.e30.e30");
    call.answer(&sandbox).await;
    assert_eq!(sandbox.latest().unwrap().jwt_header(), None);
}

#[tokio::test]
async fn the_header_of_an_encrypted_request_is_decoded() {
    let sandbox = start(Policy::strict());
    let call = signed(&sandbox, Jwt::of(&sandbox), &Sealed::of(&sandbox).body());
    call.answer(&sandbox).await;
    let request = sandbox.latest().unwrap();
    let header = request.jwe_header().unwrap();
    assert_eq!(header["kid"], sandbox.recipient_key_id().unwrap());
    assert_eq!(header["enc"], "A256GCM");
}

#[tokio::test]
async fn what_was_minted_is_counted_by_the_clients_correlation_id() {
    let sandbox = start_open();
    let body = r#"{"clientCorrelationId":"order-7"}"#;
    Call::v3(VISA).body(body).answer(&sandbox).await;
    Call::v3(NOT_FOUND).body(body).answer(&sandbox).await;
    assert_eq!(
        (sandbox.minted_for("order-7"), sandbox.minted_for("order-8")),
        (1, 0)
    );
    Call::v3(VISA).body(body).answer(&sandbox).await;
    assert_eq!(sandbox.minted_for("order-7"), 2);
    let ids: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|it| it.client_correlation_id() == Some("order-7"))
        .collect();
    assert_eq!(ids, [true; 3]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_an_objection() {
    let sandbox = start_open();
    let large = "x".repeat(300 * 1024);
    let answer = Call::v3(VISA).body(large).answer(&sandbox).await;
    let request = sandbox.latest().unwrap();
    assert_eq!((answer.status, request.status()), (413, Some(413)));
    assert_eq!(request.refused_at(), Some(Stage::Http));
    let (_, _, expected, got) = objection(&request);
    assert_eq!(
        (expected.as_str(), got.as_str()),
        ("a body of 262144 bytes at most", "more")
    );
}

#[tokio::test]
async fn method_path_query_and_headers_are_fit_to_be_shown() {
    const CARD: &str = "4111111111111111";
    let sandbox = start_open();
    let mut call = Call::to(format!("/\u{9b}2J/{CARD}?q={CARD}\u{9b}"))
        .with("User-Agent", "\u{9b}31mx")
        .with(CARD, "x");
    call.method = CARD;
    assert_eq!(call.answer(&sandbox).await.status, 404);
    let read = sandbox.latest().unwrap();
    assert_eq!(read.method(), "[digits masked]");
    assert_eq!(read.path(), "/?2J/[digits masked]");
    assert_eq!(read.expose_path(), format!("/\u{9b}2J/{CARD}"));
    assert_eq!(read.query(), Some("q=[digits masked]?"));
    assert_eq!(read.header("User-Agent"), Some("?31mx"));

    // So is what HTTP could not read.
    let mut stream = connect(&sandbox).await.unwrap();
    let line = format!("P\u{1b}[31m /\u{1b}[2J{CARD} HTTP/1.1\r\n\r\n");
    stream.write_all(line.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    let unread = recorded(&sandbox, 2).await;
    assert_eq!(unread.method(), "P?[31m");
    assert_eq!(unread.path(), "/?[2J[digits masked]");

    for request in [read, unread] {
        let shown = format!("{request:?} {:#?} {}", request, sandbox.journal());
        let is_acted_on = |c: char| c.is_control() && c != '\n';
        assert!(
            !shown.contains(is_acted_on) && !shown.contains(CARD),
            "{shown:?}"
        );
    }
}
