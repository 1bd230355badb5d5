use payment_credentials_core::BuildError;
use payment_credentials_keys::Certificate;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;

/// Selects the root certificates to trust, in addition to the extra ones.
///
/// The vendor's certificates change every few months, so trust public roots and don't pin the
/// certificates of servers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Roots {
    /// Trusts Mozilla's root certificates, which are compiled in and updated with this crate.
    ///
    /// Use it in containers that have no certificates of their own.
    Bundled,
    /// Trusts the extra roots alone.
    ExtraOnly,
    /// Trusts the operating system's root certificates.
    ///
    /// On Windows and Apple's systems, the operating system verifies the service's certificate. On other
    /// systems, the system's certificate file is read when the transport is built. The variables
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` are ignored.
    #[default]
    Platform,
}

pub(crate) fn refused(rule: &'static str) -> BuildError {
    BuildError::new("trusted roots", rule)
}

/// The certificates of these files.
pub(crate) fn extra(files: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, BuildError> {
    let mut certificates = Vec::new();
    for file in files {
        let read = Certificate::all(file)
            .map_err(|error| BuildError::new("extra root", error.message()).with_source(error))?;
        let read = read.iter().map(|certificate| certificate.der().to_vec());
        certificates.extend(read.map(CertificateDer::from));
    }
    Ok(certificates)
}

/// The certificates to trust. Used wherever rustls verifies, not the operating system.
pub(crate) fn store(
    roots: Roots,
    extra: &[CertificateDer<'static>],
) -> Result<RootCertStore, BuildError> {
    let mut store = RootCertStore::empty();
    for certificate in extra {
        let unusable = "hold an extra root that can't be trusted for TLS";
        store
            .add(certificate.clone())
            .map_err(|source| refused(unusable).with_source(source))?;
    }
    match roots {
        Roots::Bundled => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Roots::ExtraOnly => {}
        Roots::Platform => add_platform(&mut store),
    }
    if store.is_empty() {
        return Err(refused(
            "are empty; install the system's CA certificates, use Roots::Bundled, or add a root",
        ));
    }
    Ok(store)
}

/// Paths at which Unix systems other than Apple's keep their trusted certificates, in one PEM file.
const CERTIFICATE_FILES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Alpine
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",   // older RHEL, Amazon Linux
    "/etc/ssl/ca-bundle.pem",             // openSUSE
    "/etc/ssl/cert.pem",                  // the BSDs
];

/// Adds the certificates of the first file that exists. A broken certificate in the file is skipped, as
/// every TLS stack does.
fn add_platform(store: &mut RootCertStore) {
    use rustls_pki_types::pem::PemObject;

    let mut files = CERTIFICATE_FILES.iter();
    let certificates = files.find_map(|file| CertificateDer::pem_file_iter(file).ok());
    let readable = certificates.into_iter().flatten().filter_map(Result::ok);
    store.add_parsable_certificates(readable);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_roots_are_there() {
        assert!(store(Roots::Bundled, &[]).expect("roots").len() > 50);
    }

    #[test]
    fn says_what_to_do_about_missing_or_broken_roots() {
        let empty = store(Roots::ExtraOnly, &[]).expect_err("refused");
        assert!(empty.to_string().contains("use Roots::Bundled"), "{empty}");
        let broken = extra(&[vec![1, 2, 3]]).expect_err("refused").to_string();
        assert!(
            broken.starts_with("extra root is not usable: this file holds no certificate"),
            "{broken}"
        );
        let key = rcgen::KeyPair::generate().expect("a key").serialize_pem();
        let key = extra(&[key.into_bytes()]).expect_err("refused").to_string();
        let expected = "extra root is not usable: this file holds a private key; give the certificate, which is \
                        public";
        assert_eq!(key, expected);
    }

    #[test]
    fn extra_roots_are_read_from_pem_and_der_one_or_a_bundle() {
        let made = |name: &str| {
            let made = rcgen::generate_simple_self_signed([name.to_owned()]);
            made.expect("a certificate").cert
        };
        let (one, other) = (made("one.example"), made("other.example"));
        let bundle = format!("# ours\n{}{}", one.pem(), other.pem()).into_bytes();
        let both = [one.der().clone(), other.der().clone()];
        assert_eq!(extra(&[bundle]).expect("a bundle"), both);
        let apart = [one.der().to_vec(), other.pem().into_bytes()];
        assert_eq!(extra(&apart).expect("DER and PEM"), both);
        assert_eq!(store(Roots::ExtraOnly, &both).expect("roots").len(), 2);
    }
}
