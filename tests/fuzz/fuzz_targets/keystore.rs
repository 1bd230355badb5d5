//! A key file's content through all stages: PKCS#12, PEM, DER, certificates, key import.
#![no_main]

use libfuzzer_sys::fuzz_target;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::Keystore;

fuzz_target!(|file: &[u8]| {
    let password = Password::from("testpass");
    let keystore = match Keystore::read(file, Some(&password)) {
        Ok(keystore) => keystore,
        Err(error) => {
            assert!(error.to_string().is_ascii());
            assert!(!format!("{error:?}").contains("testpass"));
            return;
        }
    };
    for certificate in keystore.certificates() {
        assert!(certificate.subject().len() <= 256);
        assert!(
            certificate
                .subject()
                .bytes()
                .all(|byte| (b' '..=b'~').contains(&byte))
        );
        let _ = (
            certificate.key_id(),
            certificate.not_before(),
            certificate.not_after(),
        );
        let _ = certificate
            .common_name()
            .map(|name| keystore.signing_identity(name));
    }
    if let Ok(key) = keystore.signing_key() {
        assert!((2048..=8192).contains(&key.bits()));
    }
    let _ = (format!("{keystore:?}"), keystore.private_key());
});
