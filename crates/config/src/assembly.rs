//! Builds authenticator, encryption, connection and keys from validated settings and their files.

mod authenticator;
mod connection;
mod encryption;
mod opening;
mod shared_secret;

use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_core::seam::KeySet;

use crate::diagnostic::{Mistakes, Recorded};
use crate::field::Field;
use crate::files::Files;
use crate::settings::{Mle, Signing};

use encryption::encryption;

pub(crate) use authenticator::{authenticator, certificate_key};
pub(crate) use connection::{Connection, connection};
pub(crate) use opening::{keyring, opener};
pub(crate) use shared_secret::shared_secret;

/// The authenticator and the encryption. If the settings of one are invalid, the files of the other are read all
/// the same, so that their mistakes are reported together.
pub(crate) fn key_set(
    files: &mut Files<'_>,
    signing: Result<Signing<'_>, Recorded>,
    mle: Result<Mle<'_>, Recorded>,
    now: SystemTime,
    mistakes: &mut Mistakes,
) -> Result<KeySet, Recorded> {
    let signs = signing.and_then(|it| mistakes.keep(authenticator(files, it, now)));
    let mle = mle?;
    let (authenticator, keystore) = match signs {
        Ok(signs) => signs,
        // The certificate of the service may be in the key file that can't be read.
        Err(recorded) => {
            if mle
                .request
                .as_ref()
                .is_none_or(|it| it.certificate.is_some())
            {
                let encryption = encryption(files, &mle, None, now);
                let _also_recorded = mistakes.keep(encryption);
            }
            return Err(recorded);
        }
    };
    let encryption = mistakes.keep(encryption(files, &mle, keystore.as_ref(), now))?;
    let field = mle.requested_by().unwrap_or(Field::REQUEST_MLE.row());
    let keys = KeySet::with_encryption(authenticator, Arc::new(encryption));
    mistakes.keep(keys.map_err(|error| files.fields.unusable(field, &error)))
}
