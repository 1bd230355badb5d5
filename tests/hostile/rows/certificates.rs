//! Row B15: no option accepts arbitrary certificates of a service.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The crates that connect, or that build a component that connects.
const CRATES: [&str; 5] = ["config", "hyper", "payment-credentials", "reqwest", "tls"];

/// The name of such an option contains one of these words.
const SUSPICIOUS: [&str; 10] = [
    "accept", "any", "cert", "check", "danger", "insecure", "root", "tls", "trust", "verif",
];

/// Functions with such a word that are no such option: roots are added, never removed, and a bare refusal
/// is a response without the service's ids.
const SOUND: [&str; 6] = [
    "accept",
    "connect_and_tls_deadline",
    "extra_root",
    "roots",
    "tls_deadline",
    "trust_bare_refusals",
];

/// The lines of the files of a folder.
fn lines(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            lines(&path, found);
            continue;
        }
        #[expect(clippy::disallowed_methods, reason = "what is searched is files")]
        let text = fs::read_to_string(&path).expect("a source file");
        found.extend(text.lines().map(|line| line.trim().to_owned()));
    }
}

fn lines_of(name: &str) -> Vec<String> {
    let folder = format!("{}/crates/{name}/src", env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    lines(Path::new(&folder), &mut found);
    found
}

/// The name of the public function that begins on a line, if one does.
fn public_function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?.split("fn ").nth(1)?;
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
}

#[test]
fn b15_no_function_accepts_an_invalid_certificate() {
    let lines: Vec<String> = CRATES.into_iter().flat_map(lines_of).collect();
    let names: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| public_function(line))
        .collect();
    assert!(names.len() > 40, "only {} functions were read", names.len());
    let is_suspicious = |name: &&str| SUSPICIOUS.iter().any(|word| name.contains(word));
    assert!(names.into_iter().filter(is_suspicious).eq(SOUND));
}

#[test]
fn b15_trust_is_configured_by_roots_alone() {
    let lines = lines_of("tls");
    let choices = lines
        .iter()
        .skip_while(|line| *line != "pub enum Roots {")
        .skip(1)
        .take_while(|line| *line != "}")
        .filter(|line| !line.starts_with(['/', '#']));
    assert!(choices.eq(["Bundled,", "ExtraOnly,", "Platform,"]));
}

#[test]
fn b15_certificate_checks_are_configured_in_one_place() {
    for name in CRATES {
        let lines = lines_of(name);
        let places = usize::from(name == "tls");
        let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
        assert_eq!(count(".dangerous()"), places, "{name}");
        assert_eq!(count("impl ServerCertVerifier for "), places, "{name}");
        assert_eq!(count("danger_accept"), 0, "{name}");
    }
}
