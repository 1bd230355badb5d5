//! Row G14: passwords that are missing, empty, or two.

use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Keystore, KeystoreError};

use crate::fixtures::{MERCHANT, decrypts};
use crate::keystores::{PASSWORD, file};

fn opens(keystore: Result<Keystore, KeystoreError>, name: &str) {
    let key = keystore.and_then(|it| Ok(it.private_key()?));
    assert!(decrypts(&key.expect(name), MERCHANT), "{name}");
}

#[test]
fn g14_a_null_password_opens_without_a_password_and_with_an_empty_one() {
    for name in ["empty-password.p12", "null-password.p12"] {
        let file = file(&format!("loads/{name}"));
        opens(Keystore::read(&file, None), name);
        opens(Keystore::read(&file, Some(&Password::from(""))), name);
        let wrong = Keystore::read(&file, Some(&Password::from("wrong")));
        assert!(matches!(wrong, Err(KeystoreError::Password(_))), "{name}");
    }
}

#[test]
fn g14_a_key_with_a_password_of_its_own_opens_with_both() {
    let file = file("loads/two-passwords.p12");
    let (store, key) = (Password::from(PASSWORD), Password::from("another"));
    opens(
        Keystore::read_with_key_password(&file, Some(&store), &key),
        "both",
    );
    // A password that isn't needed does no harm.
    let one = crate::keystores::file("loads/openssl-default.p12");
    opens(
        Keystore::read_with_key_password(&one, Some(&store), &key),
        "one",
    );
}

#[test]
fn g14_the_password_that_is_missing_or_wrong_is_named() {
    let file = file("loads/two-passwords.p12");
    let (store, key) = (Password::from(PASSWORD), Password::from("another"));
    let wrong = Password::from("wrong-7");
    let text = |read: Result<Keystore, KeystoreError>| read.expect_err("refused").to_string();

    let missing = Keystore::read(&file, Some(&store));
    assert!(matches!(missing, Err(KeystoreError::KeyPassword(_))));
    assert_eq!(
        text(missing),
        "key password is missing: the private key in this file is encrypted with another password than the \
         file; give that one as well"
    );
    assert_eq!(
        text(Keystore::read_with_key_password(
            &file,
            Some(&store),
            &wrong
        )),
        "key password is wrong, and the file's password doesn't open the private key either"
    );
    assert_eq!(
        text(Keystore::read_with_key_password(&file, None, &key)),
        "password is missing: this file is encrypted; give the one that was set when it was made"
    );
    let shown = text(Keystore::read_with_key_password(&file, Some(&wrong), &key));
    assert!(shown.starts_with("password is wrong"), "{shown}");
}

#[test]
fn an_encrypted_pem_key_opens_with_its_own_password_alone() {
    for name in ["aes-256.pkcs8.pem", "openssl-aes256.pkcs1.pem"] {
        let file = file(&format!("loads/{name}"));
        let key = Password::from(PASSWORD);
        opens(Keystore::read_with_key_password(&file, None, &key), name);
    }
}
