//! The texts for what is of no use where it is found.

use payment_credentials_core::BuildError;

use crate::lengths::Lengths;

/// The text of an error: what the file holds, and the remedy.
macro_rules! text {
    ($holds:literal) => {
        concat!("is not usable: this file holds ", $holds)
    };
    // The last of several.
    ($first:literal, $last:literal) => {
        text!($last)
    };
}

/// Defines what can be found where it is of no use: the text of the error where a private key belongs, that
/// where a certificate belongs, and that where the identity of a TLS client belongs, if it isn't the first.
macro_rules! found {
    ($($name:ident $(($cut:ty))?: $key:literal, $certificate:literal $(, $identity:literal)?;)*) => {
        /// What was found where it is of no use.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Found {
            $($name $(($cut))?),*
        }

        impl Found {
            /// The error where a private key is wanted.
            pub(crate) fn where_a_key_belongs(self) -> BuildError {
                let rule = match self {
                    $(Self::$name { .. } => text!($key)),*
                };
                self.error("private key", rule)
            }

            /// The error where a certificate is wanted.
            pub(crate) fn where_a_certificate_belongs(self) -> BuildError {
                let rule = match self {
                    $(Self::$name { .. } => text!($certificate)),*
                };
                self.error("certificate", rule)
            }

            /// The error where certificate and private key of a TLS client are wanted. The key may be of another
            /// kind than RSA there.
            pub(crate) fn where_an_identity_belongs(self) -> BuildError {
                let rule = match self {
                    $(Self::$name { .. } => text!($key $(, $identity)?)),*
                };
                self.error("client identity", rule)
            }
        }
    };
}

