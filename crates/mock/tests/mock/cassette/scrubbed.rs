//! What a recording refuses to write.

use payment_credentials_core::Delivery;
use payment_credentials_core::request::{BillTo, ExtraMembers, OrderInformation};

use super::*;

#[test]
fn a_call_without_an_alias_is_not_made_and_nothing_is_written() {
    let path = file("refused.cassette");
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, "the old one").expect("written");
    let port = answers(Fixture::VisaV3);
    let script = port.script();
    let recorder = recorder(&path, port);
    let live = generator(&recorder);
    let error = block_on(live.generate(&request_of("7E57"))).expect_err("no alias");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Setup, Delivery::NotSent)
    );
    assert_eq!(script.calls().len(), 0);
    // What comes after it doesn't heal it.
    outcome(&live, &request_of(GOLD));
    let error = recorder.save().expect_err("refused");
    assert_eq!(error.kind(), CassetteErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "nothing was written: no alias for TokenId(\"7E57\"); name the card with `.card(\"an alias\", token_id)` on \
         the `Cassette`"
    );
    assert_eq!(text_of(&path), "the old one");
}

#[test]
fn a_response_that_the_recorder_did_not_return_refuses_the_recording() {
    let path = file("foreign.cassette");
    let recorder = recorder(&path, refuses(429));
    outcome(&generator(&recorder), &request_of(GOLD));
    assert!(block_on(recorder.open(&Fixture::VisaV3.sealed())).is_ok());
    let error = recorder.save().expect_err("refused");
    assert!(
        error
            .to_string()
            .contains("use one recorder as the port and as the opener"),
        "{error}"
    );
    assert!(!path.exists());
}

/// An alias is the only text of a cassette that a caller chooses.
#[test]
fn an_alias_that_was_seen_is_a_leak_in_any_encoding() {
    let bill_to = BillTo::default().with_email("John.Doe@example.com");
    let order = OrderInformation::default().with_bill_to(bill_to);
    let body = RequestBody::default().with_order_information(order);
    for (alias, encoding) in [
        ("the privateIdOfAnn", "plain"),
        ("x 70726976617465696", "no alias"),
        // The address of the request, and that of the response.
        ("x Sm9obi5Eb2VAZXhhbXBsZS5jb20", "base64"),
        ("x am9obi5kb2VAZXhhbXBsZS5jb20", "base64"),
    ] {
        let path = file("alias.cassette");
        let id = "PRIVATEIDOFANN".parse().expect("an id");
        let cassette = Cassette::at(&path, ApiVersion::V3)
            .card(alias, id)
            .even_in_ci();
        let port = answers(Fixture::CardMaskedV3);
        port.script().allow_unused();
        let recorder = match cassette.record(port, FixtureOpener) {
            Ok(recorder) => recorder,
            Err(error) => {
                assert_eq!(
                    (error.kind(), encoding),
                    (CassetteErrorKind::Alias, "no alias")
                );
                continue;
            }
        };
        let request = request_of("PRIVATEIDOFANN").with_body(body.clone());
        outcome(&generator(&recorder), &request.expect("a request"));
        let error = recorder.save().expect_err("a leak");
        assert_eq!(error.kind(), CassetteErrorKind::Leak);
        let text = error.to_string();
        assert!(
            text.contains(&format!("holds something that was seen, as {encoding};")),
            "{text}"
        );
        assert!(!text.contains(alias) && !path.exists());
    }
}

#[test]
fn recording_again_removes_what_is_stale() {
    let path = file("stale.cassette");
    for fixtures in [
        &[Fixture::VisaV3, Fixture::MastercardV3][..],
        &[Fixture::VisaV3],
    ] {
        let port = fixtures
            .iter()
            .map(|it| answers(*it))
            .reduce(ScriptedPort::then);
        let recorder = recorder(&path, port.expect("a port"));
        for _ in fixtures {
            outcome(&generator(&recorder), &request_of(GOLD));
        }
        assert_eq!(recorder.save().expect("saved").calls, fixtures.len());
    }
    let text = text_of(&path);
    assert!(
        !text.contains("mastercard") && text.contains("end, calls: 1"),
        "{text}"
    );
    let folder = fs::read_dir(path.parent().expect("a folder")).expect("a folder");
    let mut names = folder.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("text")
    });
    assert!(names.all(|name| !name.contains("stale.cassette.")));
}

