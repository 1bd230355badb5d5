use std::sync::Arc;

use payment_credentials_core::secret::Password;
use payment_credentials_hyper::TokioOffload;
use payment_credentials_jose::{JweOpener, KeyUnwrap, Keyring, OptInAlgorithm};
use payment_credentials_keys::{Keystore, PrivateKey};

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::Field;
use crate::files::Files;
use crate::known_keys::Job;
use crate::settings::{self, OpeningKey};

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

/// The mistake that the file is the key file that signs: the password of that opens it.
fn signing_key_instead(files: &mut Files<'_>, key: &OpeningKey<'_>) -> Option<Diagnostic> {
    let fields = files.fields;
    let content = files.key_content(key.field, key.source).ok()?;
    let password = match fields.secret(Field::KEY_PASSWORD) {
        Some(secret) => files.secret(Field::KEY_PASSWORD, secret).ok()?,
        None => Password::from(fields.text(Field::MERCHANT_ID)?),
    };
    let keystore = Keystore::read(&content, Some(&password)).ok()?;
    let rule = format!(
        "holds the key file that signs, which {} opens; it fits {}, so give the key for payment credentials here",
        fields.name_beside(key.field, Field::KEY_PASSWORD.row()),
        fields.name_beside(key.field, Field::KEY_FILE_NAME.row()),
    );
    let owner = fields.text(settings::owner(fields))?;
    let is_of_owner = keystore.certificate(owner).is_ok();
    is_of_owner.then(|| fields.diagnostic(key.field, rule))
}

fn opening_key(files: &mut Files<'_>, key: &OpeningKey<'_>) -> Result<PrivateKey, Diagnostic> {
    let keystore = match files.key(key.field, key.source, key.password) {
        Ok(keystore) => keystore,
        Err(error) => return Err(signing_key_instead(files, key).unwrap_or(error)),
    };
    let private = match &key.key_id {
        Some(key_id) => keystore.private_key_named(key_id),
        None => keystore.private_key(),
    };
    files.note_job(&keystore, Job::OpenCredentials, key.field);
    private.map_err(|error| files.fields.unusable(key.field, &error))
}
