use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

/// The TLS error in an error's chain of causes, if there is one.
///
/// Searches the whole chain, and inside of I/O errors, whose `source` hides the error they wrap.
#[must_use]
pub fn objection<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(objection) = error.downcast_ref() {
            return Some(objection);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Wraps an error in an explanation with a remedy, where its own text gives none.
///
/// A service that objects to our certificate says so by an alert (RFC 8446 §6.2), which sounds like our
/// own objection to its certificate; an unknown issuer is mostly a proxy that inspects TLS; and plain HTTP
/// at the other end reads like a broken message. Other errors stay as they are.
#[must_use]
pub fn explained(error: impl Into<Box<dyn Error + Send + Sync>>) -> Box<dyn Error + Send + Sync> {
    let source = error.into();
    let meaning = match objection(&*source) {
        Some(rustls::Error::AlertReceived(alert)) => meaning(*alert),
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            Some(UNKNOWN_ISSUER)
        }
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => Some(NO_TLS),
        Some(_) | None => None,
    };
    match meaning {
        Some(meaning) => Box::new(Explained { meaning, source }),
        None => source,
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{meaning}")]
struct Explained {
    meaning: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

const UNKNOWN_ISSUER: &str = "no trusted root vouches for the service's certificate; where a proxy \
                              inspects TLS, trust the proxy's root: `extra_root` of the transport, \
                              `ssl_ca_cert` in a configuration";

const NO_TLS: &str = "no TLS is spoken there, as by a server for plain HTTP; check host and port";

/// The alerts that are about a peer's certificate.
const NOT_ACCEPTED: [AlertDescription; 7] = [
    AlertDescription::AccessDenied,
    AlertDescription::BadCertificate,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::UnsupportedCertificate,
];

fn meaning(alert: AlertDescription) -> Option<&'static str> {
    if alert == AlertDescription::CertificateRequired {
        return Some(
            "the service wants a client certificate; give the transport a client identity",
        );
    }
    let not_accepted = "the service doesn't accept the client certificate, or that there is none; \
                        check the transport's client identity";
    NOT_ACCEPTED.contains(&alert).then_some(not_accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(alert: AlertDescription) -> io::Error {
        io::Error::other(rustls::Error::AlertReceived(alert))
    }

    #[test]
    fn finds_what_tls_objects_to_wherever_it_is() {
        let deep = io::Error::other(Explained {
            meaning: "outer",
            source: alert(AlertDescription::DecodeError).into(),
        });
        assert!(objection(&deep).is_some());
        assert!(objection(&io::Error::other("else")).is_none());
        assert!(objection(&io::Error::from(io::ErrorKind::UnexpectedEof)).is_none());
    }

    #[test]
    fn says_what_to_do_where_the_service_objects_to_us_and_keeps_the_cause() {
        let wanted = explained(alert(AlertDescription::CertificateRequired));
        assert!(wanted.to_string().contains("wants a client certificate"));
        assert!(objection(&*wanted).is_some());
        let refused = explained(alert(AlertDescription::UnknownCA)).to_string();
        assert!(refused.contains("doesn't accept"), "{refused}");
        let issuer = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let issuer = explained(issuer);
        assert!(issuer.to_string().contains("extra_root") && objection(&*issuer).is_some());
        let plain = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        let plain = explained(io::Error::other(plain)).to_string();
        assert!(plain.contains("no TLS is spoken there"), "{plain}");
        let other = explained(alert(AlertDescription::DecodeError)).to_string();
        assert!(other.contains("DecodeError"), "{other}");
        assert_eq!(explained("else").to_string(), "else");
    }
}
