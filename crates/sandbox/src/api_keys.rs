use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::identity::Account;
use crate::keystore::Keystore;
use crate::keystore_authority::{Authority, BoxError, PublicKey};
use crate::pkcs12::{self, Anatomy};
use crate::rsa_keys::Role;

/// The keys and credentials of one merchant account, for each authentication scheme.
pub(crate) struct ApiKeys {
    account: Account,
    roles: Roles,
    authority: Arc<Authority>,
    // Made on first use, because making an RSA key takes a few 100 ms.
    keystore: OnceLock<Keystore>,
    response_keystore: OnceLock<Keystore>,
}

/// Which keys are the account's: the one that signs, and the one that opens responses.
#[derive(Clone, Copy)]
pub(crate) struct Roles {
    signing: Role,
    responses: Role,
}

impl Roles {
    pub(crate) const MERCHANT: Self = Self {
        signing: Role::Merchant,
        responses: Role::MerchantResponses,
    };
    pub(crate) const PORTFOLIO: Self = Self {
        signing: Role::Portfolio,
        responses: Role::PortfolioResponses,
    };
}

impl ApiKeys {
    pub(crate) const fn new(account: Account, roles: Roles, authority: Arc<Authority>) -> Self {
        Self {
            account,
            roles,
            authority,
            keystore: OnceLock::new(),
            response_keystore: OnceLock::new(),
        }
    }

    pub(crate) fn owner(&self) -> &str {
        &self.account.owner
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.account.key_id
    }

    pub(crate) fn shared_secret(&self) -> &str {
        &self.account.shared_secret
    }

    pub(crate) fn bearer_access_token(&self) -> &str {
        &self.account.bearer_access_token
    }

    pub(crate) fn certificate_key_id(&self) -> &str {
        &self.account.certificate_key_id
    }

    pub(crate) fn keystore_password(&self) -> &str {
        &self.account.keystore_password
    }

    pub(crate) fn response_key_id(&self) -> &str {
        &self.account.response_key_id
    }

    /// The PKCS#12 file.
    pub(crate) fn keystore(&self) -> Result<&[u8], KeyGenerationError> {
        let keystore = self.made(
            &self.keystore,
            self.roles.signing,
            self.certificate_key_id(),
        )?;
        Ok(&keystore.pkcs12)
    }

    /// The keystore whose key opens encrypted responses.
    pub(crate) fn response_keystore(&self) -> Result<&Keystore, KeyGenerationError> {
        self.made(
            &self.response_keystore,
            self.roles.responses,
            self.response_key_id(),
        )
    }

    fn made<'a>(
        &self,
        place: &'a OnceLock<Keystore>,
        role: Role,
        digits: &str,
    ) -> Result<&'a Keystore, KeyGenerationError> {
        if let Some(keystore) = place.get() {
            return Ok(keystore);
        }
        let password = self.keystore_password();
        let keystore = Keystore::generate(self.owner(), role, digits, password, &self.authority)
            .map_err(KeyGenerationError::new)?;
        Ok(place.get_or_init(|| keystore))
    }

    /// The keystore as the vendor's portal wrote it at that time. Until 2023 its password was the owner's id.
    pub(crate) fn keystore_of(
        &self,
        anatomy: Anatomy,
    ) -> Result<Zeroizing<Vec<u8>>, KeyGenerationError> {
        // The keystore's key counts as enrolled from now on.
        self.keystore()?;
        let password = match anatomy {
            Anatomy::Old => self.owner(),
            Anatomy::Modern | Anatomy::Recent => self.keystore_password(),
        };
        let encode = || -> Result<_, BoxError> {
            let keys = self.authority.keys();
            let public_key = PublicKey::of(&keys.pair(self.roles.signing)?);
            let issuing = self.authority.get()?;
            let certificates =
                issuing.certify(self.owner(), self.certificate_key_id(), &public_key)?;
            let key = keys.pkcs8(self.roles.signing)?;
            Ok(pkcs12::encode(password, &key, &certificates, anatomy)?)
        };
        encode().map_err(KeyGenerationError::new)
    }

    /// The public key of the keystore; none until somebody has asked for the keystore.
    pub(crate) fn public_key(&self) -> Option<&[u8]> {
        self.keystore
            .get()
            .map(|keystore| keystore.public_key.as_slice())
    }

    /// The certificate of the keystore, in DER; none until somebody has asked for the keystore.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        self.keystore
            .get()
            .map(|keystore| keystore.certificate.as_slice())
    }

    /// The bytes of the shared secret.
    pub(crate) fn secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(STANDARD.decode(self.shared_secret()).unwrap_or_default())
    }
}

