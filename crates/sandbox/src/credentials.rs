//! The plaintexts of responses: fixtures, completed with the values that are new in each response.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::dice;
use crate::error_response::{ErrorEntry, ErrorResponse};
use crate::plan::Brand;
use crate::version::Version;

/// What the caller asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) version: Version,
    pub(crate) token_id: &'a str,
    pub(crate) credential: Credential,
}

/// `paymentCredentialType`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Credential {
    Cryptogram,
    NetworkToken,
    SecurityCode,
    /// Absent: the kind of proof that the network uses.
    Usual,
}

/// What accompanies the number of a network token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Proof {
    Cryptogram,
    Nothing,
    ThreeDigits,
    FourDigits,
}

/// Makes plaintexts, and counts the proofs in them.
#[derive(Debug)]
pub(crate) struct Mint {
    minted: AtomicU64,
    /// The last application transaction counter, which grows with each proof of a Visa card.
    counter: AtomicU64,
}

impl Mint {
    pub(crate) const fn new() -> Self {
        Self {
            minted: AtomicU64::new(0),
            // The first proof has the example of the vendor's OpenAPI document, 12345.
            counter: AtomicU64::new(12_344),
        }
    }

    /// Cryptograms and security codes made so far.
    pub(crate) fn minted(&self) -> u64 {
        self.minted.load(Ordering::SeqCst)
    }

    /// A network token ready for use.
    pub(crate) fn network_token(
        &self,
        brand: Brand,
        wish: Wish<'_>,
    ) -> Result<String, ErrorResponse> {
        let proof = proof(brand, wish)?;
        let fixture = match (wish.version, brand) {
            (Version::V2, Brand::AmericanExpress) => {
                include_str!("fixtures/v2_american_express.json")
            }
            (Version::V2, Brand::Mastercard) => include_str!("fixtures/v2_mastercard.json"),
            (Version::V2, Brand::Visa) => include_str!("fixtures/v2_visa.json"),
            (Version::V3, Brand::AmericanExpress) => {
                include_str!("fixtures/v3_american_express.json")
            }
            (Version::V3, Brand::Mastercard) => include_str!("fixtures/v3_mastercard.json"),
            (Version::V3, Brand::Visa) => include_str!("fixtures/v3_visa.json"),
        };
        let added = match proof {
            Proof::Cryptogram => vec![("cryptogram", cryptogram()?)],
            Proof::ThreeDigits => vec![("securityCode", code::<3>()?)],
            Proof::FourDigits => vec![("securityCode", code::<4>()?)],
            Proof::Nothing => Vec::new(),
        };
        let mut plaintext = read(fixture, wish.token_id)?;
        let card = tokenized_card(&mut plaintext)?;
        if proof == Proof::Nothing {
            // The indicator belongs to the proof: it states how the cryptogram was made.
            card.remove("eci");
        } else {
            self.minted.fetch_add(1, Ordering::SeqCst);
            if (wish.version, brand) == (Version::V3, Brand::Visa) {
                let counter = self.counter.fetch_add(1, Ordering::SeqCst) + 1;
                put(card, "applicationTransactionCounter", &counter.to_string());
            }
        }
        for (name, value) in added {
            put(card, name, &value);
        }
        Ok(plaintext.to_string())
    }
}

/// The card itself, where there is no network token; v3 only.
pub(crate) fn card(masked: bool, token_id: &str) -> Result<String, ErrorResponse> {
    let fixture = if masked {
        include_str!("fixtures/v3_card_masked.json")
    } else {
        include_str!("fixtures/v3_card_full.json")
    };
    Ok(read(fixture, token_id)?.to_string())
}

/// A network token that can't be used: a state, a reason that v2 doesn't know, and no number.
pub(crate) fn inactive(
    state: &str,
    reason: Option<&str>,
    wish: Wish<'_>,
) -> Result<String, ErrorResponse> {
    let (fixture, reason) = match wish.version {
        Version::V2 => (include_str!("fixtures/v2_inactive.json"), None),
        Version::V3 => (include_str!("fixtures/v3_inactive.json"), reason),
    };
    let mut plaintext = read(fixture, wish.token_id)?;
    let card = tokenized_card(&mut plaintext)?;
    put(card, "state", state);
    if let Some(reason) = reason {
        put(card, "reason", reason);
    }
    Ok(plaintext.to_string())
}

