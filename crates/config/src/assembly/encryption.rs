use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_hyper::TokioOffload;
use payment_credentials_jose::{JweMessageEncryption, Recipient, ResponseKey, ResponseKeyring};
use payment_credentials_keys::{Certificate, Keystore, Validity};

use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::files::Files;
use crate::known_keys::Job;
use crate::settings::{Mle, RequestMle, ResponseMle};

/// Encrypts only what the settings ask for. `signs` is the key file that the signing key comes from.
pub(super) fn encryption(
    files: &mut Files<'_>,
    mle: &Mle<'_>,
    signs: Option<&Keystore>,
    now: SystemTime,
) -> Result<JweMessageEncryption, Diagnostic> {
    let mut encryption = JweMessageEncryption::default();
    if mle.accepts_credentials_in_the_clear {
        encryption = encryption.accepting_credentials_in_the_clear();
    }
    let mut opens = None;
    if let Some(response) = &mle.response {
        let (keystore, keys) = response_keys(files, response, now)?;
        encryption = encryption.opening_with(keys);
        opens = Some(keystore);
    }
    if let Some(request) = &mle.request {
        let recipient = match request.certificate {
            Some(path) => recipient_in_file(files, request, path, now)?,
            None => recipient_in_key_file(files, request, signs, opens.as_ref(), now)?,
        };
        encryption = encryption.sealing_for(recipient);
    }
    Ok(encryption)
}

/// The service as recipient, by the certificate in a file of its own.
fn recipient_in_file(
    files: &mut Files<'_>,
    request: &RequestMle<'_>,
    path: &Path,
    now: SystemTime,
) -> Result<Recipient, Diagnostic> {
    let field = Field::REQUEST_MLE_CERTIFICATE;
    let certificates = files.certificates(field, path)?;
    let certificate = certificate_in_file(files, &certificates, request.key_alias)?;
    let recipient = recipient(files, field, certificate, now)?;
    let is_named = |name: &str| name.eq_ignore_ascii_case(request.key_alias);
    if !certificate.common_name().is_some_and(is_named) {
        let message = format!(
            "holds a certificate whose common name isn't the one that {} sets ({} by default); \
             check that it is the service's",
            files.fields.name(Field::REQUEST_MLE_KEY_ALIAS),
            Recipient::COMMON_NAME
        );
        files.note(files.fields.diagnostic(field, message));
    }
    Ok(recipient)
}

/// The service as recipient, by its certificate in the key file that signs, or else in the one that
/// opens responses.
fn recipient_in_key_file(
    files: &mut Files<'_>,
    request: &RequestMle<'_>,
    signs: Option<&Keystore>,
    opens: Option<&Keystore>,
    now: SystemTime,
) -> Result<Recipient, Diagnostic> {
    let key_files = [
        (Field::KEY_FILE_NAME.row(), signs),
        (Field::RESPONSE_MLE_KEY_FILE.row(), opens),
    ];
    let mut named = key_files.into_iter().filter_map(|(field, keystore)| {
        let certificate = keystore?.certificate(request.key_alias).ok()?;
        Some((field, certificate))
    });
    let Some((field, certificate)) = named.next() else {
        let remedy = format!(
            "no key file holds a certificate with the common name that {} sets ({} by default); \
             give the file of the service's certificate",
            files.fields.name(Field::REQUEST_MLE_KEY_ALIAS),
            Recipient::COMMON_NAME
        );
        let field = Field::REQUEST_MLE_CERTIFICATE;
        return Err(files.fields.missing(field, &remedy));
    };
    recipient(files, field, certificate, now)
}

/// As in the SDKs, a certificate that is alone in its file needs no name. Of several with the name, the one that
/// ends last is taken.
fn certificate_in_file<'k>(
    files: &Files<'_>,
    certificates: &'k [Certificate],
    alias: &str,
) -> Result<&'k Certificate, Diagnostic> {
    if let [certificate] = certificates {
        return Ok(certificate);
    }
    Certificate::newest(certificates, alias).ok_or_else(|| {
        let rule = format!(
            "names a file without the service's certificate; give one with it alone, or its \
             common name in {}",
            files.fields.name(Field::REQUEST_MLE_KEY_ALIAS)
        );
        files
            .fields
            .diagnostic(Field::REQUEST_MLE_CERTIFICATE, rule)
    })
}

/// The recipient with this certificate, which a field gives.
fn recipient(
    files: &mut Files<'_>,
    field: impl Into<AnyField>,
    certificate: &Certificate,
    now: SystemTime,
) -> Result<Recipient, Diagnostic> {
    let field = field.into();
    if certificate.key_id().is_err() {
        let rule = "holds a certificate that names no key id; the service's names one, so download \
                    that";
        return Err(files.fields.diagnostic(field, rule));
    }
    let recipient =
        Recipient::new(certificate, now).map_err(|error| files.fields.unusable(field, &error))?;
    if let Validity::EndsSoon { days } = recipient.validity() {
        let message = format!(
            "holds a certificate of the service that expires in {days} days; download the \
             current one"
        );
        files.note(files.fields.diagnostic(field, message));
    }
    Ok(recipient)
}

/// The keys that open responses, and the file that they come from.
fn response_keys(
    files: &mut Files<'_>,
    response: &ResponseMle<'_>,
    now: SystemTime,
) -> Result<(Keystore, ResponseKeyring), Diagnostic> {
    let field = response.key_field;
    let keystore = files.key(field, response.key, response.password)?;
    files.note_job(&keystore, Job::OpenResponses, field);
    if let Ok(certificate) = keystore.certificate(response.owner) {
        files.note_beginning(field, certificate, now);
    }
    let key = match &response.key_id {
        Some(key_id) => {
            let key = keystore.private_key_named(key_id);
            key.map(|key| ResponseKey::new(key, key_id.clone()))
        }
        // The service puts its own certificate into each keystore that it makes.
        None if keystore.certificate(Recipient::COMMON_NAME).is_ok() => {
            ResponseKey::from_keystore(&keystore, response.owner)
        }
        None => {
            let remedy = "the key isn't in a keystore that the service made, so give \
                          the key id that the vendor's Business Center shows";
            return Err(files.fields.missing(Field::RESPONSE_MLE_KEY_ID, remedy));
        }
    };
    let keys = key
        .and_then(|key| ResponseKeyring::new([key]))
        .map_err(|error| files.fields.unusable(field, &error))?
        .offload(Arc::new(TokioOffload::default()));
    Ok((keystore, keys))
}
