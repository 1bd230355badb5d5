//! Stores an SDK's request as a vector: a folder with the request and the data that a verifier
//! needs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_sandbox::{CapturedAuthentication, ReceivedRequest};

use crate::Outcome;
use crate::sdk::{AuthenticationScheme, Sdk};
use crate::stage::Stage;

/// Writes the request to `tests/vectors/captured`.
pub(crate) fn store(
    stage: &Stage,
    sdk: Sdk,
    scheme: AuthenticationScheme,
    received: &ReceivedRequest,
) -> Outcome<()> {
    let name = format!("{}-{}", sdk.name(), scheme.name());
    let captured = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/captured");
    let folder = captured.join(name);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("head"), head(received)?)?;
    fs::write(folder.join("body"), received.body())?;
    let now = SystemClock.now().duration_since(UNIX_EPOCH)?;
    fs::write(folder.join("received-at"), format!("{}\n", now.as_secs()))?;
    fs::write(folder.join("outcome"), outcome(received)?)?;
    if let Some(owner) = scheme.certificate_owner(stage) {
        let certificate = stage.certificate(owner)?;
        let text = STANDARD.encode(certificate);
        fs::write(folder.join("certificate"), text + "\n")?;
    }
    Ok(())
}

/// The request line and the headers as they arrived, credentials included.
fn head(received: &ReceivedRequest) -> Outcome<String> {
    let mut head = format!("{} {}\n", received.method(), received.expose_path());
    let credentials = received.captured_authentication();
    for (name, value) in received.headers() {
        let secret = match name {
            "authorization" => credentials.and_then(CapturedAuthentication::expose_authorization),
            "signature" => credentials.and_then(CapturedAuthentication::expose_signature),
            _ => None,
        };
        // Other headers without a recorded value, such as telemetry, don't matter to a verifier.
        if let Some(value) = value.or(secret) {
            writeln!(head, "{name}: {value}")?;
        }
    }
    Ok(head)
}

/// The caller as the sandbox identified it, and what the sandbox tolerated.
fn outcome(received: &ReceivedRequest) -> Outcome<String> {
    let outcome = received
        .authentication()
        .ok_or("it was not authenticated")?;
    let mut text = String::new();
    writeln!(text, "key id: {}", outcome.key_id().unwrap_or_default())?;
    writeln!(
        text,
        "key owner: {}",
        outcome.key_owner().unwrap_or_default()
    )?;
    writeln!(
        text,
        "merchant id: {}",
        outcome.merchant_id().unwrap_or_default()
    )?;
    for tolerated in outcome.tolerated() {
        writeln!(text, "tolerated: {tolerated:?}")?;
    }
    Ok(text)
}
