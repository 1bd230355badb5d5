//! The shared secret: read, and told by its form where it is of no use or of an unusual length.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_auth::SharedSecret;
use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::diagnostic::Diagnostic;
use crate::field::Field;
use crate::fields::Fields;
use crate::files::Files;
use crate::misplaced::{is_assignment, is_json, is_key_id, is_path};
use crate::reference;
use crate::settings::SharedSecretField;
use crate::slip::is_quoted;

const ENCODED_TWICE: &str = "is base64 of base64, as where an encoded value was put into data: of a \
                             Kubernetes Secret; if the service refuses the signatures, decode it once";
const HEXADECIMAL: &str = "has the digits of hexadecimal alone; if it was converted, give the base64 text \
                           that the vendor's Business Center (its web console) showed";
const OTHER_LENGTH: &str = "has another length than the vendor's, which is 32 bytes in 44 letters; check \
                            that it is the shared secret of a REST key: not the transaction key of SOAP, \
                            and not what a secret store encrypted";

/// The shared secret, in base64 without a line break behind it, and decoded.
pub(crate) fn shared_secret(
    files: &mut Files<'_>,
    given: &SharedSecretField<'_>,
) -> Result<(Password, SharedSecret), Diagnostic> {
    let field = Field::MERCHANT_SECRET_KEY;
    let configured = files.secret(field, given.secret)?;
    let base64 = configured.expose().trim_end_matches(['\r', '\n']);
    let secret =
        SharedSecret::from_base64(base64).map_err(|error| match misread(files.fields, base64) {
            Some(rule) => files.fields.diagnostic(field, rule),
            None => files.fields.unusable(field, &error),
        })?;
    if let Some(note) = unusual(base64) {
        files.note(files.fields.diagnostic(field, note));
    }
    Ok((Password::from(base64), secret))
}

/// The rule that a secret breaks which isn't the base64 text alone; none, if nothing but that is noticed.
fn misread(fields: &Fields, text: &str) -> Option<String> {
    let field = Field::MERCHANT_SECRET_KEY;
    let beside = |other: Field<_>| fields.name_beside(field, other.row());
    if let Some(rule) = reference::in_useless_secret(text) {
        return Some(rule);
    }
    if is_key_id(text) {
        let id = beside(Field::MERCHANT_KEY_ID);
        return Some(format!(
            "looks like the key's id; give that in {id}, and the secret here"
        ));
    }
    if is_path(text) {
        let file = fields.name_of_file(field.row());
        return Some(format!("holds a path; give it in {file}"));
    }
    let rule = if text.contains("-----BEGIN ") {
        "holds PEM, and a shared secret is a text of 44 letters; give that, or the key in signing_key with \
         jwt_key_type P12"
    } else if is_json(text) {
        "holds JSON; give the member with the secret alone"
    } else if is_in_quotes(text) {
        "has quotes around it that are a part of the value here; delete them"
    } else if text.trim().contains(['\r', '\n']) && text.lines().any(is_assignment) {
        "has more than one line; give the secret alone"
    } else if is_assignment(text) {
        "begins with a name, as in NAME=; give the secret alone"
    } else if text.contains(char::is_whitespace) {
        blanks(text)
    } else if is_percent_encoded(text) {
        "has %2B, %2F or %3D for +, / or =, as in an address; decode it"
    } else if is_hexadecimal(text) {
        "is in hexadecimal; give the base64 text that the vendor's Business Center (its web console) showed"
    } else if text.contains('&') {
        "has an entity of HTML or XML, such as &#43; for +; decode it"
    } else if text.contains(['*', '…', '•']) || text.contains("...") {
        "is shown in part only, with * or … for the rest; copy it whole"
    } else if has_a_sign_behind_it(text) {
        "has a sign behind it, such as a comma; delete that"
    } else if text.trim_end_matches('=').contains('=') {
        "goes on behind the = that ends it; give the secret alone, and once"
    } else if text.contains('\\') {
        "has a backslash, as in the escapes of JSON or of a shell; delete each that isn't in the secret as \
         the vendor's Business Center (its web console) showed it"
    } else {
        return None;
    };
    Some(format!("can't be used: shared secret {rule}"))
}

/// The rule for blanks in a secret: they stand for `+`, or beside the secret.
fn blanks(text: &str) -> &'static str {
    let with_plus = Zeroizing::new(text.trim_end_matches(['\r', '\n']).replace(' ', "+"));
    let without = Zeroizing::new(text.replace(char::is_whitespace, ""));
    let is_secret = |text: &str| SharedSecret::from_base64(text).is_ok();
    if is_secret(&with_plus) && !is_secret(&without) {
        return "has blanks where a + was, as after a form or an address is decoded; copy it again, or put \
                the + back";
    }
    "has a blank or a line break in it; write the secret on one line, without blanks"
}

/// Whether quotes of any kind are around a text.
fn is_in_quotes(text: &str) -> bool {
    let quotes = ['`', '“', '”', '„', '‘', '’', '«', '»'];
    is_quoted(text.trim()) || (text.starts_with(quotes) && text.ends_with(quotes))
}

/// Whether a text has 32 bytes or more in hexadecimal, alone, behind `0x`, or with colons.
fn is_hexadecimal(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let count = digits.bytes().filter(u8::is_ascii_hexdigit).count();
    let is_digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    count >= 64 && digits.bytes().all(is_digit)
}

/// Whether a text is a secret but for punctuation at its end.
fn has_a_sign_behind_it(text: &str) -> bool {
    let bare = text.trim_end_matches([',', ';', '.', ':', '\'', '"']);
    bare.len() < text.len() && SharedSecret::from_base64(bare).is_ok()
}

fn is_percent_encoded(text: &str) -> bool {
    let codes = [b"%2B", b"%2F", b"%3D"];
    let is_code = |part: &[u8]| codes.iter().any(|code| part.eq_ignore_ascii_case(*code));
    text.as_bytes().windows(3).any(is_code)
}

/// The note about a secret that signs, but has another length than the vendor's.
fn unusual(base64: &str) -> Option<&'static str> {
    const VENDORS_BYTES: usize = 32;
    let decoded = Zeroizing::new(STANDARD.decode(base64).ok()?);
    if decoded.len() == VENDORS_BYTES {
        return None;
    }
    let inner = std::str::from_utf8(&decoded).ok();
    if inner.is_some_and(|inner| SharedSecret::from_base64(inner.trim()).is_ok()) {
        return Some(ENCODED_TWICE);
    }
    if base64.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(HEXADECIMAL);
    }
    Some(OTHER_LENGTH)
}
