//! TLS at the record level: peers that don't speak TLS or only an old version, and unannounced
//! ends.

use std::error::Error as _;
use std::sync::Arc;

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    Delivery, Endpoint, Phase, PortError, PortErrorKind, Repeatability, SealedCredentials,
};
use payment_credentials_hyper::{HyperPort, Roots, pipe};
use payment_credentials_tls::objection;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, split};
use tokio::task::yield_now;
use tokio_rustls::server::TlsStream;

use crate::authority::{Asks, Authority};
use crate::peer::{GOOD, call, read_request};

const HOST: &str = "payments.example";

/// The types of records that a client may send before the handshake is complete (RFC 8446 §5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Calls a service that answers the first flight with these bytes and closes the connection when
/// the client does. Also returns the types of the records that the service received.
async fn call_to(answer: Vec<u8>) -> (PortError, Vec<u8>) {
    let (dialer, mut listener) = pipe();
    let service = tokio::spawn(async move {
        let (mut from, mut to) = split(listener.accept().await.expect("dialled"));
        // The client may close the connection before it has read everything.
        let answered = tokio::spawn(async move { to.write_all(&answer).await.map(|()| to) });
        let mut heard = Vec::new();
        let _ = from.read_to_end(&mut heard).await;
        drop(answered.await);
        heard
    });
    let endpoint = Endpoint::custom(format!("https://{HOST}").parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let port = port.dialer(Arc::new(dialer)).build().expect("a port");
    let error = call(&port).await.expect_err("no TLS");
    (error, types(&service.await.expect("the service ends")))
}

/// Returns the types of the records in a stream, all of which must be complete.
fn types(mut stream: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    while let [kind, _, _, high, low, rest @ ..] = stream {
        types.push(*kind);
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        stream = rest.get(length..).expect("a whole record");
    }
    assert!(stream.is_empty(), "a part of a record");
    types
}

/// Checks that the call fails in the handshake for this reason, and that only handshake records are
/// sent.
async fn refuses(answer: Vec<u8>, why: &str) {
    let (error, sent) = call_to(answer).await;
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Tls, Phase::Tls),
        "{why}"
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Never)
    );
    let objection = objection(&error).expect("an objection").to_string();
    assert!(objection.contains(why), "{why}: {objection}");
    assert_eq!(sent.first(), Some(&HANDSHAKE));
    let harmless = [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE];
    assert!(sent.iter().all(|kind| harmless.contains(kind)), "{sent:?}");
}

/// Returns a record with a `ServerHello` of this version and cipher suite, without extensions (RFC
/// 5246 §7.4.1.3). Its random bytes end in `random_end`.
fn server_hello(version: u16, suite: u16, random_end: [u8; 8]) -> Vec<u8> {
    let mut hello = version.to_be_bytes().to_vec();
    hello.extend([7; 24]);
    hello.extend(random_end);
    hello.push(0);
    hello.extend(suite.to_be_bytes());
    hello.push(0);
    let length = u8::try_from(hello.len()).expect("short");
    let message = [2, 0, 0, length].into_iter().chain(hello);
    let record = [HANDSHAKE, 3, 3, 0, length + 4];
    record.into_iter().chain(message).collect()
}

fn fatal_alert(version: u16, description: u8) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    vec![ALERT, major, minor, 0, 2, 2, description]
}

const TLS_1_0: u16 = 0x0301;
const TLS_1_1: u16 = 0x0302;
const TLS_1_2: u16 = 0x0303;

/// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`, which the client offers.
const STRONG: u16 = 0xc02f;

/// Row D3: TLS 1.2 is the lowest version, whether a server chooses a lower one or claims to support
/// no more.
#[tokio::test(start_paused = true)]
async fn d3_an_old_version_is_refused() {
    for version in [0x0200, 0x0300, TLS_1_0, TLS_1_1] {
        let hello = server_hello(version, STRONG, [7; 8]);
        refuses(hello, "ServerDoesNotSupportTls12Or13").await;
    }
    refuses(fatal_alert(TLS_1_0, 70), "ProtocolVersion").await;
}

/// Row D3: no cipher without forward secrecy and authentication is used, even if a server insists.
#[tokio::test(start_paused = true)]
async fn a_weak_cipher_suite_is_refused() {
    for suite in [
        0x0000, // NULL
        0x0005, // RC4
        0x000a, // 3DES
        0x0033, // CBC
        0x003c, // CBC, RSA key exchange
        0x009c, // GCM, RSA key exchange
        0xc013, // ECDHE, CBC
    ] {
        let hello = server_hello(TLS_1_2, suite, [7; 8]);
        refuses(hello, "SelectedUnofferedCipherSuite").await;
    }
    refuses(fatal_alert(TLS_1_2, 40), "HandshakeFailure").await;
}

/// Row D3: a server of TLS 1.3 that answers with 1.2 signals that the client's offer was modified
/// on the way (RFC 8446 §4.1.3).
#[tokio::test(start_paused = true)]
async fn a_handshake_that_was_stripped_down_is_refused() {
    let hello = server_hello(TLS_1_2, STRONG, *b"DOWNGRD\x01");
    refuses(hello, "AttemptedDowngradeToTls12WhenTls13IsSupported").await;
    // Without that signal the server just supports TLS 1.2 only, and has to prove its identity
    // next.
    let (error, _) = call_to(server_hello(TLS_1_2, STRONG, [7; 8])).await;
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Tls)
    );
}

