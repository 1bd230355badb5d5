//! The headers that a request gets besides the codec's: an authenticator's, and those for what
//! stands on the way. The [header table](crate::header) says which may be whose.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::BuildError;
use crate::header::{is_authenticators, is_secret, rule};
use crate::shown;

/// How many characters of a header's name are told.
const MAX_NAME: usize = 64;

/// Adds what an authenticator made, secret values marked as such; of several values of one name
/// the last counts.
///
/// # Errors
///
/// [`ForeignHeader`] where the table doesn't give a header to authenticators.
pub(super) fn admit(made: HeaderMap, headers: &mut HeaderMap) -> Result<(), ForeignHeader> {
    if let Some(foreign) = made.keys().find(|name| !is_authenticators(name)) {
        return Err(ForeignHeader(told(foreign)));
    }
    let mut last = None;
    for (name, mut value) in made {
        // A further value of one name comes without it.
        last = name.or(last);
        if let Some(name) = &last {
            value.set_sensitive(is_secret(name));
            headers.insert(name, value);
        }
    }
    Ok(())
}

/// An authenticator wrote what isn't an authenticator's to write.
#[derive(Debug, thiserror::Error)]
#[error(
    "the authenticator wrote the header \"{0}\", and the header table doesn't give it to authenticators"
)]
pub(super) struct ForeignHeader(Box<str>);

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
    pub(super) fn judged(self) -> Result<Self, BuildError> {
        for name in self.0.keys() {
            let broken = if rule(name).is_some() {
                "is one that the header table gives to somebody, or to nobody"
            } else if self.0.get_all(name).iter().nth(1).is_some() {
                "has two values; give one"
            } else {
                continue;
            };
            return Err(BuildError::new(SETTING, broken).with_source(ExtraHeader(told(name))));
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
fn told(name: &HeaderName) -> Box<str> {
    shown::printable(name.as_str(), MAX_NAME).into()
}
