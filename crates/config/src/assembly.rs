//! Builds authenticator, connection and keys from settings and files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_auth::{
    AccessToken, BearerAuthenticator, CertificateKey, HttpSignatureAuthenticator, JwtAuthenticator,
    SharedSecret, SharedSecretKey,
};
use payment_credentials_core::seam::{KeySet, RequestAuthenticator, Unauthenticated};
use payment_credentials_core::secret::Password;
use payment_credentials_hyper::{BlockingThreads, ClientIdentity, HyperPortBuilder, Proxy};
use payment_credentials_jose::Keyring;
use payment_credentials_keys::{Certificate, Keystore, KeystoreError, PrivateKey};
use zeroize::Zeroizing;

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::files::Files;
use crate::settings::{
    ClientCertificate, KeyFile, Mle, OpeningKey, PortSettings, ProxySettings, SharedSecretField,
    Signer, Signing, Wire,
};
use crate::value::Secret;

/// The settings of a connection beside the endpoint, with its files read.
pub(crate) struct Connection {
    port: PortSettings,
    roots: Vec<Vec<u8>>,
    client: Option<ClientIdentity>,
    proxy: Option<Proxy>,
}

impl Connection {
    pub(crate) fn set_on(self, builder: HyperPortBuilder) -> HyperPortBuilder {
        let mut builder = self.port.set_on(builder);
        if let Some(client) = self.client {
            builder = builder.client_identity(client);
        }
        if let Some(proxy) = self.proxy {
            builder = builder.proxy(proxy);
        }
        for root in self.roots {
            builder = builder.extra_root(root);
        }
        builder
    }
}

