use std::fmt;

use payment_credentials_core::{AuthError, Retry};
use uuid::Builder;
use uuid::fmt::Hyphenated;

/// What makes each JWT another: its `jti`, a UUID of version 4.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nonce(Hyphenated);

impl Nonce {
    pub(crate) const LENGTH: usize = Hyphenated::LENGTH;

    /// Makes a UUID of random bytes; six of the bits say that it is one.
    ///
    /// ```
    /// use payment_credentials_auth::Nonce;
    ///
    /// let nonce = Nonce::from_random([0xff; 16]);
    /// assert_eq!(nonce.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    /// ```
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(Builder::from_random_bytes(bytes).into_uuid().hyphenated())
    }

    pub(crate) fn spell<'a>(&self, buffer: &'a mut [u8; Self::LENGTH]) -> &'a str {
        self.0.encode_lower(buffer)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where nonces come from: the system's randomness, or a test.
///
/// The service refuses one that it has seen, so no two may be alike.
pub trait Nonces: fmt::Debug + Send + Sync {
    /// The next nonce.
    ///
    /// # Errors
    ///
    /// [`AuthError`] where there is no randomness; then no request is signed.
    fn draw(&self) -> Result<Nonce, AuthError>;
}

/// Nonces from the operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct SystemNonces;

impl Nonces for SystemNonces {
    fn draw(&self) -> Result<Nonce, AuthError> {
        let mut bytes = [0; 16];
        // Not of the cryptography library: that one ends the process where there is no randomness.
        getrandom::fill(&mut bytes).map_err(|error| AuthError::new(Retry::Safe, error))?;
        Ok(Nonce::from_random(bytes))
    }
}
