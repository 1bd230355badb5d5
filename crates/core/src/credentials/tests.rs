use super::*;
use proptest::prelude::*;

mod members;

const V2_VISA: &str = r#"{
  "_links": {"self": {"href": "/tms/v2/tokens/1/payment-credentials"}},
  "tokenizedCard": {
    "state": "ACTIVE", "enrollmentId": "e1", "tokenReferenceId": "t1",
    "number": "4895370016750801", "expirationMonth": "12", "expirationYear": "2031",
    "type": "visa", "cryptogram": "AwAAAADggP\/Ce5+ZciCXQUUAAAA\u003d", "eci": "05",
    "requestorId": "40010052236",
    "card": {"suffix": "1111", "expirationMonth": "12", "expirationYear": "2031"},
    "metadata": {
      "cardArt": {"combinedAsset": {"id": "a1", "_links": {"self": {"href": "//elsewhere"}}}},
      "issuer": {"name": "Bank", "accountPrefix": "411111", "phoneNumber": 6505550100}
    }
  },
  "card": {"number": "411111XXXXXX1111"},
  "issuer": {"paymentAccountReference": "V0010013022298169667504231315"},
  "processingInformation": {
    "commerceIndicator": "vbv",
    "authorizationOptions": {"initiator": {"merchantInitiatedTransaction":
      {"previousTransactionId": "123456789012345", "originalAuthorizedAmount": "10.00"}}}
  }
}"#;

const V3_VISA: &str = r#"{
  "_links": {"customer": {"href": "c"}, "paymentInstruments": {"href": "p"},
             "instrumentIdentifier": {"href": "i"}, "tokenizedCard": {"href": "t"}},
  "tokenizedCard": {
    "id": "47CA8267360FD3EAE063AF598E0A5792", "object": "tokenizedCard", "source": "ONFILE",
    "state": "ACTIVE", "number": "4323126880354068", "expirationMonth": "12",
    "expirationYear": "2031", "type": "visa", "cryptogram": "AwAAAAAAWx6z/7YAAAAAgBcAAAA=",
    "securityCode": "123", "eci": "07", "requestorId": "40010052236",
    "paymentAccountReference": "V0010013025198559200843564380",
    "applicationTransactionCounter": "12345",
    "card": {"type": "001", "suffix": "1111"},
    "verificationResults": {"securityCode": "MATCH", "address": "NEW_RESULT"},
    "passkey": {"number": "4111111111111111"}
  }
}"#;

fn read(json: &str) -> PaymentCredentials {
    PaymentCredentials::from_plaintext(json.as_bytes()).expect("credentials")
}

