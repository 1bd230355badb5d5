use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use payment_credentials_core::secret::Password;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::shown;

/// Bytes of the largest file that is read: key files, responses, passwords.
const MOST: u64 = 1024 * 1024;

/// The content of a file; `-` is standard input.
#[expect(
    clippy::disallowed_methods,
    reason = "the program reads the files that its arguments name"
)]
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let content = if path == Path::new("-") {
        bounded(io::stdin().lock())
    } else {
        File::open(path).and_then(bounded)
    };
    content.map_err(|error| {
        let text = format!("{} can't be read", shown(&path.to_string_lossy()));
        Failure::new(Exit::Configuration, text).because(&error)
    })
}

fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    source.take(MOST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MOST {
        return Err(io::Error::other("it is longer than 1 MiB"));
    }
    Ok(content)
}

/// The password in a file, without the end of its line.
pub(crate) fn password(path: Option<&Path>) -> Result<Option<Password>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    // A word alone may be the password itself, given in place of its file.
    if path.components().count() == 1 && path.extension().is_none() && !path.exists() {
        return Err(Failure::new(
            Exit::Configuration,
            "--password-file names no file; give the path of the file that holds the password, and not the password",
        ));
    }
    let content = read(path)?;
    let unusable = |text: &str| {
        let text = format!("{} {text}", shown(&path.to_string_lossy()));
        Failure::new(Exit::Configuration, text)
    };
    let text = String::from_utf8(content).map_err(|_bytes| {
        unusable("isn't UTF-8 text; name the file that holds the password, not the key file")
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains('\n') {
        return Err(unusable("has more than one line; write the password alone"));
    }
    Ok(Some(Password::from(line)))
}
