use std::sync::Arc;

use aws_lc_rs::rsa::PublicEncryptingKey;

use crate::api_keys::ApiKeys;
use crate::keystore_authority::BoxError;
use crate::sealer::Sealer;

/// The keys for which responses may be encrypted.
#[derive(Default)]
pub(crate) struct ResponseKeys(Vec<ResponseKey>);

struct ResponseKey {
    owner: String,
    id: String,
    material: Material,
}

enum Material {
    /// `SubjectPublicKeyInfo` in DER.
    Enrolled(Vec<u8>),
    /// The sandbox's own key, made on first use.
    Own(Arc<ApiKeys>),
}

impl ResponseKeys {
    pub(crate) fn add(&mut self, owner: &str, id: &str, public_key: Vec<u8>) {
        self.push(owner, id, Material::Enrolled(public_key));
    }

    pub(crate) fn add_own(&mut self, keys: &Arc<ApiKeys>) {
        let material = Material::Own(Arc::clone(keys));
        self.push(keys.owner(), keys.response_key_id(), material);
    }

    fn push(&mut self, owner: &str, id: &str, material: Material) {
        self.0.push(ResponseKey {
            owner: owner.to_owned(),
            id: id.to_owned(),
            material,
        });
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }

    /// Whether one of these owners has a key with this id.
    pub(super) fn belongs(&self, id: &str, owners: [Option<&str>; 2]) -> bool {
        let known = |key: &ResponseKey| key.id == id && owners.contains(&Some(key.owner.as_str()));
        self.0.iter().any(known)
    }

    /// A sealer for the key with this id.
    pub(super) fn sealer(&self, id: &str) -> Result<Sealer, BoxError> {
        let key = self.0.iter().find(|key| key.id == id);
        let key = key.ok_or("no such response key")?;
        let public_key = match &key.material {
            Material::Enrolled(public_key) => public_key,
            Material::Own(keys) => &keys.response_keystore()?.public_key,
        };
        let public_key = PublicEncryptingKey::from_der(public_key)?;
        Ok(Sealer::new(public_key, id)?)
    }
}
