//! Validates the protected header, before any key is used.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::wire::is_within_json_depth;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use serde_json::value::RawValue;

use crate::algorithm::{Accepted, ContentAlgorithm, KeyAlgorithm};
use crate::jwe_error::{HeaderText, JweError, JweHeaderError, JwePart};

/// The service's headers have about 120 bytes; this limit bounds the work of parsing a hostile header.
const MAX_LEN: usize = 4 * 1024;

/// The needed members of an acceptable header.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) alg: KeyAlgorithm,
    pub(crate) enc: ContentAlgorithm,
    pub(crate) kid: Option<Box<str>>,
}

impl Header {
    /// Validates a header in its encoded form in the JWE.
    pub(crate) fn validate(encoded: &str, accepted: Accepted) -> Result<Self, JweError> {
        if encoded.len() > (MAX_LEN * 4).div_ceil(3) {
            return Err(JweError::Header(JweHeaderError::TooLong));
        }
        let json = URL_SAFE_NO_PAD
            .decode(encoded)
            .ok()
            .ok_or(JweError::PartEncoding(JwePart::Header))?;
        let members = Members::parse(&json).map_err(JweError::Header)?;
        members.validate(accepted)
    }
}

/// The relevant members, as they are parsed; their texts are borrowed from the JSON.
#[derive(Default)]
struct Members<'a> {
    alg: Option<Cow<'a, str>>,
    enc: Option<Cow<'a, str>>,
    kid: Option<Kid<'a>>,
    has_crit: bool,
    has_zip: bool,
    has_twins: bool,
}

enum Kid<'a> {
    NotText,
    Text(Cow<'a, str>),
}

impl<'a> Members<'a> {
    fn parse(json: &'a [u8]) -> Result<Self, JweHeaderError> {
        let json = str::from_utf8(json).ok().ok_or(JweHeaderError::NotUtf8)?;
        if !is_within_json_depth(json.as_bytes()) {
            return Err(JweHeaderError::TooDeep);
        }
        let mut parser = serde_json::Deserializer::from_str(json);
        let members = parser.deserialize_map(MembersVisitor);
        let members = members.and_then(|members| parser.end().map(|()| members));
        let members = members.map_err(|error| {
            if error.is_data() {
                JweHeaderError::NotAnObject
            } else {
                JweHeaderError::NotJson
            }
        })?;
        if members.has_twins {
            return Err(JweHeaderError::Duplicate);
        }
        Ok(members)
    }

    fn validate(self, accepted: Accepted) -> Result<Header, JweError> {
        if self.has_crit {
            return Err(JweError::Critical);
        }
        if self.has_zip {
            return Err(JweError::Compressed);
        }
        let alg = self.alg.as_deref();
        let Some(key_algorithm) = alg.and_then(|alg| accepted.key_algorithm(alg)) else {
            let found = HeaderText::of(alg);
            return Err(JweError::Algorithm { found });
        };
        let enc = self.enc.as_deref();
        let Some(content_algorithm) = enc.and_then(|enc| accepted.content_algorithm(enc)) else {
            let found = HeaderText::of(enc);
            return Err(JweError::Encryption { found });
        };
        let kid = match self.kid {
            None => None,
            Some(Kid::NotText) => return Err(JweError::Header(JweHeaderError::KidNotText)),
            Some(Kid::Text(kid)) => Some(kid.into()),
        };
        Ok(Header {
            alg: key_algorithm,
            enc: content_algorithm,
            kid,
        })
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        let mut names = Vec::with_capacity(8);
        while let Some(Text(name)) = map.next_key()? {
            match &*name {
                "alg" => members.alg = text(map.next_value()?),
                "enc" => members.enc = text(map.next_value()?),
                "kid" => {
                    members.kid = Some(text(map.next_value()?).map_or(Kid::NotText, Kid::Text));
                }
                name => {
                    members.has_crit |= name == "crit";
                    members.has_zip |= name == "zip";
                    map.next_value::<IgnoredAny>()?;
                }
            }
            names.push(name);
        }
        members.has_twins = has_twins(names);
        Ok(members)
    }
}

/// Sorted, since a hostile header can have hundreds of names.
fn has_twins(mut names: Vec<Cow<'_, str>>) -> bool {
    names.sort_unstable();
    !names.is_sorted_by(|name, next| name < next)
}

