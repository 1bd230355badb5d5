//! Checks the dependency matrix of ARCHITECTURE.md against the manifests and the lock file.
//!
//! Reading these needs no download: a fresh machine has only the packages of its own platform.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ARCHITECTURE: &str = include_str!("../ARCHITECTURE.md");
const LOCK: &str = include_str!("../Cargo.lock");

/// The packages that a column of the matrix stands for; the other columns are crates of this
/// project.
const COLUMNS: [(&str, &[&str]); 3] = [
    ("tokio", &["tokio"]),
    (
        "hyper, TLS",
        &[
            "hyper",
            "hyper-util",
            "rcgen",
            "reqwest",
            "rustls",
            "rustls-platform-verifier",
            "tokio-rustls",
            "webpki-roots",
        ],
    ),
    (
        "crypto",
        &["aws-lc-rs", "aws-lc-sys", "openssl", "rc2", "ring", "rsa"],
    ),
];

/// The packages that core may use, together with their own dependencies.
const CORE_MAY_USE: [&str; 8] = [
    "async-trait",
    "bytes",
    "http",
    "httpdate",
    "serde",
    "serde_json",
    "thiserror",
    "zeroize",
];

/// A crate's row of the matrix: column to cell.
type Row = BTreeMap<String, String>;

fn matrix() -> BTreeMap<String, Row> {
    let mut table = ARCHITECTURE
        .lines()
        .skip_while(|line| !line.starts_with("| crate ↓ uses → |"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().trim_matches('*').to_owned())
                .collect::<Vec<_>>()
        });
    let columns = table.next().expect("ARCHITECTURE.md has the matrix");
    let rows = table.skip(1).map(|cells| {
        assert_eq!(cells.len(), columns.len(), "a row of {:?}", cells.first());
        let row = columns.iter().cloned().zip(cells.iter().cloned()).skip(1);
        (cells[0].clone(), row.collect())
    });
    rows.collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

/// The published crates of this project: the name of the row, and the package.
fn crates(metadata: &Value) -> BTreeMap<String, &Value> {
    list(metadata, "packages")
        .iter()
        .filter(|package| !is_unpublished(package))
        .map(|package| (row_name(text(package, "name")).to_owned(), package))
        .collect()
}

/// The workspace's own package, and crates that only its tests and benchmarks use.
fn is_unpublished(package: &Value) -> bool {
    package["publish"] == serde_json::json!([])
}

fn row_name(package: &str) -> &str {
    package
        .strip_prefix("payment-credentials-")
        .unwrap_or(package)
}

fn column_of(dependency: &str) -> Option<&str> {
    let foreign = COLUMNS
        .iter()
        .find(|(_, packages)| packages.contains(&dependency));
    if let Some((column, _)) = foreign {
        return Some(column);
    }
    dependency
        .starts_with("payment-credentials")
        .then(|| row_name(dependency))
}

#[test]
fn every_dependency_is_allowed_by_the_matrix() {
    let (matrix, metadata) = (matrix(), metadata());
    let crates = crates(&metadata);
    let rows: BTreeSet<_> = matrix.keys().collect();
    assert_eq!(
        rows,
        crates.keys().collect(),
        "the matrix has a row for each crate"
    );
    let unpublished: BTreeSet<_> = list(&metadata, "packages")
        .iter()
        .filter(|package| is_unpublished(package))
        .map(|package| text(package, "name"))
        .collect();
    for (name, package) in crates {
        for dependency in list(package, "dependencies") {
            let in_tests = dependency["kind"] == "dev";
            if unpublished.contains(text(dependency, "name")) {
                assert!(in_tests, "{name} is published, and depends on {dependency}");
                continue;
            }
            let Some(column) = column_of(text(dependency, "name")) else {
                continue;
            };
            let cell = matrix[&name].get(column).map_or(".", String::as_str);
            let allowed = match cell {
                "." | "–" => false,
                "t" => in_tests,
                _ => true,
            };
            assert!(allowed, "{name} uses {column}, and its cell says `{cell}`");
        }
    }
}

/// Crates whose tests wait for something have fixtures that start the limit of `crates/test-limit`.
#[test]
fn asynchronous_tests_have_a_limit() {
    let metadata = metadata();
    let mut without = BTreeSet::new();
    for (name, package) in crates(&metadata) {
        let manifest = Path::new(text(package, "manifest_path"));
        let tests = sources(&manifest.with_file_name("tests"));
        let waits = tests.iter().any(|test| test.contains("#[tokio::test"));
        let has_limit = tests.iter().any(|test| test.contains(LIMIT));
        if waits && !has_limit {
            without.insert(name);
        }
    }
    assert_eq!(without, BTreeSet::new(), "crates whose tests have no limit");
}

const LIMIT: &str = "payment_credentials_test_limit::start()";

/// The source files below a folder, if the folder exists.
fn sources(folder: &Path) -> Vec<String> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let read = |path: PathBuf| {
        if path.is_dir() {
            return sources(&path);
        }
        #[expect(clippy::disallowed_methods, reason = "what is searched is files")]
        let text = path
            .extension()
            .is_some_and(|extension| extension == "rs")
            .then(|| std::fs::read_to_string(&path).expect("a source file"));
        text.into_iter().collect()
    };
    paths.flat_map(read).collect()
}

