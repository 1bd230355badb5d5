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
    CorrelationId, CredentialsOpener, CredentialsRequest, Delivery, Endpoint, Environment,
    PaymentCredentialsPort, PortError, PortErrorKind, Refusal, Repeatability, TokenId,
    UnexpectedResponse,
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
    /// Queue the order and try again later.
    TryLater,
    /// Neither the payer nor time can fix this: alert the people who run the shop.
    PageSomeone(String),
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
            Err(error) => return on_error(&error),
        };
        let authorisation = match generated.credentials.account() {
            Account::NetworkToken(token) => with_network_token(token),
            Account::Card(card) => with_card(card),
            other => return Decision::PageSomeone(format!("a new kind of account: {other:?}")),
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
        Advice::TryLater => Decision::TryLater,
        // A masked card number, for example: the vault keeps the number to itself.
        _ => Decision::ChargeTokenId,
    }
}

/// What each kind of error means for an order.
fn on_error(error: &PortError) -> Decision {
    match error.kind() {
        // The stored card is gone, or its issuer declined it.
        PortErrorKind::Refused(Refusal::NotFound | Refusal::Gone | Refusal::Declined) => {
            Decision::AskForCard
        }
        // A gateway on the way answered, so the status says nothing about the card.
        PortErrorKind::Unexpected(UnexpectedResponse::NotTheService) => {
            Decision::PageSomeone(error.to_string())
        }
        // No cryptogram was spent.
        _ if error.repeatability() == Repeatability::Safe => Decision::TryLater,
        // A cryptogram may have been spent. Nothing was charged, so another try costs no money, but
        // card networks count unused cryptograms: try later, not at once.
        _ if error.delivery() == Delivery::Unknown => Decision::TryLater,
        PortErrorKind::Deadline | PortErrorKind::KeyService => Decision::TryLater,
        // Keys, clock, profile, endpoint, the request, a changed API: ours to fix. The error's text
        // has the correlation id, and neither card data nor an address, so it is fit for an alert.
        _ => Decision::PageSomeone(error.to_string()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::NotRequired).await?;
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .extra_root(sandbox.root_certificate_der())
        .build()?;
    let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem().as_bytes())?;
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
        Decision::TryLater => "queue the order, try again later".to_owned(),
        Decision::PageSomeone(what) => format!("page someone: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use payment_credentials::Phase;
    use payment_credentials::credentials::NetworkTokenState;
    use payment_credentials_mock::fixtures::Fixture;
    use payment_credentials_mock::{MockCredentialsOpener, MockPaymentCredentialsPort, block_on};

    use super::*;

    /// Asks a checkout whose port answers with a fixture.
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

    /// Asks a checkout whose port fails.
    fn decide_on(
        kind: PortErrorKind,
        delivery: Delivery,
        repeatability: Repeatability,
    ) -> Decision {
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
            Decision::TryLater
        ));
    }

    #[test]
    fn each_kind_of_error_leads_somewhere() {
        use PortErrorKind::{Connect, Decrypt, Refused, Reset};

        let gone = decide_on(
            Refused(Refusal::Gone),
            Delivery::Answered,
            Repeatability::Never,
        );
        assert!(matches!(gone, Decision::AskForCard));
        let declined = Refused(Refusal::Declined);
        let declined = decide_on(declined, Delivery::Answered, Repeatability::Never);
        assert!(matches!(declined, Decision::AskForCard));
        // A misrouted gateway's 404, for example: no payer is asked for a card because of it.
        let on_the_way = PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
        let on_the_way = decide_on(on_the_way, Delivery::Unknown, Repeatability::Never);
        assert!(matches!(on_the_way, Decision::PageSomeone(_)));
        let unreachable = decide_on(Connect, Delivery::NotSent, Repeatability::Safe);
        assert!(matches!(unreachable, Decision::TryLater));
        let cut = decide_on(Reset, Delivery::Unknown, Repeatability::MayRepeat);
        assert!(matches!(cut, Decision::TryLater));
        let wrong_key = decide_on(Decrypt, Delivery::Answered, Repeatability::Never);
        let Decision::PageSomeone(what) = wrong_key else {
            panic!("no alert")
        };
        assert!(
            what.contains("does not open with the configured key"),
            "{what}"
        );
    }
}
