//! JWEs of seven other implementations are opened, or rejected at the stage that the vector names.

use std::collections::BTreeSet;
use std::sync::Arc;

use payment_credentials_core::PortErrorKind;
use payment_credentials_jose::{JweOpener, OpenError, OptInAlgorithm};
use payment_credentials_keys::PrivateKey;

use crate::fixtures::{
    Counting, MERCHANT, MERCHANT_3072, MERCHANT_4096, MERCHANT_NEXT, jwe, key, keyring, merchant,
    named_key, open, read, read_text, seen, vectors,
};

fn cases(folder: &str) -> Vec<String> {
    let entries = vectors().join(folder).read_dir().expect("a folder");
    let case = |entry: std::io::Result<std::fs::DirEntry>| {
        let name = entry.expect("an entry").file_name();
        format!("{folder}/{}", name.to_str().expect("UTF-8"))
    };
    let mut cases: Vec<String> = entries.map(case).collect();
    cases.sort();
    cases
}

fn key_name(case: &str) -> String {
    let file = read_text(&format!("{case}/key"));
    file.strip_suffix(".pkcs8.pem").expect("PKCS#8").to_owned()
}

#[test]
fn opens_every_vector_to_its_exact_plaintext() {
    let cases = cases("opens");
    assert_eq!(cases.len(), 29);
    let all = [MERCHANT, MERCHANT_NEXT, MERCHANT_3072, MERCHANT_4096];
    let all = JweOpener::new(keyring(all.map(named_key)));
    for case in &cases {
        let sealed = jwe(&read_text(&format!("{case}/token.jwe")));
        let name = key_name(case);
        let named = JweOpener::new(keyring([named_key(&name)]));
        let unnamed = JweOpener::new(keyring([key(&name)]));
        for opener in [&named, &unnamed, &all] {
            let plaintext = pollster::block_on(opener.open_bytes(&sealed)).expect(case);
            assert!(
                plaintext.expose() == read(&format!("{case}/plaintext.json")),
                "{case}"
            );
        }
        match open(&named, sealed) {
            Ok(_) => assert!(!case.ends_with("empty-object"), "{case}"),
            Err(error) => {
                assert!(case.ends_with("empty-object"), "{case}");
                assert_eq!(error.kind(), PortErrorKind::Payload, "{case}");
            }
        }
    }
}

#[test]
fn refuses_every_vector_at_its_stage() {
    let cases = cases("refused");
    assert_eq!(cases.len(), 52);
    let (mut headers, mut texts) = (0, Vec::new());
    for case in &cases {
        let about: serde_json::Value =
            serde_json::from_slice(&read(&format!("{case}/about.json"))).expect("JSON");
        let keys = Arc::new(Counting::new(keyring([named_key(&key_name(case))])));
        let opener = JweOpener::new(Arc::clone(&keys));
        let outcome = read_text(&format!("{case}/token.jwe"))
            .parse()
            .map(|jwe| open(&opener, jwe).expect_err(case));
        match about["stage"].as_str() {
            Some("header") => {
                headers += 1;
                assert_eq!(keys.asked(), 0, "{case}");
                if let Ok(error) = outcome {
                    assert_eq!(error.kind(), PortErrorKind::Jwe, "{case}");
                    seen(&error);
                }
            }
            Some("crypto") => {
                let error = outcome.expect("a JWE by its shape");
                assert_eq!(keys.asked(), 1, "{case}");
                assert_eq!(error.kind(), PortErrorKind::Decrypt, "{case}");
                texts.push(seen(&error));
            }
            stage => unreachable!("{case} has stage {stage:?}"),
        }
    }
    assert_eq!((headers, texts.len()), (41, 11));
    assert_eq!(texts.into_iter().collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn opens_what_is_opted_in_and_refuses_it_otherwise() {
    let opens = |opener: &JweOpener, case: &str| {
        let sealed = jwe(&read_text(&format!("refused/{case}/token.jwe")));
        match open(opener, sealed) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), PortErrorKind::Jwe, "{case}");
                false
            }
        }
    };
    let sha1 = merchant().accepting(OptInAlgorithm::RsaOaep);
    let short = merchant().accepting(OptInAlgorithm::A128Gcm);
    let both = sha1.clone().accepting(OptInAlgorithm::A128Gcm);
    for (opener, opens_sha1, opens_short) in [
        (merchant(), false, false),
        (sha1, true, false),
        (short, false, true),
        (both.clone(), true, true),
    ] {
        assert_eq!(opens(&opener, "jwcrypto-rsa-oaep"), opens_sha1);
        assert_eq!(opens(&opener, "authlib-a128gcm"), opens_short);
    }
    let headers = cases("refused").into_iter().filter(|case| {
        let about = read_text(&format!("{case}/about.json"));
        about.contains(r#""stage": "header""#)
            && !case.ends_with("jwcrypto-rsa-oaep")
            && !case.ends_with("authlib-a128gcm")
    });
    let headers: Vec<String> = headers.collect();
    assert_eq!(headers.len(), 39);
    for case in headers {
        if let Ok(sealed) = read_text(&format!("{case}/token.jwe")).parse() {
            let error = open(&both, sealed).expect_err("refused all the same");
            assert_eq!(error.kind(), PortErrorKind::Jwe, "{case}");
        }
    }
}

#[test]
fn opens_the_example_of_rfc_7516_by_opt_in_alone() {
    let file = |name: &str| read(&format!("opt-in/rfc7516-a1/{name}"));
    let sealed = jwe(&read_text("opt-in/rfc7516-a1/token.jwe"));
    let key = PrivateKey::from_pem(file("key.pkcs8.pem")).expect("a key");
    let opener = JweOpener::new(keyring([key]));
    let refused = pollster::block_on(opener.open_bytes(&sealed));
    assert!(matches!(refused, Err(OpenError::Jwe(_))));
    let opener = opener.accepting(OptInAlgorithm::RsaOaep);
    let plaintext = pollster::block_on(opener.open_bytes(&sealed)).expect("opens");
    assert!(plaintext.expose() == file("plaintext.txt"));
    assert!(plaintext.expose().starts_with(b"The true sign"));
}

#[test]
fn refuses_bytes_as_it_refuses_credentials() {
    let opener = merchant();
    let failure = |case: &str| {
        let sealed = jwe(&read_text(&format!("refused/{case}/token.jwe")));
        pollster::block_on(opener.open_bytes(&sealed)).expect_err(case)
    };
    assert!(matches!(failure("jwcrypto-zip-def"), OpenError::Jwe(_)));
    let failure = failure("cryptography-cek-31");
    assert!(matches!(failure, OpenError::Decrypt(_)));
    let text = "the JWE does not open with the configured key";
    assert_eq!(failure.to_string(), text);
}
