use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use payment_credentials_core::{
    BuildError, ConfiguredKey, EncryptionError, EncryptionErrorKind, KeyId, KeyPurpose,
    Repeatability,
};
use payment_credentials_keys::{Certificate, Validity};

use crate::sealing::Sealer;

/// The recipient of encrypted request bodies: the service, identified by its certificate.
///
/// The certificate is in every keystore that the service makes, both for requests and for responses, and is
/// also available as a separate file. [`Keystore::read`](payment_credentials_keys::Keystore::read) reads
/// all of these. A clone shares the key. `Debug` shows key id, subject and expiry.
///
/// ```
/// use payment_credentials_core::BuildError;
/// use payment_credentials_jose::Recipient;
/// use payment_credentials_keys::{Keystore, Validity};
///
/// fn recipient(file: &[u8], now: std::time::SystemTime) -> Result<Recipient, BuildError> {
///     let keystore = Keystore::read(file, None)?;
///     let recipient = Recipient::new(keystore.certificate(Recipient::COMMON_NAME)?, now)?;
///     if let Validity::EndsSoon { days } = recipient.validity() {
///         eprintln!("{:?} ends in {days} days: download a new one", recipient.certificate());
///     }
///     Ok(recipient)
/// }
/// # let file = include_bytes!("../../../tests/vectors/keystores/loads/service.pem");
/// # let now = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
/// # assert_eq!(recipient(file, now)?.key_id().as_str(), "1700000000000000000033");
/// # Ok::<(), BuildError>(())
/// ```
#[derive(Clone)]
pub struct Recipient {
    sealer: Sealer,
    key_id: KeyId,
    certificate: Certificate,
    validity: Validity,
}

impl Recipient {
    /// The common name of the service's certificate, unless the vendor assigned another to your merchant account.
    pub const COMMON_NAME: &'static str = "CyberSource_SJC_US";

    /// Uses the certificate's key, under the certificate's key id.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the certificate isn't valid at this time, names no key id, or holds no RSA key of
    /// 2048 to 8192 bits.
    pub fn new(certificate: &Certificate, now: SystemTime) -> Result<Self, BuildError> {
        Self::with_key_id(certificate, certificate.key_id()?, now)
    }

    /// Does the same as [`new`](Self::new), under the given key id instead of the certificate's.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), except for the key id.
    pub fn with_key_id(
        certificate: &Certificate,
        key_id: KeyId,
        now: SystemTime,
    ) -> Result<Self, BuildError> {
        let validity = certificate.validity_at(now);
        match validity {
            Validity::Valid | Validity::EndsSoon { .. } => {}
            Validity::Expired => return Err(unusable(EXPIRED)),
            Validity::NotYet => return Err(unusable("is not valid yet; check the clock")),
            _ => return Err(unusable("is not valid at this time")),
        }
        let sealer = Sealer::new(certificate.public_key_info(), &key_id).ok_or_else(|| {
            unusable("holds no RSA key of 2048 to 8192 bits; download the service's certificate")
        })?;
        Ok(Self {
            sealer,
            key_id,
            certificate: certificate.clone(),
            validity,
        })
    }

    /// The service's id of the key: the `kid` of the JWEs that are encrypted for it.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether the certificate's dates were `Valid` or `EndsSoon` when it was read.
    ///
    /// Check this, and warn: once the certificate has expired, nothing is encrypted any more.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The key as an inventory shows it.
    #[must_use]
    pub fn configured_key(&self) -> ConfiguredKey {
        let key = ConfiguredKey::new(KeyPurpose::SealRequests, Some(self.key_id.clone()));
        key.with_certificate(self.certificate.subject(), self.certificate.not_after())
    }

    /// Encrypts a body. The returned body is sent in place of `body`.
    pub(crate) fn seal(&self, body: &[u8], now: SystemTime) -> Result<Bytes, EncryptionError> {
        if self.certificate.validity_at(now) == Validity::Expired {
            return Err(unsealed(unusable(EXPIRED)));
        }
        let issued_at = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs();
        let sealed = self.sealer.seal(body, issued_at);
        sealed.map(Bytes::from).map_err(unsealed)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("key_id", &self.key_id)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

const EXPIRED: &str = "has expired; download the service's present certificate";

fn unusable(rule: &'static str) -> BuildError {
    BuildError::new("recipient certificate", rule)
}

fn unsealed(source: impl std::error::Error + Send + Sync + 'static) -> EncryptionError {
    EncryptionError::new(EncryptionErrorKind::Seal, Repeatability::Never).with_source(source)
}
