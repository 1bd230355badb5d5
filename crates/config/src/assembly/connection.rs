use std::path::Path;
use std::time::SystemTime;

use payment_credentials_core::secret::Password;
use payment_credentials_hyper::{ClientIdentity, HyperPortBuilder, Proxy, Roots};
use payment_credentials_keys::{Certificate, ClientKeys, KeystoreError};
use zeroize::Zeroizing;

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::files::{Files, misplaced, wrong_password};
use crate::settings::{
    ClientCertificate, ClientPlace, ConnectionSettings, KeySource, PortSettings, ProxySettings,
};
use crate::value::Secret;

/// What the port's builder gets beside endpoint, authenticator and encryption, with its files read.
pub(crate) struct Connection {
    port: PortSettings,
    roots: Roots,
    extra_roots: Vec<Vec<u8>>,
    client: Option<ClientIdentity>,
    proxy: Option<Proxy>,
}

impl Connection {
    pub(crate) fn set_on(self, builder: HyperPortBuilder) -> HyperPortBuilder {
        let mut builder = self.port.set_on(builder).roots(self.roots);
        if let Some(client) = self.client {
            builder = builder.client_identity(client);
        }
        if let Some(proxy) = self.proxy {
            builder = builder.proxy(proxy);
        }
        for root in self.extra_roots {
            builder = builder.extra_root(root);
        }
        builder
    }
}

/// Reads the files of a connection; each that can't be used is a mistake of its own.
pub(crate) fn connection(
    files: &mut Files<'_>,
    settings: ConnectionSettings<'_>,
    now: SystemTime,
    mistakes: &mut Mistakes,
) -> Result<Connection, Recorded> {
    let extra_roots = settings
        .extra_roots
        .map_or(Ok(Vec::new()), |path| extra_roots(files, path));
    let extra_roots = mistakes.keep(extra_roots);
    let client = settings
        .client
        .map(|client| client_identity(files, &client, now));
    let client = mistakes.keep(client.transpose());
    let proxy = settings.proxy.map(|it| proxy(files, it));
    let proxy = mistakes.keep(proxy.transpose());
    Ok(Connection {
        port: settings.port,
        roots: settings.roots,
        extra_roots: extra_roots?,
        client: client?,
        proxy: proxy?,
    })
}

fn proxy(files: &mut Files<'_>, settings: ProxySettings<'_>) -> Result<Proxy, Diagnostic> {
    let proxy = settings.proxy;
    let Some((user, password)) = settings.login else {
        return Ok(proxy);
    };
    let password = files.secret(Field::PROXY_PASSWORD, password)?;
    proxy
        .with_password(user, &password)
        .map_err(|error| files.fields.unusable(Field::PROXY_USER, &error))
}

fn extra_roots(files: &Files<'_>, path: &Path) -> Result<Vec<Vec<u8>>, Diagnostic> {
    let certificates = files.certificates(Field::SSL_CA_CERT, path)?;
    let der = certificates.iter().map(Certificate::der);
    Ok(der.map(<[u8]>::to_vec).collect())
}

fn client_identity(
    files: &mut Files<'_>,
    client: &ClientCertificate<'_>,
    now: SystemTime,
) -> Result<ClientIdentity, Diagnostic> {
    let mut secret = |field: AnyField, given: Option<&Secret>| {
        given.map(|secret| files.secret(field, secret)).transpose()
    };
    let passwords = Passwords {
        given: client.password,
        of_file: secret(Field::SSL_KEY_PASSWORD.row(), client.password)?,
        of_key: secret(Field::SSL_KEY_OWN_PASSWORD.row(), client.key_password)?,
    };
    let (field, content, key) = client_files(files, &client.place)?;
    let certificates = passwords.read(files, field, &content)?;
    let key = key.map(|key| passwords.read(files, Field::PRIVATE_KEY.row(), &key));
    let key = key.transpose()?;
    if let Some(key) = &key {
        in_their_fields(files, &certificates, key)?;
    }
    files.note_client(&certificates, field);
    files.note_client_validity(field, &certificates, now);
    ClientIdentity::from_keys(&certificates, key.as_ref().unwrap_or(&certificates))
        .map_err(|error| files.fields.unusable(field, &error))
}

/// Refuses a file of the private key that has none: certificate and key may be swapped.
fn in_their_fields(
    files: &Files<'_>,
    certificates: &ClientKeys,
    key: &ClientKeys,
) -> Result<(), Diagnostic> {
    if !key.private_keys().is_empty() {
        return Ok(());
    }
    let (fields, field) = (files.fields, Field::PRIVATE_KEY);
    let is_swapped = certificates.certificates().is_empty();
    let rule = if is_swapped {
        let other = fields.name(Field::SSL_CLIENT_CERT);
        format!("names the certificate, and {other} names the private key; swap them")
    } else {
        "names a file that holds certificates alone; give that of the private key".to_owned()
    };
    Err(fields.diagnostic(field, rule))
}

/// The passwords of a client identity's files.
struct Passwords<'a> {
    /// The field's value for the file's password.
    given: Option<&'a Secret>,
    of_file: Option<Password>,
    /// The private key's own, if it is another.
    of_key: Option<Password>,
}

impl Passwords<'_> {
    /// Reads a file; a password that is missing or wrong is told of the field for that password.
    fn read(
        &self,
        files: &Files<'_>,
        field: AnyField,
        content: &[u8],
    ) -> Result<ClientKeys, Diagnostic> {
        let open = |password: Option<&Password>| match &self.of_key {
            Some(of_key) => ClientKeys::read_with_key_password(content, password, of_key),
            None => ClientKeys::read(content, password),
        };
        open(self.of_file.as_ref()).map_err(|error| {
            let fields = files.fields;
            let noticed = match (&error, &self.of_file, self.given) {
                (KeystoreError::Password(_), Some(password), Some(given)) => {
                    let opens = |other: Option<&Password>| open(other).is_ok();
                    let field = Field::SSL_KEY_PASSWORD.row();
                    wrong_password(fields, field, &error, (password, given), opens)
                }
                (KeystoreError::File(_), ..) => misplaced(fields, field, content),
                _ => None,
            };
            let at_fault = match &error {
                KeystoreError::Password(_) => Field::SSL_KEY_PASSWORD.row(),
                KeystoreError::KeyPassword(_) => Field::SSL_KEY_OWN_PASSWORD.row(),
                KeystoreError::File(_) | _ => field,
            };
            noticed.unwrap_or_else(|| fields.unusable(at_fault, &error.into()))
        })
    }
}

type Content = Zeroizing<Vec<u8>>;

/// The field of the certificates, their file, and the key's file, if it is another.
fn client_files(
    files: &mut Files<'_>,
    place: &ClientPlace<'_>,
) -> Result<(AnyField, Content, Option<Content>), Diagnostic> {
    match place {
        ClientPlace::Identity(secret) => {
            let field = Field::CLIENT_IDENTITY.row();
            let content = files.key_content(field, KeySource::Key(secret))?;
            Ok((field, content, None))
        }
        ClientPlace::Folder {
            folder,
            certificate,
            key,
        } => {
            let field = Field::SSL_CLIENT_CERT.row();
            let certificates = match key {
                Some(_) => files.read(field, &folder.join(certificate))?,
                None => files.read_secret(field, &folder.join(certificate))?,
            };
            let key = key.map(|key| files.read_secret(Field::PRIVATE_KEY, &folder.join(key)));
            Ok((field, certificates, key.transpose()?))
        }
    }
}
