//! Bursts of calls over TLS to a peer in a process of its own.

use std::io::{BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::Endpoint;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_hyper::{HyperPort, Roots};
use rustls::version::TLS13;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use crate::authority::{Asks, Authority};
use crate::peer::{GOOD, call, read_request};

/// A process that answers every request over TLS after a delay, and exits when its input ends.
struct Peer {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
    port: HyperPort,
}

impl Peer {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .arg("burst::child_is_the_peer")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let line = value_after(&mut output, "listens at ");
        let (port, root) = line.split_once(' ').expect("two words");
        let endpoint = Endpoint::custom("https://payments.example".parse().expect("an address"));
        let there = format!("127.0.0.1:{port}").parse().expect("an address");
        let endpoint = endpoint.with_connect_to(there).expect("an endpoint");
        let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
            .roots(Roots::ExtraOnly)
            .extra_root(STANDARD.decode(root).expect("a root"))
            .build()
            .expect("a port");
        Self {
            input: process.stdin.take(),
            process,
            output,
            port,
        }
    }

    /// Makes this many calls at the same time, twice, and returns how many failed.
    async fn two_bursts(&self, calls: usize) -> usize {
        let mut failed = 0;
        for _ in 0..2 {
            let mut burst = JoinSet::new();
            for _ in 0..calls {
                let port = self.port.clone();
                burst.spawn(async move { call(&port).await.is_err() });
            }
            let ended = burst.join_all().await;
            failed += ended.into_iter().filter(|failed| *failed).count();
        }
        failed
    }

    /// Ends the peer's process and returns how many connections it accepted.
    fn end(mut self) -> usize {
        drop(self.input.take());
        let count = value_after(&mut self.output, "connections ");
        self.process.wait().expect("it ends");
        count.parse().expect("a number")
    }
}

/// Reads lines until one contains these words, and returns the text that follows them.
fn value_after(output: &mut impl std::io::BufRead, words: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(output.read_line(&mut line).expect("text") > 0, "it ended");
        if let Some((_, rest)) = line.trim_end().split_once(words) {
            return rest.to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the tests here, as a process"]
async fn child_is_the_peer() {
    let authority = Authority::new("payments root");
    let acceptor = authority.server("payments.example", Asks::Never, &TLS13);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "listens at {port} {}",
        STANDARD.encode(authority.root())
    )
    .expect("written");
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                while read_request(&mut stream).await {
                    sleep(Duration::from_millis(200)).await;
                    if stream.write_all(GOOD.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let input_ends = spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = input_ends.await;
    let count = connections.load(Ordering::SeqCst);
    writeln!(out, "connections {count}").expect("written");
}

#[tokio::test]
async fn two_bursts_of_a_thousand_over_tls_open_a_thousand_connections_at_most() {
    let peer = Peer::start();
    assert_eq!(peer.two_bursts(1_000).await, 0);
    let connections = peer.end();
    assert!(connections <= 1_001, "{connections}");
}

#[tokio::test]
#[ignore = "takes half a minute, and up to 10,000 descriptors in each of two processes (ulimit -n)"]
async fn no_call_of_two_bursts_of_ten_thousand_over_tls_fails() {
    let peer = Peer::start();
    assert_eq!(peer.two_bursts(10_000).await, 0);
    assert!(peer.end() <= 10_001);
}
