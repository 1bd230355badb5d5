//! `generate`, `open` and `sandbox`, against each other.

use crate::program::{Sandbox, run, run_with};

/// A Visa token id of every sandbox (its `vault::VISA`).
const VISA: &str = payment_credentials_sandbox::vault::VISA;

#[test]
fn credentials_are_generated_and_opened_with_the_files_that_the_sandbox_wrote() {
    let sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    let ended = run(&["generate", VISA, "--config", &config]);
    assert_eq!(ended.code, 0, "{}", ended.errors);
    let names: Vec<_> = ended
        .output
        .lines()
        .filter_map(|line| line.get(..16))
        .map(str::trim)
        .collect();
    assert_eq!(
        names,
        [
            "network token",
            "expiry",
            "state",
            "cryptogram",
            "ECI",
            "card network",
            "PAR",
            "correlation id"
        ]
    );
    assert!(
        ended.errors.contains("card networks count unused ones"),
        "{}",
        ended.errors
    );
    let ended = sandbox.end();
    assert_eq!(
        (ended.code, &*ended.output),
        (0, "#1 201 Jwt: made credentials\n")
    );
    assert_eq!(ended.errors, "1 credentials were made\n");
}

#[test]
fn without_reveal_no_number_is_whole_and_no_cryptogram_is_printed() {
    let sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    let masked = run(&["generate", VISA, "--config", &config, "--json"]);
    let masked: serde_json::Value = serde_json::from_str(&masked.output).expect("JSON");
    let number = masked["networkToken"].as_str().expect("a number");
    assert!(number.contains("XXXXXX"), "{number}");
    assert_eq!(masked["cryptogram"], "present, 28 characters");
    // Standard output is no terminal here.
    let refused = run(&["generate", VISA, "--config", &config, "--reveal"]);
    assert_eq!((refused.code, &*refused.output), (2, ""));
    assert!(
        refused.errors.contains("--reveal-anywhere"),
        "{}",
        refused.errors
    );
    let whole = run(&[
        "generate",
        VISA,
        "--config",
        &config,
        "--reveal",
        "--reveal-anywhere",
    ]);
    let number = whole.output.lines().next().expect("a line");
    assert!(
        number.bytes().filter(u8::is_ascii_digit).count() >= 15,
        "{number}"
    );
    // What was refused for its arguments made no call.
    assert_eq!(sandbox.end().output.lines().count(), 2);
}

#[test]
fn a_sealed_response_is_opened_later_with_the_configuration_or_a_key_file() {
    let sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    let sealed = run(&["generate", VISA, "--config", &config, "--sealed"]);
    assert_eq!(sealed.code, 0, "{}", sealed.errors);
    let jwe = sealed.output.trim();
    assert_eq!(jwe.split('.').count(), 5, "{jwe}");
    let file = sandbox.folder.file("response.jwe", &sealed.output);
    let opened = run(&["open", &file, "--config", &config]);
    assert_eq!(opened.code, 0, "{}", opened.errors);
    let key = sandbox.file("opening-key.pem");
    let by_key = run_with(&["open", "-", "--key", &key], &[], &sealed.output);
    assert_eq!((by_key.code, by_key.output), (0, opened.output));
    let other = sandbox.file("sandbox_merchant-response.pem");
    let refused = run_with(&["open", "--key", &other], &[], &sealed.output);
    assert_eq!((refused.code, &*refused.output), (7, ""));
    assert!(
        refused.errors.contains("no configured key opens it"),
        "{}",
        refused.errors
    );
}

#[test]
fn each_way_for_a_call_to_fail_has_its_own_exit_code() {
    let sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    let not_found = payment_credentials_sandbox::vault::NOT_FOUND;
    let refused = run(&["generate", not_found, "--config", &config]);
    assert_eq!(refused.code, 4, "{}", refused.errors);
    assert!(
        refused
            .errors
            .contains("see: paycred explain refused_not_found"),
        "{}",
        refused.errors
    );
    let closes = payment_credentials_sandbox::vault::CLOSES;
    let unknown = run(&["generate", closes, "--config", &config, "--json"]);
    assert_eq!(unknown.code, 5, "{}", unknown.output);
    let unknown: serde_json::Value = serde_json::from_str(&unknown.output).expect("JSON");
    assert_eq!(unknown["error"]["delivery"], "unknown");
    let other_key = payment_credentials_sandbox::vault::OTHER_KEY;
    let partly = run(&["generate", other_key, "--config", &config]);
    assert_eq!(partly.code, 7, "{}", partly.errors);
    drop(sandbox.end());
}

#[test]
fn a_sandbox_that_is_gone_is_not_sent() {
    let mut sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    sandbox.stop();
    let ended = run(&["generate", VISA, "--config", &config]);
    assert_eq!(ended.code, 6, "{}", ended.errors);
}

#[test]
fn a_production_host_is_called_only_with_the_word_for_it() {
    let folder = crate::folder::Folder::new();
    let config = folder.file(
        "production.toml",
        "run_environment = \"production\"\nmerchant_id = \"acme\"\nauthentication_type = \"jwt\"\n",
    );
    let refused = run(&["generate", VISA, "--config", &config]);
    assert_eq!((refused.code, &*refused.output), (2, ""));
    assert!(
        refused
            .errors
            .contains("api.cybersource.com is no test host of the vendor's; add --production"),
        "{}",
        refused.errors
    );
}

/// A tunnel on this machine may lead anywhere.
#[test]
fn a_host_of_this_machine_makes_no_test_of_a_call_for_production() {
    let folder = crate::folder::Folder::new();
    for (host, to) in [
        ("production", "127.0.0.1:9"),
        ("production", "[::1]:9"),
        ("test", "api.cybersource.com"),
    ] {
        let fields = format!("run_environment = \"{host}\"\nintermediate_host = \"{to}\"\n");
        let config = folder.file("tunnel.toml", fields);
        for command in [&["generate", VISA][..], &["doctor"]] {
            let ended = run(&[command, &["--config", &config]].concat());
            assert!(
                ended.code == 2 || ended.code == 3,
                "{host} {to}: {}",
                ended.errors
            );
            let all = ended.output + &ended.errors;
            assert!(
                command == ["doctor"] || all.contains("add --production"),
                "{all}"
            );
        }
    }
}

#[test]
fn a_configuration_that_lacks_a_key_makes_no_call() {
    let folder = crate::folder::Folder::new();
    let config = folder.file("test.toml", "run_environment = \"test\"\n");
    let ended = run(&["generate", VISA, "--config", &config]);
    assert_eq!((ended.code, &*ended.output), (3, ""));
    assert!(ended.errors.starts_with("note: ") || ended.errors.starts_with("paycred: "));
    assert!(ended.errors.contains("opening_key"), "{}", ended.errors);
}

#[test]
fn a_refused_request_is_printed_with_the_check_that_it_failed() {
    let sandbox = Sandbox::start(&["--clock-offset", "3600", "--json"]);
    let config = sandbox.file("payment-credentials.toml");
    let refused = run(&[
        "generate",
        VISA,
        "--config",
        &config,
        "--type",
        "NETWORK_TOKEN",
    ]);
    assert_eq!(refused.code, 4, "{}", refused.errors);
    let ended = sandbox.end();
    let line: serde_json::Value = serde_json::from_str(&ended.output).expect("one line of JSON");
    assert_eq!(
        (&line["status"], &line["minted"]),
        (&401.into(), &false.into())
    );
    let checks = line["checks"].as_array().expect("checks");
    assert!(
        checks.iter().any(|check| check["verdict"] == "refused"),
        "{line}"
    );
}
