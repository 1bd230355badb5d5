//! Responses that hold canaries: valid ones, broken ones, and bytes that are no response at all.

use std::time::Duration;

use payment_credentials::credentials::{Account, PaymentCredentials};
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials_sandbox::vault;
use serde_json::{Value, json};

use super::canaries::{self, Signer};
use super::scan::{Scan, assert_clean};
use super::sealer::{OTHER_PEM, PRIVATE_PEM, opener, seal};
use super::service::{Play, Service, response};
use crate::stage::request;

/// A response, and whether it yields credentials.
struct Case {
    name: &'static str,
    play: Play,
    opens: bool,
}

fn case(name: &'static str, opens: bool, answer: Vec<u8>) -> Case {
    let play = Play::Answer(answer);
    Case { name, play, opens }
}

const JOSE: &str = "content-type: application/jose;charset=utf-8\r\n";
const JSON: &str = "content-type: application/json;charset=utf-8\r\n";

fn created(body: impl AsRef<[u8]>) -> Vec<u8> {
    response(201, JOSE, body)
}

/// Plays every case on a connection of its own, with an opener for this key, and scans for the
/// canaries.
async fn check(mut scan: Scan, pem: &str, cases: Vec<Case>) {
    let signer = Signer::new(&mut scan);
    let body = canaries::body(&mut scan);
    scan.keep_pem("private key", pem);
    let request = request(vault::VISA, body);
    scan.shown("the request", &request);
    for Case { name, play, opens } in cases {
        let port = Service::port(play, &signer)
            .call_deadline(Duration::from_secs(9))
            .build()
            .expect("a port");
        let generator = CredentialsGenerator::new(port, opener(pem));
        let generated = generator.generate(&request).await;
        assert_eq!(generated.is_ok(), opens, "{name}: {:?}", generated.err());
        match generated {
            Ok(generated) => {
                scan.shown(name, &generated);
                show(&mut scan, name, &generated.credentials);
            }
            Err(error) => scan.error(name, &error),
        }
        scan.shown("the generator", &generator);
    }
    let asked = signer.asked.lock().expect("unpoisoned").clone();
    scan.saw("the request to sign", &asked);
    assert_clean(&scan);
}

/// Adds everything that credentials return.
fn show(scan: &mut Scan, name: &str, credentials: &PaymentCredentials) {
    scan.shown(
        name,
        &(
            &credentials.links,
            &credentials.issuer,
            &credentials.processing_information,
            &credentials.bill_to,
            &credentials.unknown,
            credentials.card_behind(),
        ),
    );
    match credentials.account() {
        Account::NetworkToken(token) => scan.shown(
            name,
            &(
                token.number(),
                token.proof(),
                token.cryptogram(),
                token.security_code(),
                (
                    &token.card,
                    &token.payment_account_reference,
                    &token.unknown,
                ),
            ),
        ),
        Account::Card(card) => scan.shown(name, &(card.pan(), card.masked_number(), &card.unknown)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn good_responses() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan);
    let mut code = token.clone();
    code["tokenizedCard"]
        .as_object_mut()
        .expect("an object")
        .remove("cryptogram");
    let mut suspended = token.clone();
    suspended["tokenizedCard"]["state"] = json!("SUSPENDED");
    let card = canaries::card(&mut scan);
    let cookie = format!("set-cookie: session={}\r\n{JOSE}", scan.word("cookie"));
    let cases = vec![
        case("a network token", true, created(seal(token.to_string()))),
        case("a security code", true, created(seal(code.to_string()))),
        case(
            "a suspended token",
            true,
            created(seal(suspended.to_string())),
        ),
        case("a card", true, created(seal(card.to_string()))),
        case(
            "a JWE in quotes",
            true,
            created(format!("\"{}\"", seal(card.to_string()))),
        ),
        case(
            "a cookie",
            true,
            response(201, &cookie, seal(card.to_string())),
        ),
    ];
    check(scan, PRIVATE_PEM, cases).await;
}

#[tokio::test(start_paused = true)]
async fn plaintexts_that_are_not_credentials() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan);
    let text = token.to_string();
    let number = token["tokenizedCard"]["number"].clone();
    let words = [
        ("cut in the middle", text[..text.len() / 2].to_owned()),
        ("cut at the end", text[..text.len() - 1].to_owned()),
        (
            "a member twice",
            format!(r#"{{"tokenizedCard":{{"number":{number},"number":{number}}}}}"#),
        ),
        ("a list", format!("[{text}]")),
        ("a text", number.to_string()),
        ("two documents", format!("{text}{text}")),
        ("no account", json!({ "number": number }).to_string()),
        (
            "an account that is a text",
            json!({ "tokenizedCard": number }).to_string(),
        ),
        (
            "too deep",
            format!("{}{text}{}", "[".repeat(50), "]".repeat(50)),
        ),
        ("a JWE once more", seal(&text)),
    ];
    let cases = words.map(|(name, text)| case(name, false, created(seal(text))));
    let mut cases = Vec::from(cases);
    let odd = [b"\xff\xfe", text.as_bytes()].concat();
    cases.push(case("not UTF-8", false, created(seal(odd))));
    check(scan, PRIVATE_PEM, cases).await;
}

