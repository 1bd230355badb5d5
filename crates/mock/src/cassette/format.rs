//! The text of a cassette: written in one order, and read line by line.

use std::fmt::Write as _;

use super::entry::{Entry, Lines, Opening, Outcome};
use super::error::{CassetteError, CassetteErrorKind};
use super::grammar::Part;

/// What is in a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Tape {
    pub(super) entries: Vec<Entry>,
    /// The recorder had no opener, so it left this many calls out that succeeded.
    pub(super) left_out: Option<usize>,
}

/// Begins the first line; the version of the format follows.
const MAGIC: &str = "payment-credentials cassette, format ";
const FORMAT: u32 = 1;
const COMMENT: &str = "# What was recorded of each call: shapes, and no value of a response. Record it again rather than edit it.";
const LEFT_OUT: &str = "no opener: calls left out that succeeded: ";
const END: &str = "end, calls: ";

/// More than any test records; a larger file isn't read.
pub(super) const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What depends on the calls in a text: without the lines that are the same in every cassette.
pub(super) fn written(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with(MAGIC) && *line != COMMENT);
    lines.map(|line| {
        let count = line
            .strip_prefix(LEFT_OUT)
            .or_else(|| line.strip_prefix(END));
        count.unwrap_or(line)
    })
}

impl Tape {
    /// Sorts the entries by their calls, so that the text is the same in whichever order different calls came. Calls
    /// that are alike stay in their order.
    pub(super) fn sort(&mut self) {
        let key = |entry: &Entry| -> Vec<(String, String)> {
            let lines = entry.call.iter();
            lines
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        self.entries.sort_by_key(key);
    }

    pub(super) fn write(&self) -> String {
        let mut text = format!("{MAGIC}{FORMAT}\n{COMMENT}\n");
        if let Some(left_out) = self.left_out {
            let _ = writeln!(text, "{LEFT_OUT}{left_out}");
        }
        for entry in &self.entries {
            text.push('\n');
            write_part(&mut text, Part::Call, &entry.call);
            match &entry.outcome {
                Outcome::Failed(error) => write_part(&mut text, Part::Failed, error),
                Outcome::Sealed { head, openings } => {
                    write_part(&mut text, Part::Sealed, head);
                    for opening in openings {
                        let (part, lines) = match opening {
                            Opening::NotOpened(error) => (Part::NotOpened, error),
                            Opening::Opened(lines) => (Part::Opened, lines),
                        };
                        write_part(&mut text, part, lines);
                    }
                }
            }
        }
        let _ = writeln!(text, "\n{END}{}", self.entries.len());
        text
    }

    /// Reads a text. Whatever it holds, the error names the line and what to do, and never repeats the line.
    pub(super) fn read(text: &str) -> Result<Self, CassetteError> {
        let mut lines = text.lines().zip(1..);
        let first = lines.next().map_or("", |(line, _)| line);
        check_version(first)?;
        let mut reader = Reader::default();
        for (line, number) in lines {
            reader
                .line(line.trim_end())
                .map_err(|what| at(number, &what))?;
        }
        let last = text.lines().count();
        let ended = reader.ended;
        let tape = reader.finish().map_err(|what| at(last, &what))?;
        let wrong = match ended {
            None => "the file was cut: its last line is missing".to_owned(),
            Some(calls) if calls != tape.entries.len() => {
                format!(
                    "the last line counts {calls} calls, but the file has {}",
                    tape.entries.len()
                )
            }
            Some(_) => return Ok(tape),
        };
        Err(at(last, &wrong))
    }
}

fn write_part(text: &mut String, part: Part, lines: &Lines) {
    *text += part.title();
    text.push('\n');
    for (name, value) in lines.iter() {
        let _ = writeln!(text, "{name}: {value}");
    }
}

fn at(line: usize, what: &str) -> CassetteError {
    let text = format!("line {line}: {what}; record the cassette again");
    CassetteError::new(CassetteErrorKind::Format, text)
}

fn check_version(first: &str) -> Result<(), CassetteError> {
    let Some(version) = first.trim_end().strip_prefix(MAGIC) else {
        return Err(at(
            1,
            "this is not a cassette, which begins with `payment-credentials cassette`",
        ));
    };
    match version.parse::<u32>() {
        Ok(FORMAT) => Ok(()),
        Ok(newer) if newer > FORMAT => Err(CassetteError::new(
            CassetteErrorKind::Newer,
            format!(
                "the cassette has format {newer}, and this release of payment-credentials-mock reads format {FORMAT}; \
                 use a newer release, or record the cassette again"
            ),
        )),
        Ok(_) | Err(_) => Err(at(
            1,
            "the format's version is not a number that this release knows",
        )),
    }
}

/// Puts lines together.
#[derive(Default)]
struct Reader {
    tape: Tape,
    part: Option<(Part, Lines)>,
    entry: Option<(Lines, Option<Outcome>)>,
    ended: Option<usize>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if self.ended.is_some() {
            return Err("there is more after the last line".to_owned());
        }
        if let Some(calls) = line.strip_prefix(END) {
            self.ended = Some(
                calls
                    .parse()
                    .map_err(|_no_number| "the number of calls isn't one")?,
            );
            return self.end_entry();
        }
        if let Some(calls) = line.strip_prefix(LEFT_OUT) {
            let calls = calls
                .parse()
                .map_err(|_no_number| "the number of calls isn't one")?;
            self.tape.left_out = Some(calls);
            return Ok(());
        }
        if let Some(part) = Part::ALL.into_iter().find(|part| part.title() == line) {
            return self.begin(part);
        }
        let (part, lines) = self
            .part
            .as_mut()
            .ok_or("a line before the first `[call]`")?;
        let (name, value) = line
            .split_once(": ")
            .ok_or("this is no line of a cassette")?;
        let rule = part
            .value(name)
            .ok_or_else(|| format!("no such line in {}", part.title()))?;
        if !rule.allows(value) {
            return Err(format!(
                "the value is none that {} may have here",
                part.title()
            ));
        }
        if lines.get(name).is_some() {
            return Err(format!("a line of {} is there twice", part.title()));
        }
        lines.add(name, value);
        Ok(())
    }

