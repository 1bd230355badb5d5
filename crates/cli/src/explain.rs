//! What a status or a kind of error means: the rows of core's table of what to do.

use payment_credentials_core::{PortError, PortErrorKind};
use serde_json::json;

use crate::arguments::Explain;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::without_numbers;
use crate::output::Output;

/// A row of the table: kind, delivery, repeatability, what to do, whom to page, example.
type Row = [&'static str; 6];

/// Which kinds of error a status leads to.
const STATUSES: [(u16, &[&str]); 16] = [
    (400, &["refused_invalid"]),
    (401, &["refused_authentication"]),
    (402, &["refused_declined"]),
    (403, &["refused_forbidden"]),
    (404, &["refused_not_found", "unexpected_not_the_service"]),
    (408, &["refused_invalid"]),
    (409, &["refused_conflict"]),
    (410, &["refused_gone"]),
    (412, &["refused_precondition"]),
    (424, &["refused_dependency"]),
    (429, &["refused_throttled"]),
    (500, &["refused_upstream"]),
    (502, &["refused_upstream"]),
    (503, &["refused_unavailable"]),
    (504, &["refused_upstream"]),
    (407, &["connect"]),
];

pub(crate) fn run(arguments: &Explain, output: Output) -> Result<(), Failure> {
    let Some(word) = arguments.word.as_deref() else {
        return list(output);
    };
    let kinds = kinds_of(word.trim());
    let rows: Vec<Row> = rows().filter(|row| kinds.contains(&row[0])).collect();
    if rows.is_empty() {
        return Err(Failure::new(
            Exit::Found,
            format!(
                "{:?} isn't known; `paycred explain` lists what is",
                shortened(word)
            ),
        ));
    }
    output.result(
        || {
            rows.iter()
                .map(|row| text(word, row))
                .collect::<Vec<_>>()
                .join("\n")
        },
        || json!({ "word": word, "rows": rows.iter().map(object).collect::<Vec<_>>() }),
    )
}

fn list(output: Output) -> Result<(), Failure> {
    let kinds: Vec<_> = PortErrorKind::all().map(PortErrorKind::name).collect();
    let mut statuses: Vec<_> = STATUSES.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    output.result(
        || {
            let statuses: Vec<_> = statuses.iter().map(ToString::to_string).collect();
            format!(
                "statuses: {}\nkinds: {}",
                statuses.join(", "),
                kinds.join(", ")
            )
        },
        || json!({ "statuses": statuses, "kinds": kinds }),
    )
}

/// The kinds that a word stands for: itself, the end of its name, or those of a status.
fn kinds_of(word: &str) -> Vec<&'static str> {
    if let Ok(status) = word.parse::<u16>() {
        let known = STATUSES.iter().find(|(one, _)| *one == status);
        return known.map_or_else(Vec::new, |(_, kinds)| kinds.to_vec());
    }
    let word = word.to_ascii_lowercase().replace(['-', ' '], "_");
    let names = PortErrorKind::all().map(PortErrorKind::name);
    let is_meant = |name: &&str| *name == word || name.ends_with(&format!("_{word}"));
    names.filter(is_meant).collect()
}

/// What to do after an error, and whom to page, by the table.
pub(crate) fn advice(error: &PortError) -> String {
    let class = [
        error.kind().name(),
        error.delivery().name(),
        error.repeatability().name(),
    ];
    let is_of_class = |row: &Row| {
        let mut cells = row.iter().zip(class);
        cells.all(|(cell, word)| *cell == word || *cell == "any")
    };
    let row = rows().find(is_of_class);
    row.map_or_else(
        String::new,
        |[_, _, _, what_to_do, page, example]| match page {
            "" => format!("{what_to_do} (for example: {example})"),
            page => {
                format!("{what_to_do}, and tell the team \"{page}\" (for example: {example})")
            }
        },
    )
}

fn rows() -> impl Iterator<Item = Row> {
    let lines = PortErrorKind::DECISIONS
        .lines()
        .filter(|line| line.starts_with("| `"));
    lines.filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').collect();
        let row: [&str; 6] = cells.try_into().ok()?;
        Some(row.map(|cell| cell.trim().trim_matches('`')))
    })
}

fn text(word: &str, row: &Row) -> String {
    let [kind, delivery, repeatability, what_to_do, page, example] = row;
    let page = if page.is_empty() { "nobody" } else { page };
    format!(
        "{word}: {kind}, delivery {delivery}, repeatability {repeatability}\n  for example: {example}\n  \
         what to do:  {what_to_do}\n  page:        {page}\n"
    )
}

fn object(row: &Row) -> serde_json::Value {
    let [kind, delivery, repeatability, what_to_do, page, example] = row;
    json!({
        "kind": kind,
        "delivery": delivery,
        "repeatability": repeatability,
        "whatToDo": what_to_do,
        "page": page,
        "example": example,
    })
}

/// What was asked for, so far as it fits a line.
fn shortened(word: &str) -> String {
    without_numbers(&word.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use payment_credentials_core::PortErrorKind;

    use super::{STATUSES, kinds_of, rows};

    #[test]
    fn every_kind_has_a_row() {
        for kind in PortErrorKind::all() {
            assert!(rows().any(|row| row[0] == kind.name()), "{}", kind.name());
        }
    }

    #[test]
    fn every_status_leads_to_kinds_that_there_are() {
        for (status, kinds) in STATUSES {
            assert_eq!(kinds_of(&status.to_string()), kinds);
            for kind in kinds {
                assert!(
                    PortErrorKind::all().any(|one| one.name() == *kind),
                    "{kind}"
                );
            }
        }
    }
}
