use std::error::Error;
use std::fmt;

use payment_credentials_config::ConfigError;
use payment_credentials_core::PortError;
use payment_credentials_core::seam::causes;
use serde_json::{Value, json};

use crate::exit::Exit;

/// Why a command has failed.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    text: String,
    causes: Vec<String>,
    call: Option<Box<Call>>,
}

/// What a failed call is classified as.
#[derive(Debug)]
struct Call {
    kind: &'static str,
    delivery: &'static str,
    repeatability: &'static str,
    phase: String,
    attempts: u32,
    status: Option<u16>,
    reason: Option<String>,
    correlation_id: Option<String>,
    vendor: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
            causes: Vec::new(),
            call: None,
        }
    }

    /// With the error that led to it, and that error's causes.
    pub(crate) fn because(self, error: &(dyn Error + 'static)) -> Self {
        let causes = texts(error);
        Self { causes, ..self }
    }

    /// All of these as one; `None` if there are none.
    pub(crate) fn of_several(failures: Vec<Self>) -> Option<Self> {
        let mut failures = failures.into_iter();
        let first = failures.next()?;
        Some(failures.fold(first, |mut all, one| {
            all.causes.push(one.text);
            all.causes.extend(one.causes);
            all
        }))
    }

    /// With a cause in words.
    pub(crate) fn with_cause(mut self, cause: &str) -> Self {
        self.causes.push(cause.to_owned());
        self
    }

    /// A call that has failed; its response may be there nonetheless.
    pub(crate) fn of_call(error: &PortError, has_response: bool) -> Self {
        let exit = Exit::of_call(error, has_response);
        let causes = texts(error).split_off(1);
        Self {
            exit,
            text: error.to_string(),
            causes,
            call: Some(Box::new(Call::of(error))),
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// As text: the failure, its causes, what the service says, and on demand its class.
    pub(crate) fn text(&self, is_verbose: bool) -> String {
        let mut lines = vec![format!("paycred: {}", self.text)];
        for cause in &self.causes {
            lines.push(format!("  because {cause}"));
        }
        let Some(call) = &self.call else {
            return lines.join("\n");
        };
        for said in &call.vendor {
            lines.push(format!("  the service says: {said}"));
        }
        lines.push(format!("  see: paycred explain {}", call.kind));
        if is_verbose {
            lines.push(format!(
                "  kind {}, delivery {}, repeatability {}, phase {}, attempts {}",
                call.kind, call.delivery, call.repeatability, call.phase, call.attempts
            ));
            if let Some(id) = &call.correlation_id {
                lines.push(format!("  correlation id {id}"));
            }
        }
        lines.join("\n")
    }

    pub(crate) fn json(&self) -> Value {
        let mut error = json!({ "message": self.text, "causes": self.causes });
        if let (Some(call), Some(members)) = (&self.call, error.as_object_mut()) {
            members.extend([
                ("kind".to_owned(), json!(call.kind)),
                ("delivery".to_owned(), json!(call.delivery)),
                ("repeatability".to_owned(), json!(call.repeatability)),
                ("phase".to_owned(), json!(call.phase)),
                ("attempts".to_owned(), json!(call.attempts)),
                ("status".to_owned(), json!(call.status)),
                ("reason".to_owned(), json!(call.reason)),
                ("correlationId".to_owned(), json!(call.correlation_id)),
                ("vendorMessages".to_owned(), json!(call.vendor)),
            ]);
        }
        json!({ "error": error })
    }
}

impl Call {
    fn of(error: &PortError) -> Self {
        let vendor = error.vendor_errors().iter();
        Self {
            kind: error.kind().name(),
            delivery: error.delivery().name(),
            repeatability: error.repeatability().name(),
            phase: error.phase().to_string(),
            attempts: error.attempts(),
            status: error.status(),
            reason: error.reason().map(str::to_owned),
            correlation_id: error.correlation_id().map(ToString::to_string),
            vendor: vendor.filter_map(|said| said.message.clone()).collect(),
        }
    }
}

/// An error and its causes, each once: some errors say what their cause says.
pub(crate) fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut texts: Vec<_> = causes(error).map(ToString::to_string).collect();
    texts.dedup();
    texts
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let mistakes: Vec<_> = error.to_string().lines().map(str::to_owned).collect();
        Self {
            causes: mistakes,
            ..Self::new(Exit::Configuration, "the configuration can't be used")
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
