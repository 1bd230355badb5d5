//! After a real fork, the child has only one thread and must not wait for threads that only its
//! parent has.

use std::error::Error as _;
use std::io::Write as _;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use payment_credentials_core::seam::offload;
use payment_credentials_core::{Delivery, Phase, PortErrorKind, Repeatability};
use payment_credentials_hyper::TokioOffload;
use tokio::runtime::Builder;

use crate::blocking::{generator, request, sandbox};

/// The environment variable that names the case to run in a process of its own.
const CASE: &str = "PAYMENT_CREDENTIALS_FORKED";

/// Builds the helper that forks, with the C compiler that the cryptography needs as well.
fn forking(case: &str) -> PathBuf {
    let name = format!("forking-{}-{case}.so", process::id());
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-x", "c", "-", "-o"])
        .arg(&built)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a C compiler, called cc");
    let mut source = compiler.stdin.take().expect("a pipe");
    let written = source.write_all(include_bytes!("forking.c"));
    written.expect("the compiler listens");
    drop(source);
    assert!(compiler.wait().expect("it ends").success(), "not compiled");
    built
}

/// Runs a case in a process of its own, which forks.
fn played(case: &str) {
    let forking = forking(case);
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "forked::plays_a_case",
            "--ignored",
            "--nocapture",
        ])
        .env(CASE, case)
        .env("LD_PRELOAD", &forking)
        .output()
        .expect("it starts");
    let _ = std::fs::remove_file(forking);
    let printed = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{stderr}");
    assert!(printed.contains("1 passed"), "{printed}");
}

/// Runs this in a forked child, and checks that the child succeeds.
fn in_child(does: impl FnOnce()) {
    let ended = match parent_id() {
        0 => {
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(does));
            process::exit(i32::from(done.is_err()));
        }
        ended => ended,
    };
    assert_eq!(ended, 1, "the child failed, or hung (100)");
}

#[test]
#[ignore = "it is started by the others, with what forks"]
fn plays_a_case() {
    match std::env::vars_os().find(|(name, _)| name == CASE) {
        Some((_, case)) if case == "generator" => a_generator(),
        Some((_, case)) if case == "sandbox" => a_sandbox(),
        Some((_, case)) if case == "threads" => threads(),
        _ => {}
    }
}

#[test]
fn a_blocking_generator_made_before_a_fork_refuses_in_the_child() {
    played("generator");
}

fn a_generator() {
    let sandbox = sandbox();
    let inherited = generator(&sandbox);
    inherited.generate(&request()).expect("credentials");
    in_child(|| {
        let error = inherited.generate(&request()).expect_err("refused");
        assert_eq!(
            (
                error.kind(),
                error.phase(),
                error.delivery(),
                error.repeatability()
            ),
            (
                PortErrorKind::Setup,
                Phase::Start,
                Delivery::NotSent,
                Repeatability::Never
            )
        );
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains("made before a fork"), "{cause}");
        let own = generator(&sandbox).generate(&request());
        own.expect("credentials by one of the child's own");
        drop(inherited);
    });
    assert_eq!(sandbox.minted(), 2);
}

#[test]
fn a_sandbox_made_before_a_fork_is_dropped_in_the_child() {
    played("sandbox");
}

fn a_sandbox() {
    let inherited = sandbox();
    in_child(|| drop(inherited));
}

#[test]
fn permits_that_threads_held_at_a_fork_are_free_in_the_child() {
    played("threads");
}

fn threads() {
    let threads = TokioOffload::default();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let permits = cores.saturating_sub(1).max(1);
    let (begun, begins) = mpsc::channel();
    // The runtime is dropped after the channel that its threads wait for, even if the test fails.
    let runtime = Builder::new_multi_thread().worker_threads(1).build();
    let runtime = runtime.expect("a runtime");
    // A thread holds each of the parent's permits until this channel ends.
    let (held, ends) = mpsc::channel::<()>();
    let ends = Arc::new(Mutex::new(ends));
    for _ in 0..permits {
        let (threads, begun, ends) = (threads.clone(), begun.clone(), Arc::clone(&ends));
        runtime.spawn(async move {
            let work = move || {
                begun.send(()).expect("the test listens");
                let _ = ends.lock().map(|ends| ends.recv());
            };
            offload(&threads, work).await
        });
    }
    for _ in 0..permits {
        begins.recv().expect("it begins");
    }
    in_child(|| {
        let own = Builder::new_current_thread().build().expect("a runtime");
        let worked = own.block_on(offload(&threads, || 6 * 7));
        assert_eq!(worked.expect("it works"), 42);
    });
    drop(held);
}
