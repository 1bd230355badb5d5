//! The names that a caller gives to token ids and profile ids, since no id is ever recorded.

use payment_credentials_core::{CredentialsRequest, ProfileId, TokenId};

use super::error::{CassetteError, CassetteErrorKind};

/// Whether a text may be an alias: 1 to 64 letters, digits, blanks, `-` and `_`, with a letter first, no blank at the
/// end, and never six digits in a row.
pub(super) fn is_alias(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_');
    let mut digits = 0;
    let is_short = text.bytes().all(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits < 6
    });
    (1..=64).contains(&text.len())
        && text.bytes().all(allowed)
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && is_short
}

/// The aliases of a cassette.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases {
    cards: Vec<(String, TokenId)>,
    profiles: Vec<(String, ProfileId)>,
    wrong: Option<String>,
}

impl Aliases {
    pub(super) fn card(&mut self, alias: &str, id: TokenId) {
        self.wrong = self.wrong.take().or_else(|| wrong(&self.cards, alias, &id));
        self.cards.push((alias.to_owned(), id));
    }

    pub(super) fn profile(&mut self, alias: &str, id: ProfileId) {
        self.wrong = self
            .wrong
            .take()
            .or_else(|| wrong(&self.profiles, alias, &id));
        self.profiles.push((alias.to_owned(), id));
    }

    pub(super) fn check(&self) -> Result<(), CassetteError> {
        let wrong = |text| CassetteError::new(CassetteErrorKind::Alias, text);
        self.wrong.clone().map_or(Ok(()), |text| Err(wrong(text)))
    }

    /// The alias of the request's card, and that of its profile if it has one; otherwise what has no alias.
    pub(super) fn of(&self, request: &CredentialsRequest) -> Result<(&str, Option<&str>), String> {
        let card = find(&self.cards, request.token_id()).ok_or_else(|| {
            let id = request.token_id();
            format!("no alias for {id:?}; name the card with `.card(\"an alias\", token_id)` on the `Cassette`")
        })?;
        let Some(id) = request.profile_id() else {
            return Ok((card, None));
        };
        let profile = find(&self.profiles, id).ok_or_else(|| {
            "no alias for the profile id of the request; name it with `.profile(\"an alias\", profile_id)` on the \
             `Cassette`"
                .to_owned()
        })?;
        Ok((card, Some(profile)))
    }
}

fn find<'a, Id: PartialEq>(named: &'a [(String, Id)], wanted: &Id) -> Option<&'a str> {
    let found = named.iter().find(|(_, id)| id == wanted);
    found.map(|(alias, _)| alias.as_str())
}

fn wrong<Id: PartialEq>(named: &[(String, Id)], alias: &str, id: &Id) -> Option<String> {
    if !is_alias(alias) {
        return Some(
            "an alias has 1 to 64 letters, digits, blanks, `-` and `_`, begins with a letter, doesn't end in a blank, \
             and has never six digits in a row"
                .to_owned(),
        );
    }
    let taken = named.iter().any(|(other, _)| other == alias);
    let twice = named.iter().any(|(_, other)| other == id);
    if taken {
        return Some(format!(
            "two ids have the alias {alias:?}; give each an alias of its own"
        ));
    }
    twice.then(|| format!("the id of {alias:?} has another alias already; give it one"))
}
