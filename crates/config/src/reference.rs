//! References to a value that is kept elsewhere, such as in a secret store, which nothing has resolved.

/// How a kind of reference begins and ends, and how a diagnostic shows it: never by what a field holds.
struct Shape {
    begins: &'static str,
    ends: &'static str,
    shown: &'static str,
}

/// Defines shapes: beginning, end, and what is shown.
macro_rules! shapes {
    ($($begins:literal, $ends:literal, $shown:literal;)*) => {
        &[$(Shape { begins: $begins, ends: $ends, shown: $shown }),*]
    };
}

/// Shapes that no secret and no path has by chance.
const CERTAIN: &[Shape] = shapes! {
    "ENC[", "]", "ENC[…]";
    "ENC(", ")", "ENC(…)";
    "@Microsoft.", ")", "@Microsoft.KeyVault(…)";
    "{cipher}", "", "{cipher}…";
    "$ANSIBLE_VAULT;", "", "$ANSIBLE_VAULT;…";
};

/// Shapes with a name between two marks. Somebody may have chosen such a password.
const NAMED: &[Shape] = shapes! {
    "__", "__", "__NAME__";
    "@", "@", "@name@";
    "%%", "%%", "%%NAME%%";
    "[[", "]]", "[[name]]";
    "%{", "}", "%{name}";
    "%env(", ")%", "%env(NAME)%";
};

/// Code that reads a variable, and values that only their store can decrypt.
const CODE: &[Shape] = shapes! {
    "process.env.", "", "process.env.NAME";
    "System.getenv(", ")", "System.getenv(…)";
    "os.environ", "]", "os.environ[…]";
    "os.getenv(", ")", "os.getenv(…)";
    "ENV[", "]", "ENV[…]";
    "env:", "", "env:NAME";
    "{vault}", "", "{vault}…";
    "{AES", "", "{AES}…";
    "{xor}", "", "{xor}…";
};

impl Shape {
    /// What is between the marks, if the text has this shape.
    fn inner<'t>(&self, text: &'t str) -> Option<&'t str> {
        let inner = text.strip_prefix(self.begins)?.strip_suffix(self.ends)?;
        (!inner.is_empty()).then_some(inner)
    }

    fn find(shapes: &[Self], text: &str, is_inner: fn(&str) -> bool) -> Option<&'static str> {
        let mut shapes = shapes.iter();
        let found = shapes.find(|shape| shape.inner(text).is_some_and(is_inner));
        found.map(|shape| shape.shown)
    }
}

/// The rule that a value breaks which is certainly a reference, whatever the field.
pub(crate) fn certain(text: &str) -> Option<String> {
    let text = text.trim();
    let found = Shape::find(CERTAIN, text, |_| true);
    found.or_else(|| certain_by_parts(text)).map(rule)
}

/// The rule that a value breaks which is a reference, where the field's own rules don't allow such a text either:
/// the id of a merchant, say, but no password.
pub(crate) fn in_text(text: &str) -> Option<String> {
    let named = || Shape::find(NAMED, text.trim(), is_name).map(rule);
    certain(text).or_else(named)
}

/// The rule that a secret probably breaks, for a secret that is of no use as it is.
pub(crate) fn in_useless_secret(text: &str) -> Option<String> {
    let code = || Shape::find(CODE, text.trim(), |_| true);
    let found = || code().or_else(|| address(text.trim())).map(rule);
    in_text(text).or_else(found)
}

fn rule(shown: &str) -> String {
    format!("holds a reference such as {shown}, which nothing has resolved; give the value itself")
}

