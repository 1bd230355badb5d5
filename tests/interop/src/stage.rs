//! The environment of an SDK in a run: a sandbox, keys in files, and an opener for the result.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use http::{HeaderMap, StatusCode};
use payment_credentials_core::CredentialsOpener as _;
use payment_credentials_core::seam::MessageEncryption as _;
use payment_credentials_core::secret::{Password, SecretBytes};
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_jose::{
    JweMessageEncryption, JweOpener, Keyring, ResponseKey, ResponseKeyring,
};
use payment_credentials_keys::{Keystore, PrivateKey};
use payment_credentials_sandbox::{EncryptedContent, Policy, ReceivedRequest, Sandbox};
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use crate::sdk::{self, Operation, Sdk};
use crate::{KEY_ID, MERCHANT, Outcome, SECRET};

/// The sandbox, the proxy to it, and the files that the SDKs read.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) opener: JweOpener,
    encryption: JweMessageEncryption,
    proxy_port: u16,
    folder: PathBuf,
}

/// What an SDK returned to its caller.
#[derive(Debug, Deserialize)]
pub(crate) struct Handed {
    pub(crate) body: Option<String>,
    pub(crate) error: Option<String>,
}

impl Stage {
    pub(crate) async fn set(content: EncryptedContent) -> Outcome<Self> {
        let policy = Policy::tolerant()
            .with_explanations()
            .with_captured_authentication()
            .with_encrypted_content(content)
            .with_shared_secret(MERCHANT, KEY_ID, SECRET)?;
        // Through its proxy the SDKs call the vendor's own host name, sign it, and validate the certificate for it.
        let sandbox = Sandbox::builder(policy.into())
            .proxy_port(0)
            .start()
            .await?;
        let proxy = sandbox.proxy_address().ok_or("no proxy")?;
        let folder = folder();
        sandbox.write_files(&folder)?;
        let merchant = sandbox.merchant();
        let key = PrivateKey::from_pem(merchant.opening_key_pem())?
            .with_key_id(merchant.opening_key_id().parse()?);
        let portfolio = sandbox.portfolio();
        let responses = ResponseKeyring::new([
            response_key(merchant.response_key_pem()?, merchant.response_key_id())?,
            response_key(portfolio.response_key_pem()?, portfolio.response_key_id())?,
        ])?;
        Ok(Self {
            opener: JweOpener::new(Keyring::new([key])?),
            encryption: JweMessageEncryption::default()
                .opening_with(responses)
                // A response that an SDK has opened contains unencrypted credentials.
                .accepting_credentials_in_the_clear(),
            proxy_port: proxy.port(),
            folder,
            sandbox,
        })
    }

    /// Makes one call of one SDK; returns the request as the sandbox received it, and the SDK's result.
    pub(crate) async fn call(
        &self,
        sdk: Sdk,
        configuration: &Value,
        operation: Operation,
        token_id: &str,
    ) -> Outcome<(ReceivedRequest, Handed)> {
        let file = self.folder.join("configuration.json");
        std::fs::write(&file, configuration.to_string())?;
        let before = self.sandbox.requests().len();
        let handed = self.run(sdk, &file, operation, token_id).await?;
        let requests = self.sandbox.requests();
        let received = requests
            .get(before)
            .ok_or_else(|| format!("it sent nothing; it says {handed:?}"))?;
        if let Some(failure) = received.authentication().and_then(|seen| seen.failure()) {
            return Err(failure.to_string().into());
        }
        Ok((received.clone(), handed))
    }

    async fn run(
        &self,
        sdk: Sdk,
        configuration: &Path,
        operation: Operation,
        token_id: &str,
    ) -> Outcome<Handed> {
        let root = self.folder.join("root.pem");
        let output = Command::new(sdk.interpreter())
            .arg(sdk.script())
            .arg(configuration)
            .args([token_id, operation.version()])
            .env("SANDBOX_ROOT", &root)
            .env("NODE_EXTRA_CA_CERTS", &root)
            .env("NODE_PATH", sdk::NODE_PATH)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .await?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let last = printed
            .lines()
            .rev()
            .find_map(|line| serde_json::from_str(line).ok());
        last.ok_or_else(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let last = complaint.lines().last().unwrap_or_default();
            format!("it printed no response: {printed} {last}").into()
        })
    }

    /// The content of an encrypted response, or the body itself if it isn't encrypted.
    pub(crate) async fn open_answer(&self, body: String) -> Outcome<SecretBytes> {
        match self.encryption.open(body.into()).await? {
            ResponseBody::Decrypted(plaintext) => Ok(plaintext),
            other => Err(format!("it wasn't opened: {other:?}").into()),
        }
    }

    /// Opens credentials or the JWE that contains them.
    pub(crate) async fn open_credentials(&self, body: SecretBytes) -> Outcome<()> {
        let body = ResponseBody::Decrypted(body);
        let sealed = wire::decode(StatusCode::CREATED, &HeaderMap::new(), body)?;
        self.opener.open(&sealed).await?;
        Ok(())
    }

    /// The certificate, in DER, with which an owner's JWTs are signed.
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

fn response_key(pem: &str, key_id: &str) -> Outcome<ResponseKey> {
    let key = PrivateKey::from_pem(pem)?;
    Ok(ResponseKey::new(key, key_id.parse()?))
}

/// A folder for the files of one stage, which the sandbox makes.
fn folder() -> PathBuf {
    static STAGES: AtomicU32 = AtomicU32::new(0);
    let (run, stage) = (std::process::id(), STAGES.fetch_add(1, Ordering::Relaxed));
    std::env::temp_dir().join(format!("interop-{run}-{stage}"))
}

impl Drop for Stage {
    fn drop(&mut self) {
        // If this fails, only a temporary folder with keys of this run is left behind.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
