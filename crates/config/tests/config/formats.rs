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
fn g17_xml_of_the_csharp_sdk_is_named_as_such() {
    let xml = "is XML, as the App.config or Web.config of the C# SDK is, which isn't read; write its names and \
               values as TOML (name = \"value\") or as JSON";
    for name in ["App.config", "Web.config", "payments.xml"] {
        let expected = format!("{name}: {xml}");
        assert_eq!(refused(name, "<configuration/>"), expected);
    }
    for name in ["payments", "payments.json"] {
        let said = refused(name, "<configuration>\n<MerchantConfig>");
        assert!(said.contains(" is XML, as the App.config"), "{said}");
    }
}

#[test]
fn g17_a_file_for_several_environments_is_told_to_be_several_files() {
    let rule = "is the name of a field behind a prefix and a dot, as in a file for several environments; make a \
                file for each environment, without the prefix";
    let expected = format!("payments.properties: test.merchantID {rule}");
    assert_eq!(
        refused("payments.properties", "test.merchantID=canary-7"),
        expected
    );
    let expected = "payments.toml: test is a table that isn't read, and has fields in it; move these before the \
                    first table, or, if they are a merchant's, name the table [merchants.NAME]";
    assert_eq!(
        refused("payments.toml", "test.merchantID = 'canary-7'"),
        expected
    );
}

#[test]
fn g17_a_file_of_json_is_told_of_in_words_of_json() {
    for (text, expected) in [
        (
            r#"{"cybersource": {"merchantID": "x"}}"#,
            "cybersource is an object that isn't read, and has fields in it; move these to the top level, or, if they \
             are a merchant's, write the object under the merchant's id into an object named merchants",
        ),
        (
            r#"{"merchants": [{"merchantID": "x"}]}"#,
            "merchants is a list, which has no merchants' ids; write an object of fields for each merchant, such as \
             \"merchants\": {\"bakery\": {",
        ),
        (
            r#"{"merchants": {"bakery": "x"}}"#,
            "merchants must hold an object of fields for each merchant, such as \"merchants\": {",
        ),
        (
            r#"{"merchant": {"bakery": {}}}"#,
            "merchant is not a known object; did you mean merchants, as in \"merchants\": {\"bakery\": {}}?",
        ),
        (
            r#"{"opening_keys": {"file": "x"}}"#,
            "opening_keys must be a list of objects, each with file or key",
        ),
        (
            r#"{"mapToControlMLEonAPI": "x"}"#,
            "mapToControlMLEonAPI must be an object of operations, each with",
        ),
    ] {
        let told = refused("payments.json", text);
        let expected = format!("payments.json: {expected}");
        assert!(told.starts_with(&expected), "{told}");
    }
    let list = "[[merchants]]\nmerchant_id = 'x'";
    let expected = "payments.toml: merchants is a list, which has no merchants' ids; write a table of fields for each \
                    merchant, such as [merchants.bakery]";
    assert_eq!(refused("payments.toml", list), expected);
}

#[test]
fn g17_utf_16_without_a_mark_is_told_as_such() {
    let text = "merchant_id = 'x'";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = write(&folder("utf-16"), "payments.toml", &wide);
    let said = Config::from_file(&path).expect_err("refused").to_string();
    let expected = "payments.toml: holds NUL characters, as UTF-16 text does; save it as UTF-8";
    assert_eq!(said, expected);
    let folder = folder("utf-16-password");
    let file = write(&folder, "password", &wide);
    let fields = format!(
        "run_environment = 'test'\nauthentication_type = 'OAUTH'\naccess_token_file = '{}'",
        file.display()
    );
    let config = Config::from_toml(&fields).expect("fields");
    assert_eq!(
        config.port().expect_err("refused").to_string(),
        "TOML: access_token_file names a file that isn't UTF-8 text; save it as UTF-8"
    );
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
