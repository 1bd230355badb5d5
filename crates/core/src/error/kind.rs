use std::fmt;

use super::{Refusal, UnexpectedResponse};

/// What failed, classified by what a caller can do about it.
///
#[doc = include_str!("decisions.md")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PortErrorKind {
    /// No connection: the name wasn't found, the connection was refused, or it broke while connecting. Nothing
    /// was sent. If a proxy is configured, the fault may be the proxy's, such as a rejected password: then the
    /// cause says "the proxy".
    Connect,
    /// The call ran out of time; [`PortError::phase`](crate::PortError::phase) returns the phase in which.
    Deadline,
    /// The JWE doesn't open with the configured key. The error deliberately holds no detail: which
    /// cryptographic step failed is kept secret (RFC 7516 §11.5).
    Decrypt,
    /// The response isn't valid HTTP, or it ended early.
    Framing,
    /// The response's JWE isn't acceptable: its shape, its algorithms or its key id.
    Jwe,
    /// A key couldn't be used: its service (KMS, HSM, signer), the offload or the source of randomness
    /// failed.
    KeyService,
    /// The JWE opened, but its plaintext isn't payment credentials.
    Payload,
    /// The service answered with a refusal.
    Refused(Refusal),
    /// The port doesn't allow the caller's request. The [`Gateway`](crate::Gateway) never reports this
    /// kind, since every [`CredentialsRequest`](crate::CredentialsRequest) is valid: the kind is for ports
    /// that allow less.
    Request,
    /// The connection was closed or reset before a response came: `NotSent` if that was before the first byte
    /// of the request left, otherwise `Unknown`.
    Reset,
    /// This program isn't set up to make the call: there is no tokio runtime, the keys can't act for the
    /// merchant, or a certificate has expired. The cause names what to correct. Nothing was sent,
    /// unless it is the opening of a response that can't be done here.
    Setup,
    /// TLS failed with the service, or with a proxy that is reached by TLS: the certificate, name, version or
    /// handshake. Usually nothing was sent. But a service that wants a client certificate may reject it only
    /// after the request was sent: then the delivery is `Unknown`.
    Tls,
    /// A whole response that isn't of the expected form.
    Unexpected(UnexpectedResponse),
}

impl PortErrorKind {
    /// This page's table of what to do, with the text around it, in Markdown: for programs that explain errors.
    ///
    /// A row begins with `| ` and the kind's [`name`](Self::name) in backticks.
    pub const DECISIONS: &str = include_str!("decisions.md");

    /// Every kind in this release of the crate, for example for the panels of a dashboard.
    ///
    /// ```
    /// use payment_credentials_core::PortErrorKind;
    ///
    /// let words: Vec<_> = PortErrorKind::all().map(PortErrorKind::name).collect();
    /// assert!(words.contains(&"refused_throttled"));
    /// ```
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Connect,
            Self::Deadline,
            Self::Decrypt,
            Self::Framing,
            Self::Jwe,
            Self::KeyService,
            Self::Payload,
            Self::Request,
            Self::Reset,
            Self::Setup,
            Self::Tls,
        ];
        let refused = Refusal::ALL.iter().copied().map(Self::Refused);
        let unexpected = UnexpectedResponse::ALL.iter().copied();
        plain
            .into_iter()
            .chain(refused)
            .chain(unexpected.map(Self::Unexpected))
    }

    /// One word for metrics, logs and dashboards, from a fixed list, such as `refused_throttled`.
    ///
    /// To change a word is a breaking change.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Deadline => "deadline",
            Self::Decrypt => "decrypt",
            Self::Framing => "framing",
            Self::Jwe => "jwe",
            Self::KeyService => "key_service",
            Self::Payload => "payload",
            Self::Refused(refusal) => refusal.name(),
            Self::Request => "request",
            Self::Reset => "reset",
            Self::Setup => "setup",
            Self::Tls => "tls",
            Self::Unexpected(unexpected) => unexpected.name(),
        }
    }
}

impl fmt::Display for PortErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Connect => "no connection to the service",
            Self::Deadline => "the time for the call ran out",
            Self::Decrypt => "the JWE does not open with the configured key",
            Self::Framing => "the response is not valid HTTP or ended early",
            Self::Jwe => "the response's JWE is not acceptable: see the cause",
            Self::KeyService => {
                "a key couldn't be used (its service, thread or randomness failed): see the cause"
            }
            Self::Payload => "the opened JWE does not hold payment credentials",
            Self::Refused(refusal) => return refusal.fmt(f),
            Self::Request => "this port doesn't allow the request: see the cause",
            Self::Reset => "the connection was closed before a response came",
            Self::Setup => "this program is not set up to make the call: see the cause",
            Self::Tls => "no TLS connection to the service",
            Self::Unexpected(unexpected) => return unexpected.fmt(f),
        };
        f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Delivery, Phase, Repeatability};

    /// An operator reads in the row which team to page, and on the same page what that team owns.
    #[test]
    fn each_row_that_can_end_in_a_page_names_a_team_of_the_list() {
        const PAGE: &str = include_str!("decisions.md");
        let names = |line: &'static str| line.strip_prefix("- **")?.split_once("**: ");
        let teams = PAGE.split_once("The teams of").expect("a list").1;
        let teams: Vec<_> = teams
            .lines()
            .filter_map(names)
            .map(|(team, _)| team)
            .collect();
        assert_eq!(
            teams,
            ["network", "keys", "account", "security", "programmers"]
        );
        let rows: Vec<_> = PAGE
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        for row in &rows {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let [_, _, _, _, what_to_do, team, _, _] = cells[..] else {
                panic!("six cells: {row}");
            };
            let asks_the_payer = what_to_do == "ask for the card";
            assert_eq!(team.is_empty(), asks_the_payer, "{row}");
            assert!(team.is_empty() || teams.contains(&team), "{row}");
        }
        assert!(rows.len() > PortErrorKind::all().count());
    }

    #[test]
    fn a_name_is_the_variant_in_lower_case() {
        #[track_caller]
        fn check(name: &str, value: impl fmt::Debug) {
            let letters = |text: &str| text.replace(['(', ')', '_'], "").to_lowercase();
            assert_eq!(letters(name), letters(&format!("{value:?}")));
        }
        for phase in Phase::ALL {
            check(phase.name(), phase);
        }
        for delivery in Delivery::ALL {
            check(delivery.name(), delivery);
        }
        for repeatability in Repeatability::ALL {
            check(repeatability.name(), repeatability);
        }
        for kind in PortErrorKind::all() {
            check(kind.name(), kind);
        }
    }
}
