//! An application's service over the ports: what to charge, and what to do about each error.
//!
//! The service knows only [`PaymentCredentialsPort`] and [`CredentialsOpener`]; its unit tests, at the
//! end of this file, replace both with mocks. `cargo run --example checkout` runs it against the
//! embedded sandbox; `cargo test --example checkout` runs the tests.

use std::error::Error;
use std::sync::Arc;

use payment_credentials::credentials::{Account, Advice, Card, NetworkToken, NotChargeable, Proof};
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::HyperPort;
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    CorrelationId, CredentialsOpener, CredentialsRequest, Endpoint, Environment,
    PaymentCredentialsPort, PortError, PortErrorKind, Refusal, Repeatability, RetryAfter,
    SealedCredentials, TokenId,
};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

/// What the checkout does next.
#[derive(Debug)]
enum Decision {
    /// Authorise the payment with this.
    Authorise(Authorisation),
    /// Ask the payer for the card again: the stored one is gone or can't be verified.
    AskForCard,
    /// Charge the token id itself; the service then picks the number.
    ChargeTokenId,
    /// Queue the order and try again later: when the service says, or after a pause that grows.
    TryLater(Option<RetryAfter>),
    /// Open the response once more, when the key service is back: no second cryptogram is spent.
    OpenAgain(Box<SealedCredentials>),
    /// Neither the payer nor time can fix this: alert the people who run the shop. A response that the
    /// right key still opens is kept with the order.
    PageSomeone {
        what: String,
        keep: Option<Box<SealedCredentials>>,
    },
    /// The shop's own program made a call that it can't make.
    CorrectTheCode(String),
}

/// The fields of the authorisation, `POST /pts/v2/payments`; `Debug` shows no secrets.
///
/// The proof of a network token belongs beside its number, in `tokenizedCard`. It isn't the result
/// of a 3-D Secure check: `cavv` and `ucafAuthenticationData` are for that.
#[derive(Debug)]
struct Authorisation {
    /// `paymentInformation.tokenizedCard.number`, or `card.number` for a PAN.
    number: Secret,
    /// `….expirationMonth` and `….expirationYear`: the network token's own, not the card's.
    expiry: String,
    /// `paymentInformation.tokenizedCard.cryptogram`.
    cryptogram: Option<Secret>,
    /// `paymentInformation.tokenizedCard.securityCode`: American Express.
    security_code: Option<Secret>,
    /// `consumerAuthenticationInformation.eciRaw`: as received, without mapping.
    eci: Option<String>,
    /// For the log line and the ticket.
    correlation_id: Option<CorrelationId>,
}

/// A stand-in for the request type of a payments library.
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} characters)", self.0.len())
    }
}

/// The application's service.
struct Checkout {
    generator: CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>,
}

impl Checkout {
    fn new(port: Arc<dyn PaymentCredentialsPort>, opener: Arc<dyn CredentialsOpener>) -> Self {
        Self {
            generator: CredentialsGenerator::new(port, opener),
        }
    }

    /// Decides how an order that names a stored card is paid.
    async fn decide(&self, token_id: TokenId) -> Decision {
        let request = CredentialsRequest::new(token_id);
        let generated = match self.generator.generate(&request).await {
            Ok(generated) => generated,
            Err(mut error) => {
                let sealed = error.take_sealed().map(Box::new);
                return on_failure(error.port_error(), sealed);
            }
        };
        let authorisation = match generated.credentials.account() {
            Account::NetworkToken(token) => with_network_token(token),
            Account::Card(card) => with_card(card),
            other => return page_someone(format!("a new kind of account: {other:?}")),
        };
        match authorisation {
            Ok(authorisation) => Decision::Authorise(Authorisation {
                correlation_id: generated.correlation_id().cloned(),
                ..authorisation
            }),
            Err(not_chargeable) => on_advice(not_chargeable.advice()),
        }
    }
}

fn with_network_token(token: &NetworkToken) -> Result<Authorisation, NotChargeable> {
    let (cryptogram, security_code) = match token.proof()? {
        Proof::Cryptogram(cryptogram) => (Some(Secret(cryptogram.expose().to_owned())), None),
        Proof::SecurityCode(code) => (None, Some(Secret(code.expose().to_owned()))),
        _ => (None, None),
    };
    Ok(Authorisation {
        number: Secret(token.number()?.expose().to_owned()),
        expiry: token.expiry()?.to_string(),
        cryptogram,
        security_code,
        eci: token.eci.as_ref().map(|eci| eci.as_str().to_owned()),
        correlation_id: None,
    })
}

