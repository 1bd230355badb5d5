//! The mock's sealed fixtures open to the plaintexts that they claim to contain.

use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::{CredentialsOpener, SealedContent};
use payment_credentials_mock::fixtures::{Fixture, OPENING_KEY_ID, OPENING_KEY_PEM};

#[tokio::test]
async fn each_sealed_fixture_opens_to_its_plaintext() {
    let key = PrivateKey::from_pem(OPENING_KEY_PEM.as_bytes()).expect("a key");
    let key = key.with_key_id(OPENING_KEY_ID.parse().expect("a key id"));
    let opener = JweOpener::new(Keyring::new([key]).expect("a keyring"));
    for fixture in Fixture::ALL {
        let sealed = fixture.sealed();
        let SealedContent::Jwe(jwe) = sealed.content() else {
            panic!("not a JWE")
        };
        let plaintext = opener.open_bytes(jwe).await.expect("opened");
        assert_eq!(
            plaintext.expose(),
            fixture.plaintext().as_bytes(),
            "{fixture:?}"
        );
        let credentials = opener.open(&sealed).await.expect("credentials");
        assert_eq!(
            format!("{credentials:?}"),
            format!("{:?}", fixture.opened())
        );
    }
}
