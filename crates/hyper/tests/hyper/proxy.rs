//! Connections through a proxy that follows the protocol, and through some that don't.

use std::error::Error;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header};
use payment_credentials_core::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials_core::secret::Password;
use payment_credentials_core::{
    AuthError, ConfiguredKey, Delivery, Endpoint, MerchantId, Phase, PortError, PortErrorKind,
    Repeatability,
};
use payment_credentials_hyper::{HyperPort, HyperPortBuilder, HyperTransport, Proxy, Roots, pipe};
use payment_credentials_sandbox::Sandbox;
use payment_credentials_sandbox::faults::{self, Fault, FaultRule};
use rustls::version::TLS13;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::authority::{Asks, Authority};
use crate::faults::ClosesAtOnce;
use crate::peer::{Peer, call, read_until};
use crate::sandboxed::{sandbox, trusting};

/// The heads of the requests that proxies received.
type Heads = Arc<Mutex<Vec<String>>>;

/// Reads the head of a request and records it; returns false if there was none.
async fn read_head(stream: &mut (impl AsyncRead + Unpin), received: &Heads) -> bool {
    let Some(head) = read_until(stream, b"\r\n\r\n").await else {
        return false;
    };
    let head = String::from_utf8(head).expect("text");
    received.lock().expect("unpoisoned").push(head);
    true
}

/// Behaves as a correct proxy does.
async fn tunnel(mut client: impl AsyncRead + AsyncWrite + Unpin, received: Heads, success: &str) {
    if !read_head(&mut client, &received).await {
        return;
    }
    let target = {
        let received = received.lock().expect("unpoisoned");
        let target = received.last().and_then(|head| head.split(' ').nth(1));
        target.expect("a target").to_owned()
    };
    let mut service = TcpStream::connect(target).await.expect("a connection");
    client.write_all(success.as_bytes()).await.expect("written");
    // Either end may close the connection in any way.
    let _ = copy_bidirectional(&mut client, &mut service).await;
}

fn honest(success: &'static str) -> (Peer, Heads) {
    let received = Heads::default();
    let notes = Arc::clone(&received);
    let peer = Peer::new(move |_, stream| tunnel(stream, Arc::clone(&notes), success));
    (peer, received)
}

/// A proxy that speaks TLS under the name `proxy.example`.
fn encrypted(authority: &Authority) -> (Peer, Heads) {
    let received = Heads::default();
    let notes = Arc::clone(&received);
    let acceptor = authority.server("proxy.example", Asks::ButTakesNone, &TLS13);
    let peer = Peer::new(move |_, stream| {
        let (acceptor, notes) = (acceptor.clone(), Arc::clone(&notes));
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                assert!(stream.get_ref().1.peer_certificates().is_none());
                tunnel(stream, notes, "HTTP/1.1 200 OK\r\n\r\n").await;
            }
        }
    });
    (peer, received)
}

fn proxy() -> Proxy {
    Proxy::new("http://proxy.example:8080").expect("a proxy")
}

fn with_password() -> Proxy {
    let password = Password::from("open sesame");
    proxy()
        .with_password("Aladdin", &password)
        .expect("a proxy")
}

/// The credentials above, encoded as in RFC 7617 §2.
const BASIC: &str = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

