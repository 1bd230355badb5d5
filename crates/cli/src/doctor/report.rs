use serde_json::{Value, json};

/// The steps in the order of causes.
const STEPS: [&str; 8] = [
    "configuration",
    "keys",
    "host",
    "opening key",
    "connection",
    "clock",
    "authentication",
    "opening",
];

/// How a step ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    Passed,
    Warned,
    Failed,
    Skipped,
}

#[derive(Debug)]
pub(super) struct Step {
    name: &'static str,
    state: State,
    text: String,
    remedy: Option<String>,
}

impl Step {
    pub(super) fn passed(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, State::Passed, text, None)
    }

    pub(super) fn warned(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, State::Warned, text, None)
    }

    pub(super) fn skipped(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, State::Skipped, text, None)
    }

    pub(super) fn failed(
        name: &'static str,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(name, State::Failed, text, Some(remedy.into()))
    }

    fn new(
        name: &'static str,
        state: State,
        text: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        let text = text.into();
        Self {
            name,
            state,
            text,
            remedy: remedy.filter(|remedy| !remedy.is_empty()),
        }
    }
}

/// What was examined, and how it ended.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Step>);

impl Report {
    pub(super) fn add(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Adds the steps that weren't reached.
    pub(super) fn skip_the_rest(&mut self, is_offline: bool) {
        let reason = if is_offline && self.first_failed().is_none() {
            "needs the network"
        } else {
            "a step before failed"
        };
        for name in STEPS {
            if !self.0.iter().any(|step| step.name == name) {
                self.add(Step::skipped(name, reason));
            }
        }
    }

    pub(super) fn first_failed(&self) -> Option<&'static str> {
        let mut failed = self.0.iter().filter(|step| step.state == State::Failed);
        failed.next().map(|step| step.name)
    }

    fn verdict(&self) -> &'static str {
        let has = |state| self.0.iter().any(|step| step.state == state);
        match () {
            () if has(State::Failed) => "failed",
            () if has(State::Warned) => "warned",
            () => "passed",
        }
    }

    pub(super) fn text(&self) -> String {
        let steps = self.0.iter().map(|step| {
            let word = step.state.word();
            let text = step.text.replace('\n', "\n                           ");
            let remedy = step.remedy.as_deref().unwrap_or_default();
            let remedy = match remedy {
                "" => String::new(),
                remedy => format!("                           what to do: {remedy}\n"),
            };
            format!("{word:<8} {:<17} {text}\n{remedy}", step.name)
        });
        steps.collect()
    }

    pub(super) fn json(&self) -> Value {
        let steps = self.0.iter().map(|step| {
            json!({
                "step": step.name,
                "state": step.state.word(),
                "text": step.text,
                "remedy": step.remedy,
            })
        });
        json!({ "verdict": self.verdict(), "steps": steps.collect::<Vec<_>>() })
    }
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
