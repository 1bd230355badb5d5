use std::io::{self, Write as _};

use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;

/// Where data goes, and how it looks there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    is_json: bool,
    is_verbose: bool,
}

impl Output {
    pub(crate) const fn new(is_json: bool, is_verbose: bool) -> Self {
        Self {
            is_json,
            is_verbose,
        }
    }

    /// Writes a command's result: a text, or JSON on a line of its own.
    pub(crate) fn result(
        self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Value,
    ) -> Result<(), Failure> {
        let line = if self.is_json {
            json().to_string()
        } else {
            text()
        };
        written(format!("{}\n", line.trim_end_matches('\n')).as_bytes())
    }

    /// Reports a failure: with `--json` as data, otherwise to standard error.
    pub(crate) fn failed(self, failure: &Failure) {
        if self.is_json {
            let _ = written(format!("{}\n", failure.json()).as_bytes());
        } else {
            complain(&failure.text(self.is_verbose));
        }
    }
}

/// Writes bytes to standard output, as they are.
///
/// A reader that has gone away, such as `head`, is no failure: the work is done.
pub(crate) fn written(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let failure = Failure::new(Exit::PartlyDone, "the result can't be written");
            Err(failure.because(&error))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes what is worth knowing, and no failure.
pub(crate) fn note(text: &str) {
    complain(&format!("note: {text}"));
}
