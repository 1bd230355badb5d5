use std::path::Path;

use payment_credentials_keys::Certificate;

use super::Files;
use crate::diagnostic::Diagnostic;
use crate::field::AnyField;

impl Files<'_> {
    /// The certificates of a file that a field names, or of the field itself, if it holds PEM in place of a
    /// path.
    pub(crate) fn certificates(
        &self,
        field: impl Into<AnyField>,
        path: &Path,
    ) -> Result<Vec<Certificate>, Diagnostic> {
        let field = field.into();
        let read = match path.to_str() {
            Some(text) if text.contains("-----BEGIN ") => Certificate::all(text),
            _ => Certificate::all(self.read(field, path)?),
        };
        read.map_err(|error| self.fields.unusable(field, &error))
    }
}
