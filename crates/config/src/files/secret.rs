use payment_credentials_core::secret::Password;

use super::Files;
use crate::diagnostic::Diagnostic;
use crate::field::AnyField;
use crate::slip;
use crate::value::Secret;

const NO_TEXT: &str = "names a file that isn't UTF-8 text; save it as UTF-8";
const KEY: &str =
    "names a file that holds PKCS#12 or DER; name the file that holds the text of this secret";
const NUL: &str =
    "names a file that has a NUL character in it, as programs in C write at an end; delete that";
const BYTES: &str = "names a file that holds bytes that are no text; write the text of the secret into it, \
                     as it was shown";

impl Files<'_> {
    /// Returns a secret: the value itself, or the content of its file.
    pub(crate) fn secret(
        &mut self,
        field: impl Into<AnyField>,
        secret: &Secret,
    ) -> Result<Password, Diagnostic> {
        let field = field.into();
        let path = match secret {
            Secret::Here(password) => return Ok(Password::from(password.expose())),
            Secret::InFile(path) => path,
        };
        let content = self.read_secret(field, path)?;
        let text = std::str::from_utf8(&content).ok();
        // UTF-16 of plain letters is valid UTF-8, with a NUL behind or before each letter.
        let text = text
            .filter(|text| !text.contains('\0'))
            .ok_or_else(|| self.fields.diagnostic(field, no_text(&content)))?;
        // Editors on Windows put a byte order mark before the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            let rule = "names an empty file; write the secret into it";
            return Err(self.fields.diagnostic(field, rule));
        }
        if let Some(rule) = slip::unresolved(text) {
            let message = format!("names a file that {rule}");
            return Err(self.fields.diagnostic(field, message));
        }
        Ok(Password::from(text))
    }
}

/// The rule that a file breaks which isn't UTF-8 text: it is a key, other bytes, or text in another encoding.
fn no_text(content: &[u8]) -> &'static str {
    const SEQUENCE: u8 = 0x30;
    if matches!(content, [SEQUENCE, 0x80..=0x84, ..]) {
        return KEY;
    }
    let is_control = |byte: &&u8| matches!(byte, 1..=8 | 0x0e..=0x1f | 0x7f);
    let is_utf16 = matches!(
        content,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, ..]
    );
    if !is_utf16 && std::str::from_utf8(content).is_ok() {
        return NUL;
    }
    let high = content.iter().filter(|byte| **byte > 0x7f).count();
    if !is_utf16 && (content.iter().filter(is_control).count() > 0 || high * 3 > content.len()) {
        return BYTES;
    }
    NO_TEXT
}
