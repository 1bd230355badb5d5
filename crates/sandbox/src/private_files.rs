//! Files and folders for their owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Makes the folder if there is none, and refuses one that others may enter.
pub(crate) fn prepare_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    demand_privacy(
        &fs::metadata(folder)?,
        "the folder is open to others; chmod 700 it",
    )
}

/// Writes a file whole or not at all, in place of any other of this name.
pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let mut file = for_owner().truncate(true).open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(unfinished, folder.join(name))
}

/// Locks a folder until the file is closed, also by the end of the process; fails if another has locked it.
pub(crate) fn lock(folder: &Path, name: &str) -> io::Result<File> {
    let file = for_owner().truncate(false).open(folder.join(name))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(io::Error::other(
            "another sandbox uses the folder; stop that one, or give each a folder of its own",
        )),
        Err(TryLockError::Error(fault)) => Err(fault),
    }
}

/// Options for a file that its owner alone may read and write.
fn for_owner() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Reads a file that only its owner may read; none if there is none.
pub(crate) fn read(folder: &Path, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    /// Bytes of the longest file; the state of a sandbox has some 20 KiB.
    const MAX_BYTES: u64 = 1024 * 1024;
    let mut file = match OpenOptions::new().read(true).open(folder.join(name)) {
        Ok(file) => file.take(MAX_BYTES),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
    };
    demand_privacy(
        &file.get_ref().metadata()?,
        "a file is open to others; chmod 600 it",
    )?;
    let mut content = Zeroizing::new(Vec::new());
    file.read_to_end(&mut content)?;
    Ok(Some(content))
}

fn demand_privacy(metadata: &fs::Metadata, otherwise: &'static str) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(io::Error::other(otherwise));
        }
    }
    let _ = (metadata, otherwise);
    Ok(())
}
