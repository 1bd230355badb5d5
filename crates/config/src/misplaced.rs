//! What stands in the place of a value, told by its form: used only for a value that is of no use as it is.

/// Whether a text is an object of JSON.
pub(crate) fn is_json(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && text.ends_with('}') && text.contains('"')
}

/// Whether a text begins with the name of a variable or of a field, and a sign behind it.
pub(crate) fn is_assignment(text: &str) -> bool {
    let text = text.trim_start();
    let Some((name, value)) = text.split_once(": ").or_else(|| text.split_once('=')) else {
        return false;
    };
    let name = name.trim_end().trim_start_matches("export ");
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let is_name = name.len() > 2
        && name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(is_part);
    is_name && !value.trim_start_matches('=').is_empty()
}

/// Whether a text is the path of a file.
pub(crate) fn is_path(text: &str) -> bool {
    const EXTENSIONS: [&str; 10] = [
        "p12", "pfx", "pem", "key", "der", "crt", "cer", "jwk", "txt", "jks",
    ];
    let text = text.trim();
    let is_one_line = !text.contains(['\n', '\r']) && text.len() < 300;
    let starts = ["/", "./", "../", "~/"];
    let is_absolute = starts.iter().any(|it| text.starts_with(it)) || is_of_windows(text);
    let extension = text.rsplit_once('.').map(|(_, extension)| extension);
    let has_extension = extension.is_some_and(|it| {
        let mut known = EXTENSIONS.iter();
        known.any(|known| it.eq_ignore_ascii_case(known))
    });
    let has_folder = text.matches(['/', '\\']).count() > 1;
    is_one_line && ((is_absolute && has_folder) || has_extension)
}

/// Whether a text is a word too short for a key.
pub(crate) fn is_word(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.-/".contains(letter);
    text.len() < 100 && text.chars().all(is_part)
}

/// Whether a path begins with the letter of a drive.
pub(crate) fn is_of_windows(text: &str) -> bool {
    let is_drive = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    is_drive && text.get(1..3).is_some_and(|it| it == ":\\" || it == ":/")
}

/// Whether a text is a key or a certificate itself: PEM, a JWK, or base64 of DER.
pub(crate) fn is_key(text: &str) -> bool {
    let text = text.trim();
    let is_digit = |letter: char| letter.is_ascii_alphanumeric() || "+/=-_\r\n ".contains(letter);
    let is_base64 = text.len() > 200 && text.starts_with("MI") && text.chars().all(is_digit);
    text.contains("-----BEGIN ") || is_base64 || (is_json(text) && text.contains("\"kty\""))
}

/// Whether a text has the form of the ids that the service gives its shared secrets: a UUID.
pub(crate) fn is_key_id(text: &str) -> bool {
    let parts: Vec<_> = text.trim().split('-').map(str::len).collect();
    let is_digit = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    parts == [8, 4, 4, 4, 12] && text.trim().chars().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_a_name_a_key_and_json_are_told_from_other_texts() {
        for text in [
            "/run/secrets/key",
            "keys/me.p12",
            "me.PEM",
            "C:\\keys\\me",
            "../keys/me",
        ] {
            assert!(is_path(text), "{text}");
        }
        for text in [
            "",
            "/",
            "/abc",
            "pass/word",
            "a.b",
            "yBJxy6Lj/M2T+mc=",
            "MII/A\nB.pem",
        ] {
            assert!(!is_path(text), "{text}");
        }
        for text in [
            "password: x",
            "KEY_PASSWORD=x",
            "keyPass = x",
            "export PASS=x",
        ] {
            assert!(is_assignment(text), "{text}");
        }
        for text in [
            "=x",
            "pass=",
            "yBJxy6LjM2TmcPGu+Ga=",
            "a b=c",
            "abc==",
            "1=2",
        ] {
            assert!(!is_assignment(text), "{text}");
        }
        assert!(is_json("{\"password\": \"x\"}") && !is_json("{x}"));
        assert!(is_key(&format!("MII{}", "A".repeat(300))) && !is_key("MIIA"));
        assert!(is_key_id("08c94330-f618-42a3-b09d-e1e43be5efda") && !is_key_id("08c94330"));
    }
}