found! {
    Age:
        "a file that age encrypted; decrypt it with `age --decrypt`",
        "a file that age encrypted; decrypt it with `age --decrypt`";
    AnsibleVault:
        "what Ansible Vault encrypted; decrypt it with `ansible-vault decrypt`",
        "what Ansible Vault encrypted; decrypt it with `ansible-vault decrypt`";
    AppleDouble:
        "the attributes that macOS keeps beside a file (`._name`); give the file whose name has no `._` before it",
        "the attributes that macOS keeps beside a file (`._name`); give the file whose name has no `._` before it";
    Base64:
        "base64 that is broken; copy it again, whole",
        "base64 that is broken; copy it again, whole";
    Base64Url:
        "base64 with - and _ for + and /; encode the file again, as `base64 -w0` does",
        "base64 with - and _ for + and /; encode the file again, as `base64 -w0` does";
    BrokenDer:
        "DER that is broken; copy it again, as binary",
        "DER that is broken; copy it again, as binary";
    BrokenJwk:
        "a JWK that is broken; copy it again",
        "a JWK; give a certificate in PEM or DER";
    BrokenPem:
        "PEM that is broken; copy it again, with its line breaks",
        "PEM that is broken; copy it again, with its line breaks";
    Certificate:
        "a certificate; give the private key that belongs to it",
        "a certificate that is not X.509, or is broken; copy it again",
        "a certificate without its private key; give both";
    Crl:
        "a list of revoked certificates; give the file with the private key",
        "a list of revoked certificates; give the file with the certificate",
        "a list of revoked certificates; give certificate and private key";
    Csr:
        "a certificate request; give the private key that was made with it",
        "a certificate request; give the certificate that was issued for it",
        "a certificate request; give the certificate that was issued for it, and its private key";
    CutCertificate(Option<Lengths>):
        "a certificate; give the private key that belongs to it",
        "the beginning of a certificate, and ends too early; copy it again, whole",
        "the beginning of a certificate, and ends too early; copy it again, whole";
    CutKey(Option<Lengths>):
        "the beginning of a private key, and ends too early; copy it again, whole",
        "a private key; give the certificate, which is public";
    CutPkcs12(Option<Lengths>):
        "the beginning of a PKCS#12 file, and ends too early; copy it again, whole",
        "the beginning of a PKCS#12 file, and ends too early; give a certificate in PEM or DER";
    CutPkcs7(Option<Lengths>):
        "PKCS#7, which has no private key; give the PKCS#12 file",
        "the beginning of PKCS#7, and ends too early; copy it again, whole";
    Ec:
        "an EC key; the service takes RSA keys only",
        "a private key; give the certificate, which is public",
        "an EC key as a JWK; give it in PEM, with its certificate";
    DataAddress:
        "a data: address; decode what follows `base64,` in it",
        "a data: address; decode what follows `base64,` in it";
    EncryptedKey:
        "an encrypted private key; read it with `Keystore::read` and its password",
        "a private key; give the certificate, which is public";
    GitLfs:
        "a pointer of Git LFS in place of the file; run `git lfs pull`",
        "a pointer of Git LFS in place of the file; run `git lfs pull`";
    Gzip:
        "a gzip file; unpack it with `gunzip`",
        "a gzip file; unpack it with `gunzip`";
    Hexadecimal:
        "hexadecimal; convert it back with `xxd -r -p` (one with offsets with `xxd -r`)",
        "hexadecimal; convert it back with `xxd -r -p` (one with offsets with `xxd -r`)";
    JavaKeystore:
        "a Java keystore; convert it with `keytool -importkeystore -srckeystore keystore.jks -destkeystore \
         keystore.p12 -deststoretype pkcs12`",
        "a Java keystore; take the certificate out with `keytool -exportcert -rfc -keystore keystore.jks \
         -alias ALIAS -file certificate.pem`";
    JceKeystore:
        "a Java keystore (JCEKS); convert it with `keytool -importkeystore -srckeystore keystore.jceks \
         -srcstoretype jceks -destkeystore keystore.p12 -deststoretype pkcs12`",
        "a Java keystore (JCEKS); take the certificate out with `keytool -exportcert -rfc -keystore \
         keystore.jceks -storetype jceks -alias ALIAS -file certificate.pem`";
    Json:
        "JSON that is neither a JWK nor a JWK set; check the path",
        "JSON; give a certificate in PEM or DER";
    Jwk:
        "a JWK; read it with `Keystore::read`",
        "a private key; give the certificate, which is public";
    JwkWithoutPrimes:
        "a JWK without the primes of its key; export it again with p, q, dp, dq and qi",
        "a private key; give the certificate, which is public";
    Key:
        "DER, not PEM; read it with `from_der`",
        "a private key; give the certificate, which is public";
    Mail:
        "a part of an e-mail, with its headers; save the attachment itself",
        "a part of an e-mail, with its headers; save the attachment itself";
    Manifest:
        "a manifest of Kubernetes; give the value inside of its data, decoded",
        "a manifest of Kubernetes; give the value inside of its data, decoded";
    Nothing:
        "nothing; check the path",
        "nothing; check the path";
    Openssh:
        "a key of OpenSSH; if it is the RSA key whose public half the service has, convert a copy of it with \
         `ssh-keygen -p -m PKCS8 -f key`",
        "an SSH key; give a certificate in PEM or DER",
        "a key of OpenSSH; convert a copy of it with `ssh-keygen -p -m PKCS8 -f key`, and add its certificate";
    OpensslCipher:
        "a private key that is encrypted with another cipher than AES or 3DES; encrypt it again with \
         `openssl pkey -provider legacy -provider default -in key.pem -aes256 -out new.pem`",
        "a private key; give the certificate, which is public";
    OpensslEnc:
        "a file that `openssl enc` encrypted; decrypt it with `openssl enc -d` and the options that it was \
         encrypted with",
        "a file that `openssl enc` encrypted; decrypt it with `openssl enc -d` and the options that it was \
         encrypted with";
    OtherKey:
        "a private key that is not RSA; the service takes RSA keys only",
        "a private key; give the certificate, which is public",
        "a private key that is neither RSA, ECDSA nor Ed25519; give one of these, and its certificate";
    OtherPem:
        "no private key; give the file with the private key",
        "no certificate; give the file with the certificate",
        "neither a certificate nor a private key; give both";
    PemContent:
        "PEM whose lines BEGIN and END don't name what is between them; export it again",
        "PEM whose lines BEGIN and END don't name what is between them; export it again";
    PemLabels:
        "PEM whose lines BEGIN and END name different things; copy one section again, whole",
        "PEM whose lines BEGIN and END name different things; copy one section again, whole";
    PemMarks:
        "PEM whose lines BEGIN and END lack five hyphens on each side, as a word processor changes them; \
         copy it again, as plain text",
        "PEM whose lines BEGIN and END lack five hyphens on each side, as a word processor changes them; \
         copy it again, as plain text";
    Pgp:
        "a PGP key; the service takes RSA keys in PEM, DER, PKCS#12 or a JWK",
        "a PGP key; give a certificate in PEM or DER",
        "a PGP key; give certificate and private key in PKCS#12 or PEM";
    PgpMessage:
        "what PGP encrypted, or a PGP key; decrypt a message with `gpg --decrypt`; of keys, the service \
         takes RSA keys in PEM, DER, PKCS#12 or a JWK",
        "what PGP encrypted, or a PGP key; decrypt a message with `gpg --decrypt`; of certificates, give \
         one in PEM or DER",
        "what PGP encrypted, or a PGP key; decrypt a message with `gpg --decrypt`; of keys, give one with \
         its certificate in PKCS#12 or PEM";
    Pkcs12:
        "PKCS#12; read it with `Keystore::read` and its password",
        "PKCS#12; take the certificate out with `openssl pkcs12 -in keystore.p12 -nokeys -out \
         certificate.pem`";
    Pkcs12OfOldCiphers:
        "PKCS#12; read it with `Keystore::read` and its password",
        "PKCS#12; take the certificate out with `openssl pkcs12 -legacy -in keystore.p12 -nokeys -out \
         certificate.pem` (before OpenSSL 3, without `-legacy`)";
    Pkcs7:
        "PKCS#7, which has no private key; give the PKCS#12 file",
        "PKCS#7 without a certificate, or broken; export the certificate as PEM or DER";
    PublicJwk:
        "the JWK of a public key; give that of the private key, which also has d, p and q",
        "the JWK of a public key; give a certificate in PEM or DER",
        "the JWK of a public key; give the private key, and its certificate";
    PublicKey:
        "a public key; give the private key that belongs to it",
        "a public key; give the certificate that names its owner",
        "a public key; give the private key that belongs to it, and its certificate";
    Putty:
        "a key of PuTTY; if it is the RSA key whose public half the service has, convert it with `puttygen \
         key.ppk -O private-openssh -o key.pem`",
        "an SSH key; give a certificate in PEM or DER",
        "a key of PuTTY; convert it with `puttygen key.ppk -O private-openssh -o key.pem`, and add its \
         certificate";
    Printed:
        "bytes as a program prints them (a Buffer of Node, or bytes of Python); write the bytes themselves",
        "bytes as a program prints them (a Buffer of Node, or bytes of Python); write the bytes themselves";
    Rewritten:
        "PKCS#12 or DER that a tool rewrote as text; copy the file again as binary, and keep *.p12 out of Maven's \
         filtering, and of whatever else reads it as text",
        "DER that a tool rewrote as text; copy the file again as binary, and keep it out of Maven's \
         filtering, and of whatever else reads it as text";
    SecretJwk:
        "the JWK of a shared secret; the service takes RSA keys only",
        "the JWK of a shared secret; give a certificate in PEM or DER",
        "the JWK of a shared secret; give the private key of the client's certificate, and that certificate";
    Sops:
        "what sops encrypted; decrypt it with `sops decrypt`",
        "what sops encrypted; decrypt it with `sops decrypt`";
    Ssh:
        "an SSH key; give the RSA key whose public half the service has",
        "an SSH key; give a certificate in PEM or DER",
        "an SSH key; give the private key of the client's certificate, and that certificate";
    Tar:
        "a tar archive; give the file inside of it",
        "a tar archive; give the file inside of it";
    TooLong:
        "over 1 MiB; check that it is the right file",
        "over 1 MiB; check that it is the right file";
    Unknown:
        "no key; it should be PKCS#12, DER or a JWK, or begin with `-----BEGIN PRIVATE KEY-----` or \
         `-----BEGIN RSA PRIVATE KEY-----`",
        "no certificate; it should be X.509 in DER, or begin with `-----BEGIN CERTIFICATE-----`",
        "neither a key nor a certificate; it should be PKCS#12, or PEM with `-----BEGIN CERTIFICATE-----` and \
         `-----BEGIN PRIVATE KEY-----`";
    WebPage:
        "a web page; download the file again, and look at what comes",
        "a web page; download the file again, and look at what comes";
    Xml:
        "XML; export the key in PEM (in .NET by `ExportPkcs8PrivateKeyPem`)",
        "XML; give a certificate in PEM or DER";
    Zip:
        "a ZIP archive; give the file inside of it",
        "a ZIP archive; give the file inside of it";
}

impl Found {
    /// Whether it ends before it should.
    pub(crate) fn is_cut(self) -> bool {
        matches!(
            self,
            Self::CutCertificate(_) | Self::CutKey(_) | Self::CutPkcs12(_) | Self::CutPkcs7(_)
        )
    }

    fn error(self, setting: &'static str, rule: &'static str) -> BuildError {
        let error = BuildError::new(setting, rule);
        if let Self::CutCertificate(Some(lengths))
        | Self::CutKey(Some(lengths))
        | Self::CutPkcs12(Some(lengths))
        | Self::CutPkcs7(Some(lengths)) = self
        {
            return error.with_source(lengths);
        }
        error
    }
}