impl Files<'_> {
    /// The authenticator and the encryption.
    pub(crate) fn key_set(
        &mut self,
        signing: Signing<'_>,
        mle: &Mle<'_>,
        now: SystemTime,
        mistakes: &mut Mistakes,
    ) -> Result<KeySet, Recorded> {
        let (authenticator, keystore) = self.authenticator(signing, mistakes)?;
        let encryption = self.encryption(mle, keystore.as_ref(), now, mistakes)?;
        let keys = KeySet::with_encryption(authenticator, Arc::new(encryption));
        let field = mle.asked_by().unwrap_or(Field::REQUEST_MLE.row());
        let keys = keys.map_err(|error| self.fields.unusable(field, &error));
        mistakes.keep(keys)
    }

    /// The authenticator, and the key file that its key comes from.
    pub(crate) fn authenticator(
        &mut self,
        signing: Signing<'_>,
        mistakes: &mut Mistakes,
    ) -> Result<(Arc<dyn RequestAuthenticator>, Option<Keystore>), Recorded> {
        let mut from = None;
        let authenticator: Arc<dyn RequestAuthenticator> = match signing {
            Signing::Bearer(access_token) => {
                let access_token = self.access_token(access_token);
                let access_token = mistakes.keep(access_token)?;
                Arc::new(BearerAuthenticator::new(Arc::new(access_token)))
            }
            Signing::Certificate(signer, file) => {
                let key = self.certificate_key(&signer, &file);
                let (key, keystore) = mistakes.keep(key)?;
                from = Some(keystore);
                let jwt = JwtAuthenticator::with_certificate(key).acting_for(signer.merchant);
                Arc::new(jwt.offload(Arc::new(BlockingThreads::default())))
            }
            Signing::HttpSignature(signer, secret) => {
                let key = self.shared_secret_key(&signer, &secret);
                let key = mistakes.keep(key)?;
                Arc::new(HttpSignatureAuthenticator::new(key).acting_for(signer.merchant))
            }
            Signing::MutualTls => Arc::new(Unauthenticated),
            Signing::SharedSecret(signer, secret) => {
                let key = self.shared_secret_key(&signer, &secret);
                let key = mistakes.keep(key)?;
                Arc::new(JwtAuthenticator::with_shared_secret(key).acting_for(signer.merchant))
            }
        };
        Ok((authenticator, from))
    }

    pub(crate) fn connection(
        &mut self,
        wire: Wire<'_>,
        mistakes: &mut Mistakes,
    ) -> Result<Connection, Recorded> {
        let roots = wire.roots.map_or(Ok(Vec::new()), |path| self.roots(path));
        let roots = mistakes.keep(roots);
        let client = wire.client.map(|client| self.client_identity(&client));
        let client = mistakes.keep(client.transpose());
        let proxy = wire.proxy.map(|proxy| self.proxy(proxy));
        let proxy = mistakes.keep(proxy.transpose());
        Ok(Connection {
            port: wire.port,
            roots: roots?,
            client: client?,
            proxy: proxy?,
        })
    }

    pub(crate) fn keyring(
        &mut self,
        keys: &[OpeningKey<'_>],
        mistakes: &mut Mistakes,
    ) -> Result<Keyring, Recorded> {
        let read = mistakes.keep_all(keys.iter().map(|key| self.opening_key(key)))?;
        let keyring = Keyring::new(read);
        let field = keys
            .last()
            .map_or(Field::OPENING_KEY_FILE.row(), |key| key.field);
        let keyring = keyring.map_err(|error| self.fields.unusable(field, &error));
        let keyring = mistakes.keep(keyring)?;
        Ok(keyring.with_offload(Arc::new(BlockingThreads::default())))
    }

    fn proxy(&mut self, settings: ProxySettings<'_>) -> Result<Proxy, Diagnostic> {
        let proxy = settings.proxy;
        let Some((user, password)) = settings.login else {
            return Ok(proxy);
        };
        let password = self.secret(Field::PROXY_PASSWORD, password)?;
        proxy
            .with_password(user, &password)
            .map_err(|error| self.fields.unusable(Field::PROXY_USER, &error))
    }

    fn access_token(&mut self, secret: &Secret) -> Result<AccessToken, Diagnostic> {
        let field = Field::ACCESS_TOKEN;
        self.secret(field, secret)?
            .expose()
            .parse()
            .map_err(|error| self.fields.unusable(field, &error))
    }

    fn shared_secret_key(
        &mut self,
        signer: &Signer,
        given: &SharedSecretField<'_>,
    ) -> Result<SharedSecretKey, Diagnostic> {
        let (_base64, secret) = self.shared_secret(given)?;
        Ok(SharedSecretKey::new(
            signer.owner.clone(),
            given.key_id.clone(),
            secret,
        ))
    }

    /// The shared secret, in base64 without a line break behind it, and decoded.
    pub(crate) fn shared_secret(
        &mut self,
        given: &SharedSecretField<'_>,
    ) -> Result<(Password, SharedSecret), Diagnostic> {
        let field = Field::MERCHANT_SECRET_KEY;
        let configured = self.secret(field, given.secret)?;
        let base64 = configured.expose().trim_end_matches(['\r', '\n']);
        let secret = SharedSecret::from_base64(base64)
            .map_err(|error| self.fields.unusable(field, &error))?;
        Ok((Password::from(base64), secret))
    }

    /// The signing key, and the file that it comes from.
    pub(crate) fn certificate_key(
        &mut self,
        signer: &Signer,
        file: &KeyFile<'_>,
    ) -> Result<(CertificateKey, Keystore), Diagnostic> {
        let field = Field::KEY_FILE_NAME;
        let content = self.read_secret(field, &candidates(file))?;
        // Until 2024 the Business Center used the merchant id as the password.
        let default = Password::from(signer.merchant.as_str());
        let password = (Field::KEY_PASSWORD.row(), file.password);
        let keystore = self.keystore(field, &content, password, Some(default))?;
        let owner = signer.owner.as_str();
        let identity = match &file.key_id {
            Some(key_id) => keystore.signing_identity_named(owner, key_id.clone()),
            None => keystore.signing_identity(owner),
        };
        let identity = identity.map_err(|error| self.fields.unusable(field, &error))?;
        let key = CertificateKey::new(signer.owner.clone(), identity);
        Ok((key, keystore))
    }

    fn opening_key(&mut self, key: &OpeningKey<'_>) -> Result<PrivateKey, Diagnostic> {
        let content = self.read_secret(key.field, &[key.file.to_owned()])?;
        let keystore = self.keystore(key.field, &content, key.password, None)?;
        let private = keystore
            .private_key()
            .map_err(|error| self.fields.unusable(key.field, &error))?;
        Ok(match &key.key_id {
            Some(key_id) => private.with_key_id(key_id.clone()),
            None => private,
        })
    }

    /// Opens a key file with its password: the configured one, the default, or one from the prompt; the
    /// last two only if the file needs a password.
    pub(crate) fn keystore(
        &mut self,
        field: impl Into<AnyField>,
        content: &[u8],
        (password_field, password): (AnyField, Option<&Secret>),
        default: Option<Password>,
    ) -> Result<Keystore, Diagnostic> {
        let field = field.into();
        let fields = self.fields;
        let refused = |error: KeystoreError| {
            let is_password = matches!(error, KeystoreError::Password(_));
            fields.unusable(
                if is_password { password_field } else { field },
                &error.into(),
            )
        };
        if let Some(secret) = password {
            let password = self.secret(password_field, secret)?;
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
            let says = "is missing, and the merchant id opens the key file, as before 2024; \
                        make a key file with a password of its own";
            self.note(fields.diagnostic(password_field, says));
            return Ok(keystore);
        }
        let asked = self.asked(field, password_field)?;
        Keystore::read(content, Some(&asked)).map_err(refused)
    }

    fn asked(&self, field: AnyField, password_field: AnyField) -> Result<Password, Diagnostic> {
        let name = self.fields.name(field);
        let Some(prompt) = self.prompt else {
            let remedy = format!("give the password of the encrypted file that {name} names");
            return Err(self.fields.missing(password_field, &remedy));
        };
        prompt.ask(&name).map_err(|error| {
            let says = format!(
                "is missing, and the password prompt failed: {}",
                error.kind()
            );
            self.fields.diagnostic(password_field, says)
        })
    }

    fn roots(&self, path: &Path) -> Result<Vec<Vec<u8>>, Diagnostic> {
        let field = Field::SSL_CA_CERT;
        let content = self.read(field, path)?;
        let keystore = Keystore::read(&content, None)
            .map_err(|error| self.fields.unusable(field, &error.into()))?;
        if keystore.certificates().is_empty() {
            return Err(self
                .fields
                .diagnostic(field, "names a file without a certificate"));
        }
        let certificates = keystore.certificates().iter();
        Ok(certificates
            .map(Certificate::der)
            .map(<[u8]>::to_vec)
            .collect())
    }

    fn client_identity(
        &mut self,
        client: &ClientCertificate<'_>,
    ) -> Result<ClientIdentity, Diagnostic> {
        let folder = client.folder;
        let certificate = self.read(Field::SSL_CLIENT_CERT, &folder.join(client.certificate))?;
        let key = self.read_secret(Field::PRIVATE_KEY, &[folder.join(client.key)])?;
        let mut both = Zeroizing::new(Vec::with_capacity(certificate.len() + key.len() + 1));
        both.extend_from_slice(&certificate);
        both.push(b'\n');
        both.extend_from_slice(&key);
        ClientIdentity::from_pem(&both)
            .map_err(|error| self.fields.unusable(Field::SSL_CLIENT_CERT, &error))
    }
}

/// The SDKs append `.p12` to the name; a name that has it is accepted as well.
fn candidates(file: &KeyFile<'_>) -> Vec<PathBuf> {
    let places = file.folders.iter().flat_map(|folder| {
        let appended = folder.join(format!("{}.p12", file.name));
        [appended, folder.join(&file.name)]
    });
    places.collect()
}
