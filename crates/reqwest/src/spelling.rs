//! Spells a request so that reqwest sends it as it is, and to where it should go.

use std::net::IpAddr;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, header};
use payment_credentials_core::{ConnectTo, TransportError};
use reqwest::Url;
use rustls_pki_types::ServerName;

use crate::fault;

/// A request for one of the clients.
#[derive(Debug)]
pub(crate) struct Spelled {
    pub(crate) request: reqwest::Request,
    /// Where the client has to lead, if not to what the URL names.
    pub(crate) detour: Option<ConnectTo>,
}

/// Spells a request.
///
/// `Host` is always written out, as the URI's authority, so that the URL is left to say who is
/// dialled and whom the certificate must name:
///
/// - With TLS, it loses its port where the connection leads elsewhere: reqwest prefers a URL's
///   port to the port of the address that was found.
/// - Without TLS nobody is checked, so it names the other address itself.
pub(crate) fn spell(
    request: Request<Bytes>,
    connect_to: Option<ConnectTo>,
) -> Result<Spelled, TransportError> {
    let (mut parts, body) = request.into_parts();
    let Some(authority) = parts.uri.authority().cloned() else {
        return Err(fault::unusable("the request's URI has no host"));
    };
    if authority.as_str().contains('@') {
        return Err(fault::unusable("the request's URI holds a user name"));
    }
    let (dialled, detour) = match parts.uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => encrypted(&authority, connect_to)?,
        Some(scheme) if *scheme == Scheme::HTTP => (plain(&authority, connect_to)?, None),
        Some(_) | None => return Err(fault::unusable("the request's URI is not http or https")),
    };
    let scheme = parts.uri.scheme_str().unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{scheme}://{dialled}{path}");
    let url: Url = url.parse().map_err(fault::unusable)?;
    if !is_spelled(&url, path) {
        return Err(fault::unusable("reqwest would spell the path another way"));
    }
    let host = HeaderValue::from_str(authority.as_str()).map_err(fault::unusable)?;
    parts.headers.insert(header::HOST, host);
    let mut request = reqwest::Request::new(parts.method, url);
    *request.headers_mut() = parts.headers;
    *request.body_mut() = Some(body.into());
    Ok(Spelled { request, detour })
}

/// The URL's authority for a connection with TLS, and where it leads instead.
fn encrypted(
    authority: &Authority,
    connect_to: Option<ConnectTo>,
) -> Result<(String, Option<ConnectTo>), TransportError> {
    let host = authority.host();
    ServerName::try_from(bare(host)).map_err(fault::unusable)?;
    match connect_to {
        None => Ok((authority.to_string(), None)),
        Some(to) if bare(host).parse::<IpAddr>().is_ok() => {
            // reqwest looks names up, not addresses, so it can't be told to go elsewhere.
            let port = authority.port_u16().unwrap_or(443);
            if (to.host(), to.port()) == (host, port) {
                return Ok((authority.to_string(), None));
            }
            Err(fault::unusable(
                "reqwest can't connect elsewhere for a host that is an address; name the host",
            ))
        }
        Some(to) => Ok((host.to_owned(), Some(to))),
    }
}

/// The URL's authority for a connection without TLS, which never leaves this machine.
fn plain(authority: &Authority, connect_to: Option<ConnectTo>) -> Result<String, TransportError> {
    let dialled = match connect_to {
        None => authority.to_string(),
        Some(to) if is_loopback(to.host()) => format!("{}:{}", to.host(), to.port()),
        Some(_) => return Err(fault::unusable("plain http would leave this machine")),
    };
    if is_loopback(authority.host()) {
        Ok(dialled)
    } else {
        Err(fault::unusable("plain http would leave this machine"))
    }
}

/// Whether a URL has this path and query, byte for byte: URLs are normalised when they are read.
fn is_spelled(url: &Url, path: &str) -> bool {
    let query = url.query().map(|query| format!("?{query}"));
    format!("{}{}", url.path(), query.unwrap_or_default()) == path
}

fn is_loopback(host: &str) -> bool {
    let address = bare(host).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn spelled(uri: &str, connect_to: Option<&str>) -> Result<Spelled, TransportError> {
        let request = Request::post(uri).body(Bytes::from_static(b"{}"));
        let to = connect_to.map(|to| to.parse().expect("an address"));
        spell(request.expect("a request"), to)
    }

    #[track_caller]
    fn check(uri: &str, connect_to: Option<&str>, host: &str, url: &str, detour: Option<&str>) {
        let spelled = spelled(uri, connect_to).expect("spelled");
        assert_eq!(spelled.request.headers()["host"], host);
        assert_eq!(spelled.request.url().as_str(), url);
        let detour = detour.map(|to| to.parse::<ConnectTo>().expect("an address"));
        assert_eq!(spelled.detour, detour);
    }

    #[track_caller]
    fn refuses(uri: &str, connect_to: Option<&str>, why: &str) {
        let error = spelled(uri, connect_to).expect_err("refused");
        let source = error.source().expect("a cause").to_string();
        assert!(source.contains(why), "{uri}: {source}");
    }

    #[test]
    fn the_url_leads_and_the_host_stays() {
        let detour = Some("127.0.0.1:9");
        check(
            "https://a.example/p?q",
            None,
            "a.example",
            "https://a.example/p?q",
            None,
        );
        check(
            "https://a.example:8443/p",
            None,
            "a.example:8443",
            "https://a.example:8443/p",
            None,
        );
        check(
            "https://a.example/p",
            detour,
            "a.example",
            "https://a.example/p",
            detour,
        );
        check(
            "https://a.example:8443/p",
            detour,
            "a.example:8443",
            "https://a.example/p",
            detour,
        );
        check(
            "https://127.0.0.1:9/p",
            detour,
            "127.0.0.1:9",
            "https://127.0.0.1:9/p",
            None,
        );
        check(
            "http://localhost:8/p",
            None,
            "localhost:8",
            "http://localhost:8/p",
            None,
        );
        check(
            "http://localhost:8/p",
            detour,
            "localhost:8",
            "http://127.0.0.1:9/p",
            None,
        );
        check(
            "http://[::1]/p",
            Some("[::1]:9"),
            "[::1]",
            "http://[::1]:9/p",
            None,
        );
    }

    #[test]
    fn what_reqwest_would_not_do_is_refused() {
        let elsewhere = Some("127.0.0.1:10");
        refuses("/p", None, "no host");
        refuses("ftp://a.example/p", None, "not http or https");
        refuses("https://user@a.example/p", None, "user name");
        refuses("https://127.0.0.1:9/p", elsewhere, "name the host");
        refuses("https://[::1]:9/p", elsewhere, "name the host");
        refuses("https://a.example/p/../q", None, "another way");
        refuses("https://a.example/p\"q", None, "another way");
    }

    #[test]
    fn plain_http_never_leaves_the_machine() {
        refuses("http://a.example/p", None, "leave this machine");
        refuses(
            "http://a.example/p",
            Some("127.0.0.1:9"),
            "leave this machine",
        );
        refuses(
            "http://localhost/p",
            Some("192.0.2.1:9"),
            "leave this machine",
        );
    }
}
