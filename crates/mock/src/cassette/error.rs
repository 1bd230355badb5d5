use std::fmt;
use std::path::Path;

/// Why a cassette can't be recorded, read or kept to.
///
/// `Display` says what to do. No text repeats anything that was recorded from a response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CassetteError {
    kind: CassetteErrorKind,
    text: String,
}

/// What is wrong with a cassette.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CassetteErrorKind {
    /// An alias isn't one, or isn't the only one.
    Alias,
    /// Recording was asked for in continuous integration (`CI` is set), and not forced.
    Ci,
    /// The live port does something else than what was recorded.
    Differs,
    /// The environment variable names no mode.
    Environment,
    /// The file couldn't be read or written.
    File,
    /// The file isn't a cassette, or was damaged.
    Format,
    /// A value that was seen is left in the text: nothing was written.
    Leak,
    /// The file has a version that this release doesn't know.
    Newer,
    /// The recording met something that it must not record: nothing was written.
    Refused,
    /// A replay ended with entries that no call used, or with calls that had no entry.
    Unmatched,
}

impl CassetteError {
    pub(super) fn new(kind: CassetteErrorKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, text }
    }

    /// Names the file.
    pub(super) fn of(self, path: &Path) -> Self {
        let text = format!("the cassette {}: {}", path.display(), self.text);
        Self::new(self.kind, text)
    }

    /// What is wrong, for code.
    #[must_use]
    pub fn kind(&self) -> CassetteErrorKind {
        self.kind
    }
}

impl fmt::Display for CassetteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for CassetteError {}