/// The public accessors of the keys, for the `impl` of a type that holds them in a field `keys`.
macro_rules! key_accessors {
    ($owner:literal) => {
        pub(crate) const fn keys(&self) -> &std::sync::Arc<$crate::api_keys::ApiKeys> {
            &self.keys
        }

        /// The id of the shared secret, for HTTP signatures and as `kid` of HS256.
        #[must_use]
        pub fn key_id(&self) -> &str {
            self.keys.key_id()
        }

        /// The shared secret: standard base64 of 32 bytes.
        #[must_use]
        pub fn shared_secret(&self) -> &str {
            self.keys.shared_secret()
        }

        /// A PKCS#12 file, as the vendor's portal issues it.
        ///
        #[doc = concat!(
            "It holds a private key, its certificate (the subject's common name is the ",
            $owner,
            " id, its serial number the [`certificate_key_id`](Self::certificate_key_id)), the ",
            "certificate of `CyberSource_SJC_US`, and the one that issued both."
        )]
        /// The file is made on first use, which takes a few 100 ms.
        ///
        /// # Errors
        ///
        /// [`KeyGenerationError`](crate::KeyGenerationError) if the operating system has no randomness.
        pub fn keystore(&self) -> Result<&[u8], $crate::api_keys::KeyGenerationError> {
            self.keys.keystore()
        }

        /// The password of both keystores.
        #[must_use]
        pub fn keystore_password(&self) -> &str {
            self.keys.keystore_password()
        }

        /// The `kid` of RS256: the 22 digits of the certificate's subject.
        #[must_use]
        pub fn certificate_key_id(&self) -> &str {
            self.keys.certificate_key_id()
        }

        /// A second PKCS#12 file, with the key that opens encrypted responses (response MLE).
        ///
        /// It differs from the [`keystore`](Self::keystore) in the key and its certificate, whose serial
        /// number is the [`response_key_id`](Self::response_key_id). The password is the same.
        ///
        /// # Errors
        ///
        /// [`KeyGenerationError`](crate::KeyGenerationError) if the operating system has no randomness.
        pub fn response_keystore(&self) -> Result<&[u8], $crate::api_keys::KeyGenerationError> {
            Ok(&self.keys.response_keystore()?.pkcs12)
        }

        /// The private key of the [`response_keystore`](Self::response_keystore), as PKCS#8 in PEM.
        ///
        /// # Errors
        ///
        /// [`KeyGenerationError`](crate::KeyGenerationError) if the operating system has no randomness.
        pub fn response_key_pem(&self) -> Result<&str, $crate::api_keys::KeyGenerationError> {
            Ok(&self.keys.response_keystore()?.pem)
        }

        /// The value of `v-c-response-mle-kid`: 22 digits.
        #[must_use]
        pub fn response_key_id(&self) -> &str {
            self.keys.response_key_id()
        }

        /// A bearer access token.
        #[must_use]
        pub fn bearer_access_token(&self) -> &str {
            self.keys.bearer_access_token()
        }
    };
}

pub(crate) use key_accessors;

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ApiKeys");
        shown
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// A keystore or a certificate could not be made, because the operating system had no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the keystore or certificate could not be made")]
pub struct KeyGenerationError(#[source] BoxError);

impl KeyGenerationError {
    pub(crate) const fn new(cause: BoxError) -> Self {
        Self(cause)
    }
}