/// The kind of credentials that a body with valid members asks for.
pub(crate) fn credential(body: &Map<String, Value>) -> Credential {
    match body.get("paymentCredentialType").and_then(Value::as_str) {
        Some("CRYPTOGRAM") => Credential::Cryptogram,
        Some("NETWORK_TOKEN") => Credential::NetworkToken,
        Some("SECURITY_CODE") => Credential::SecurityCode,
        Some(_) | None => Credential::Usual,
    }
}

/// Checks that account funding is for Visa with `CRYPTOGRAM`, as the vendor's `OpenAPI` document demands.
pub(crate) fn check_account_funding(
    body: &Map<String, Value>,
    brand: Option<Brand>,
) -> Result<(), ErrorResponse> {
    let funding = body.get("transactionType").and_then(Value::as_str) == Some("AFT");
    if !funding {
        return Ok(());
    }
    if credential(body) != Credential::Cryptogram {
        return Err(combination(
            "transactionType AFT needs paymentCredentialType CRYPTOGRAM",
            "transactionType",
        ));
    }
    match brand {
        Some(Brand::Visa) | None => Ok(()),
        Some(Brand::AmericanExpress | Brand::Mastercard) => Err(combination(
            "transactionType AFT needs a Visa card",
            "transactionType",
        )),
    }
}

fn proof(brand: Brand, wish: Wish<'_>) -> Result<Proof, ErrorResponse> {
    match (wish.credential, brand, wish.version) {
        (Credential::NetworkToken, _, _) => Ok(Proof::Nothing),
        (Credential::Usual | Credential::Cryptogram, Brand::Visa | Brand::Mastercard, _) => {
            Ok(Proof::Cryptogram)
        }
        (Credential::Usual | Credential::SecurityCode, Brand::AmericanExpress, _) => {
            Ok(Proof::FourDigits)
        }
        (Credential::SecurityCode, Brand::Mastercard, _)
        | (Credential::SecurityCode, Brand::Visa, Version::V3) => Ok(Proof::ThreeDigits),
        (Credential::Cryptogram, Brand::AmericanExpress, _) => Err(combination(
            "American Express has no cryptogram, ask for SECURITY_CODE",
            "paymentCredentialType",
        )),
        (Credential::SecurityCode, Brand::Visa, Version::V2) => Err(combination(
            "Visa has a security code (DTVV) in v3 only, ask v3 or for CRYPTOGRAM",
            "paymentCredentialType",
        )),
    }
}

fn combination(message: &str, name: &str) -> ErrorResponse {
    ErrorResponse::bad_request(ErrorEntry::new("invalidCombination", message).at(name, "body"))
}

/// 28 characters of base64, as the published cryptograms have.
fn cryptogram() -> Result<String, ErrorResponse> {
    let bytes = dice::bytes::<20>().map_err(|cause| ErrorResponse::own_fault(&cause))?;
    Ok(STANDARD.encode(bytes))
}

fn code<const N: usize>() -> Result<String, ErrorResponse> {
    dice::digits::<N>().map_err(|cause| ErrorResponse::own_fault(&cause))
}

fn read(fixture: &str, token_id: &str) -> Result<Value, ErrorResponse> {
    // A token id holds letters and digits only, so it is safe inside a JSON string.
    serde_json::from_str(&fixture.replace("{tokenId}", token_id))
        .map_err(|cause| ErrorResponse::own_fault(&cause))
}

fn tokenized_card(plaintext: &mut Value) -> Result<&mut Map<String, Value>, ErrorResponse> {
    plaintext
        .get_mut("tokenizedCard")
        .and_then(Value::as_object_mut)
        .ok_or_else(|| {
            ErrorResponse::new(
                500,
                ErrorEntry::new("internalError", "a fixture has no card"),
            )
        })
}

fn put(object: &mut Map<String, Value>, name: &str, value: &str) {
    object.insert(name.to_owned(), Value::String(value.to_owned()));
}
