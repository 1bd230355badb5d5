use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::folder::Folder;

/// What a run has printed, and how it ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Without the variables of whoever runs the tests.
fn command(arguments: &[&str]) -> Command {
    payment_credentials_test_limit::start();
    let mut command = Command::new(env!("CARGO_BIN_EXE_paycred"));
    for (name, _) in std::env::vars_os() {
        if name
            .to_string_lossy()
            .to_ascii_uppercase()
            .contains("PROXY")
        {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    run_with(arguments, &[], "")
}

/// Runs the program with these variables and this standard input.
pub(crate) fn run_with(arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Ended {
    let mut child = command(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // A program that doesn't read its input may have ended before.
    let _ = child
        .stdin
        .take()
        .expect("piped")
        .write_all(input.as_bytes());
    let ended = child.wait_with_output().expect("it ends");
    Ended {
        code: ended.status.code().expect("no signal"),
        output: String::from_utf8(ended.stdout).expect("text"),
        errors: String::from_utf8(ended.stderr).expect("text"),
    }
}

/// `paycred sandbox` with its files in a folder. It ends with the test.
pub(crate) struct Sandbox {
    process: Child,
    errors: BufReader<ChildStderr>,
    pub(crate) folder: Folder,
}

impl Sandbox {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = Folder::new();
        let files = folder.path().join("files").display().to_string();
        let mut all = vec!["sandbox", "--with-parent", "--files", &files];
        all.extend(arguments);
        let mut process = command(&all)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut errors = BufReader::new(process.stderr.take().expect("piped"));
        let mut told = String::new();
        while !told.contains("Ctrl-C ends it.") {
            let read = errors.read_line(&mut told).expect("text");
            assert!(read > 0, "it ended: {told}");
        }
        Self {
            process,
            errors,
            folder,
        }
    }

    pub(crate) fn file(&self, name: &str) -> String {
        let path = self.folder.path().join("files").join(name);
        path.display().to_string()
    }

    #[expect(clippy::disallowed_methods, reason = "the sandbox has written files")]
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).expect("a file")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), content).expect("written");
    }

    /// Ends it, and keeps its files.
    pub(crate) fn stop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().expect("it ends");
    }

    /// Ends it as the end of the program does that has started it; what it has printed.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.process.stdin.take());
        let mut errors = String::new();
        while self.errors.read_line(&mut errors).expect("text") > 0 {}
        let ended = self.process.wait_with_output().expect("it ends");
        Ended {
            code: ended.status.code().expect("no signal"),
            output: String::from_utf8(ended.stdout).expect("text"),
            errors,
        }
    }
}
