//! The sandbox's own proxy.

use std::sync::Arc;

use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{Authentication, ReceivedRequest, Sandbox, Stage};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};
use tokio_rustls::TlsConnector;

use super::client::{Answer, Call, config, start};

async fn proxied() -> Sandbox {
    payment_credentials_test_limit::start();
    let builder = Sandbox::builder(Authentication::NotRequired).proxy_port(0);
    builder.start().await.unwrap()
}

/// Sends a head to the proxy, and returns the connection and the head of the response.
async fn asked(sandbox: &Sandbox, head: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(sandbox.proxy_address().unwrap())
        .await
        .unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\n") {
        response.push(stream.read_u8().await.unwrap());
    }
    (stream, String::from_utf8(response).unwrap())
}

#[tokio::test]
async fn the_vendors_hosts_lead_to_the_sandbox() {
    let sandbox = proxied().await;
    for host in ["apitest.cybersource.com", "API.visaacceptance.com"] {
        let head = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
        let (stream, response) = asked(&sandbox, &head).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        let trust = config(sandbox.root_certificate_der(), rustls::ALL_VERSIONS);
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connector = TlsConnector::from(Arc::new(trust));
        let mut stream = connector.connect(name, stream).await.unwrap();
        Call::v3(VISA).write(&mut stream).await.unwrap();
        assert_eq!(Answer::read(&mut stream).await.unwrap().status, 201);
    }
    sandbox.assert_minted(2);
}

#[tokio::test]
async fn all_else_is_refused_with_a_reason() {
    let sandbox = proxied().await;
    for (line, status, reason) in [
        ("CONNECT example.com:443", 403, "got example.com:443"),
        ("CONNECT apitest.cybersource.com:80", 403, "port 443"),
        (
            "CONNECT apitest.cybersource.com.example.com:443",
            403,
            "example.com",
        ),
        ("CONNECT localhost:443", 403, "localhost"),
        ("CONNECT 127.0.0.1:443", 403, "127.0.0.1"),
        ("CONNECT 4111111111111111:443", 403, "masked"),
        (
            "GET http://apitest.cybersource.com/",
            405,
            "expected CONNECT",
        ),
        ("", 405, "expected CONNECT"),
    ] {
        let (mut stream, head) = asked(&sandbox, &format!("{line} HTTP/1.1\r\n\r\n")).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{line} {head}"
        );
        let mut body = String::new();
        stream.read_to_string(&mut body).await.unwrap();
        assert!(
            body.contains(reason) && !body.contains("4111"),
            "{line} {body}"
        );
    }
    assert_eq!(sandbox.connections(), 0);
}

#[tokio::test]
async fn what_the_proxy_refuses_is_recorded() {
    let sandbox = proxied().await;
    for (line, status, method, path, expected) in [
        (
            "CONNECT example.com:443",
            403,
            "CONNECT",
            "example.com:443",
            "port 443",
        ),
        (
            "CONNECT 4111111111111111:443",
            403,
            "CONNECT",
            "[digits masked]:443",
            "port 443",
        ),
        ("GET http://x/", 405, "GET", "http://x/", "CONNECT"),
    ] {
        let (stream, _) = asked(&sandbox, &format!("{line} HTTP/1.1\r\n\r\n")).await;
        let request = sandbox.latest().unwrap();
        assert_eq!(request.refused_at(), Some(Stage::Proxy));
        assert_eq!(request.peer(), stream.local_addr().unwrap());
        assert_eq!((request.method(), request.path()), (method, path));
        assert_eq!(request.status(), Some(status));
        let objection = request.objections().next().unwrap();
        assert!(objection.expected().contains(expected), "{objection}");
        assert!(!format!("{request:?} {objection} {}", objection.got()).contains("4111"));
    }
    assert!(sandbox.requests().is_empty());
    assert!(sandbox.journal().contains("proxy connect refused"));
}

/// Ten seconds, which nothing can shorten: the sandbox has a runtime of its own.
#[tokio::test]
async fn a_handshake_or_a_proxys_head_that_never_ends_is_recorded() {
    let sandbox = proxied().await;
    let mut follower = sandbox.follow();
    // Who connects and leaves waits for the port.
    drop(
        TcpStream::connect(sandbox.proxy_address().unwrap())
            .await
            .unwrap(),
    );
    let mut tunnel = TcpStream::connect(sandbox.proxy_address().unwrap())
        .await
        .unwrap();
    tunnel.write_all(b"CONNECT api").await.unwrap();
    let silent = TcpStream::connect(sandbox.address()).await.unwrap();
    let mut next = async || {
        let next = timeout(Duration::from_secs(20), follower.next());
        next.await.unwrap().unwrap()
    };
    let mut recorded = [next().await, next().await];
    recorded.sort_by_key(ReceivedRequest::refused_at);
    let [proxy, tls] = recorded;
    assert_eq!(proxy.refused_at(), Some(Stage::Proxy));
    assert_eq!(
        (proxy.method(), proxy.path(), proxy.status()),
        ("CONNECT", "api", None)
    );
    assert_eq!(tls.refused_at(), Some(Stage::Tls));
    assert_eq!(tls.peer(), silent.local_addr().unwrap());
    let objection = tls.objections().next().unwrap();
    assert_eq!(objection.expected(), "a TLS handshake within 10 s");
    assert!(follower.try_next().is_none());
}

#[tokio::test]
async fn the_proxy_ends_with_the_sandbox_and_starts_on_request_alone() {
    assert_eq!(start().proxy_address(), None);
    let sandbox = proxied().await;
    let address = sandbox.proxy_address().unwrap();
    assert!(address.ip().is_loopback());
    drop(sandbox);
    assert!(TcpStream::connect(address).await.is_err());
}
