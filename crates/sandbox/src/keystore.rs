//! A keystore with all that the vendor's have in it.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    PublicKeyData, SerialNumber, SignatureAlgorithm, date_time_ymd,
};
use zeroize::Zeroizing;

use crate::dice;
use crate::pkcs12::{self, NamedCertificate};

type BoxError = Box<dyn Error + Send + Sync>;

/// `serialNumber`, RFC 4519 §2.31.
const SERIAL_NUMBER: [u64; 4] = [2, 5, 4, 5];

/// A PKCS#12 file, and the public half of the key in it.
pub(crate) struct Keystore {
    pub(crate) pkcs12: Zeroizing<Vec<u8>>,
    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) public_key: Vec<u8>,
}

impl Keystore {
    pub(crate) fn generate(
        owner: &str,
        digits: &str,
        password: &str,
        authority: &Authority,
    ) -> Result<Self, BoxError> {
        let authority = authority.get()?;
        let key = rsa::KeyPair::generate(KeySize::Rsa2048)?;
        let public_key = PublicKey(key.public_key().as_ref().to_vec());
        let own = named(owner, digits)?.signed_by(&public_key, &authority.issuer)?;
        let certificates = [
            NamedCertificate::new(own.der(), digits, owner),
            NamedCertificate::new(&authority.service, &authority.service_digits, SERVICE),
            NamedCertificate::new(&authority.certificate, &authority.digits, AUTHORITY),
        ];
        let der: Pkcs8V1Der<'_> = key.as_der()?;
        Ok(Self {
            pkcs12: pkcs12::encode(password, der.as_ref(), &certificates)?,
            public_key: public_key.subject_public_key_info(),
        })
    }
}

/// `RSAPublicKey` in DER, for a certificate. The private half stays where it is wiped.
struct PublicKey(Vec<u8>);

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// The name by which clients tell the vendor's keystores from others.
const SERVICE: &str = "CyberSource_SJC_US";
const AUTHORITY: &str = "CyberSourceCertAuth";

/// Who issues keystores' certificates; made with the first of them.
#[derive(Default)]
pub(crate) struct Authority(OnceLock<Issuing>);

struct Issuing {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    digits: String,
    /// The service's own certificate, under which requests may be encrypted.
    service: Vec<u8>,
    service_digits: String,
}

impl Authority {
    fn get(&self) -> Result<&Issuing, BoxError> {
        if let Some(issuing) = self.0.get() {
            return Ok(issuing);
        }
        let issuing = Issuing::generate()?;
        Ok(self.0.get_or_init(|| issuing))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Issuing {
    fn generate() -> Result<Self, BoxError> {
        let (digits, service_digits) = (dice::digits::<22>()?, dice::digits::<22>()?);
        let mut params = named(AUTHORITY, &digits)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // All keys are RSA: the vendor's own clients read no other certificates.
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
        let certificate = params.self_signed(&key)?.der().to_vec();
        let issuer = Issuer::new(params, key);
        let service_key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
        let service = named(SERVICE, &service_digits)?.signed_by(&service_key, &issuer)?;
        Ok(Self {
            issuer,
            certificate,
            digits,
            service: service.der().to_vec(),
            service_digits,
        })
    }
}

/// A subject as the vendor writes it: the digits are an attribute of it, and, as text, the serial
/// number of the certificate.
fn named(name: &str, digits: &str) -> Result<CertificateParams, BoxError> {
    let mut params = CertificateParams::new(Vec::new())?;
    let attribute = DnValue::PrintableString(PrintableString::try_from(digits)?);
    let names = &mut params.distinguished_name;
    names.push(DnType::CommonName, name);
    names.push(DnType::CustomDnType(SERIAL_NUMBER.to_vec()), attribute);
    params.serial_number = Some(SerialNumber::from(digits.as_bytes().to_vec()));
    // Whatever date a test sets its clock to, the certificate is good then.
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    Ok(params)
}
