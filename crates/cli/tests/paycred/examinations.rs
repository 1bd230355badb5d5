//! `doctor`, against the sandbox.

use serde_json::Value;

use crate::folder::Folder;
use crate::program::{Ended, Sandbox, run};

/// Each step with its state.
fn steps(ended: &Ended) -> Vec<(String, String)> {
    let report: Value =
        serde_json::from_str(ended.output.lines().next().expect("a line")).expect("JSON");
    let steps = report
        .get("steps")
        .and_then(Value::as_array)
        .expect("steps")
        .iter();
    let text = |step: &Value, name| {
        step.get(name)
            .and_then(Value::as_str)
            .expect("text")
            .to_owned()
    };
    steps
        .map(|step| (text(step, "step"), text(step, "state")))
        .collect()
}

fn state<'a>(steps: &'a [(String, String)], name: &str) -> &'a str {
    let step = steps.iter().find(|(step, _)| step == name);
    &step.expect("a step").1
}

#[test]
fn a_setup_that_works_passes_every_step_and_makes_no_cryptogram() {
    let sandbox = Sandbox::start(&["--json"]);
    let config = sandbox.file("payment-credentials.toml");
    let ended = run(&["doctor", "--config", &config, "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.output);
    let steps = steps(&ended);
    for name in [
        "configuration",
        "keys",
        "host",
        "opening key",
        "connection",
        "authentication",
        "clock",
    ] {
        assert_eq!(state(&steps, name), "passed", "{name}: {}", ended.output);
    }
    assert_eq!(state(&steps, "opening"), "skipped");
    assert!(
        ended.errors.contains("an id that can't exist"),
        "{}",
        ended.errors
    );
    let visa = payment_credentials_sandbox::vault::VISA;
    let whole = run(&["doctor", "--config", &config, "--token-id", visa]);
    assert_eq!(whole.code, 0, "{}", whole.output);
    assert!(
        whole.output.contains("passed   opening"),
        "{}",
        whole.output
    );
    let received = sandbox.end();
    assert_eq!(received.errors, "0 credentials were made\n");
    assert_eq!(received.output.lines().count(), 2);
}

#[test]
fn what_is_noted_of_a_key_file_is_a_warning() {
    let sandbox = Sandbox::start(&[]);
    let text = String::from_utf8(sandbox.read("payment-credentials.toml")).expect("text");
    // The key that signs, in place of the one that opens.
    let text = text.replace("opening-key.pem", "sandbox_merchant.p12");
    let text = format!("{text}\nopening_key_password_file = \"keystore-password.txt\"\n");
    sandbox.write("payment-credentials.toml", &text);
    let config = sandbox.file("payment-credentials.toml");
    let ended = run(&["doctor", "--config", &config, "--offline"]);
    assert!(ended.output.contains("warned   keys"), "{}", ended.output);
    assert!(ended.output.contains("signs"), "{}", ended.output);
    let listed = run(&["keys", "--config", &config]);
    assert!(listed.errors.contains("note: "), "{}", listed.errors);
    drop(sandbox.end());
}

#[test]
fn a_broken_configuration_fails_first_and_sends_nothing() {
    let folder = Folder::new();
    let config = folder.file(
        "test.toml",
        "run_environment = \"apitset.cybersource.com\"\nmerchant_id = \"acme\"\n",
    );
    let ended = run(&["doctor", "--config", &config, "--json"]);
    assert_eq!(ended.code, 3, "{}", ended.output);
    let steps = steps(&ended);
    assert!(steps.iter().any(|(_, state)| state == "failed"));
    assert_eq!(state(&steps, "connection"), "skipped");
    assert!(
        ended.output.contains("apitest.cybersource.com"),
        "{}",
        ended.output
    );
}

#[test]
fn a_service_that_isnt_there_fails_the_connection() {
    let mut sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    sandbox.stop();
    let offline = run(&["doctor", "--config", &config, "--offline", "--json"]);
    assert_eq!(offline.code, 0, "{}", offline.output);
    assert_eq!(state(&steps(&offline), "connection"), "skipped");
    let ended = run(&["doctor", "--config", &config, "--json"]);
    assert_eq!(ended.code, 6, "{}", ended.output);
    let steps = steps(&ended);
    assert_eq!(state(&steps, "connection"), "failed");
    assert_eq!(state(&steps, "authentication"), "skipped");
}

#[test]
fn a_clock_that_is_off_is_named_before_the_authentication_that_fails_by_it() {
    let sandbox = Sandbox::start(&["--clock-offset", "-3600"]);
    let config = sandbox.file("payment-credentials.toml");
    let ended = run(&["doctor", "--config", &config]);
    assert_eq!(ended.code, 4, "{}", ended.output);
    let failed = ended
        .output
        .lines()
        .filter_map(|line| line.strip_prefix("failed   "));
    let failed: Vec<_> = failed.filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(failed, ["clock", "authentication"], "{}", ended.output);
    assert!(
        ended.output.contains("keep it right by NTP"),
        "{}",
        ended.output
    );
    assert_eq!(ended.errors.lines().last(), Some("paycred: clock failed"));
    drop(sandbox.end());
}

#[test]
fn a_key_that_the_service_doesnt_know_fails_the_authentication_with_what_to_do() {
    let (one, other) = (Sandbox::start(&[]), Sandbox::start(&[]));
    // The other sandbox's keys, sent to this one.
    let text = String::from_utf8(other.read("payment-credentials.toml")).expect("text");
    let address = |sandbox: &Sandbox| {
        let text = String::from_utf8(sandbox.read("payment-credentials.toml")).expect("text");
        let line = text
            .lines()
            .find(|line| line.starts_with("intermediate_host"))
            .expect("a line");
        line.to_owned()
    };
    let text = text.replace(&address(&other), &address(&one));
    other.write("payment-credentials.toml", &text);
    other.write("root.pem", one.read("root.pem"));
    let ended = run(&[
        "doctor",
        "--config",
        &other.file("payment-credentials.toml"),
    ]);
    assert_eq!(ended.code, 4, "{}", ended.output);
    assert!(
        ended.output.contains("failed   authentication"),
        "{}",
        ended.output
    );
    assert!(
        ended
            .output
            .contains("what to do: page someone, and tell the team \"keys\""),
        "{}",
        ended.output
    );
    drop((one.end(), other.end()));
}
