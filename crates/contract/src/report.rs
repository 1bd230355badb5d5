use std::fmt;

/// The result of a suite: one line for each clause of the contract, in the contract's order.
///
/// `Display` prints a table for people:
///
/// ```text
/// the contract of Transport
///   kept        as it is
///   kept        whole or not at all
///   BROKEN      bounded
///                 - a body of 262145 bytes with a cap of 262144: the call returned status 201 with 262145 bytes
///   kept        knows what it sent
///   kept        no borrowed responses (except Dropped: it blocks its thread)
///   not staged  nothing from the environment (Process: it reads no variable)
/// ```
#[derive(Debug)]
#[must_use = "a broken contract fails no test until you call `assert_kept`"]
pub struct Report {
    contract: &'static str,
    clauses: Vec<Clause>,
    misdeclared: Vec<String>,
}

/// The result of one clause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The suite observed something that the clause excludes.
    Broken,
    /// In all scenarios that could be staged, the adapter did what the clause says.
    Kept,
    /// No scenario of the clause could be staged, as the stage declares.
    NotStaged,
}

impl Report {
    pub(crate) fn new(contract: &'static str, misdeclared: Vec<String>) -> Self {
        Self {
            contract,
            clauses: Vec::new(),
            misdeclared,
        }
    }

    pub(crate) fn add(&mut self, mut clause: Clause) {
        self.misdeclared.append(&mut clause.misdeclared);
        self.clauses.push(clause);
    }

    /// The name of each clause, as in the trait's documentation, and its verdict.
    pub fn clauses(&self) -> impl Iterator<Item = (&'static str, Verdict)> {
        self.clauses
            .iter()
            .map(|clause| (clause.name, clause.verdict()))
    }

    /// The names of the clauses that have this verdict.
    #[must_use]
    pub fn clauses_with(&self, verdict: Verdict) -> Vec<&'static str> {
        self.clauses()
            .filter(|(_, fared)| *fared == verdict)
            .map(|(name, _)| name)
            .collect()
    }

    /// The mistakes in the stage's declarations of what it can't stage and of what differs.
    #[must_use]
    pub fn misdeclared(&self) -> &[String] {
        &self.misdeclared
    }

    /// Whether no clause is broken and the declarations are right.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.misdeclared.is_empty() && self.clauses_with(Verdict::Broken).is_empty()
    }

    /// Fails the test and shows the report, unless the contract is kept.
    ///
    /// # Panics
    ///
    /// If a clause is broken, or a declaration of the stage is wrong.
    #[track_caller]
    pub fn assert_kept(&self) {
        assert!(self.is_kept(), "{self}");
    }
}

/// How many observations are shown for a broken clause.
///
/// The first observations are the most informative. A response that is cut after each of its bytes, for
/// example, would repeat the same observation a hundred times.
const SHOWN: usize = 5;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the contract of {}", self.contract)?;
        for clause in &self.clauses {
            let verdict = match clause.verdict() {
                Verdict::Broken => "BROKEN",
                Verdict::Kept => "kept",
                Verdict::NotStaged => "not staged",
            };
            write!(f, "\n  {verdict:<10}  {}", clause.name)?;
            if !clause.unstaged.is_empty() {
                let but_for = match clause.verdict() {
                    Verdict::NotStaged => "",
                    Verdict::Broken | Verdict::Kept => "except ",
                };
                write!(f, " ({but_for}{})", clause.unstaged.join("; "))?;
            }
            for seen in clause.seen.iter().take(SHOWN) {
                write!(f, "\n                - {seen}")?;
            }
            if let more @ 1.. = clause.seen.len().saturating_sub(SHOWN) {
                write!(f, "\n                - and {more} more")?;
            }
        }
        for wrong in &self.misdeclared {
            write!(f, "\n  MISDECLARED {wrong}")?;
        }
        Ok(())
    }
}

/// One clause under test, and the observations that the clause excludes.
#[derive(Debug)]
pub(crate) struct Clause {
    name: &'static str,
    tried: bool,
    seen: Vec<String>,
    unstaged: Vec<String>,
    misdeclared: Vec<String>,
}

