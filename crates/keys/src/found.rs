//! The texts for what is of no use where it is found.

/// Defines what can be found where it is of no use: the text of the error where a private key belongs, and
/// that where a certificate belongs.
macro_rules! found {
    ($($name:ident: $key:literal, $certificate:literal;)*) => {
        /// What was found where it is of no use.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Found {
            $($name),*
        }

        impl Found {
            /// The text of the error where a private key is wanted.
            pub(crate) fn where_a_key_belongs(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("is not usable: this file holds ", $key)),*
                }
            }

            /// The text of the error where a certificate is wanted.
            pub(crate) fn where_a_certificate_belongs(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("is not usable: this file holds ", $certificate)),*
                }
            }
        }
    };
}

found! {
    Base64:
        "base64 of something unknown; give the file that was encoded, or decode it first",
        "base64 of something unknown; give the file that was encoded, or decode it first";
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
        "a certificate that is not X.509, or is broken; copy it again";
    Csr:
        "a certificate request; give the private key that was made with it",
        "a certificate request; give the certificate that was issued for it";
    Ec:
        "an EC key; the service takes RSA keys only",
        "a private key; give the certificate, which is public";
    EncryptedKey:
        "an encrypted private key; read it with `Keystore::read` and its password",
        "a private key; give the certificate, which is public";
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
    Nothing:
        "nothing; check the path",
        "nothing; check the path";
    OpensslCipher:
        "a private key that is encrypted with another cipher than AES or 3DES; encrypt it again with \
         `openssl rsa -provider legacy -provider default -in key.pem -aes256 -out new.pem`",
        "a private key; give the certificate, which is public";
    OtherKey:
        "a private key that is not RSA; the service takes RSA keys only",
        "a private key; give the certificate, which is public";
    OtherPem:
        "no private key; give the file with the private key",
        "no certificate; give the file with the certificate";
    Pkcs12:
        "PKCS#12; read it with `Keystore::read` and its password",
        "PKCS#12; take the certificate out with `openssl pkcs12 -in keystore.p12 -nokeys -out \
         certificate.pem`";
    Pkcs7:
        "PKCS#7, which has no private key; give the PKCS#12 file",
        "PKCS#7 without a certificate, or broken; export the certificate as PEM or DER";
    PublicJwk:
        "the JWK of a public key; give that of the private key, which also has d, p and q",
        "the JWK of a public key; give a certificate in PEM or DER";
    PublicKey:
        "a public key; give the private key that belongs to it",
        "a public key; give the certificate that names its owner";
    SecretJwk:
        "the JWK of a shared secret; the service takes RSA keys only",
        "the JWK of a shared secret; give a certificate in PEM or DER";
    Ssh:
        "an SSH key; give the RSA key whose public half the service has",
        "an SSH key; give a certificate in PEM or DER";
    TooLong:
        "over 1 MiB; check that it is the right file",
        "over 1 MiB; check that it is the right file";
    Unknown:
        "no key; it should be PKCS#12, DER or a JWK, or begin with `-----BEGIN PRIVATE KEY-----` or \
         `-----BEGIN RSA PRIVATE KEY-----`",
        "no certificate; it should be X.509 in DER, or begin with `-----BEGIN CERTIFICATE-----`";
}
