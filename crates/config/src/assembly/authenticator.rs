use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_auth::{
    AccessToken, BearerAuthenticator, CertificateKey, HttpSignatureAuthenticator, JwtAuthenticator,
    SharedSecretKey,
};
use payment_credentials_core::seam::{RequestAuthenticator, Unauthenticated};
use payment_credentials_core::secret::Password;
use payment_credentials_hyper::TokioOffload;
use payment_credentials_keys::{Certificate, Keystore, SigningIdentity};
use zeroize::Zeroizing;

use super::shared_secret::shared_secret;
use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::files::Files;
use crate::settings::{KeyFile, KeyPlace, KeySource, SharedSecretField, Signer, Signing};
use crate::value::Secret;

/// The authenticator, and the key file that its key comes from, if it comes from one.
pub(crate) fn authenticator(
    files: &mut Files<'_>,
    signing: Signing<'_>,
    now: SystemTime,
) -> Result<(Arc<dyn RequestAuthenticator>, Option<Keystore>), Diagnostic> {
    let authenticator: Arc<dyn RequestAuthenticator> = match signing {
        Signing::Bearer(secret) => {
            let access_token = access_token(files, secret, now)?;
            Arc::new(BearerAuthenticator::new(Arc::new(access_token)))
        }
        Signing::Certificate(signer, file, format) => {
            let (key, keystore) = certificate_key(files, &signer, &file)?;
            if let Some(certificate) = key.certificate() {
                files.note_beginning(file.place.field(), certificate, now);
            }
            let jwt = JwtAuthenticator::with_certificate(key)
                .for_merchant(signer.merchant)
                .format(format)
                .offload(Arc::new(TokioOffload::default()));
            return Ok((Arc::new(jwt), Some(keystore)));
        }
        Signing::HttpSignature(signer, secret) => {
            let key = shared_secret_key(files, &signer, &secret)?;
            Arc::new(HttpSignatureAuthenticator::new(key).for_merchant(signer.merchant))
        }
        Signing::MutualTls => Arc::new(Unauthenticated),
        Signing::SharedSecret(signer, secret, format) => {
            let key = shared_secret_key(files, &signer, &secret)?;
            let jwt = JwtAuthenticator::with_shared_secret(key)
                .for_merchant(signer.merchant)
                .format(format);
            Arc::new(jwt)
        }
    };
    Ok((authenticator, None))
}

fn access_token(
    files: &mut Files<'_>,
    secret: &Secret,
    now: SystemTime,
) -> Result<AccessToken, Diagnostic> {
    let field = Field::ACCESS_TOKEN;
    let given = files.secret(field, secret)?;
    files.note_expired(field.row(), &given, now);
    given.expose().parse().map_err(|error| {
        if has_more_than_the_token(given.expose()) {
            let rule = "holds more than the access token, such as `Bearer`, `Authorization:`, quotes, blanks or JSON; \
                        give the access token alone";
            return files.fields.diagnostic(field, rule);
        }
        files.fields.unusable(field, &error)
    })
}

fn has_more_than_the_token(text: &str) -> bool {
    text.contains([' ', '\t', '\r', '\n', '"', '\'', ':', '{'])
}

fn shared_secret_key(
    files: &mut Files<'_>,
    signer: &Signer,
    given: &SharedSecretField<'_>,
) -> Result<SharedSecretKey, Diagnostic> {
    let (_base64, secret) = shared_secret(files, given)?;
    Ok(SharedSecretKey::new(
        signer.owner.clone(),
        given.key_id.clone(),
        secret,
    ))
}

/// The signing key, and the file that it comes from.
pub(crate) fn certificate_key(
    files: &mut Files<'_>,
    signer: &Signer,
    file: &KeyFile<'_>,
) -> Result<(CertificateKey, Keystore), Diagnostic> {
    let (field, content) = key_file(files, file)?;
    // Until 2024 the Business Center used the merchant id as the password.
    let default = Password::from(signer.merchant.as_str());
    let keystore = files.keystore(field, &content, file.password, Some(default))?;
    let owner = signer.owner.as_str();
    if file.key_id.is_none() && keystore.certificates().is_empty() {
        let rule = format!(
            "can't be used: it holds a private key without a certificate, which fits {}; give the key file (.p12) of the vendor's \
             Business Center (its web console) here, or the key's id in {}",
            files
                .fields
                .name_beside(field, Field::OPENING_KEY_FILE.row()),
            files.fields.name_beside(field, Field::SIGNING_KEY_ID.row()),
        );
        return Err(files.fields.diagnostic(field, rule));
    }
    let identity = match &file.key_id {
        // A key without a certificate, such as a JWK, signs under the id that is given.
        Some(key_id) if keystore.certificates().is_empty() => keystore
            .signing_key()
            .map(|key| SigningIdentity::new(key, key_id.clone())),
        Some(key_id) => keystore.signing_identity_named(owner, key_id.clone()),
        None => keystore.signing_identity(owner),
    };
    let names_no_key_id = |certificate: &Certificate| certificate.key_id().is_err();
    let identity = identity.map_err(|error| {
        if file.key_id.is_none() && keystore.certificate(owner).is_ok_and(names_no_key_id) {
            let rule = format!(
                "can't be used: its certificate names no key id, so it isn't from the vendor's Business \
                 Center (its web console); take the key file (.p12) from there, or, if the vendor has this \
                 key, give the id that it shows in {}",
                files.fields.name_beside(field, Field::SIGNING_KEY_ID.row()),
            );
            return files.fields.diagnostic(field, rule);
        }
        files.fields.unusable(field, &error)
    })?;
    files.note_signing(&keystore, &identity, field);
    let key = CertificateKey::new(signer.owner.clone(), identity);
    Ok((key, keystore))
}

/// The content of the key file, and the field that it comes from.
fn key_file(
    files: &mut Files<'_>,
    file: &KeyFile<'_>,
) -> Result<(AnyField, Zeroizing<Vec<u8>>), Diagnostic> {
    let field = file.place.field();
    match &file.place {
        KeyPlace::Key(secret) => Ok((field, files.key_content(field, KeySource::Key(secret))?)),
        KeyPlace::Named { folders, name } => {
            let content = files.read_first_secret(field, &candidates(folders, name))?;
            Ok((field, content))
        }
    }
}

/// The SDKs append `.p12` to the name; a name that has it is accepted as well.
fn candidates(folders: &[&Path], name: &str) -> Vec<PathBuf> {
    let places = folders.iter().flat_map(|folder| {
        let appended = folder.join(format!("{name}.p12"));
        [appended, folder.join(name)]
    });
    places.collect()
}