fn with_card(card: &Card) -> Result<Authorisation, NotChargeable> {
    Ok(Authorisation {
        number: Secret(card.pan()?.expose().to_owned()),
        expiry: card.expiry()?.to_string(),
        cryptogram: None,
        security_code: None,
        eci: None,
        correlation_id: None,
    })
}

fn on_advice(advice: Advice) -> Decision {
    match advice {
        Advice::AskForCard => Decision::AskForCard,
        Advice::TryLater => Decision::TryLater(None),
        // A masked card number, for example: the vault keeps the number to itself.
        _ => Decision::ChargeTokenId,
    }
}

fn page_someone(what: String) -> Decision {
    Decision::PageSomeone { what, keep: None }
}

/// What a failed call means for an order; `sealed` is the response, if one came.
fn on_failure(error: &PortError, sealed: Option<Box<SealedCredentials>>) -> Decision {
    match (on_error(error), sealed) {
        (_, Some(sealed)) if opens_later(error) => Decision::OpenAgain(sealed),
        (Decision::PageSomeone { what, .. }, Some(sealed)) if opens_once_mended(error) => {
            let keep = Some(sealed);
            Decision::PageSomeone { what, keep }
        }
        (decision, _) => decision,
    }
}

/// Whether a response that came opens once someone has mended keys or key service. Other responses must not
/// be opened again, such as one with the credentials of another stored card.
fn opens_once_mended(error: &PortError) -> bool {
    use PortErrorKind::{Decrypt, Jwe, KeyService, Setup};
    matches!(error.kind(), Decrypt | Jwe | KeyService | Setup)
}

/// Whether a response that came can be opened later: its opening took too long, or a key service was down.
fn opens_later(error: &PortError) -> bool {
    match error.kind() {
        PortErrorKind::Deadline => true,
        PortErrorKind::KeyService => error.repeatability() != Repeatability::Never,
        _ => false,
    }
}

/// What each error means for an order, by the table on the page of [`PortErrorKind`].
fn on_error(error: &PortError) -> Decision {
    // The error's text has the correlation id, and neither card data nor an address, so it is fit for an
    // alert.
    let text = || error.to_string();
    match (error.kind(), error.repeatability()) {
        // The stored card is gone, or its issuer declined it.
        (PortErrorKind::Refused(Refusal::NotFound | Refusal::Gone | Refusal::Declined), _) => {
            Decision::AskForCard
        }
        // Where the delivery is unknown, a cryptogram may have been spent. Nothing was charged, so
        // another try costs no money, but card networks count unused cryptograms: not at once.
        (PortErrorKind::Deadline, _) | (_, Repeatability::Safe | Repeatability::MayRepeat) => {
            Decision::TryLater(error.retry_after())
        }
        (PortErrorKind::Refused(Refusal::Invalid) | PortErrorKind::Request, _) => {
            Decision::CorrectTheCode(text())
        }
        // Keys, clock, profile, network, a changed API, or an intermediary, whose status says
        // nothing about the card.
        _ => page_someone(text()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::NotRequired).await?;
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .extra_root(sandbox.root_certificate_der())
        .build()?;
    let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem())?;
    let opener = JweOpener::new(Keyring::new([key])?);
    let checkout = Checkout::new(Arc::new(port), Arc::new(opener));

    for (what, token_id) in [
        ("Visa", vault::VISA),
        ("American Express", vault::AMERICAN_EXPRESS),
        (
            "a card whose number stays in the vault",
            vault::CARD_ONLY_MASKED,
        ),
        ("a suspended network token", vault::SUSPENDED),
        ("an unknown token id", vault::NOT_FOUND),
        ("a profile id that names nothing", vault::PROFILE),
        ("a service that fails", vault::INTERNAL_ERROR),
    ] {
        let decision = checkout.decide(token_id.parse()?).await;
        println!("{what}:\n    {}\n", describe(&decision));
    }
    Ok(())
}

