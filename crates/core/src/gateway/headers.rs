//! The headers that a request gets besides the codec's: an authenticator's, and those for what
//! stands on the way. The [header table](crate::header) says which may be whose.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::BuildError;
use crate::header::{is_authenticators, is_secret, rule};
use crate::shown;

/// How many characters of a header's name are shown.
const MAX_NAME: usize = 64;

/// Adds what an authenticator made, secret values marked as such.
///
/// # Errors
///
/// [`UnfitHeader`] where the table doesn't give a header to authenticators, or one has two values: the
/// service would read one of them, and nobody knows which.
pub(super) fn admit(made: HeaderMap, headers: &mut HeaderMap) -> Result<(), UnfitHeader> {
    for name in made.keys() {
        if !is_authenticators(name) {
            return Err(UnfitHeader::Foreign(reported(name)));
        }
        if made.get_all(name).iter().nth(1).is_some() {
            return Err(UnfitHeader::Repeated(reported(name)));
        }
    }
    for (name, mut value) in made {
        // Each comes with its name, since none has a second value.
        if let Some(name) = name {
            value.set_sensitive(is_secret(&name));
            headers.insert(name, value);
        }
    }
    Ok(())
}

/// An authenticator wrote what isn't an authenticator's to write, or wrote it twice.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnfitHeader {
    #[error(
        "the authenticator wrote the header \"{0}\", and the header table doesn't give it to \
         authenticators"
    )]
    Foreign(Box<str>),
    #[error("the authenticator wrote the header \"{0}\" with two values; let it write one")]
    Repeated(Box<str>),
}

/// Headers for what stands between the process and the service, such as an egress gateway.
///
/// `Debug` shows their names: the values are marked as secret.
#[derive(Clone, Debug, Default)]
pub(super) struct ExtraHeaders(HeaderMap);

impl ExtraHeaders {
    pub(super) fn add(&mut self, name: HeaderName, mut value: HeaderValue) {
        value.set_sensitive(true);
        self.0.append(name, value);
    }

    /// Refuses what the table knows, and two values of one name.
    pub(super) fn validated(self) -> Result<Self, BuildError> {
        for name in self.0.keys() {
            let broken = if rule(name).is_some() {
                "is reserved by the header table; choose another name"
            } else if self.0.get_all(name).iter().nth(1).is_some() {
                "has two values; give one"
            } else {
                continue;
            };
            return Err(BuildError::new(SETTING, broken).with_source(ExtraHeader(reported(name))));
        }
        Ok(self)
    }

    /// Adds them to a request that has none of them: the table's headers are all that others write.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
        }
    }
}

const SETTING: &str = "extra header";

/// Which extra header a [`BuildError`] is about.
#[derive(Debug, thiserror::Error)]
#[error("the header \"{0}\"")]
struct ExtraHeader(Box<str>);

/// A name as it may be shown: bounded, and without what looks like a card number.
fn reported(name: &HeaderName) -> Box<str> {
    shown::printable(name.as_str(), MAX_NAME).into()
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    /// Row G10.
    #[test]
    fn an_authenticator_writes_a_header_once() {
        let mut made = HeaderMap::new();
        made.append(AUTHORIZATION, HeaderValue::from_static("Bearer one"));
        let mut headers = HeaderMap::new();
        admit(made.clone(), &mut headers).expect("it is written once");
        assert_eq!(headers[AUTHORIZATION], "Bearer one");
        made.append(AUTHORIZATION, HeaderValue::from_static("Bearer two"));
        let mut headers = HeaderMap::new();
        let cause = admit(made, &mut headers).expect_err("two").to_string();
        assert!(
            cause.contains("\"authorization\" with two values"),
            "{cause}"
        );
        assert!(headers.is_empty() && !cause.contains("Bearer"));
    }
}
