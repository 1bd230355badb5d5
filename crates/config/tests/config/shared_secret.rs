//! Row G17: a shared secret that is of no use, or of an unusual length, is told by its form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixtures::{SECRET, assert_says, notes, signing_with};

fn with_secret(secret: &str) -> String {
    let secret = secret
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    let config = signing_with(&format!("merchant_secret_key = \"{secret}\""));
    config.port().expect_err(&secret).to_string()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn g17_what_is_around_a_shared_secret_or_in_its_place_is_told() {
    let used = "can't be used: shared secret ";
    for (secret, expected) in [
        (
            format!("\"{SECRET}\""),
            format!("{used}has quotes around it"),
        ),
        (
            format!("{{\"secret\": \"{SECRET}\"}}"),
            format!("{used}holds JSON; give the member"),
        ),
        (
            SECRET.replace('+', " "),
            format!("{used}has blanks where a + was"),
        ),
        (
            format!("{SECRET} "),
            format!("{used}has a blank or a line break in it"),
        ),
        (
            SECRET.replace('+', "%2B"),
            format!("{used}has %2B, %2F or %3D for +, / or ="),
        ),
        (
            SECRET.replace('+', "&#43;"),
            format!("{used}has an entity of HTML or XML"),
        ),
        (
            format!("0x{}", "c8".repeat(32)),
            format!("{used}is in hexadecimal"),
        ),
        ("c8:12:49:cb".repeat(16), format!("{used}is in hexadecimal")),
        (
            "projects/1/secrets/canary/versions/latest".to_owned(),
            "holds a reference such as projects/…/secrets/…".to_owned(),
        ),
        (format!("`{SECRET}`"), format!("{used}has quotes around it")),
        (format!("“{SECRET}”"), format!("{used}has quotes around it")),
        (
            format!("{SECRET},"),
            format!("{used}has a sign behind it, such as a comma"),
        ),
        (
            format!("{SECRET};"),
            format!("{used}has a sign behind it, such as a comma"),
        ),
        (
            format!("{}…", &SECRET[..20]),
            format!("{used}is shown in part only, with * or …"),
        ),
        (
            format!("{}****", &SECRET[..20]),
            format!("{used}is shown in part only, with * or …"),
        ),
        (
            format!("{SECRET}{SECRET}"),
            format!("{used}goes on behind the = that ends it"),
        ),
        (
            format!("secret: {SECRET}"),
            format!("{used}begins with a name, as in NAME="),
        ),
        (SECRET.replace('/', "\\/"), format!("{used}has a backslash")),
        (
            format!("SECRET={SECRET}"),
            format!("{used}begins with a name, as in NAME="),
        ),
        (
            format!("ID=08c9\nSECRET={SECRET}"),
            format!("{used}has more than one line; give the secret alone"),
        ),
        (
            "-----BEGIN PRIVATE KEY-----".to_owned(),
            format!("{used}holds PEM"),
        ),
        (
            SECRET[..40].to_owned(),
            format!("{used}is shorter than 32 bytes: copy it again, whole;"),
        ),
        (
            SECRET[..42].to_owned(),
            format!("{used}is not canonical base64: characters at its end are missing"),
        ),
        (
            "08c94330-f618-42a3-b09d-e1e43be5efda".to_owned(),
            "looks like the key's id; give that in merchant_key_id, and the secret here".to_owned(),
        ),
        (
            "/run/secrets/cybersource.txt".to_owned(),
            "holds a path; give it in merchant_secret_key_file".to_owned(),
        ),
    ] {
        let told = with_secret(&secret);
        let expected = format!("TOML: merchant_secret_key {expected}");
        assert!(told.starts_with(&expected), "{expected}: {told}");
        assert!(!told.contains("yBJx"), "{told}");
    }
}

#[test]
fn g17_a_shared_secret_of_an_unusual_length_is_noted() {
    let hexadecimal = "c8127".repeat(16)[..64].to_owned();
    for (secret, expected) in [
        (STANDARD.encode(SECRET), "is base64 of base64, as where"),
        (hexadecimal, "has the digits of hexadecimal alone;"),
        (
            STANDARD.encode([0xf7; 192]),
            "has another length than the vendor's, which is 32 bytes",
        ),
    ] {
        let config = signing_with(&format!("merchant_secret_key = '{secret}'"));
        config.port().expect("a secret that signs");
        assert_says(
            &notes(&config),
            &format!("TOML: merchant_secret_key {expected}"),
        );
    }
    let config = signing_with("");
    config.port().expect("a port");
    assert!(!notes(&config).join("\n").contains("length"));
}
