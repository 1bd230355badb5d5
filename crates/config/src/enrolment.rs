use std::fmt;

use payment_credentials_core::secret::Password;
use payment_credentials_core::{KeyId, MerchantId};

use crate::assembly::{certificate_key, shared_secret};
use crate::diagnostic::Diagnostic;
use crate::files::Files;
use crate::settings::{SharedSecretField, Signer, Signing};

/// What a service needs to verify the signing key; for tests against a service of your own.
///
/// [`Config::enrolment`](crate::Config::enrolment) has it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Enrolment {
    /// The merchant account that owns the key: the merchant, or for a MetaKey the portfolio.
    pub owner: MerchantId,
    /// The merchant that requests are made for.
    pub merchant: MerchantId,
    /// The key's name.
    pub key_id: KeyId,
    /// What its signatures are verified with.
    pub verification_key: VerificationKey,
}

/// What verifies signatures. `Debug` shows which it is.
#[non_exhaustive]
pub enum VerificationKey {
    /// A certificate, in DER.
    Certificate(Vec<u8>),
    /// The shared secret, in base64.
    SharedSecret(Password),
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate(_) => "Certificate",
            Self::SharedSecret(_) => "SharedSecret(redacted)",
        })
    }
}

/// `None` where nothing signs, or the key file holds no certificate.
pub(crate) fn enrolment(
    files: &mut Files<'_>,
    signing: Signing<'_>,
) -> Result<Option<Enrolment>, Diagnostic> {
    match signing {
        Signing::Bearer(_) | Signing::MutualTls => Ok(None),
        Signing::Certificate(signer, file, _) => {
            let (key, _) = certificate_key(files, &signer, &file)?;
            let certificate = key.certificate();
            Ok(certificate.map(|certificate| Enrolment {
                owner: signer.owner,
                merchant: signer.merchant,
                key_id: key.key_id().clone(),
                verification_key: VerificationKey::Certificate(certificate.der().to_vec()),
            }))
        }
        Signing::HttpSignature(signer, secret) | Signing::SharedSecret(signer, secret, _) => {
            enrolled_secret(files, signer, &secret).map(Some)
        }
    }
}

fn enrolled_secret(
    files: &mut Files<'_>,
    signer: Signer,
    given: &SharedSecretField<'_>,
) -> Result<Enrolment, Diagnostic> {
    let (base64, _decoded) = shared_secret(files, given)?;
    Ok(Enrolment {
        owner: signer.owner,
        merchant: signer.merchant,
        key_id: given.key_id.clone(),
        verification_key: VerificationKey::SharedSecret(base64),
    })
}
