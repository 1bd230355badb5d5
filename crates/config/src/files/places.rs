//! Where a file that a field names is looked for.

use std::path::{Path, PathBuf};

use super::regular::{self, Unreadable};
use crate::fields::Fields;

/// The places of a path: beside the configuration files, and then in the working directory.
pub(super) fn places(fields: &Fields, paths: &[PathBuf]) -> Vec<PathBuf> {
    let beside = fields
        .folders
        .iter()
        .flat_map(|folder| paths.iter().map(|path| folder.join(path)));
    let mut places: Vec<PathBuf> = Vec::new();
    for place in beside.chain(paths.iter().cloned()) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// The rule that a single word breaks where no file has that name.
pub(super) const WORD: &str = "names a file that doesn't exist; a word without an extension isn't shown, since it may be \
                               a password, given in another's place; give the file's whole name";

/// The rule that a field breaks if none of its places has a file. Of a secret's file, only an absolute path is
/// named, since the text may be the secret itself, given in place of its file.
pub(super) fn none_of(places: &[PathBuf], given: &[PathBuf], is_secret: bool) -> String {
    if is_secret && !given.iter().all(|path| path.is_absolute()) {
        return "names a file that doesn't exist, and isn't shown, since it may be the secret itself; give an \
                absolute path, or the secret in the field without _file"
            .to_owned();
    }
    missing("file", places)
}

/// The rule that a field breaks if none of these places exists.
pub(super) fn missing(what: &str, places: &[PathBuf]) -> String {
    let tried: Vec<_> = places.iter().map(|place| shown(place)).collect();
    let tried = tried.join(", ");
    let remedy = if places.iter().all(|place| place.is_absolute()) {
        "put it there, or correct the path"
    } else {
        "put it there, or correct the path, which counts from the configuration's folder and then from the \
         working directory"
    };
    format!("names a {what} that doesn't exist; looked for {tried}; {remedy}")
}

/// What is wrong with the configuration file at a path; of one that doesn't exist, with where it was looked for.
pub(crate) fn unreadable(path: &Path, why: &Unreadable) -> String {
    if !matches!(why, Unreadable::Missing) {
        return why.to_string();
    }
    let place = shown(path);
    let text = path.to_string_lossy();
    if text.trim().len() < text.len() {
        return format!("{why}; the path has a blank at its beginning or end, so delete it");
    }
    let folder = std::env::current_dir().ok().filter(|_| path.is_relative());
    let Some(folder) = folder else {
        return format!("{why}; looked for {place}");
    };
    let folder = shown(&folder);
    format!("{why}; looked for {place}, from the working directory {folder}")
}

/// A later place that has a file too, with other content than the first.
pub(super) fn another<'a>(content: &[u8], later: &'a [PathBuf]) -> Option<&'a Path> {
    let differs = |place: &&PathBuf| match regular::read(place) {
        Ok((other, _)) => *other != *content,
        Err(Unreadable::Missing) => false,
        Err(_) => true,
    };
    later.iter().find(differs).map(PathBuf::as_path)
}

/// A path, unless it might be something else, such as a secret that was given in place of its file.
///
/// A path has a folder or an extension, no more digits than that, and none of the letters that base64 and
/// passwords have.
pub(super) fn shown(path: &Path) -> String {
    const MAX_LENGTH: usize = 200;
    const MAX_DIGITS: usize = 11;
    let text = path.to_string_lossy();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/\\:._-~ ".contains(letter);
    let has_extension = path
        .extension()
        .is_some_and(|it| (1..=5).contains(&it.len()));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_shown = text.len() <= MAX_LENGTH
        && digits <= MAX_DIGITS
        && (has_extension || text.contains(['/', '\\']))
        && text.chars().all(is_plain);
    if is_shown {
        text.into_owned()
    } else {
        "(a path that isn't shown)".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_unless_they_might_be_something_else() {
        for path in [
            "/run/secrets/key-password",
            "keys/mine",
            "mine.p12",
            "C:\\keys\\my.pem",
        ] {
            assert_eq!(shown(Path::new(path)), path);
        }
        for path in [
            "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=",
            "hunter2",
            "Str0ng!",
            "/keys/4111111111111111.pem",
            "-----BEGIN PRIVATE KEY-----\nMIIE",
            "a\nb.pem",
            "",
        ] {
            assert_eq!(shown(Path::new(path)), "(a path that isn't shown)");
        }
    }
}
