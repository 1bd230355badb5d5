//! A scripted fake in one line, and what it says when the code under test does something else.

use payment_credentials_core::request::{PaymentCredentialType, RequestBody};
use payment_credentials_core::{Delivery, Repeatability};
use payment_credentials_mock::{
    any_request, does_not_open, fails, opens, refuses, request_for, times_out,
};

use super::*;

fn status(port: &ScriptedPort) -> Result<SealedCredentials, Option<u16>> {
    block_on(port.generate(&request())).map_err(|error| error.status())
}

#[test]
fn a_port_in_one_line_plays_its_script_in_order() {
    let port = refuses(503)
        .then(times_out())
        .times(2)
        .then(answers(Fixture::VisaV3));
    for _ in 0..2 {
        assert_eq!(status(&port).err(), Some(Some(503)));
        let error = block_on(port.generate(&request())).expect_err("a deadline");
        assert_eq!(error.kind(), PortErrorKind::Deadline);
        let (delivery, repeatability) = (error.delivery(), error.repeatability());
        assert_eq!(
            (delivery, repeatability),
            (Delivery::Unknown, Repeatability::Never)
        );
    }
    assert_eq!(
        *status(&port).expect("credentials").head(),
        Fixture::VisaV3.head()
    );
    assert_eq!(port.calls().len(), 5);
}

#[test]
fn the_last_result_can_be_repeated_for_ever() {
    let port = fails(failures::connect).then(answers(Fixture::VisaV3).always());
    assert_eq!(status(&port).err(), Some(None));
    for _ in 0..9 {
        assert!(status(&port).is_ok());
    }
    let text = panic_text(|| drop(refuses(429).always().then(times_out())));
    assert_eq!(text, "ScriptedPort: nothing comes after `always`");
}

#[test]
fn openers_have_the_same_methods() {
    let opener = does_not_open().then(opens(Fixture::CardFullV3));
    let sealed = Fixture::VisaV3.sealed();
    assert!(block_on(opener.open(&sealed)).is_err());
    assert!(block_on(opener.open(&sealed)).is_ok());
    assert_eq!(opener.calls().len(), 2);
}

#[test]
fn a_result_that_exists_once_can_not_be_repeated() {
    let (port, script) = scripted();
    script.will_return(Err(failures::connect()));
    script.allow_unused();
    let text = panic_text(|| drop(port.times(2)));
    assert!(
        text.starts_with("ScriptedPort: a result of `will_return` can't be repeated; use one of"),
        "{text}"
    );
}

#[test]
fn results_that_are_left_fail_the_test_unless_they_are_allowed() {
    let text = panic_text(|| drop(refuses(429).then(answers(Fixture::VisaV3))));
    assert_eq!(
        text,
        "ScriptedPort: scripted results left: 2; calls made: 0; queue one result for each call, or check why the \
         code under test made fewer calls\n  left: the error: the service refused: too many calls (answered, \
         status 429, correlation id fixture-failure)\n  left: credentials, correlation id fixture-visa-v3\n  (if \
         that is right, call `allow_unused` on the script)"
    );
    let text = panic_text(|| drop(opens(Fixture::CardFullV3)));
    assert!(
        text.contains("left: Card(Card { number: full, redacted"),
        "{text}"
    );

    let port = refuses(429);
    port.script().allow_unused();
    drop(port);
}

/// The script is checked once the last handle is gone, since until then a call may come.
#[test]
fn a_script_that_is_dropped_before_its_port_is_not_done_yet() {
    let (port, script) = scripted();
    script.will_return(Ok(Fixture::VisaV3.sealed()));
    drop(script);
    assert!(status(&port).is_ok());
}

#[test]
fn another_request_than_the_wanted_one_panics_and_shows_each_part() {
    let profile = "93B32398-AD51-4CC2-A682-EA3E93614EB1".parse();
    let port = answers(Fixture::VisaV3).to(request_for(
        "47CA8267360FD3EAE063AF598E0A5792".parse().expect("an id"),
    )
    .with_credential_type(PaymentCredentialType::Cryptogram)
    .with_profile_id(profile.expect("a profile id")));
    let body =
        RequestBody::default().with_payment_credential_type(PaymentCredentialType::NetworkToken);
    let other = request().with_body(body).expect("a request");
    assert_eq!(
        panic_text(|| drop(block_on(port.generate(&other)))),
        "ScriptedPort: call 1 (token id 47CA8267360FD3EAE063AF598E0A5792) is not the call that the script wants \
         next:\n  ✓ token id: TokenId(\"47CA8267360FD3EAE063AF598E0A5792\")\n  ✗ credential type: wanted \
         Cryptogram, got NetworkToken\n  ✗ profile id: wanted \
         ProfileId(\"93B32398-AD51-4CC2-A682-EA3E93614EB1\"), got none"
    );
    // The result stays, so the test fails even if the code under test swallows that panic.
    let text = panic_text(|| drop(port));
    assert!(
        text.contains("scripted results left: 1; calls made: 1"),
        "{text}"
    );
}

#[test]
fn a_demand_holds_for_the_steps_before_it_and_nowhere_else() {
    let wants = |credential_type: PaymentCredentialType| {
        any_request().with_credential_type(credential_type)
    };
    let port = answers(Fixture::VisaV3)
        .to(wants(PaymentCredentialType::Cryptogram))
        .then(refuses(404));
    let body = RequestBody::default().with_payment_credential_type("CRYPTOGRAM");
    let cryptogram = request().with_body(body).expect("a request");
    assert!(block_on(port.generate(&cryptogram)).is_ok());
    assert_eq!(status(&port).err(), Some(Some(404)));

    let port = refuses(404).to(any_request().without_credential_type());
    let text = panic_text(|| drop(block_on(port.generate(&cryptogram))));
    assert!(
        text.contains("✗ credential type: wanted none, got Cryptogram"),
        "{text}"
    );
    port.script().allow_unused();
}

#[test]
fn a_mock_shows_each_part_too() {
    let text = panic_text(|| {
        let mut mock = MockPaymentCredentialsPort::new();
        let token_id = "7010000000016241111".parse().expect("an id");
        mock.expect_generate()
            .with(request_for(token_id).without_profile_id())
            .once()
            .returning(|_| Ok(Fixture::VisaV3.sealed()));
        panic_text(|| drop(block_on(mock.generate(&request()))));
    });
    for part in [
        "wanted: a request for TokenId(\"701000",
        " without a profile id; got: CredentialsRequest {",
        "\n  ✗ token id: wanted TokenId(",
        "\n  ✓ profile id: none",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
