//! The vendor's SDKs call the sandbox, with each way to sign.
//!
//! `run` beside this folder's README installs the SDKs and starts this. With `--store`, what they
//! sent is written to `tests/vectors/captured`, where the gate's tests read it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use payment_credentials_core::secret::Password;
use payment_credentials_core::{AnswerHead, CredentialsOpener as _, SealedCredentials};
use payment_credentials_jose::{JweOpener, Keyring, Keystore, PrivateKey};
use payment_credentials_sandbox::{Policy, ReceivedRequest, Sandbox, vault};
use serde_json::Value;
use tokio::process::Command;

mod capture;
mod proxy;
mod sdk;

use sdk::{Scheme, Sdk};

/// The vendor's published test merchant; its key stands in every one of their sample repositories.
pub(crate) const MERCHANT: &str = "testrest";
pub(crate) const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";
pub(crate) const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

type Outcome<T> = Result<T, Box<dyn Error>>;

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
    let stage = Stage::set().await?;
    let mut failed = 0;
    for sdk in Sdk::ALL {
        for scheme in Scheme::ALL {
            let name = format!("{:<8}{:<22}", sdk.name(), scheme.name());
            match stage.call(sdk, scheme).await {
                Ok(received) => {
                    let tolerated = received.tolerated();
                    println!("{name} ok, tolerated: {tolerated:?}");
                    if store {
                        capture::store(&stage, sdk, scheme, &received)?;
                    }
                }
                Err(error) => {
                    failed += 1;
                    println!("{name} FAILED: {error}");
                }
            }
        }
    }
    Ok(failed)
}

/// The sandbox, the proxy that leads to it, and the files that the SDKs read.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    opener: JweOpener,
    proxy_port: u16,
    folder: PathBuf,
}

impl Stage {
    async fn set() -> Outcome<Self> {
        let policy = Policy::tolerant()
            .with_explanations()
            .with_captured_credentials()
            .with_shared_secret(MERCHANT, KEY_ID, SECRET)?;
        let sandbox = Sandbox::start(policy.into()).await?;
        let proxy = proxy::start(sandbox.address()).await?;
        let folder = std::env::temp_dir().join(format!("interop-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("root.pem"), sandbox.root_certificate_pem())?;

        let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
        for (owner, keystore) in [
            (merchant.id(), merchant.keystore()?),
            (portfolio.id(), portfolio.keystore()?),
        ] {
            std::fs::write(folder.join(format!("{owner}.p12")), keystore)?;
        }
        let key = PrivateKey::from_pem(merchant.opening_key_pem().as_bytes())?
            .with_key_id(merchant.opening_key_id().parse()?);
        Ok(Self {
            opener: JweOpener::new(Keyring::new([key])?),
            proxy_port: proxy.port(),
            folder,
            sandbox,
        })
    }

    /// One call of one SDK; the request as the sandbox received it.
    async fn call(&self, sdk: Sdk, scheme: Scheme) -> Outcome<ReceivedRequest> {
        let configuration = sdk.configuration(scheme, self);
        let file = self.folder.join("configuration.json");
        std::fs::write(&file, configuration.to_string())?;
        let before = self.sandbox.requests().len();
        let answer = self.run(sdk, &file).await?;
        let requests = self.sandbox.requests();
        let received = requests.get(before).ok_or_else(|| {
            format!("it sent nothing; it says {answer}")
        })?;
        if let Some(failure) = received.authentication().and_then(|seen| seen.failure()) {
            return Err(failure.to_string().into());
        }
        self.open(&answer).await?;
        Ok(received.clone())
    }

    async fn run(&self, sdk: Sdk, configuration: &Path) -> Outcome<Value> {
        let root = self.folder.join("root.pem");
        let output = Command::new(sdk.interpreter())
            .arg(sdk.script())
            .arg(configuration)
            .args([vault::VISA, "v2"])
            .env("SANDBOX_ROOT", &root)
            .env("NODE_EXTRA_CA_CERTS", &root)
            .env("NODE_PATH", sdk::NODE_PATH)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .await?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let last = printed.lines().rev().find_map(|line| serde_json::from_str(line).ok());
        last.ok_or_else(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let last = complaint.lines().last().unwrap_or_default();
            format!("it printed no answer: {printed} {last}").into()
        })
    }

    async fn open(&self, answer: &Value) -> Outcome<()> {
        let body = answer["body"].as_str().unwrap_or_default();
        let jwe = body.parse().map_err(|error| format!("no JWE: {error}; {answer}"))?;
        let sealed = SealedCredentials::new(jwe, AnswerHead::new(201));
        self.opener.open(&sealed).await?;
        Ok(())
    }

    /// The certificate that an owner's JWTs are signed with, in DER.
    pub(crate) fn certificate(&self, owner: &str) -> Outcome<Vec<u8>> {
        let (merchant, portfolio) = (self.sandbox.merchant(), self.sandbox.portfolio());
        let (file, password) = if owner == portfolio.id() {
            (portfolio.keystore()?, portfolio.keystore_password())
        } else {
            (merchant.keystore()?, merchant.keystore_password())
        };
        let keystore = Keystore::read(file, Some(&Password::from(password)))?;
        Ok(keystore.certificate(owner)?.der().to_vec())
    }

    pub(crate) fn proxy_port(&self) -> u16 {
        self.proxy_port
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What is left behind is a temporary folder with keys of this run alone.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
