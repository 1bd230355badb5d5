//! The token ids of the sandbox's vault, each with a response of its own.
//!
//! [`ENTRIES`] lists them all. Other token ids get the response of [`NOT_FOUND`], with a message that the
//! vault doesn't list them. Three ids, and the card numbers behind them, are the vendor's published
//! examples, except for the expiry dates: the published ones will be in the past. All other ids begin
//! with `7E57C0DE`. Only the two ids of the vendor's guide can be mistaken for card numbers.
//!
//! Where an entry has a network token, the request determines what accompanies it, as in the vendor's
//! `OpenAPI` document and the TMS developer guide:
//!
//! | `paymentCredentialType` | Visa | Mastercard | American Express |
//! |---|---|---|---|
//! | absent | cryptogram | cryptogram | security code, 4 digits |
//! | `NETWORK_TOKEN` | number and expiry | number and expiry | number and expiry |
//! | `CRYPTOGRAM` | cryptogram | cryptogram | 400 `invalidCombination` |
//! | `SECURITY_CODE` | v3: DTVV, 3 digits; v2: 400 | dynamic code, 3 digits | security code, 4 digits |
//!
//! `transactionType` `AFT` without a Visa card or without `CRYPTOGRAM` is a 400 `invalidCombination`.

use std::fmt;

use crate::error_response::Documented;
use crate::faults::{Fault, FaultPhase, FaultRule, Match};
use crate::masking::shown;
use crate::plan::{Brand, Plan};
use crate::version::Version;

/// A token id that the vault lists.
///
/// `Debug` masks an id that looks like a card number.
#[derive(Clone, Copy)]
pub struct Entry {
    id: &'static str,
    description: &'static str,
    plan: Plan,
    /// The phase in which the response breaks, and the fault.
    fault: Option<(FaultPhase, Fault)>,
}

impl Entry {
    /// The token id.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The response, in one line.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// The status of the response to a faultless v2 request; `None` if there is no response.
    ///
    /// v3 has another status for [`CARD_ONLY_MASKED`] and [`CARD_ONLY_FULL`] only.
    #[must_use]
    pub const fn status_v2(&self) -> Option<u16> {
        self.status(Version::V2)
    }

    /// The status of the response to a faultless v3 request; `None` if there is no response.
    #[must_use]
    pub const fn status_v3(&self) -> Option<u16> {
        self.status(Version::V3)
    }

    const fn status(&self, version: Version) -> Option<u16> {
        let sound = self.plan.status(version);
        match self.fault {
            Some((_, fault)) => fault.status(sound),
            None => Some(sound),
        }
    }

