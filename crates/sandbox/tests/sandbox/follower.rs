//! Followers of the record.

use std::sync::Arc;

use payment_credentials_sandbox::Sandbox;
use payment_credentials_sandbox::vault::{NOT_FOUND, VISA};
use tokio::task::JoinSet;

use super::client::{Answer, Call, connect, start};

const CALLS: u64 = 10_000;
const CONNECTIONS: u64 = 20;

/// Sends many requests, several at once, over kept connections. They are refused at once by their path, so that
/// the test measures the record and not the cryptography.
async fn send_many(sandbox: &Arc<Sandbox>) {
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let sandbox = Arc::clone(sandbox);
        connections.spawn(async move {
            let mut stream = connect(&sandbox).await.unwrap();
            for _ in 0..CALLS / CONNECTIONS {
                Call::to("/nowhere").write(&mut stream).await.unwrap();
                assert_eq!(Answer::read(&mut stream).await.unwrap().status, 404);
            }
        });
    }
    connections.join_all().await;
}

#[tokio::test]
async fn of_ten_thousand_requests_a_follower_sees_every_one() {
    let sandbox = Arc::new(start());
    let mut keen = sandbox.follow();
    // One follower reads along, the other begins to read when all is over.
    let mut late = sandbox.follow_since(0);
    let reading = tokio::spawn(async move {
        for number in 1..=CALLS {
            assert_eq!(keen.next().await.unwrap().number(), number);
        }
        assert_eq!(keen.missed(), 0);
    });
    send_many(&sandbox).await;
    reading.await.unwrap();
    for number in 1..=CALLS {
        assert_eq!(late.next().await.unwrap().number(), number);
    }
    assert!(late.try_next().is_none());
    assert_eq!(late.missed(), 0);
    assert_eq!(sandbox.since(CALLS - 3).len(), 3);
    assert_eq!(sandbox.follow_since(0).missed(), CALLS - 1024);
}

#[tokio::test]
async fn a_follower_waits_for_what_comes_and_ends_with_the_sandbox() {
    let sandbox = start();
    let mut follower = sandbox.follow();
    let waiting = tokio::spawn(async move {
        let first = follower.next().await.unwrap();
        (first.number(), follower.next().await.is_none())
    });
    Call::v3(NOT_FOUND).answer(&sandbox).await;
    drop(sandbox);
    assert_eq!(waiting.await.unwrap(), (1, true));
}

#[tokio::test]
async fn a_wait_that_is_dropped_loses_nothing() {
    let sandbox = start();
    let mut follower = sandbox.follow();
    tokio::select! {
        biased;
        _ = follower.next() => panic!("nothing was sent yet"),
        () = std::future::ready(()) => {}
    }
    Call::v3(VISA).answer(&sandbox).await;
    assert_eq!(follower.next().await.unwrap().number(), 1);
}
