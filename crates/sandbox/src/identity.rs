//! The ids and secrets of a sandbox, in the form in which a folder keeps them.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use crate::dice;

/// Everything that identifies a sandbox, except for its keys.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Identity {
    pub(crate) merchant: Account,
    pub(crate) portfolio: Account,
    pub(crate) opening_key_id: String,
    pub(crate) recipient_key_id: String,
    pub(crate) authority_digits: String,
}

/// The ids and secrets of one merchant account, which are wiped when it is dropped.
#[derive(Deserialize, Serialize)]
pub(crate) struct Account {
    pub(crate) owner: String,
    pub(crate) key_id: String,
    pub(crate) shared_secret: String,
    pub(crate) bearer_access_token: String,
    pub(crate) certificate_key_id: String,
    pub(crate) response_key_id: String,
    pub(crate) keystore_password: String,
}

impl Identity {
    pub(crate) fn generate(merchant: &str, portfolio: &str) -> Result<Self, Unspecified> {
        Ok(Self {
            merchant: Account::generate(merchant)?,
            portfolio: Account::generate(portfolio)?,
            opening_key_id: dice::key_id()?,
            recipient_key_id: dice::digits::<22>()?,
            authority_digits: dice::digits::<22>()?,
        })
    }
}

impl Account {
    fn generate(owner: &str) -> Result<Self, Unspecified> {
        Ok(Self {
            owner: owner.to_owned(),
            key_id: Uuid::new_v4().to_string(),
            shared_secret: secret(|bytes| STANDARD.encode(bytes))?,
            bearer_access_token: secret(|bytes| BASE64URL.encode(bytes))?,
            certificate_key_id: dice::digits::<22>()?,
            response_key_id: dice::digits::<22>()?,
            keystore_password: secret(|bytes| BASE64URL.encode(bytes))?,
        })
    }
}

/// 32 random bytes as text.
fn secret(encode: impl Fn(&[u8]) -> String) -> Result<String, Unspecified> {
    let bytes = Zeroizing::new(dice::bytes::<32>()?);
    Ok(encode(bytes.as_slice()))
}

impl Drop for Account {
    fn drop(&mut self) {
        self.shared_secret.zeroize();
        self.bearer_access_token.zeroize();
        self.keystore_password.zeroize();
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("owner", &self.owner)
            .field("key_id", &self.key_id)
            .field("certificate_key_id", &self.certificate_key_id)
            .field("response_key_id", &self.response_key_id)
            .finish_non_exhaustive()
    }
}
