use std::fmt;

use zeroize::Zeroizing;

use crate::shown;

/// A text of the response that isn't secret: an ECI, a link, a reference.
///
/// Wiped on drop, like all data from the JWE. `Debug` and `Display` are bounded and mask digits that look
/// like a card number.
pub struct Text(Zeroizing<String>);

/// How many characters are shown.
const SHOWN: usize = 128;

impl Text {
    /// The text as it was received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown::printable(&self.0, SHOWN))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&shown::printable(&self.0, SHOWN), f)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
