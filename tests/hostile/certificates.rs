//! B15: there is no switch that takes whatever certificate a service shows.

use std::fs;
use std::path::Path;

/// The crates that connect, or that put together what connects.
const CRATES: [&str; 5] = ["config", "hyper", "payment-credentials", "reqwest", "tls"];

/// A switch of that kind has a word such as these in its name.
const SUSPICIOUS: [&str; 10] = [
    "accept", "any", "cert", "check", "danger", "insecure", "root", "tls", "trust", "verif",
];

/// What has one and is no such switch: roots are added, never left out.
const SOUND: [&str; 4] = ["accept", "extra_root", "roots", "tls_deadline"];

/// The names of public functions in the files of a folder.
fn public_functions(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            public_functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            #[expect(clippy::disallowed_methods, reason = "what is searched is files")]
            let text = fs::read_to_string(&path).expect("a source file");
            let signatures = text.lines().map(str::trim);
            let signatures = signatures.filter(|line| line.starts_with("pub "));
            let names = signatures.filter_map(|line| line.split("fn ").nth(1));
            let name = |rest: &str| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                rest[..end.unwrap_or(rest.len())].to_owned()
            };
            found.extend(names.map(name));
        }
    }
}

#[test]
fn b15_no_function_accepts_an_invalid_certificate() {
    let mut found = Vec::new();
    for name in CRATES {
        let folder = format!("{}/crates/{name}/src", env!("CARGO_MANIFEST_DIR"));
        public_functions(Path::new(&folder), &mut found);
    }
    assert!(found.len() > 50, "only {} functions were read", found.len());
    found.retain(|name| SUSPICIOUS.iter().any(|word| name.contains(word)));
    found.sort();
    found.dedup();
    assert_eq!(found, SOUND);
}

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

#[test]
fn b15_whom_to_trust_is_a_choice_of_roots() {
    let lines = lines_of("tls");
    let choices = lines.iter().skip_while(|line| *line != "pub enum Roots {");
    let choices = choices.skip(1).take_while(|line| *line != "}");
    let choices = choices.filter(|line| !line.starts_with(['/', '#']));
    assert!(choices.eq(["Bundled,", "ExtraOnly,", "Platform,"]));
}

#[test]
fn b15_one_place_says_how_certificates_are_checked() {
    for name in CRATES {
        let lines = lines_of(name);
        let places = usize::from(name == "tls");
        let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
        assert_eq!(count(".dangerous()"), places, "{name}");
        assert_eq!(count("impl ServerCertVerifier for "), places, "{name}");
        assert_eq!(count("danger_accept"), 0, "{name}");
    }
}
