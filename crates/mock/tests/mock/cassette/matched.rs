//! Which entry a call gets, and what is said of one that gets none.

use payment_credentials_core::request::BuyerInformation;

use super::*;

/// Records these calls.
fn recorded(name: &str, calls: Vec<(CredentialsRequest, ScriptedPort)>) -> PathBuf {
    let path = file(name);
    let (requests, ports): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    let port = ports
        .into_iter()
        .reduce(ScriptedPort::then)
        .expect("a port");
    let recorder = recorder(&path, port);
    let live = generator(&recorder);
    for request in &requests {
        let _ = outcome(&live, request);
    }
    recorder.save().expect("saved");
    path
}

#[test]
fn different_calls_come_in_any_order_and_calls_that_are_alike_in_theirs() {
    let path = recorded(
        "order.cassette",
        vec![
            (request_of(GOLD), refuses(503)),
            (request_of(OTHER), answers(Fixture::MastercardV3)),
            (request_of(GOLD), answers(Fixture::VisaV3)),
        ],
    );
    let replay = cassette(&path).replay().expect("a replay");
    let played = generator(&replay);
    assert!(outcome(&played, &request_of(OTHER)).contains("Mastercard"));
    assert!(outcome(&played, &request_of(GOLD)).contains("Unavailable"));
    assert!(outcome(&played, &request_of(GOLD)).contains("Visa"));
    replay.finish().expect("every entry was used");
}

/// The ids of a test may be others than those that were recorded, since aliases stand for them.
#[test]
fn the_ids_of_a_replay_may_be_others_and_are_confirmed() {
    let path = recorded(
        "aliases.cassette",
        vec![(request_of(GOLD), answers(Fixture::VisaV3))],
    );
    let cassette =
        Cassette::at(&path, ApiVersion::V3).card("gold visa", "7E57".parse().expect("an id"));
    let replay = cassette.replay().expect("a replay");
    let played = generator(&replay).require_confirmation();
    assert!(block_on(played.generate(&request_of("7E57"))).is_ok());
}

#[test]
fn the_callers_own_id_of_a_call_does_not_matter() {
    let with_id = |id: &str| {
        let body = RequestBody::default().with_client_correlation_id(id);
        request_of(GOLD).with_body(body).expect("a request")
    };
    let path = recorded(
        "own-id.cassette",
        vec![
            (with_id("one"), answers(Fixture::VisaV3)),
            (with_id("one"), answers(Fixture::VisaV3)),
        ],
    );
    let replay = cassette(&path).replay().expect("a replay");
    let played = generator(&replay);
    assert!(outcome(&played, &with_id("two")).contains("Visa"));
    assert!(outcome(&played, &request_of(GOLD)).contains("Visa"));
}

