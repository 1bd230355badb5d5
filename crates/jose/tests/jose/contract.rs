//! The opener's contract, with a key in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use payment_credentials_contract::Verdict;
use payment_credentials_contract::opener::{
    self, KeyUses, NOT_CREDENTIALS, Scenario, Stage, Staged,
};
use payment_credentials_jose::{
    ContentKey, JweOpener, KeyUnwrap, Keyring, UnwrapError, WrappedKey,
};

use crate::fixtures::{MERCHANT, MERCHANT_NEXT, keyring, kid, named_key, sealed};
use crate::sealer::Sealer;

/// A keyring that counts the uses of its key and can be unreachable.
#[derive(Debug)]
struct Watched {
    keys: Keyring,
    uses: AtomicUsize,
    is_down: bool,
}

#[async_trait]
impl KeyUnwrap for Watched {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        if self.is_down {
            return Err(UnwrapError::Unavailable("no route to the HSM".into()));
        }
        let unwrapped = self.keys.unwrap_key(wrapped).await;
        // A keyring without such a key refuses the JWE without using any key.
        if !matches!(unwrapped, Err(UnwrapError::Jwe(_))) {
            self.uses.fetch_add(1, Ordering::SeqCst);
        }
        unwrapped
    }
}

impl KeyUses for Watched {
    fn count(&self) -> usize {
        self.uses.load(Ordering::SeqCst)
    }
}

struct JweStage;

#[async_trait]
impl Stage for JweStage {
    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        let sealer = match scenario {
            Scenario::KeyServiceDown | Scenario::Opens | Scenario::ReadsHeaders => Sealer::good(),
            Scenario::NotCredentials => Sealer {
                plaintext: NOT_CREDENTIALS.into(),
                ..Sealer::good()
            },
            Scenario::OtherKey => Sealer::with_kid(MERCHANT_NEXT, kid(MERCHANT).as_str()),
            _ => return None,
        };
        let keys = Arc::new(Watched {
            keys: keyring([named_key(MERCHANT)]),
            uses: AtomicUsize::new(0),
            is_down: scenario == Scenario::KeyServiceDown,
        });
        let opener = Arc::new(JweOpener::new(Arc::clone(&keys)));
        Some(Staged::new(opener, sealed(sealer.jwe()), keys))
    }
}

#[test]
fn the_opener_keeps_every_clause() {
    let report = pollster::block_on(opener::run(&JweStage));
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 4, "{report}");
}
