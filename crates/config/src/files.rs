//! Reads files, with their passwords and permissions; no other module of this crate does.

mod certificates;
mod jobs;
mod keystore;
mod misnamed;
mod not_found;
mod password_prompt;
mod places;
mod regular;
mod secret;
mod validity;
mod wrong_password;

use std::cell::RefCell;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::diagnostic::Diagnostic;
use crate::field::AnyField;
use crate::fields::Fields;
use crate::noted::Noted;

use regular::Unreadable;

pub(crate) use keystore::misplaced;
pub(crate) use password_prompt::PasswordPrompt;
pub(crate) use places::unreadable;
pub(crate) use regular::{MAX_BYTES, other_readers, read};
pub(crate) use wrong_password::wrong_password;

/// Reads the files that fields name, and collects notes about them.
pub(crate) struct Files<'a> {
    pub(crate) fields: &'a Fields,
    prompt: Option<&'a PasswordPrompt>,
    noted: &'a Noted,
    /// What was noted in this reading.
    notes: RefCell<Vec<Diagnostic>>,
}

impl<'a> Files<'a> {
    pub(crate) fn new(
        fields: &'a Fields,
        prompt: Option<&'a PasswordPrompt>,
        noted: &'a Noted,
    ) -> Self {
        Self {
            fields,
            prompt,
            noted,
            notes: RefCell::default(),
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
            let message = format!(
                "names a file that {readers} may read; remove that permission, by `chmod 600`, or by \
                 defaultMode: 0400 of a Kubernetes volume"
            );
            self.note(self.fields.diagnostic(field, message));
        }
        Ok(content)
    }

    /// The configuration files in a folder that a field names, in the order of their names.
    pub(crate) fn listed(
        &self,
        field: impl Into<AnyField>,
        folder: &Path,
    ) -> Result<Vec<PathBuf>, Diagnostic> {
        let field = field.into();
        let places = places::places(self.fields, &[folder.to_owned()]);
        if !places.iter().any(|place| place.is_dir()) && places.iter().any(|place| place.is_file())
        {
            let rule = "names a file; give the folder that the merchants' files are in";
            return Err(self.fields.diagnostic(field, rule));
        }
        let Some(folder) = places.iter().find(|place| place.is_dir()) else {
            return Err(self
                .fields
                .diagnostic(field, places::missing("folder", &places)));
        };
        let listed = merchants_files(folder).map_err(|error| {
            let message = format!("names a folder that can't be read: {}", error.kind());
            self.fields.diagnostic(field, message)
        })?;
        Ok(listed)
    }

    pub(crate) fn note(&self, note: Diagnostic) {
        self.noted.add(note.clone());
        self.notes.borrow_mut().push(note);
    }

    /// What was noted in this reading.
    pub(crate) fn into_notes(self) -> Vec<Diagnostic> {
        self.notes.into_inner()
    }

    fn open(
        &self,
        field: AnyField,
        paths: &[PathBuf],
    ) -> Result<(Zeroizing<Vec<u8>>, Metadata), Diagnostic> {
        if let Some(mistake) = self.key_instead(field, paths) {
            return Err(mistake);
        }
        let places = places::places(self.fields, paths);
        for (at, place) in places.iter().enumerate() {
            match read(place) {
                Ok((content, metadata)) => {
                    let later = places.get(at + 1..).unwrap_or_default();
                    if let Some(other) = places::another(&content, later) {
                        self.note_two(field, place, other);
                    }
                    return Ok((content, metadata));
                }
                Err(Unreadable::Missing) => {}
                Err(Unreadable::Failed(io::ErrorKind::NotADirectory)) => {
                    return Err(self.no_folder(field));
                }
                Err(unreadable) => {
                    let message = format!("names a file that {unreadable}");
                    return Err(self.fields.diagnostic(field, message));
                }
            }
        }
        Err(self.not_found(field, paths, &places))
    }

    /// Notes that two places have a file, and which was taken.
    fn note_two(&self, field: AnyField, taken: &Path, other: &Path) {
        let (taken, other) = (places::shown(taken), places::shown(other));
        let message = format!("names two files: {taken} was taken, and {other} was not");
        self.note(self.fields.diagnostic(field, message));
    }
}

/// The files of a folder that hold merchants' fields. Hidden files, which editors and Kubernetes make, don't.
fn merchants_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_read = |path: &PathBuf| {
        let is_hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let extension = path.extension().unwrap_or_default();
        let is_known = ["toml", "json", "properties"]
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