#[test]
fn a_changed_member_misses_and_shows_the_nearest_entry() {
    let path = recorded(
        "miss.cassette",
        vec![
            (
                typed(GOLD, PaymentCredentialType::Cryptogram),
                answers(Fixture::VisaV3),
            ),
            (
                typed(OTHER, PaymentCredentialType::NetworkToken),
                answers(Fixture::VisaV3),
            ),
        ],
    );
    let replay = cassette(&path).replay().expect("a replay");
    let request = typed(GOLD, PaymentCredentialType::NetworkToken);
    let body = request
        .body()
        .clone()
        .with_buyer_information(BuyerInformation::default().with_language("en"));
    let text = panic_text(|| drop(outcome(&generator(&replay), &request)));
    let name = path.display();
    assert_eq!(
        text,
        format!(
            "Replay of {name}: nothing is left that was recorded of the call for \"gold visa\", version v3; the \
             nearest entry:\n  ✓ card: gold visa\n  ✓ version: v3\n  ✗ request paymentCredentialType: wanted \
             CRYPTOGRAM, got NETWORK_TOKEN\nif the call is right, record the cassette again"
        )
    );
    let request = request.with_body(body).expect("a request");
    let text = panic_text(|| drop(outcome(&generator(&replay), &request)));
    assert!(
        text.contains("\n  ✗ request buyerInformation.language: wanted none, got present"),
        "{text}"
    );

    let error = replay.finish().expect_err("two entries are left");
    assert_eq!(error.kind(), CassetteErrorKind::Unmatched);
    let text = error.to_string();
    for part in [
        "entries that no call used: 2; calls without an entry: 2",
        "\nnot used: the call for \"gold visa\", version v3; the nearest call without an entry:\n  ✓ card: gold visa",
        "\n  ✗ request paymentCredentialType: wanted CRYPTOGRAM, got NETWORK_TOKEN",
        "\nif the code under test is right, record the cassette again",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn another_version_is_another_call() {
    let path = recorded(
        "version.cassette",
        vec![(request_of(GOLD), answers(Fixture::VisaV3))],
    );
    let cassette =
        Cassette::at(&path, ApiVersion::V2).card("gold visa", GOLD.parse().expect("an id"));
    let replay = cassette.replay().expect("a replay");
    replay.allow_unused();
    let text = panic_text(|| drop(outcome(&generator(&replay), &request_of(GOLD))));
    assert!(text.contains("✗ version: wanted v3, got v2"), "{text}");
}

#[test]
fn an_entry_is_used_once() {
    let path = recorded(
        "once.cassette",
        vec![(request_of(GOLD), answers(Fixture::VisaV3))],
    );
    let replay = cassette(&path).replay().expect("a replay");
    let played = generator(&replay);
    outcome(&played, &request_of(GOLD));
    let text = panic_text(|| drop(outcome(&played, &request_of(GOLD))));
    assert!(
        text.contains("the nearest entry, which was used already:"),
        "{text}"
    );
    // The panic may have been lost in a task.
    let text = replay
        .finish()
        .expect_err("a call had no entry")
        .to_string();
    assert!(
        text.contains("entries that no call used: 0; calls without an entry: 1"),
        "{text}"
    );
}

#[test]
fn entries_that_are_left_fail_the_test_when_the_last_clone_is_dropped() {
    let path = recorded(
        "left.cassette",
        vec![(request_of(GOLD), answers(Fixture::VisaV3))],
    );
    let replay = || cassette(&path).replay().expect("a replay");
    let text = panic_text(|| drop(generator(&replay())));
    assert!(
        text.contains("entries that no call used: 1; calls without an entry: 0\nnot used: the call for \"gold visa\"")
            && text.ends_with("(if that is right, call `allow_unused` on the replay)"),
        "{text}"
    );
    replay().allow_unused();
    let text = panic_text(|| drop(replay()));
    assert!(
        text.contains("not used"),
        "each replay is one of its own: {text}"
    );
    let allowed = replay();
    allowed.allow_unused();
    drop(allowed);
    // A second panic would abort the process.
    let text = panic_text(|| {
        let _left = replay();
        panic!("{}", "the first")
    });
    assert_eq!(text, "the first");
}

#[test]
fn an_id_without_an_alias_is_named_and_masked() {
    let path = recorded(
        "unnamed.cassette",
        vec![(request_of(GOLD), answers(Fixture::VisaV3))],
    );
    let replay = cassette(&path).replay().expect("a replay");
    replay.allow_unused();
    let text = panic_text(|| {
        outcome(&generator(&replay), &request_of("4111111111111111"));
    });
    assert!(
        text.contains("no alias for TokenId(\"411111******1111\" #")
            && text.contains("name the card with `.card(\"an alias\", token_id)`"),
        "{text}"
    );
    let profile = "93B32398-AD51-4CC2-A682-EA3E93614EB1"
        .parse()
        .expect("an id");
    let request = request_of(GOLD).with_profile_id(profile);
    let text = panic_text(|| drop(outcome(&generator(&replay), &request)));
    assert!(
        text.contains("no alias for the profile id of the request"),
        "{text}"
    );
}

#[test]
fn a_profile_is_a_part_of_the_call() {
    let profile = || {
        "93B32398-AD51-4CC2-A682-EA3E93614EB1"
            .parse()
            .expect("an id")
    };
    let path = file("profile.cassette");
    let named = || cassette(&path).profile("shop", profile());
    let recorder = named()
        .record(answers(Fixture::VisaV3), FixtureOpener)
        .expect("a recorder");
    let request = request_of(GOLD).with_profile_id(profile());
    outcome(&generator(&recorder), &request);
    recorder.save().expect("saved");
    let text = text_of(&path);
    assert!(
        text.contains("\nprofile: shop\n") && !text.contains("93B32398"),
        "{text}"
    );
    let replay = named().replay().expect("a replay");
    let text = panic_text(|| drop(outcome(&generator(&replay), &request_of(GOLD))));
    assert!(text.contains("✗ profile: wanted shop, got none"), "{text}");
    assert!(outcome(&generator(&replay), &request).contains("Visa"));
}

#[test]
fn a_response_of_another_replay_or_one_opened_too_often_is_not_opened() {
    let path = recorded(
        "openings.cassette",
        vec![(request_of(GOLD), answers(Fixture::VisaV3))],
    );
    let [replay, other] = [(); 2].map(|()| cassette(&path).replay().expect("a replay"));
    let sealed = block_on(replay.generate(&request_of(GOLD))).expect("a response");
    drop(block_on(other.generate(&request_of(GOLD))));
    let text = panic_text(|| drop(block_on(other.open(&sealed))));
    assert!(
        text.contains("use one replay as the port and as the opener"),
        "{text}"
    );
    assert!(block_on(replay.open(&sealed)).is_ok());
    let text = panic_text(|| drop(block_on(replay.open(&sealed))));
    assert!(
        text.contains("the response to the call for \"gold visa\", version v3 is opened once more than when it was recorded (recorded \
             openings: 1)"),
        "{text}"
    );
    let text = panic_text(|| drop(block_on(replay.open(&Fixture::VisaV3.sealed()))));
    assert!(
        text.contains("this response is not one of the replay's"),
        "{text}"
    );
}

#[test]
fn verifying_names_what_differs_call_by_call() {
    let path = recorded(
        "verify.cassette",
        vec![
            (request_of(GOLD), answers(Fixture::VisaV3)),
            (request_of(OTHER), refuses(404)),
        ],
    );
    let verify = |port: ScriptedPort, requests: &[CredentialsRequest]| {
        let verifier = cassette(&path)
            .verify(port, FixtureOpener)
            .expect("a verifier");
        let live = generator(&verifier);
        for request in requests {
            let _ = outcome(&live, request);
        }
        verifier.finish().map_err(|error| error.to_string())
    };
    let both = [request_of(GOLD), request_of(OTHER)];
    // Other values of the same shape.
    assert_eq!(
        verify(answers(Fixture::VisaV3).then(refuses(404)), &both),
        Ok(())
    );
    let text =
        verify(answers(Fixture::SuspendedV3).then(refuses(410)), &both).expect_err("it differs");
    for part in [
        "the service does something else than what was recorded:",
        "\nthe call for \"gold visa\", version v3:\n  ✓ outcome: credentials",
        "\n  ✗ state: wanted ACTIVE, got SUSPENDED",
        "\n  ✗ cryptogram: wanted base64 28, got none",
        "\nthe call for \"other card\", version v3:\n  ✓ outcome: an error",
        "\n  ✗ kind: wanted refused_not_found, got refused_gone",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let one = [typed(GOLD, PaymentCredentialType::Cryptogram)];
    let text = verify(answers(Fixture::VisaV3), &one).expect_err("it differs");
    for part in [
        "\nrecorded, and not made: the call for \"gold visa\", version v3; the nearest one that was made:",
        "\n  ✗ request paymentCredentialType: wanted none, got CRYPTOGRAM",
        "\nrecorded, and not made: the call for \"other card\"",
        "\nmade, and not recorded: the call for \"gold visa\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
