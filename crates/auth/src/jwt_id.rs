use std::fmt;

use payment_credentials_core::{AuthError, Repeatability};
use uuid::Builder;
use uuid::fmt::Hyphenated;

/// The unique id of a JWT: its `jti`, a UUID of version 4.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JwtId(Hyphenated);

impl JwtId {
    pub(crate) const LENGTH: usize = Hyphenated::LENGTH;

    /// Makes a version 4 UUID from random bytes; six bits are fixed by the format.
    ///
    /// ```
    /// use payment_credentials_auth::JwtId;
    ///
    /// let jwt_id = JwtId::from_random([0xff; 16]);
    /// assert_eq!(jwt_id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    /// ```
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(Builder::from_random_bytes(bytes).into_uuid().hyphenated())
    }

    pub(crate) fn encode<'a>(&self, buffer: &'a mut [u8; Self::LENGTH]) -> &'a str {
        self.0.encode_lower(buffer)
    }
}

impl fmt::Display for JwtId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Generates JWT IDs, from the system's randomness or for a test.
///
/// Each must be unique: the service rejects a JWT ID that it has received before.
pub trait JwtIds: fmt::Debug + Send + Sync {
    /// Returns the next JWT ID.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if there is no randomness; then no request is signed.
    fn draw(&self) -> Result<JwtId, AuthError>;
}

/// JWT IDs from the operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct SystemJwtIds;

impl JwtIds for SystemJwtIds {
    fn draw(&self) -> Result<JwtId, AuthError> {
        let mut bytes = [0; 16];
        // Not from the cryptography library, which ends the process if there is no randomness.
        getrandom::fill(&mut bytes).map_err(|error| AuthError::new(Repeatability::Safe, error))?;
        Ok(JwtId::from_random(bytes))
    }
}
