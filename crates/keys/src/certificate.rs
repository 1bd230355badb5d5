use std::fmt;
use std::time::{Duration, SystemTime};

use payment_credentials_core::{BuildError, KeyId};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{OID_X509_COMMON_NAME, OID_X509_SERIALNUMBER, Oid};
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

use crate::found::Found;
use crate::key_file;
use crate::part::Part;
use crate::pkcs7;
use crate::printable::printable;

const BROKEN: &str =
    "is not usable: this file holds a certificate that is not X.509, or is broken; copy it again";
const NOT_DER: &str = "is not usable: this file holds PEM or a list of certificates; read it with `from_pem` \
                       or `all`";
const NOT_PEM: &str = "is not usable: this file holds DER, not PEM; read it with `from_der`";
const SEVERAL: &str = "is not usable: this file holds more than one; give each a file of its own";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An X.509 certificate: its subject, key id and dates.
///
/// It is read and never verified: the service's leaf certificates carry no extensions, which a
/// verifier of web servers asks for, and the caller chose the file. `Debug` shows subject and end.
#[derive(Clone, Eq, PartialEq)]
pub struct Certificate {
    der: Box<[u8]>,
    subject: Box<str>,
    common_name: Option<Box<str>>,
    key_id: Option<KeyId>,
    not_before: SystemTime,
    not_after: SystemTime,
    public_key_info: Box<[u8]>,
    public_key: Box<[u8]>,
}

impl Certificate {
    /// The longest subject that is shown, in characters.
    const MAX_SUBJECT: usize = 256;

    /// How many digits a serial number must have to be taken for a key id in ASCII.
    const MIN_SERIAL: usize = 8;

    /// Reads the content of a DER file, often named `.cer` or `.crt`.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if this is no X.509 certificate; it says what the file holds instead.
    pub fn from_der(der: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        let der = der.as_ref();
        Self::read(der).ok_or_else(|| match Self::all(der) {
            Ok(_) => unusable(NOT_DER),
            Err(error) => error,
        })
    }

    /// Reads the content of a PEM file with one certificate (`BEGIN CERTIFICATE`), text or bytes.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if the file holds no certificate, a broken one, or more than one; it says what the
    /// file holds instead.
    pub fn from_pem(file: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        let file = file.as_ref();
        let found = Self::all(file)?;
        let is_pem = key_file::is_pem(file);
        match <[Self; 1]>::try_from(found) {
            Ok([_]) if !is_pem => Err(unusable(NOT_PEM)),
            Ok([certificate]) => Ok(certificate),
            Err(_several) => Err(unusable(SEVERAL)),
        }
    }

    /// Reads all certificates of a file: PEM or DER, one or a bundle, or PKCS#7 (`.p7b`).
    ///
    /// What is neither a certificate nor a mistake, such as a private key beside certificates, is skipped.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is none, or a broken one; it says what the file holds instead.
    pub fn all(file: impl AsRef<[u8]>) -> Result<Vec<Self>, BuildError> {
        let (mut certificates, mut other) = (Vec::new(), None);
        for part in key_file::parts(file.as_ref()) {
            match part {
                Part::Certificate(der) => certificates.push(certificate(&der)?),
                Part::Pkcs7(der) => {
                    let found = pkcs7::certificates(&der);
                    let found = found.ok_or_else(|| Found::Pkcs7.where_a_certificate_belongs())?;
                    for der in found {
                        certificates.push(certificate(&der)?);
                    }
                }
                Part::Other(found) if found.is_cut() => {
                    return Err(found.where_a_certificate_belongs());
                }
                Part::Key(_)
                | Part::Jwk(..)
                | Part::EcKey(_)
                | Part::EncryptedKey(_)
                | Part::OpensslKey(_)
                | Part::Pkcs12(_)
                | Part::OtherKey(_)
                | Part::Other(_) => {
                    other.get_or_insert_with(|| part.found());
                }
            }
        }
        if certificates.is_empty() {
            let other = other.unwrap_or(Found::Pkcs7);
            return Err(other.where_a_certificate_belongs());
        }
        Ok(certificates)
    }

    /// The subject, for display, such as `CN=testrest, serialNumber=1757695744950028980655`.
    ///
    /// At most 256 visible ASCII characters; others are shown as `?`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The common name (CN) of the subject, as it stands in the certificate, if it has one.
    ///
    /// That is the merchant id, or the portfolio id for a `MetaKey`.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// What the service calls the key: the `kid` of what is signed or sealed with it.
    ///
    /// That is the subject's attribute serialNumber (2.5.4.5). If the subject has none, the key id
    /// is read from the certificate's own serial number, whose bytes the service sets to the same
    /// digits in ASCII. Fewer than eight digits there are ignored, since they may be ASCII by
    /// chance.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if neither is there: the key id has to be given beside the certificate.
    pub fn key_id(&self) -> Result<KeyId, BuildError> {
        self.key_id.clone().ok_or_else(|| {
            unusable(
                "names no key id: neither is there a serialNumber in its subject nor is its own \
                 serial number ASCII digits; give the key id that the service shows for the key",
            )
        })
    }

