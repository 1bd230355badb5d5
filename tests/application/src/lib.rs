//! The checkout of a small shop, which knows the ports and no adapter.

use std::sync::Arc;

use payment_credentials_core::credentials::{Account, Advice, Expiry, NotChargeable, Proof};
use payment_credentials_core::generator::{
    CredentialsGenerator, GenerateError, GeneratedCredentials,
};
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, PortErrorKind, Refusal,
    Repeatability, TokenId,
};

/// Charges stored cards.
pub struct Checkout {
    generator: CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>,
}

/// The values for the authorisation, borrowed for as long as that takes.
pub struct Authorisation<'a> {
    pub number: &'a str,
    pub expiry: Expiry,
    pub proof: Option<Proof<'a>>,
    pub eci: Option<&'a str>,
}

/// What to do with a payment that can't be charged now.
#[derive(Debug, Eq, PartialEq)]
pub enum Decision {
    AskForCard,
    CallSupport(Option<String>),
    PayByTokenId,
    TryLater,
}

impl Checkout {
    pub fn new(port: Arc<dyn PaymentCredentialsPort>, opener: Arc<dyn CredentialsOpener>) -> Self {
        let generator = CredentialsGenerator::new(port, opener);
        Self { generator }
    }

    /// Generates credentials and lends them to `authorise`; they are wiped when it returns.
    pub async fn pay<T>(
        &self,
        token_id: TokenId,
        authorise: impl FnOnce(Authorisation<'_>) -> T,
    ) -> Result<T, Decision> {
        let request = CredentialsRequest::new(token_id);
        let generated = self.generator.generate(&request).await?;
        Ok(authorise(Authorisation::of(&generated)?))
    }
}

impl<'a> Authorisation<'a> {
    fn of(generated: &'a GeneratedCredentials) -> Result<Self, Decision> {
        match generated.credentials.account() {
            Account::NetworkToken(network_token) => Ok(Self {
                number: network_token.number()?.expose(),
                expiry: network_token.expiry()?,
                proof: Some(network_token.proof()?),
                eci: network_token.eci.as_ref().map(|eci| eci.as_str()),
            }),
            Account::Card(card) => Ok(Self {
                number: card.pan()?.expose(),
                expiry: card.expiry()?,
                proof: None,
                eci: None,
            }),
            _ => Err(Decision::PayByTokenId),
        }
    }
}

impl From<NotChargeable> for Decision {
    fn from(refused: NotChargeable) -> Self {
        match refused.advice() {
            Advice::AskForCard => Self::AskForCard,
            Advice::TryLater => Self::TryLater,
            _ => Self::PayByTokenId,
        }
    }
}

impl From<GenerateError> for Decision {
    fn from(error: GenerateError) -> Self {
        match (error.kind(), error.repeatability()) {
            (PortErrorKind::Refused(Refusal::Gone | Refusal::NotFound), _) => Self::AskForCard,
            (_, Repeatability::Safe) => Self::TryLater,
            _ => Self::CallSupport(error.correlation_id().map(ToString::to_string)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment_credentials_core::credentials::NetworkTokenReason::CardVerificationFailed;
    use payment_credentials_core::credentials::NetworkTokenState;
    use payment_credentials_mock::fixtures::{self, Fixture, FixtureOpener};
    use payment_credentials_mock::{
        MockPaymentCredentialsPort, block_on, failures, scripted, scripted_opener,
    };

    fn token_id() -> TokenId {
        "47CA8267360FD3EAE063AF598E0A5792".parse().unwrap()
    }

    #[test]
    fn asks_once_for_the_stored_card_and_charges_its_network_token() {
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate()
            .withf(|request| *request.token_id() == token_id())
            .once()
            .returning(|_| Ok(Fixture::VisaV3.sealed()));
        let checkout = Checkout::new(Arc::new(port), Arc::new(FixtureOpener));
        let paid = checkout.pay(token_id(), |authorisation| {
            assert!(matches!(authorisation.proof, Some(Proof::Cryptogram(_))));
            authorisation.eci.map(str::to_owned)
        });
        assert_eq!(block_on(paid).unwrap().as_deref(), Some("07"));
    }

    #[test]
    fn decides_for_each_response_that_cannot_be_charged() {
        let (port, script) = scripted();
        let checkout = Checkout::new(Arc::new(port), Arc::new(FixtureOpener));
        let id = Some(failures::CORRELATION.to_owned());
        for (answer, decision) in [
            (Ok(Fixture::CardMaskedV3.sealed()), Decision::PayByTokenId),
            (Err(failures::connect()), Decision::TryLater),
            (Err(failures::refused(404)), Decision::AskForCard),
            (Err(failures::refused(502)), Decision::CallSupport(id)),
        ] {
            script.will_return(answer);
            assert_eq!(block_on(checkout.pay(token_id(), |_| ())), Err(decision));
        }
        script.assert_done();
    }

    #[test]
    fn asks_for_the_card_again_where_it_was_not_verified() {
        let (port, answers) = scripted();
        let (opener, openings) = scripted_opener();
        answers.will_return(Ok(Fixture::VisaV3.sealed()));
        let inactive = fixtures::inactive(
            NetworkTokenState::Unprovisioned,
            Some(CardVerificationFailed),
        );
        openings.will_return(Ok(inactive));
        let checkout = Checkout::new(Arc::new(port), Arc::new(opener));
        let paid = checkout.pay(token_id(), |_| ());
        assert_eq!(block_on(paid), Err(Decision::AskForCard));
    }
}