/// A port that trusts the sandbox and reaches it through a proxy.
fn through(proxy: Proxy, peer: &Peer, sandbox: &Sandbox) -> HyperPortBuilder {
    trusting(sandbox).proxy(proxy).dialer(peer.dialer())
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_dialled_address_and_the_service_is_behind_it() {
    let sandbox = sandbox().await;
    for success in [
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.0 200 OK\r\nProxy-Agent: a\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
    ] {
        let (peer, received) = honest(success);
        let port = through(proxy(), &peer, &sandbox).build().expect("a port");
        for _ in 0..2 {
            call(&port).await.expect("credentials");
        }
        let address = sandbox.address();
        let expected = format!("CONNECT {address} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        assert_eq!(*received.lock().expect("unpoisoned"), [expected]);
    }
}

#[derive(Debug)]
struct Bearer;

#[async_trait]
impl RequestAuthenticator for Bearer {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let value = HeaderValue::from_static("Bearer for the service");
        Ok([(header::AUTHORIZATION, value)].into_iter().collect())
    }
}

/// Row D12.
#[tokio::test]
async fn d12_the_proxy_sees_its_password_alone_and_the_service_everything_else() {
    let sandbox = sandbox().await;
    let (peer, received) = honest("HTTP/1.1 200 OK\r\n\r\n");
    let endpoint = Endpoint::custom(
        format!("https://{}", sandbox.address())
            .parse()
            .expect("an address"),
    );
    let port = HyperPort::builder(endpoint, Arc::new(Bearer))
        .roots(Roots::ExtraOnly)
        .extra_root(sandbox.root_certificate_der())
        .proxy(with_password())
        .dialer(peer.dialer())
        .build()
        .expect("a port");
    call(&port).await.expect("credentials");

    let received = received.lock().expect("unpoisoned").join("");
    let credentials = format!("\r\nproxy-authorization: {BASIC}\r\n");
    assert!(received.contains(&credentials), "{received}");
    assert!(!received.contains("\r\nauthorization"), "{received}");
    let requests = sandbox.requests();
    let request = requests.last().expect("a request");
    let names: Vec<_> = request.headers().map(|(name, _)| name).collect();
    assert!(names.contains(&"authorization"), "{names:?}");
    assert!(!names.contains(&"proxy-authorization"), "{names:?}");
}

#[tokio::test]
async fn a_proxy_behind_tls_is_checked_by_its_name_and_does_not_see_who_we_are() {
    let (sandbox, authority) = (sandbox().await, Authority::new("proxy root"));
    let (peer, received) = encrypted(&authority);
    let proxy = Proxy::new("https://proxy.example:8443").expect("a proxy");
    let port = through(proxy, &peer, &sandbox)
        .extra_root(authority.root())
        .client_identity(authority.client().1);
    call(&port.build().expect("a port"))
        .await
        .expect("credentials");
    assert_eq!(received.lock().expect("unpoisoned").len(), 1);
}

#[track_caller]
fn check(error: &PortError, kind: PortErrorKind, repeatability: Repeatability, why: &str) {
    assert_eq!((error.kind(), error.phase()), (kind, Phase::Connect));
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, repeatability)
    );
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    assert!(source.contains(why), "{source}");
    let shown = format!("{error} {error:?} {source}");
    for secret in ["open sesame", BASIC, "<html>"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Row D12.
#[tokio::test]
async fn a_service_that_redirects_or_asks_who_we_are_never_sees_the_proxy_s_password() {
    let sandbox = sandbox().await;
    for fault in [Fault::Redirect, Fault::Status(401), Fault::Status(407)] {
        let (peer, received) = honest("HTTP/1.1 200 OK\r\n\r\n");
        let port = through(with_password(), &peer, &sandbox).build();
        let rule = FaultRule::at(faults::FaultPhase::Headers)
            .fault(fault)
            .times(1);
        sandbox.faults().add(rule).expect("a rule");
        let error = call(&port.expect("a port")).await.expect_err("refused");
        assert_eq!(error.delivery(), Delivery::Answered, "{fault:?}: {error}");
        let received = received.lock().expect("unpoisoned").join("");
        assert_eq!(received.matches("CONNECT").count(), 1, "{fault:?}");
    }
    for request in sandbox.requests() {
        let mut names = request.headers().map(|(name, _)| name);
        assert!(!names.any(|name| name == "proxy-authorization"));
    }
    assert_eq!(sandbox.requests().len(), 3);
}

/// Row D13.
#[tokio::test]
async fn d13_a_proxy_with_another_certificate_is_not_asked() {
    let (sandbox, authority) = (sandbox().await, Authority::new("proxy root"));
    let (peer, received) = encrypted(&authority);
    let named = |address| Proxy::new(address).expect("a proxy");
    let untrusted = through(named("https://proxy.example:8443"), &peer, &sandbox);
    let misnamed = through(named("https://other.example:8443"), &peer, &sandbox);
    for port in [untrusted, misnamed.extra_root(authority.root())] {
        let error = call(&port.build().expect("a port")).await;
        let why = "the TLS handshake with the proxy failed";
        check(
            &error.expect_err("refused"),
            PortErrorKind::Tls,
            Repeatability::Never,
            why,
        );
    }
    assert!(received.lock().expect("unpoisoned").is_empty());
    assert!(sandbox.requests().is_empty());
}

/// Returns the error of a call through a proxy that answers like this and then waits.
async fn answered(proxy: Proxy, answer: impl AsRef<[u8]>) -> PortError {
    let answer: Arc<[u8]> = answer.as_ref().into();
    let peer = Peer::new(move |_, mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            read_head(&mut stream, &Heads::default()).await;
            // The client may close the connection before it has read everything.
            let _ = stream.write_all(&answer).await;
            let rest = read_until(&mut stream, b"never").await;
            assert!(rest.is_none());
        }
    });
    let port = peer.builder_at("https://payments.example").proxy(proxy);
    call(&port.build().expect("a port"))
        .await
        .expect_err("refused")
}

