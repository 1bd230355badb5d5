use std::path::Path;

use payment_credentials_hyper::{Proxy, Roots};

use super::host::is_in_a_domain_of_the_vendor;
use super::key_source::given_twice;
use super::port::{PortSettings, port};
use super::range::Range;
use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::value::Secret;

/// The settings of the connection to the service.
#[derive(Debug)]
pub(crate) struct ConnectionSettings<'a> {
    pub(crate) port: PortSettings,
    pub(crate) proxy: Option<ProxySettings<'a>>,
    pub(crate) roots: Roots,
    pub(crate) extra_roots: Option<&'a Path>,
    pub(crate) client: Option<ClientCertificate<'a>>,
}

/// A proxy, and the user and password to log in with.
#[derive(Debug)]
pub(crate) struct ProxySettings<'a> {
    pub(crate) proxy: Proxy,
    pub(crate) login: Option<(&'a str, &'a Secret)>,
}

/// A certificate for mutual TLS, and its key.
#[derive(Debug)]
pub(crate) struct ClientCertificate<'a> {
    pub(crate) place: ClientPlace<'a>,
    pub(crate) password: Option<&'a Secret>,
    /// The private key's own, if it is another.
    pub(crate) key_password: Option<&'a Secret>,
}

/// Where certificate and key are.
#[derive(Debug)]
pub(crate) enum ClientPlace<'a> {
    /// A field holds both, or names the file with both.
    Identity(&'a Secret),
    Folder {
        folder: &'a Path,
        certificate: &'a str,
        /// `None` if it is in the certificate's file.
        key: Option<&'a str>,
    },
}

const PORT: Range = Range {
    least: 1,
    most: 65_535,
    unit: "(a port)",
};

const ROOTS: &[(&str, Roots)] = &[
    ("platform", Roots::Platform),
    ("bundled", Roots::Bundled),
    ("extra_only", Roots::ExtraOnly),
];

pub(crate) fn connection<'a>(
    fields: &'a Fields,
    mistakes: &mut Mistakes,
) -> Result<ConnectionSettings<'a>, Recorded> {
    let checked = mistakes.keep(checks_certificates(fields));
    let port = port(fields, mistakes);
    let proxy = mistakes.keep(proxy(fields));
    let client = mistakes.keep(client(fields));
    let roots = mistakes.keep(fields.one_of(Field::TRUSTED_ROOTS, ROOTS));
    checked?;
    Ok(ConnectionSettings {
        port: port?,
        proxy: proxy?,
        roots: roots?.unwrap_or_default(),
        extra_roots: fields.path(Field::SSL_CA_CERT),
        client: client?,
    })
}

/// The mistake that no certificate of a server would be trusted.
pub(crate) fn without_roots(fields: &Fields) -> Diagnostic {
    let field = Field::TRUSTED_ROOTS;
    let file = fields.name_beside(field, Field::SSL_CA_CERT.row());
    let rule = match fields.one_of(field, ROOTS) {
        Ok(Some(Roots::ExtraOnly)) => format!(
            "is extra_only, and {file} is missing, so that no certificate would be trusted; name the file of your \
             root certificate there, or set this field to platform or bundled"
        ),
        _ => format!(
            "is platform, which is the default, and this system has no root certificates; install them (the package \
             ca-certificates), set this field to bundled, or name the file of your root certificate in {file}"
        ),
    };
    fields.diagnostic(field, rule)
}

fn checks_certificates(fields: &Fields) -> Result<(), Diagnostic> {
    for (field, dangerous) in [
        (Field::SSL_VERIFY, false),
        (Field::DISABLE_SSL_VERIFICATION, true),
    ] {
        if fields.flag(field) == Some(dangerous) {
            let rule = format!(
                "must not be {dangerous}: certificates are always checked; \
                 delete it, and name a root certificate of your own in ssl_ca_cert"
            );
            return Err(fields.diagnostic(field, rule));
        }
    }
    Ok(())
}

