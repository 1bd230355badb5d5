//! The main job, end to end: from a token id to a network token with its cryptogram.
//!
//! Runs against the embedded sandbox, over real TLS and with a real JWE; needs neither a merchant account
//! nor a network. `cargo run --example quickstart`
//!
//! It signs with the sandbox's shared secret. `-- keystore` signs with a certificate from a P12 file, and
//! `-- FILE` with the keys of a configuration file, also of the vendor's SDKs.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use payment_credentials::auth::{CertificateKey, JwtAuthenticator, SharedSecret, SharedSecretKey};
use payment_credentials::config::{Config, VerificationKey};
use payment_credentials::credentials::{Account, Proof};
use payment_credentials::generator::{CredentialsGenerator, GeneratedCredentials};
use payment_credentials::hyper::{HyperPort, TokioOffload};
use payment_credentials::jose::{
    JweMessageEncryption, JweOpener, Keyring, Recipient, ResponseKey, ResponseKeyring,
};
use payment_credentials::keys::{Certificate, Keystore, PrivateKey};
use payment_credentials::seam::{
    Clock as _, MessageEncryption, NoEncryption, RequestAuthenticator, SystemClock,
};
use payment_credentials::secret::Password;
use payment_credentials::{
    CredentialsOpener, CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort, PortError,
};
use payment_credentials_sandbox::{Merchant, Policy, Sandbox, vault};

const USAGE: &str = "usage: cargo run --example quickstart [-- keystore | FILE]";

type Generator = CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            let refusal = error.downcast_ref::<PortError>();
            for said in refusal.iter().flat_map(|refusal| refusal.vendor_errors()) {
                let message = said.message.as_deref();
                eprintln!("  the service says: {}", message.unwrap_or_default());
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let keys = Keys::chosen(&arguments)?;
    let sandbox = Sandbox::start(keys.enrolled()?.into()).await?;
    println!("sandbox            {}", sandbox.address());

    let generator = compose(&sandbox, &keys)?;
    let request = CredentialsRequest::new(vault::VISA.parse()?);
    println!("token id           {}", request.token_id());

    let generated = generator.generate(&request).await?;
    show(&generated)
}

/// The composition root: the one place that names adapters. The rest knows only the ports.
fn compose(sandbox: &Sandbox, keys: &Keys) -> Result<Generator, Box<dyn Error>> {
    let merchant = sandbox.merchant();
    // With the key at hand, one line chooses how to sign.
    let authenticator: Arc<dyn RequestAuthenticator> = match keys {
        Keys::SharedSecret => Arc::new(JwtAuthenticator::with_shared_secret(secret(merchant)?)),
        Keys::Keystore => {
            let jwt = JwtAuthenticator::with_certificate(certificate(merchant)?);
            Arc::new(jwt.offload(Arc::new(TokioOffload::default())))
        }
        Keys::Configured(config) => Arc::clone(config.key_set()?.authenticator()),
    };

    // The request names the vendor's test host, and the certificate is checked for that host; only the
    // connection goes to the sandbox. Remove `with_connect_to` to call the vendor.
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, authenticator)
        .extra_root(sandbox.root_certificate_der())
        // Encrypts whole messages, which the vendor is about to require. Without this line TLS protects
        // them, and the credentials in the response are encrypted in a JWE of their own in any case.
        .encryption(keys.encryption(sandbox)?)
        .build()?;
    for key in port.configured_keys() {
        if let Some(key_id) = key.key_id {
            println!("key                {key_id} {}", key.purpose);
        }
    }

    // The private half of the merchant's "Message-Level Encryption" key for TMS.
    let key = PrivateKey::from_pem(merchant.opening_key_pem())?
        .with_key_id(merchant.opening_key_id().parse()?);
    // A private-key operation occupies a core for about a millisecond, so it runs on other threads than
    // the runtime's.
    let keyring = Keyring::new([key])?.offload(Arc::new(TokioOffload::default()));
    let opener = JweOpener::new(keyring);

    Ok(CredentialsGenerator::new(Arc::new(port), Arc::new(opener)))
}

/// A REST shared secret key: the pair of key id and secret that the Business Center shows once.
fn secret(merchant: &Merchant) -> Result<SharedSecretKey, Box<dyn Error>> {
    let secret = SharedSecret::from_base64(merchant.shared_secret())?;
    let (owner, key_id) = (merchant.id().parse()?, merchant.key_id().parse()?);
    Ok(SharedSecretKey::new(owner, key_id, secret))
}

/// A REST certificate key: the P12 file that the Business Center hands out, and its password.
fn certificate(merchant: &Merchant) -> Result<CertificateKey, Box<dyn Error>> {
    let password = Password::from(merchant.keystore_password());
    let keystore = Keystore::read(merchant.keystore()?, Some(&password))?;
    let identity = keystore.signing_identity(merchant.id())?;
    Ok(CertificateKey::new(merchant.id().parse()?, identity))
}

