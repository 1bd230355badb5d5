//! What is wrong with the path of a file that doesn't exist, where its letters show that.

use crate::field::{AnyField, Field};
use crate::letter;

/// The rule that a path breaks by its letters, given as one where files are expected.
pub(super) fn rule(field: AnyField, path: &str) -> Option<String> {
    let is_folder = [Field::KEYS_DIRECTORY.row(), Field::CLIENT_CERT_DIR.row()]
        .iter()
        .any(|it| it.name == field.name);
    let what = if is_folder { "folder" } else { "file" };
    if let Some(letters) = letter::rule(path) {
        return Some(format!(
            "names a {what} that doesn't exist; the path {letters}"
        ));
    }
    let rule = if path.trim().len() < path.len() {
        "names a {what} that doesn't exist, and has a blank at its beginning or end; delete it"
    } else if path.starts_with("data:") {
        "is an address, and only files are read; give the key or certificate in a field that holds one, or a path"
    } else if path.contains('*') {
        "holds *, and only a shell finds files by it; give the path of one file"
    } else if path.contains([',', ';']) && field.name == Field::OPENING_KEY_FILE.row().name {
        "names a {what} that doesn't exist, and holds a comma or semicolon; give one file here, and further ones in \
         opening_keys"
    } else if path.contains([',', ';']) {
        "names a {what} that doesn't exist, and holds a comma or semicolon; give one {what}"
    } else if cfg!(not(windows)) && path.contains('\\') {
        "has backslashes, which separate folders on Windows alone; write /"
    } else if cfg!(not(windows)) && path.contains(':') {
        "names a {what} that doesn't exist, and holds a colon; give one {what}"
    } else {
        return None;
    };
    Some(rule.replace("{what}", what))
}
