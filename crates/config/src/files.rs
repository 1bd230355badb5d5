//! Reads files; no other module of this crate does.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::diagnostic::Diagnostic;
use crate::field::AnyField;
use crate::fields::Fields;
use crate::password_prompt::PasswordPrompt;
use crate::value::Secret;

/// The longest file or text that is read: far longer than a configuration, a key or a keystore.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

const NO_FILE: &str = "names a file that doesn't exist: a relative path is looked for from the \
                       working directory, and then from the configuration file's folder";

/// Reads the files that fields name, and collects notes about them.
pub(crate) struct Files<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) prompt: Option<&'a PasswordPrompt>,
    pub(crate) notes: Vec<Diagnostic>,
}

impl<'a> Files<'a> {
    pub(crate) fn new(fields: &'a Fields, prompt: Option<&'a PasswordPrompt>) -> Self {
        Self {
            fields,
            prompt,
            notes: Vec::new(),
        }
    }

    /// Reads a file that a field names.
    pub(crate) fn read(
        &self,
        field: impl Into<AnyField>,
        path: &Path,
    ) -> Result<Zeroizing<Vec<u8>>, Diagnostic> {
        self.open(field.into(), &[path.to_owned()])
            .map(|(content, _)| content)
    }

    /// Reads the first of these files that exists, and notes if others may read it.
    pub(crate) fn read_secret(
        &mut self,
        field: impl Into<AnyField>,
        paths: &[PathBuf],
    ) -> Result<Zeroizing<Vec<u8>>, Diagnostic> {
        let field = field.into();
        let (content, metadata) = self.open(field, paths)?;
        if let Some(readers) = other_readers(&metadata) {
            let says = format!("names a file that {readers} may read; remove that permission");
            self.note(self.fields.diagnostic(field, says));
        }
        Ok(content)
    }

    /// Returns a secret: the value itself, or the content of its file.
    pub(crate) fn secret(
        &mut self,
        field: impl Into<AnyField>,
        secret: &Secret,
    ) -> Result<Password, Diagnostic> {
        let field = field.into();
        let path = match secret {
            Secret::Here(password) => return Ok(Password::from(password.expose())),
            Secret::InFile(path) => path,
        };
        let content = self.read_secret(field, &[path.to_owned()])?;
        let text = std::str::from_utf8(&content).map_err(|_other| {
            self.fields
                .diagnostic(field, "names a file that isn't UTF-8 text")
        })?;
        Ok(Password::from(text.trim_end_matches(['\r', '\n'])))
    }

    pub(crate) fn note(&mut self, note: Diagnostic) {
        log(&note);
        self.notes.push(note);
    }

    fn open(
        &self,
        field: AnyField,
        paths: &[PathBuf],
    ) -> Result<(Zeroizing<Vec<u8>>, Metadata), Diagnostic> {
        let folders = self.fields.folders.iter();
        let beside = folders.flat_map(|folder| paths.iter().map(|path| folder.join(path)));
        let places = paths.iter().cloned().chain(beside);
        for place in places {
            match read(&place) {
                Ok(read) => return Ok(read),
                Err(Unreadable::Missing) => {}
                Err(unreadable) => {
                    let says = format!("names a file that {unreadable}");
                    return Err(self.fields.diagnostic(field, says));
                }
            }
        }
        if self.fields.has(field) {
            return Err(self.fields.diagnostic(field, NO_FILE));
        }
        let says = format!("isn't given, and the merchant id {NO_FILE}");
        Err(self.fields.diagnostic(field, says))
    }
}

/// Also logs a note as a warning, since not every caller reads the notes.
pub(crate) fn log(note: &Diagnostic) {
    tracing::warn!(%note, "the configuration works, but may not be what was meant");
}

/// Why a file can't be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Changed,
    Failed(io::ErrorKind),
    Missing,
    NoFile,
    TooLong,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("grows while it is read; try again"),
            Self::Failed(kind) => write!(f, "can't be read: {kind}"),
            Self::Missing => f.write_str("doesn't exist"),
            Self::NoFile => f.write_str("isn't a regular file; give the path of one"),
            Self::TooLong => {
                f.write_str("is longer than 1 MiB, the limit; check that it is the right file")
            }
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        if kind == io::ErrorKind::NotFound {
            return Self::Missing;
        }
        Self::Failed(kind)
    }
}

/// Reads a regular file of at most 1 MiB.
///
/// The file is opened first, and the open file is checked: between a check of the path and the opening,
/// another file could take its place.
pub(crate) fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, Metadata), Unreadable> {
    let file = opened(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Unreadable::NoFile);
    }
    let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if length > MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    // Allocated in full at the start: a buffer that grows leaves a copy behind.
    let mut content = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(metadata.len() + 1).read_to_end(&mut content)?;
    if content.len() > length {
        return Err(Unreadable::Changed);
    }
    Ok((content, metadata))
}

/// Opens without waiting: opening a pipe that has no writer would block forever.
fn opened(path: &Path) -> Result<File, Unreadable> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK);
    }
    options.open(path).map_err(|error| {
        // A socket, or a device without a driver, can't be opened at all, nor can a folder on Windows:
        // none of these is a regular file.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Unreadable::NoFile;
        }
        error.into()
    })
}

/// Who else may read the file, if anybody.
#[cfg(unix)]
pub(crate) fn other_readers(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode();
    if mode & 0o004 != 0 {
        return Some("everybody on this machine");
    }
    (mode & 0o040 != 0).then_some("the file's group")
}

#[cfg(not(unix))]
pub(crate) fn other_readers(_metadata: &Metadata) -> Option<&'static str> {
    None
}