/// Message-level encryption (MLE), in both directions: requests for the service's certificate, and
/// responses for the merchant's "REST - API Response MLE" key, which is not the key that opens payment
/// credentials.
fn encryption(sandbox: &Sandbox) -> Result<JweMessageEncryption, Box<dyn Error>> {
    let service = Certificate::from_pem(sandbox.recipient_certificate_pem()?.as_bytes())?;
    let merchant = sandbox.merchant();
    let password = Password::from(merchant.keystore_password());
    let keystore = Keystore::read(merchant.response_keystore()?, Some(&password))?;
    let key = ResponseKey::from_keystore(&keystore, merchant.id())?;
    let keys = ResponseKeyring::new([key])?.offload(Arc::new(TokioOffload::default()));
    Ok(JweMessageEncryption::default()
        .sealing_for(Recipient::new(&service, SystemClock.now())?)
        .opening_with(keys))
}

/// Whose keys sign.
enum Keys {
    /// Yours: `cargo run --example quickstart -- FILE`, with a configuration file of this library
    /// or of the vendor's SDKs.
    Configured(Box<Config>),
    /// The sandbox's own certificate: `cargo run --example quickstart -- keystore`.
    Keystore,
    /// The sandbox's own shared secret.
    SharedSecret,
}

impl Keys {
    fn chosen(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        Ok(match arguments {
            [] => Self::SharedSecret,
            [_, _, ..] => return Err(USAGE.into()),
            [keystore] if keystore == "keystore" => Self::Keystore,
            [option] if option.starts_with('-') => return Err(USAGE.into()),
            [file] => {
                let config = Config::from_file(file)?;
                config
                    .notes()
                    .iter()
                    .for_each(|note| println!("note: {note}"));
                Self::Configured(Box::new(config))
            }
        })
    }

    /// A configuration file's encryption is for the vendor: no sandbox can open it.
    fn encryption(&self, sandbox: &Sandbox) -> Result<Arc<dyn MessageEncryption>, Box<dyn Error>> {
        Ok(match self {
            Self::Configured(config) => {
                if config.key_set()?.encryption().is_active() {
                    println!("note: the file's encryption is for the vendor: left out");
                }
                Arc::new(NoEncryption)
            }
            Self::Keystore | Self::SharedSecret => Arc::new(encryption(sandbox)?),
        })
    }

    /// A sandbox accepts its own keys, and yours once they are enrolled.
    fn enrolled(&self) -> Result<Policy, Box<dyn Error>> {
        let policy = Policy::strict().with_explanations();
        let Self::Configured(config) = self else {
            return Ok(policy);
        };
        let Some(key) = config.enrolment()? else {
            return Err(
                "the sandbox can't verify this kind of authentication; call the vendor with it"
                    .into(),
            );
        };
        let (owner, key_id) = (key.owner.as_str(), key.key_id.as_str());
        let policy = match key.verification_key {
            VerificationKey::Certificate(der) => policy.with_certificate(owner, key_id, &der)?,
            VerificationKey::SharedSecret(secret) => {
                policy.with_shared_secret(owner, key_id, secret.expose())?
            }
            _ => return Err("a kind of key that this program doesn't know".into()),
        };
        Ok(policy.with_relation(owner, key.merchant.as_str()))
    }
}

/// Prints the credentials, with numbers masked and proofs redacted.
fn show(generated: &GeneratedCredentials) -> Result<(), Box<dyn Error>> {
    match generated.credentials.account() {
        Account::NetworkToken(token) => {
            println!("network token      {}", token.number()?.masked());
            println!("expires            {}", token.expiry()?);
            match token.proof()? {
                Proof::Cryptogram(cryptogram) => println!("cryptogram         {cryptogram:?}"),
                Proof::SecurityCode(code) => println!("security code      {code:?}"),
                other => println!("another proof      {other:?}"),
            }
            if let Some(eci) = &token.eci {
                println!("ECI                {eci}");
            }
        }
        Account::Card(card) => println!("PAN                {}", card.pan()?.masked()),
        other => println!("another account    {other:?}"),
    }
    if let Some(id) = generated.correlation_id() {
        println!("correlation id     {id}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_mean_nothing_are_refused_with_the_usage() {
        for line in [
            "keystore cybs.json",
            "cybs.json keystore",
            "--help",
            "-k keystore",
            "a b c",
        ] {
            let arguments: Vec<_> = line.split(' ').map(str::to_owned).collect();
            let refused = Keys::chosen(&arguments)
                .err()
                .map(|error| error.to_string());
            assert_eq!(refused.as_deref(), Some(USAGE), "{line}");
        }
        assert!(matches!(Keys::chosen(&[]), Ok(Keys::SharedSecret)));
        let keystore = ["keystore".to_owned()];
        assert!(matches!(Keys::chosen(&keystore), Ok(Keys::Keystore)));
    }
}
