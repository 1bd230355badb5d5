//! The transport takes nothing from the environment.

use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};

use payment_credentials_core::{Endpoint, Environment, PortErrorKind};
use payment_credentials_hyper::Roots;

use crate::peer::call;
use crate::sandboxed::{meaning, sandbox, trusting};

const INNER: &str = "environment::a_call_in_a_hostile_environment";

/// A folder of the process that runs the test below.
fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("hostile-{}", process::id()))
}

/// Row B14. Runs the test below in a process of its own, since a test can't safely set variables.
#[test]
fn b14_proxies_certificate_paths_and_key_logs_have_no_effect() {
    let folder = folder();
    fs::create_dir_all(&folder).expect("a folder");
    let (certificate, key_log) = (folder.join("trusted.pem"), folder.join("keys"));
    let nowhere = "http://127.0.0.1:1";
    let mut test = Command::new(std::env::current_exe().expect("a path"));
    test.args(["--ignored", "--exact", INNER])
        .current_dir(&folder)
        .env("SSLKEYLOGFILE", &key_log)
        .env("SSL_CERT_FILE", &certificate)
        .env("SSL_CERT_DIR", &folder);
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        test.env(proxy, nowhere);
        test.env(proxy.to_ascii_lowercase(), nowhere);
    }
    let output = test.output().expect("the test runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
    assert!(certificate.exists(), "there was nothing to trust");
    assert!(!key_log.exists(), "TLS keys were logged");
    fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
#[ignore = "run by the test above, in a process with hostile variables"]
async fn a_call_in_a_hostile_environment() {
    let sandbox = sandbox().await;
    let port = trusting(&sandbox).roots(Roots::Platform);
    call(&port.build().expect("a port"))
        .await
        .expect("credentials");
    // The file and the folder that the two variables name.
    let trusted = sandbox.root_certificate_pem();
    fs::write("trusted.pem", trusted).expect("written");
    let port = meaning(Endpoint::new(Environment::Test), &sandbox).roots(Roots::Platform);
    // A system without certificates has no roots to trust, whatever the variables say.
    let Ok(port) = port.build() else { return };
    let error = call(&port).await.expect_err("an untrusted certificate");
    assert_eq!(error.kind(), PortErrorKind::Tls);
}
