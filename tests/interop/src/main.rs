//! The vendor's SDKs call the sandbox, with each way to sign and to encrypt, and other JOSE libraries
//! open what this project seals, and vice versa.
//!
//! The script `run` in this folder installs them and starts this program. With `--store`, the
//! requests are written to `tests/vectors/captured`, where the tests of the sandbox read them.

use std::error::Error;
use std::process::ExitCode;

use payment_credentials_sandbox::{EncryptedContent, vault};

mod capture;
mod encrypted;
mod library;
mod round_trip;
mod sdk;
mod stage;

use encrypted::Encrypted;
use library::Library;
use sdk::{AuthenticationScheme, Operation, Sdk};
use stage::Stage;

/// The vendor's published test merchant; its key is in each of the vendor's sample repositories.
pub(crate) const MERCHANT: &str = "testrest";
pub(crate) const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";
pub(crate) const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let store = std::env::args().any(|argument| argument == "--store");
    match run(store).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("{failed} failed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(store: bool) -> Outcome<u32> {
    let mut report = Report::default();
    let stage = Stage::set(EncryptedContent::default()).await?;
    for sdk in Sdk::ALL {
        for scheme in AuthenticationScheme::CAPTURED {
            let outcome = sign(&stage, sdk, scheme, store).await;
            report.add(sdk.name(), scheme.name(), outcome);
        }
    }
    for library in Library::ALL {
        let outcome = round_trip::open_our_request(&stage, library).await;
        report.add(library.name(), "opens our request", outcome);
    }
    drop(stage);
    for content in Encrypted::CONTENTS {
        encrypt(&mut report, content).await?;
    }
    Ok(report.failed)
}

/// Runs the cases that depend on the content of encrypted responses.
async fn encrypt(report: &mut Report, content: EncryptedContent) -> Outcome<()> {
    let stage = Stage::set(content).await?;
    for sdk in Sdk::ALL {
        for case in Encrypted::cases(content) {
            let what = format!("{}, {content:?}", case.name());
            report.add(sdk.name(), &what, case.check(&stage, sdk, content).await);
        }
    }
    for library in Library::ALL {
        let sealed = round_trip::seal_an_answer(&stage, library, content).await;
        let what = format!("seals a response for us, {content:?}");
        report.add(library.name(), &what, sealed);
        let called = round_trip::call(&stage, library).await;
        let what = format!("calls the sandbox, {content:?}");
        report.add(library.name(), &what, called);
    }
    Ok(())
}

/// Runs one way to sign; returns what the sandbox tolerated.
async fn sign(
    stage: &Stage,
    sdk: Sdk,
    scheme: AuthenticationScheme,
    store: bool,
) -> Outcome<String> {
    let configuration = sdk.configuration(scheme, stage);
    let called = stage.call(sdk, &configuration, Operation::V2, vault::VISA);
    let (received, answer) = called.await?;
    let body = answer.body.ok_or("it handed over nothing")?;
    let body = stage.open_answer(body).await?;
    stage.open_credentials(body).await?;
    if store {
        capture::store(stage, sdk, scheme, &received)?;
    }
    Ok(format!("tolerated: {:?}", received.tolerated()))
}

/// Prints a line for each case.
#[derive(Default)]
struct Report {
    failed: u32,
}

impl Report {
    fn add(&mut self, who: &str, what: &str, outcome: Outcome<String>) {
        match outcome {
            Ok(text) => println!("{who:<8}{what:<52} ok, {text}"),
            Err(error) => {
                self.failed += 1;
                println!("{who:<8}{what:<52} FAILED: {error}");
            }
        }
    }
}
