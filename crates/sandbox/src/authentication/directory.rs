use std::fmt;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::api_keys::ApiKeys;
use crate::enrolment::EnrolmentError;
use crate::public_key::Certificate;
use crate::secrets::Secrets;

/// The enrolled keys and credentials, and which portfolio may act for which merchant.
#[derive(Default)]
pub(crate) struct Directory {
    keys: Vec<Enrolled>,
    /// A portfolio, and a merchant that it may act for.
    relations: Vec<(String, String)>,
    /// A merchant, and its bearer access token.
    access: Vec<(String, Zeroizing<String>)>,
    /// What nothing may repeat, as clients have it.
    pub(crate) secrets: Box<Secrets>,
}

struct Enrolled {
    owner: String,
    id: String,
    material: Material,
}

enum Material {
    Secret(Box<SharedSecret>),
    Certificate(Certificate),
    /// The sandbox's own keystore. Its key is made when somebody asks for the keystore.
    Keystore(Arc<ApiKeys>),
}

/// A key that verifies signatures; its kind determines the algorithm.
#[derive(Clone, Copy)]
pub(super) enum VerifyingKey<'a> {
    Secret(&'a SharedSecret),
    /// `SubjectPublicKeyInfo` in DER.
    Rsa(&'a [u8]),
}

impl VerifyingKey<'_> {
    pub(super) fn verifies(self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Secret(secret) => secret.verifies(signed, signature),
            Self::Rsa(key) => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
                .verify(signed, signature)
                .is_ok(),
        }
    }
}

/// A shared secret.
pub(super) struct SharedSecret {
    key: hmac::Key,
    /// Its base64 as key, which is what a client uses that doesn't decode it.
    as_text: hmac::Key,
}

impl SharedSecret {
    fn new(secret: &[u8], base64: &str) -> Self {
        let key = |bytes| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        Self {
            key: key(secret),
            as_text: key(base64.as_bytes()),
        }
    }

    pub(super) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.key, signed, signature).is_ok()
    }

    /// Whether a client made the signature that doesn't decode the secret. It is never accepted.
    pub(super) fn verifies_as_text(&self, signed: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.as_text, signed, signature).is_ok()
    }
}

impl Directory {
    pub(crate) fn add_secret(
        &mut self,
        owner: &str,
        id: &str,
        secret: &[u8],
    ) -> Result<(), EnrolmentError> {
        let base64 = Zeroizing::new(STANDARD.encode(secret));
        self.secrets.add(&base64);
        let secret = SharedSecret::new(secret, &base64);
        self.add(owner, id, Material::Secret(Box::new(secret)))
    }

    pub(crate) fn add_certificate(
        &mut self,
        owner: &str,
        id: &str,
        certificate: Certificate,
    ) -> Result<(), EnrolmentError> {
        self.add(owner, id, Material::Certificate(certificate))
    }

    pub(crate) fn add_access(&mut self, merchant_id: &str, credential: &str) {
        self.secrets.add(credential);
        let credential = Zeroizing::new(credential.to_owned());
        self.access.push((merchant_id.to_owned(), credential));
    }

    pub(crate) fn relate(&mut self, portfolio: &str, merchant_id: &str) {
        self.relations
            .push((portfolio.to_owned(), merchant_id.to_owned()));
    }

    /// Enrols the keys of one of the sandbox's own merchant accounts.
    pub(super) fn add_own(&mut self, keys: &Arc<ApiKeys>) -> Result<(), EnrolmentError> {
        self.add_secret(keys.owner(), keys.key_id(), &keys.secret_bytes())?;
        self.add_access(keys.owner(), keys.bearer_access_token());
        let keystore = Material::Keystore(Arc::clone(keys));
        self.add(keys.owner(), keys.certificate_key_id(), keystore)
    }

    fn add(&mut self, owner: &str, id: &str, material: Material) -> Result<(), EnrolmentError> {
        if owner.is_empty() {
            return Err(EnrolmentError::Owner);
        }
        if id.is_empty() || self.keys.iter().any(|key| key.id == id) {
            return Err(EnrolmentError::KeyId);
        }
        self.keys.push(Enrolled {
            owner: owner.to_owned(),
            id: id.to_owned(),
            material,
        });
        Ok(())
    }

    /// The owner of a key, and the key.
    pub(super) fn key(&self, id: &str) -> Option<(&str, VerifyingKey<'_>)> {
        let found = self.keys.iter().find(|key| key.id == id)?;
        Some((&found.owner, found.material.key()?))
    }

    /// The ids of all keys, and the keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, VerifyingKey<'_>)> {
        let keys = self.keys.iter();
        keys.filter_map(|key| Some((key.id.as_str(), key.material.key()?)))
    }

    /// The owner of an enrolled certificate with exactly these bytes, the id of its key, and the key.
    pub(super) fn certificate(&self, der: &[u8]) -> Option<(&str, &str, VerifyingKey<'_>)> {
        let is_same = |key: &&Enrolled| key.material.certificate() == Some(der);
        let found = self.keys.iter().find(is_same)?;
        Some((&found.owner, &found.id, found.material.key()?))
    }

    /// The merchant that a bearer access token belongs to.
    pub(super) fn bearer(&self, credential: &str) -> Option<&str> {
        let same = |known: &str| {
            constant_time::verify_slices_are_equal(known.as_bytes(), credential.as_bytes()).is_ok()
        };
        let mut access = self.access.iter();
        let (merchant_id, _) = access.find(|(_, known)| same(known))?;
        Some(merchant_id)
    }

    pub(super) fn knows(&self, merchant_id: &str) -> bool {
        let mut owners = self.keys.iter().map(|key| key.owner.as_str());
        let mut related = self.relations.iter().map(|(_, merchant)| merchant.as_str());
        owners.any(|owner| owner == merchant_id) || related.any(|merchant| merchant == merchant_id)
    }

    pub(super) fn may_act(&self, owner: &str, merchant_id: &str) -> bool {
        let related = |(portfolio, merchant): &(String, String)| {
            portfolio == owner && merchant == merchant_id
        };
        owner == merchant_id || self.relations.iter().any(related)
    }
}

impl Material {
    fn key(&self) -> Option<VerifyingKey<'_>> {
        Some(match self {
            Self::Secret(secret) => VerifyingKey::Secret(secret),
            Self::Certificate(certificate) => VerifyingKey::Rsa(&certificate.public_key),
            Self::Keystore(keys) => VerifyingKey::Rsa(keys.public_key()?),
        })
    }

    /// The certificate in DER; none of a keystore that nobody has asked for.
    fn certificate(&self) -> Option<&[u8]> {
        match self {
            Self::Secret(_) => None,
            Self::Certificate(certificate) => Some(&certificate.der),
            Self::Keystore(keys) => keys.certificate(),
        }
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("keys", &self.keys.len())
            .field("relations", &self.relations)
            .field("bearer_access_tokens", &self.access.len())
            .field("secrets", &self.secrets)
            .finish()
    }
}