impl Clause {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            tried: false,
            seen: Vec::new(),
            unstaged: Vec::new(),
            misdeclared: Vec::new(),
        }
    }

    /// Records the observation `seen`, unless the clause held.
    pub(crate) fn holds(&mut self, held: bool, seen: impl FnOnce() -> String) {
        self.tried = true;
        if !held {
            self.seen.push(seen());
        }
    }

    /// Returns what was staged. If nothing was staged, records that and the declared reason.
    pub(crate) fn staged<S: fmt::Debug + PartialEq, T>(
        &mut self,
        scenario: &S,
        cannot: &[(S, &'static str)],
        staged: Option<T>,
    ) -> Option<T> {
        if staged.is_none() {
            let declared = cannot.iter().find(|(declared, _)| declared == scenario);
            let because = declared.map_or("not declared", |(_, because)| because);
            self.unstaged.push(format!("{scenario:?}: {because}"));
        }
        staged
    }

    /// Records the difference if the adapter differs as declared, and the mistake if the declaration
    /// is wrong.
    pub(crate) fn differs<C: fmt::Debug + PartialEq>(
        &mut self,
        case: &C,
        declared: &[(C, &'static str)],
        differs: bool,
    ) {
        let mut declared = declared.iter().filter(|(declared, _)| declared == case);
        let Some((_, because)) = declared.next() else {
            return;
        };
        if declared.next().is_some() {
            let wrong =
                format!("{case:?} is declared more than once in `differs`; declare it once");
            self.misdeclared.push(wrong);
        }
        if differs {
            self.unstaged.push(format!("{case:?}: {because}"));
        } else {
            let wrong =
                format!("{case:?} is declared in `differs`, but doesn't differ; remove it there");
            self.misdeclared.push(wrong);
        }
    }

    fn verdict(&self) -> Verdict {
        match (self.seen.is_empty(), self.tried) {
            (false, _) => Verdict::Broken,
            (true, true) => Verdict::Kept,
            (true, false) => Verdict::NotStaged,
        }
    }
}

/// Compares the scenarios that a stage declares with those that it staged.
pub(crate) fn misdeclared<S: fmt::Debug + PartialEq>(
    cannot: &[(S, &'static str)],
    staged: &[(S, bool)],
) -> Vec<String> {
    let validate = |(scenario, is_staged): &(S, bool)| {
        let count = cannot.iter().filter(|(it, _)| it == scenario).count();
        match (count, is_staged) {
            (0, true) | (1, false) => None,
            (0, false) => Some(format!(
                "{scenario:?} is neither staged nor declared; stage it, or declare it in `cannot`"
            )),
            (1, true) => Some(format!(
                "{scenario:?} is declared in `cannot`, but staged; remove it there"
            )),
            (_, _) => Some(format!(
                "{scenario:?} is declared {count} times in `cannot`; declare it once"
            )),
        }
    };
    staged.iter().filter_map(validate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::new("Thing", vec!["Late is declared 2 times".to_owned()]);
        let mut kept = Clause::new("kept well");
        kept.holds(true, String::new);
        let _ = kept.staged(&7, &[(7, "no seven here")], None::<()>);
        let mut broken = Clause::new("broken badly");
        broken.holds(false, || "two came".to_owned());
        let mut idle = Clause::new("not tried");
        let _ = idle.staged(&8, &[(8, "no eight here")], None::<()>);
        report.add(kept);
        report.add(broken);
        report.add(idle);
        report
    }

    #[test]
    fn reads_as_a_table() {
        let expected = "the contract of Thing\
            \n  kept        kept well (except 7: no seven here)\
            \n  BROKEN      broken badly\
            \n                - two came\
            \n  not staged  not tried (8: no eight here)\
            \n  MISDECLARED Late is declared 2 times";
        assert_eq!(report().to_string(), expected);
    }

    #[test]
    #[should_panic(expected = "BROKEN      broken badly")]
    fn fails_the_test_with_what_it_says() {
        report().assert_kept();
    }

    #[test]
    fn a_wrong_declaration_is_not_kept() {
        let wrong = |cannot: &[(u8, &'static str)], staged| misdeclared(cannot, &[(1, staged)]);
        assert!(wrong(&[], true).is_empty());
        assert!(wrong(&[(1, "")], false).is_empty());
        assert_eq!(
            wrong(&[], false),
            ["1 is neither staged nor declared; stage it, or declare it in `cannot`"]
        );
        let declared = wrong(&[(1, "")], true);
        assert_eq!(
            declared,
            ["1 is declared in `cannot`, but staged; remove it there"]
        );
        assert_eq!(
            wrong(&[(1, ""), (1, "")], false),
            ["1 is declared 2 times in `cannot`; declare it once"]
        );
        assert!(!Report::new("Thing", declared).is_kept());
    }

    #[test]
    fn what_differs_is_shown_and_a_wrong_declaration_of_it_is_not_kept() {
        let validated = |declared: &[(u8, &'static str)], differs| {
            let mut clause = Clause::new("to the letter");
            clause.holds(true, String::new);
            clause.differs(&7, declared, differs);
            let mut report = Report::new("Thing", Vec::new());
            report.add(clause);
            report
        };
        assert!(validated(&[], false).is_kept());
        let shown = validated(&[(7, "no say")], true);
        assert!(shown.is_kept());
        assert!(
            shown
                .to_string()
                .ends_with("to the letter (except 7: no say)")
        );
        let idle = validated(&[(7, "no say")], false);
        assert_eq!(
            idle.misdeclared(),
            ["7 is declared in `differs`, but doesn't differ; remove it there"]
        );
        let twice = validated(&[(7, "no say"), (7, "at all")], true);
        assert_eq!(
            twice.misdeclared(),
            ["7 is declared more than once in `differs`; declare it once"]
        );
        assert!(!twice.is_kept());
    }
}