/// A text in JSON, borrowed unless it has an escape.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let Text(text) = serde_json::from_str(value.get()).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::OptInAlgorithm;
    use proptest::prelude::*;

    fn validate(json: impl AsRef<[u8]>) -> Result<Option<Box<str>>, JweError> {
        Header::validate(&URL_SAFE_NO_PAD.encode(json), Accepted::default())
            .map(|header| header.kid)
    }

    #[track_caller]
    fn refused(json: impl AsRef<[u8]>, refusal: &JweError) {
        assert_eq!(validate(json).as_ref(), Err(refusal));
    }

    #[track_caller]
    fn faulty(json: impl AsRef<[u8]>, fault: JweHeaderError) {
        refused(json, &JweError::Header(fault));
    }

    /// A valid header with additional members.
    fn with(more: &str) -> String {
        format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM"{more}}}"#)
    }

    fn unknown_members(count: usize) -> String {
        (0..count)
            .map(|n| format!(r#","x-{n}":[{n}]"#))
            .collect::<Vec<_>>()
            .concat()
    }

    #[test]
    fn takes_what_the_service_sends() {
        assert_eq!(validate(with("")), Ok(None));
        assert_eq!(validate(with(r#","kid":"a0eb""#)), Ok(Some("a0eb".into())));
        assert_eq!(
            validate(with(
                r#","jku":"https://example.com","p2c":2147483648,"x5c":[{}]"#
            )),
            Ok(None)
        );
        assert_eq!(
            validate(r#" { "\u0061lg":"RSA-OAEP-256" ,"enc" : "A256GC\u004d"} "#),
            Ok(None)
        );
        assert_eq!(
            validate(with(r#","Zip":"DEF","CRIT":[],"Alg":1"#)),
            Ok(None)
        );
        assert_eq!(validate(with(&unknown_members(50))), Ok(None));
    }

    #[test]
    fn takes_no_other_algorithm() {
        let none = HeaderText::of(None);
        for alg in [
            "",
            r#""alg":null,"#,
            r#""alg":1,"#,
            r#""alg":["RSA-OAEP-256"],"#,
        ] {
            let found = none.clone();
            refused(
                format!(r#"{{{alg}"enc":"A256GCM"}}"#),
                &JweError::Algorithm { found },
            );
        }
        for alg in [
            "",
            "none",
            "NONE",
            "RSA-OAEP-256 ",
            "rsa-oaep-256",
            "RSA1_5",
            "RSA-OAEP",
            "dir",
            "A256KW",
            "ECDH-ES+A256KW",
            "PBES2-HS256+A128KW",
        ] {
            let found = HeaderText::of(Some(alg));
            refused(
                format!(r#"{{"alg":"{alg}","enc":"A256GCM","p2c":2147483648}}"#),
                &JweError::Algorithm { found },
            );
        }
        for enc in ["", "A128GCM", "A256CBC-HS512", "XC20P", "a256gcm"] {
            let found = HeaderText::of(Some(enc));
            refused(
                format!(r#"{{"alg":"RSA-OAEP-256","enc":"{enc}"}}"#),
                &JweError::Encryption { found },
            );
        }
        let found = none;
        refused(r#"{"alg":"RSA-OAEP-256"}"#, &JweError::Encryption { found });
    }

    #[test]
    fn takes_what_is_opted_in_and_no_more() {
        let validate = |opt_ins: &[OptInAlgorithm], alg: &str, enc: &str| {
            let mut accepted = Accepted::default();
            for opt_in in opt_ins {
                accepted.add(*opt_in);
            }
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#));
            let validated = Header::validate(&header, accepted);
            validated.map(|header| (header.alg.as_str(), header.enc))
        };
        let (sha1, short) = (OptInAlgorithm::RsaOaep, OptInAlgorithm::A128Gcm);
        let default = Ok(("RSA-OAEP-256", ContentAlgorithm::A256Gcm));
        for opt_ins in [&[][..], &[sha1], &[short], &[sha1, short]] {
            assert_eq!(validate(opt_ins, "RSA-OAEP-256", "A256GCM"), default);
            for (alg, enc) in [
                ("RSA1_5", "A256GCM"),
                ("dir", "A128GCM"),
                ("RSA-OAEP", "A192GCM"),
            ] {
                assert!(validate(opt_ins, alg, enc).is_err());
            }
            let is_opened = validate(opt_ins, "RSA-OAEP", "A256GCM").is_ok();
            assert_eq!(is_opened, opt_ins.contains(&sha1));
            let is_opened = validate(opt_ins, "RSA-OAEP-256", "A128GCM").is_ok();
            assert_eq!(is_opened, opt_ins.contains(&short));
            let is_opened = validate(opt_ins, "RSA-OAEP", "A128GCM").is_ok();
            assert_eq!(is_opened, opt_ins.len() == 2);
        }
        let both = validate(&[short, sha1], "RSA-OAEP", "A128GCM");
        assert_eq!(both, Ok(("RSA-OAEP", ContentAlgorithm::A128Gcm)));
    }

    #[test]
    fn takes_no_compression_and_no_extension() {
        for value in ["null", r#""""#, r#""DEF""#, "[]", "0"] {
            refused(with(&format!(r#","zip":{value}"#)), &JweError::Compressed);
        }
        for value in ["null", "[]", r#"["exp"]"#, r#"["exp","exp"]"#, r#""exp""#] {
            refused(with(&format!(r#","crit":{value}"#)), &JweError::Critical);
        }
    }

    #[test]
    fn takes_one_object_only() {
        for json in ["[]", r#""alg""#, "1", "null", "true"] {
            faulty(json, JweHeaderError::NotAnObject);
        }
        for json in [
            "",
            "{",
            "\u{feff}{}",
            "{}{}",
            "{} x",
            "{}\0",
            "{'alg':1}",
            "{alg:1}",
        ] {
            faulty(json, JweHeaderError::NotJson);
        }
        faulty(b"{\"a\":\"\xff\"}", JweHeaderError::NotUtf8);
        faulty(format!("{}x", with("")), JweHeaderError::NotJson);
        for kid in ["null", "1", "{}", r#"["a"]"#, r#""\ud800""#] {
            faulty(
                with(&format!(r#","kid":{kid}"#)),
                JweHeaderError::KidNotText,
            );
        }
    }

    #[test]
    fn takes_no_member_twice() {
        for twins in [
            r#","alg":"RSA-OAEP-256""#,
            r#","\u0061lg":"RSA-OAEP-256""#,
            r#","kid":"a","kid":"a""#,
            r#","x":1,"x":1"#,
            r#","":1,"":2"#,
        ] {
            faulty(with(twins), JweHeaderError::Duplicate);
        }
        // The duplicate is reported even if one of the two members alone would be rejected for
        // another reason.
        faulty(with(r#","zip":1,"zip":2"#), JweHeaderError::Duplicate);
    }

    #[test]
    fn takes_nothing_long_or_deep() {
        let padded = |len: usize| with(&" ".repeat(len - with("").len()));
        assert_eq!(validate(padded(MAX_LEN)), Ok(None));
        faulty(padded(MAX_LEN + 1), JweHeaderError::TooLong);
        faulty(with(&unknown_members(10_000)), JweHeaderError::TooLong);

        let nested = |depth: usize| {
            with(&format!(
                r#","x":{}{}"#,
                "[".repeat(depth),
                "]".repeat(depth)
            ))
        };
        assert_eq!(validate(nested(15)), Ok(None));
        faulty(nested(16), JweHeaderError::TooDeep);
        faulty("[".repeat(MAX_LEN), JweHeaderError::TooDeep);
    }

    #[test]
    fn takes_one_spelling_of_base64url() {
        let good = URL_SAFE_NO_PAD.encode(with(" "));
        assert!(Header::validate(&good, Accepted::default()).is_ok());
        let encoding = Err(JweError::PartEncoding(JwePart::Header));
        // A length that isn't a multiple of three leaves spare bits in the last character.
        let spare = URL_SAFE_NO_PAD.encode(with("  "));
        let spare = format!("{}{}", &spare[..spare.len() - 1], 'R');
        for text in [&format!("{good}="), &format!("{good}A"), &spare, "a+/a"] {
            let validated = Header::validate(text, Accepted::default()).map(|header| header.kid);
            assert_eq!(validated, encoding, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(encoded in "[A-Za-z0-9_-]{0,200}", json in any::<Vec<u8>>()) {
            let _ = Header::validate(&encoded, Accepted::default());
            let _ = validate(json);
        }

        #[test]
        fn hands_the_kid_back_as_it_is(kid in any::<String>()) {
            let json = with(&format!(r#","kid":{}"#, serde_json::to_string(&kid).expect("JSON")));
            match validate(&json) {
                Ok(found) => prop_assert_eq!(found.as_deref(), Some(&*kid)),
                Err(refusal) => {
                    prop_assert!(json.len() > MAX_LEN);
                    prop_assert_eq!(refusal, JweError::Header(JweHeaderError::TooLong));
                }
            }
        }
    }
}
