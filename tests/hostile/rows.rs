//! Every row has a test here, or it is said where else it has one.

/// The files that hold rows.
const SOURCES: [&str; 8] = [
    include_str!("content.rs"),
    include_str!("cryptography.rs"),
    include_str!("header.rs"),
    include_str!("heap.rs"),
    include_str!("payload.rs"),
    include_str!("secrets.rs"),
    include_str!("selection.rs"),
    include_str!("shape.rs"),
];

/// Rows on leaks and logs: held where logs are collected.
const ELSEWHERE: [&str; 5] = ["f08", "f09", "f12", "f13", "f14"];

#[test]
fn every_row_has_a_test_that_is_named_for_it() {
    let rows = (1..=35).map(|row| format!("a{row:02}"));
    let rows = rows.chain((1..=16).map(|row| format!("f{row:02}")));
    for row in rows {
        let tests: usize = SOURCES
            .iter()
            .map(|source| source.matches(&format!("\nfn {row}_")).count())
            .sum();
        assert_eq!(tests > 0, !ELSEWHERE.contains(&&*row), "{row}");
    }
}
