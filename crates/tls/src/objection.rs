use std::error::Error;

use payment_credentials_core::seam::causes;
use rustls::{AlertDescription, CertificateError, InvalidMessage};

/// Finds the TLS error in an error's chain of causes, if there is one.
#[must_use]
pub fn objection<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Adds an explanation and a remedy to a TLS error whose own text is misleading.
///
/// Three kinds of error get an explanation; all others are returned unchanged:
///
/// - An alert about a certificate (RFC 8446 §6.2): the service rejected the client's certificate, but the
///   alert reads as if the client had rejected the service's.
/// - An unknown issuer: the usual reason is a proxy that inspects TLS.
/// - An invalid content type: the server uses plain HTTP, but rustls reports a broken message.
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

const UNKNOWN_ISSUER: &str = "the service's certificate was not issued under a trusted root; if a \
                              proxy inspects TLS, trust the proxy's root: `extra_root` of the \
                              transport, `ssl_ca_cert` in a configuration";

const NO_TLS: &str =
    "the server doesn't use TLS on this port, perhaps plain HTTP; check host and port";

/// The alerts by which a service rejects the client's certificate.
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
            "the service requires a client certificate; give the transport a client identity",
        );
    }
    let not_accepted = "the service doesn't accept the client certificate, or got none and requires \
                        one; check the transport's client identity";
    NOT_ACCEPTED.contains(&alert).then_some(not_accepted)
}

#[cfg(test)]
mod tests {
    use std::io;

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
        assert!(wanted.to_string().contains("requires a client certificate"));
        assert!(objection(&*wanted).is_some());
        let refused = explained(alert(AlertDescription::UnknownCA)).to_string();
        assert!(refused.contains("doesn't accept"), "{refused}");
        let issuer = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let issuer = explained(issuer);
        assert!(issuer.to_string().contains("extra_root") && objection(&*issuer).is_some());
        let plain = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        let plain = explained(io::Error::other(plain)).to_string();
        assert!(plain.contains("doesn't use TLS"), "{plain}");
        let other = explained(alert(AlertDescription::DecodeError)).to_string();
        assert!(other.contains("DecodeError"), "{other}");
        assert_eq!(explained("else").to_string(), "else");
    }
}
