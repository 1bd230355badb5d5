use super::{AnyField, Row, WithoutEffect};
use crate::near;
use crate::value::Kind;

/// How many letters may differ in a name that is taken for a misspelled field.
const NEAR: usize = 2;

/// The result of looking a name up.
pub(crate) enum Named {
    Field {
        row: AnyField,
        /// Whether the name is that of a file which holds the secret.
        in_file: bool,
    },
    WithoutEffect(&'static WithoutEffect),
    Unknown {
        /// The name of a field that is nearly the same.
        nearest: Option<&'static str>,
        /// The name of a field that people write so.
        meant: Option<&'static str>,
    },
}

/// Names that people give to fields: ours, and theirs without `_`.
const MEANT: &[(&str, &[&str])] = &[
    (
        "merchant_id",
        &[
            "mid",
            "merchant",
            "merchantaccount",
            "organizationid",
            "orgid",
        ],
    ),
    (
        "merchant_key_id",
        &[
            "merchantsecretkeyid",
            "merchantsecretid",
            "secretkeyid",
            "sharedsecretkeyid",
            "sharedsecretid",
            "sharedkeyid",
            "keyid",
            "keyserialnumber",
            "serialnumber",
        ],
    ),
    (
        "merchant_secret_key",
        &[
            "secret",
            "sharedsecret",
            "sharedsecretkey",
            "sharedkey",
            "merchantsecret",
            "merchantkeysecret",
            "merchantkey",
            "apisecret",
            "transactionkey",
        ],
    ),
    (
        "key_file_name",
        &[
            "p12",
            "p12file",
            "p12path",
            "p12filename",
            "keystore",
            "keystorefile",
            "keystorepath",
            "keyfile",
            "keyfilepath",
            "keypath",
            "signingkeypath",
        ],
    ),
    (
        "key_password",
        &[
            "p12password",
            "p12passphrase",
            "keystorepassword",
            "keyfilepassword",
            "passphrase",
            "keypassphrase",
            "signingkeypassword",
        ],
    ),
    (
        "opening_key_file",
        &[
            "openingkeypath",
            "mlekey",
            "mlekeyfile",
            "mleprivatekey",
            "privatekeyfile",
            "jweprivatekey",
        ],
    ),
    (
        "opening_key_id",
        &["kid", "openingkid", "mlekeyid", "mlekid"],
    ),
    (
        "access_token",
        &["token", "bearertoken", "oauthtoken", "bearer"],
    ),
];

/// Looks a name up; case, `_` and `-` don't matter, since no two fields differ by them alone.
pub(crate) fn looked_up(name: &str) -> Named {
    let name = folded(name);
    if let Some(row) = row(&name) {
        let in_file = false;
        return Named::Field { row, in_file };
    }
    let secret = name.strip_suffix("file").and_then(row);
    if let Some(row) = secret.filter(|row| row.kind == Kind::Secret) {
        let in_file = true;
        return Named::Field { row, in_file };
    }
    let mut others = WithoutEffect::ALL.iter();
    let is_named = |other: &&WithoutEffect| other.names.iter().any(|it| folded(it) == name);
    others.find(is_named).map_or_else(
        || Named::Unknown {
            nearest: nearest(&name),
            meant: meant(&name),
        },
        Named::WithoutEffect,
    )
}

fn row(name: &str) -> Option<AnyField> {
    let is_named = |row: &&&Row| row.names().any(|it| folded(it) == name);
    Row::ALL.iter().find(is_named).copied()
}

/// Drops `_` and `-`, and converts to lower case.
pub(crate) fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// The field that a name is meant for.
fn meant(given: &str) -> Option<&'static str> {
    let mut all = MEANT.iter();
    let named = all.find(|(_, theirs)| theirs.contains(&given));
    named.map(|(name, _)| *name)
}

fn nearest(given: &str) -> Option<&'static str> {
    let names = Row::ALL.iter().flat_map(|row| row.names());
    near::nearest(given, names.map(|name| (folded(name), name)), NEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_field_is_distinguished_from_another_word() {
        let nearest = |name| match looked_up(name) {
            Named::Unknown { nearest, .. } => nearest,
            Named::Field { .. } | Named::WithoutEffect(_) => Some("known"),
        };
        assert_eq!(nearest("merchant_keyidd"), Some("merchant_key_id"));
        assert_eq!(nearest("merchnatid"), Some("merchant_id"));
        assert_eq!(nearest("useMetKey"), Some("use_metakey"));
        assert_eq!(nearest("colour"), None);
        assert_eq!(nearest(&"x".repeat(100_000)), None);
    }

    #[test]
    fn names_that_people_write_are_those_of_no_field() {
        for (field, theirs) in MEANT {
            assert!(row(&folded(field)).is_some(), "{field}");
            for name in *theirs {
                let is_unknown = matches!(looked_up(name), Named::Unknown { meant: Some(meant), .. } if meant == *field);
                assert!(is_unknown, "{name}");
            }
        }
    }

    #[test]
    fn a_file_with_a_secret_is_named_by_the_secrets_name() {
        for name in ["key_password_file", "keyPassFile", "KEY_PASS_FILE"] {
            let named = looked_up(name);
            let Named::Field { row, in_file } = named else {
                panic!("{name}");
            };
            assert_eq!((row.name, in_file), ("key_password", true));
        }
        let other = looked_up("merchant_id_file");
        assert!(matches!(other, Named::Unknown { .. }));
    }
}
