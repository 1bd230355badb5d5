//! Row G17: the formats of a configuration file, and what another format is taken for.

use payment_credentials_config::Config;

use crate::fixtures::{folder, generate, leading_to, sandbox, write};

/// The error for a file of this name and content.
fn refused(name: &str, content: &str) -> String {
    let path = write(&folder("formats"), name, content);
    Config::from_file(path).expect_err("refused").to_string()
}

#[tokio::test]
async fn g17_java_properties_are_read() {
    let (sandbox, folder) = (sandbox().await, folder("properties"));
    let text = "# as the vendor's samples for Java have them\nauthenticationType = http_signature\n\
                merchantID=testrest\nrunEnvironment: CyberSource.Environment.SANDBOX\n\
                requestJsonPath=src/main/resources/request.json\nportfolioID=\nuseMetaKey=false\n\
                merchantKeyId=08c94330-f618-42a3-b09d-e1e43be5efda\n\
                merchantsecretKey=yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=\nenableLog=true\n\
                logDirectory=log\nlogFilename=cybs\nlogMaximumSize=5M\nenableClientCert=false\n\
                clientCertDirectory=src/main/resources\nclientCertFile=\nclientCertPassword=\n";
    let file = write(&folder, "cybs.properties", text);
    let config = Config::from_file(file).expect("a configuration");
    generate(&config.overridden_by(leading_to(&sandbox, &folder))).await;
}

#[test]
fn g17_other_formats_are_named() {
    let yaml = "is YAML, which isn't read; write it as TOML (name = \"value\") or as JSON";
    for name in ["payments.yaml", "payments.YML"] {
        let expected = format!("{name}: {yaml}");
        assert_eq!(refused(name, "merchant_id: testrest"), expected);
    }
    for name in [".env", ".env.production", "payments.env"] {
        let said = refused(name, "MERCHANT_ID=testrest");
        assert!(
            said.contains(
                "is a file of environment variables, which isn't read as such; load it with"
            ),
            "{said}"
        );
    }
}

#[test]
fn g17_a_line_that_is_no_toml_is_named_with_its_field_and_never_with_its_value() {
    for (text, expected) in [
        (
            "merchant_id = 'x'\nrun_environment = apitest",
            "line 2 lacks quotes around the value of run_environment",
        ),
        (
            "merchant_secret_key = canary-7/x",
            "line 1 lacks quotes around the value of merchant_secret_key",
        ),
        (
            "merchantID: canary-7",
            "line 1 gives merchantID as YAML does: is YAML",
        ),
        (
            "\n\nexport KEY_PASSWORD=canary-7",
            "line 3 sets KEY_PASSWORD as a shell does: ",
        ),
        (
            "{\"merchantID\": \"canary-7\"}",
            "line 1 is JSON; name the file .json",
        ),
        ("merchant_id 'canary-7'", "check line 1"),
        (
            "canary-7==",
            "line 1 lacks quotes around the value of a field",
        ),
        ("canary-7: x", "line 1 gives a field as YAML does"),
        ("export canary-7=x", "line 1 sets a field as a shell does"),
    ] {
        let said = refused("payments.toml", text);
        assert!(said.contains(expected), "{text}: {said}");
        assert!(
            said.starts_with("payments.toml: is no valid TOML: "),
            "{said}"
        );
        assert!(!said.contains("canary-7"), "{said}");
    }
    let json = refused("payments.json", "merchant_id = 'canary-7'");
    assert_eq!(json, "payments.json: is no valid JSON: line 1 isn't JSON");
}

#[test]
fn g17_a_secret_in_place_of_its_file_is_never_shown() {
    for secret in [
        "Hunter2/TOPSECRET",
        "Summer2026.key",
        "yBJxy6LjM2TmcPGu/GaJrHtkke25fPpUX",
    ] {
        let fields = format!(
            "run_environment = 'test'\nauthentication_type = 'HTTP_SIGNATURE'\nmerchant_id = 'm'\n\
             merchant_key_id = 'k'\nmerchant_secret_key_file = '{secret}'"
        );
        let error = Config::from_toml(&fields)
            .expect("fields")
            .port()
            .expect_err("no file");
        let expected = "TOML: merchant_secret_key_file names a file that doesn't exist, and isn't shown, since \
                        it may be the secret itself; give an absolute path, or the secret in the field without \
                        _file";
        assert_eq!(error.to_string(), expected);
    }
}
