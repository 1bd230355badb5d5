use std::error::Error;
use std::io;

use rustls::AlertDescription;

/// What TLS itself objects to, if that is why an operation failed.
///
/// Looks down the whole chain of causes, and into I/O errors, which hide what they wrap.
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

/// Puts before an error what to do about it, where the service objects to who we are.
///
/// Such a service says so by an alert (RFC 8446 §6.2), whose bare name sounds like our own
/// objection to its certificate. Other errors stay as they are.
#[must_use]
pub fn explained(error: impl Into<Box<dyn Error + Send + Sync>>) -> Box<dyn Error + Send + Sync> {
    let source = error.into();
    let meaning = match objection(&*source) {
        Some(rustls::Error::AlertReceived(alert)) => meaning(*alert),
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
        let other = explained(alert(AlertDescription::DecodeError)).to_string();
        assert!(other.contains("DecodeError"), "{other}");
        assert_eq!(explained("else").to_string(), "else");
    }
}
