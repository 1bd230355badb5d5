//! Builds the message-level encryption from settings and files.

use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_hyper::BlockingThreads;
use payment_credentials_jose::{MessageLevelEncryption, Recipient, ResponseKey, ResponseKeyring};
use payment_credentials_keys::{Certificate, Keystore, KeystoreError, Validity};

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::files::Files;
use crate::settings::{Mle, RequestMle, ResponseMle, ResponseMleKey};

impl Files<'_> {
    /// Encrypts only what the settings ask for. `signs` is the key file of the signing key, if there is one.
    pub(crate) fn encryption(
        &mut self,
        mle: &Mle<'_>,
        signs: Option<&Keystore>,
        now: SystemTime,
        mistakes: &mut Mistakes,
    ) -> Result<MessageLevelEncryption, Recorded> {
        let response = mle.response.as_ref();
        let response = response.map(|response| self.response_keys(response));
        let response = mistakes.keep(response.transpose())?;
        let (opens, keys) = response.unzip();
        let request = mle.request.as_ref();
        let recipient = request.map(|it| self.recipient(it, signs, opens.as_ref(), now));
        let recipient = mistakes.keep(recipient.transpose())?;
        let mut encryption = MessageLevelEncryption::default();
        if let Some(keys) = keys {
            encryption = encryption.opening_with(keys);
        }
        if let Some(recipient) = recipient {
            encryption = encryption.sealing_for(recipient);
        }
        Ok(encryption)
    }

    /// The service as recipient. Its certificate is in its own file, in the key file that signs, or in the
    /// one that opens responses: in this order.
    fn recipient(
        &mut self,
        request: &RequestMle<'_>,
        signs: Option<&Keystore>,
        opens: Option<&Keystore>,
        now: SystemTime,
    ) -> Result<Recipient, Diagnostic> {
        if let Some(path) = request.certificate {
            let field = Field::REQUEST_MLE_CERTIFICATE;
            let content = self.read(field, path)?;
            let keystore =
                Keystore::read(&content, None).map_err(|error| self.no_certificate(error))?;
            let certificate = self.certificate_in_file(&keystore, request.key_alias)?;
            let recipient = self.sealed_for(field, certificate, now)?;
            let is_named = |name: &str| name.eq_ignore_ascii_case(request.key_alias);
            if !certificate.common_name().is_some_and(is_named) {
                let says = format!(
                    "holds a certificate whose common name isn't that of {}, which is {} by \
                     default; check that it is the service's",
                    self.fields.name(Field::REQUEST_MLE_KEY_ALIAS),
                    Recipient::COMMON_NAME
                );
                self.note(self.fields.diagnostic(field, says));
            }
            return Ok(recipient);
        }
        let sources = [
            (Field::KEY_FILE_NAME.row(), signs),
            (Field::RESPONSE_MLE_KEY_FILE.row(), opens),
        ];
        let mut named = sources.into_iter().filter_map(|(field, keystore)| {
            let certificate = keystore?.certificate(request.key_alias).ok()?;
            Some((field, certificate))
        });
        let Some((field, certificate)) = named.next() else {
            let alias = self.fields.name(Field::REQUEST_MLE_KEY_ALIAS);
            let remedy = format!(
                "and no key file holds a certificate with the common name of {alias}, which is {} \
                 by default; give the file of the service's certificate",
                Recipient::COMMON_NAME
            );
            return Err(self.fields.missing(Field::REQUEST_MLE_CERTIFICATE, &remedy));
        };
        self.sealed_for(field, certificate, now)
    }

    fn no_certificate(&self, error: KeystoreError) -> Diagnostic {
        let field = Field::REQUEST_MLE_CERTIFICATE;
        if matches!(error, KeystoreError::Password(_)) {
            let rule = "names an encrypted file; give one with the service's certificate alone, \
                        in PEM or DER";
            return self.fields.diagnostic(field, rule);
        }
        self.fields.unusable(field, &error.into())
    }

    /// As in the SDKs, a certificate that is alone in its file needs no name.
    fn certificate_in_file<'k>(
        &self,
        keystore: &'k Keystore,
        alias: &str,
    ) -> Result<&'k Certificate, Diagnostic> {
        if let [certificate] = keystore.certificates() {
            return Ok(certificate);
        }
        keystore.certificate(alias).map_err(|_unnamed| {
            let rule = format!(
                "names a file without the service's certificate; give one with it alone, or its \
                 common name in {}",
                self.fields.name(Field::REQUEST_MLE_KEY_ALIAS)
            );
            self.fields.diagnostic(Field::REQUEST_MLE_CERTIFICATE, rule)
        })
    }

    fn sealed_for(
        &mut self,
        field: impl Into<AnyField>,
        certificate: &Certificate,
        now: SystemTime,
    ) -> Result<Recipient, Diagnostic> {
        let field = field.into();
        if certificate.key_id().is_err() {
            let rule = "holds a certificate that names no key id; the service's names one, so download \
                        that";
            return Err(self.fields.diagnostic(field, rule));
        }
        let recipient = Recipient::new(certificate, now)
            .map_err(|error| self.fields.unusable(field, &error))?;
        if let Validity::EndsSoon { days } = recipient.validity() {
            let says = format!(
                "holds a certificate of the service that expires in {days} days; download the \
                 current one"
            );
            self.note(self.fields.diagnostic(field, says));
        }
        Ok(recipient)
    }

    /// The keys that open responses, and the file that they come from.
    fn response_keys(
        &mut self,
        response: &ResponseMle<'_>,
    ) -> Result<(Keystore, ResponseKeyring), Diagnostic> {
        let (field, keystore) = self.response_keystore(response)?;
        let key = match &response.key_id {
            Some(key_id) => {
                let key = keystore.private_key();
                key.map(|key| ResponseKey::new(key, key_id.clone()))
            }
            // The service puts its own certificate into each keystore that it makes.
            None if keystore.certificate(Recipient::COMMON_NAME).is_ok() => {
                ResponseKey::from_keystore(&keystore, response.owner)
            }
            None => {
                let remedy = "the key isn't in a keystore that the service made, so give \
                              the key id that the Business Center shows";
                return Err(self.fields.missing(Field::RESPONSE_MLE_KEY_ID, remedy));
            }
        };
        let keys = key
            .and_then(|key| ResponseKeyring::new([key]))
            .map_err(|error| self.fields.unusable(field, &error))?
            .with_offload(Arc::new(BlockingThreads::default()));
        Ok((keystore, keys))
    }

    fn response_keystore(
        &mut self,
        response: &ResponseMle<'_>,
    ) -> Result<(AnyField, Keystore), Diagnostic> {
        let password = (Field::RESPONSE_MLE_KEY_PASSWORD.row(), response.password);
        let (field, keystore) = match response.key {
            ResponseMleKey::File(path) => {
                let field = Field::RESPONSE_MLE_KEY_FILE.row();
                let content = self.read_secret(field, &[path.to_owned()])?;
                (field, self.keystore(field, &content, password, None))
            }
            ResponseMleKey::Here(secret) => {
                let field = Field::RESPONSE_MLE_KEY.row();
                let text = self.secret(field, secret)?;
                let content = text.expose().as_bytes();
                (field, self.keystore(field, content, password, None))
            }
        };
        Ok((field, keystore?))
    }
}
