//! What no response and no record repeats, wherever in a request it stood.

use std::fmt;

use zeroize::Zeroizing;

/// Bytes of the shortest text that is hidden; a shorter one could stand in any text.
const SHORTEST: usize = 8;
/// Characters by which a secret is recognised, since texts are cut.
const BEGINNING: usize = 12;

const HIDDEN: &str = "[secret hidden]";
const HIDDEN_JWT: &str = "[JWT hidden]";

/// The shared secrets, passwords and access tokens that the sandbox knows. A client with a mixed-up configuration sends
/// them as something else, and explanations repeat what was sent.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.0.push(Zeroizing::new(secret.to_owned()));
        }
    }

    /// Replaces known secrets, their beginnings, and whole JWTs, which may be good for a call.
    pub(crate) fn hide(&self, text: &mut String) {
        for secret in &self.0 {
            if let Some(hidden) = without_secret(text, secret) {
                *text = hidden;
            }
        }
        if let Some(hidden) = without_jwts(text) {
            *text = hidden;
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// The text without the secret and without its beginnings; none if it holds neither.
fn without_secret(text: &str, secret: &str) -> Option<String> {
    let end = secret
        .char_indices()
        .nth(BEGINNING)
        .map_or(secret.len(), |(at, _)| at);
    let beginning = secret.get(..end)?;
    let mut hidden = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest
        .find(beginning)
        .and_then(|at| rest.split_at_checked(at))
    {
        let letters = from.chars().zip(secret.chars());
        let same = letters.take_while(|(one, other)| one == other);
        let length = same.map(|(letter, _)| letter.len_utf8()).sum();
        hidden.push_str(before);
        hidden.push_str(HIDDEN);
        rest = from.get(length..)?;
    }
    if rest.len() == text.len() {
        return None;
    }
    hidden.push_str(rest);
    Some(hidden)
}

/// The text without its JWTs; none if it holds none.
fn without_jwts(text: &str) -> Option<String> {
    let is_of_one = |letter: char| letter.is_ascii_alphanumeric() || "-_.=".contains(letter);
    let mut hidden = String::new();
    let mut rest = text;
    let mut has_one = false;
    while let Some(start) = rest.find(is_of_one) {
        let (before, from) = rest.split_at_checked(start)?;
        let end = from.find(|letter| !is_of_one(letter)).unwrap_or(from.len());
        let (word, after) = from.split_at_checked(end)?;
        hidden.push_str(before);
        match word.find("ey").and_then(|at| word.split_at_checked(at)) {
            Some((before, jwt)) if is_jwt(jwt) => {
                hidden.push_str(before);
                hidden.push_str(HIDDEN_JWT);
                has_one = true;
            }
            _ => hidden.push_str(word),
        }
        rest = after;
    }
    hidden.push_str(rest);
    has_one.then_some(hidden)
}

/// Whether a word has the shape of a JWT, or of one that was cut behind its header: two or more long parts, the first
/// of them a JSON object in base64url.
fn is_jwt(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_long = |part: &str| part.len() >= 8;
    parts.next().is_some_and(is_long) && parts.next().is_some_and(is_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

    fn hidden(text: &str) -> String {
        let mut secrets = Secrets::default();
        secrets.add(SECRET);
        secrets.add("short");
        secrets.add("password");
        let mut text = text.to_owned();
        secrets.hide(&mut text);
        text
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands_and_where_it_is_cut() {
        assert_eq!(hidden(SECRET), HIDDEN);
        assert_eq!(
            hidden(&format!("got {SECRET}, {SECRET}.")),
            format!("got {HIDDEN}, {HIDDEN}.")
        );
        for length in BEGINNING..SECRET.len() {
            assert_eq!(
                hidden(&format!("a {}...", &SECRET[..length])),
                format!("a {HIDDEN}...")
            );
        }
        assert_eq!(hidden("my password is"), format!("my {HIDDEN} is"));
    }

    #[test]
    fn a_jwt_is_hidden_whole_and_where_it_is_cut() {
        for jwt in [
            "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzaG9wIn0.c2lnbmF0dXJl",
            "eyAiYWxnIjoiSFMyNTYifQ.eyJpc3MiOiJzaG9wIn0.",
            "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJz",
        ] {
            assert_eq!(hidden(jwt), HIDDEN_JWT);
            assert_eq!(
                hidden(&format!("date: {jwt}\nx")),
                format!("date: {HIDDEN_JWT}\nx")
            );
            assert_eq!(hidden(&format!("?a={jwt}")), format!("?a={HIDDEN_JWT}"));
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in [
            "",
            "short",
            "yBJxy6LjM2T",
            "request-target: post /tms/v2/tokens/47CA8267360FD3EAE063AF598E0A5792/payment-credentials",
            "host: apitest.cybersource.com\ndate: Fri, 27 Nov 2026 09:05:02 GMT",
            "digest: SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "eyJhbGciOiJIUzI1NiJ9",
            "ключ",
        ] {
            assert_eq!(hidden(text), text);
        }
    }
}
