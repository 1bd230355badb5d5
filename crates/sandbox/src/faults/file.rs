//! Rules from a file.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The longest file that is read: the longest log, and its longest rules, take half of it.
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What is the matter with a file, and what to do; and what the operating system says.
pub(super) type Unreadable = (&'static str, Option<io::Error>);

/// Reads a regular file. A pipe or a device is never opened: that could hang.
#[expect(clippy::disallowed_methods, reason = "rules may stand in a file")]
pub(super) fn read(path: &Path) -> Result<String, Unreadable> {
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(("is no regular file; give the path of one", None));
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut content = Vec::new();
    let mut bounded = file.take(MAX_BYTES + 1);
    bounded.read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > MAX_BYTES {
        return Err(("is longer than 4 MiB; give fewer rules", None));
    }
    String::from_utf8(content).map_err(|_other| ("is no UTF-8 text; write it as such", None))
}

fn unreadable(error: io::Error) -> Unreadable {
    let what = if error.kind() == io::ErrorKind::NotFound {
        "isn't there; give a path from the working directory, or an absolute one"
    } else {
        "can't be read; see that this process may read it"
    };
    (what, Some(error))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Fault, Match, Phase, REMEMBERED, Rule, spelling};
    use super::*;

    #[test]
    fn the_longest_log_fits() {
        let longest = Rule::at(Phase::Headers)
            .on(Match::nth_request(u64::MAX))
            .fault(Fault::Trickle(Duration::MAX))
            .seed(u64::MAX);
        let log = spelling::write(std::iter::repeat_n(&longest, REMEMBERED));
        assert!((log.len() as u64) < MAX_BYTES, "{}", log.len());
    }
}
