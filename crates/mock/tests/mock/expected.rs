//! A test that fails names what was wanted and what came instead.

use std::process::Command;

use payment_credentials_core::{CredentialsOpener as _, SealedCredentials};
use payment_credentials_mock::{request_for, wanted};

use super::*;

fn request_of(token_id: &str) -> CredentialsRequest {
    CredentialsRequest::new(token_id.parse().expect("a token id"))
}

/// Two numbers with the same mask, of which no one published the second: so it is put together here.
fn cards() -> [String; 2] {
    let nothing_published = 9;
    [
        "4111111111111111".to_owned(),
        format!("411111{nothing_published:06}1111"),
    ]
}

#[test]
fn the_request_that_is_wanted_meets_its_expectation() {
    let mut port = MockPaymentCredentialsPort::new();
    for token_id in cards() {
        let token_id = token_id.parse().expect("a token id");
        port.expect_generate()
            .with(request_for(token_id))
            .once()
            .returning(|_| Ok(Fixture::VisaV3.sealed()));
    }
    let [first, second] = cards();
    for token_id in [second, first] {
        assert!(block_on(port.generate(&request_of(&token_id))).is_ok());
    }
}

/// The code under test may swallow the panic of its call, such as in a task.
#[test]
fn an_expectation_that_is_not_met_says_what_was_wanted_and_what_came() {
    let text = panic_text(|| {
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate()
            .with(request_for(
                "47CA8267360FD3EAE063AF598E0A5792".parse().expect("an id"),
            ))
            .once()
            .returning(|_| Ok(Fixture::VisaV3.sealed()));
        let other = request_of("47CA8267360FD3EAE063AF598E0A5793");
        let swallowed = panic_text(|| drop(block_on(port.generate(&other))));
        assert!(
            swallowed.contains("47CA8267360FD3EAE063AF598E0A5793"),
            "{swallowed}"
        );
    });
    for part in [
        "MockPaymentCredentialsPort::generate",
        "wanted: a request for TokenId(\"47CA8267360FD3EAE063AF598E0A5792\")",
        "got: CredentialsRequest { token_id: TokenId(\"47CA8267360FD3EAE063AF598E0A5793\")",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn two_ids_whose_masks_are_alike_are_seen_to_differ_and_no_card_number_is_shown() {
    let [wanted, got] = cards();
    let text = panic_text(|| {
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate()
            .with(request_for(wanted.parse().expect("an id")))
            .once()
            .returning(|_| Ok(Fixture::VisaV3.sealed()));
        panic_text(|| drop(block_on(port.generate(&request_of(&got)))));
    });
    assert!(!text.contains(&wanted) && !text.contains(&got), "{text}");
    let marks: Vec<_> = text.split("1111\" #").skip(1).map(|it| &it[..4]).collect();
    let [wanted, got] = marks[..] else {
        panic!("two marks: {text}");
    };
    assert_ne!(wanted, got);
}

#[test]
fn any_argument_of_any_mock_can_be_described() {
    let text = panic_text(|| {
        let mut opener = MockCredentialsOpener::new();
        opener
            .expect_open()
            .with(wanted(
                "a response of status 200",
                |it: &SealedCredentials| it.head().status() == 200,
            ))
            .once()
            .returning(|_| Err(failures::does_not_open()));
        let other = Fixture::VisaV3.sealed();
        panic_text(|| drop(block_on(opener.open(&other))));
    });
    let came = format!("{:?}", Fixture::VisaV3.sealed());
    assert!(
        text.contains("wanted: a response of status 200; got: "),
        "{text}"
    );
    assert!(text.contains(&came), "{text}");
}

/// The child of the next test: a call that meets no expectation.
#[test]
#[ignore = "fails on purpose; the next test runs it"]
fn child_that_fails() {
    let mut port = MockPaymentCredentialsPort::new();
    port.expect_generate()
        .with(request_for(
            "47CA8267360FD3EAE063AF598E0A5792".parse().expect("an id"),
        ))
        .returning(|_| Ok(Fixture::VisaV3.sealed()));
    drop(block_on(
        port.generate(&request_of("47CA8267360FD3EAE063AF598E0A5793")),
    ));
}

#[test]
fn a_call_that_meets_no_expectation_also_shows_what_was_wanted() {
    let this = std::env::current_exe().expect("this program");
    let child = ["--ignored", "--exact", "expected::child_that_fails"];
    let output = Command::new(this).args(child).output().expect("a child");
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    for part in [
        "No matching expectation found",
        "an expectation that was not met: wanted: a request for TokenId(\"47CA8267360FD3EAE063AF598E0A5792\"); got: ",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