/// Row D11.
#[tokio::test]
async fn d11_a_proxy_that_refuses_is_told_from_the_service() {
    let html = "Content-Type: text/html\r\nContent-Length: 99\r\n\r\n<html>";
    let refused = |status: &str| format!("HTTP/1.1 {status} Sorry\r\n{html}");
    for (status, retry) in [
        ("403", Repeatability::Never),
        ("407", Repeatability::Never),
        ("502", Repeatability::Safe),
        ("429", Repeatability::Safe),
        ("500", Repeatability::Never),
        ("503", Repeatability::Safe),
        ("504", Repeatability::Safe),
        ("301", Repeatability::Never),
    ] {
        let error = answered(proxy(), refused(status)).await;
        let why = format!("the proxy responded with {status}");
        check(&error, PortErrorKind::Connect, retry, &why);
    }
    let error = answered(proxy(), refused("407")).await;
    let why = "it requires a user and a password";
    check(&error, PortErrorKind::Connect, Repeatability::Never, why);
    let error = answered(with_password(), refused("407")).await;
    let why = "it rejected the user or the password";
    check(&error, PortErrorKind::Connect, Repeatability::Never, why);
}

/// Row D11.
#[tokio::test]
async fn a_proxy_that_does_not_speak_its_protocol_is_refused() {
    for answer in [
        "<html><body>Welcome</body></html>\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: \0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "\0\0\0\0",
    ] {
        let error = answered(proxy(), answer).await;
        let why = "response to CONNECT isn't HTTP/1.1";
        check(&error, PortErrorKind::Connect, Repeatability::Never, why);
    }
}

/// Row D11.
#[tokio::test]
async fn a_proxy_whose_head_is_too_long_is_refused() {
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(20_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101));
    for answer in [&endless, &many] {
        let error = answered(proxy(), answer).await;
        let why = "its head is over 16 KiB or 100 fields";
        check(&error, PortErrorKind::Connect, Repeatability::Never, why);
    }
}

/// Row D11.
#[tokio::test]
async fn a_proxy_that_speaks_in_the_service_s_place_is_refused() {
    for answer in [
        "HTTP/1.1 200 OK\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
    ] {
        let error = answered(proxy(), answer).await;
        let why = "data through the tunnel before anything was sent";
        check(&error, PortErrorKind::Connect, Repeatability::Never, why);
    }
}

