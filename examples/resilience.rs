//! What can break, what the caller learns of it, and how the layers handle it.
//!
//! The embedded sandbox injects faults into some calls, which go through the port with every layer in
//! its order. `cargo run --example resilience`; or `-- rules.json` with rules of your own, whose format
//! is in the documentation of `payment_credentials_sandbox::faults`.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::HyperPort;
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::layers::{
    ConcurrencyLimit, Metrics, RateLimit, Retry, RetryPolicy, Trace,
};
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort, PortError,
};
use payment_credentials_sandbox::faults::InjectedFault;
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

/// Which connection or request of the run breaks, and how; each retry counts as a request.
pub const RULES: &str = r#"[
    {"on": {"connection": 1}, "phase": "tls", "fault": "reset"},
    {"on": {"request": 2}, "phase": "headers", "fault": {"status": 503}},
    {"on": {"request": 4}, "phase": "headers", "fault": "reset"},
    {"on": {"request": 5}, "phase": "body", "fault": "silence"},
    {"on": {"request": 6}, "phase": "decrypt", "fault": "flip_bit"},
    {"on": {"request": 7}, "phase": "body", "fault": "unencrypted"}
]"#;

const CALLS: usize = 8;

#[tokio::main]
async fn main() -> ExitCode {
    match show().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn show() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::NotRequired).await?;
    match std::env::args().nth(1) {
        None => sandbox.faults().add_json(RULES)?,
        Some(path) => sandbox.faults().add_json_file(path)?,
    }
    for line in run(&sandbox).await? {
        println!("{line}");
    }
    println!(
        "\nThe same again, as a file:\n{}",
        sandbox.faults().log_json()
    );
    Ok(())
}

/// Makes the calls, and returns a line for each: what broke, and the outcome.
///
/// # Errors
///
/// Only if port or opener can't be built: the outcome of a call is in its line.
pub async fn run(sandbox: &Sandbox) -> Result<Vec<String>, Box<dyn Error>> {
    let merchant = sandbox.merchant();
    let key = PrivateKey::from_pem(merchant.opening_key_pem())?
        .with_key_id(merchant.opening_key_id().parse()?);
    let opener = JweOpener::new(Keyring::new([key])?);
    let generator = CredentialsGenerator::new(compose(sandbox)?, opener);
    let request = CredentialsRequest::new(vault::VISA.parse()?);

    let mut lines = Vec::new();
    for call in 1..=CALLS {
        let before = sandbox.faults().log().len();
        let outcome = generator.generate(&request).await;
        let log = sandbox.faults().log();
        let broken = broken(&log[before..]);
        let outcome = match outcome {
            Ok(_) if broken.is_empty() => "credentials".to_owned(),
            Ok(_) => "credentials all the same".to_owned(),
            Err(error) => described(error.port_error()),
        };
        lines.push(format!("{call}  {broken:<22}  {outcome}"));
    }
    Ok(lines)
}

/// The port with all layers, outermost last; leave out what you don't need.
fn compose(sandbox: &Sandbox) -> Result<impl PaymentCredentialsPort, Box<dyn Error>> {
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .extra_root(sandbox.root_certificate_der())
        // Short, so that the example doesn't wait long for a silent service; 30 seconds by default.
        .call_deadline(Duration::from_secs(2))
        .build()?;
    let port = ConcurrencyLimit::new(port, 100)?;
    let port = RateLimit::new(port, 50)?;
    let policy = RetryPolicy::default()
        .deadline(Duration::from_secs(10))
        .backoff(Duration::from_millis(100), Duration::from_secs(1));
    let port = Retry::with_policy(port, &policy);
    let merchant_id = sandbox.merchant().id().parse()?;
    // Nothing signs here, so nobody else knows the merchant.
    Ok(Trace::new(Metrics::new(port)).with_merchant_id(merchant_id))
}

/// Everything that a program branches on.
fn described(error: &PortError) -> String {
    format!(
        "{error}: delivery {:?}, retry {:?}, attempts {}",
        error.delivery(),
        error.repeatability(),
        error.attempts()
    )
}

/// Lists the faults; empty if there were none.
fn broken(faults: &[InjectedFault]) -> String {
    faults
        .iter()
        .map(InjectedFault::rule)
        .map(|rule| format!("{:?} in {:?}", rule.fault(), rule.phase()))
        .collect::<Vec<_>>()
        .join(", ")
}
