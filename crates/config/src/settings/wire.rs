use std::time::Duration;

use payment_credentials_hyper::Proxy;

use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::Field;
use crate::fields::Fields;
use crate::value::Secret;

/// The longest deadline, in milliseconds. A longer one was probably meant in another unit.
const MAX_DEADLINE: u64 = 600_000;

/// The settings of the connection to the service.
#[derive(Debug)]
pub(crate) struct Wire<'a> {
    pub(crate) call_deadline: Option<Duration>,
    pub(crate) connect_deadline: Option<Duration>,
    pub(crate) proxy: Option<ProxySettings<'a>>,
    pub(crate) roots: Option<&'a str>,
    pub(crate) client: Option<ClientCertificate<'a>>,
}

#[derive(Debug)]
pub(crate) struct ProxySettings<'a> {
    pub(crate) proxy: Proxy,
    pub(crate) login: Option<(&'a str, &'a Secret)>,
}

/// A certificate for mutual TLS, and its key.
#[derive(Debug)]
pub(crate) struct ClientCertificate<'a> {
    pub(crate) folder: &'a str,
    pub(crate) certificate: &'a str,
    pub(crate) key: &'a str,
}

pub(crate) fn wire<'a>(fields: &'a Fields, mistakes: &mut Mistakes) -> Option<Wire<'a>> {
    mistakes.keep(checks_certificates(fields));
    let call_deadline = mistakes.keep(deadline(fields, Field::CallDeadline));
    let connect_deadline = mistakes.keep(deadline(fields, Field::ConnectDeadline));
    let proxy = mistakes.keep(proxy(fields));
    let client = mistakes.keep(client(fields));
    Some(Wire {
        call_deadline: call_deadline?,
        connect_deadline: connect_deadline?,
        proxy: proxy?,
        roots: fields.text(Field::SslCaCert),
        client: client?,
    })
}

fn checks_certificates(fields: &Fields) -> Result<(), Diagnostic> {
    for (field, dangerous) in [
        (Field::SslVerify, false),
        (Field::DisableSslVerification, true),
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

fn deadline(fields: &Fields, field: Field) -> Result<Option<Duration>, Diagnostic> {
    match fields.number(field) {
        None => Ok(None),
        Some(limit @ 1..=MAX_DEADLINE) => Ok(Some(Duration::from_millis(limit))),
        Some(_) => Err(fields.diagnostic(field, "must be 1 to 600000 milliseconds")),
    }
}

fn proxy(fields: &Fields) -> Result<Option<ProxySettings<'_>>, Diagnostic> {
    if fields.flag(Field::UseProxy) != Some(true) {
        return Ok(None);
    }
    let remedy = "give the proxy's address, or set use_proxy to false";
    let address = fields.required(Field::ProxyAddress, remedy)?;
    let (scheme, host) = address.split_once("://").unwrap_or(("http", address));
    let host = host.strip_suffix('/').unwrap_or(host);
    let address = match fields.number(Field::ProxyPort) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    let proxy =
        Proxy::new(&address).map_err(|error| fields.unusable(Field::ProxyAddress, &error))?;
    let login = match (
        fields.text(Field::ProxyUser),
        fields.secret(Field::ProxyPassword),
    ) {
        (None, None) => None,
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) => {
            let remedy = "give the password of the proxy's user, or delete the user";
            return Err(fields.missing(Field::ProxyPassword, remedy));
        }
        (None, Some(_)) => {
            let remedy = "give the user of the proxy's password, or delete the password";
            return Err(fields.missing(Field::ProxyUser, remedy));
        }
    };
    Ok(Some(ProxySettings { proxy, login }))
}

fn client(fields: &Fields) -> Result<Option<ClientCertificate<'_>>, Diagnostic> {
    if fields.flag(Field::EnableClientCert) != Some(true) {
        return Ok(None);
    }
    let required = |field| fields.required(field, "give it, or set enable_client_cert to false");
    Ok(Some(ClientCertificate {
        folder: required(Field::ClientCertDir)?,
        certificate: required(Field::SslClientCert)?,
        key: required(Field::PrivateKey)?,
    }))
}
