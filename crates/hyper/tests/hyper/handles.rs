//! A process holds the same number of threads and descriptors and the same memory before and after
//! its calls.
//!
//! The system counts these for a whole process, so each test counts in a process of its own.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::Endpoint;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_hyper::blocking::BlockingGenerator;
use payment_credentials_hyper::{HyperPort, HyperPortBuilder, Roots, TokioOffload};
use pollster::block_on;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::crowd::{CALLS, Moody, call_at_once};
use crate::offload::opener;
use crate::peer::{Peer, alive_tasks, answer_all, call};

/// How many descriptors and threads this process has.
fn handles() -> (usize, usize) {
    let count = |folder| fs::read_dir(folder).expect("a folder").count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// Resident memory in KiB.
fn resident() -> usize {
    #[expect(clippy::disallowed_methods, reason = "the system tells it in a file")]
    let status = fs::read_to_string("/proc/self/status").expect("a file");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let digits = line.expect("a size").trim().trim_end_matches(" kB");
    digits.parse().expect("a number")
}

/// Ends a test that hangs, long before an idle connection is too old.
const HANGING: Duration = Duration::from_secs(30);

/// Waits for work on other threads.
async fn until(done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < HANGING, "it doesn't come");
        yield_now().await;
    }
}

fn runtime(builder: &mut Builder) -> Runtime {
    builder.enable_all().build().expect("a runtime")
}

/// The handles of this process once it has had a runtime: where a crate of the build turns tokio's signals on, the
/// first runtime opens two descriptors for the whole process.
fn after_a_first_runtime() -> (usize, usize) {
    drop(runtime(&mut Builder::new_current_thread()));
    handles()
}

/// Runs one of these tests alone, in a process of its own.
#[track_caller]
fn passes_alone(test: &str) {
    payment_credentials_test_limit::start();
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg(format!("handles::{test}"))
        .output()
        .expect("it runs");
    let printed = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
    assert!(
        child.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

fn builder() -> HyperPortBuilder {
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled)
}

/// Row B23.
#[test]
fn b23_clients_have_no_thread_and_no_descriptor_of_their_own() {
    passes_alone("b23_child_builds_ten_thousand_clients");
}

#[test]
#[ignore = "runs as a child of the test above"]
fn b23_child_builds_ten_thousand_clients() {
    payment_credentials_test_limit::start();
    let before = after_a_first_runtime();
    let mut alive = Vec::new();
    for nth in 0..10_000 {
        let client = builder().build().expect("a port");
        if nth % 10 == 0 {
            alive.push((client.clone(), client));
        }
    }
    assert_eq!((alive.len(), handles()), (1_000, before));
    drop(alive);
    // Without certificates on the system, building fails, and holds nothing either.
    drop(builder().roots(Roots::Platform).build());
    assert_eq!(handles(), before);

    let runtime = runtime(&mut Builder::new_current_thread());
    runtime.block_on(async {
        let (opener, _) = opener(&TokioOffload::default());
        let before = handles();
        for _ in 0..200 {
            let port = builder().build().expect("a port");
            drop(BlockingGenerator::new(port, opener.clone()).expect("a generator"));
        }
        // The threads of the dropped clients end by themselves.
        until(|| handles() == before).await;
        let peer = Peer::new(|_, stream| answer_all(stream));
        for _ in 0..1_000 {
            let client = peer.builder().build().expect("a port");
            call(&client).await.expect("credentials");
        }
        // The peer's listener.
        until(|| alive_tasks() == 1).await;
        assert_eq!(handles(), before);
    });
    drop(runtime);
    // The system still counts a thread for a moment after it has ended.
    block_on(until(|| handles() == before));
}

#[test]
fn a_crowd_over_tcp_leaves_no_descriptor_and_no_thread() {
    passes_alone("child_calls_in_a_crowd_over_tcp");
}

/// Half of the descriptors that a process may usually open, since this process holds both ends.
const CROWD: usize = 300;

#[test]
#[ignore = "runs as a child of the test above"]
fn child_calls_in_a_crowd_over_tcp() {
    payment_credentials_test_limit::start();
    let before = after_a_first_runtime();
    let runtime = runtime(Builder::new_multi_thread().worker_threads(2));
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let service = Moody::default();
        let serving = service.serving.clone();
        let accepting = tokio::spawn(async move {
            for nth in 0.. {
                let (stream, _) = listener.accept().await.expect("a connection");
                tokio::spawn(service.clone().serve(nth, BufReader::new(stream)));
            }
        });
        let endpoint = Endpoint::custom(format!("http://{address}").parse().expect("an address"));
        let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
            .roots(Roots::Bundled)
            .call_deadline(Duration::from_millis(300))
            .build()
            .expect("a port");
        let open = handles();
        let tally = call_at_once(&port, CROWD, "t").await;
        assert_eq!(tally.counts.values().sum::<usize>(), CROWD * CALLS);
        // Dropping the port closes the connections of its calls at once, and the service notices
        // that.
        drop(port);
        until(|| serving.count() == 0 && handles() == open).await;
        accepting.abort();
    });
    drop(runtime);
    // The system still counts a thread for a moment after it has ended.
    block_on(until(|| handles() == before));
}

#[test]
fn a_crowd_leaves_nothing_in_memory() {
    passes_alone("child_calls_in_one_crowd_after_another");
}

/// A difference of this size in KiB is noise, without a known cause.
const SLACK: usize = 1024;

#[tokio::test(start_paused = true)]
#[ignore = "runs as a child of the test above"]
async fn child_calls_in_one_crowd_after_another() {
    let service = Moody::default();
    let peer = Peer::new(move |nth, stream| service.clone().serve(nth, stream));
    let port = peer.builder().call_deadline(Duration::from_secs(8));
    // Connections that are kept on purpose don't count as leaks.
    let port = port.max_idle_connections(32).build().expect("a port");
    let mut sizes = Vec::new();
    for round in 0..8 {
        call_at_once(&port, 1_000, &format!("r{round}x")).await;
        sleep(Duration::from_secs(2)).await;
        sizes.push(resident());
    }
    assert!(sizes[7] <= sizes[3] + SLACK, "{sizes:?}");
}
