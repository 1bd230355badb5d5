//! What is wrong with the path of a file that doesn't exist, where that is plain to see.

use std::path::{Path, PathBuf};

use super::Files;
use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::letter;

impl Files<'_> {
    /// The mistake that a path goes on behind a file, in a field for a folder.
    pub(super) fn behind_a_file(&self, field: AnyField) -> Diagnostic {
        if let Some((folder, _)) = self.folder_of(field) {
            let file = self.fields.name_beside(folder, field);
            let rule = format!(
                "names a file; give the folder that the file is in here, and the file's name in {file}"
            );
            return self.fields.diagnostic(folder, rule);
        }
        self.fields
            .diagnostic(field, "names a path that goes on behind a file; correct it")
    }

    /// The mistake in the path of a file that doesn't exist, or in the path of its folder.
    pub(super) fn misnamed(&self, field: AnyField, paths: &[PathBuf]) -> Option<Diagnostic> {
        let folder = self.folder_of(field);
        let path = paths.first().map(|path| (field, path.as_path()));
        let mut places = folder.into_iter().chain(path);
        places.find_map(|(field, path)| Some(self.fields.diagnostic(field, rule(field, path)?)))
    }

    /// The field for the folder of a file, and the folder.
    fn folder_of(&self, field: AnyField) -> Option<(AnyField, &Path)> {
        let is = |other: AnyField| field.name == other.name;
        let folder = if is(Field::KEY_FILE_NAME.row()) {
            Field::KEYS_DIRECTORY
        } else if is(Field::SSL_CLIENT_CERT.row()) || is(Field::PRIVATE_KEY.row()) {
            Field::CLIENT_CERT_DIR
        } else {
            return None;
        };
        Some((folder.row(), self.fields.path(folder)?))
    }
}

/// The rule that a path breaks by its letters, given as one where files are expected.
fn rule(field: AnyField, path: &Path) -> Option<String> {
    let text = path.to_string_lossy();
    let is_folder = [Field::KEYS_DIRECTORY.row(), Field::CLIENT_CERT_DIR.row()]
        .iter()
        .any(|it| it.name == field.name);
    let what = if is_folder { "folder" } else { "file" };
    if let Some(letters) = letter::rule(&text) {
        return Some(format!(
            "names a file that doesn't exist; the path {letters}"
        ));
    }
    let has_drive = || {
        let (drive, rest) = text.split_once(':').unwrap_or_default();
        drive.len() == 1 && rest.starts_with(['/', '\\'])
    };
    let rule = if text.trim().len() < text.len() {
        "names a {what} that doesn't exist, and has a blank at its beginning or end; delete it"
    } else if text.starts_with("data:") {
        "is an address, and only files are read; give the key or certificate in a field that holds one, or a path"
    } else if text.contains('*') {
        "holds *, and only a shell finds files by it; give the path of one file"
    } else if text.contains([',', ';']) && field.name == Field::OPENING_KEY_FILE.row().name {
        "names a {what} that doesn't exist, and holds a comma or semicolon; give one file here, and further ones in \
         opening_keys"
    } else if text.contains([',', ';']) {
        "names a {what} that doesn't exist, and holds a comma or semicolon; give one file"
    } else if text.contains("classpath:") {
        "begins with classpath:, which Spring alone reads; give a path of the file system"
    } else if text.contains(":/") && text.split(":/").next().is_some_and(is_scheme) {
        "is an address, and only files are read; download the file, and give its path"
    } else if cfg!(not(windows)) && has_drive() {
        "is a path of Windows, and this system is another; give a path of this system"
    } else if cfg!(not(windows)) && text.contains('\\') {
        "has backslashes, which separate folders on Windows alone; write /"
    } else if cfg!(not(windows)) && text.contains(':') {
        "names a {what} that doesn't exist, and holds a colon; give one file"
    } else {
        return None;
    };
    Some(rule.replace("{what}", what))
}

/// Whether a text is a scheme of addresses, such as `https` and `s3`, and no drive's letter.
fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}