#[test]
fn without_an_opener_errors_alone_are_recorded_and_the_cassette_says_so() {
    let path = file("errors.cassette");
    let port = answers(Fixture::VisaV3).then(refuses(429));
    let recorder = cassette(&path).record_errors(port).expect("a recorder");
    for _ in 0..2 {
        let _ = block_on(recorder.generate(&request_of(GOLD)));
    }
    let saved = recorder.save().expect("saved");
    assert_eq!((saved.calls, saved.left_out), (1, 1));
    let text = text_of(&path);
    assert!(
        text.contains("no opener: calls left out that succeeded: 1"),
        "{text}"
    );
    let replay = cassette(&path).replay().expect("a replay");
    let played = generator(&replay);
    assert!(outcome(&played, &request_of(GOLD)).contains("Throttled"));
    let text = panic_text(|| drop(outcome(&played, &request_of(GOLD))));
    assert!(
        text.contains("the recorder had no opener, so it left out the calls that succeeded (1); record with an opener"),
        "{text}"
    );
}

#[test]
fn an_alias_is_a_short_name_of_one_id() {
    let id = |id: &str| id.parse().expect("an id");
    let with = |alias: &str| Cassette::at("none", ApiVersion::V3).card(alias, id(GOLD));
    for alias in [
        "",
        " x",
        "x ",
        "1x",
        "x: y",
        "x\ny",
        "a123456",
        "é",
        &"x".repeat(65),
    ] {
        let error = with(alias).replay().expect_err("no alias");
        assert_eq!(error.kind(), CassetteErrorKind::Alias, "{alias:?}");
    }
    let twice = with("x")
        .card("x", id(OTHER))
        .replay()
        .expect_err("no alias");
    assert_eq!(
        twice.to_string(),
        "two ids have the alias \"x\"; give each an alias of its own"
    );
    let again = with("x")
        .card("y", id(GOLD))
        .replay()
        .expect_err("no alias");
    assert_eq!(
        again.to_string(),
        "the id of \"y\" has another alias already; give it one"
    );
}

#[test]
fn debug_shows_no_ids_and_no_values() {
    let path = file("debug.cassette");
    let recorder = recorder(&path, answers(Fixture::VisaV3));
    outcome(&generator(&recorder), &request_of(OTHER));
    let shown = format!("{recorder:?}");
    assert!(
        shown.contains("calls: 1") && !shown.contains("6241111"),
        "{shown}"
    );
}

/// A file that is moved into its place is another file than the old one, so a crash before that leaves the old one.
#[cfg(unix)]
#[test]
fn a_cassette_is_moved_into_its_place_when_it_is_whole() {
    let (path, link) = (file("moved.cassette"), file("moved.link"));
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, "the old one").expect("written");
    fs::hard_link(&path, &link).expect("a link");
    let recorder = recorder(&path, refuses(429));
    outcome(&generator(&recorder), &request_of(GOLD));
    recorder.save().expect("saved");
    assert!(text_of(&path).starts_with("payment-credentials cassette"));
    assert_eq!(text_of(&link), "the old one");
}

#[test]
fn what_can_not_be_written_is_an_error_and_leaves_nothing_behind() {
    let folder = file("folder");
    let _ = fs::remove_dir_all(&folder);
    let path = folder.join("a-folder.cassette");
    fs::create_dir_all(&path).expect("a folder");
    let recorder = recorder(&path, refuses(429));
    outcome(&generator(&recorder), &request_of(GOLD));
    let error = recorder.save().expect_err("a folder is there");
    assert_eq!(error.kind(), CassetteErrorKind::File);
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1);
}

/// The name of a member may be anything: of one that isn't listed it is recorded that it is there.
#[test]
fn a_member_that_is_not_listed_has_no_name_and_no_value() {
    let path = file("unlisted.cassette");
    let recorder = recorder(&path, refuses(404));
    let extra: ExtraMembers = [("nameOfAnn", true.into())].into_iter().collect();
    let body = RequestBody::default().with_extra(extra);
    outcome(
        &generator(&recorder),
        &request_of(GOLD).with_body(body).expect("a request"),
    );
    recorder.save().expect("saved");
    let text = text_of(&path);
    assert!(
        text.contains("\nrequest unlisted: present\n") && !text.contains("Ann"),
        "{text}"
    );
}
