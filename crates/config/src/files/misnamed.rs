//! What is wrong with the path of a file that doesn't exist, where its letters show that.

use crate::field::{AnyField, Field};
use crate::letter;

/// The rule that a path breaks by its letters, given as one where files are expected.
pub(super) fn rule(field: AnyField, path: &str) -> Option<String> {
    if let Some(letters) = letter::rule(path) {
        return Some(format!(
            "names a file that doesn't exist; the path {letters}"
        ));
    }
    let rule = if path.trim().len() < path.len() {
        "names a file that doesn't exist, and has a blank at its beginning or end; delete it"
    } else if path.starts_with("data:") {
        "is an address, and only files are read; give the key or certificate in a field that holds one, or a path"
    } else if path.contains('*') {
        "holds *, and only a shell finds files by it; give the path of one file"
    } else if path.contains([',', ';']) && field.name == Field::OPENING_KEY_FILE.row().name {
        "names a file that doesn't exist, and holds a comma or semicolon; give one file here, and further ones in \
         opening_keys"
    } else if path.contains([',', ';']) {
        "names a file that doesn't exist, and holds a comma or semicolon; give one file"
    } else if cfg!(not(windows)) && path.contains('\\') {
        "has backslashes, which separate folders on Windows alone; write /"
    } else if cfg!(not(windows)) && path.contains(':') {
        "names a file that doesn't exist, and holds a colon; give one file"
    } else {
        return None;
    };
    Some(rule.to_owned())
}