#[tokio::test(start_paused = true)]
async fn members_of_the_wrong_kind() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan);
    let with = |member: &str, value: Value| {
        let mut token = token.clone();
        token["tokenizedCard"][member] = value;
        created(seal(token.to_string()))
    };
    let secret = |name: &str| token["tokenizedCard"][name].clone();
    let number: u64 = secret("number")
        .as_str()
        .expect("a text")
        .parse()
        .expect("digits");
    let cases = vec![
        case("a number that is one", true, with("number", json!(number))),
        case(
            "a number in a list",
            true,
            with("number", json!([secret("number")])),
        ),
        case(
            "a number with blanks",
            true,
            with("number", json!(format!(" {number} "))),
        ),
        case(
            "a number as cryptogram",
            true,
            with("cryptogram", secret("number")),
        ),
        case(
            "a cryptogram as number",
            true,
            with("number", secret("cryptogram")),
        ),
        case(
            "a cryptogram as month",
            true,
            with("expirationMonth", secret("cryptogram")),
        ),
        case("a number as state", true, with("state", secret("number"))),
        case("a number as id", true, with("id", secret("number"))),
        case("a number as ECI", true, with("eci", secret("number"))),
        case("a number as card", true, with("card", secret("number"))),
    ];
    check(scan, PRIVATE_PEM, cases).await;
}

#[tokio::test(start_paused = true)]
async fn responses_that_are_no_jwe() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan).to_string();
    let number = scan.number("echoed number");
    let error = json!({ "errors": [{
        "type": format!("invalid {number}"),
        "message": format!("no such card: {number}"),
        "details": [{ "name": number, "location": number }],
    }] })
    .to_string();
    let quoted = json!(token).to_string();
    let mle = json!({ "encryptedResponse": token }).to_string();
    let no_status = format!("HTTP/1.1 {token}\r\n\r\n");
    let no_header = format!("HTTP/1.1 201 OK\r\n{token}\r\n\r\n");
    let mut cases = vec![
        case("plain JSON", false, response(201, JSON, &token)),
        case("plain JSON in a text", false, response(201, JSON, &quoted)),
        case("an error that echoes", false, response(400, JSON, &error)),
        case("an error as a success", false, response(201, JSON, &error)),
        case("an encrypted response", false, response(201, JSON, &mle)),
        case("no HTTP", false, token.clone().into_bytes()),
        case("no status", false, no_status.into_bytes()),
        case("no header", false, no_header.into_bytes()),
        case("a failure with a token", false, response(500, JOSE, &token)),
    ];
    for status in [200, 400, 401, 403, 404, 500, 502] {
        cases.push(Case {
            name: "an echo of the request",
            play: Play::Echo(status),
            opens: false,
        });
    }
    cases.push(Case {
        name: "silence",
        play: Play::Silence,
        opens: false,
    });
    check(scan, PRIVATE_PEM, cases).await;
}

#[tokio::test(start_paused = true)]
async fn heads_that_hold_secrets() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan).to_string();
    let location = scan.word("location");
    let location = format!("location: https://{location}.example/?a={location}\r\n");
    let gzip = format!(
        "content-encoding: gzip\r\nx-secret: {}\r\n",
        scan.word("header")
    );
    let large = format!("x-large: {}\r\n", scan.word("header").repeat(5000));
    let odd = format!("content-type: {}\r\n", scan.number("number for a type"));
    let date = format!(
        "date: {0}\r\nretry-after: {0}\r\n",
        scan.number("number for a date")
    );
    let cases = vec![
        case("a redirect", false, response(302, &location, &token)),
        case("a coding", false, response(201, &gzip, &token)),
        case(
            "a head that is too large",
            false,
            response(201, &large, &token),
        ),
        case("an odd type", false, response(201, &odd, &token)),
        case("an odd date", false, response(429, &date, &token)),
    ];
    check(scan, PRIVATE_PEM, cases).await;
}

#[tokio::test(start_paused = true)]
async fn responses_that_are_truncated_or_changed() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan);
    let jwe = seal(token.to_string());
    let whole = created(&jwe);
    let cut = |at: usize| case("a response that is cut", false, whole[..at].to_vec());
    let mut cases: Vec<_> = (1..16).map(|part| cut(whole.len() * part / 16)).collect();
    cases.push(cut(whole.len() - 1));
    let parts: Vec<&str> = jwe.split('.').collect();
    for at in 0..parts.len() {
        let mut without = parts.clone();
        without[at] = "AAAA";
        cases.push(case("a part of zeros", false, created(without.join("."))));
        without.remove(at);
        cases.push(case("a part too few", false, created(without.join("."))));
    }
    let other = seal("{}");
    let foreign: Vec<&str> = other.split('.').collect();
    let mixed = [&foreign[..2], &parts[2..]].concat().join(".");
    cases.push(case("parts of two JWEs", false, created(mixed)));
    check(scan, PRIVATE_PEM, cases).await;
}

#[tokio::test(start_paused = true)]
async fn a_jwe_for_another_key() {
    let mut scan = Scan::begin();
    let token = canaries::network_token(&mut scan);
    let cases = vec![case("another key", false, created(seal(token.to_string())))];
    check(scan, OTHER_PEM, cases).await;
}
