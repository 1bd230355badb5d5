//! The only part that touches files and the environment.

use std::fs;
use std::io;
use std::path::Path;

use super::error::{CassetteError, CassetteErrorKind};
use super::format::MAX_BYTES;

fn failed(path: &Path, what: &str, error: &io::Error) -> CassetteError {
    let path = path.display();
    let text = format!("the cassette {path} {what}: {error}");
    CassetteError::new(CassetteErrorKind::File, text)
}

/// Reads a cassette. A file that is missing is never recorded in passing.
#[expect(clippy::disallowed_methods, reason = "a cassette is a file of a test")]
pub(super) fn read(path: &Path) -> Result<String, CassetteError> {
    let cannot = "can't be read; record it first (PAYMENT_CREDENTIALS_CASSETTE=record, where the test chooses its mode \
                  by `Mode::from_environment`)";
    let size = fs::metadata(path).map_err(|error| failed(path, cannot, &error))?;
    if size.len() > MAX_BYTES {
        let text = format!(
            "the cassette {} is larger than 16 MiB; it isn't one",
            path.display()
        );
        return Err(CassetteError::new(CassetteErrorKind::Format, text));
    }
    let bytes = fs::read(path).map_err(|error| failed(path, cannot, &error))?;
    String::from_utf8(bytes).map_err(|_not_text| {
        let text = format!(
            "the cassette {} is not text; record it again",
            path.display()
        );
        CassetteError::new(CassetteErrorKind::Format, text)
    })
}

/// Writes a cassette beside its place and moves it there, so that a crash leaves the old one or none.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CassetteError> {
    let cannot = |error: &io::Error| failed(path, "can't be written", error);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let unfinished = path.with_file_name(name);
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path));
    written.map_err(|error| {
        // Best effort: the error that counts is the first.
        let _ = fs::remove_file(&unfinished);
        cannot(&error)
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a test's mode comes from"
)]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
