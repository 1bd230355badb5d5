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
            "holds a certificate that isn't valid yet, but in {} days; check the clock of this machine, or give the \
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
