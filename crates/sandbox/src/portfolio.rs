use std::fmt;
use std::sync::Arc;

use crate::api_keys::{ApiKeys, key_accessors};

/// The portfolio id, unless another is set.
pub(crate) const ID: &str = "sandbox_portfolio";

/// The second merchant that the portfolio may act for, unless others are set.
pub(crate) const SECOND_MERCHANT: &str = "sandbox_merchant_2";

/// The sandbox's own portfolio, whose keys may be used for its merchants (`MetaKey`).
///
/// The keys are made and wiped as those of the [`Merchant`](crate::Merchant) are.
pub struct Portfolio {
    keys: Arc<ApiKeys>,
    merchant_ids: Vec<String>,
}

impl Portfolio {
    pub(crate) const fn new(keys: Arc<ApiKeys>, merchant_ids: Vec<String>) -> Self {
        Self { keys, merchant_ids }
    }

    /// The portfolio id: `sandbox_portfolio`, unless
    /// [`SandboxBuilder::portfolio`](crate::SandboxBuilder::portfolio) sets another.
    #[must_use]
    pub fn id(&self) -> &str {
        self.keys.owner()
    }

    /// The merchants that the portfolio may act for; the first is the sandbox's merchant.
    #[must_use]
    pub fn merchant_ids(&self) -> &[String] {
        &self.merchant_ids
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
