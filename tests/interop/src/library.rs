//! JOSE libraries that neither this project nor the SDKs use.

use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use payment_credentials_core::seam::MessageEncryption;
use payment_credentials_core::secret::SecretBytes;
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    ConfiguredKey, EncryptionError, EncryptionErrorKind, KeyId, Repeatability,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::Outcome;
use crate::sdk::{self, Sdk};

/// One of the libraries; a script in its language seals and opens JWEs with it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Library {
    Jose,
    Joserfc,
}

#[derive(Deserialize)]
struct Sealed {
    jwe: String,
}

/// What a library found in a JWE.
#[derive(Deserialize)]
pub(crate) struct Opened {
    pub(crate) header: Value,
    pub(crate) plaintext: String,
}

impl Library {
    pub(crate) const ALL: [Self; 2] = [Self::Jose, Self::Joserfc];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Jose => "jose",
            Self::Joserfc => "joserfc",
        }
    }

    /// Seals for the key of a certificate or for the public half of a private key, in PEM.
    pub(crate) async fn seal(self, header: Value, plaintext: &str, key: &str) -> Outcome<String> {
        let wish = json!({"seal": {"header": header, "plaintext": plaintext, "key": key}});
        let sealed: Sealed = serde_json::from_slice(&self.run(&wish).await?)?;
        Ok(sealed.jwe)
    }

    /// Opens with a private key in PEM.
    pub(crate) async fn open(self, jwe: &str, key: &str) -> Outcome<Opened> {
        let wish = json!({"open": {"jwe": jwe, "key": key}});
        Ok(serde_json::from_slice(&self.run(&wish).await?)?)
    }

    async fn run(self, wish: &Value) -> Outcome<Vec<u8>> {
        let (language, script) = match self {
            Self::Jose => (Sdk::Node, "node/jose.js"),
            Self::Joserfc => (Sdk::Python, "python/joserfc_jwe.py"),
        };
        let mut process = Command::new(language.interpreter())
            .arg(sdk::path(script))
            .env("NODE_PATH", sdk::NODE_PATH)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut input = process.stdin.take().ok_or("it has no input")?;
        input.write_all(wish.to_string().as_bytes()).await?;
        drop(input);
        let output = process.wait_with_output().await?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(output.stdout)
    }
}

/// The client's message-level encryption, implemented by a library instead of by this project.
#[derive(Debug)]
pub(crate) struct Encryption {
    pub(crate) library: Library,
    pub(crate) recipient: String,
    pub(crate) recipient_key_id: String,
    pub(crate) response_key: String,
    pub(crate) response_key_id: KeyId,
}

#[async_trait]
impl MessageEncryption for Encryption {
    fn is_active(&self) -> bool {
        true
    }

    fn response_key_id(&self) -> Option<KeyId> {
        Some(self.response_key_id.clone())
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, now: SystemTime) -> Result<Bytes, EncryptionError> {
        let sealed = self.sealed(&body, now).await;
        sealed.map_err(|cause| failed(EncryptionErrorKind::Seal, cause))
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        let opened = self.opened(&body).await;
        opened.map_err(|cause| failed(EncryptionErrorKind::Decrypt, cause))
    }
}

impl Encryption {
    async fn sealed(&self, body: &[u8], now: SystemTime) -> Outcome<Bytes> {
        let header = json!({
            "alg": "RSA-OAEP-256",
            "enc": "A256GCM",
            "kid": self.recipient_key_id,
            "cty": "JWT",
            "iat": now.duration_since(UNIX_EPOCH)?.as_secs(),
        });
        let plaintext = str::from_utf8(body)?;
        let jwe = self
            .library
            .seal(header, plaintext, &self.recipient)
            .await?;
        Ok(json!({"encryptedRequest": jwe}).to_string().into())
    }

    async fn opened(&self, body: &[u8]) -> Outcome<ResponseBody> {
        let body: Value = serde_json::from_slice(body)?;
        let jwe = body["encryptedResponse"]
            .as_str()
            .ok_or("it isn't encrypted")?;
        let opened = self.library.open(jwe, &self.response_key).await?;
        if opened.header["kid"] != self.response_key_id.as_str() {
            return Err("it is encrypted for another key".into());
        }
        let plaintext = Zeroizing::new(opened.plaintext.into_bytes());
        Ok(ResponseBody::Decrypted(SecretBytes::from(plaintext)))
    }
}

fn failed(
    fault: EncryptionErrorKind,
    cause: Box<dyn std::error::Error + Send + Sync>,
) -> EncryptionError {
    EncryptionError::new(fault, Repeatability::Never).with_source(cause)
}