/// Row D11: a proxy that pretends to open a tunnel and is itself the other end.
#[tokio::test]
async fn a_proxy_that_poses_as_the_service_gets_no_request() {
    let authority = Authority::new("proxy root");
    let acceptor = authority.server("payments.example", Asks::Never, &TLS13);
    let peer = Peer::new(move |_, mut stream| {
        let acceptor = acceptor.clone();
        async move {
            read_head(&mut stream, &Heads::default()).await;
            let success = b"HTTP/1.1 200 OK\r\n\r\n";
            stream.write_all(success).await.expect("written");
            assert!(acceptor.accept(stream).await.is_err(), "believed");
        }
    });
    let port = peer.builder_at("https://payments.example").proxy(proxy());
    let error = call(&port.build().expect("a port"))
        .await
        .expect_err("another certificate");
    assert_eq!(
        (
            error.kind(),
            error.phase(),
            error.delivery(),
            error.repeatability()
        ),
        (
            PortErrorKind::Tls,
            Phase::Tls,
            Delivery::NotSent,
            Repeatability::Never
        )
    );
}

#[tokio::test]
async fn a_proxy_that_hangs_up_may_be_tried_again() {
    for answer in ["", "HTTP/1.1 2"] {
        let peer = Peer::new(move |_, mut stream| async move {
            read_head(&mut stream, &Heads::default()).await;
            stream.write_all(answer.as_bytes()).await.expect("written");
        });
        let port = peer.builder_at("https://payments.example").proxy(proxy());
        let error = call(&port.build().expect("a port")).await;
        let why = "before it responded to CONNECT";
        check(
            &error.expect_err("closed"),
            PortErrorKind::Connect,
            Repeatability::Safe,
            why,
        );
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told_from_the_service() {
    let peer = Peer::new(|_, _| async {});
    let port = || peer.builder_at("https://payments.example").proxy(proxy());
    let port_to = |dialer| port().dialer(dialer).build().expect("a port");

    let (nowhere, _) = pipe();
    let error = call(&port_to(Arc::new(nowhere))).await;
    let (kind, why) = (PortErrorKind::Connect, "the proxy can't be reached");
    check(&error.expect_err("refused"), kind, Repeatability::Safe, why);

    let error = call(&port_to(Arc::new(ClosesAtOnce))).await;
    let why = "before it responded to CONNECT";
    check(&error.expect_err("closed"), kind, Repeatability::Safe, why);
}

/// Row D11.
#[tokio::test(start_paused = true)]
async fn a_silent_proxy_is_given_the_time_to_connect() {
    for (address, answer) in [
        ("http://proxy.example:8080", ""),
        ("https://proxy.example:8443", ""),
        ("http://proxy.example:8080", "HTTP/1.1 200 OK\r\n"),
        ("http://proxy.example:8080", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let peer = Peer::new(move |_, mut stream| async move {
            stream.read_u8().await.expect("a byte");
            stream.write_all(answer.as_bytes()).await.expect("written");
            pending::<()>().await;
        });
        let proxy = Proxy::new(address).expect("a proxy");
        let port = peer.builder_at("https://payments.example").proxy(proxy);
        let start = Instant::now();
        let error = call(&port.build().expect("a port")).await;
        check(
            &error.expect_err("late"),
            PortErrorKind::Deadline,
            Repeatability::Safe,
            "limit of 5s",
        );
        assert_eq!(start.elapsed(), Duration::from_secs(5));
    }
}

#[tokio::test]
async fn plain_http_is_not_shown_to_a_proxy() {
    let peer = Peer::new(|_, _| async {});
    let port = peer.builder().proxy(proxy()).build().expect("a port");
    let error = call(&port).await.expect_err("refused");
    check(
        &error,
        PortErrorKind::Setup,
        Repeatability::Never,
        "use https",
    );
    assert_eq!(peer.dialled(), 0);
}

#[test]
fn a_proxy_s_password_is_not_shown() {
    let builder = HyperTransport::builder().roots(Roots::Bundled);
    let transport = builder.proxy(with_password()).build().expect("a transport");
    let shown = format!("{transport:?}");
    assert!(
        shown.contains("Proxy(http://proxy.example:8080, with a password)"),
        "{shown}"
    );
    assert!(
        !shown.contains("sesame") && !shown.contains(BASIC),
        "{shown}"
    );
    assert!(!shown.contains("Aladdin"), "{shown}");
}
