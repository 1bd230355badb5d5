//! Each row of `tests/ROWS.md` has a test with the row in its name, in any crate, and each row in a
//! test's name is in `tests/ROWS.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROWS: &str = include_str!("../ROWS.md");
const NOT_BUILT: &str = "## Not built yet";

/// A table's letter and a number.
type Row = (char, u8);

/// The rows of a page's tables: those that are implemented, and those that aren't.
fn listed(page: &str) -> [Vec<Row>; 2] {
    let (built, not_built) = page.split_once(NOT_BUILT).expect("both sections");
    [rows_of(built), rows_of(not_built)]
}

/// The rows of tables with three columns and no empty cell.
fn rows_of(section: &str) -> Vec<Row> {
    let lines = section.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = lines.filter_map(|line| {
        let cells: Vec<&str> = line.trim_end_matches('|').split(" | ").collect();
        let row = row(&cells.first()?.to_ascii_lowercase())?;
        assert_eq!(cells.len(), 3, "the cells of {line}");
        assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "{line}");
        Some(row)
    });
    rows.collect()
}

/// The row that a word of a test's name means.
fn row(word: &str) -> Option<Row> {
    let mut chars = word.chars();
    let table = chars.next().filter(|table| matches!(table, 'a'..='g'))?;
    let number = chars.as_str().parse().ok()?;
    Some((table.to_ascii_uppercase(), number))
}

/// The names of the tests in a source file, except for tests that only run on demand.
fn tests(source: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    source.lines().map(str::trim).filter_map(move |line| {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        is_test &= !line.starts_with("#[ignore");
        let (before, declared) = line.split_once("fn ").filter(|_| is_test)?;
        is_test = !matches!(before, "" | "async ");
        declared.split('(').next().filter(|_| !is_test)
    })
}

/// The rows at the start of a test's name.
fn rows_in_name(test: &str) -> impl Iterator<Item = Row> {
    test.split('_').map_while(row)
}

/// Adds the rows in the names of the tests below a folder, with one test for each row.
fn collect(folder: &Path, found: &mut BTreeMap<Row, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs")
            // The example below is not a test.
            && !path.ends_with(file!())
        {
            #[expect(clippy::disallowed_methods, reason = "what is searched is files")]
            let source = fs::read_to_string(&path).expect("a source file");
            for test in tests(&source) {
                found.extend(rows_in_name(test).map(|row| (row, test.to_owned())));
            }
        }
    }
}

/// The rows that the workspace's tests have in their names.
fn tested() -> BTreeMap<Row, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    for folder in ["crates", "tests", "examples"] {
        collect(&root.join(folder), &mut found);
    }
    found
}

#[test]
fn every_row_has_a_test_that_is_named_for_it() {
    let (tested, [built, _]) = (tested(), listed(ROWS));
    let without: Vec<Row> = built
        .into_iter()
        .filter(|row| !tested.contains_key(row))
        .collect();
    assert_eq!(without, [], "rows without a test; see CONTRIBUTING.md");
}

#[test]
fn every_test_that_is_named_for_a_row_has_the_row() {
    let [built, _] = listed(ROWS);
    let mut without = tested();
    without.retain(|row, _| !built.contains(row));
    assert_eq!(
        without,
        BTreeMap::new(),
        "tests of rows that tests/ROWS.md doesn't have, or has as not built"
    );
}

#[test]
fn a_row_is_listed_once_in_its_order() {
    let [built, not_built] = listed(ROWS);
    for section in [&built, &not_built] {
        assert!(section.is_sorted_by(|row, next| row < next), "{section:?}");
    }
    let twice: Vec<&Row> = built.iter().filter(|row| not_built.contains(row)).collect();
    assert!(twice.is_empty(), "built and not built: {twice:?}");
    let numbers = |table| {
        built
            .iter()
            .chain(&not_built)
            .filter(|row| row.0 == table)
            .map(|row| row.1)
            .collect::<BTreeSet<_>>()
    };
    for table in 'A'..='G' {
        let numbers = numbers(table);
        let last = *numbers.last().expect("a row");
        assert_eq!(numbers, (1..=last).collect(), "table {table} has a gap");
    }
}

#[test]
fn rows_are_read_from_both_sections() {
    let page = "text\n| row | input | outcome |\n|---|---|---|\n| A1 | x | y |\n| A10 | x | `y` |\n\
                ## Not built yet\n| B2 | x | z |\n";
    assert_eq!(listed(page), [vec![('A', 1), ('A', 10)], vec![('B', 2)]]);
}

#[test]
fn rows_are_read_from_the_names_of_tests_alone() {
    let source = "
        fn c2_no_test() {}

        /// Row C1: a comment names it.
        #[tokio::test(start_paused = true)]
        #[expect(
            clippy::too_many_lines,
            reason = \"a fn of many lines\"
        )]
        async fn d10_e19_two_rows_and_a3() {}

        #[test]
        fn f07_another() {}
        // C4
        #[test]
        fn a_401_is_none() {}
        fn b1_no_test() {}
        #[test]
        #[ignore = \"runs as a child\"]
        fn f10_child() {}
    ";
    let names: Vec<&str> = tests(source).collect();
    assert_eq!(
        names,
        ["d10_e19_two_rows_and_a3", "f07_another", "a_401_is_none"]
    );
    let rows: Vec<Row> = names.into_iter().flat_map(rows_in_name).collect();
    assert_eq!(rows, [('D', 10), ('E', 19), ('F', 7)]);
}