    fn begin(&mut self, part: Part) -> Result<(), String> {
        self.end_part()?;
        if part == Part::Call {
            self.end_entry()?;
        }
        let may_follow = matches!(
            (&self.entry, part),
            (None, Part::Call)
                | (Some((_, None)), Part::Failed | Part::Sealed)
                | (
                    Some((_, Some(Outcome::Sealed { .. }))),
                    Part::NotOpened | Part::Opened
                )
        );
        if !may_follow {
            return Err(format!("{} is not expected here", part.title()));
        }
        self.part = Some((part, Lines::default()));
        Ok(())
    }

    fn end_part(&mut self) -> Result<(), String> {
        let Some((part, lines)) = self.part.take() else {
            return Ok(());
        };
        if let Some(missing) = part
            .required()
            .iter()
            .find(|name| lines.get(name).is_none())
        {
            return Err(format!(
                "{} before this line has no `{missing}`",
                part.title()
            ));
        }
        if lines.get("account") == Some("card") && lines.get("card").is_none() {
            return Err("[opened] before this line is of a card and has no `card`".to_owned());
        }
        match (part, &mut self.entry) {
            (Part::Call, entry) => *entry = Some((lines, None)),
            (Part::Failed, Some((_, outcome))) => *outcome = Some(Outcome::Failed(lines)),
            (Part::Sealed, Some((_, outcome))) => {
                let openings = Vec::new();
                *outcome = Some(Outcome::Sealed {
                    head: lines,
                    openings,
                });
            }
            (Part::NotOpened, Some((_, Some(Outcome::Sealed { openings, .. })))) => {
                openings.push(Opening::NotOpened(lines));
            }
            (Part::Opened, Some((_, Some(Outcome::Sealed { openings, .. })))) => {
                openings.push(Opening::Opened(lines));
            }
            (Part::Failed | Part::NotOpened | Part::Opened | Part::Sealed, _) => {
                return Err(format!("{} is not expected before this line", part.title()));
            }
        }
        Ok(())
    }

    fn end_entry(&mut self) -> Result<(), String> {
        self.end_part()?;
        match self.entry.take() {
            None => Ok(()),
            Some((call, Some(outcome))) => {
                self.tape.entries.push(Entry { call, outcome });
                Ok(())
            }
            Some((_, None)) => Err("a call before this line has no outcome".to_owned()),
        }
    }

    fn finish(mut self) -> Result<Tape, String> {
        if self.ended.is_none() {
            return Ok(self.tape);
        }
        self.end_entry()?;
        Ok(self.tape)
    }
}
