use std::fmt;
use std::time::SystemTime;

use crate::id::KeyId;

/// A configured key, as an inventory shows it, without secrets (PCI DSS 4.2.1.1).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConfiguredKey {
    /// The purpose of the key.
    pub purpose: KeyPurpose,
    /// The key's id, as the service knows it.
    pub key_id: Option<KeyId>,
    /// The subject of the key's certificate, such as `CN=testrest, serialNumber=1757...`.
    pub subject: Option<Box<str>>,
    /// When the key's certificate expires.
    pub not_after: Option<SystemTime>,
}

impl ConfiguredKey {
    /// A key without a certificate.
    #[must_use]
    pub fn new(purpose: KeyPurpose, key_id: Option<KeyId>) -> Self {
        Self {
            purpose,
            key_id,
            subject: None,
            not_after: None,
        }
    }

    /// Adds the subject and the expiry of the key's certificate.
    #[must_use]
    pub fn with_certificate(mut self, subject: &str, not_after: SystemTime) -> Self {
        self.subject = Some(subject.into());
        self.not_after = Some(not_after);
        self
    }
}

/// The purpose of a key. Several of the vendor's keys look alike and are not interchangeable.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyPurpose {
    /// Opens the JWE of payment credentials: the TMS "Message-Level Encryption" key.
    OpenCredentials,
    /// Opens encrypted responses: the "REST - API Response MLE" key.
    OpenResponses,
    /// Encrypts request bodies: the service's own certificate.
    SealRequests,
    /// Signs requests: the REST certificate or shared secret.
    SignRequests,
}

impl KeyPurpose {
    /// The vendor's name for such a key, for messages to people.
    #[must_use]
    pub fn vendor_name(self) -> &'static str {
        match self {
            Self::OpenCredentials => "TMS key \"Message-Level Encryption\"",
            Self::OpenResponses => "REST key \"API Response MLE\"",
            Self::SealRequests => "certificate CyberSource_SJC_US",
            Self::SignRequests => "REST certificate or shared secret",
        }
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenCredentials => "opens payment credentials",
            Self::OpenResponses => "opens encrypted responses",
            Self::SealRequests => "seals requests",
            Self::SignRequests => "signs requests",
        })
    }
}
