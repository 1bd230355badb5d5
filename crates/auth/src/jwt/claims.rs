use serde::ser::{Serialize, SerializeMap, Serializer};

use super::spelling::JwtSpelling;
use crate::nonce::Nonce;

/// What a JWT says of its request, in the order in which it is written.
pub(super) struct Claims<'a> {
    pub(super) spelling: JwtSpelling,
    pub(super) digest: Option<String>,
    pub(super) expires: u64,
    pub(super) issued: u64,
    pub(super) issuer: &'a str,
    pub(super) jti: Nonce,
    pub(super) host: &'a str,
    pub(super) method: String,
    pub(super) path: &'a str,
    pub(super) merchant: &'a str,
    pub(super) response_key: Option<&'a str>,
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut claims = serializer.serialize_map(None)?;
        if let Some(digest) = &self.digest {
            claims.serialize_entry("digest", digest)?;
            claims.serialize_entry(self.spelling.digest_algorithm.name(), "SHA-256")?;
        }
        claims.serialize_entry("exp", &self.expires)?;
        claims.serialize_entry("iat", &self.issued)?;
        claims.serialize_entry("iss", self.issuer)?;
        claims.serialize_entry("jti", self.jti.spell(&mut [0; 36]))?;
        claims.serialize_entry("request-host", self.host)?;
        claims.serialize_entry("request-method", &self.method)?;
        claims.serialize_entry("request-resource-path", self.path)?;
        claims.serialize_entry("v-c-jwt-version", "2")?;
        claims.serialize_entry("v-c-merchant-id", self.merchant)?;
        if let Some(key_id) = self.response_key {
            claims.serialize_entry(self.spelling.response_key.name(), key_id)?;
        }
        claims.end()
    }
}
