use std::fmt;

/// An opened plaintext that doesn't hold payment credentials.
///
/// It gives place and reason, never content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PayloadError {
    kind: PayloadErrorKind,
    path: Box<str>,
    at: Option<usize>,
}

/// What is wrong with a plaintext.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PayloadErrorKind {
    /// A duplicate member of one object.
    Duplicate,
    /// Nothing is there.
    Empty,
    /// Neither a network token nor a card is there.
    NoAccount,
    /// JSON, but not one object.
    NotAnObject,
    /// Not JSON, or more than one document.
    NotJson,
    /// Not UTF-8.
    NotUtf8,
    /// Nests deeper than 16 levels.
    TooDeep,
}

impl PayloadError {
    pub(super) fn new(kind: PayloadErrorKind, path: &str, at: Option<usize>) -> Self {
        Self {
            kind,
            path: path.into(),
            at,
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> PayloadErrorKind {
        self.kind
    }

    /// The path of the object, such as `tokenizedCard.card`; empty for the whole.
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

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            PayloadErrorKind::Duplicate => "duplicate member",
            PayloadErrorKind::Empty => "the plaintext is empty",
            PayloadErrorKind::NoAccount => "neither a network token nor a card",
            PayloadErrorKind::NotAnObject => "not a JSON object",
            PayloadErrorKind::NotJson => "not JSON",
            PayloadErrorKind::NotUtf8 => "not UTF-8",
            PayloadErrorKind::TooDeep => "JSON that nests too deep",
        })?;
        if !self.path.is_empty() {
            write!(f, " in {}", self.path)?;
        }
        match self.at {
            Some(at) => write!(f, " at byte {at}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PayloadError {}
