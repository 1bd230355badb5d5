use crate::kinds::kinds;

/// An opened plaintext that doesn't hold payment credentials.
///
/// The error reports place and reason, never content.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind}{}", place(.path, *.at))]
pub struct PayloadError {
    kind: PayloadErrorKind,
    path: Box<str>,
    at: Option<usize>,
}

kinds! {
    /// What is wrong with a plaintext.
    pub enum PayloadErrorKind {
        /// An object has a duplicate member.
        Duplicate = "duplicate", "duplicate member";
        /// The plaintext is empty.
        Empty = "empty", "the plaintext is empty";
        /// The plaintext holds neither a network token nor a card.
        NoAccount = "no_account", "neither a network token nor a card";
        /// JSON, but not one object.
        NotAnObject = "not_an_object", "not a JSON object";
        /// Not JSON, or more than one document.
        NotJson = "not_json", "not JSON";
        /// Not UTF-8.
        NotUtf8 = "not_utf8", "not UTF-8";
        /// JSON that nests deeper than 16 levels.
        TooDeep = "too_deep", "JSON that nests too deep";
    }
}

impl PayloadError {
    pub(super) fn new(kind: PayloadErrorKind, at: Option<usize>) -> Self {
        Self {
            kind,
            path: Box::default(),
            at,
        }
    }

    /// Adds the member that holds the object: the path is made on the way out, only if there is an error.
    pub(super) fn within(mut self, member: &str) -> Self {
        self.path = match &*self.path {
            "" => member.into(),
            path => format!("{member}.{path}").into(),
        };
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> PayloadErrorKind {
        self.kind
    }

    /// The path of the object, such as `tokenizedCard.card`; empty for the whole plaintext.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The offset in the plaintext, in bytes.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.at
    }
}

/// The place in the plaintext: the object's path and the byte, if they are known.
fn place(path: &str, at: Option<usize>) -> String {
    let path = if path.is_empty() {
        String::new()
    } else {
        format!(" in {path}")
    };
    match at {
        Some(at) => format!("{path} at byte {at}"),
        None => path,
    }
}
