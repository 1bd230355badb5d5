//! The headers that a request has besides the codec's: those of an authenticator, and those for
//! intermediaries. The [header table](crate::header) defines which part may write which header.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::BuildError;
use crate::header::{entry, is_authenticators, is_secret};
use crate::shown;

/// How many characters of a header's name are shown.
const MAX_NAME: usize = 64;

/// Adds the headers that an authenticator made, and marks secret values as sensitive.
///
/// # Errors
///
/// [`UnfitHeader`] if the table doesn't allow authenticators to write a header, or if a header has two
/// values: the service would read one of them, and it is unknown which.
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
        // Each value comes with its name, since no header has a second value.
        if let Some(name) = name {
            value.set_sensitive(is_secret(&name));
            headers.insert(name, value);
        }
    }
    Ok(())
}

/// An authenticator wrote a header that it may not write, or wrote one twice.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnfitHeader {
    #[error(
        "the authenticator wrote the header \"{0}\"; `header::RULES` says which it may write; set your \
         own headers by `extra_header`"
    )]
    Foreign(Box<str>),
    #[error("the authenticator wrote the header \"{0}\" with two values; it must write one")]
    Repeated(Box<str>),
}

/// Headers for intermediaries between the process and the service, such as an egress proxy.
///
/// `Debug` shows only the names, since the values are marked as sensitive.
#[derive(Clone, Debug, Default)]
pub(super) struct ExtraHeaders(HeaderMap);

impl ExtraHeaders {
    pub(super) fn add(&mut self, name: HeaderName, mut value: HeaderValue) {
        value.set_sensitive(true);
        self.0.append(name, value);
    }

    /// Rejects names that the header table knows, and two values of one name.
    pub(super) fn validated(self) -> Result<Self, BuildError> {
        for name in self.0.keys() {
            let broken = if entry(name).is_some() {
                "is reserved by the table `header::RULES`; choose another name"
            } else if self.0.get_all(name).iter().nth(1).is_some() {
                "has two values; give one"
            } else {
                continue;
            };
            return Err(BuildError::new(SETTING, broken).with_source(ExtraHeader(reported(name))));
        }
        Ok(self)
    }

    /// Adds these headers to a request. It has none of them yet, since all other parts write only headers
    /// of the table.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
        }
    }
}

const SETTING: &str = "extra header";

/// The extra header that a [`BuildError`] is about.
#[derive(Debug, thiserror::Error)]
#[error("the header \"{0}\"")]
struct ExtraHeader(Box<str>);

/// The name in the form that may be shown: bounded, and with digits masked that look like a card number.
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
