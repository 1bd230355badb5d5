//! Several merchants, and the reload of their keys.

use std::fs;
use std::path::Path;

use payment_credentials_config::{Config, ConfigError, Diagnostic, Merchant, Merchants};
use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_core::{CredentialsRequest, PortErrorKind, Refusal};
use payment_credentials_sandbox::{Policy, Sandbox};

use crate::fixtures::{SECRET, folder, leading_to, notes, toml, vector, write};

const OTHER_SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A sandbox that accepts one key of the bakery and one of the florist.
async fn sandbox() -> Sandbox {
    payment_credentials_test_limit::start();
    let policy = Policy::strict()
        .with_shared_secret("bakery", "bakery-1", SECRET)
        .and_then(|policy| policy.with_shared_secret("florist", "florist-1", OTHER_SECRET));
    let policy = policy.expect("a policy");
    Sandbox::start(policy.into()).await.expect("a sandbox")
}

/// The fields of a merchant that signs with this key.
fn signs(key_id: &str, secret: &str) -> String {
    format!(
        "authentication_type = 'HTTP_SIGNATURE'\nmerchant_key_id = '{key_id}'\n\
         merchant_secret_key = '{secret}'\n"
    )
}

/// Tables of both merchants.
fn tables(bakery: &str, florist: &str) -> String {
    format!("[merchants.bakery]\n{bakery}\n[merchants.florist]\n{florist}\n")
}

/// A configuration of these tables that leads to the sandbox.
fn config(sandbox: &Sandbox, folder: &Path, tables: &str) -> Config {
    toml(tables)
        .overridden_by(toml("run_environment = 'apitest.cybersource.com'"))
        .overridden_by(leading_to(sandbox, folder))
}

fn merchant(merchants: &Merchants, id: &str) -> Merchant {
    let id = id.parse().expect("a merchant id");
    merchants.get(&id).expect("configured")
}

/// Calls through the merchant's port and opens the response.
async fn generate(merchant: &Merchant) -> Result<(), PortErrorKind> {
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
    let sealed = merchant.port().generate(&request).await;
    let sealed = sealed.map_err(|error| error.kind())?;
    let opener = merchant.opener().expect("an opener");
    let credentials = opener.open(&sealed).await;
    credentials.map(|_| ()).map_err(|error| error.kind())
}

/// The ids of the keys that sign for a merchant and that open its credentials.
fn key_ids(merchant: &Merchant) -> Vec<String> {
    let keys = merchant.configured_keys();
    let ids = keys.iter().filter_map(|key| key.key_id.as_ref());
    ids.map(|id| id.as_str().to_owned()).collect()
}

