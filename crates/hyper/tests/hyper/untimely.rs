//! Bytes that arrive before a call's first byte was sent are never its response. The tests use real
//! sockets: the bytes are still in the operating system, and the runtime has not polled for them.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use payment_credentials_core::{Delivery, PortErrorKind, Repeatability};
use payment_credentials_hyper::TcpDialer;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tokio::runtime::{Builder, Runtime};

use crate::peer::{call_for, check_own};
use crate::unsolicited::{At, CueingDialer, Peer, Unsolicited};

fn runtimes() -> [Runtime; 2] {
    let mut threads = Builder::new_multi_thread();
    [
        &mut Builder::new_current_thread(),
        threads.worker_threads(2),
    ]
    .map(|builder| builder.enable_all().build().expect("a runtime"))
}

const VERSIONS: [Option<&SupportedProtocolVersion>; 3] = [None, Some(&TLS12), Some(&TLS13)];

/// What only a peer with TLS can send.
const OF_TLS: [Unsolicited; 2] = [Unsolicited::Goodbye, Unsolicited::PartOfResponse];

/// Row C14: none of these bytes are read as the next call's response or as its failure.
#[test]
fn what_comes_between_two_calls_costs_the_connection_and_no_call() {
    for version in VERSIONS {
        for unsolicited in [
            Unsolicited::Answer,
            Unsolicited::PartOfResponse,
            Unsolicited::Timeout,
            Unsolicited::End,
            Unsolicited::Reset,
            Unsolicited::Goodbye,
        ] {
            if OF_TLS.contains(&unsolicited) && version.is_none() {
                continue;
            }
            for runtime in runtimes() {
                let peer = Peer::start(version, unsolicited, false);
                let port = peer.port(Arc::new(TcpDialer::default()));
                runtime.block_on(async {
                    let first = call_for(&port, "1").await.expect("credentials");
                    check_own(&first, "1");
                    peer.now();
                    let second = call_for(&port, "2").await.expect("credentials");
                    check_own(&second, "2");
                });
                let counts = (peer.dialled(), peer.parts.load(Ordering::SeqCst));
                assert_eq!(counts, (2, 0), "{unsolicited:?} {version:?}");
            }
        }
    }
}

/// Session tickets come with every handshake of TLS 1.3, and new keys may come at any time.
#[test]
fn what_tls_has_to_say_costs_no_connection() {
    for runtime in runtimes() {
        let peer = Peer::start(Some(&TLS13), Unsolicited::NewKeys, false);
        let port = peer.port(Arc::new(TcpDialer::default()));
        runtime.block_on(async {
            call_for(&port, "1").await.expect("credentials");
            peer.now();
            for id in ["2", "3"] {
                let next = call_for(&port, id).await.expect("credentials");
                check_own(&next, id);
            }
        });
        assert_eq!(peer.dialled(), 1);
    }
}

/// A peer that sends a response before the request is not trusted, on a fresh connection either.
#[test]
fn what_comes_on_a_fresh_connection_is_the_calls_own_failure_and_nothing_was_sent() {
    for version in VERSIONS {
        for unsolicited in [
            Unsolicited::Answer,
            Unsolicited::PartOfResponse,
            Unsolicited::Timeout,
            Unsolicited::End,
            Unsolicited::Reset,
            Unsolicited::Goodbye,
        ] {
            if OF_TLS.contains(&unsolicited) && version.is_none() {
                continue;
            }
            for runtime in runtimes() {
                let peer = Peer::start(version, unsolicited, true);
                let at = Mutex::new(Some(Arc::clone(&peer)));
                let port = peer.port(Arc::new(CueingDialer(At::Look, at)));
                runtime.block_on(async {
                    let error = call_for(&port, "1")
                        .await
                        .expect_err(&format!("{unsolicited:?} {version:?}"));
                    let reported = (error.kind(), error.delivery(), error.repeatability());
                    let expected = (PortErrorKind::Reset, Delivery::NotSent, Repeatability::Safe);
                    assert_eq!(reported, expected, "{unsolicited:?} {version:?}");
                    let second = call_for(&port, "2").await.expect("credentials");
                    check_own(&second, "2");
                });
                assert_eq!(peer.parts.load(Ordering::SeqCst), 0);
            }
        }
    }
}

/// While the network accepts no bytes, bytes that arrive are not a response, whichever task reads
/// them.
#[test]
fn what_comes_while_the_first_byte_waits_is_no_response() {
    for runtime in runtimes() {
        let peer = Peer::start(None, Unsolicited::Answer, true);
        let at = Mutex::new(Some(Arc::clone(&peer)));
        let port = peer.port(Arc::new(CueingDialer(At::Write, at)));
        runtime.block_on(async {
            let error = call_for(&port, "1").await.expect_err("unsolicited");
            let reported = (error.kind(), error.delivery(), error.repeatability());
            let expected = (PortErrorKind::Reset, Delivery::NotSent, Repeatability::Safe);
            assert_eq!(reported, expected);
        });
    }
}

/// No byte of a call that was dropped during the check is sent, even if the runtime is not run any
/// more.
#[test]
fn a_call_that_is_dropped_at_the_look_has_closed_its_connection() {
    for version in VERSIONS {
        for runtime in runtimes() {
            let peer = Peer::start(version, Unsolicited::NewKeys, false);
            let port = peer.port(Arc::new(CueingDialer(At::Never, Mutex::default())));
            runtime.block_on(async {
                let call = call_for(&port, "1");
                assert!(
                    tokio::time::timeout(Duration::from_millis(50), call)
                        .await
                        .is_err()
                );
            });
            // The peer closes a connection once it has read the connection's end.
            while peer.serving() > 0 {
                thread::yield_now();
            }
            assert_eq!(peer.parts.load(Ordering::SeqCst), 0, "{version:?}");
        }
    }
}

/// A connection is checked when it is taken, and one that can't be checked isn't kept.
#[test]
fn only_a_connection_that_says_that_it_is_open_is_used_again() {
    for at in [At::Take, At::Nowhere] {
        for runtime in runtimes() {
            let peer = Peer::start(None, Unsolicited::Nothing, true);
            let port = peer.port(Arc::new(CueingDialer(at, Mutex::default())));
            runtime.block_on(async {
                for id in ["1", "2", "3"] {
                    check_own(&call_for(&port, id).await.expect("credentials"), id);
                }
            });
            assert_eq!(peer.dialled(), 3, "{at:?}");
        }
    }
}
