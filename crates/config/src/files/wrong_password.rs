//! Why a password may be wrong: what is around it, or stands in its place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::KeystoreError;
use zeroize::Zeroizing;

use crate::diagnostic::Diagnostic;
use crate::field::AnyField;
use crate::fields::Fields;
use crate::misplaced::{is_assignment, is_json, is_path};
use crate::reference;
use crate::slip::is_quoted;
use crate::value::Secret;

/// The mistake in a password that is wrong; none, if the error is another, or nothing is noticed about the password.
pub(crate) fn wrong_password(
    fields: &Fields,
    field: AnyField,
    error: &KeystoreError,
    (password, given): (&Password, &Secret),
    opens: impl Fn(Option<&Password>) -> bool,
) -> Option<Diagnostic> {
    if !matches!(error, KeystoreError::Password(_)) {
        return None;
    }
    let why = if opens(None) {
        let name = fields.name(field);
        format!("the key file has no password, so delete {name}")
    } else if decoded(password).is_some_and(|decoded| opens(Some(&decoded))) {
        "it is the password in base64, as in data: of a Kubernetes Secret; decode it".to_owned()
    } else {
        noticed(password, given)?
    };
    let rule = format!("can't be used: password is wrong; {why}");
    Some(fields.diagnostic(field, rule))
}

/// What a password stands for, if it is text in base64.
fn decoded(password: &Password) -> Option<Password> {
    let decoded = Zeroizing::new(STANDARD.decode(password.expose()).ok()?);
    let text = std::str::from_utf8(&decoded).ok()?;
    Some(Password::from(text.trim_end_matches(['\r', '\n'])))
}

/// What is noticeable about a password, as the end of a sentence; none, if nothing is.
fn noticed(password: &Password, given: &Secret) -> Option<String> {
    let text = password.expose();
    if let Some(rule) = reference::in_useless_secret(text) {
        return Some(format!("it {rule}"));
    }
    let is_in_file = matches!(given, Secret::InFile(_));
    let has_comment = [" #", "\t#", " //"].iter().any(|it| text.contains(it));
    let noticed = if text.contains("-----BEGIN ") {
        "it is PEM, and so a key; give the password"
    } else if is_json(text) {
        "it is JSON; give the member with the password alone"
    } else if text.trim().contains(['\n', '\r']) {
        "it has more than one line; write the password alone, without comments and other values"
    } else if text.trim().len() < text.len() || is_quoted(text) {
        "it has blanks or quotes around it, so delete them"
    } else if is_assignment(text) {
        "it begins with a name, as in NAME=; give the password alone"
    } else if has_comment {
        "it has a comment behind it; delete that"
    } else if is_path(text) && is_in_file {
        "its file holds a path; write the password itself into it"
    } else if is_path(text) {
        "it is a path; give that in the field of the same name with _file at its end"
    } else {
        return None;
    };
    Some(noticed.to_owned())
}
