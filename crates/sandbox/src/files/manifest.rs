//! Which files of a folder the sandbox wrote, so that it can remove those that are nobody's any more.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aws_lc_rs::digest::{self, SHA256};

use super::File;
use crate::keystore_authority::BoxError;
use crate::private_files;

/// A line for each file, as `sha256sum` writes it: the digest, two blanks, the name.
const NAME: &str = "sandbox-files.sha256";

/// Writes the files, and removes those that an earlier sandbox wrote and this one doesn't.
pub(super) fn replace(folder: &Path, files: &[File]) -> Result<(), BoxError> {
    let earlier = read(folder)?;
    let is_written = |name: &str| files.iter().any(|(other, _)| other == name);
    let stale: Vec<_> = earlier
        .iter()
        .filter(|(_, name)| !is_written(name))
        .collect();
    let mut listed = String::new();
    for (name, content) in files {
        // Writing to a String can't fail.
        let _ = writeln!(listed, "{}  {name}", sha_256(content));
    }
    // Until they are removed, they stay listed: the call may end before.
    let mut all = listed.clone();
    for (digest, name) in &stale {
        let _ = writeln!(all, "{digest}  {name}");
    }
    private_files::write(folder, NAME, all.as_bytes())?;
    for (name, content) in files {
        private_files::write(folder, name, content)?;
    }
    for (digest, name) in stale {
        remove(folder, name, digest)?;
    }
    private_files::write(folder, NAME, listed.as_bytes())?;
    Ok(())
}

/// Removes a file that nobody has changed since.
fn remove(folder: &Path, name: &str, digest: &str) -> Result<(), BoxError> {
    let path = folder.join(name);
    let is_file = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
    if !is_file {
        return Ok(());
    }
    let content = private_files::read(folder, name);
    if content.is_ok_and(|content| content.is_some_and(|it| sha_256(&it) == digest)) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Digests and names of the files that were written before.
fn read(folder: &Path) -> Result<Vec<(String, String)>, BoxError> {
    let content = private_files::read(folder, NAME)?.unwrap_or_default();
    let lines = String::from_utf8_lossy(&content).into_owned();
    let pairs = lines.lines().filter_map(|line| line.split_once("  "));
    // A name with a folder in it is none of the sandbox's.
    let own = pairs.filter(|(_, name)| !name.contains(['/', '\\', ':']) && !name.starts_with('.'));
    Ok(own
        .map(|(digest, name)| (digest.to_owned(), name.to_owned()))
        .collect())
}

fn sha_256(content: &[u8]) -> String {
    let digest = digest::digest(&SHA256, content);
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}
