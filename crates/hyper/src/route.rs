use std::sync::{Arc, Mutex, PoisonError};

use http::Uri;
use http::uri::{Authority, Scheme};
use payment_credentials_core::seam::Outgoing;
use payment_credentials_core::{BaseAddress, BuildError, ConnectTo, Endpoint, TransportError};
use rustls_pki_types::ServerName;

use crate::fault;

/// Where a connection leads: who is dialled, and who must be there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Route {
    /// Whom the certificate must name; none without TLS.
    pub(crate) tls: Option<ServerName<'static>>,
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
}

impl Route {
    /// Where the calls of an endpoint go, which has judged its addresses.
    pub(crate) fn to(endpoint: &Endpoint) -> Result<Self, TransportError> {
        let base = endpoint.base();
        let unbracketed = base.host().trim_matches(['[', ']']);
        let name = ServerName::try_from(unbracketed.to_owned()).map_err(fault::unusable)?;
        let (host, port) = match endpoint.connect_to() {
            None => (base.host(), base.port()),
            Some(other) => (other.host(), other.port()),
        };
        Ok(Self {
            tls: base.is_tls().then_some(name),
            host: host.into(),
            port,
        })
    }

    /// Judges a request's address by the rules of an [`Endpoint`], whoever made the request: plain
    /// HTTP stays on this machine, and the host is a plain name or address.
    fn of(outgoing: &Outgoing) -> Result<Self, TransportError> {
        let base = base_address(outgoing.request.uri()).map_err(fault::unusable)?;
        let unbracketed = base.host().trim_matches(['[', ']']);
        let name = ServerName::try_from(unbracketed.to_owned()).map_err(fault::unusable)?;
        let tls = base.is_tls().then_some(name);
        let (host, port) = match &outgoing.connect_to {
            None => (base.host().into(), base.port()),
            Some(other) => {
                let (host, port) = (other.host().into(), other.port());
                let endpoint = Endpoint::custom(base).with_connect_to(other.clone());
                endpoint.map_err(fault::unusable)?;
                (host, port)
            }
        };
        Ok(Self { tls, host, port })
    }
}

/// Judges each address once: the calls of a port all go to one place.
#[derive(Debug, Default)]
pub(crate) struct Routes(Mutex<Option<Judged>>);

/// The address that was judged last.
#[derive(Debug)]
struct Judged {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    connect_to: Option<ConnectTo>,
    route: Arc<Route>,
}

impl Routes {
    /// Where a request's connection leads.
    pub(crate) fn of(&self, outgoing: &Outgoing) -> Result<Arc<Route>, TransportError> {
        let uri = outgoing.request.uri();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(judged) = &*last
            && judged.scheme.as_ref() == uri.scheme()
            && judged.authority.as_ref() == uri.authority()
            && judged.connect_to == outgoing.connect_to
        {
            return Ok(Arc::clone(&judged.route));
        }
        let route = Arc::new(Route::of(outgoing)?);
        *last = Some(Judged {
            scheme: uri.scheme().cloned(),
            authority: uri.authority().cloned(),
            connect_to: outgoing.connect_to.clone(),
            route: Arc::clone(&route),
        });
        Ok(route)
    }
}

fn base_address(uri: &Uri) -> Result<BaseAddress, BuildError> {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", Authority::as_str);
    format!("{scheme}://{authority}").parse()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;

    fn outgoing(uri: &str, connect_to: Option<&str>) -> Outgoing {
        let request = Request::post(uri).body(Bytes::new()).expect("a request");
        let mut outgoing = Outgoing::new(request);
        outgoing.connect_to = connect_to.map(|to| to.parse().expect("an address"));
        outgoing
    }

    fn route(uri: &str, connect_to: Option<&str>) -> Result<Route, TransportError> {
        Route::of(&outgoing(uri, connect_to))
    }

    #[test]
    fn leads_to_the_uri_or_to_the_other_address() {
        let direct = route("https://a.example:8443/p", None).expect("a route");
        assert_eq!((&*direct.host, direct.port), ("a.example", 8443));
        assert_eq!(direct.tls, ServerName::try_from("a.example").ok());
        let detour = route("https://a.example/p", Some("127.0.0.1:9")).expect("a route");
        assert_eq!((&*detour.host, detour.port), ("127.0.0.1", 9));
        assert_eq!(detour.tls, ServerName::try_from("a.example").ok());
        let plain = route("http://[::1]/p", None).expect("a route");
        assert_eq!((&*plain.host, plain.port, plain.tls), ("[::1]", 80, None));
    }

    #[test]
    fn an_address_that_was_judged_is_told_from_every_other() {
        let routes = Routes::default();
        for _ in 0..2 {
            for (uri, to, port) in [
                ("https://a.example/p", None, 443),
                ("https://a.example/q", Some("127.0.0.1:9"), 9),
                ("https://a.example/q", Some("127.0.0.1:8"), 8),
                ("https://a.example:8443/p", None, 8443),
                ("http://localhost/p", None, 80),
                ("https://localhost/p", None, 443),
            ] {
                let outgoing = outgoing(uri, to);
                assert_eq!(routes.of(&outgoing).expect("a route").port, port);
                assert_eq!(
                    *routes.of(&outgoing).expect("a route"),
                    Route::of(&outgoing).expect("a route")
                );
            }
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert!(route("http://a.example/p", None).is_err());
        assert!(route("http://a.example/p", Some("127.0.0.1:9")).is_err());
        assert!(route("http://localhost/p", Some("192.0.2.1:9")).is_err());
        assert!(route("http://localhost/p", Some("127.0.0.1:9")).is_ok());
    }

    #[test]
    fn an_address_that_no_endpoint_would_have_is_refused() {
        for uri in [
            "/p",
            "ftp://a.example/p",
            "https://user@a.example/p",
            "https://127.1/p",
        ] {
            let error = route(uri, None).expect_err("refused");
            assert!(!format!("{error} {error:?}").contains("user@"), "{uri}");
        }
    }
}
