use std::path::PathBuf;

use crate::error::{StartError, Step};
use crate::merchant;
use crate::policy::Authentication;
use crate::portfolio;

/// Characters of the longest merchant or portfolio id.
const MAX_ID: usize = 50;

/// Starts a sandbox with a port, ids or keys of its own, or with a folder that keeps them.
///
/// ```
/// use payment_credentials_sandbox::{Authentication, Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder(Authentication::strict())
///     .merchant_id("acme_shop")
///     .portfolio("acme_group", &["acme_outlet"])
///     .start_blocking()?;
/// assert_eq!(sandbox.merchant().id(), "acme_shop");
/// assert_eq!(sandbox.portfolio().merchant_ids(), ["acme_shop", "acme_outlet"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct SandboxBuilder {
    pub(crate) authentication: Authentication,
    pub(crate) port: u16,
    pub(crate) proxy_port: Option<u16>,
    pub(crate) are_keys_fresh: bool,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) merchant: Option<String>,
    pub(crate) portfolio: Option<String>,
    pub(crate) others: Vec<String>,
}

impl SandboxBuilder {
    pub(crate) fn new(authentication: Authentication) -> Self {
        Self {
            authentication,
            port: 0,
            proxy_port: None,
            are_keys_fresh: false,
            folder: None,
            merchant: None,
            portfolio: None,
            others: vec![portfolio::SECOND_MERCHANT.to_owned()],
        }
    }

    /// Listens on this port of 127.0.0.1. The default is a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts a proxy too, on this port of 127.0.0.1, or on a free one if it is 0.
    ///
    /// Several of the vendor's SDKs can only be pointed at the vendor's hosts, but take an HTTP proxy. This one
    /// connects (`CONNECT`) the vendor's host names, on port 443, to the sandbox, and refuses all else. In the
    /// record, the [`peer`](crate::ReceivedRequest::peer) of what comes through it is the proxy. See
    /// [`Sandbox::proxy_address`](crate::Sandbox::proxy_address).
    pub fn proxy_port(mut self, port: u16) -> Self {
        self.proxy_port = Some(port);
        self
    }

    /// Makes new RSA keys for this sandbox, which takes some 100 ms for each key that is used.
    ///
    /// By default, the sandboxes of a process share their RSA keys, so that only the first waits for them. Ids,
    /// secrets and the root certificate are each sandbox's own. With a [`folder`](Self::folder) this changes nothing:
    /// the keys are those of the folder.
    pub fn fresh_keys(mut self) -> Self {
        self.are_keys_fresh = true;
        self
    }

    /// Keeps keys, certificates, ids and secrets in this folder, so that they are the same after a restart.
    ///
    /// The folder is made if there is none, for its owner alone (0700), and what is in it too (0600). The first
    /// start makes all keys, which takes about two seconds. The record isn't kept. While a sandbox uses the folder, no
    /// other can.
    ///
    /// A root that outlives the process is constrained by name (RFC 5280 §4.2.1.10): it is good for the
    /// vendor's *test* hosts, `localhost` and loopback addresses alone, and so is the server's certificate. The
    /// root's own key is not kept. **Even so, never add the root to a system's or a browser's trust store:**
    /// give it to the one client that is tried out, in its own configuration. Whoever can read the folder could
    /// otherwise be the vendor's test host to every program of the machine.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Sets the merchant id. The default is `sandbox_merchant`, or that of the folder.
    pub fn merchant_id(mut self, merchant_id: &str) -> Self {
        self.merchant = Some(merchant_id.to_owned());
        self
    }

    /// Sets the portfolio id, and the merchants that the portfolio may act for beside the sandbox's own.
    ///
    /// The defaults are `sandbox_portfolio`, or that of the folder, and `sandbox_merchant_2`.
    /// [`Policy::with_relation`](crate::Policy::with_relation) relates merchants whose keys the policy enrols.
    pub fn portfolio(mut self, portfolio_id: &str, merchant_ids: &[&str]) -> Self {
        self.portfolio = Some(portfolio_id.to_owned());
        self.others = merchant_ids.iter().map(|&id| id.to_owned()).collect();
        self
    }

    /// The settings, if the ids are valid.
    pub(crate) fn validated(self) -> Result<Self, StartError> {
        if self.port != 0 && self.proxy_port == Some(self.port) {
            let rule = "port and proxy_port are the same";
            return Err(StartError::new(Step::PortTaken(self.port), rule));
        }
        let given = [&self.merchant, &self.portfolio].into_iter().flatten();
        let all_valid = given.chain(&self.others).all(|id| is_valid(id));
        let merchant = self.merchant.as_deref().unwrap_or(merchant::ID);
        let portfolio = self.portfolio.as_deref().unwrap_or(portfolio::ID);
        if all_valid && merchant != portfolio {
            return Ok(self);
        }
        let rule = "ids are 1 to 50 letters, digits, _, - or ., and merchant and portfolio differ";
        Err(StartError::new(Step::Ids, rule))
    }
}

fn is_valid(id: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(letter)
}
