//! Notes on what isn't valid at this time.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Certificate, ClientKeys, Validity};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Files;
use crate::field::AnyField;

impl Files<'_> {
    /// Notes if a certificate isn't valid yet.
    pub(crate) fn note_beginning(
        &self,
        field: AnyField,
        certificate: &Certificate,
        now: SystemTime,
    ) {
        const DAY: u64 = 24 * 60 * 60;
        if certificate.validity_at(now) != Validity::NotYet {
            return;
        }
        let left = certificate
            .not_before()
            .duration_since(now)
            .unwrap_or_default();
        let message = format!(
            "holds a certificate that becomes valid in {} days only; check the clock of this machine, or give the \
             certificate that is valid now",
            left.as_secs().div_ceil(DAY)
        );
        self.note(self.fields.diagnostic(field, message));
    }

    /// Notes if a certificate of a TLS client isn't valid yet, or no longer.
    pub(crate) fn note_client_validity(
        &self,
        field: AnyField,
        identity: &ClientKeys,
        now: SystemTime,
    ) {
        for der in identity.certificates() {
            let Ok(certificate) = Certificate::from_der(der) else {
                continue;
            };
            self.note_beginning(field, &certificate, now);
            if certificate.validity_at(now) == Validity::Expired {
                let message = "holds a certificate that has expired; renew it";
                self.note(self.fields.diagnostic(field, message));
            }
        }
    }

    /// Notes if an access token is a JWT that has expired (RFC 7519 §4.1.4).
    pub(crate) fn note_expired(&self, field: AnyField, access_token: &Password, now: SystemTime) {
        let expires = expiry(access_token.expose());
        if expires.is_some_and(|expires| expires < now) {
            let message = "is a JWT that has expired; get a new access token";
            self.note(self.fields.diagnostic(field, message));
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

/// When a JWT expires, if the text is one, and says so.
fn expiry(text: &str) -> Option<SystemTime> {
    let mut parts = text.split('.');
    let (Some(_header), Some(claims), Some(_signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims).ok()?);
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let expires = Duration::try_from_secs_f64(claims.exp).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(expires)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Mistakes;
    use crate::field::Field;
    use crate::fields::Fields;
    use crate::noted::Noted;
    use crate::origin::Origin;

    const CLIENT: &[u8] = include_bytes!("../../../../tests/vectors/keystores/client/client.p12");

    #[test]
    fn the_certificates_of_a_client_are_noted_before_and_after_their_time() {
        let fields = Mistakes::collect(|mistakes| {
            Ok(Fields::read(Origin::new("TOML"), Vec::new(), mistakes))
        });
        let (fields, noted) = (fields.expect("no fields"), Noted::default());
        let identity = ClientKeys::read(CLIENT, Some(&Password::from("testpass")));
        let identity = identity.expect("a client");
        let certificate = identity.certificates().first().expect("a certificate");
        let certificate = Certificate::from_der(certificate).expect("a certificate");
        let told = |now| {
            let files = Files::new(&fields, None, &noted);
            files.note_client_validity(Field::CLIENT_IDENTITY.row(), &identity, now);
            files.into_notes().first().map(ToString::to_string)
        };
        assert_eq!(told(certificate.not_before()), None);
        let before = certificate.not_before() - Duration::from_secs(36 * 60 * 60);
        assert_eq!(
            told(before).as_deref(),
            Some(
                "TOML: client_identity holds a certificate that becomes valid in 2 days only; check the \
                 clock of this machine, or give the certificate that is valid now"
            )
        );
        let after = certificate.not_after() + Duration::from_secs(1);
        assert_eq!(
            told(after).as_deref(),
            Some("TOML: client_identity holds a certificate that has expired; renew it")
        );
    }
}
