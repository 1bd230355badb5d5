//! Opens payment credentials with a key that never leaves a KMS.
//!
//! The KMS is simulated: it is slow, throttles, hangs, and is down for a while. [`KeyInKms`] is the part
//! to copy. Retries belong in it: there a retry costs nothing, while a new call of the service would
//! spend another cryptogram. Sealed credentials can wait, and be opened once the KMS is back.
//!
//! Runs against the embedded sandbox. `cargo run --example kms_opener`

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use payment_credentials::credentials::Account;
use payment_credentials::hyper::HyperPort;
use payment_credentials::jose::{
    ContentKey, JweOpener, KeyAlgorithm, KeyUnwrap, UnwrapError, WrappedKey,
};
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    CredentialsOpener, CredentialsRequest, Endpoint, Environment, KeyId, PaymentCredentials,
    PaymentCredentialsPort,
};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::NotRequired).await?;
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .extra_root(sandbox.root_certificate_der())
        .build()?;
    let merchant = sandbox.merchant();
    let kms = Arc::new(SimulatedKms::holding(merchant.opening_key_pem())?);
    let key_id = merchant.opening_key_id().parse()?;
    let opener = JweOpener::new(KeyInKms::new(Arc::clone(&kms), key_id));
    let request = CredentialsRequest::new(vault::VISA.parse()?);

    kms.be(Mood::Well);
    let sealed = port.generate(&request).await?;
    println!("well        {}", shown(&opener.open(&sealed).await?));

    kms.be(Mood::Throttling { calls: 2 });
    let sealed = port.generate(&request).await?;
    println!("throttling  {}", shown(&opener.open(&sealed).await?));

    let sealed = port.generate(&request).await?;
    for (mood, name) in [(Mood::Down, "down"), (Mood::Hanging, "hanging")] {
        kms.be(mood);
        match opener.open(&sealed).await {
            Ok(_) => println!("{name:<11} opened all the same"),
            Err(error) => println!("{name:<11} {error}; {:?}", error.repeatability()),
        }
    }
    kms.be(Mood::Well);
    println!("back        {}", shown(&opener.open(&sealed).await?));
    println!("the KMS was called {} times", kms.calls());
    Ok(())
}

fn shown(credentials: &PaymentCredentials) -> &'static str {
    match credentials.account() {
        Account::NetworkToken(_) => "opened: a network token",
        _ => "opened: something else",
    }
}

/// The merchant's key in the KMS, as jose sees it.
#[derive(Debug)]
pub(crate) struct KeyInKms {
    kms: Arc<SimulatedKms>,
    key_id: KeyId,
}

impl KeyInKms {
    const TRIES: u32 = 4;
    const FIRST_PAUSE: Duration = Duration::from_millis(20);
    const LIMIT: Duration = Duration::from_secs(2);

    pub(crate) fn new(kms: Arc<SimulatedKms>, key_id: KeyId) -> Self {
        Self { kms, key_id }
    }

    async fn decrypt(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        let mut tried = 1;
        loop {
            match self.kms.decrypt(wrapped.encrypted_key()).await {
                Ok(content_key) => return ContentKey::new(content_key),
                Err(KmsError::InvalidCiphertext) => return Err(UnwrapError::Failed),
                Err(KmsError::Throttled | KmsError::Down) if tried < Self::TRIES => {
                    sleep(Self::FIRST_PAUSE * 2_u32.pow(tried)).await;
                    tried += 1;
                }
                Err(error) => return Err(UnwrapError::Unavailable(error.into())),
            }
        }
    }
}

#[async_trait]
impl KeyUnwrap for KeyInKms {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        let is_ours = wrapped.kid().is_some_and(|kid| self.key_id.names(kid));
        if !is_ours || wrapped.algorithm() != KeyAlgorithm::RsaOaep256 {
            return Err(wrapped.not_configured([&self.key_id]));
        }
        // The deadline of a call doesn't cover opening; this one does.
        let decrypted = timeout(Self::LIMIT, self.decrypt(wrapped)).await;
        decrypted.unwrap_or_else(|late| Err(UnwrapError::Unavailable(late.into())))
    }
}

/// Stands in for a service in another trust zone.
pub(crate) struct SimulatedKms {
    key: OaepPrivateDecryptingKey,
    mood: Mutex<Mood>,
    calls: AtomicUsize,
}

/// The state of the simulated KMS.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Well,
    Throttling { calls: usize },
    Down,
    Hanging,
}

#[derive(Debug)]
enum KmsError {
    Down,
    InvalidCiphertext,
    Throttled,
}

impl SimulatedKms {
    const LATENCY: Duration = Duration::from_millis(15);

    pub(crate) fn holding(pem: &str) -> Result<Self, Box<dyn Error>> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())?;
        let key = PrivateDecryptingKey::from_pkcs8(der.secret_pkcs8_der())?;
        Ok(Self {
            key: OaepPrivateDecryptingKey::new(key)?,
            mood: Mutex::new(Mood::Well),
            calls: AtomicUsize::new(0),
        })
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().expect("nobody panics") = mood;
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn hangs(&self) -> bool {
        matches!(*self.mood.lock().expect("nobody panics"), Mood::Hanging)
    }

    async fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, KmsError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        sleep(Self::LATENCY).await;
        if self.hangs() {
            std::future::pending::<()>().await;
        }
        let mut mood = self.mood.lock().expect("nobody panics");
        match *mood {
            Mood::Down => return Err(KmsError::Down),
            Mood::Throttling { calls: 0 } | Mood::Hanging | Mood::Well => {}
            Mood::Throttling { calls } => {
                *mood = Mood::Throttling { calls: calls - 1 };
                return Err(KmsError::Throttled);
            }
        }
        let mut buffer = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let oaep = &OAEP_SHA256_MGF1SHA256;
        let decrypted = self
            .key
            .decrypt(oaep, encrypted, &mut buffer, None)
            .map_err(|_| KmsError::InvalidCiphertext)?;
        Ok(Zeroizing::new(decrypted.to_vec()))
    }
}

impl fmt::Debug for SimulatedKms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedKms")
    }
}

impl fmt::Display for KmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "the KMS is down",
            Self::InvalidCiphertext => "the KMS can't decrypt this",
            Self::Throttled => "the KMS throttles",
        })
    }
}

impl Error for KmsError {}
