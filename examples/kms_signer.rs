//! Signs requests with a key that never leaves a KMS.
//!
//! The KMS is simulated: it is slow, throttles, and is down for a while. [`KmsAuthenticator`] is the part
//! to copy. If the KMS can't sign, the call fails with the kind `KeyService` before a byte is sent, and
//! the error says whether the same call may be repeated.
//!
//! Runs against the embedded sandbox. `cargo run --example kms_signer`

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::HeaderMap;
use payment_credentials::auth::{JwtIds as _, JwtTemplate, SystemJwtIds};
use payment_credentials::hyper::HyperPort;
use payment_credentials::keys::{Keystore, SigningIdentity};
use payment_credentials::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials::secret::Password;
use payment_credentials::{
    AuthError, ConfiguredKey, CredentialsRequest, Endpoint, Environment, KeyId, KeyPurpose,
    MerchantId, PaymentCredentialsPort, Repeatability,
};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};
use tokio::time::sleep;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::strict()).await?;
    let kms = Arc::new(SimulatedKms::holding(&sandbox)?);
    let authenticator = KmsAuthenticator::new(Arc::clone(&kms), sandbox.merchant().id().parse()?);

    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, Arc::new(authenticator))
        .extra_root(sandbox.root_certificate_der())
        .call_deadline(Duration::from_secs(2))
        .build()?;
    let request = CredentialsRequest::new(vault::VISA.parse()?);
    for mood in [Mood::Well, Mood::Throttling, Mood::Down, Mood::Hanging] {
        kms.be(mood);
        let outcome = match port.generate(&request).await {
            Ok(_sealed) => "signed, and answered".to_owned(),
            Err(error) => format!("{error}; {:?}", error.repeatability()),
        };
        println!("{:<12}{outcome}", format!("{mood:?}"));
    }
    println!("the sandbox saw {} request", sandbox.requests().len());
    Ok(())
}

/// The merchant's REST key in the KMS, as a gateway sees it.
#[derive(Debug)]
pub struct KmsAuthenticator {
    kms: Arc<SimulatedKms>,
    key_id: KeyId,
    template: JwtTemplate,
}

impl KmsAuthenticator {
    pub fn new(kms: Arc<SimulatedKms>, owner: MerchantId) -> Self {
        let key_id = kms.identity.key_id().clone();
        Self {
            template: JwtTemplate::rs256(owner, &key_id),
            key_id,
            kms,
        }
    }
}

#[async_trait]
impl RequestAuthenticator for KmsAuthenticator {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, merchant_id: &MerchantId) -> bool {
        self.template.acts_for(merchant_id)
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        vec![ConfiguredKey::new(
            KeyPurpose::SignRequests,
            Some(self.key_id.clone()),
        )]
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let draft = self.template.draft(unsigned, now, SystemJwtIds.draw()?)?;
        let signature = self
            .kms
            .sign(draft.signing_input())
            .await
            .map_err(|error| AuthError::new(error.repeatability(), error))?;
        draft.signed(&signature)
    }
}

/// Stands in for a service in another trust zone. The call's deadline covers it.
pub struct SimulatedKms {
    identity: SigningIdentity,
    mood: Mutex<Mood>,
}

/// The state of the simulated KMS.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    Well,
    Throttling,
    Down,
    Hanging,
}

impl SimulatedKms {
    const LATENCY: Duration = Duration::from_millis(15);

    /// Holds the key of the sandbox's merchant.
    ///
    /// # Errors
    ///
    /// If its keystore can't be read.
    pub fn holding(sandbox: &Sandbox) -> Result<Self, Box<dyn Error>> {
        let merchant = sandbox.merchant();
        let password = Password::from(merchant.keystore_password());
        let keystore = Keystore::read(merchant.keystore()?, Some(&password))?;
        Ok(Self {
            identity: keystore.signing_identity(merchant.id())?,
            mood: Mutex::new(Mood::Well),
        })
    }

    pub fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KmsError> {
        sleep(Self::LATENCY).await;
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Mood::Well => {
                let signature = self.identity.key().sign_rs256(message);
                signature.map_err(|_broken| KmsError::Down)
            }
            Mood::Throttling => Err(KmsError::Throttled),
            Mood::Down => Err(KmsError::Down),
            Mood::Hanging => std::future::pending().await,
        }
    }
}

impl fmt::Debug for SimulatedKms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedKms")
    }
}

#[derive(Debug)]
enum KmsError {
    Down,
    Throttled,
}

impl KmsError {
    /// Nothing has been sent, so a retry costs nothing; whether it helps depends on the KMS.
    fn repeatability(&self) -> Repeatability {
        match self {
            Self::Down => Repeatability::Never,
            Self::Throttled => Repeatability::Safe,
        }
    }
}

impl fmt::Display for KmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "the KMS is down",
            Self::Throttled => "the KMS throttles",
        })
    }
}

impl Error for KmsError {}
