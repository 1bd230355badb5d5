//! Reads files, with their passwords and permissions; no other module of this crate does.

mod keystore;
mod password_prompt;
mod regular;

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::diagnostic::Diagnostic;
use crate::field::AnyField;
use crate::fields::Fields;
use crate::value::Secret;

use regular::Unreadable;

pub(crate) use password_prompt::PasswordPrompt;
pub(crate) use regular::{MAX_BYTES, other_readers, read};

const NO_FILE: &str = "names a file that doesn't exist: a relative path is looked for from the \
                       working directory, and then from the configuration file's folder";

const NO_FOLDER: &str = "names a folder that doesn't exist: a relative path is looked for from the \
                         working directory, and then from the configuration file's folder";

/// Reads the files that fields name, and collects notes about them.
pub(crate) struct Files<'a> {
    pub(crate) fields: &'a Fields,
    prompt: Option<&'a PasswordPrompt>,
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

    /// Reads a file that a field names, and notes if others may read it.
    pub(crate) fn read_secret(
        &mut self,
        field: impl Into<AnyField>,
        path: &Path,
    ) -> Result<Zeroizing<Vec<u8>>, Diagnostic> {
        self.read_first_secret(field, &[path.to_owned()])
    }

    /// The same for the first of these files that exists.
    pub(crate) fn read_first_secret(
        &mut self,
        field: impl Into<AnyField>,
        paths: &[PathBuf],
    ) -> Result<Zeroizing<Vec<u8>>, Diagnostic> {
        let field = field.into();
        let (content, metadata) = self.open(field, paths)?;
        if let Some(readers) = other_readers(&metadata) {
            let message = format!("names a file that {readers} may read; remove that permission");
            self.note(self.fields.diagnostic(field, message));
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
        let content = self.read_secret(field, path)?;
        let text = std::str::from_utf8(&content).map_err(|_other| {
            self.fields.diagnostic(
                field,
                "names a file that isn't UTF-8 text; save it as UTF-8",
            )
        })?;
        Ok(Password::from(text.trim_end_matches(['\r', '\n'])))
    }

    /// The configuration files in a folder that a field names, in the order of their names.
    pub(crate) fn listed(
        &self,
        field: impl Into<AnyField>,
        folder: &Path,
    ) -> Result<Vec<PathBuf>, Diagnostic> {
        let field = field.into();
        let beside = self.fields.folders.iter().map(|it| it.join(folder));
        let mut places = std::iter::once(folder.to_owned()).chain(beside);
        let Some(folder) = places.find(|place| place.is_dir()) else {
            return Err(self.fields.diagnostic(field, NO_FOLDER));
        };
        let listed = merchants_files(&folder).map_err(|error| {
            let message = format!("names a folder that can't be read: {}", error.kind());
            self.fields.diagnostic(field, message)
        })?;
        Ok(listed)
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
        let beside = self
            .fields
            .folders
            .iter()
            .flat_map(|folder| paths.iter().map(|path| folder.join(path)));
        let places = paths.iter().cloned().chain(beside);
        for place in places {
            match read(&place) {
                Ok(read) => return Ok(read),
                Err(Unreadable::Missing) => {}
                Err(unreadable) => {
                    let message = format!("names a file that {unreadable}");
                    return Err(self.fields.diagnostic(field, message));
                }
            }
        }
        if self.fields.has(field) {
            return Err(self.fields.diagnostic(field, NO_FILE));
        }
        let message = format!("isn't given, and the merchant id {NO_FILE}");
        Err(self.fields.diagnostic(field, message))
    }
}

/// The files of a folder that hold merchants' fields. Hidden files, which editors and Kubernetes make, don't.
fn merchants_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_read = |path: &PathBuf| {
        let is_hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let extension = path.extension().unwrap_or_default();
        let is_known = ["toml", "json"]
            .iter()
            .any(|it| extension.eq_ignore_ascii_case(it));
        is_known && !is_hidden
    };
    let mut paths = Vec::new();
    for entry in folder.read_dir()? {
        paths.extend(Some(entry?.path()).filter(is_read));
    }
    paths.sort();
    Ok(paths)
}

/// Also logs a note as a warning, since not every caller reads the notes.
pub(crate) fn log(note: &Diagnostic) {
    tracing::warn!(%note, "the configuration works, but may not be what was meant");
}
