//! What a file is that holds no configuration as it is read: another language, another format, or something encrypted.

use super::ENV;
use crate::field::{Named, looked_up};

pub(super) const XML: &str = "is XML, as the App.config or Web.config of the C# SDK is, which isn't read; write its names and \
                        values as TOML (name = \"value\") or as JSON";
const XML_OF_JAVA: &str = "is XML, as Properties.storeToXML of Java writes it, which isn't read; write it with \
                           Properties.store into a file named .properties";
const PAGE: &str = "is a web page; download the file again, and look at what comes";
const ANSIBLE: &str =
    "is encrypted by Ansible Vault; decrypt it first, with `ansible-vault decrypt`";
const ENCRYPTED: &str = "is encrypted, by PGP or age; decrypt it first";
const PEM: &str = "is PEM, so a key or a certificate, and no configuration; give the path of the configuration, and name \
                   this file in a field there";
const POINTER: &str = "is a Git LFS pointer, in place of the file; run `git lfs pull`";
const BASE64: &str =
    "is base64, as Kubernetes keeps a Secret's data; decode it first, with `base64 -d`";
const OLD_LINES: &str = "has lines that end in a carriage return alone, as those of old Macs did; save it with line feeds";
const JSON: &str = "is JSON; name the file .json";

/// The beginnings of files that hold no configuration.
const BEGINNINGS: &[(&str, &str)] = &[
    ("<!doctype html", PAGE),
    ("<html", PAGE),
    ("$ansible_vault;", ANSIBLE),
    ("-----begin pgp message", ENCRYPTED),
    ("-----begin age encrypted", ENCRYPTED),
    ("age-encryption.org/", ENCRYPTED),
    ("-----begin ", PEM),
    ("version https://git-lfs", POINTER),
];

/// Languages of the SDKs, and how lines of theirs begin.
const LANGUAGES: &[(&str, &str, &[&str])] = &[
    (
        "PHP",
        "PHP",
        &[
            "<?php",
            "return [",
            "return array(",
            "$config",
            "$this->",
            "$merchant",
            "define(",
        ],
    ),
    (
        "JavaScript",
        "Node",
        &[
            "module.exports",
            "exports.",
            "const ",
            "let ",
            "var ",
            "'use strict'",
            "\"use strict\"",
            "export default ",
            "function ",
        ],
    ),
    (
        "C#",
        "C#",
        &[
            "using System",
            "namespace ",
            "_configurationDictionary",
            "configurationDictionary.Add(",
        ],
    ),
    (
        "Java",
        "Java",
        &[
            "package ",
            "import java",
            "public class ",
            "props.setProperty(",
            "props.put(",
        ],
    ),
    (
        "Ruby",
        "Ruby",
        &[
            "require '",
            "require \"",
            "require_relative ",
            "module ",
            "def self.",
            "configurationDictionary[",
            "configurationDictionary=",
        ],
    ),
    (
        "Python",
        "Python",
        &[
            "def ",
            "from ",
            "import ",
            "self.",
            "configuration_dictionary[",
        ],
    ),
];

/// What a text is by its beginning, whatever its file is called.
pub(super) fn by_beginning(text: &str) -> Option<&'static str> {
    let text = text.trim_start();
    // Longer than each of the beginnings.
    let first: String = text.chars().take(40).collect();
    let first = first.to_ascii_lowercase();
    if let Some((_, what)) = BEGINNINGS
        .iter()
        .find(|(beginning, _)| first.starts_with(beginning))
    {
        return Some(what);
    }
    if !first.starts_with('<') || first.starts_with("<?php") {
        return None;
    }
    let is_of_java = text
        .get(..500)
        .unwrap_or(text)
        .contains("<!DOCTYPE properties");
    Some(if is_of_java { XML_OF_JAVA } else { XML })
}

/// What a text is that can't be parsed: source text of a language that an SDK is written in, or base64.
pub(super) fn unparsed(text: &str) -> Option<String> {
    if is_base64(text) {
        return Some(BASE64.to_owned());
    }
    if has_old_lines(text) {
        return Some(OLD_LINES.to_owned());
    }
    let lines = || text.lines().map(str::trim_start).take(60);
    let begins_so = |line: &str, beginnings: &[&str]| {
        let is_field = |line: &str| {
            let name = line.split(['=', ':']).next().unwrap_or_default();
            matches!(looked_up(name.trim()), Named::Field { .. })
        };
        beginnings.iter().any(|it| line.starts_with(it)) && !is_field(line)
    };
    let mut found = LANGUAGES
        .iter()
        .filter(|(.., beginnings)| lines().any(|line| begins_so(line, beginnings)));
    let (language, sdk, _) = found.next()?;
    Some(format!(
        "is {language}, which isn't read; write the configuration out as JSON, by the lines for {sdk} in SDKS.md, the \
         page on the official SDKs"
    ))
}

/// What a file of Java properties is that isn't one; anything can be read as such.
pub(super) fn in_place_of_properties(text: &str) -> Option<String> {
    if has_old_lines(text) {
        return Some(OLD_LINES.to_owned());
    }
    let text = text.trim();
    if text
        .lines()
        .any(|line| line.trim_start().starts_with("export "))
    {
        return Some(ENV.to_owned());
    }
    let is_json = text.starts_with('{') && text.ends_with('}');
    is_json.then(|| JSON.to_owned())
}

/// Whether lines end as those of old Macs did.
fn has_old_lines(text: &str) -> bool {
    text.contains('\r') && !text.contains('\n')
}

fn is_base64(text: &str) -> bool {
    const LEAST: usize = 60;
    let text = text.trim();
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+/\r\n".contains(letter);
    text.len() >= LEAST && text.trim_end_matches('=').chars().all(is_letter)
}
