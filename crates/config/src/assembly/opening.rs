use std::sync::Arc;

use payment_credentials_hyper::TokioOffload;
use payment_credentials_jose::{JweOpener, KeyUnwrap, Keyring, OptInAlgorithm};
use payment_credentials_keys::PrivateKey;

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::Field;
use crate::files::Files;
use crate::settings::OpeningKey;

/// The keys that open payment credentials; each key that can't be used is a mistake of its own.
pub(crate) fn keyring(
    files: &mut Files<'_>,
    keys: &[OpeningKey<'_>],
    mistakes: &mut Mistakes,
) -> Result<Keyring, Recorded> {
    let read = mistakes.keep_all(keys.iter().map(|key| opening_key(files, key)))?;
    let keyring = Keyring::new(read);
    let field = keys
        .last()
        .map_or(Field::OPENING_KEY_FILE.row(), |key| key.field);
    let keyring = keyring.map_err(|error| files.fields.unusable(field, &error));
    let keyring = mistakes.keep(keyring)?;
    Ok(keyring.offload(Arc::new(TokioOffload::default())))
}

/// The opener with these keys, which accepts these algorithms beside its own.
pub(crate) fn opener(keys: impl KeyUnwrap + 'static, accepts: &[OptInAlgorithm]) -> JweOpener {
    let accepts = accepts.iter().copied();
    accepts.fold(JweOpener::new(keys), JweOpener::accepting)
}

fn opening_key(files: &mut Files<'_>, key: &OpeningKey<'_>) -> Result<PrivateKey, Diagnostic> {
    let keystore = files.key(key.field, key.source, key.password)?;
    let private = match &key.key_id {
        Some(key_id) => keystore.private_key_named(key_id),
        None => keystore.private_key(),
    };
    private.map_err(|error| files.fields.unusable(key.field, &error))
}
