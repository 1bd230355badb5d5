use std::path::Path;

use payment_credentials_hyper::{ClientIdentity, HyperPortBuilder, Proxy, Roots};
use payment_credentials_keys::{Certificate, Keystore};
use zeroize::Zeroizing;

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::Field;
use crate::files::Files;
use crate::settings::{ClientCertificate, ConnectionSettings, PortSettings, ProxySettings};

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
    mistakes: &mut Mistakes,
) -> Result<Connection, Recorded> {
    let extra_roots = settings
        .extra_roots
        .map_or(Ok(Vec::new()), |path| extra_roots(files, path));
    let extra_roots = mistakes.keep(extra_roots);
    let client = settings
        .client
        .map(|client| client_identity(files, &client));
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
    let field = Field::SSL_CA_CERT;
    let content = files.read(field, path)?;
    let keystore = Keystore::read(&content, None)
        .map_err(|error| files.fields.unusable(field, &error.into()))?;
    if keystore.certificates().is_empty() {
        return Err(files.fields.diagnostic(
            field,
            "names a file without a certificate; give the file with the certificate to trust",
        ));
    }
    Ok(keystore
        .certificates()
        .iter()
        .map(Certificate::der)
        .map(<[u8]>::to_vec)
        .collect())
}

fn client_identity(
    files: &mut Files<'_>,
    client: &ClientCertificate<'_>,
) -> Result<ClientIdentity, Diagnostic> {
    let folder = client.folder;
    let certificate = files.read(Field::SSL_CLIENT_CERT, &folder.join(client.certificate))?;
    let key = files.read_secret(Field::PRIVATE_KEY, &folder.join(client.key))?;
    let mut both = Zeroizing::new(Vec::with_capacity(certificate.len() + key.len() + 1));
    both.extend_from_slice(&certificate);
    both.push(b'\n');
    both.extend_from_slice(&key);
    ClientIdentity::from_pem(&both)
        .map_err(|error| files.fields.unusable(Field::SSL_CLIENT_CERT, &error))
}
