use std::sync::Arc;

use payment_credentials::credentials::Account;
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::{
    CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, PortError, Repeatability, TokenId,
};

/// Repeats a failed call once if the repetition costs nothing.
struct Charger {
    generator: CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>,
}

impl Charger {
    async fn masked_number(&self, token_id: TokenId) -> Result<Option<String>, PortError> {
        let request = CredentialsRequest::new(token_id);
        let generated = match self.generator.generate(&request).await {
            Err(error) if error.repeatability() == Repeatability::Safe => self.generator.generate(&request).await?,
            result => result?,
        };
        match generated.credentials.account() {
            Account::NetworkToken(token) => Ok(token.number().ok().map(|number| number.masked())),
            _ => Ok(None),
        }
    }
}
