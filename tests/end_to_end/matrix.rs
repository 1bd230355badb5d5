//! The fault matrix: whatever breaks, and wherever, the caller gets the outcome in the table.
//!
//! [`table`] is the matrix, from which the tests are generated. Each cell that can occur is staged on a port
//! of its own. Afterwards the following must be true, whatever the cell says:
//!
//! - the call ends, and is one attempt;
//! - what the sandbox processed agrees with the place of the fault;
//! - a connection that had a fault carries no later request, and a sound one is kept;
//! - the next call on the same port succeeds;
//! - no error and no log line contains a secret;
//! - the same fault with the same seed is reported with the same text.
//!
//! `tests/hostile/memory/bounded.rs` checks how much memory a call may use. The simulation and the tests of
//! the layers check, with paused time, that a call ends exactly at its deadline.

mod cell;
mod counts;
mod dialling;
mod staging;
mod table;

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::leaks::scan::{Scan, assert_clean};
use crate::stage::sandbox;

use cell::{Expected, expected};
use staging::{Staged, Staging};
use table::{Column, Note, Row, Stage, TABLE};

/// What the test does with a cell.
enum Plan {
    /// Not staged here, for this reason.
    NotHere(&'static str),
    Staged(Vec<Staged>, Expected),
}

/// How a cell is staged; `None` if it can't occur.
fn plan(row: &Row, column: Column) -> Option<Plan> {
    let cell = row.cells[column as usize];
    let head = row.cells[Column::Headers as usize];
    let note = row.notes.iter().find(|(noted, _)| *noted == column);
    let note = note.map(|(_, note)| note);
    if cell == "." {
        assert!(note.is_none(), "{}: a note on what can't occur", row.fault);
        return None;
    }
    if let Stage::NotHere(reason) = row.stage {
        return Some(Plan::NotHere(reason));
    }
    let expected = match (note, row.stage) {
        (Some(Note::Elsewhere(reason)), _) => return Some(Plan::NotHere(reason)),
        (Some(Note::Ours(ours, reason)), _) => {
            assert!(!reason.is_empty() && *ours != cell, "{}", row.fault);
            expected(ours, head)
        }
        // A dropped call has no outcome; only the conditions afterwards are checked.
        (_, Stage::Dropped) => expected("ok", head),
        _ => expected(cell, head),
    };
    let staged = match note {
        Some(Note::Dialled(dials)) => dials.iter().copied().map(Staged::Dialled).collect(),
        Some(Note::Elsewhere(_) | Note::Ours(..)) | None => staging::of(row.stage, column),
    };
    Some(Plan::Staged(staged, expected.expect("it can occur")))
}

#[test]
fn every_cell_that_can_occur_is_staged_or_says_why_not() {
    let (mut staged, mut not_here) = (0, 0);
    for row in TABLE {
        for column in Column::ALL {
            match plan(row, column) {
                None => {}
                Some(Plan::NotHere(reason)) => {
                    assert!(!reason.is_empty(), "{} at {column:?}", row.fault);
                    not_here += 1;
                }
                Some(Plan::Staged(ways, _)) => {
                    assert!(!ways.is_empty(), "{} at {column:?}", row.fault);
                    staged += 1;
                }
            }
        }
    }
    // Ensures that no cell is lost unnoticed.
    assert_eq!((staged, not_here), (93, 44));
}

/// The files that the reasons in the table name exist.
#[test]
fn every_file_that_a_reason_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = 0;
    for row in TABLE {
        for column in Column::ALL {
            let Some(Plan::NotHere(reason)) = plan(row, column) else {
                continue;
            };
            let words = reason.split([' ', ':', ';', ',']);
            for path in words.filter(|word| {
                ["crates/", "tests/"]
                    .iter()
                    .any(|top| word.starts_with(top))
            }) {
                found += 1;
                assert!(root.join(path).exists(), "{}: {path}", row.fault);
            }
        }
    }
    assert!(found > 30, "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_reported_as_the_matrix_says() {
    let mut scan = Scan::begin();
    let staging = Arc::new(Staging::new(&mut scan));
    let failures = Arc::new(Mutex::new(Vec::new()));
    let mut rows = Vec::new();
    for row in TABLE {
        if matches!(row.stage, Stage::NotHere(_)) {
            continue;
        }
        let (staging, failures) = (Arc::clone(&staging), Arc::clone(&failures));
        rows.push(tokio::spawn(async move {
            let found = failures_of(row, &staging).await;
            failures.lock().expect("unpoisoned").extend(found);
        }));
    }
    for row in rows {
        row.await.expect("it doesn't panic");
    }
    staging.show(&mut scan);
    assert_clean(&scan);
    let failures = failures.lock().expect("unpoisoned");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Stages the cells of a row one after another, since all of them change the counts of one sandbox.
async fn failures_of(row: &Row, staging: &Staging) -> Vec<String> {
    let mut failures = Vec::new();
    let sandbox = sandbox().await;
    staging.keep(&sandbox);
    for column in Column::ALL {
        let Some(Plan::Staged(ways, expected)) = plan(row, column) else {
            continue;
        };
        for way in ways {
            if let Err(what) = staging.run_twice(&sandbox, way, &expected).await {
                failures.push(format!("{} at {column:?}, by {way:?}: {what}", row.fault));
            }
        }
    }
    failures
}
