//! Encodes a request so that reqwest sends it unchanged and to the right address.

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use payment_credentials_core::{ConnectTo, Destination, Host, TransportError};
use reqwest::Url;

use crate::failure;

/// A request for one of the clients.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) request: reqwest::Request,
    /// The address that the client must dial, if it isn't the host of the URL.
    pub(crate) detour: Option<ConnectTo>,
}

/// Encodes a request.
///
/// The `Host` header is always set, to the URI's authority. So the URL needs to determine only which
/// address is dialled and which name the certificate must have. If the endpoint is dialled at another
/// address:
///
/// - With TLS, the URL has no port, since reqwest prefers the port of a URL to that of the resolved
///   address.
/// - Without TLS, no certificate is checked, so the URL itself has the other address.
pub(crate) fn encode(
    request: Request<Bytes>,
    destination: &Destination,
) -> Result<Encoded, TransportError> {
    let (mut parts, body) = request.into_parts();
    let authority = parts
        .uri
        .authority()
        .map_or("", http::uri::Authority::as_str);
    let (dialled, detour) = dialled(authority, destination)?;
    let scheme = parts.uri.scheme_str().unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url: Url = format!("{scheme}://{dialled}{path}")
        .parse()
        .map_err(failure::unusable)?;
    if !is_encoded(&url, path) {
        return Err(failure::unusable(
            "reqwest would change the path as it normalises the URL; use a normalised path",
        ));
    }
    let host = HeaderValue::from_str(authority).map_err(failure::unusable)?;
    parts.headers.insert(header::HOST, host);
    let mut request = reqwest::Request::new(parts.method, url);
    *request.headers_mut() = parts.headers;
    *request.body_mut() = Some(body.into());
    Ok(Encoded { request, detour })
}

/// The URL's authority, and the other address to dial if there is TLS.
fn dialled(
    authority: &str,
    destination: &Destination,
) -> Result<(String, Option<ConnectTo>), TransportError> {
    let Some(to) = destination.connect_to() else {
        return Ok((authority.to_owned(), None));
    };
    if !destination.is_tls() {
        return Ok((format!("{}:{}", to.host(), to.port()), None));
    }
    match destination.host() {
        Host::Name(name) => Ok((name.to_string(), Some(to.clone()))),
        host if (host, destination.port()) == (to.host(), to.port()) => {
            Ok((authority.to_owned(), None))
        }
        // reqwest resolves names only, so an IP address can't be resolved to another address.
        Host::V4(_) | Host::V6(_) => Err(failure::unusable(
            "reqwest can't use connect_to if the endpoint's host is an IP address; name the host",
        )),
    }
}

/// Whether a URL has exactly this path and query. Parsing normalises a URL, which can change them.
fn is_encoded(url: &Url, path: &str) -> bool {
    let query = url.query().map(|query| format!("?{query}"));
    format!("{}{}", url.path(), query.unwrap_or_default()) == path
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use payment_credentials_core::Endpoint;

    use super::*;

    fn encoded(base: &str, path: &str, to: Option<&str>) -> Result<Encoded, TransportError> {
        let mut endpoint = Endpoint::custom(base.parse().expect("a base address"));
        if let Some(to) = to {
            let to = to.parse().expect("an address");
            endpoint = endpoint.with_connect_to(to).expect("an endpoint");
        }
        let request = Request::post(format!("{base}{path}")).body(Bytes::from_static(b"{}"));
        encode(request.expect("a request"), &Destination::from(&endpoint))
    }

    #[track_caller]
    fn check(base: &str, to: Option<&str>, host: &str, url: &str, detour: Option<&str>) {
        let encoded = encoded(base, "/p", to).expect("encoded");
        assert_eq!(encoded.request.headers()["host"], host);
        assert_eq!(encoded.request.url().as_str(), url);
        let detour = detour.map(|to| to.parse::<ConnectTo>().expect("an address"));
        assert_eq!(encoded.detour, detour);
    }

    #[test]
    fn the_url_leads_and_the_host_stays() {
        let to = Some("127.0.0.1:9");
        let (name, ported) = ("https://a.example", "https://a.example:8443");
        check(name, None, "a.example", "https://a.example/p", None);
        check(
            ported,
            None,
            "a.example:8443",
            "https://a.example:8443/p",
            None,
        );
        check(name, to, "a.example", "https://a.example/p", to);
        check(ported, to, "a.example:8443", "https://a.example/p", to);
        let address = "https://127.0.0.1:9";
        check(address, to, "127.0.0.1:9", "https://127.0.0.1:9/p", None);
        let local = "http://localhost:8";
        check(local, None, "localhost:8", "http://localhost:8/p", None);
        check(local, to, "localhost:8", "http://127.0.0.1:9/p", None);
        check(
            "http://[::1]",
            Some("[::1]:9"),
            "[::1]",
            "http://[::1]:9/p",
            None,
        );
    }

    #[test]
    fn what_reqwest_would_not_do_is_refused() {
        let elsewhere = Some("127.0.0.1:10");
        for (base, path, to, why) in [
            ("https://127.0.0.1:9", "/p", elsewhere, "name the host"),
            ("https://[::1]:9", "/p", elsewhere, "name the host"),
            ("https://a.example", "/p/../q", None, "change the path"),
            ("https://a.example", "/p\"q", None, "change the path"),
        ] {
            let error = encoded(base, path, to).expect_err("refused");
            let source = error.source().expect("a cause").to_string();
            assert!(source.contains(why), "{base}{path}: {source}");
        }
    }
}
