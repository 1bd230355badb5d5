//! A recorded run holds nothing of what was sent and received, and plays to the same decisions.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use payment_credentials::credentials::Account;
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::request::{PaymentCredentialType, RequestBody, TransactionType};
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    ApiVersion, CredentialsOpener, CredentialsRequest, PaymentCredentialsPort,
};
use payment_credentials_mock::block_on;
use payment_credentials_mock::cassette::{Cassette, Recorder, Replay};
use payment_credentials_sandbox::vault;
use serde_json::{Value, json};

use super::canaries::{self, Signer};
use super::encodings::{Haystack, encodings};
use super::scan::{Scan, assert_clean};
use super::sealer::{PRIVATE_PEM, opener, seal};
use super::service::{Play, Service, response};
use crate::stage::{self, VERSIONS, request, sandbox};

fn file(name: &str) -> PathBuf {
    payment_credentials_test_limit::start();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cassettes")
        .join(name);
    let _ = fs::remove_file(&path);
    path
}

#[expect(clippy::disallowed_methods, reason = "a cassette is a file")]
fn text_of(path: &Path) -> String {
    fs::read_to_string(path).expect("a text")
}

/// What an application decides by.
async fn decision<P, O>(
    generator: &CredentialsGenerator<P, O>,
    request: &CredentialsRequest,
) -> String
where
    P: PaymentCredentialsPort,
    O: CredentialsOpener,
{
    match generator.generate(request).await {
        Ok(generated) => {
            let (credentials, id) = (&generated.credentials, request.token_id());
            let account = match credentials.account() {
                Account::NetworkToken(token) => format!(
                    "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                    token.state(),
                    token.reason(),
                    token.network,
                    token.number().map(|number| number.expose().len()),
                    token
                        .cryptogram()
                        .map(|cryptogram| cryptogram.expose().len()),
                    token.security_code().map(|code| code.expose().len()),
                    token.expiry().is_ok(),
                    token.eci,
                ),
                Account::Card(card) => format!(
                    "{:?} {:?} {:?}",
                    card.pan().map(|pan| pan.expose().len()),
                    card.card_type,
                    card.expiry().is_ok(),
                ),
                other => panic!("{other:?}"),
            };
            let (status, ids) = (
                generated.head.status(),
                generated.correlation_id().is_some(),
            );
            format!("{account} {:?} {status} {ids}", credentials.confirms(id))
        }
        Err(error) => format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            error.kind(),
            error.delivery(),
            error.repeatability(),
            error.status(),
            error.retry_after(),
            error.correlation_id().is_some(),
        ),
    }
}

