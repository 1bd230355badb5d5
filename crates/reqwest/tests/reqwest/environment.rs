//! The transport takes nothing from the environment.

use std::process::Command;

use payment_credentials_core::{Endpoint, Environment};
use payment_credentials_reqwest::Roots;

use crate::sandboxed::{meaning, sandbox, trusting, works};

const INNER: &str = "environment::a_call_in_a_hostile_environment";

/// Runs the test below in a process of its own, since a test can't safely set variables.
#[test]
fn proxies_certificate_paths_and_key_logs_have_no_effect() {
    let key_log = std::env::temp_dir().join(format!("key-log-{}", std::process::id()));
    let nowhere = "http://127.0.0.1:1";
    let mut test = Command::new(std::env::current_exe().expect("a path"));
    test.args(["--ignored", "--exact", INNER])
        .env("SSLKEYLOGFILE", &key_log);
    for proxy in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
    ] {
        test.env(proxy, nowhere);
    }
    for path in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        test.env(path, "/nonexistent");
    }
    let output = test.output().expect("the test runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
    assert!(!key_log.exists(), "TLS keys were logged");
}

#[tokio::test]
#[ignore = "run by the test above, in a process with hostile variables"]
async fn a_call_in_a_hostile_environment() {
    let sandbox = sandbox().await;
    let transport = trusting(&sandbox).roots(Roots::Platform).build();
    works(&meaning(
        Endpoint::new(Environment::Test),
        &sandbox,
        transport,
    ))
    .await;
}
