use std::fmt;
use std::sync::Arc;

use crate::api_keys::{ApiKeys, key_accessors};
use crate::merchant;

/// The portfolio id, the same at every start.
pub(crate) const ID: &str = "sandbox_portfolio";

/// The merchants that the portfolio may act for.
pub(crate) const MERCHANT_IDS: [&str; 2] = [merchant::ID, "sandbox_merchant_2"];

/// The sandbox's own portfolio, whose keys may be used for its merchants (`MetaKey`).
///
/// The keys are made and wiped as those of the [`Merchant`](crate::Merchant) are.
pub struct Portfolio {
    keys: Arc<ApiKeys>,
}

impl Portfolio {
    pub(crate) const fn new(keys: Arc<ApiKeys>) -> Self {
        Self { keys }
    }

    /// The portfolio id.
    #[must_use]
    pub const fn id(&self) -> &str {
        ID
    }

    /// The merchants that the portfolio may act for; the first is the sandbox's merchant.
    #[must_use]
    pub const fn merchant_ids(&self) -> &[&str] {
        &MERCHANT_IDS
    }

    key_accessors!("portfolio");
}

impl fmt::Debug for Portfolio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portfolio")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
