//! Every row of the reliability bar has a test with its number, in whichever crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A table's letter and a number.
type Row = (char, u8);

/// The tables, and how many rows each has.
const TABLES: [(char, u8); 6] = [
    ('A', 35), // the JWE
    ('B', 24), // keys, settings and callers' input
    ('C', 32), // answers
    ('D', 13), // names, TLS and proxies
    ('E', 23), // time, retry, load and cancellation
    ('F', 16), // payload and leaks
];

/// Rows without a test of their own, and why.
const WITHOUT: [(Row, &str); 8] = [
    (('B', 24), NO_PROGRAM),
    (('C', 17), HTTP_2),
    (('C', 18), HTTP_2),
    (('C', 19), HTTP_2),
    (('F', 8), LEAKS),
    (('F', 12), LEAKS),
    (('F', 13), LEAKS),
    (('F', 14), LEAKS),
];

const NO_PROGRAM: &str = "there is no command-line program yet that a password could be given to";
const HTTP_2: &str = "HTTP/2 isn't offered: its rows wait until it is";
const LEAKS: &str = "held by every test of tests/end_to_end/leaks together";

/// The rows that the tests of a file name, in their comments or at the start of their names.
fn borne(text: &str) -> BTreeSet<Row> {
    let mut rows = BTreeSet::new();
    let (mut said, mut is_test) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("///") {
            said.push_str(line);
        } else if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else {
            if is_test {
                let name = line
                    .split("fn ")
                    .nth(1)
                    .and_then(|name| name.split('_').next());
                let words = said.split(|c: char| !c.is_ascii_alphanumeric());
                rows.extend(words.chain(name).filter_map(row));
            }
            (said, is_test) = (String::new(), false);
        }
    }
    rows
}

fn row(word: &str) -> Option<Row> {
    let mut chars = word.chars();
    let table = chars.next()?.to_ascii_uppercase();
    let number = chars.as_str().parse().ok()?;
    Some((table, number))
}

/// Adds the rows that the tests below a folder name.
fn collect(folder: &Path, found: &mut BTreeSet<Row>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs")
            // The example below isn't a test's.
            && !path.ends_with(file!())
        {
            #[expect(clippy::disallowed_methods, reason = "what is searched is files")]
            let text = fs::read_to_string(&path).expect("a source file");
            found.append(&mut borne(&text));
        }
    }
}

#[test]
fn every_row_has_a_test_with_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in ["crates", "tests"] {
        collect(&root.join(folder), &mut found);
    }
    let rows = TABLES.iter();
    let rows = rows.flat_map(|(table, count)| (1..=*count).map(|number| (*table, number)));
    let missing: Vec<Row> = rows.filter(|row| !found.contains(row)).collect();
    assert_eq!(missing, WITHOUT.map(|(row, _)| row));
}

#[test]
fn a_number_counts_only_on_a_test() {
    let source = "
        /// Row C1: not a test's.
        fn c2_neither() {}

        /// Rows D10 and E19: of one test,
        /// and A3.
        #[tokio::test(start_paused = true)]
        #[ignore]
        async fn one() {}

        #[test]
        fn f07_another() {}
        // C4
        #[test]
        fn without() {}
    ";
    let rows = [('A', 3), ('D', 10), ('E', 19), ('F', 7)];
    assert_eq!(borne(source), BTreeSet::from(rows));
}