/// Describes the next step; calling the payments API is another library's job.
fn describe(decision: &Decision) -> String {
    match decision {
        Decision::Authorise(Authorisation {
            number,
            expiry,
            cryptogram,
            security_code,
            eci,
            correlation_id,
        }) => format!(
            "authorise: number {number:?}, expiry {expiry}, cryptogram {cryptogram:?}, \
             security code {security_code:?}, ECI {eci:?}, {correlation_id:?}"
        ),
        Decision::AskForCard => "ask the payer for the card again".to_owned(),
        Decision::ChargeTokenId => "charge the token id itself".to_owned(),
        Decision::TryLater(None) => "queue the order, try again later".to_owned(),
        Decision::TryLater(Some(when)) => format!("queue the order, try again: {when:?}"),
        Decision::OpenAgain(_sealed) => "open the response again, later".to_owned(),
        Decision::PageSomeone { what, keep } => {
            let kept = keep.as_ref().map_or("", |_sealed| "; keep the response");
            format!("page someone: {what}{kept}")
        }
        Decision::CorrectTheCode(what) => format!("correct the code: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use payment_credentials::credentials::NetworkTokenState;
    use payment_credentials::{Delivery, Phase, UnexpectedResponse};
    use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
    use payment_credentials_mock::{
        MockCredentialsOpener, MockPaymentCredentialsPort, block_on, failures,
    };

    use super::*;

    /// Returns the decision of a checkout whose port returns this fixture.
    fn decide(fixture: Fixture) -> Decision {
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate()
            .once()
            .returning(move |_| Ok(fixture.sealed()));
        let mut opener = MockCredentialsOpener::new();
        opener
            .expect_open()
            .once()
            .returning(move |_| Ok(fixture.opened()));
        let checkout = Checkout::new(Arc::new(port), Arc::new(opener));
        block_on(checkout.decide("7010000000016241111".parse().expect("a token id")))
    }

    /// Returns the decision of a checkout whose port fails, or whose opener fails if the table says
    /// to open again.
    fn decide_on(
        kind: PortErrorKind,
        delivery: Delivery,
        repeatability: Repeatability,
        is_opening: bool,
    ) -> Decision {
        if is_opening {
            let mut port = MockPaymentCredentialsPort::new();
            port.expect_generate()
                .once()
                .returning(|_| Ok(Fixture::VisaV3.sealed()));
            let mut opener = MockCredentialsOpener::new();
            opener.expect_open().once().returning(move |_| {
                Err(PortError::new(
                    kind,
                    delivery,
                    Phase::OpenCredentials,
                    repeatability,
                ))
            });
            let checkout = Checkout::new(Arc::new(port), Arc::new(opener));
            return block_on(checkout.decide("7010000000016241111".parse().expect("a token id")));
        }
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate().once().returning(move |_| {
            Err(PortError::new(
                kind,
                delivery,
                Phase::Headers,
                repeatability,
            ))
        });
        let checkout = Checkout::new(Arc::new(port), Arc::new(MockCredentialsOpener::new()));
        block_on(checkout.decide("7010000000016241111".parse().expect("a token id")))
    }

    #[test]
    fn a_network_token_is_authorised_with_its_cryptogram() {
        let Decision::Authorise(authorisation) = decide(Fixture::VisaV3) else {
            panic!("not authorised")
        };
        assert_eq!(authorisation.number.0, "4323126880354068");
        let cryptogram = authorisation.cryptogram.expect("a cryptogram");
        assert_eq!(cryptogram.0, "AwAAAAAAWx6z/7YAAAAAgBcAAAA=");
        assert_eq!(authorisation.eci.as_deref(), Some("07"));
        assert!(authorisation.security_code.is_none() && authorisation.correlation_id.is_some());
    }

    #[test]
    fn american_express_is_authorised_with_its_security_code() {
        let Decision::Authorise(authorisation) = decide(Fixture::AmericanExpressV3) else {
            panic!("not authorised")
        };
        assert_eq!(authorisation.security_code.expect("a code").0, "4523");
        assert!(authorisation.cryptogram.is_none());
    }

    #[test]
    fn a_masked_card_is_charged_by_its_token_id() {
        assert!(matches!(
            decide(Fixture::CardMaskedV3),
            Decision::ChargeTokenId
        ));
    }

    #[test]
    fn a_network_token_that_is_not_active_is_judged_by_its_state() {
        let advice = |state| {
            let reason = None;
            on_advice(NotChargeable::State { state, reason }.advice())
        };
        assert!(matches!(
            advice(NetworkTokenState::Deleted),
            Decision::AskForCard
        ));
        assert!(matches!(
            advice(NetworkTokenState::Suspended),
            Decision::TryLater(None)
        ));
    }

    /// The rows of the table on the page of `PortErrorKind`.
    fn rows() -> impl Iterator<Item = Vec<&'static str>> {
        let table = include_str!("../crates/core/src/error/decisions.md");
        table
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|row| {
                row.split('|')
                    .skip(1)
                    .map(|cell| cell.trim_matches([' ', '`']))
                    .collect()
            })
    }

    /// The values that a cell of the table stands for.
    fn values<T: Copy>(cell: &str, all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
        let is_meant = |value: &&T| cell == "any" || cell == name(**value);
        let values: Vec<T> = all.iter().filter(is_meant).copied().collect();
        assert!(!values.is_empty(), "{cell}");
        values
    }

    #[test]
    fn each_row_of_the_table_is_what_the_checkout_decides() {
        let kinds: Vec<_> = PortErrorKind::all().collect();
        let mut decided = Vec::new();
        for row in rows() {
            let [kind, delivery, repeatability, what_to_do, ..] = row[..] else {
                panic!("a row of four cells or more: {row:?}");
            };
            for kind in values(kind, &kinds, PortErrorKind::name) {
                decided.push(kind);
                for delivery in values(delivery, Delivery::ALL, Delivery::name) {
                    for &repeatability in
                        &values(repeatability, Repeatability::ALL, Repeatability::name)
                    {
                        let is_opening = what_to_do == "open again";
                        let found = match decide_on(kind, delivery, repeatability, is_opening) {
                            Decision::OpenAgain(_) => "open again",
                            Decision::AskForCard => "ask for the card",
                            Decision::TryLater(_) => "try later",
                            Decision::PageSomeone { .. } => "page someone",
                            Decision::CorrectTheCode(_) => "correct the code",
                            other => panic!("{other:?}"),
                        };
                        assert_eq!(found, what_to_do, "{row:?}");
                    }
                }
            }
        }
        let missing = kinds.iter().find(|kind| !decided.contains(kind));
        assert_eq!(missing, None, "a kind without a row");
    }

    #[test]
    fn an_alert_says_what_happened() {
        let kind = PortErrorKind::Decrypt;
        let wrong_key = decide_on(kind, Delivery::Answered, Repeatability::Never, false);
        let Decision::PageSomeone { what, keep: None } = wrong_key else {
            panic!("no alert: {wrong_key:?}")
        };
        assert!(
            what.contains("does not open with the configured key"),
            "{what}"
        );
    }

    /// A cryptogram is in the response: the right key must not cost a second one.
    #[test]
    fn a_response_that_the_right_key_opens_is_kept_until_then() {
        use PortErrorKind::{Decrypt, Jwe, KeyService, Payload, Setup, Unexpected};
        let answered = Delivery::Answered;
        for kind in [Decrypt, Jwe, KeyService, Setup] {
            let decision = decide_on(kind, answered, Repeatability::Never, true);
            let Decision::PageSomeone {
                keep: Some(sealed), ..
            } = decision
            else {
                panic!("not kept after {kind:?}: {decision:?}");
            };
            assert!(block_on(FixtureOpener.open(&sealed)).is_ok());
        }
        let another_card = Unexpected(UnexpectedResponse::NotConfirmed);
        for kind in [Payload, another_card] {
            let decision = decide_on(kind, answered, Repeatability::Never, true);
            let is_dropped = matches!(decision, Decision::PageSomeone { keep: None, .. });
            assert!(is_dropped, "{decision:?}");
        }
    }

    #[test]
    fn an_order_waits_as_long_as_the_service_asks() {
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate()
            .once()
            .returning(|_| Err(failures::throttled(Duration::from_secs(7))));
        let checkout = Checkout::new(Arc::new(port), Arc::new(MockCredentialsOpener::new()));
        let decision = block_on(checkout.decide("7010000000016241111".parse().expect("an id")));
        let wait = Some(RetryAfter::Delay(Duration::from_secs(7)));
        assert!(
            matches!(decision, Decision::TryLater(found) if found == wait),
            "{decision:?}"
        );
    }
}
