use std::path::Path;

use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Keystore, KeystoreError};

use super::Files;
use crate::diagnostic::Diagnostic;
use crate::field::AnyField;
use crate::settings::KeyFilePassword;

impl Files<'_> {
    /// Reads a key file that a field names, and opens it with its password.
    pub(crate) fn key_file(
        &mut self,
        field: AnyField,
        path: &Path,
        password: KeyFilePassword<'_>,
    ) -> Result<Keystore, Diagnostic> {
        let content = self.read_secret(field, path)?;
        self.keystore(field, &content, password, None)
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
        let refused = |error: KeystoreError| {
            let is_password = matches!(error, KeystoreError::Password(_));
            fields.unusable(
                if is_password { password.field } else { field },
                &error.into(),
            )
        };
        if let Some(secret) = password.given {
            let password = self.secret(password.field, secret)?;
            return Keystore::read(content, Some(&password)).map_err(refused);
        }
        let error = match Keystore::read(content, None) {
            Ok(keystore) => return Ok(keystore),
            Err(error) => error,
        };
        if !matches!(error, KeystoreError::Password(_)) {
            return Err(refused(error));
        }
        if let Some(default) = default
            && let Ok(keystore) = Keystore::read(content, Some(&default))
        {
            let message = "is missing, and the merchant id opens the key file, as before 2024; \
                        make a key file with a password of its own";
            self.note(fields.diagnostic(password.field, message));
            return Ok(keystore);
        }
        let asked = self.prompted(field, password.field)?;
        Keystore::read(content, Some(&asked)).map_err(refused)
    }

    /// Asks for the password that no field gives.
    fn prompted(&self, field: AnyField, password_field: AnyField) -> Result<Password, Diagnostic> {
        let name = self.fields.name(field);
        let Some(prompt) = self.prompt else {
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