/// Modules of a crate, by their path below `src`, with the modules that each of them imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Imports between files have no cycle, and neither have imports between a crate's top folders.
/// Imports of tests don't count.
#[test]
fn no_files_and_no_folders_import_each_other_in_a_circle() {
    let metadata = metadata();
    for (name, package) in crates(&metadata) {
        let folder = Path::new(text(package, "manifest_path")).with_file_name("src");
        let mut texts = BTreeMap::new();
        read_modules(&folder, "", &mut texts);
        let files = imports(&texts);
        assert_eq!(circle(&files), None, "{name}");
        let mut folders = Imports::new();
        for (module, imported) in &files {
            let tops = imported.iter().map(|other| top(other));
            let others = tops.filter(|other| *other != top(module));
            let entry = folders.entry(top(module).to_owned()).or_default();
            entry.extend(others.map(str::to_owned));
        }
        assert_eq!(circle(&folders), None, "{name}");
    }
}

fn top(module: &str) -> &str {
    module.split('/').next().unwrap_or(module)
}

/// Reads the source of each module below a folder, except for test files and the crate's root.
fn read_modules(folder: &Path, path: &str, texts: &mut BTreeMap<String, String>) {
    for entry in folder.read_dir().expect("a folder") {
        let entry = entry.expect("an entry").path();
        let name = entry.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name in Unicode");
        let module = format!("{path}{name}");
        if matches!(name, "tests" | "wycheproof") || module == "lib" {
            continue;
        }
        if entry.is_dir() {
            read_modules(&entry, &format!("{module}/"), texts);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            #[expect(clippy::disallowed_methods, reason = "what is searched is files")]
            let text = std::fs::read_to_string(&entry).expect("a source file");
            texts.insert(module, text);
        }
    }
}

/// Which module imports which, by lines that begin with `use`. A module and its submodules may import
/// each other.
fn imports(texts: &BTreeMap<String, String>) -> Imports {
    let imported = |module: &String, text: &String| -> BTreeSet<String> {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let paths = code.lines().filter_map(|line| {
            let line = line
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ");
            let path = line
                .trim_start_matches("pub(super) ")
                .strip_prefix("use ")?;
            let mut parts = path.split("::").map(|part| part.trim_end_matches(';'));
            let mut base: Vec<&str> = module.split('/').collect();
            let mut part = parts.next()?;
            if part == "crate" {
                base.clear();
            } else {
                while part == "super" {
                    base.pop();
                    part = parts.next()?;
                }
                base.push(part);
            }
            base.extend(parts);
            let mut found = (1..=base.len())
                .rev()
                .map(|length| base[..length].join("/"));
            found.find(|path| texts.contains_key(path))
        });
        let inside = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
        let is_other =
            |other: &String| other != module && !inside(other, module) && !inside(module, other);
        paths.filter(is_other).collect()
    };
    texts
        .iter()
        .map(|(module, text)| (module.clone(), imported(module, text)))
        .collect()
}

/// Finds a cycle, if there is one: the modules that remain after all modules without remaining
/// imports have been removed, again and again.
fn circle(imports: &Imports) -> Option<Imports> {
    let mut left = imports.clone();
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        for imported in left.values_mut() {
            imported.retain(|other| names.contains(other));
        }
        let before = left.len();
        left.retain(|_, imported| !imported.is_empty());
        if left.len() == before {
            return (before > 0).then_some(left);
        }
    }
}

#[test]
fn core_has_no_io_no_runtime_and_no_cryptography() {
    let metadata = metadata();
    let core = crates(&metadata)["core"];
    let names: BTreeSet<_> = list(core, "dependencies")
        .iter()
        .filter(|it| it["kind"].is_null())
        .map(|dependency| text(dependency, "name"))
        .collect();
    assert_eq!(names, BTreeSet::from(CORE_MAY_USE));

    let forbidden: BTreeSet<_> = COLUMNS.iter().flat_map(|(_, packages)| *packages).collect();
    for name in reached_from(names) {
        assert!(!forbidden.contains(&name.as_str()), "core reaches {name}");
        for part in ["crypt", "socket", "mio", "reqwest", "ssl"] {
            assert!(!name.contains(part), "core reaches {name}");
        }
    }
}

/// An application's unit tests build core, the mock and what these need beside mockall: that stays little.
#[test]
fn core_and_mock_need_few_crates_beside_mockalls() {
    let metadata = metadata();
    let crates = crates(&metadata);
    let named = |package: &Value| -> BTreeSet<String> {
        let dependencies = list(package, "dependencies").iter();
        let needed = dependencies.filter(|it| it["kind"].is_null());
        needed.map(|it| text(it, "name").to_owned()).collect()
    };
    let mut needed = named(crates["mock"]);
    needed.extend(named(crates["core"]));
    let ours = needed.remove("payment-credentials-core");
    assert!(ours, "the mock uses core");
    let all = reached_from(needed.iter().map(String::as_str).collect());
    let mockalls = reached_from(BTreeSet::from(["mockall"]));
    let beside: Vec<_> = all.difference(&mockalls).collect();
    // And core and mock themselves.
    assert!(beside.len() + 2 <= 21, "{}: {beside:?}", beside.len() + 2);
}

/// These packages and all their dependencies, on every platform.
fn reached_from(packages: BTreeSet<&str>) -> BTreeSet<String> {
    let lock: toml::Table = LOCK.parse().expect("TOML");
    let locked = lock["package"].as_array().expect("packages");
    let mut open: Vec<String> = packages.into_iter().map(str::to_owned).collect();
    let mut reached: BTreeSet<String> = open.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let named = |package: &&toml::Value| package["name"].as_str() == Some(&name);
        let mut versions = locked.iter().filter(named).peekable();
        assert!(versions.peek().is_some(), "{name} is locked");
        let dependencies = versions.filter_map(|package| package.get("dependencies")?.as_array());
        for dependency in dependencies.flatten() {
            // The version follows the name if there are several versions.
            let name = dependency.as_str().and_then(|text| text.split(' ').next());
            let name = name.expect("a name").to_owned();
            if reached.insert(name.clone()) {
                open.push(name);
            }
        }
    }
    reached
}
