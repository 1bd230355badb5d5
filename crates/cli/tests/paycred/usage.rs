use std::process::{Command, Stdio};

use crate::folder::Folder;
use crate::program::{run, run_with};

#[test]
fn help_says_how_the_program_ends_and_each_command_has_examples() {
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    for code in [
        "0    done",
        "5    sent, and whether the service acted on it is unknown",
        "130",
    ] {
        assert!(help.output.contains(code), "{}", help.output);
    }
    for command in ["generate", "open", "keys", "explain", "sandbox"] {
        let help = run(&[command, "--help"]);
        assert!(
            help.output.contains("Examples:"),
            "{command}: {}",
            help.output
        );
    }
}

#[test]
fn a_secret_as_an_argument_is_refused_and_not_repeated() {
    for arguments in [
        &["keys", "a.p12", "--password", "hunter2"][..],
        &["keys", "a.p12", "--password=hunter2"],
        &["generate", "1", "--merchant-secret-key", "hunter2"],
    ] {
        let ended = run(arguments);
        assert_eq!((ended.code, &*ended.output), (2, ""));
        assert!(
            ended.errors.contains("isn't taken as an argument"),
            "{}",
            ended.errors
        );
        assert!(!ended.errors.contains("hunter2"), "{}", ended.errors);
    }
}

#[test]
fn a_password_in_place_of_its_file_is_not_repeated() {
    let ended = run(&["keys", "a.p12", "--password-file", "hunter2"]);
    assert_eq!((ended.code, &*ended.output), (3, ""));
    assert!(!ended.errors.contains("hunter2"), "{}", ended.errors);
    assert!(
        ended.errors.contains("and not the password"),
        "{}",
        ended.errors
    );
}

#[test]
fn what_was_given_for_an_argument_is_never_repeated() {
    for arguments in [
        &["generate", "7010000000016241111", "--type", "hunter2"][..],
        &[
            "generate",
            "7010000000016241111",
            "--profile-id",
            "hunter2!",
        ],
        &[
            "generate",
            "7010000000016241111",
            "--api-version",
            "hunter2",
        ],
        &["generate", "7010000000016241111", "hunter2"],
        &["generate", "7010000000016241111", "--hunter2"],
        &["generate", "7010000000016241111", "--json=hunter2"],
        &["hunter2"],
        &["generate", "4111_1111_1111_1111"],
        &["doctor", "--token-id", "4111/1111/1111/1111"],
        &["keys", "4111111111111111"],
        &["open", "--key", "4111 1111 1111 1111"],
    ] {
        let ended = run(arguments);
        assert!(ended.code == 2 || ended.code == 3, "{arguments:?}");
        let digits = ended.errors.bytes().filter(u8::is_ascii_digit).count();
        assert!(
            !ended.errors.contains("hunter2") && digits < 12,
            "{}",
            ended.errors
        );
        assert!(ended.output.is_empty(), "{}", ended.output);
    }
}

#[test]
fn with_json_a_mistake_in_the_arguments_is_json_too() {
    for arguments in [
        &["generate", "--json"][..],
        &["--json", "keys", "--password", "x"],
        &["--json", "nonsense"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, 2);
        let error: serde_json::Value = serde_json::from_str(&ended.output).expect("JSON");
        assert!(
            error.pointer("/error/message").is_some(),
            "{}",
            ended.output
        );
    }
}

#[test]
fn a_file_name_steers_no_terminal() {
    let ended = run(&["keys", "a\u{1b}[31m\u{202e}.pem"]);
    assert_eq!(ended.code, 3);
    let is_plain = |letter: char| !letter.is_control() || letter == '\n';
    assert!(ended.errors.chars().all(is_plain), "{:?}", ended.errors);
    assert!(!ended.errors.contains('\u{202e}'));
}

#[test]
fn a_card_number_in_place_of_a_token_id_is_not_repeated() {
    let ended = run(&["generate", "4111 1111 1111 1111"]);
    assert_eq!((ended.code, &*ended.output), (2, ""));
    assert!(!ended.errors.contains("4111 1111"), "{}", ended.errors);
}

#[test]
fn variables_stand_alone_or_replace_the_fields_of_a_file() {
    let folder = Folder::new();
    let file = folder.file("test.toml", "run_environment = \"test\"\n");
    let production = [("CYBERSOURCE_RUN_ENVIRONMENT", "production")];
    for arguments in [
        &["generate", "7010000000016241111", "--config", &file][..],
        &["generate", "7010000000016241111"],
    ] {
        let ended = run_with(arguments, &production, "");
        assert_eq!(ended.code, 2, "{}", ended.errors);
        assert!(
            ended.errors.contains("api.cybersource.com"),
            "{}",
            ended.errors
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_paycred"))
        .arg("man")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success() && ended.stderr.is_empty());
}

#[test]
fn completions_and_the_manual_page_come_from_the_same_arguments() {
    let page = run(&["man"]);
    assert!(
        page.output.contains(".TH") && page.output.contains("reveal"),
        "{}",
        page.output
    );
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert!(script.output.contains("reveal-anywhere"), "{shell}");
    }
}
