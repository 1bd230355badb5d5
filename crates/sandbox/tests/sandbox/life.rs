//! How a sandbox starts, runs, records and ends.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::sync::Arc;

use payment_credentials_sandbox::{Authentication, ReceivedRequest, Sandbox, vault};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::{Answer, Call, config, connect, handshake, shared, start};
use super::opening::open;

#[test]
fn any_executor_starts_one() {
    let sandbox = pollster::block_on(Sandbox::start(Authentication::NotRequired)).unwrap();
    assert!(sandbox.address().ip().is_loopback());
    assert_ne!(sandbox.address().port(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_is_no_obstacle() {
    let sandbox = Sandbox::start(Authentication::NotRequired).await.unwrap();
    let answer = Call::v3(vault::VISA).answer(&sandbox).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn dropping_it_frees_the_port() {
    let sandbox = start();
    let address = sandbox.address();
    let trust = config(sandbox.root_certificate_der(), rustls::ALL_VERSIONS);
    // One connection is idle after its handshake, the other never begins one.
    let mut idle = connect(&sandbox).await.unwrap();
    let silent = TcpStream::connect(address).await.unwrap();
    drop(sandbox);
    let fault = handshake(address, "localhost", trust).await.unwrap_err();
    // The sandbox of another test may have the port by now, but it has another root.
    let gone = [ErrorKind::ConnectionRefused, ErrorKind::InvalidData];
    assert!(gone.contains(&fault.kind()), "{fault}");
    assert!(idle.read_u8().await.is_err());
    drop(silent);
}

#[tokio::test]
async fn a_start_that_is_given_up_ends_quietly() {
    let builder = Sandbox::builder(Authentication::NotRequired).fresh_keys();
    let mut start = Box::pin(builder.start());
    tokio::select! {
        biased;
        _ = &mut start => panic!("keys take longer than this"),
        () = std::future::ready(()) => {}
    }
    drop(start);
    assert_eq!(Call::v3(vault::VISA).answer(shared()).await.status, 201);
}

#[test]
fn a_start_with_fresh_keys_makes_its_own() {
    let start = || Sandbox::builder(Authentication::NotRequired).fresh_keys();
    let (one, other) = (
        start().start_blocking().unwrap(),
        start().start_blocking().unwrap(),
    );
    assert_eq!(one.merchant().id(), "sandbox_merchant");
    assert_ne!(one.address(), other.address());
    assert_ne!(one.root_certificate_der(), other.root_certificate_der());
    assert_ne!(
        one.merchant().opening_key_id(),
        other.merchant().opening_key_id()
    );
    assert_ne!(
        one.merchant().opening_key_pem(),
        other.merchant().opening_key_pem()
    );
}

#[test]
fn debug_shows_no_key() {
    let sandbox = start();
    let text = format!("{sandbox:?} {:?}", sandbox.merchant());
    assert!(text.contains("sandbox_merchant"));
    assert!(!text.contains("PRIVATE"), "{text}");
    for line in sandbox.merchant().opening_key_pem().lines() {
        assert!(!text.contains(line));
    }
}

#[tokio::test]
async fn the_certificate_names_every_host() {
    let root = shared().root_certificate_der();
    for name in [
        "apitest.cybersource.com",
        "api.cybersource.com",
        "api.in.cybersource.com",
        "api.sa.cybersource.com",
        "apitest.sa.cybersource.com",
        "api.visaacceptance.com",
        "apitest.visaacceptance.com",
        "api-ma.cybersource.com",
        "api-matest.cybersource.com",
        "api.merchant-services.bankofamerica.com",
        "apitest.merchant-services.bankofamerica.com",
        "localhost",
        "127.0.0.1",
        "::1",
    ] {
        let stream = handshake(shared().address(), name, config(root, rustls::ALL_VERSIONS)).await;
        assert!(stream.is_ok(), "{name} {stream:?}");
    }
    let stream = handshake(
        shared().address(),
        "example.com",
        config(root, rustls::ALL_VERSIONS),
    )
    .await;
    assert!(stream.is_err());
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    let root = shared().root_certificate_der();
    for version in [&TLS12, &TLS13] {
        let stream = handshake(shared().address(), "localhost", config(root, &[version])).await;
        let (_, session) = stream.as_ref().unwrap().get_ref();
        assert_eq!(session.protocol_version(), Some(version.version));
    }
}

#[tokio::test]
async fn only_http_1_is_agreed_on() {
    let root = shared().root_certificate_der();
    let mut both = config(root, rustls::ALL_VERSIONS);
    both.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = handshake(shared().address(), "localhost", both)
        .await
        .unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let mut h2 = config(root, rustls::ALL_VERSIONS);
    h2.alpn_protocols = vec![b"h2".to_vec()];
    assert!(
        handshake(shared().address(), "localhost", h2)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn another_sandboxs_root_is_worth_nothing() {
    let other = start();
    let root = config(other.root_certificate_der(), rustls::ALL_VERSIONS);
    assert!(
        handshake(shared().address(), "localhost", root)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let sandbox = start();
    let mut stream = connect(&sandbox).await.unwrap();
    for (call, status) in [
        (Call::v3(vault::VISA), 201),
        (Call::v2(vault::GONE), 410),
        (Call::v3(vault::VISA).body("{"), 400),
        (Call::v3(vault::VISA).method("PUT"), 405),
        (Call::v2(vault::MASTERCARD), 201),
    ] {
        call.write(&mut stream).await.unwrap();
        let answer = Answer::read(&mut stream).await.unwrap();
        assert_eq!(answer.status, status);
    }
    assert_eq!(sandbox.connections(), 1);
    assert_eq!(sandbox.minted(), 2);
    let statuses: Vec<Option<u16>> = sandbox
        .requests()
        .iter()
        .map(ReceivedRequest::status)
        .collect();
    assert_eq!(statuses, [201, 410, 400, 405, 201].map(Some));
}

#[tokio::test]
async fn calls_at_once_get_a_cryptogram_each() {
    const CALLS: usize = 32;
    let sandbox = Arc::new(start());
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let sandbox = Arc::clone(&sandbox);
            tokio::spawn(async move {
                let answer = Call::v3(vault::VISA).answer(&sandbox).await;
                let card = open(&answer.body, sandbox.merchant())["tokenizedCard"].take();
                let text = |name: &str| card[name].as_str().unwrap().to_owned();
                (text("cryptogram"), text("applicationTransactionCounter"))
            })
        })
        .collect();
    let mut cryptograms = HashSet::new();
    let mut counters = HashSet::new();
    for call in calls {
        let (cryptogram, counter) = call.await.unwrap();
        cryptograms.insert(cryptogram);
        counters.insert(counter);
    }
    assert_eq!(cryptograms.len(), CALLS);
    assert_eq!(counters.len(), CALLS);
    assert_eq!(sandbox.minted(), 32);
    assert_eq!(sandbox.requests().len(), CALLS);
    assert_eq!(sandbox.connections(), 32);
}

#[tokio::test]
async fn a_request_is_recorded_as_it_arrived() {
    let sandbox = start();
    let call = Call::v3(vault::VISA)
        .with("Authorization", "Bearer hush")
        .with("User-Agent", "by-hand/1")
        .with("X-Unheard-Of", "hush")
        .body(r#"{"transactionType":"ECOM"}"#);
    call.answer(&sandbox).await;
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.method(), "POST");
    assert_eq!(request.path(), call.target);
    assert_eq!(request.body(), br#"{"transactionType":"ECOM"}"#);
    assert_eq!(request.status(), Some(201));
    assert_eq!(request.header("user-agent"), Some("by-hand/1"));
    assert_eq!(request.header("Authorization"), None);
    let secret: Vec<&str> = request
        .headers()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(secret, ["authorization", "x-unheard-of"]);
    assert!(!format!("{request:?}").contains("hush"));
    assert!(!format!("{request:?}").contains("ECOM"));
}

#[tokio::test]
async fn what_is_not_http_or_tls_harms_nobody() {
    let sandbox = start();
    let mut plain = TcpStream::connect(sandbox.address()).await.unwrap();
    plain.write_all(b"POST / HTTP/1.1\r\n\r\n").await.unwrap();
    let _ = plain.read_to_end(&mut Vec::new()).await;

    for bytes in [
        b"\0\x01\x02\r\n\r\n".to_vec(),
        b"POST\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nHost\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        [b"POST / HTTP/1.1\r\n".to_vec(), b"A: b\r\n".repeat(65)].concat(),
        [b"POST / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 128 * 1024]].concat(),
    ] {
        let mut stream = connect(&sandbox).await.unwrap();
        // The sandbox may have closed before all was written.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let refused = answer.is_empty() || answer.starts_with(b"HTTP/1.1 4");
        assert!(refused, "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(Call::v3(vault::VISA).answer(&sandbox).await.status, 201);
    assert_eq!(sandbox.requests().len(), 1);
}
