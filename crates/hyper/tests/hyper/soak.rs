//! Many failing calls to a peer in a process of its own, so that everything that stays behind
//! belongs to the client.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use payment_credentials_core::Endpoint;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_hyper::{HyperPort, Roots};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::peer::{GOOD, call, read_request};

/// Fails in one of five ways, chosen by the connection's number.
async fn fail(mut stream: TcpStream, nth: usize) {
    if nth.is_multiple_of(5) {
        return;
    }
    if !read_request(&mut stream).await {
        return;
    }
    let answer = match nth % 5 {
        1 => "",
        2 => GOOD.split_at(20).0,
        3 => GOOD.split_at(GOOD.len() - 3).0,
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 900\r\n\r\n{",
    };
    // The client may have closed the connection.
    let _ = stream.write_all(answer.as_bytes()).await;
}

#[tokio::test]
#[ignore = "run by the test below, as a process"]
async fn child_fails_every_call() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let mut out = std::io::stdout();
    writeln!(out, "listens at {port}").expect("written");
    tokio::spawn(async move {
        for nth in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(fail(stream, nth));
        }
    });
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = input.await;
}

/// Starts a peer's process, which exits when its input ends.
fn peer() -> (Child, u16) {
    let mut process = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg("soak::child_fails_every_call")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let output = BufReader::new(process.stdout.take().expect("piped"));
    let mut ports = output
        .lines()
        .map(|line| line.expect("text"))
        .filter_map(|line| line.split_once("listens at ")?.1.parse().ok());
    (process, ports.next().expect("a port"))
}

/// The resident memory of this process in KiB.
#[expect(clippy::disallowed_methods, reason = "the kernel tells it in a file")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.expect("a line").parse().expect("a number")
}

/// How many descriptors this process has.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("a folder")
        .count()
}

async fn fails(port: &HyperPort, calls: usize) {
    for _ in 0..calls {
        call(port).await.expect_err("it fails");
    }
}

/// Row L2 and section 8: memory grows by at most one percent over the last 80,000 calls.
#[tokio::test]
#[ignore = "takes a minute; .ci/long runs it"]
async fn a_hundred_thousand_calls_that_fail_leave_nothing_behind() {
    let (mut process, port) = peer();
    let base = format!("http://127.0.0.1:{port}");
    let endpoint = Endpoint::custom(base.parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let port = port.build().expect("a port");
    fails(&port, 20_000).await;
    // The first measurement itself allocates memory.
    let _ = (resident(), descriptors());
    let before = (resident(), descriptors());
    fails(&port, 80_000).await;
    let after = (resident(), descriptors());
    println!("KiB and descriptors: {before:?} after 20,000 calls, {after:?} after 100,000");
    assert!(after.0 * 100 <= before.0 * 101, "{before:?} {after:?}");
    assert_eq!(after.1, before.1);
    drop(process.stdin.take());
    process.wait().expect("it ends");
}
