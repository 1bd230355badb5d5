use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Keystore, KeystoreError};
use zeroize::Zeroizing;

use super::Files;
use super::wrong_password::wrong_password;
use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::misplaced::{is_path, is_word};
use crate::reference;
use crate::settings::{KeyFilePassword, KeySource};
use crate::value::Secret;

impl Files<'_> {
    /// Reads a key from where a field says that it is, and opens it with its password.
    pub(crate) fn key(
        &mut self,
        field: AnyField,
        source: KeySource<'_>,
        password: KeyFilePassword<'_>,
    ) -> Result<Keystore, Diagnostic> {
        let content = self.key_content(field, source)?;
        self.keystore(field, &content, password, None)
    }

    /// The content of a key file, in whatever format.
    pub(crate) fn key_content(
        &mut self,
        field: AnyField,
        source: KeySource<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, Diagnostic> {
        match source {
            KeySource::File(path) => self.read_secret(field, path),
            KeySource::Key(Secret::InFile(path)) => self.read_secret(field, path),
            KeySource::Key(Secret::Here(key)) => {
                Ok(Zeroizing::new(key.expose().as_bytes().to_vec()))
            }
        }
    }

    /// Opens the content of a key file with its password: the configured one, the default, or one from the
    /// prompt; the last two only if the file needs a password.
    pub(crate) fn keystore(
        &mut self,
        field: impl Into<AnyField>,
        content: &[u8],
        password: KeyFilePassword<'_>,
        default: Option<Password>,
    ) -> Result<Keystore, Diagnostic> {
        let field = field.into();
        let fields = self.fields;
        let was_given = password.given.is_some() || self.prompt.is_some();
        let refused = |error| refused(fields, field, content, (password, was_given), error);
        let of_key = match password.of_key {
            Some((field, Some(secret))) => Some(self.secret(field, secret)?),
            Some((_, None)) | None => None,
        };
        let open = |password: Option<&Password>| match &of_key {
            Some(of_key) => Keystore::read_with_key_password(content, password, of_key),
            None => Keystore::read(content, password),
        };
        if let Some(secret) = password.given {
            let given = self.secret(password.field, secret)?;
            return open(Some(&given)).map_err(|error| {
                let opens = |other: Option<&Password>| open(other).is_ok();
                wrong_password(fields, password.field, &error, (&given, secret), opens)
                    .unwrap_or_else(|| refused(error))
            });
        }
        let error = match open(None) {
            Ok(keystore) => return Ok(keystore),
            Err(error) => error,
        };
        if !matches!(error, KeystoreError::Password(_)) {
            return Err(refused(error));
        }
        if let Some(default) = default
            && let Ok(keystore) = open(Some(&default))
        {
            let message = "is missing, and the merchant id opens the key file, as before 2024; \
                        make a key file with a password of its own";
            self.note(fields.diagnostic(password.field, message));
            return Ok(keystore);
        }
        let asked = self.prompted(field, password.field)?;
        open(Some(&asked)).map_err(refused)
    }

    /// Asks for the password that no field gives.
    fn prompted(&self, field: AnyField, password_field: AnyField) -> Result<Password, Diagnostic> {
        let name = self.fields.name(field);
        let Some(prompt) = self.prompt else {
            if field.name == password_field.name {
                let rule = "has an entry whose key is encrypted; give password or password_file in that entry";
                return Err(self.fields.diagnostic(field, rule));
            }
            let remedy = format!("give the password of the encrypted file that {name} names");
            return Err(self.fields.missing(password_field, &remedy));
        };
        prompt.ask(&name).map_err(|error| {
            let message = format!(
                "is missing, and the password prompt failed: {}",
                error.kind()
            );
            self.fields.diagnostic(password_field, message)
        })
    }
}

/// The mistake in a key file that can't be read, told of the field that is at fault.
fn refused(
    fields: &Fields,
    field: AnyField,
    content: &[u8],
    (password, was_given): (KeyFilePassword<'_>, bool),
    error: KeystoreError,
) -> Diagnostic {
    let at_fault = match (&error, password.of_key) {
        (KeystoreError::Password(_), _) => password.field,
        (KeystoreError::KeyPassword(_), Some((of_key, _))) => of_key,
        _ => field,
    };
    let is_of_the_vendors_file = password.field.name == Field::KEY_PASSWORD.row().name;
    if matches!(error, KeystoreError::Password(_)) && !is_of_the_vendors_file && was_given {
        return fields.diagnostic(
            at_fault,
            "can't be used: password is wrong; give the one that this file was encrypted with",
        );
    }
    if matches!(error, KeystoreError::File(_))
        && let Some(mistake) = misplaced(fields, field, content)
    {
        return mistake;
    }
    fields.unusable(at_fault, &error.into())
}

/// The mistake that a reference or a path stands where a key belongs.
pub(crate) fn misplaced(fields: &Fields, field: AnyField, content: &[u8]) -> Option<Diagnostic> {
    let text = std::str::from_utf8(content).ok()?.trim();
    let is_entry = field.name == Field::OPENING_KEYS.row().name;
    let is_here = fields.is_secret_itself(field) || is_entry;
    let holds = match (is_entry, is_here) {
        (true, _) => "has an entry that ",
        (_, true) => "",
        _ => "names a file that ",
    };
    let place = if is_entry {
        "as file in that entry".to_owned()
    } else {
        format!("in {}", fields.name_of_file(field))
    };
    let rule = if is_here && let Some(rule) = reference::in_useless_secret(text) {
        rule
    } else if let Some(rule) = reference::certain(text) {
        rule
    } else if is_path(text) && is_here {
        format!("holds a path; give it {place}")
    } else if is_here && is_word(text) {
        format!(
            "holds a single word, and no key; give the key itself, or, if that is the name of its file, give \
             that {place}"
        )
    } else if is_path(text) {
        "holds a path, and no key; give the path that leads to the key".to_owned()
    } else {
        return None;
    };
    Some(fields.diagnostic(field, format!("{holds}{rule}")))
}
