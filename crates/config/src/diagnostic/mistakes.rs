use super::{ConfigError, Diagnostic};

/// The most mistakes that one error lists; further ones are only counted.
const MAX_MISTAKES: usize = 20;

/// The mistakes of several steps, so that they are reported together. Only [`collect`](Self::collect)
/// makes it.
#[derive(Debug)]
pub(crate) struct Mistakes {
    listed: Vec<Diagnostic>,
    more: usize,
}

/// Proof that a mistake has been recorded. A step without a result must return one, and only [`Mistakes`]
/// makes it.
#[derive(Debug)]
pub(crate) struct Recorded(());

impl Mistakes {
    /// Runs the steps, and returns their result, or all mistakes that they recorded.
    pub(crate) fn collect<T>(
        steps: impl FnOnce(&mut Self) -> Result<T, Recorded>,
    ) -> Result<T, ConfigError> {
        let mut mistakes = Self {
            listed: Vec::new(),
            more: 0,
        };
        match steps(&mut mistakes) {
            Ok(made) if mistakes.listed.is_empty() => Ok(made),
            Ok(_) | Err(Recorded(())) => Err(ConfigError {
                mistakes: mistakes.listed,
                more: mistakes.more,
            }),
        }
    }

    /// Records a mistake; one that several merchants share, once.
    pub(crate) fn add(&mut self, mistake: Diagnostic) -> Recorded {
        if self.listed.contains(&mistake) {
            return Recorded(());
        }
        if self.listed.len() < MAX_MISTAKES {
            self.listed.push(mistake);
        } else {
            self.more += 1;
        }
        Recorded(())
    }

    /// Returns the value, or records the mistake.
    pub(crate) fn keep<T>(&mut self, validated: Result<T, Diagnostic>) -> Result<T, Recorded> {
        validated.map_err(|mistake| self.add(mistake))
    }

    /// Returns the value, or records the mistakes of another collection.
    pub(crate) fn keep_errors<T>(&mut self, made: Result<T, ConfigError>) -> Result<T, Recorded> {
        made.map_err(|error| {
            self.more += error.more;
            for mistake in error.mistakes {
                self.add(mistake);
            }
            Recorded(())
        })
    }

    /// Records each mistake, and returns the values if there is none.
    pub(crate) fn keep_all<T>(
        &mut self,
        validated: impl IntoIterator<Item = Result<T, Diagnostic>>,
    ) -> Result<Vec<T>, Recorded> {
        let kept: Vec<_> = validated.into_iter().map(|it| self.keep(it)).collect();
        kept.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;

    #[test]
    fn lists_mistakes_together_and_counts_the_rest() {
        let origin = Origin::new("payments.toml");
        let error = Mistakes::collect(|mistakes| {
            for index in 0..23 {
                mistakes.add(Diagnostic::new(&origin, format!("f{index}"), "is missing"));
            }
            Ok(())
        })
        .expect_err("mistakes");
        let shown = error.to_string();
        assert_eq!(shown.lines().count(), 21);
        assert_eq!(shown.lines().next(), Some("payments.toml: f0 is missing"));
        assert_eq!(shown.lines().last(), Some("and 3 more"));
        assert!(Mistakes::collect(|_| Ok(())).is_ok());
    }
}
