//! Why a key can't be enrolled, for authentication or for encryption.

/// The rule that a key, its id or its owner breaks. The text never repeats the value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EnrolmentError {
    #[error("certificate must be DER or PEM, with an RSA key of 2048 to 8192 bits")]
    Certificate,
    #[error("key id must not be empty or enrolled already; give each key its own")]
    KeyId,
    #[error("merchant id must not be empty")]
    Owner,
    #[error("shared secret must be standard base64")]
    SharedSecret,
}
