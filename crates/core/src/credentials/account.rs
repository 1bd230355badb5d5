use super::card::Card;
use super::network_token::NetworkToken;

/// The account to charge: a network token, or the card if the service has no network token.
#[derive(Debug)]
#[non_exhaustive]
pub enum Account {
    /// A card without a network token (v3); its number is full or masked.
    Card(Box<Card>),
    /// A network token, chargeable or not.
    NetworkToken(Box<NetworkToken>),
}