    /// When its validity begins (notBefore).
    #[must_use]
    pub fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// When its validity ends (notAfter).
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// Whether it is valid at this time.
    ///
    /// ```no_run
    /// use payment_credentials_keys::{Certificate, Validity};
    ///
    /// fn validate(certificate: &Certificate, now: std::time::SystemTime) -> String {
    ///     match certificate.validity_at(now) {
    ///         Validity::EndsSoon { days } => format!("renew it: {days} days are left"),
    ///         other => format!("{other:?}"),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn validity_at(&self, now: SystemTime) -> Validity {
        if now < self.not_before {
            return Validity::NotYet;
        }
        Validity::until(self.not_after, now)
    }

    /// The certificate as it was given.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The public key: `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1.2.7).
    #[must_use]
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    /// Of several certificates, the one with this common name that ends last; the case of ASCII letters doesn't
    /// matter.
    #[must_use]
    pub fn newest<'c>(certificates: &'c [Self], name: &str) -> Option<&'c Self> {
        let named = certificates.iter().filter(|held| held.is_for(name));
        named.max_by_key(|held| held.not_after())
    }

    /// Whether it is for this common name; the case of ASCII letters doesn't matter.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        self.common_name()
            .is_some_and(|held| held.eq_ignore_ascii_case(name))
    }

    /// Whether its public key is this one, as PKCS#1 encodes it.
    pub(crate) fn holds_key(&self, public_key: &[u8]) -> bool {
        *self.public_key == *public_key
    }

    fn read(der: &[u8]) -> Option<Self> {
        let (rest, read) = X509Certificate::from_der(der).ok()?;
        let common_name = attribute(&read, &OID_X509_COMMON_NAME);
        let subject = printable(&read.subject().to_string(), Self::MAX_SUBJECT);
        Some(Self {
            // OpenSSL's "trusted certificates" have something behind them.
            der: der.strip_suffix(rest)?.into(),
            subject: subject.into(),
            common_name: common_name.map(Into::into),
            key_id: key_id(&read),
            not_before: system_time(read.validity().not_before)?,
            not_after: system_time(read.validity().not_after)?,
            public_key_info: read.public_key().raw.into(),
            public_key: read.public_key().subject_public_key.data.as_ref().into(),
        })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// Whether a certificate is valid at a given time, by its dates.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Validity {
    /// It is valid for 90 days or more.
    Valid,
    /// It is valid, and expires in less than 90 days.
    EndsSoon {
        /// The whole days that are left.
        days: u64,
    },
    /// It has expired.
    Expired,
    /// It isn't valid yet.
    NotYet,
}

impl Validity {
    /// How long before its end a certificate's end is worth a warning, as in the vendor's SDKs.
    const SOON: Duration = Duration::from_secs(90 * DAY.as_secs());

    /// The validity at `now` of something that has begun and ends at `not_after`.
    #[must_use]
    pub fn until(not_after: SystemTime, now: SystemTime) -> Self {
        match not_after.duration_since(now) {
            Err(_) => Self::Expired,
            Ok(left) if left < Self::SOON => Self::EndsSoon {
                days: left.as_secs() / DAY.as_secs(),
            },
            Ok(_) => Self::Valid,
        }
    }
}

fn certificate(der: &[u8]) -> Result<Certificate, BuildError> {
    Certificate::read(der).ok_or_else(|| unusable(BROKEN))
}

fn unusable(rule: &'static str) -> BuildError {
    BuildError::new("certificate", rule)
}

fn key_id(certificate: &X509Certificate<'_>) -> Option<KeyId> {
    if let Some(number) = attribute(certificate, &OID_X509_SERIALNUMBER) {
        return number.parse().ok();
    }
    let serial = std::str::from_utf8(certificate.raw_serial()).ok()?;
    let has_digits = serial.bytes().all(|byte| byte.is_ascii_digit());
    let is_long = serial.len() >= Certificate::MIN_SERIAL;
    (has_digits && is_long).then(|| serial.parse().ok())?
}

/// The first of the subject's attributes of this kind.
fn attribute<'a>(certificate: &X509Certificate<'a>, oid: &Oid<'a>) -> Option<String> {
    let mut attributes = certificate.subject().iter_by_oid(oid);
    Some(attributes.next()?.as_str().ok()?.to_owned())
}

fn system_time(time: ASN1Time) -> Option<SystemTime> {
    let seconds = Duration::from_secs(time.timestamp().unsigned_abs());
    if time.timestamp() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    }
}
