//! Row G17: a text that a parser refuses is told with its place and what is wrong there, and never with a value.

use payment_credentials_config::Config;

use crate::fixtures::{folder, write};

fn assert_told(name: &str, format: &str, cases: &[(&str, &str)]) {
    let mut others = Vec::new();
    for (text, expected) in cases {
        let path = write(&folder(&format!("syntax-{name}")), name, text);
        let said = Config::from_file(path).expect_err(text).to_string();
        let expected = format!("{name}: is no valid {format}: {expected}");
        assert!(!said.contains("canary"), "{said}");
        if !said.starts_with(&expected) {
            others.push(format!("{text}: {said}"));
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

/// A text, and what is told of it.
const OF_TOML: &[(&str, &str)] = &[
    (
        "merchant_id = 'x'\nrun_environment = apitest",
        "line 2, column 19 (run_environment) lacks quotes around the value",
    ),
    (
        "key_password = \"canary\nuse_proxy = true",
        "line 1, column 23 (key_password) lacks the closing quote",
    ),
    (
        r#"keys_directory = "C:\keys\canary""#,
        "line 1, column 22 (keys_directory) has a backslash that begins no escape; write a Windows path in \
             single quotes, as 'C:\\keys', or with /",
    ),
    (
        r#"keys_directory = "C:\users\canary""#,
        "line 1, column 23 (keys_directory) has a backslash that begins no escape; ",
    ),
    (
        "merchant_id = \"canary\",\nuse_proxy = true",
        "line 1, column 23 (merchant_id) has a comma or semicolon behind the value; delete it",
    ),
    (
        "key_password = 'canary's'",
        "line 1, column 24 (key_password) goes on behind the closing quote; ",
    ),
    (
        "key_password =",
        "line 1, column 15 (key_password) gives no value; ",
    ),
    (
        "key_password = “canary”",
        "line 1, column 16 (key_password) has typographic quotes, ",
    ),
    (
        "use_proxy = True",
        "line 1, column 13 (use_proxy) must be true or false, in lower case",
    ),
    (
        "use_proxy = tcanary",
        "line 1, column 13 (use_proxy) lacks quotes around the value",
    ),
    (
        "merchant_id = 'x'\nmerchant_id = 'canary'",
        "line 2, column 1 (merchant_id) gives the field a second time; ",
    ),
    (
        "[merchants.a]\n[merchants.a]",
        "line 2, column 12 begins a table a second time; ",
    ),
    (
        "[merchants.a\nx = 1",
        "line 1, column 13 lacks the ] behind ",
    ),
    (
        "// canary",
        "line 1, column 4 begins a comment as TOML doesn't; write # instead",
    ),
    (
        "; canary",
        "line 1, column 3 begins a comment as TOML doesn't",
    ),
    (
        "merchant id = 'canary'",
        "line 1, column 10 has a blank in a field's name; write _ instead",
    ),
    (
        "merchant_id 'canary'",
        "line 1, column 13 (merchant_id) has no = between a name and its value",
    ),
    (
        "signing_key = \"-----BEGIN PRIVATE KEY-----\nMIIEcanary\n\"",
        "line 1, column 13 (signing_key) begins a text that doesn't end on its line; ",
    ),
    (
        "signing_key = \"\"\"\ncanary\n",
        "line 3, column 1 (after signing_key) lacks the three quotes at the end ",
    ),
    (
        "opening_keys = [\n{file = 'canary'}\n{file = 'b'}]",
        "line 3, column 1 (after opening_keys) lacks a comma between two entries of a list",
    ),
    (
        "proxy_port = 08080",
        "line 1, column 14 (proxy_port) has a number that begins with 0; ",
    ),
    (
        "merchantID: canary",
        "line 1, column 13 (merchantID) gives a field as YAML does: is YAML, which isn't read",
    ),
    (
        "\n\nexport KEY_PASSWORD=canary",
        "line 3, column 8 (KEY_PASSWORD) sets a variable as a shell does: ",
    ),
    (
        "export canary=x",
        "line 1, column 8 sets a variable as a shell does",
    ),
    (
        "{\"merchantID\": \"canary\"}",
        "line 1, column 1 is JSON; name the file .json",
    ),
    (
        "canary==",
        "line 1, column 8 has a second =; put quotes around a value that holds one",
    ),
    ("canary", "line 1, column 7 has no = between"),
    (
        "merchant_id = 'x'\nmerchantsecretKey = canary+canary/canary=",
        "line 2, column 21 (merchantsecretKey) lacks quotes around the value",
    ),
    (
        "merchant_secret_key=4canary==\n",
        "line 1, column 21 (merchant_secret_key) lacks quotes around the value",
    ),
    (
        "merchant_key_id = 08c94330-f618-42a3-b09d-e1e43be5efda",
        "line 1, column 19 (merchant_key_id) lacks quotes around the value",
    ),
    (
        "key_password = 2024-01-01canary",
        "line 1, column 16 (key_password) lacks quotes around the value",
    ),
    (
        "proxy_address = 127.0.0.1:3128",
        "line 1, column 17 (proxy_address) lacks quotes around the value",
    ),
    (
        "opening_accepts = RSA-OAEP, A128GCM",
        "line 1, column 19 (opening_accepts) lacks quotes around the value",
    ),
    (
        "use_proxy = true, # canary",
        "line 1, column 17 (use_proxy) has a comma or semicolon behind the value; delete it",
    ),
    (
        "key_password = canary\"",
        "line 1, column 16 (key_password) lacks the opening quote",
    ),
    (
        "key_password => 'canary'",
        "line 1, column 15 (key_password) has =>, as PHP and Ruby have; write = alone",
    ),
    (
        "portfolio_id = null",
        "line 1, column 16 (portfolio_id) has no value, which TOML has no word for; delete the line",
    ),
    (
        "call_deadline_ms = 30s",
        "line 1, column 20 (call_deadline_ms) has a number with a unit; write the number alone, ",
    ),
    (
        "opening_keys = [{file: 'canary'}]",
        "line 1, column 24 (opening_keys) has a : between a name and its value; write = there",
    ),
    (
        "opening_keys = [{file = 'canary'}",
        "line 1, column 34 (opening_keys) lacks the ] behind a list",
    ),
    (
        "key_password = 'canary'\u{c}",
        "line 1, column 24 (key_password) has an invisible control character behind the value; delete it",
    ),
    (
        "opening_keys = [{file = 'canary']",
        "line 1, column 33 (opening_keys) lacks a comma, or the } behind a table",
    ),
    (
        "merchant_id = 99999999999999999999",
        "line 1, column 15 (merchant_id) has a number that is too large; write it in quotes, if it is a text",
    ),
    (
        "merchant_id = 2024-02-30",
        "line 1, column 15 (merchant_id) lacks quotes around the value",
    ),
    (
        "canary {\n  key_password = 'canary'\n}",
        "line 1, column 8 begins a block, as HCL and others have; write name = value, without blocks",
    ),
    (
        "[{\"keyPass\": \"canary\"}]",
        "line 1, column 2 is JSON; name the file .json",
    ),
    (
        "@key_password = 'canary'",
        "line 1, column 1 has a name with characters other than letters, digits, _ and -; ",
    ),
    (
        "key_password =\u{a0}'canary'",
        "line 1, column 15 (key_password) has a no-break space (U+00A0), which looks like a blank; delete it",
    ),
    (
        "\u{200b}key_password = 'canary'",
        "line 1, column 1 has a zero-width space (U+200B), which is invisible; delete it",
    ),
    (
        "key–password = 'canary'",
        "line 1, column 4 has an en dash (U+2013), which looks like a hyphen; write - instead",
    ),
    (
        "“key_password” = 'canary'",
        "line 1, column 1 has typographic quotes, as word processors write them; write straight ones",
    ),
];

#[test]
fn g17_what_is_no_toml_is_told_with_its_place_and_remedy() {
    assert_told("payments.toml", "TOML", OF_TOML);
}

/// A text, and what is told of it.
const OF_JSON: &[(&str, &str)] = &[
    (
        r#"{"keyPass": "canary",}"#,
        "line 1, column 22 (keyPass) closes a bracket behind a comma; delete the comma",
    ),
    (
        "{\"keyPass\": \"canary\"\n\"merchantID\": \"x\"}",
        "line 2, column 1 (merchantID) lacks a comma before this place",
    ),
    (
        "{\n// canary\n\"merchantID\": \"x\"}",
        "line 2, column 1 has a comment, which JSON doesn't have; ",
    ),
    (
        "{\"merchantID\": \"x\" # canary\n}",
        "line 1, column 20 (merchantID) has a comment, ",
    ),
    (
        r#"{"keysDirectory": "C:\keys\canary"}"#,
        "line 1, column 23 (keysDirectory) has a backslash that begins no escape; write \\\\ for a backslash, or / in a path",
    ),
    (
        "{'keyPass': 'canary'}",
        "line 1, column 2 has single quotes; JSON takes double ones only",
    ),
    (
        r#"{"useProxy": True}"#,
        "line 1, column 14 (useProxy) must be true or false, in lower case",
    ),
    (
        r#"{"keyPass": canary}"#,
        "line 1, column 13 (keyPass) lacks double quotes around a text",
    ),
    (
        r#"{keyPass: "canary"}"#,
        "line 1, column 2 lacks double quotes around a name",
    ),
    (
        r#"{"keyPass": "canary"#,
        "line 1, column 19 (keyPass) lacks the closing quote",
    ),
    (
        r#"{"keyPass": "canary""#,
        "line 1, column 20 (keyPass) is the end, before the last bracket",
    ),
    (
        r#"{"keyPass": "x"} canary"#,
        "line 1, column 18 (keyPass) goes on behind the last bracket; ",
    ),
    (
        r#"{"keyPass" = "canary"}"#,
        "line 1, column 12 (keyPass) lacks a : between",
    ),
    (
        "{\"keyPass\": \"ca\nnary\"}",
        "line 2, column 1 (after keyPass) has a line break or a tab inside of a text; ",
    ),
    (
        r#"{"keyPass": }"#,
        "line 1, column 13 (keyPass) lacks a value before this place",
    ),
    (
        r#"{"proxyPort": 08080}"#,
        "line 1, column 16 (proxyPort) has a number in a form that JSON doesn't have; ",
    ),
    (
        "merchant_id = 'canary'",
        "line 1, column 1 (merchant_id) isn't JSON; name a file of TOML .toml",
    ),
    (
        "{\n\u{a0}\"keyPass\": \"canary\"}",
        "line 2, column 1 (keyPass) has a no-break space (U+00A0), which looks like a blank; delete it",
    ),
    (
        r#"{"keyPass"=>"canary"}"#,
        "line 1, column 11 (keyPass) has =>, as Ruby and PHP have; write : instead, ",
    ),
    (
        r#"{:keyPass=>"canary"}"#,
        "line 1, column 2 has a name as Ruby prints it; write the hash by JSON.generate",
    ),
    (
        r#"{"portfolioID": None, "keyPass": "canary"}"#,
        "line 1, column 17 (portfolioID) has a word for no value that JSON doesn't have; write null, ",
    ),
    (
        "{“keyPass”: \"canary\"}",
        "line 1, column 2 has typographic quotes, ",
    ),
    (
        "{\"keyPass\": \"canary\"}\u{feff}",
        "line 1, column 22 (keyPass) has a byte order mark (U+FEFF), which is invisible; delete it",
    ),
];

#[test]
fn g17_what_is_no_json_is_told_with_its_place_and_remedy() {
    assert_told("payments.json", "JSON", OF_JSON);
}

#[test]
fn g17_backslashes_in_java_properties_that_java_would_drop_are_told() {
    let windows = "has a Windows path with single backslashes, which begin escapes in Java properties; write \\\\ or /";
    let joins = "ends in a backslash, which joins the next line to it; write \\\\ or / for a backslash at the end";
    let cases = [
        ("merchantID=x\nkeysDirectory=C:\\new\\users", format!("line 2, column 1 (keysDirectory) {windows}")),
        ("keysDirectory=C\\:\\temp", format!("line 1, column 1 (keysDirectory) {windows}")),
        ("keysDirectory=keys\\\nmerchantID=canary", format!("line 1, column 1 (keysDirectory) {joins}")),
        ("keysDirectory=keys\\", format!("line 1, column 1 (keysDirectory) {joins}")),
        (
            "keyPass=canary\\s",
            "line 1, column 1 (keyPass) has a backslash before a letter or digit where it begins no escape".to_owned(),
        ),
        (
            "[cybersource]\nkeyPass=canary",
            "line 1, column 1 begins a section, which Java properties don't have; delete the line".to_owned(),
        ),
        ("keyPass=canary\\u12", "line 1, column 1 (keyPass) has a broken escape; write \\\\".to_owned()),
    ];
    let cases: Vec<_> = cases.iter().map(|(text, said)| (*text, &**said)).collect();
    assert_told("payments.properties", "Java properties", &cases);
    let stored = "keysDirectory=C\\:\\\\keys\nmerchantID=a\\\n  b";
    let path = write(&folder("stored"), "payments.properties", stored);
    assert!(Config::from_file(path).is_ok());
}
