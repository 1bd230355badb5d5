//! What was wanted beside what came, part by part: for mocks, the scripted fake and the replay alike.

use std::fmt;

/// One part of a request, as it was wanted and as it came.
struct Part {
    name: String,
    wanted: String,
    got: String,
    is_same: bool,
}

/// The parts of something that was wanted, each with a tick or a cross.
#[derive(Default)]
pub(crate) struct Compared(Vec<Part>);

impl Compared {
    /// Adds a part. Two values that differ may have the same text, since numbers are masked: so whether they
    /// are the same is said apart.
    pub(crate) fn part(
        &mut self,
        name: impl Into<String>,
        wanted: impl Into<String>,
        got: impl Into<String>,
        is_same: bool,
    ) {
        self.0.push(Part {
            name: name.into(),
            wanted: wanted.into(),
            got: got.into(),
            is_same,
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_same(&self) -> bool {
        self.differences() == 0
    }

    pub(crate) fn differences(&self) -> usize {
        self.0.iter().filter(|part| !part.is_same).count()
    }
}

/// One line for each part, each after a line break.
impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            if part.is_same {
                write!(f, "\n  ✓ {}: {}", part.name, part.got)?;
            } else {
                let Part {
                    name, wanted, got, ..
                } = part;
                write!(f, "\n  ✗ {name}: wanted {wanted}, got {got}")?;
            }
        }
        Ok(())
    }
}

/// The text of a value that may be absent.
pub(crate) fn or_none(value: Option<&impl fmt::Debug>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_tick_or_a_cross() {
        let mut compared = Compared::default();
        compared.part("version", "v3", "v3", true);
        assert!(compared.is_same());
        compared.part("token id", "a", "b", false);
        assert_eq!(compared.differences(), 1);
        assert_eq!(
            compared.to_string(),
            "\n  ✓ version: v3\n  ✗ token id: wanted a, got b"
        );
    }
}
