//! Keys in an external key service: what a [`KeyUnwrap`] returns, and how the opener reports that.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::{KeyPurpose, PortErrorKind, Repeatability};
use payment_credentials_jose::{
    ContentKey, JweOpener, KeyAlgorithm, KeyUnwrap, UnwrapError, WrappedKey,
};
use zeroize::Zeroizing;

use crate::fixtures::{Counting, MERCHANT, MERCHANT_NEXT, kid, open, seen};
use crate::sealer::{Parts, Sealer};

/// A key service that always returns the same result.
#[derive(Debug)]
struct Service(fn(&WrappedKey) -> Result<ContentKey, UnwrapError>);

#[async_trait]
impl KeyUnwrap for Service {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        (self.0)(wrapped)
    }
}

fn content_key(bytes: Vec<u8>) -> Result<ContentKey, UnwrapError> {
    ContentKey::new(Zeroizing::new(bytes))
}

#[test]
fn a_key_elsewhere_opens() {
    let service: Arc<dyn KeyUnwrap> = Arc::new(Service(|wrapped| {
        let is_ours = kid(MERCHANT).names(wrapped.kid().expect("a kid"));
        assert_eq!(wrapped.algorithm(), KeyAlgorithm::RsaOaep256);
        assert_eq!(wrapped.purpose(), KeyPurpose::OpenCredentials);
        assert!(is_ours && wrapped.encrypted_key().len() == 256);
        content_key(vec![0x5a; 32])
    }));
    assert!(open(&JweOpener::new(service), Sealer::good().jwe()).is_ok());
}

#[test]
fn every_wrong_answer_fails_alike() {
    let failure = |service: Service| {
        let error = open(&JweOpener::new(service), Sealer::good().jwe()).expect_err("no key");
        assert_eq!(error.kind(), PortErrorKind::Decrypt);
        assert_eq!(error.repeatability(), Repeatability::Never);
        seen(&error)
    };
    let failed = failure(Service(|_| Err(UnwrapError::Failed)));
    assert_eq!(failure(Service(|_| content_key(vec![1; 32]))), failed);
    assert_eq!(failure(Service(|_| content_key(Vec::new()))), failed);
    assert_eq!(failure(Service(|_| content_key(vec![0x5a; 33]))), failed);
    assert_eq!(failure(Service(|_| content_key(vec![0x5a; 16]))), failed);
    assert_eq!(failure(Service(|_| content_key(vec![0x5a; 31]))), failed);
}

#[test]
fn a_content_key_has_16_or_32_bytes() {
    for length in [0, 1, 15, 17, 24, 31, 33, 64] {
        assert!(matches!(
            content_key(vec![0x5a; length]),
            Err(UnwrapError::Failed)
        ));
    }
    assert!(content_key(vec![0x5a; 16]).is_ok());
    assert!(content_key(vec![0x5a; 32]).is_ok());
}

#[test]
fn a_failing_service_says_whether_to_try_again() {
    for (service, retry) in [
        (
            Service(|_| Err(UnwrapError::Denied("no".into()))),
            Repeatability::Never,
        ),
        (
            Service(|_| Err(UnwrapError::Unavailable("no".into()))),
            Repeatability::MayRepeat,
        ),
    ] {
        let error = open(&JweOpener::new(service), Sealer::good().jwe()).expect_err("no key");
        assert_eq!(error.kind(), PortErrorKind::KeyService);
        assert_eq!(error.repeatability(), retry);
        assert_eq!(error.source().expect("a cause").to_string(), "no");
        seen(&error);
    }
}

#[test]
fn a_service_can_have_no_such_key() {
    let service = Service(|wrapped| Err(wrapped.not_configured([&kid(MERCHANT_NEXT)])));
    let error = open(&JweOpener::new(service), Sealer::good().jwe()).expect_err("no key");
    assert_eq!(error.kind(), PortErrorKind::Jwe);
    for kid in [kid(MERCHANT), kid(MERCHANT_NEXT)] {
        assert!(seen(&error).contains(kid.as_str()));
    }
}

#[test]
fn a_service_is_asked_once_and_never_for_a_bad_shape() {
    let keys = Arc::new(Counting::new(Service(|_| Err(UnwrapError::Failed))));
    let opener = JweOpener::new(Arc::clone(&keys));
    let good = Sealer::good().seal();
    for bad in [
        good.clone().with(Parts::HEADER, b"{}".as_slice()),
        good.clone().with(Parts::IV, [7; 16]),
        good.clone().with(Parts::TAG, [7; 12]),
        good.clone().with(Parts::ENCRYPTED_KEY, [7; 255]),
    ] {
        let error = open(&opener, bad.jwe()).expect_err("refused");
        assert_eq!(error.kind(), PortErrorKind::Jwe);
    }
    assert_eq!(keys.asked(), 0);
    assert!(open(&opener, good.jwe()).is_err());
    assert_eq!(keys.asked(), 1);
}
