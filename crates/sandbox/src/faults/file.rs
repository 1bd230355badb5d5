//! Rules from a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes of the longest file that is read: twice what the longest log of the longest rules needs.
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What is wrong with a file and what to do, and the operating system's error.
pub(super) type Unreadable = (&'static str, Option<io::Error>);

const NO_FILE: &str = "is no regular file; give the path of one";

/// Reads a regular file.
///
/// The file is opened first and checked afterwards: between a check of the path and its opening, another
/// file could take its place.
pub(super) fn read(path: &Path) -> Result<String, Unreadable> {
    let file = opened(path)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err((NO_FILE, None));
    }
    let mut content = Vec::new();
    let mut bounded = file.take(MAX_BYTES + 1);
    bounded.read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > MAX_BYTES {
        return Err(("is longer than 4 MiB; give fewer rules", None));
    }
    String::from_utf8(content).map_err(|_other| ("is no UTF-8 text; write it as such", None))
}

/// Opens without blocking, because opening a pipe that has no writer would never return.
fn opened(path: &Path) -> Result<File, Unreadable> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK);
    }
    options.open(path).map_err(|error| {
        // Sockets can't be opened, and on some systems neither can folders.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return (NO_FILE, None);
        }
        unreadable(error)
    })
}

fn unreadable(error: io::Error) -> Unreadable {
    let what = if error.kind() == io::ErrorKind::NotFound {
        "isn't there; give a path from the working directory, or an absolute one"
    } else {
        "can't be read; make sure that this process is allowed to read it"
    };
    (what, Some(error))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::format;
    use super::super::ledger::REMEMBERED;
    use super::super::rule::{Fault, FaultPhase, FaultRule, Match};
    use super::*;

    #[test]
    fn the_longest_log_fits() {
        let longest = FaultRule::at(FaultPhase::Headers)
            .on(Match::nth_request(u64::MAX))
            .fault(Fault::Trickle(Duration::MAX))
            .seeded(u64::MAX);
        let log = format::write(std::iter::repeat_n(&longest, REMEMBERED));
        assert!((log.len() as u64) < MAX_BYTES, "{}", log.len());
    }
}