/// Row D4: a peer that does not speak TLS is detected at once, whatever it sends.
#[tokio::test(start_paused = true)]
async fn d4_a_peer_that_speaks_something_else_is_refused() {
    for answer in [
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        GOOD,
        "SSH-2.0-OpenSSH_9.9\r\n",
        "220 mail.example ESMTP\r\n",
        "\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        refuses(answer.into(), "InvalidContentType").await;
    }
    // A record that is no handshake, a handshake message that is no response, and one without an
    // end.
    let early = [&[23, 3, 3, 0, 12][..], GOOD.as_bytes()].concat();
    refuses(early, "got ApplicationData").await;
    refuses(
        vec![HANDSHAKE, 3, 3, 0, 4, 14, 0, 0, 0],
        "got ServerHelloDone",
    )
    .await;
    refuses(
        vec![HANDSHAKE, 3, 3, 0, 4, 2, 255, 255, 255],
        "HandshakePayloadTooLarge",
    )
    .await;
    refuses(vec![HANDSHAKE, 3, 3, 255, 255], "MessageTooLarge").await;
}

#[tokio::test(start_paused = true)]
async fn g18_a_peer_that_speaks_plain_http_is_called_that() {
    let (error, _) = call_to(GOOD.into()).await;
    let cause = error.source().expect("a cause").to_string();
    assert!(
        cause.contains("doesn't use TLS on this port, perhaps plain HTTP"),
        "{cause}"
    );
}

/// Calls a service that runs this after the TLS handshake, and then closes the connection without a
/// TLS alert.
async fn call_after<Played>(
    version: &'static SupportedProtocolVersion,
    play: impl FnOnce(TlsStream<DuplexStream>) -> Played + Send + 'static,
) -> Result<SealedCredentials, PortError>
where
    Played: Future<Output = ()> + Send,
{
    let authority = Authority::new("payments root");
    let acceptor = authority.server(HOST, Asks::Never, version);
    let (dialer, mut listener) = pipe();
    tokio::spawn(async move {
        let stream = listener.accept().await.expect("dialled");
        let mut stream = acceptor.accept(stream).await.expect("a handshake");
        read_request(&mut stream).await;
        play(stream).await;
    });
    let endpoint = Endpoint::custom(format!("https://{HOST}").parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::ExtraOnly)
        .extra_root(authority.root())
        .dialer(Arc::new(dialer));
    call(&port.build().expect("a port")).await
}

/// A response whose body ends with its connection.
const UNCOUNTED: &str = "HTTP/1.1 201 Created\r\n\r\neyJ9.a.b.c.d";

/// Row C32: a body that ends with its connection must end with a TLS `close_notify`, since any
/// intermediary can close a connection.
#[tokio::test]
async fn c32_an_end_that_tls_does_not_announce_ends_no_body() {
    for version in [&TLS12, &TLS13] {
        for (answer, is_announced, is_whole) in [
            (GOOD, false, true),
            (GOOD, true, true),
            (UNCOUNTED, true, true),
            (UNCOUNTED, false, false),
        ] {
            let answer = call_after(version, move |mut stream| async move {
                stream.write_all(answer.as_bytes()).await.expect("written");
                stream.flush().await.expect("sent");
                if is_announced {
                    stream.shutdown().await.expect("written");
                }
            });
            let answer = answer.await;
            if is_whole {
                answer.expect("credentials");
                continue;
            }
            let error = answer.expect_err("cut, for all we know");
            assert_eq!(
                (error.kind(), error.phase(), error.delivery()),
                (PortErrorKind::Framing, Phase::Body, Delivery::Unknown)
            );
        }
    }
}

/// Row D5: the number of key updates is limited, since each of them costs work.
#[tokio::test]
async fn a_flood_of_key_updates_ends_the_call() {
    for (updates, first, phase) in [
        (32, "", None),
        (33, "", Some(Phase::Headers)),
        (1_000, "", Some(Phase::Headers)),
        (33, UNCOUNTED, Some(Phase::Body)),
    ] {
        let answer = call_after(&TLS13, move |mut stream| async move {
            stream.write_all(first.as_bytes()).await.expect("written");
            stream.flush().await.expect("sent");
            // Gives the client time to read what was sent.
            for _ in 0..16 {
                yield_now().await;
            }
            for _ in 0..updates {
                let tls = stream.get_mut().1;
                tls.refresh_traffic_keys().expect("new keys");
                if stream.flush().await.is_err() {
                    return;
                }
            }
            // The client may have closed the connection.
            let _ = stream.write_all(GOOD.as_bytes()).await;
            let _ = stream.flush().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        let answer = answer.await;
        let Some(phase) = phase else {
            answer.expect("credentials");
            continue;
        };
        let error = answer.expect_err("a flood");
        assert_eq!((error.kind(), error.phase()), (PortErrorKind::Tls, phase));
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::Unknown, Repeatability::Never)
        );
    }
}