/// Certain shapes that have more parts than a beginning and an end.
fn certain_by_parts(text: &str) -> Option<&'static str> {
    if text.starts_with("arn:aws") && text.split(':').count() > 5 {
        return Some("arn:aws:…");
    }
    if let Some(rest) = text.strip_prefix("op://") {
        return (rest.split('/').count() > 2).then_some("op://…");
    }
    let begins_as_vals = ["ref+", "secretref+"].iter().any(|it| text.starts_with(it));
    if begins_as_vals && text.contains("://") {
        return Some("ref+vault://…");
    }
    if let Some(rest) = text.strip_prefix("vault:") {
        let version = rest.strip_prefix('v').and_then(|it| it.split_once(':'));
        let is_sealed = version.is_some_and(|(digits, _)| digits.parse::<u16>().is_ok());
        let names_a_member = rest.contains('/') && rest.contains('#');
        return (is_sealed || names_a_member).then_some("vault:…");
    }
    let inner = text.strip_prefix("#{")?.trim_end_matches('#');
    inner
        .strip_suffix('}')
        .is_some_and(is_name)
        .then_some("#{…}")
}

/// An address in a secret store, or anywhere else.
fn address(text: &str) -> Option<&'static str> {
    if text.starts_with("projects/") && text.contains("/secrets/") {
        return Some("projects/…/secrets/…");
    }
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+.-".contains(letter));
    let is_one_word = !rest.is_empty() && !rest.contains(char::is_whitespace);
    (is_scheme && is_one_word).then_some("vault://…")
}

/// Whether a text is the name of a property or of a variable.
fn is_name(text: &str) -> bool {
    let text = text.trim();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.-:/ ".contains(letter);
    text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCES: &[(&str, &str)] = &[
        ("ENC[AES256_GCM,data:canary,iv:x,tag:y,type:str]", "ENC[…]"),
        ("ENC(canary==)", "ENC(…)"),
        (
            "@Microsoft.KeyVault(SecretUri=https://v/canary)",
            "@Microsoft.KeyVault(…)",
        ),
        ("{cipher}canary", "{cipher}…"),
        ("$ANSIBLE_VAULT;1.1;AES256\ncanary", "$ANSIBLE_VAULT;…"),
        (
            "arn:aws:secretsmanager:eu-west-1:1:secret:canary",
            "arn:aws:…",
        ),
        ("arn:aws-us-gov:ssm:x:1:parameter/canary", "arn:aws:…"),
        ("op://vault/canary/password", "op://…"),
        ("ref+vault://secret/canary#/key", "ref+vault://…"),
        ("secretref+awsssm://canary", "ref+vault://…"),
        ("vault:v1:canary==", "vault:…"),
        ("vault:secret/data/canary#key", "vault:…"),
        ("#{Canary.Password}", "#{…}"),
        ("#{canary}#", "#{…}"),
    ];

    #[test]
    fn a_reference_is_told_by_its_shape_and_never_shown() {
        for (text, shown) in REFERENCES {
            let rule = certain(text).expect(text);
            let expected =
                format!("holds a reference such as {shown}, which nothing has resolved;");
            assert!(rule.starts_with(&expected), "{text}: {rule}");
            assert!(!rule.to_lowercase().contains("canary"), "{rule}");
        }
    }

    #[test]
    fn what_may_be_a_password_is_told_only_where_it_is_of_no_use() {
        for text in [
            "__CANARY__",
            "@canary.password@",
            "%%CANARY%%",
            "[[canary]]",
            "%env(CANARY)%",
        ] {
            assert!(certain(text).is_none() && in_text(text).is_some(), "{text}");
        }
        for text in [
            "process.env.CANARY",
            "System.getenv(\"CANARY\")",
            "os.environ['CANARY']",
            "env:CANARY",
            "{xor}canary",
            "vault://secret/canary",
            "projects/1/secrets/canary/versions/latest",
            "https://v.vault.azure.net/secrets/canary",
        ] {
            assert!(
                in_text(text).is_none() && in_useless_secret(text).is_some(),
                "{text}"
            );
        }
    }

    #[test]
    fn secrets_and_paths_are_no_references() {
        for text in [
            "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=",
            "arn:aws",
            "op://",
            "op://x",
            "vault:secret",
            "vault:v1",
            "refund+1",
            "#{",
            "#{}",
            "#{$!k}",
            "ENC",
            "ENC()",
            "__pycache__",
            "@",
            "@@",
            "____",
            "keys/me.p12",
            "C:\\keys\\me.p12",
            "projects/shop/secrets/key.pem",
            "",
        ] {
            assert!(certain(text).is_none(), "{text}");
        }
    }
}
