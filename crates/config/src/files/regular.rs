use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// The longest file or text that is read: far longer than a configuration, a key or a keystore.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// Why a file can't be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Changed,
    Failed(io::ErrorKind),
    Folder,
    Missing,
    NoFile,
    TooLong,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("grows while it is read; try again"),
            Self::Failed(io::ErrorKind::PermissionDenied) => f.write_str(
                "can't be read: permission denied; let the user that runs this program read it, and enter its folder",
            ),
            Self::Failed(kind) => write!(f, "can't be read: {kind}"),
            Self::Folder => f.write_str(
                "isn't a regular file but a folder; give the path of a file, and check that one was there when \
                 Docker mounted it, which else makes a folder",
            ),
            Self::Missing => {
                f.write_str("doesn't exist; check the path, and the folder that it is relative to")
            }
            Self::NoFile => f.write_str("isn't a regular file; give the path of one"),
            Self::TooLong => {
                f.write_str("is longer than 1 MiB, the limit; check that it is the right file")
            }
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        if kind == io::ErrorKind::NotFound {
            return Self::Missing;
        }
        Self::Failed(kind)
    }
}

/// Reads a regular file of at most 1 MiB.
///
/// The file is opened first, and the open file is checked: between a check of the path and the opening,
/// another file could take its place.
pub(crate) fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, Metadata), Unreadable> {
    let file = opened(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Unreadable::Folder);
    }
    if !metadata.is_file() {
        return Err(Unreadable::NoFile);
    }
    let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if length > MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    // Allocated in full at the start: a buffer that grows leaves a copy behind.
    let mut content = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(metadata.len() + 1).read_to_end(&mut content)?;
    if content.len() > length {
        return Err(Unreadable::Changed);
    }
    Ok((content, metadata))
}

/// Opens without waiting: opening a pipe that has no writer would block forever.
fn opened(path: &Path) -> Result<File, Unreadable> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK);
    }
    options.open(path).map_err(|error| {
        // A socket, or a device without a driver, can't be opened at all, nor can a folder on Windows.
        match path.metadata() {
            Ok(found) if found.is_dir() => Unreadable::Folder,
            Ok(found) if !found.is_file() => Unreadable::NoFile,
            _ => error.into(),
        }
    })
}

/// Who else may read the file, if anybody.
#[cfg(unix)]
pub(crate) fn other_readers(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode();
    if mode & 0o004 != 0 {
        return Some("everybody on this machine");
    }
    (mode & 0o040 != 0).then_some("the file's group")
}

#[cfg(not(unix))]
pub(crate) fn other_readers(_metadata: &Metadata) -> Option<&'static str> {
    None
}
