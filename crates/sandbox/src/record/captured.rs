use std::fmt;

use http::HeaderMap;
use zeroize::Zeroizing;

/// Whether the headers with a request's credentials are recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recording {
    Captured,
    Forgotten,
}

impl Recording {
    /// The credentials as they arrived, if they are recorded.
    pub(crate) fn capture(self, headers: &HeaderMap) -> Option<CapturedAuthentication> {
        match self {
            Self::Forgotten => None,
            Self::Captured => Some(CapturedAuthentication::read(headers)),
        }
    }
}

/// The credentials of a request as they arrived, for comparing clients. They are secret.
///
/// [`Policy::with_captured_authentication`](crate::Policy::with_captured_authentication) asks for them.
#[derive(Clone)]
pub struct CapturedAuthentication {
    authorization: Option<Zeroizing<String>>,
    signature: Option<Zeroizing<String>>,
}

impl CapturedAuthentication {
    fn read(headers: &HeaderMap) -> Self {
        let text = |name| {
            let value: &http::HeaderValue = headers.get(name)?;
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            Some(Zeroizing::new(text))
        };
        Self {
            authorization: text("authorization"),
            signature: text("signature"),
        }
    }

    /// The value of `Authorization`.
    #[must_use]
    pub fn expose_authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(|text| text.as_str())
    }

    /// The value of `Signature`.
    #[must_use]
    pub fn expose_signature(&self) -> Option<&str> {
        self.signature.as_ref().map(|text| text.as_str())
    }
}

impl fmt::Debug for CapturedAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturedAuthentication")
            .finish_non_exhaustive()
    }
}
