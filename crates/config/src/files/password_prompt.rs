use std::fmt;
use std::io;
use std::sync::Arc;

use payment_credentials_core::secret::Password;

/// Asks a person for a password that no field gives.
#[derive(Clone)]
pub(crate) struct PasswordPrompt(Arc<Ask>);

type Ask = dyn Fn(&str) -> io::Result<Password> + Send + Sync;

impl PasswordPrompt {
    pub(crate) fn new(ask: impl Fn(&str) -> io::Result<Password> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(crate) fn ask(&self, what_for: &str) -> io::Result<Password> {
        (self.0)(what_for)
    }
}

impl fmt::Debug for PasswordPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordPrompt")
    }
}
