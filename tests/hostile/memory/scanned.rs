//! A child process whose memory is read from outside, to find secrets that should have been wiped.
//!
//! The child's allocator keeps freed blocks unchanged, so that a copy that wasn't wiped can't be
//! overwritten by chance.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// This many consecutive bytes of a canary are a hit.
pub const PIECE: usize = 8;

/// The process that is scanned; it ends when this value is dropped.
pub struct Scanned {
    allocator: PathBuf,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Drop for Scanned {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.allocator);
    }
}

impl Scanned {
    /// Starts an ignored test of this binary, and sends it a line.
    pub fn start(test: &str, name: &str, line: &str) -> Self {
        payment_credentials_test_limit::start();
        let allocator = keeping_allocator(name);
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .arg(test)
            .env("LD_PRELOAD", &allocator)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let stdin = child.stdin.take().expect("a pipe");
        let stdout = child.stdout.take().expect("a pipe");
        let mut started = Self {
            allocator,
            child,
            stdin,
            stdout: BufReader::new(stdout),
        };
        started.say(line);
        started
    }

    pub fn say(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").expect("the child listens");
    }

    /// Reads the child's output up to that line, and returns it.
    pub fn wait_for(&mut self, awaited: &str) -> String {
        let mut printed = String::new();
        while printed.lines().next_back() != Some(awaited) {
            let read = self.stdout.read_line(&mut printed).expect("text");
            assert!(read > 0, "the child ended before {awaited}: {printed}");
        }
        printed
    }

    /// How many pieces of each canary are in the process's memory.
    pub fn hits(&self, canaries: &[&[u8]]) -> Vec<usize> {
        let mut hits = vec![0; canaries.len()];
        let mut pieces: HashMap<&[u8], usize> = HashMap::new();
        let mut starts = [false; 256];
        for (nth, canary) in canaries.iter().enumerate() {
            for piece in canary.windows(PIECE) {
                pieces.insert(piece, nth);
                starts[usize::from(piece[0])] = true;
            }
        }
        let memory = self.memory();
        for piece in memory.iter().flat_map(|region| region.windows(PIECE)) {
            if starts[usize::from(piece[0])]
                && let Some(nth) = pieces.get(piece)
            {
                hits[*nth] += 1;
            }
        }
        hits
    }

    /// All memory that the process can write to: heap, stacks, statics.
    #[expect(clippy::disallowed_methods, reason = "a process's memory is a file")]
    fn memory(&self) -> Vec<Vec<u8>> {
        let folder = format!("/proc/{}", self.child.id());
        let open = |file| {
            let opened = File::open(format!("{folder}/{file}"));
            opened.unwrap_or_else(|error| {
                panic!("no leave to read a child's memory: allow ptrace of children: {error}")
            })
        };
        let memory = open("mem");
        let writable = BufReader::new(open("maps"))
            .lines()
            .map(|line| line.expect("text"))
            .filter_map(|line| region(&line));
        let read = |(from, to): (u64, u64)| {
            let mut bytes = vec![0; usize::try_from(to - from).expect("a length")];
            let read = memory.read_exact_at(&mut bytes, from);
            read.unwrap_or_else(|error| {
                panic!("a region that can't be read; ptrace of children has to be allowed: {error}")
            });
            bytes
        };
        writable.map(read).collect()
    }
}

/// Builds the allocator with the C compiler that the cryptography needs anyway.
fn keeping_allocator(name: &str) -> PathBuf {
    let name = format!("keeping-{}-{name}.so", std::process::id());
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-fno-builtin", "-x", "c", "-", "-o"])
        .arg(&built)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a C compiler, called cc");
    let mut source = compiler.stdin.take().expect("a pipe");
    let written = source.write_all(include_bytes!("keeping.c"));
    written.expect("the compiler listens");
    drop(source);
    assert!(compiler.wait().expect("it ends").success(), "not compiled");
    built
}

/// Where a region of memory starts and ends, if it can be read and written.
fn region(line: &str) -> Option<(u64, u64)> {
    let mut columns = line.split(' ');
    let (from, to) = columns.next()?.split_once('-')?;
    let is_writable = columns.next()?.starts_with("rw");
    let address = |hex| u64::from_str_radix(hex, 16).expect("an address");
    is_writable.then(|| (address(from), address(to)))
}

/// Reads the parent's next line.
pub fn next_line() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("text");
    assert!(line.pop() == Some('\n'), "the parent has ended");
    line
}

/// Writes a word on a line of its own, even if the test harness has begun a line.
pub fn report(word: &str) {
    println!("\n{word}");
    std::io::stdout().flush().expect("the parent listens");
}
