use payment_credentials_core::BuildError;
use thiserror::Error;

/// Why the content of a file isn't read as a keystore.
///
/// It turns into a [`BuildError`] of the same text where a setting is what is wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// The file is of no use, whatever the password.
    #[error(transparent)]
    File(#[from] BuildError),
    /// The file is encrypted, and the password is missing or wrong.
    #[error(transparent)]
    Password(BuildError),
    /// The private key in the file is encrypted with a password of its own, which is missing or wrong.
    #[error(transparent)]
    KeyPassword(BuildError),
}

impl From<KeystoreError> for BuildError {
    fn from(error: KeystoreError) -> Self {
        match error {
            KeystoreError::File(error)
            | KeystoreError::Password(error)
            | KeystoreError::KeyPassword(error) => error,
        }
    }
}
