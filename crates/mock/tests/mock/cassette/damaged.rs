//! A file that isn't a cassette, or isn't whole.

use super::*;

const WHOLE: &str = include_str!("../../../src/cassette/example.cassette");

/// What reading this text says; nothing is played.
fn read(name: &str, text: &[u8]) -> Result<(), (CassetteErrorKind, String)> {
    let path = file(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("written");
    match cassette(&path).replay() {
        Ok(replay) => {
            replay.allow_unused();
            Ok(())
        }
        Err(error) => {
            let text = error.to_string();
            let path = path.display().to_string();
            assert!(text.contains(&path), "{text}");
            Err((error.kind(), text.replace(&path, "FILE")))
        }
    }
}

#[track_caller]
fn check(text: &str, kind: CassetteErrorKind, said: &str) {
    let error = read("damaged.cassette", text.as_bytes()).expect_err("damaged");
    assert_eq!(error, (kind, said.to_owned()));
}

#[test]
fn a_missing_file_says_how_to_record_it_and_is_not_made() {
    let path = file("missing.cassette");
    let error = cassette(&path).replay().expect_err("missing");
    assert_eq!(error.kind(), CassetteErrorKind::File);
    assert!(
        error
            .to_string()
            .contains("record it first (PAYMENT_CREDENTIALS_CASSETTE=record"),
        "{error}"
    );
    assert!(!path.exists());
}

#[test]
fn what_is_not_a_cassette_is_named_as_such() {
    let not = "the cassette FILE: line 1: this is not a cassette, which begins with `payment-credentials cassette`; \
               record the cassette again";
    check("", CassetteErrorKind::Format, not);
    check("{}", CassetteErrorKind::Format, not);
    let error = read("binary.cassette", b"\xff\xfe").expect_err("no text");
    assert_eq!(error.1, "the cassette FILE is not text; record it again");
}

#[test]
fn a_newer_format_asks_for_a_newer_release() {
    check(
        &WHOLE.replacen("format 1", "format 2", 1),
        CassetteErrorKind::Newer,
        "the cassette FILE: the cassette has format 2, and this release of payment-credentials-mock reads format 1; \
         use a newer release, or record the cassette again",
    );
    let error = read(
        "odd.cassette",
        WHOLE.replacen("format 1", "format 0", 1).as_bytes(),
    );
    assert_eq!(error.expect_err("odd").0, CassetteErrorKind::Format);
}

#[test]
fn a_file_that_was_cut_anywhere_is_an_error_and_no_panic() {
    let whole = WHOLE.trim_end();
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let error = read("cut.cassette", &whole.as_bytes()[..end]).expect_err("cut");
        assert_eq!(error.0, CassetteErrorKind::Format, "{end}");
    }
    let cut = whole.rsplit_once("\n\nend").expect("an end").0;
    let lines = cut.lines().count();
    check(
        cut,
        CassetteErrorKind::Format,
        &format!(
            "the cassette FILE: line {lines}: the file was cut: its last line is missing; record the cassette again"
        ),
    );
}

/// A text of a whole cassette, what replaces it, and what is said of that.
const TAMPERED: [[&str; 3]; 17] = [
    [
        "card: masked\n",
        "",
        "[opened] before this line is of a card and has no `card`",
    ],
    [
        "status: 201",
        "status: 99",
        "the value is none that [sealed] may have here",
    ],
    [
        "cryptogram: base64 28",
        "cryptogram: AwAAAADggP/Ce5+ZciCXQUUAAAA=",
        "the value is none that [opened] may have here",
    ],
    [
        "number: visa",
        "number: 4111111111111111",
        "the value is none that [opened] may have here",
    ],
    [
        "status: 429",
        "status: 4290",
        "the value is none that [failed] may have here",
    ],
    [
        "status: 429",
        "status: 0429",
        "the value is none that [failed] may have here",
    ],
    ["account: card", "holder: Ann", "no such line in [opened]"],
    [
        "account: card\n",
        "",
        "[opened] before this line has no `account`",
    ],
    [
        "kind: refused_throttled",
        "kind: refused_teapot",
        "the value is none that [failed] may have here",
    ],
    ["[failed]", "[opened]", "[opened] is not expected here"],
    ["[failed]", "[lost]", "this is no line of a cassette"],
    [
        "version: v3\n",
        "version: v3\nversion: v3\n",
        "a line of [call] is there twice",
    ],
    [
        "end, calls: 3",
        "end, calls: 2",
        "the last line counts 2 calls, but the file has 3",
    ],
    [
        "end, calls: 3",
        "end, calls: many",
        "the number of calls isn't one",
    ],
    [
        "end, calls: 3",
        "end, calls: 3\n[call]",
        "there is more after the last line",
    ],
    [
        "Type: CRYPTOGRAM",
        "Type: Ann",
        "the value is none that [call] may have here",
    ],
    [
        "request paymentCredentialType:",
        "request name of the payer:",
        "no such line in [call]",
    ],
];

#[test]
fn a_line_that_no_recording_writes_is_an_error_that_does_not_repeat_it() {
    for [from, to, said] in TAMPERED {
        assert!(WHOLE.contains(from), "{from}");
        let tampered = WHOLE.replacen(from, to, 1);
        let (kind, text) = read("tampered.cassette", tampered.as_bytes()).expect_err(to);
        assert_eq!(kind, CassetteErrorKind::Format);
        let advice = "; record the cassette again";
        assert!(
            text.contains(said) && text.contains(": line "),
            "{from} {to}\n{text}"
        );
        assert!(text.ends_with(advice), "{text}");
        assert!(!text.contains("4111") && !text.contains("Ann"), "{text}");
    }
}

/// Every line is left out, doubled, or moved to the end: an error or another cassette, and never a panic.
#[test]
fn no_other_order_of_lines_panics() {
    let lines: Vec<&str> = WHOLE.lines().collect();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        let line = without.remove(at);
        let _ = read("shuffled.cassette", without.join("\n").as_bytes());
        without.push(line);
        let _ = read("shuffled.cassette", without.join("\n").as_bytes());
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        let _ = read("shuffled.cassette", doubled.join("\n").as_bytes());
        for other in [at / 2, (at + 1) % lines.len(), lines.len() - 1] {
            let mut swapped = lines.clone();
            swapped.swap(at, other);
            let _ = read("shuffled.cassette", swapped.join("\n").as_bytes());
        }
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let path = file("large.cassette");
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let large = fs::File::create(&path).expect("a file");
    large.set_len(16 * 1024 * 1024 + 1).expect("a length");
    let error = cassette(&path).replay().expect_err("too large");
    assert!(
        error
            .to_string()
            .ends_with("is larger than 16 MiB; it isn't one"),
        "{error}"
    );
    fs::remove_file(&path).expect("removed");
}
