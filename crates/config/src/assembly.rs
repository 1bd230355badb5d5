//! Builds authenticator, encryption, connection and keys from validated settings and their files.

mod authenticator;
mod connection;
mod encryption;
mod opening;

use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_core::seam::KeySet;

use crate::diagnostic::Diagnostic;
use crate::field::Field;
use crate::files::Files;
use crate::settings::{Mle, Signing};

use encryption::encryption;

pub(crate) use authenticator::{authenticator, certificate_key, shared_secret};
pub(crate) use connection::{Connection, connection};
pub(crate) use opening::{keyring, opener};

/// The authenticator and the encryption.
pub(crate) fn key_set(
    files: &mut Files<'_>,
    signing: Signing<'_>,
    mle: &Mle<'_>,
    now: SystemTime,
) -> Result<KeySet, Diagnostic> {
    let (authenticator, keystore) = authenticator(files, signing)?;
    let encryption = encryption(files, mle, keystore.as_ref(), now)?;
    let field = mle.requested_by().unwrap_or(Field::REQUEST_MLE.row());
    KeySet::with_encryption(authenticator, Arc::new(encryption))
        .map_err(|error| files.fields.unusable(field, &error))
}