fn lines(error: &ConfigError) -> Vec<String> {
    error.to_string().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn merchants_with_keys_of_their_own_share_one_connection() {
    let sandbox = sandbox().await;
    let tables = tables(
        &signs("bakery-1", SECRET),
        &signs("florist-1", OTHER_SECRET),
    );
    let config = config(&sandbox, &folder("share"), &tables);
    let second = r#"[{"on": {"connection": 2}, "phase": "tls", "fault": "reset"}]"#;
    sandbox.faults().add_json(second).expect("a rule");
    let merchants = config.merchants().expect("merchants");
    merchants.connect().await.expect("a connection");
    let ids: Vec<_> = merchants
        .all()
        .iter()
        .map(|it| it.id().to_string())
        .collect();
    assert_eq!(ids, ["bakery", "florist"]);
    for _ in 0..2 {
        for merchant in merchants.all() {
            assert_eq!(generate(&merchant).await, Ok(()), "{merchant:?}");
            assert_eq!(merchant.port().merchant_id().as_ref(), Some(merchant.id()));
        }
    }
    assert_eq!(sandbox.faults().log().len(), 0, "no second connection");
    assert_eq!(merchants.shutdown(std::time::Duration::ZERO).await, 0);
}

#[tokio::test]
async fn a_folder_has_a_file_for_each_merchant() {
    let sandbox = sandbox().await;
    let folder = folder("of_merchants");
    let files = folder.join("merchants");
    fs::create_dir(&files).expect("a folder");
    write(&files, "bakery.toml", signs("bakery-1", SECRET));
    let florist = format!(
        "merchant_id = 'florist'\n{}",
        signs("florist-1", OTHER_SECRET)
    );
    write(&files, "second.toml", florist);
    write(&files, ".hidden.toml", "no TOML");
    write(&files, "README", "no TOML");
    let config = toml(&format!("merchants_directory = '{}'", files.display()));
    let config = config
        .overridden_by(toml("run_environment = 'apitest.cybersource.com'"))
        .overridden_by(leading_to(&sandbox, &folder));
    let merchants = config.merchants().expect("merchants");
    for id in ["bakery", "florist"] {
        assert_eq!(generate(&merchant(&merchants, id)).await, Ok(()), "{id}");
    }
    let inventory = config.inventory(SystemClock.now()).expect("keys");
    assert_eq!(inventory.keys.len(), 4, "{inventory:?}");
}

#[tokio::test]
async fn fields_without_tables_are_one_merchant() {
    let sandbox = sandbox().await;
    let fields = format!("merchant_id = 'bakery'\n{}", signs("bakery-1", SECRET));
    let config = config(&sandbox, &folder("one"), &fields);
    let merchants = config.merchants().expect("a merchant");
    assert_eq!(merchants.all().len(), 1);
    assert_eq!(generate(&merchant(&merchants, "bakery")).await, Ok(()));
    assert!(merchants.get(&"florist".parse().expect("an id")).is_none());
}

#[tokio::test]
async fn a_reload_replaces_the_keys_of_ports_and_openers_in_use() {
    let sandbox = sandbox().await;
    let folder = folder("reload");
    let wrong = tables(
        &signs("bakery-0", SECRET),
        &signs("florist-1", OTHER_SECRET),
    );
    let merchants = config(&sandbox, &folder, &wrong)
        .merchants()
        .expect("merchants");
    let bakery = merchant(&merchants, "bakery");
    let refused = PortErrorKind::Refused(Refusal::Authentication);
    assert_eq!(generate(&bakery).await, Err(refused));

    let right = tables(
        &signs("bakery-1", SECRET),
        &signs("florist-1", OTHER_SECRET),
    );
    let next = config(&sandbox, &folder, &right);
    let next = next.overridden_by(toml("opening_key_id = 'another'"));
    let reloaded = merchants.reload(&next).expect("reloaded");
    assert!(reloaded.added.is_empty() && reloaded.removed.is_empty());
    assert_eq!(key_ids(&bakery), ["bakery-1", "another"]);
    let unknown = generate(&bakery).await;
    assert_eq!(unknown, Err(PortErrorKind::Jwe), "the key id is another's");

    let next = config(&sandbox, &folder, &right);
    merchants.reload(&next).expect("reloaded");
    assert_eq!(generate(&bakery).await, Ok(()));
}

#[tokio::test]
async fn a_reload_with_one_mistake_replaces_no_key() {
    let sandbox = sandbox().await;
    let folder = folder("whole");
    let right = tables(
        &signs("bakery-1", SECRET),
        &signs("florist-1", OTHER_SECRET),
    );
    let merchants = config(&sandbox, &folder, &right)
        .merchants()
        .expect("merchants");
    let before = merchants.configured_keys();

    let broken = tables(&signs("bakery-2", SECRET), "authentication_type = 'JWT'");
    let next = config(&sandbox, &folder, &broken);
    let error = merchants.reload(&next).expect_err("no key file");
    let shown = error.to_string();
    assert!(shown.contains("TOML [merchants.florist]"), "{shown}");
    let missing = next.overridden_by(toml("opening_key_file = 'nowhere.pem'"));
    assert!(merchants.reload(&missing).is_err());
    assert_eq!(merchants.configured_keys(), before);
    for merchant in merchants.all() {
        assert_eq!(generate(&merchant).await, Ok(()));
    }
}

#[tokio::test]
async fn a_reload_that_differs_in_what_merchants_share_is_refused() {
    let sandbox = sandbox().await;
    let folder = folder("shared");
    let right = tables(
        &signs("bakery-1", SECRET),
        &signs("florist-1", OTHER_SECRET),
    );
    let merchants = config(&sandbox, &folder, &right)
        .merchants()
        .expect("merchants");
    let other = "run_environment = 'api.cybersource.com'\ncalls_per_second = 5\n\
                 opening_accepts = ['A128GCM']";
    let next = config(&sandbox, &folder, &right).overridden_by(toml(other));
    let error = merchants.reload(&next).expect_err("another host");
    let named: Vec<_> = error.mistakes().iter().map(Diagnostic::field).collect();
    assert_eq!(
        named,
        ["run_environment", "opening_accepts", "calls_per_second"]
    );
    assert!(error.to_string().contains("build new merchants"), "{error}");
}

#[tokio::test]
async fn a_reload_adds_and_removes_merchants() {
    let sandbox = sandbox().await;
    let folder = folder("adds");
    let bakery = format!("[merchants.bakery]\n{}", signs("bakery-1", SECRET));
    let florist = format!("[merchants.florist]\n{}", signs("florist-1", OTHER_SECRET));
    let merchants = config(&sandbox, &folder, &bakery).merchants().expect("one");
    let before = merchant(&merchants, "bakery");

    let reloaded = merchants.reload(&config(&sandbox, &folder, &florist));
    let reloaded = reloaded.expect("reloaded");
    assert_eq!(reloaded.added, ["florist".parse().expect("an id")]);
    assert_eq!(reloaded.removed, ["bakery".parse().expect("an id")]);
    assert!(merchants.get(before.id()).is_none());
    assert_eq!(generate(&merchant(&merchants, "florist")).await, Ok(()));
    assert_eq!(generate(&before).await, Ok(()), "with its last keys");
}

#[test]
fn a_merchant_without_an_opening_key_has_no_opener_and_gets_none_by_a_reload() {
    let fields = format!("merchant_id = 'bakery'\n{}", signs("bakery-1", SECRET));
    let config = toml(&fields).overridden_by(toml("run_environment = 'apitest.cybersource.com'"));
    let merchants = config.merchants().expect("merchants");
    assert!(merchant(&merchants, "bakery").opener().is_none());

    let key = vector("jwe/keys/merchant.pkcs8.pem");
    let opens = format!("opening_key_file = '{}'", key.display());
    let next = config.overridden_by(toml(&opens));
    let error = merchants.reload(&next).expect_err("an opener");
    assert!(error.to_string().contains("opening_key_file"), "{error}");
}

#[test]
fn what_contradicts_several_merchants_is_refused_by_name() {
    let (bakery, florist) = (signs("bakery-1", SECRET), signs("florist-1", OTHER_SECRET));
    let host = "run_environment = 'apitest.cybersource.com'\n";
    for (fields, expected) in [
        (
            format!(
                "{host}merchant_id = 'testrest'\n{}",
                tables(&bakery, &florist)
            ),
            "TOML: merchant_id is given beside merchants",
        ),
        (
            format!(
                "{host}{}",
                tables(&format!("{bakery}use_proxy = true"), &florist)
            ),
            "TOML [merchants.bakery]: use_proxy belongs to what all merchants share",
        ),
        (
            format!(
                "{host}{}",
                tables(&bakery, &format!("{florist}merchant_id = 'bakery'"))
            ),
            "TOML [merchants.florist]: merchant_id is the merchant of two tables",
        ),
        (
            format!("{host}{}", tables(&bakery, "merchant_key_id = 'florist-1'")),
            "TOML [merchants.florist]: authentication_type is missing",
        ),
        (
            format!("{host}[merchants.'a b']\n{bakery}"),
            "TOML [merchants.a b]: merchant_id can't be used",
        ),
        (
            format!("{host}merchants_directory = 'nowhere'"),
            "TOML: merchants_directory names a folder that doesn't exist",
        ),
        (
            format!(
                "{host}merchants_directory = '{}'",
                folder("empty").display()
            ),
            "TOML: merchants_directory names a folder without a configuration file",
        ),
        (host.to_owned(), "TOML: merchant_id is missing"),
    ] {
        let error = toml(&fields).merchants().expect_err("refused");
        let lines = lines(&error);
        assert!(
            lines.iter().any(|line| line.starts_with(expected)),
            "{expected}: {lines:#?}"
        );
    }
}

#[test]
fn a_section_that_holds_no_tables_is_refused() {
    let misspelled =
        Config::from_toml("[merchant.bakery]\nkey_password = 'x'").expect_err("no such table");
    assert_eq!(
        misspelled.to_string(),
        "TOML: merchant is not a known table; did you mean merchants, as in [merchants.bakery]?"
    );
    for section in ["merchants = 'bakery'", "merchants = { bakery = 1 }"] {
        let error = Config::from_toml(section).expect_err("no tables");
        let expected = "TOML: merchants must hold a table of fields for each merchant, such as \
                        [merchants.bakery]";
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn the_port_of_one_merchant_is_not_taken_from_a_configuration_of_several() {
    let (bakery, florist) = (signs("bakery-1", SECRET), signs("florist-1", OTHER_SECRET));
    let host = "run_environment = 'apitest.cybersource.com'\n";
    let config = toml(&format!("{host}{}", tables(&bakery, &florist)));
    let error = config.port().expect_err("two merchants").to_string();
    assert!(
        error.contains("take their ports from Config::merchants"),
        "{error}"
    );
}

#[test]
fn notes_are_those_of_every_table() {
    let florist = format!("{}colour = 'red'\n", signs("florist-1", OTHER_SECRET));
    let config = toml(&tables(&signs("bakery-1", SECRET), &florist));
    let notes = notes(&config);
    let unknown = "TOML [merchants.florist]: colour is not a known field";
    assert!(
        notes.iter().any(|note| note.starts_with(unknown)),
        "{notes:#?}"
    );
}

#[test]
fn a_later_configuration_wins_in_a_table_of_the_same_name() {
    let host = "run_environment = 'apitest.cybersource.com'\n";
    let file = format!("{host}[merchants.bakery]\n{}", signs("bakery-1", SECRET));
    let other = "[merchants.bakery]\nmerchant_key_id = 'bakery-2'";
    let merchants = toml(&file).overridden_by(toml(other)).merchants();
    let merchants = merchants.expect("one merchant");
    assert_eq!(key_ids(&merchant(&merchants, "bakery")), ["bakery-2"]);
}

#[test]
fn the_mistakes_of_all_files_in_a_folder_are_reported_together() {
    let folder = folder("broken_merchants");
    write(&folder, "bakery.toml", "key_password = x");
    write(&folder, "florist.json", "{");
    let config = toml(&format!(
        "run_environment = 'test'\nmerchants_directory = '{}'",
        folder.display()
    ));
    let error = config.merchants().expect_err("two broken files");
    let expected = [
        "bakery.toml: is no valid TOML: line 1, column 16 (key_password) lacks quotes around the value",
        "florist.json: is no valid JSON: line 1, column 1 is the end, before the last bracket is closed; close it, \
             or copy the whole file",
    ];
    assert_eq!(lines(&error), expected);
}