fn token(json: &str) -> NetworkToken {
    match read(&format!(r#"{{"tokenizedCard":{json}}}"#)).account {
        Account::NetworkToken(token) => *token,
        Account::Card(_) => panic!("a card"),
    }
}

fn card(json: &str) -> Card {
    match read(&format!(r#"{{"card":{json}}}"#)).account {
        Account::Card(card) => *card,
        Account::NetworkToken(_) => panic!("a network token"),
    }
}

#[track_caller]
fn refuses(plaintext: &[u8], expected: &str) {
    let error = PaymentCredentials::from_plaintext(plaintext).expect_err("refused");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn reads_every_member_of_version_2() {
    let credentials = read(V2_VISA);
    let Account::NetworkToken(token) = credentials.account() else {
        panic!("a card")
    };
    assert_eq!(
        token.number().expect("a number").expose(),
        "4895370016750801"
    );
    assert_eq!(token.expiry().expect("an expiry").to_string(), "12/2031");
    let cryptogram = token.cryptogram().expect("a cryptogram");
    assert_eq!(cryptogram.expose(), "AwAAAADggP/Ce5+ZciCXQUUAAAA=");
    assert_eq!(
        token.security_code().err(),
        Some(NotChargeable::MissingSecurityCode)
    );
    assert_eq!(token.network, Some(NetworkName::Visa));
    assert!(token.eci.as_ref().is_some_and(|eci| *eci == "05"));
    let metadata = token.metadata.as_ref().expect("metadata");
    let issuer = metadata.issuer.as_ref().expect("an issuer");
    assert!(
        issuer
            .phone_number
            .as_ref()
            .is_some_and(|number| *number == "6505550100")
    );
    let behind = credentials.card_behind().expect("the card behind");
    assert_eq!(behind.masked_number().as_deref(), Some("411111XXXXXX1111"));
    assert_eq!(
        credentials.payment_account_reference(),
        Some("V0010013022298169667504231315")
    );
    let processing = credentials
        .processing_information
        .as_ref()
        .expect("processing information");
    assert!(
        processing
            .commerce_indicator
            .as_ref()
            .is_some_and(|vbv| *vbv == "vbv")
    );
    assert!(credentials.unknown.is_empty() && token.unknown.is_empty());
}

/// Row B13: a link is plain text, and no code here can follow one.
#[test]
fn a_link_to_anywhere_is_text() {
    for anywhere in [
        "https://elsewhere.example/",
        "//elsewhere",
        "javascript:void(0)",
    ] {
        let json = format!(r#"{{"card":{{}},"_links":{{"self":{{"href":"{anywhere}"}}}}}}"#);
        let links = read(&json).links.expect("links");
        let link = links.this.and_then(|link| link.href).expect("a link");
        assert_eq!(link.as_str(), anywhere);
    }
}

#[test]
fn reads_every_member_of_version_3() {
    let credentials = read(V3_VISA);
    let Account::NetworkToken(token) = credentials.account() else {
        panic!("a card")
    };
    assert!(matches!(token.proof(), Ok(Proof::Cryptogram(_))));
    assert_eq!(token.security_code().expect("a DTVV").expose(), "123");
    assert_eq!(token.source, Some(NetworkTokenSource::OnFile));
    assert!(
        token
            .application_transaction_counter
            .as_ref()
            .is_some_and(|atc| *atc == "12345")
    );
    assert_eq!(
        credentials.payment_account_reference(),
        Some("V0010013025198559200843564380")
    );
    let details = token.card.as_ref().expect("the card's details");
    assert_eq!(details.card_type, Some(CardType::Visa));
    let results = token.verification_results.as_ref().expect("results");
    assert_eq!(results.security_code, Some(VerificationResult::Match));
    assert_eq!(
        results.address,
        Some(VerificationResult::Unlisted("NEW_RESULT".into()))
    );
    assert_eq!(
        token.unknown.expose("passkey"),
        Some(r#"{"number": "4111111111111111"}"#)
    );
}

#[test]
fn a_card_is_chargeable_only_with_its_full_number() {
    let full = card(
        r#"{"number":"4111111111111111","expirationMonth":"12","expirationYear":"2031","type":"001"}"#,
    );
    assert_eq!(full.pan().expect("a PAN").expose(), "4111111111111111");
    assert_eq!(full.masked_number().as_deref(), Some("411111XXXXXX1111"));
    assert_eq!(full.expiry().expect("an expiry").to_string(), "12/2031");
    let masked = card(r#"{"number":"462294XXXXXX6791"}"#);
    assert_eq!(masked.pan().err(), Some(NotChargeable::MaskedNumber));
    assert_eq!(masked.masked_number().as_deref(), Some("462294XXXXXX6791"));
    assert_eq!(card("{}").pan().err(), Some(NotChargeable::MissingNumber));
    for malformed in [
        "41111111111",
        "41111111111111111111",
        "4111 1111 1111 1111",
        "abc",
        "４１１１",
    ] {
        let card = card(&format!(r#"{{"number":"{malformed}"}}"#));
        assert_eq!(card.pan().err(), Some(NotChargeable::BadNumber));
        assert_eq!(card.masked_number(), None);
    }
}

#[test]
fn an_inactive_network_token_says_what_to_do() {
    #[track_caller]
    fn check(state: &str, reason: &str, advice: Advice) {
        let token = token(&format!(r#"{{"state":"{state}","reason":{reason}}}"#));
        let error = token.number().expect_err("not chargeable");
        assert_eq!(error.advice(), advice, "{state} {reason}");
        assert_eq!(token.proof().err(), Some(error));
    }
    check("SUSPENDED", "null", Advice::TryLater);
    check("DELETED", "null", Advice::AskForCard);
    check("EXPIRED", "null", Advice::AskForCard);
    check("NEW_STATE", "null", Advice::TryLater);
    check(
        "UNPROVISIONED",
        "\"INVALID_REQUEST\"",
        Advice::UseAnotherWay,
    );
    check(
        "UNPROVISIONED",
        "\"CARD_VERIFICATION_FAILED\"",
        Advice::AskForCard,
    );
    check(
        "UNPROVISIONED",
        "\"CARD_NOT_ELIGIBLE\"",
        Advice::UseAnotherWay,
    );
    check(
        "UNPROVISIONED",
        "\"CARD_NOT_ALLOWED\"",
        Advice::UseAnotherWay,
    );
    check("UNPROVISIONED", "\"DECLINED\"", Advice::UseAnotherWay);
    check("UNPROVISIONED", "\"SERVICE_UNAVAILABLE\"", Advice::TryLater);
    check("UNPROVISIONED", "\"SYSTEM_ERROR\"", Advice::TryLater);
    check("UNPROVISIONED", "\"NEW_REASON\"", Advice::TryLater);
    let suspended = token(r#"{"state":"SUSPENDED","reason":"SYSTEM_ERROR"}"#);
    let error = suspended.number().expect_err("not chargeable");
    assert_eq!(
        error.to_string(),
        "the network token is SUSPENDED (SYSTEM_ERROR)"
    );
}

#[test]
fn a_missing_state_does_not_block_access() {
    let token = token(r#"{"number":"4895370016750801","securityCode":"4523"}"#);
    assert!(token.number().is_ok());
    assert!(matches!(token.proof(), Ok(Proof::SecurityCode(_))));
    assert_eq!(
        token.cryptogram().err(),
        Some(NotChargeable::MissingCryptogram)
    );
    assert_eq!(token.expiry().err(), Some(NotChargeable::BadExpiry));
}

#[test]
fn an_expiry_fails_on_access_alone() {
    for (month, year) in [
        ("0", "2031"),
        ("13", "2031"),
        ("1", "2031"),
        ("12", "31"),
        ("12", "1999"),
        ("12", "9999"),
        ("+1", "2031"),
    ] {
        let token = token(&format!(
            r#"{{"number":"4895370016750801","expirationMonth":"{month}","expirationYear":"{year}"}}"#
        ));
        assert!(token.number().is_ok());
        assert_eq!(
            token.expiry().err(),
            Some(NotChargeable::BadExpiry),
            "{month}/{year}"
        );
    }
    let numbers = token(r#"{"expirationMonth":12,"expirationYear":2031}"#);
    assert!(numbers.expiry().is_ok());
}

#[test]
fn an_unusable_cryptogram_counts_as_none() {
    for text in [
        String::new(),
        "a b".to_owned(),
        "é".to_owned(),
        "x".repeat(10_240),
    ] {
        let token = token(&format!(r#"{{"cryptogram":"{text}"}}"#));
        assert_eq!(
            token.cryptogram().err(),
            Some(NotChargeable::MissingCryptogram)
        );
        assert_eq!(token.proof().err(), Some(NotChargeable::MissingProof));
    }
    for text in [
        "AF1ajnoLKKj8AAKhssPUGgADFA==",
        "0123456789abcdef0123456789abcdef01234567",
    ] {
        assert!(
            token(&format!(r#"{{"cryptogram":"{text}"}}"#))
                .cryptogram()
                .is_ok()
        );
    }
}

#[test]
fn refuses_what_is_not_credentials_with_place_and_reason() {
    refuses(b"", "the plaintext is empty at byte 0");
    refuses(b" \n", "the plaintext is empty at byte 0");
    refuses(b"{\"a\":\"\xff\"}", "not UTF-8 at byte 6");
    refuses(b"\xef\xbb\xbf{}", "not JSON at byte 0");
    refuses(b"{\"card\":4111111111111111,}", "not JSON at byte 25");
    refuses(b"{}{}", "not JSON at byte 2");
    refuses(b"{\n \"card\": nope}", "not JSON at byte 12");
    for other in ["[]", "\"4111111111111111\"", "4111111111111111", "null"] {
        refuses(other.as_bytes(), "not a JSON object at byte 0");
    }
    refuses(b"{}", "neither a network token nor a card");
    refuses(
        b"{\"card\":\"4111111111111111\"}",
        "neither a network token nor a card",
    );
    refuses(
        "{\"a\":".repeat(10_000).as_bytes(),
        "JSON that nests too deep at byte 0",
    );
}

#[test]
fn refuses_a_member_that_stands_twice() {
    let twice = br#"{"card":{"number":"4111111111111111","\u006eumber":"4111111111111112"}}"#;
    refuses(twice, "duplicate member in card at byte 51");
    refuses(br#"{"card":{},"card":{}}"#, "duplicate member at byte 18");
}

#[test]
fn debug_shows_no_secret() {
    for json in [
        V2_VISA,
        V3_VISA,
        r#"{"card":{"number":"4111111111111111","new":"4111111111111111"}}"#,
    ] {
        let credentials = read(json);
        let shown = format!("{credentials:?} {credentials:#?}");
        for secret in [
            "4895370016750801",
            "4323126880354068",
            "4111111111111111",
            "411111XXXXXX1111",
            "AwAAAA",
            "V001001302",
            "\"123\"",
            "2031",
        ] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

proptest! {
    #[test]
    fn never_panics_on_damaged_credentials(at in 0..V3_VISA.len(), byte: u8) {
        let mut damaged = V3_VISA.as_bytes().to_vec();
        damaged[at] = byte;
        if let Ok(credentials) = PaymentCredentials::from_plaintext(&damaged)
            && let Account::NetworkToken(token) = credentials.account()
        {
            let _ = (token.number(), token.expiry(), token.proof());
        }
    }
}
