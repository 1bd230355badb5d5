//! What a cassette holds, in memory.

use crate::compared::Compared;

use super::grammar::OTHER;

/// Named values, in the order in which they are written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Lines(Vec<(String, String)>);

impl Lines {
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds a word if it is on the list; otherwise that there is another one.
    pub(super) fn add_word(&mut self, name: &str, value: Option<&str>, listed: &[&'static str]) {
        if let Some(value) = value {
            let word = listed.iter().find(|word| **word == value);
            self.add(name, word.copied().unwrap_or(OTHER));
        }
    }

    /// Adds a value if there is something.
    pub(super) fn add_if(&mut self, name: &str, is_there: bool, value: &str) {
        if is_there {
            self.add(name, value);
        }
    }

    /// Adds the names of what is there, if anything is.
    pub(super) fn add_names(&mut self, name: &str, members: &[(&str, bool)]) {
        let there = members.iter().filter(|(_, is_there)| *is_there);
        let mut there: Vec<_> = there.map(|(member, _)| *member).collect();
        there.sort_unstable();
        self.add_if(name, !there.is_empty(), &there.join(" "));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let line = self.0.iter().find(|(line, _)| line == name);
        line.map(|(_, value)| value.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds each line of these, beside that of others, to a comparison.
    pub(super) fn compare(&self, got: &Self, compared: &mut Compared) {
        let names = self.0.iter().chain(&got.0).map(|(name, _)| name);
        let mut done = Vec::new();
        for name in names {
            if done.contains(&name) {
                continue;
            }
            done.push(name);
            let [wanted, got] = [self.get(name), got.get(name)];
            let text = |value: Option<&str>| value.unwrap_or("none").to_owned();
            compared.part(name.as_str(), text(wanted), text(got), wanted == got);
        }
    }
}

/// One call, and what came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) call: Lines,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Failed(Lines),
    Sealed {
        head: Lines,
        /// In order; a response is opened once, or again after a failure.
        openings: Vec<Opening>,
    },
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Opening {
    NotOpened(Lines),
    Opened(Lines),
}

impl Entry {
    /// Names the call for people.
    pub(super) fn in_words(&self) -> String {
        in_words(&self.call)
    }

    /// Compares two calls, and what came of them.
    pub(super) fn compare(&self, got: &Self) -> Compared {
        let mut compared = Compared::default();
        let word = |outcome: &Outcome| match outcome {
            Outcome::Failed(_) => "an error",
            Outcome::Sealed { .. } => "credentials",
        };
        let [wanted_word, got_word] = [&self.outcome, &got.outcome].map(word);
        let is_same = wanted_word == got_word;
        compared.part("outcome", wanted_word, got_word, is_same);
        match (&self.outcome, &got.outcome) {
            (Outcome::Failed(wanted), Outcome::Failed(got)) => wanted.compare(got, &mut compared),
            (
                Outcome::Sealed { head, openings },
                Outcome::Sealed {
                    head: got_head,
                    openings: got_openings,
                },
            ) => {
                head.compare(got_head, &mut compared);
                let (wanted, got) = (openings.len(), got_openings.len());
                let is_same = wanted == got;
                compared.part("openings", wanted.to_string(), got.to_string(), is_same);
                for (wanted, got) in openings.iter().zip(got_openings) {
                    wanted.compare(got, &mut compared);
                }
            }
            _ => {}
        }
        compared
    }
}

impl Opening {
    fn compare(&self, got: &Self, compared: &mut Compared) {
        match (self, got) {
            (Self::NotOpened(wanted), Self::NotOpened(got))
            | (Self::Opened(wanted), Self::Opened(got)) => wanted.compare(got, compared),
            (Self::NotOpened(_), Self::Opened(_)) => {
                compared.part("opening", "an error", "credentials", false);
            }
            (Self::Opened(_), Self::NotOpened(_)) => {
                compared.part("opening", "credentials", "an error", false);
            }
        }
    }
}

/// Names a call for people.
pub(super) fn in_words(call: &Lines) -> String {
    let value = |name| call.get(name).unwrap_or("none");
    format!(
        "the call for {:?}, version {}",
        value("card"),
        value("version")
    )
}

/// Compares a recorded call with the one that came.
pub(super) fn compare_calls(recorded: &Lines, got: &Lines) -> Compared {
    let mut compared = Compared::default();
    recorded.compare(got, &mut compared);
    compared
}

/// The position of the call that is the nearest to this one.
pub(super) fn nearest<'a>(
    calls: impl Iterator<Item = (usize, &'a Lines)>,
    wanted: &Lines,
) -> Option<usize> {
    let distance = |call: &Lines| compare_calls(call, wanted).differences();
    calls
        .min_by_key(|(_, call)| distance(call))
        .map(|(at, _)| at)
}
