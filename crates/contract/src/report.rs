use std::fmt;

/// What a suite found: a line for each clause of the contract, in the contract's order.
///
/// `Display` is meant to be read:
///
/// ```text
/// the contract of Transport
///   kept        as it is
///   kept        whole or not at all
///   BROKEN      bounded
///                 - a body of 262145 bytes, one over the cap: 201 with 262145 bytes
///   kept        knows what it sent
///   kept        no borrowed responses (but for Dropped: it blocks its thread)
///   not staged  nothing from the environment (Process: it reads no variable)
/// ```
#[derive(Debug)]
#[must_use = "a report says nothing until it is read: see `assert_kept`"]
pub struct Report {
    contract: &'static str,
    clauses: Vec<Clause>,
    misdeclared: Vec<String>,
}

/// How one clause fared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Something was seen that the clause excludes.
    Broken,
    /// All that could be staged went as the clause says.
    Kept,
    /// Nothing of it could be staged, as the adapter declares.
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

    /// Each clause by the name that it has in the trait's documentation, and how it fared.
    pub fn clauses(&self) -> impl Iterator<Item = (&'static str, Verdict)> {
        let clauses = self.clauses.iter();
        clauses.map(|clause| (clause.name, clause.verdict()))
    }

    /// The names of the clauses that fared so.
    #[must_use]
    pub fn named(&self, verdict: Verdict) -> Vec<&'static str> {
        let fared = self.clauses().filter(|(_, fared)| *fared == verdict);
        fared.map(|(name, _)| name).collect()
    }

    /// Where the adapter's declaration, of what it can't stage or of what differs, is wrong.
    #[must_use]
    pub fn misdeclared(&self) -> &[String] {
        &self.misdeclared
    }

    /// Whether no clause is broken and the declaration is right.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.misdeclared.is_empty() && self.named(Verdict::Broken).is_empty()
    }

    /// Fails the test, with the report, unless the contract is kept.
    ///
    /// # Panics
    ///
    /// If a clause is broken, or the adapter's declaration is wrong.
    #[track_caller]
    pub fn assert_kept(&self) {
        assert!(self.is_kept(), "{self}");
    }
}

/// How much of what was seen of a broken clause is shown: the first says most, and a response that
/// is cut after each of its bytes would say the same a hundred times.
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
                    Verdict::Broken | Verdict::Kept => "but for ",
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

/// One clause while it is tried, and what was seen of it.
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

    /// Notes what was seen instead, unless the clause held.
    pub(crate) fn holds(&mut self, held: bool, seen: impl FnOnce() -> String) {
        self.tried = true;
        if !held {
            self.seen.push(seen());
        }
    }

    /// Hands on what was staged, or notes that it could not be and why.
    pub(crate) fn staged<S: fmt::Debug + PartialEq, T>(
        &mut self,
        scenario: &S,
        cannot: &[(S, &'static str)],
        staged: Option<T>,
    ) -> Option<T> {
        if staged.is_none() {
            let declared = cannot.iter().find(|(declared, _)| declared == scenario);
            let because = declared.map_or("undeclared", |(_, because)| because);
            self.unstaged.push(format!("{scenario:?}: {because}"));
        }
        staged
    }

    /// Notes where an adapter differs as it declares, and where its declaration is wrong.
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
            let wrong = format!("{case:?} is declared to differ more than once");
            self.misdeclared.push(wrong);
        }
        if differs {
            self.unstaged.push(format!("{case:?}: {because}"));
        } else {
            let wrong = format!("{case:?} is declared to differ, and doesn't");
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

/// Compares what an adapter declares with what it staged.
pub(crate) fn misdeclared<S: fmt::Debug + PartialEq>(
    cannot: &[(S, &'static str)],
    staged: &[(S, bool)],
) -> Vec<String> {
    let validate = |(scenario, is_staged): &(S, bool)| {
        let count = cannot.iter().filter(|(it, _)| it == scenario).count();
        match (count, is_staged) {
            (0, true) | (1, false) => None,
            (0, false) => Some(format!("{scenario:?} is not staged, and not declared")),
            (1, true) => Some(format!("{scenario:?} is declared impossible, and staged")),
            (_, _) => Some(format!("{scenario:?} is declared {count} times")),
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
            \n  kept        kept well (but for 7: no seven here)\
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
        assert_eq!(wrong(&[], false), ["1 is not staged, and not declared"]);
        let declared = wrong(&[(1, "")], true);
        assert_eq!(declared, ["1 is declared impossible, and staged"]);
        assert_eq!(wrong(&[(1, ""), (1, "")], false), ["1 is declared 2 times"]);
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
                .ends_with("to the letter (but for 7: no say)")
        );
        let idle = validated(&[(7, "no say")], false);
        assert_eq!(idle.misdeclared(), ["7 is declared to differ, and doesn't"]);
        let twice = validated(&[(7, "no say"), (7, "at all")], true);
        assert_eq!(
            twice.misdeclared(),
            ["7 is declared to differ more than once"]
        );
        assert!(!twice.is_kept());
    }
}