fn proxy(fields: &Fields) -> Result<Option<ProxySettings<'_>>, Diagnostic> {
    if !fields.is_true(Field::USE_PROXY) {
        return Ok(None);
    }
    let remedy = "give the proxy's address, or set use_proxy to false";
    let address = fields.required(Field::PROXY_ADDRESS, remedy)?;
    let (scheme, host) = address.split_once("://").unwrap_or(("http", address));
    let host = host.strip_suffix('/').unwrap_or(host);
    if let Some(rule) = unsuitable(fields, scheme, host) {
        return Err(fields.diagnostic(Field::PROXY_ADDRESS, rule));
    }
    let address = match PORT.number(fields, Field::PROXY_PORT)? {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    let proxy =
        Proxy::new(&address).map_err(|error| fields.unusable(Field::PROXY_ADDRESS, &error))?;
    let login = match (
        fields.text(Field::PROXY_USER),
        fields.secret(Field::PROXY_PASSWORD),
    ) {
        (None, None) => None,
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) => {
            let remedy = "give the password of the proxy's user, or delete the user";
            return Err(fields.missing(Field::PROXY_PASSWORD, remedy));
        }
        (None, Some(_)) => {
            let remedy = "give the user of the proxy's password, or delete the password";
            return Err(fields.missing(Field::PROXY_USER, remedy));
        }
    };
    Ok(Some(ProxySettings { proxy, login }))
}

/// The rule that a proxy's address breaks, whose remedy is another field.
fn unsuitable(fields: &Fields, scheme: &str, host: &str) -> Option<String> {
    let beside = |other: AnyField| fields.name_beside(Field::PROXY_ADDRESS, other);
    let port = beside(Field::PROXY_PORT.row());
    if host.contains('@') {
        let (user, password) = (
            beside(Field::PROXY_USER.row()),
            beside(Field::PROXY_PASSWORD.row()),
        );
        return Some(format!(
            "holds a user or a password; give them as {user} and {password}, and the address without them"
        ));
    }
    if scheme.to_ascii_lowercase().starts_with("socks") {
        return Some(
            "is a SOCKS proxy, and only HTTP proxies are used; give http://host:port of one"
                .to_owned(),
        );
    }
    if host.contains('/') {
        return Some("has a path, as the address of a PAC file does; give http://host:port of the proxy itself".to_owned());
    }
    if !host.starts_with('[') && host.matches(':').count() > 1 {
        return Some("is an IPv6 address without brackets; write http://[address]:port".to_owned());
    }
    let name = host.split(':').next().unwrap_or_default();
    if is_in_a_domain_of_the_vendor(&name.to_ascii_lowercase()) {
        return Some(
            "is a host of the vendor's, and no proxy; give the proxy of your own network"
                .to_owned(),
        );
    }
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()));
    match (has_port, fields.has(Field::PROXY_PORT)) {
        (false, false) => Some(format!(
            "has no port; give it as {port}, or as http://host:port"
        )),
        (true, true) => Some(format!(
            "has a port, and {port} gives one too; keep one of them"
        )),
        _ => None,
    }
}

fn client(fields: &Fields) -> Result<Option<ClientCertificate<'_>>, Diagnostic> {
    let (flag, identity) = (Field::ENABLE_CLIENT_CERT, Field::CLIENT_IDENTITY);
    let certificate = |place| ClientCertificate {
        place,
        password: fields.secret(Field::SSL_KEY_PASSWORD),
        key_password: fields.secret(Field::SSL_KEY_OWN_PASSWORD),
    };
    if let Some(secret) = fields.secret(identity) {
        if fields.has(Field::SSL_CLIENT_CERT) {
            let rule = given_twice(fields, identity);
            return Err(fields.diagnostic(Field::SSL_CLIENT_CERT, rule));
        }
        if fields.flag(flag) == Some(false) {
            let rule = "is given, but enable_client_cert is false; delete one of them";
            return Err(fields.diagnostic(identity, rule));
        }
        return Ok(Some(certificate(ClientPlace::Identity(secret))));
    }
    if !fields.is_true(flag) {
        return Ok(None);
    }
    let remedy = "give it, or set enable_client_cert to false";
    let folder = fields.path(Field::CLIENT_CERT_DIR);
    let place = ClientPlace::Folder {
        folder: folder.ok_or_else(|| fields.missing(Field::CLIENT_CERT_DIR, remedy))?,
        certificate: fields.required(Field::SSL_CLIENT_CERT, remedy)?,
        key: fields.text(Field::PRIVATE_KEY),
    };
    Ok(Some(certificate(place)))
}