/// An object with these members, each of them a canary.
fn words(scan: &mut Scan, names: &[&'static str]) -> serde_json::Map<String, Value> {
    let word = |name: &&'static str| ((*name).to_owned(), Value::from(scan.word(name)));
    names.iter().map(word).collect()
}

const IDS: [&str; 6] = [
    "id",
    "object",
    "requestorId",
    "enrollmentId",
    "tokenReferenceId",
    "applicationTransactionCounter",
];
const DETAILS: [&str; 5] = [
    "suffix",
    "issueDate",
    "activationDate",
    "expirationPrinted",
    "securityCodePrinted",
];
const ISSUER: [&str; 8] = [
    "name",
    "shortDescription",
    "longDescription",
    "country",
    "accountPrefix",
    "email",
    "phoneNumber",
    "url",
];
const ADDRESS: [&str; 11] = [
    "firstName",
    "lastName",
    "company",
    "address1",
    "address2",
    "locality",
    "administrativeArea",
    "postalCode",
    "country",
    "email",
    "phoneNumber",
];
const FIRST_PAYMENT: [&str; 3] = [
    "previousTransactionId",
    "originalAuthorizedAmount",
    "processorTransactionId",
];
const LINKS: [&str; 5] = [
    "self",
    "customer",
    "paymentInstruments",
    "instrumentIdentifier",
    "tokenizedCard",
];

/// Every member of a response of both versions; each that isn't a word of the vendor's is a canary.
fn every_member(scan: &mut Scan) -> Value {
    let mut all = canaries::network_token(scan);
    let token = all["tokenizedCard"].as_object_mut().expect("an object");
    token.extend(words(scan, &IDS));
    token.insert("source".to_owned(), "ONFILE".into());
    token.insert("eci".to_owned(), "07".into());
    let art = words(scan, &["id"]);
    let metadata = json!({ "cardArt": { "combinedAsset": art }, "issuer": words(scan, &ISSUER) });
    token.insert("metadata".to_owned(), metadata);
    let results = json!({ "securityCode": "MATCH", "address": "NO_MATCH" });
    token.insert("verificationResults".to_owned(), results);
    let card = token["card"].as_object_mut().expect("an object");
    card.extend(words(scan, &DETAILS));
    card.insert(
        "termsAndConditions".to_owned(),
        words(scan, &["url"]).into(),
    );
    let link = |(name, id): (String, Value)| {
        let id = id.as_str().expect("a text");
        (name, json!({ "href": format!("/tms/v2/customers/{id}") }))
    };
    let links: serde_json::Map<_, _> = words(scan, &LINKS).into_iter().map(link).collect();
    all["_links"] = links.into();
    all["billTo"] = words(scan, &ADDRESS).into();
    let first = words(scan, &FIRST_PAYMENT);
    all["processingInformation"] = json!({
        "commerceIndicator": "vbv",
        "authorizationOptions": { "initiator": { "merchantInitiatedTransaction": first } },
    });
    all
}

/// The texts of the objects of a response, replaced one by one by a canary: words of the vendor's too.
fn with_odd_words(scan: &mut Scan, all: &Value) -> Vec<Value> {
    let words = [
        ["tokenizedCard", "state"],
        ["tokenizedCard", "reason"],
        ["tokenizedCard", "type"],
        ["tokenizedCard", "source"],
        ["tokenizedCard", "eci"],
        ["tokenizedCard", "number"],
        ["tokenizedCard", "expirationMonth"],
        ["tokenizedCard", "expirationYear"],
        ["card", "type"],
        ["card", "number"],
        ["processingInformation", "commerceIndicator"],
    ];
    let odd = words.map(|[object, member]| {
        let mut other = all.clone();
        other[object][member] = scan.word(member).into();
        other
    });
    Vec::from(odd)
}

/// Plays each response to a recorder, and looks for canaries in what it writes.
#[tokio::test(start_paused = true)]
async fn f17_a_cassette_of_responses_full_of_canaries_holds_none() {
    let mut scan = Scan::begin();
    let signer = Signer::new(&mut scan);
    let all = every_member(&mut scan);
    let mut bodies = with_odd_words(&mut scan, &all);
    bodies.push(canaries::card(&mut scan));
    bodies.push(all);
    let jwes = bodies.iter().map(|body| seal(body.to_string()));
    let mut plays: Vec<Vec<u8>> = jwes
        .map(|jwe| response(201, "content-type: application/jose\r\n", jwe))
        .collect();
    let told = scan.word("told");
    let error = json!({ "errors": [{
        "type": scan.word("type"),
        "message": format!("no such card: {}", scan.number("echoed number")),
        "details": [{ "name": told, "location": told }],
    }] });
    let head = format!(
        "uniquetransactionid: {}\r\nserver: {told}\r\n",
        scan.word("second id")
    );
    for status in [400, 403, 404, 429, 500, 503] {
        plays.push(response(status, &head, error.to_string()));
    }
    plays.push(response(
        302,
        &format!("location: https://{told}.example/\r\n"),
        &told,
    ));
    plays.push(response(201, "", format!("<html>{told}</html>")));

    let body = canaries::body(&mut scan);
    let body = body.with_client_correlation_id(scan.word("own id"));
    let id = scan.word("token id");
    let request = request(&id, body);
    for (number, play) in plays.into_iter().enumerate() {
        let path = file(&format!("canaries-{number}.cassette"));
        let port = Service::port(Play::Answer(play), &signer)
            .call_deadline(Duration::from_secs(9))
            .build()
            .expect("a port");
        let cassette = Cassette::at(&path, ApiVersion::V3)
            .card("gold visa", request.token_id().clone())
            .even_in_ci();
        let recorder = cassette
            .record(port, opener(PRIVATE_PEM))
            .expect("a recorder");
        let live = CredentialsGenerator::new(recorder.clone(), recorder.clone());
        let decided = decision(&live, &request).await;
        scan.shown("the recorder", &recorder);
        assert_eq!(recorder.save().expect("saved").calls, 1, "{number}");
        let text = text_of(&path);
        scan.saw(format!("cassette {number}"), &text);
        assert!(!text.contains("6612345"), "{text}");

        let replay = cassette.replay().expect("a replay");
        let played = CredentialsGenerator::new(replay.clone(), replay.clone());
        let said = decision(&played, &request).await;
        // An unknown word is another unknown word.
        if number >= 11 {
            assert_eq!(said, decided, "{text}");
        }
    }
    assert_clean(&scan);
}

/// Every stored card of the sandbox that gets a response, in each version and for some kinds of credentials.
fn calls(version: ApiVersion, body: &RequestBody) -> Vec<CredentialsRequest> {
    let silent = [vault::NEVER_RESPONDS];
    let ids = vault::ENTRIES.iter().map(vault::Entry::id);
    let mut calls: Vec<_> = ids
        .filter(|id| !silent.contains(id))
        .map(|id| request(id, body.clone()))
        .collect();
    for named in [
        PaymentCredentialType::NetworkToken,
        PaymentCredentialType::SecurityCode,
    ] {
        if version == ApiVersion::V3 {
            calls.push(request(
                vault::VISA,
                body.clone().with_payment_credential_type(named),
            ));
        }
    }
    calls
}

fn cassette(path: &Path, version: ApiVersion) -> Cassette {
    let cassette = Cassette::at(path, version).even_in_ci();
    let named = vault::ENTRIES.iter().zip(0..);
    named.fold(cassette, |cassette, (entry, number)| {
        let alias = format!("card {number}");
        cassette.card(&alias, entry.id().parse().expect("a token id"))
    })
}

#[tokio::test]
async fn f17_a_run_against_the_sandbox_is_recorded_without_a_canary_and_played_alike() {
    let mut scan = Scan::begin();
    let sandbox = sandbox().await;
    let body = canaries::body(&mut scan).with_client_correlation_id(scan.word("own id"));
    scan.keep_pem("opening key", sandbox.merchant().opening_key_pem());
    for version in VERSIONS {
        let path = file(&format!("sandbox-{version:?}.cassette"));
        let port = stage::port(&sandbox, version, Unauthenticated)
            .build()
            .expect("a port");
        let recorder = cassette(&path, version).record(port, stage::opener(&sandbox));
        let recorder: Recorder<_, _> = recorder.expect("a recorder");
        let live = CredentialsGenerator::new(recorder.clone(), recorder.clone());
        let calls = calls(version, &body);
        let mut decided = Vec::new();
        for request in &calls {
            decided.push(decision(&live, request).await);
        }
        assert_eq!(recorder.save().expect("saved").calls, calls.len());
        let text = text_of(&path);
        scan.saw(format!("the cassette of {version:?}"), &text);
        // Other tests log the ids, which are no canaries of this one.
        let written = Haystack::new(&text);
        for id in vault::ENTRIES.iter().map(vault::Entry::id) {
            let mut encoded = encodings(id).into_iter();
            assert!(!encoded.any(|it| written.holds(&it)), "{id}");
        }

        let replay = cassette(&path, version).replay().expect("a replay");
        let played = CredentialsGenerator::new(replay.clone(), replay.clone());
        for (request, decided) in calls.iter().zip(decided) {
            assert_eq!(
                decision(&played, request).await,
                decided,
                "{request:?}\n{text}"
            );
        }
        replay.finish().expect("every entry was used");

        let live = stage::port(&sandbox, version, Unauthenticated)
            .build()
            .expect("a port");
        let verifier = cassette(&path, version).verify(live, stage::opener(&sandbox));
        let verifier = verifier.expect("a verifier");
        let again = CredentialsGenerator::new(verifier.clone(), verifier.clone());
        for request in &calls {
            decision(&again, request).await;
        }
        verifier.finish().expect("the sandbox does the same again");
    }
    assert_clean(&scan);
}

#[tokio::test]
async fn a_changed_member_of_a_recorded_run_misses_and_shows_the_nearest_entry() {
    let sandbox = sandbox().await;
    let path = file("changed.cassette");
    let version = ApiVersion::V3;
    let port = stage::port(&sandbox, version, Unauthenticated)
        .build()
        .expect("a port");
    let recorder = cassette(&path, version)
        .record(port, stage::opener(&sandbox))
        .expect("a recorder");
    let live = CredentialsGenerator::new(recorder.clone(), recorder.clone());
    let body =
        RequestBody::default().with_payment_credential_type(PaymentCredentialType::Cryptogram);
    decision(&live, &request(vault::VISA, body.clone())).await;
    decision(&live, &request(vault::GONE, body.clone())).await;
    recorder.save().expect("saved");

    let replay: Replay = cassette(&path, version).replay().expect("a replay");
    replay.allow_unused();
    let changed = request(
        vault::VISA,
        body.with_transaction_type(TransactionType::Aft),
    );
    let missed = catch_unwind(AssertUnwindSafe(|| {
        drop(block_on(replay.generate(&changed)));
    }));
    let text = *missed
        .expect_err("a miss")
        .downcast::<String>()
        .expect("a text");
    let differs = "; the nearest entry:\n  ✓ card: card 0\n  ✓ version: v3\n  ✓ request paymentCredentialType: CRYPTOGRAM\n  ✗ \
         request transactionType: wanted none, got AFT";
    assert!(text.contains(differs), "{text}");
}
