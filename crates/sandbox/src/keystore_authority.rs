//! The authority that issues the certificates in keystores, and the service's own certificate.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{self, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::KeyPair as _;
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    PublicKeyData, SerialNumber, SignatureAlgorithm, date_time_ymd,
};
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::pkcs12::NamedCertificate;
use crate::rsa_keys::{Role, RsaKeys};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// `serialNumber`, RFC 4519 §2.31.
const SERIAL_NUMBER: [u64; 4] = [2, 5, 4, 5];

/// The name by which clients recognise the vendor's keystores.
const SERVICE: &str = "CyberSource_SJC_US";
const AUTHORITY: &str = "CyberSourceCertAuth";

/// The authority. It is made on first use, because making RSA keys takes a few 100 ms.
pub(crate) struct Authority {
    keys: Arc<RsaKeys>,
    /// The digits of the authority's certificate, and of the service's.
    digits: [String; 2],
    issuing: OnceLock<Issuing>,
}

pub(crate) struct Issuing {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    digits: String,
    service: Service,
}

/// The service as a recipient: requests are encrypted for this key.
pub(crate) struct Service {
    pub(crate) key: OaepPrivateDecryptingKey,
    /// The digits of the certificate's subject.
    pub(crate) key_id: String,
    pub(crate) certificate_der: Vec<u8>,
    pub(crate) certificate_pem: String,
}

impl Authority {
    pub(crate) const fn new(keys: Arc<RsaKeys>, digits: [String; 2]) -> Self {
        let issuing = OnceLock::new();
        Self {
            keys,
            digits,
            issuing,
        }
    }

    /// The keys of the sandbox, certified or not.
    pub(crate) const fn keys(&self) -> &Arc<RsaKeys> {
        &self.keys
    }

    pub(crate) fn get(&self) -> Result<&Issuing, BoxError> {
        if let Some(issuing) = self.issuing.get() {
            return Ok(issuing);
        }
        let issuing = Issuing::generate(&self.keys, &self.digits)?;
        Ok(self.issuing.get_or_init(|| issuing))
    }

    pub(crate) fn service(&self) -> Result<&Service, BoxError> {
        self.get().map(|issuing| &issuing.service)
    }

    /// An authority whose service has this key, to open stored requests.
    #[cfg(test)]
    pub(crate) fn with_service(key: &rsa::KeyPair, key_id: &str) -> Result<Self, BoxError> {
        let keys = RsaKeys::shared();
        let digits = ["1".repeat(22), key_id.to_owned()];
        let issuing = OnceLock::from(Issuing::with_service(&keys, key, &digits)?);
        Ok(Self {
            keys,
            digits,
            issuing,
        })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Issuing {
    fn generate(keys: &RsaKeys, digits: &[String; 2]) -> Result<Self, BoxError> {
        Self::with_service(keys, &keys.pair(Role::Service)?, digits)
    }

    fn with_service(
        keys: &RsaKeys,
        key: &rsa::KeyPair,
        [digits, key_id]: &[String; 2],
    ) -> Result<Self, BoxError> {
        let mut params = named(AUTHORITY, digits)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // All keys are RSA: the vendor's own clients read no other certificates.
        let own = keys.pkcs8(Role::Authority)?;
        let own = PrivatePkcs8KeyDer::from(own.as_slice());
        let own = KeyPair::from_pkcs8_der_and_sign_algo(&own, &PKCS_RSA_SHA256)?;
        let certificate = params.self_signed(&own)?.der().to_vec();
        let issuer = Issuer::new(params, own);
        let service = Service::new(key, key_id.clone(), &issuer)?;
        Ok(Self {
            issuer,
            certificate,
            digits: digits.clone(),
            service,
        })
    }

    /// A certificate, and the two others that a keystore holds.
    pub(crate) fn certify(
        &self,
        owner: &str,
        digits: &str,
        public_key: &PublicKey,
    ) -> Result<[NamedCertificate; 3], BoxError> {
        let own = named(owner, digits)?.signed_by(public_key, &self.issuer)?;
        let service = &self.service;
        Ok([
            NamedCertificate::new(own.der(), digits, owner),
            NamedCertificate::new(&service.certificate_der, &service.key_id, SERVICE),
            NamedCertificate::new(&self.certificate, &self.digits, AUTHORITY),
        ])
    }
}

impl Service {
    fn new(
        key: &rsa::KeyPair,
        key_id: String,
        issuer: &Issuer<'_, KeyPair>,
    ) -> Result<Self, BoxError> {
        let certificate = named(SERVICE, &key_id)?.signed_by(&PublicKey::of(key), issuer)?;
        let der: Pkcs8V1Der<'_> = key.as_der()?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_ref())?;
        Ok(Self {
            key: OaepPrivateDecryptingKey::new(key)?,
            key_id,
            certificate_der: certificate.der().to_vec(),
            certificate_pem: certificate.pem(),
        })
    }
}

/// `RSAPublicKey` in DER, for a certificate. The private half isn't copied: it stays where it is wiped.
pub(crate) struct PublicKey(Vec<u8>);

impl PublicKey {
    pub(crate) fn of(key: &rsa::KeyPair) -> Self {
        Self(key.public_key().as_ref().to_vec())
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// Parameters with a subject in the vendor's format. The digits are an attribute of the subject and, as
/// text, the serial number of the certificate.
fn named(name: &str, digits: &str) -> Result<CertificateParams, BoxError> {
    let mut params = CertificateParams::new(Vec::new())?;
    let attribute = DnValue::PrintableString(PrintableString::try_from(digits)?);
    let names = &mut params.distinguished_name;
    names.push(DnType::CommonName, name);
    names.push(DnType::CustomDnType(SERIAL_NUMBER.to_vec()), attribute);
    params.serial_number = Some(SerialNumber::from(digits.as_bytes().to_vec()));
    // The certificate is valid at any date that a test may set its clock to.
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    Ok(params)
}
