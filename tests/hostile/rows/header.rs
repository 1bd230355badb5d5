//! Rows A8 to A15: the content of the header.

use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512};
use payment_credentials_jose::OptInAlgorithm;

use crate::tools::sealer::{For, KID, Sealer, Wrap};
use crate::tools::way::Way;

/// A sealer with the values of `alg` and `enc` as JSON; `None` leaves the member out.
fn with_algorithms(alg: Option<&str>, enc: Option<&str>, more: &str) -> Sealer {
    let alg = alg.map(|alg| format!(r#""alg":{alg},"#));
    let enc = enc.map(|enc| format!(r#""enc":{enc},"#));
    let (alg, enc) = (alg.unwrap_or_default(), enc.unwrap_or_default());
    Sealer::with_header(format!(r#"{{{alg}{enc}"kid":"{KID}"{more}}}"#))
}

const GOOD_ALG: Option<&str> = Some(r#""RSA-OAEP-256""#);
const GOOD_ENC: Option<&str> = Some(r#""A256GCM""#);

#[test]
fn a08_an_alg_is_written_exactly_or_rejected() {
    let way = Way::merchant();
    way.opens(with_algorithms(GOOD_ALG, GOOD_ENC, "").jwe());
    way.token(with_algorithms(None, GOOD_ENC, "").jwe());
    for alg in [
        "null",
        "256",
        "true",
        r#"["RSA-OAEP-256"]"#,
        r#"{"alg":"RSA-OAEP-256"}"#,
        r#""""#,
        r#""none""#,
        r#""None""#,
        r#""NONE""#,
        r#""nOnE""#,
        r#""RSA-OAEP-256 ""#,
        r#"" RSA-OAEP-256""#,
        r#""RSA-OAEP-256\u0000""#,
        r#""rsa-oaep-256""#,
        r#""RSA-OAEP-256,RSA-OAEP""#,
        r#""RSA\u2010OAEP-256""#,
    ] {
        way.token(with_algorithms(Some(alg), GOOD_ENC, "").jwe());
    }
}

#[test]
fn a09_other_algs_are_rejected_before_any_key_is_used() {
    let way = Way::merchant();
    for alg in [
        "RSA1_5",
        "RSA-OAEP",
        "RSA-OAEP-384",
        "RSA-OAEP-512",
        "dir",
        "A128KW",
        "A192KW",
        "A256KW",
        "A128GCMKW",
        "A256GCMKW",
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A256KW",
        "PBES2-HS256+A128KW",
        "PBES2-HS512+A256KW",
        "HS256",
        "RS256",
    ] {
        let alg = format!("\"{alg}\"");
        way.token(with_algorithms(Some(&alg), GOOD_ENC, "").jwe());
    }
    // Each JWE is sealed as its header says, so an opener that accepted it would open it.
    let sealed = |alg: &str, wrap| Sealer {
        wrap,
        ..with_algorithms(Some(&format!("\"{alg}\"")), GOOD_ENC, "")
    };
    let sha1 = sealed("RSA-OAEP", Wrap::Oaep(&OAEP_SHA1_MGF1SHA1, None)).jwe();
    let others = [
        sealed("RSA1_5", Wrap::Pkcs1),
        sealed("RSA-OAEP-384", Wrap::Oaep(&OAEP_SHA384_MGF1SHA384, None)),
        sealed("RSA-OAEP-512", Wrap::Oaep(&OAEP_SHA512_MGF1SHA512, None)),
    ];
    let all = Way::merchant()
        .accepting(OptInAlgorithm::RsaOaep)
        .accepting(OptInAlgorithm::A128Gcm);
    for other in others {
        way.token(other.jwe());
        all.token(other.jwe());
    }
    way.token(&sha1);
    Way::merchant()
        .accepting(OptInAlgorithm::A128Gcm)
        .token(&sha1);
    all.opens(&sha1);
}

#[test]
fn a10_an_iteration_count_is_never_read() {
    let way = Way::merchant();
    for alg in [
        "PBES2-HS256+A128KW",
        "PBES2-HS384+A192KW",
        "PBES2-HS512+A256KW",
    ] {
        let alg = format!("\"{alg}\"");
        let more = r#","p2s":"AAAAAAAAAAA","p2c":2147483648"#;
        way.token(with_algorithms(Some(&alg), GOOD_ENC, more).jwe());
    }
    for count in ["2147483648", "-1", "1e308", "null", r#""x""#] {
        let more = format!(r#","p2s":1,"p2c":{count}"#);
        way.opens(with_algorithms(GOOD_ALG, GOOD_ENC, &more).jwe());
    }
}

#[test]
fn a11_other_encs_are_rejected() {
    let way = Way::merchant();
    way.token(with_algorithms(GOOD_ALG, None, "").jwe());
    for enc in [
        "null",
        "1",
        r#"["A256GCM"]"#,
        r#""""#,
        r#""A128GCM""#,
        r#""A192GCM""#,
        r#""A128CBC-HS256""#,
        r#""A256CBC-HS512""#,
        r#""XC20P""#,
        r#""C20P""#,
        r#""a256gcm""#,
        r#""A256GCM ""#,
        r#""unknown""#,
    ] {
        way.token(with_algorithms(GOOD_ALG, Some(enc), "").jwe());
    }
    let short = Sealer {
        wrapped: vec![0x5a; 16],
        content_key: vec![0x5a; 16],
        ..with_algorithms(GOOD_ALG, Some(r#""A128GCM""#), "")
    };
    way.token(short.jwe());
    Way::merchant()
        .accepting(OptInAlgorithm::RsaOaep)
        .token(short.jwe());
    Way::merchant()
        .accepting(OptInAlgorithm::A128Gcm)
        .opens(short.jwe());
}

#[test]
fn a12_compressed_content_is_rejected_and_nothing_here_inflates() {
    let way = Way::merchant();
    for zip in [
        "null", r#""""#, r#""DEF""#, r#""def""#, r#""GZ""#, "[]", "{}", "0", "false",
    ] {
        let more = format!(r#","zip":{zip}"#);
        way.token(with_algorithms(GOOD_ALG, GOOD_ENC, &more).jwe());
    }
    way.token(include_str!(
        "../../vectors/jwe/refused/jwcrypto-zip-def/token.jwe"
    ));
    let locked = include_str!("../../../Cargo.lock");
    for inflating in [
        "flate2",
        "miniz_oxide",
        "libz-sys",
        "zlib-rs",
        "brotli",
        "zstd",
        "libdeflater",
    ] {
        assert!(
            !locked.contains(&format!("name = \"{inflating}\"")),
            "{inflating}"
        );
    }
}

#[test]
fn a13_a_critical_extension_is_rejected() {
    let way = Way::merchant();
    for crit in [
        "[]",
        r#"["exp"]"#,
        r#"["b64"]"#,
        r#"["alg"]"#,
        r#"["exp","exp"]"#,
        r#""exp""#,
        "null",
        "{}",
        "0",
    ] {
        for named in ["", r#","exp":1"#] {
            let more = format!(r#","crit":{crit}{named}"#);
            way.token(with_algorithms(GOOD_ALG, GOOD_ENC, &more).jwe());
        }
    }
}

#[test]
fn a14_keys_in_the_header_are_never_used() {
    let way = Way::merchant();
    // The opener has no transport, so it can't fetch an address.
    for more in [
        r#","jku":"https://localhost:1/keys","x5u":"file:///etc/passwd""#,
        r#","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"},"x5c":["AQAB"],"x5t":"AQAB","x5t#S256":1"#,
        r#","jwk":null,"x5c":"x","jku":7"#,
    ] {
        way.opens(with_algorithms(GOOD_ALG, GOOD_ENC, more).jwe());
        let sealed_for_theirs = Sealer {
            sealed_for: For::MerchantNext,
            ..with_algorithms(GOOD_ALG, GOOD_ENC, more)
        };
        way.decrypt(sealed_for_theirs.jwe());
    }
}

#[test]
fn a15_harmless_members_are_ignored() {
    let way = Way::merchant();
    let members: Vec<String> = (0..50)
        .map(|nth| match nth % 5 {
            0 => format!(r#","x{nth}":null"#),
            1 => format!(r#","x{nth}":[{nth},"a",{{}}]"#),
            2 => format!(r#","x{nth}":{{"alg":"none","zip":"DEF"}}"#),
            3 => format!(r#","é{nth}":"\u0000""#),
            _ => format!(r#","x{nth}":-1.5e3"#),
        })
        .collect();
    way.opens(with_algorithms(GOOD_ALG, GOOD_ENC, &members.concat()).jwe());
    let more = r#","typ":"JWT","cty":"json","iat":1757695744,"epk":{},"apu":"","b64":false"#;
    way.opens(with_algorithms(GOOD_ALG, GOOD_ENC, more).jwe());
}
