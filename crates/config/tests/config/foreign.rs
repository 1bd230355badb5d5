//! Row G17: a file that holds no configuration, or has one inside of something else, is told as what it is.

use std::fs;

use payment_credentials_config::Config;

use crate::fixtures::{folder, notes, write};

fn assert_told(test: &str, cases: &[(&str, &str, &str)]) {
    let folder = folder(test);
    let mut others = Vec::new();
    for (name, content, expected) in cases {
        let path = write(&folder, name, content);
        let read = Config::from_file(path).expect_err(content).to_string();
        assert!(!read.contains("canary"), "{read}");
        if !read.starts_with(&format!("{name}: {expected}")) {
            others.push(format!("{content}: {read}"));
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

/// A file's name, its content, and what is told of it.
const FILES: &[(&str, &str, &str)] = &[
    (
        "cybs.properties",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE properties SYSTEM \"http://java.sun.com/dtd/properties.dtd\">\n\
             <properties><entry key=\"keyPass\">canary</entry></properties>",
        "is XML, as Properties.storeToXML of Java writes it, which isn't read; write it with Properties.store",
    ),
    (
        "cybs.xml",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE properties SYSTEM \"http://java.sun.com/dtd/properties.dtd\">",
        "is XML, as Properties.storeToXML of Java writes it",
    ),
    (
        "cybs.properties",
        "<configuration/>",
        "is XML, as the App.config or Web.config of the C# SDK",
    ),
    (
        "cybs.json",
        "<!DOCTYPE html><html>canary",
        "is a web page; download the file again",
    ),
    (
        "cybs.toml",
        "$ANSIBLE_VAULT;1.1;AES256\n6339canary",
        "is encrypted by Ansible Vault; decrypt it first, with `ansible-vault decrypt`",
    ),
    (
        "cybs.yml",
        "$ANSIBLE_VAULT;1.1;AES256\n6339",
        "is encrypted by Ansible Vault; ",
    ),
    (
        "cybs.yml",
        "merchant_id: canary",
        "is YAML, which isn't read; ",
    ),
    (
        "cybs.properties",
        "-----BEGIN PRIVATE KEY-----\nMIIEcanary\n",
        "is PEM, so a key or a certificate, and no configuration; give the path of the configuration, ",
    ),
    (
        "cybs.toml",
        "-----BEGIN PGP MESSAGE-----\ncanary",
        "is encrypted, by PGP or age; decrypt it first",
    ),
    (
        "cybs.toml",
        "version https://git-lfs.github.com/spec/v1\noid sha256:canary",
        "is a Git LFS pointer, in place of the file; run `git lfs pull`",
    ),
    (
        "cybs.properties",
        "export CYBERSOURCE_KEY_PASSWORD=canary",
        "is a file of environment variables, which isn't read as such; ",
    ),
    (
        "cybs.properties",
        "merchantID=testrest\rkeyPass=canary\r",
        "has lines that end in a carriage return alone, as those of old Macs did; save it with line feeds",
    ),
    (
        "cybs.toml",
        "merchant_id = 'testrest'\rkey_password = 'canary'\r",
        "has lines that end in a carriage return alone",
    ),
    (
        "cybs.toml",
        "CYBERSOURCE_KEY_PASSWORD = 'canary'",
        "CYBERSOURCE_KEY_PASSWORD is the name of a variable; in a file, write it without CYBERSOURCE_, or set ",
    ),
    (
        "cybs.json",
        "{\"app\": {\"config\": {\"keyPass\": \"canary\"}}}",
        "app is an object that isn't read, and has fields in it; ",
    ),
    (
        "cybs.json",
        "{\"pemFileDirectory\": [\"canary.pem\"]}",
        "pemFileDirectory must be one path; write further keys into opening_keys",
    ),
    (
        "cybs.properties",
        "define('keyPass', 'canary');",
        "is PHP, which isn't read; ",
    ),
    (
        "cybs.json",
        "{\"runEnvironment\": [\"canary\", \"production\"]}",
        "runEnvironment must be one text, and no list",
    ),
    (
        "cybs.json",
        "{\"sslCaCert\": [\"canary.pem\"]}",
        "sslCaCert must be one path, and no list",
    ),
    (
        "cybs.json",
        "eyJtZXJjaGFudElEIjogInRlc3RyZXN0IiwgImtleVBhc3MiOiAiY2FuYXJ5In0KeyJtZXJjaGFudElEIj==\n",
        "is base64, as Kubernetes keeps a Secret's data; decode it first, with `base64 -d`",
    ),
    (
        "cybs.properties",
        "{\n  \"merchantID\": \"canary\"\n}\n",
        "is JSON; name the file .json",
    ),
];

#[test]
fn g17_files_of_other_formats_are_told_as_what_they_are() {
    assert_told("foreign", FILES);
}

#[test]
fn g17_source_text_of_the_sdks_languages_is_told_with_how_to_dump_it() {
    let dump = "which isn't read; write the configuration out as JSON, by the lines for";
    let cases = [
        (
            "cybs.json",
            "<?php\nreturn ['keyPass' => 'canary'];",
            "PHP",
            "PHP",
        ),
        ("cybs.php", "$config->setSecretKey('canary');", "PHP", "PHP"),
        (
            "cybs.js",
            "module.exports = { keyPass: 'canary' };",
            "JavaScript",
            "Node",
        ),
        (
            "cybs.json",
            "'use strict';\nconst keyPass = 'canary';",
            "JavaScript",
            "Node",
        ),
        (
            "Configuration.cs",
            "using System.Collections.Generic;\nnamespace Cybs {}",
            "C#",
            "C#",
        ),
        (
            "Configuration.java",
            "package samples;\nprops.setProperty(\"keyPass\", \"canary\");",
            "Java",
            "Java",
        ),
        (
            "cybs.rb",
            "class Cybs\n  def self.common()\n    keyPass = 'canary'",
            "Ruby",
            "Ruby",
        ),
        ("cybs.rb", "require 'json'\nclass Cybs\n", "Ruby", "Ruby"),
        (
            "cybs.py",
            "import os\nclass Configuration:\n    key_pass = 'canary'\n",
            "Python",
            "Python",
        ),
    ];
    for (name, content, language, sdk) in cases {
        let expected =
            format!("is {language}, {dump} {sdk} in SDKS.md, the page on the official SDKs");
        assert_told("languages", &[(name, content, &expected)]);
    }
}

#[test]
fn g17_fields_inside_of_what_a_store_of_secrets_prints_are_told_with_how_to_take_them_out() {
    let cases = [
        (
            r#"{"apiVersion": "v1", "kind": "Secret", "data": {"keyPass": "Y2FuYXJ5"}}"#,
            "is a Kubernetes manifest; write the fields inside of its data or stringData at the top level ",
        ),
        (
            r#"{"request_id": "1", "lease_id": "", "data": {"data": {"keyPass": "canary"}}}"#,
            "is what `vault` prints; write the fields inside of its data at the top level, as `vault kv get ",
        ),
        (
            r#"{"keyPass": {"sensitive": true, "type": "string", "value": "canary"}}"#,
            "is what `terraform output -json` prints; write each value alone, as ",
        ),
        (
            r#"{"ARN": "x", "Name": "y", "SecretString": "{\"keyPass\": \"canary\"}"}"#,
            "is what `aws secretsmanager get-secret-value` prints; write the object inside of SecretString alone, ",
        ),
        (
            r#"{"Parameter": {"Name": "x", "Value": "canary"}}"#,
            "is what `aws ssm get-parameter` prints; ",
        ),
        (
            r#"{"attributes": {}, "id": "https://x", "value": "canary"}"#,
            "is what `az keyvault secret show` prints; ",
        ),
        (
            r#"{"name": "projects/1/secrets/x", "payload": {"data": "canary"}}"#,
            "is what Google's Secret Manager returns; ",
        ),
        (
            r#"{"keyPass": "ENC[AES256_GCM,data:canary]", "sops": {"mac": "x"}}"#,
            "is encrypted by sops; decrypt it first, with `sops decrypt`",
        ),
        (
            r#""{\"keyPass\": \"canary\"}""#,
            "holds an object inside of a text, as where JSON was encoded twice; write the object itself, ",
        ),
        (
            r#"[{"keyPass": "canary"}]"#,
            "is a list; write one object, with fields as its members, and the merchants, ",
        ),
    ];
    for (content, expected) in cases {
        assert_told("wrappers", &[("cybs.json", content, expected)]);
    }
    let path = write(
        &folder("beside"),
        "cybs.json",
        r#"{"merchantID": "x", "kind": "x", "apiVersion": "v2"}"#,
    );
    assert!(
        Config::from_file(path).is_ok(),
        "fields beside such members"
    );
}

#[test]
fn g17_text_that_is_not_utf_8_is_told_with_its_encoding_or_its_line() {
    let folder = folder("encodings");
    let wide: Vec<u8> = "\u{feff}keyPass = 'canary'"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content, expected) in [
        (
            &wide[..],
            "is UTF-16 text, as Windows PowerShell writes it; save it as UTF-8",
        ),
        (
            b"\x30\x82\x0a\x08\xff",
            "is no text but a binary file, such as a key file or an archive; give the path of the configuration, and \
             name a key file in a field there",
        ),
        (
            b"a = 1\n# M\xfcller\n",
            "isn't UTF-8 text, at line 2 for the first time; save it as UTF-8",
        ),
    ] {
        let path = write(&folder, "cybs.toml", content);
        let told = Config::from_file(path).expect_err(expected).to_string();
        assert_eq!(told, format!("cybs.toml: {expected}"));
    }
}

#[test]
fn g17_a_comment_behind_a_value_that_it_would_belong_to_is_told() {
    let rule = "has a comment behind the value, which is a part of it here; write the comment on a line of its own";
    for field in [
        "authenticationType=JWT # canary",
        "merchantID=testrest #canary",
        "useMetaKey=false\t# canary",
        "keysDirectory=keys # canary",
        "keyPassFile=/run/secrets/a # canary",
        "keyFileName=mine # canary",
    ] {
        let (name, value) = field.split_once('=').expect("a field");
        let path = write(&folder("comments"), "cybs.properties", field);
        let told = Config::from_file(path).expect_err(field).to_string();
        assert_eq!(told, format!("cybs.properties: {name} {rule}"));
        let variable = format!("CYBERSOURCE_{name}");
        let told = Config::from_env([(&variable, value)])
            .expect_err(field)
            .to_string();
        assert_eq!(told, format!("the environment: {variable} {rule}"));
    }
    for field in [
        "keyPass=canary # 7",
        "keysDirectory=my keys/#2",
        "keyFileName=key #2",
        "proxyUser=user #2",
    ] {
        let path = write(&folder("comments"), "cybs.properties", field);
        let config = Config::from_file(&path).expect("a configuration");
        assert!(
            !notes(&config).iter().any(|note| note.contains("comment")),
            "{field}"
        );
        fs::remove_file(path).expect("removed");
    }
}
