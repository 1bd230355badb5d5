//! A comment behind a value, where it is a part of the value: in Java properties, and in the environment if a file
//! with comments was read into it.

use crate::field::{AnyField, Field};
use crate::notation::Notation;
use crate::raw::Raw;
use crate::value::Kind;

const RULE: &str = "has a comment behind the value, which is a part of it here; write the comment on a line of its own";

/// Fields whose texts are names that people choose, where a # may belong to the name.
const NAMES: [AnyField; 6] = [
    Field::KEY_ALIAS.row(),
    Field::KEY_FILE_NAME.row(),
    Field::PRIVATE_KEY.row(),
    Field::PROXY_USER.row(),
    Field::REQUEST_MLE_KEY_ALIAS.row(),
    Field::SSL_CLIENT_CERT.row(),
];

/// The rule that a value breaks which ends in a comment. A secret may hold anything.
pub(crate) fn trailing_comment(
    notation: Notation,
    field: AnyField,
    in_file: bool,
    raw: &Raw,
) -> Option<&'static str> {
    let Raw::Text(text) = raw else {
        return None;
    };
    let (_, comment) = text.split_once([' ', '\t'])?;
    let comment = comment.trim_start().strip_prefix('#')?;
    let is_free =
        in_file || field.kind == Kind::Path || NAMES.iter().any(|it| it.name == field.name);
    let is_comment = !is_free || comment.starts_with([' ', '\t']);
    let is_checked = notation.only_texts().is_some() && (in_file || field.kind != Kind::Secret);
    (is_checked && is_comment).then_some(RULE)
}