    fn rule(&self) -> Option<FaultRule> {
        let (phase, fault) = self.fault?;
        let on = Match::token_id(self.id);
        Some(FaultRule::at(phase).on(on).fault(fault))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &shown(self.id))
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

/// The plan for a token id.
pub(crate) fn plan(token_id: &str) -> Plan {
    ENTRIES
        .iter()
        .find(|entry| entry.id == token_id)
        .map_or(Plan::Refuse(Documented::UNLISTED), |entry| entry.plan)
}

/// The fault rules of all rows that have a fault.
pub(crate) fn rules() -> Vec<FaultRule> {
    ENTRIES.iter().filter_map(Entry::rule).collect()
}

/// Writes each id as a documented constant, and [`ENTRIES`] as the list of them.
///
/// A row is all that a token id needs: its name, id and description, the response, and, where that
/// breaks, the phase and the fault.
macro_rules! entries {
    (@fault $phase:ident $fault:expr) => { Some((FaultPhase::$phase, $fault)) };
    (@fault) => { None };
    ($(
        $name:ident = $id:literal: $description:literal
            => $plan:expr $(, broken in $phase:ident by $fault:expr)?;
    )+) => {
        $(
            #[doc = $description]
            pub const $name: &str = $id;
        )+

        /// Every token id of this module, in the order in which the module lists them.
        pub const ENTRIES: &[Entry] = &[
            $(Entry {
                id: $name,
                description: $description,
                plan: $plan,
                fault: entries!(@fault $($phase $fault)?),
            },)+
        ];
    };
}

entries! {
    VISA = "47CA8267360FD3EAE063AF598E0A5792":
        "Visa network token with a cryptogram; the example of the vendor's v3 `OpenAPI` document."
        => Plan::NetworkToken(Brand::Visa);
    VISA_GUIDE_7010 = "7010000000016241111":
        "Visa network token with a cryptogram; a 19-digit id published by the vendor."
        => Plan::NetworkToken(Brand::Visa);
    VISA_GUIDE_7040 = "7040890000006625091":
        "Visa network token with a cryptogram; the 19-digit id of the TMS developer guide."
        => Plan::NetworkToken(Brand::Visa);
    MASTERCARD = "7E57C0DEFACE0000CAFE0000BEEF0002":
        "Mastercard network token with a cryptogram."
        => Plan::NetworkToken(Brand::Mastercard);
    AMERICAN_EXPRESS = "7E57C0DEFACE0000CAFE0000BEEF0003":
        "American Express network token with a four-digit security code instead of a cryptogram."
        => Plan::NetworkToken(Brand::AmericanExpress);

    CARD_ONLY_MASKED = "7E57C0DEFACE0000CAFE0000BEEF0011":
        "No network token: v3 returns the card with its number masked; v2, which has no such response, 404."
        => Plan::Card { masked: true };
    CARD_ONLY_FULL = "7E57C0DEFACE0000CAFE0000BEEF0012":
        "No network token: v3 returns the card with its full number; v2, which has no such response, 404."
        => Plan::Card { masked: false };

    SUSPENDED = "7E57C0DEFACE0000CAFE0000BEEF0021":
        "The network token is `SUSPENDED`: 201 without number or cryptogram."
        => Plan::Inactive { state: "SUSPENDED", reason: None };
    DELETED = "7E57C0DEFACE0000CAFE0000BEEF0022":
        "The network token is `DELETED`: 201 without number or cryptogram."
        => Plan::Inactive { state: "DELETED", reason: None };
    EXPIRED = "7E57C0DEFACE0000CAFE0000BEEF0023":
        "The network token is `EXPIRED`, a state that only the guide names: 201 without number or cryptogram."
        => Plan::Inactive { state: "EXPIRED", reason: None };
    UNPROVISIONED_CARD_NOT_ELIGIBLE = "7E57C0DEFACE0000CAFE0000BEEF0031":
        "The network token is `UNPROVISIONED`, in v3 with the reason `CARD_NOT_ELIGIBLE`."
        => unprovisioned("CARD_NOT_ELIGIBLE");
    UNPROVISIONED_CARD_NOT_ALLOWED = "7E57C0DEFACE0000CAFE0000BEEF0032":
        "The network token is `UNPROVISIONED`, in v3 with the reason `CARD_NOT_ALLOWED`."
        => unprovisioned("CARD_NOT_ALLOWED");
    UNPROVISIONED_CARD_VERIFICATION_FAILED = "7E57C0DEFACE0000CAFE0000BEEF0033":
        "The network token is `UNPROVISIONED`, in v3 with the reason `CARD_VERIFICATION_FAILED`."
        => unprovisioned("CARD_VERIFICATION_FAILED");
    UNPROVISIONED_DECLINED = "7E57C0DEFACE0000CAFE0000BEEF0034":
        "The network token is `UNPROVISIONED`, in v3 with the reason `DECLINED`."
        => unprovisioned("DECLINED");
    UNPROVISIONED_SERVICE_UNAVAILABLE = "7E57C0DEFACE0000CAFE0000BEEF0035":
        "The network token is `UNPROVISIONED`, in v3 with the reason `SERVICE_UNAVAILABLE`."
        => unprovisioned("SERVICE_UNAVAILABLE");
    UNPROVISIONED_SYSTEM_ERROR = "7E57C0DEFACE0000CAFE0000BEEF0036":
        "The network token is `UNPROVISIONED`, in v3 with the reason `SYSTEM_ERROR`."
        => unprovisioned("SYSTEM_ERROR");
    UNPROVISIONED_INVALID_REQUEST = "7E57C0DEFACE0000CAFE0000BEEF0037":
        "The network token is `UNPROVISIONED`, in v3 with the reason `INVALID_REQUEST`."
        => unprovisioned("INVALID_REQUEST");

    BAD_REQUEST = "7E57C0DEFACE0000CAFE0000BEEF0400":
        "400 `invalidRequest`, the documented example."
        => refuse(400, "invalidRequest", "Invalid HTTP Body");
    DECLINED = "7E57C0DEFACE0000CAFE0000BEEF4031":
        "403 `declined`."
        => refuse(403, "declined", "Request declined");
    FORBIDDEN = "7E57C0DEFACE0000CAFE0000BEEF0403":
        "403 `forbidden`."
        => refuse(403, "forbidden", "Request not permitted");
    NOT_FOUND = "7E57C0DEFACE0000CAFE0000BEEF0404":
        "404 `notFound`: no such token id."
        => refuse(404, "notFound", "Token not found");
    GONE = "7E57C0DEFACE0000CAFE0000BEEF0410":
        "410 `notAvailable`."
        => refuse(410, "notAvailable", "Token not available.");
    PROFILE = "7E57C0DEFACE0000CAFE0000BEEF0424":
        "424 `notFound`: no such profile, for any `profile-id`."
        => Plan::Refuse(Documented::PROFILE);
    TOO_MANY_REQUESTS = "7E57C0DEFACE0000CAFE0000BEEF0429":
        "429 with `Retry-After: 2`; the vendor documents neither status nor body."
        => Plan::Refuse(Documented::new(429, "tooManyRequests", "Too many requests").with_retry_after(2));
    INTERNAL_ERROR = "7E57C0DEFACE0000CAFE0000BEEF0500":
        "500 `internalError`."
        => refuse(500, "internalError", "Internal error");
    BAD_GATEWAY = "7E57C0DEFACE0000CAFE0000BEEF0502":
        "502 `badGateway`: the network token service behind TMS can't be reached."
        => refuse(502, "badGateway", "Network token service unavailable");
    SERVICE_UNAVAILABLE = "7E57C0DEFACE0000CAFE0000BEEF0503":
        "503; the vendor documents neither status nor body."
        => refuse(503, "serviceUnavailable", "Service unavailable");

    OTHER_KEY = "7E57C0DEFACE0000CAFE0000BEEF0901":
        "A Visa network token, sealed for a key that the merchant doesn't have, under an unknown `kid`."
        => Plan::NetworkToken(Brand::Visa), broken in Decrypt by Fault::WrongIdentity;
    EDGE_PAGE = "7E57C0DEFACE0000CAFE0000BEEF0902":
        "A 200 that holds a page of HTML, as a filter in front of the service would send."
        => Plan::Blank, broken in Body by Fault::Status(200);
    NEVER_RESPONDS = "7E57C0DEFACE0000CAFE0000BEEF0903":
        "The request is read and gets no response; the connection stays open until client or sandbox end."
        => Plan::Blank, broken in Headers by Fault::Silence;
    CLOSES = "7E57C0DEFACE0000CAFE0000BEEF0904":
        "The request is read and the connection closed without a response."
        => Plan::Blank, broken in Headers by Fault::Close;
}

const fn refuse(status: u16, kind: &'static str, message: &'static str) -> Plan {
    Plan::Refuse(Documented::new(status, kind, message))
}

const fn unprovisioned(reason: &'static str) -> Plan {
    Plan::Inactive {
        state: "UNPROVISIONED",
        reason: Some(reason),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_id_is_listed_once_and_fits_a_path() {
        let ids: HashSet<&str> = ENTRIES.iter().map(Entry::id).collect();
        assert_eq!(ids.len(), ENTRIES.len());
        for id in ids {
            assert!((1..=32).contains(&id.len()), "{id}");
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        }
    }

    #[test]
    fn every_fault_of_a_row_occurs_in_its_phase() {
        let rules = rules();
        assert_eq!(rules.len(), 4);
        for rule in rules {
            assert!(rule.fault().occurs_in(rule.phase()), "{rule:?}");
        }
        // No client may see a blank response.
        for entry in ENTRIES {
            assert!(
                !matches!(entry.plan, Plan::Blank) || entry.fault.is_some(),
                "{entry:?}"
            );
        }
    }

    #[test]
    fn only_the_guides_ids_could_be_card_numbers() {
        for entry in ENTRIES {
            let guide = [VISA_GUIDE_7010, VISA_GUIDE_7040].contains(&entry.id);
            let digits_only = entry.id.bytes().all(|byte| byte.is_ascii_digit());
            assert_eq!(digits_only, guide, "{}", entry.id);
            let text = format!("{entry:?}");
            assert_eq!(text.contains(entry.id), !guide, "{text}");
        }
    }
}
