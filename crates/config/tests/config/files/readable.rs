//! What is no readable file is refused, and nothing hangs.

use std::fs;
use std::path::Path;

use payment_credentials_config::Config;

use super::opener_of;
use crate::fixtures::{copy, folder, vector, write};

/// Returns the result of the work; panics if the work hangs.
#[cfg(unix)]
fn bounded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    receiver
        .recv_timeout(std::time::Duration::from_secs(60))
        .expect("an end")
}

/// Row B5.
#[test]
fn what_is_no_readable_file_is_rejected() {
    let folder = folder("unreadable-things");
    let long = write(&folder, "long.pem", vec![b'x'; 1024 * 1024 + 1]);
    let empty = write(&folder, "empty.pem", "");
    for (path, expected) in [
        (
            folder.join("missing.pem"),
            "names a file that doesn't exist",
        ),
        (folder.clone(), "names a file that isn't a regular file"),
        (long, "names a file that is longer than 1 MiB"),
        (empty, "can't be used: "),
    ] {
        let error = opener_of(&path).expect_err("refused");
        assert!(
            error.starts_with(&format!("TOML: pemFileDirectory {expected}")),
            "{error}"
        );
    }
    let error = Config::from_file("no-folder/missing.toml")
        .expect_err("refused")
        .to_string();
    let expected = "missing.toml: doesn't exist; check the path, and the folder that it is relative to; looked for \
                    no-folder/missing.toml, from the working directory ";
    assert!(error.starts_with(expected), "{error}");
    let error = Config::from_file("/no-folder/missing.toml").expect_err("refused");
    let error = error.to_string();
    assert!(
        error.ends_with("looked for /no-folder/missing.toml"),
        "{error}"
    );
    let error = Config::from_file(&folder).expect_err("refused").to_string();
    assert!(
        error.contains("isn't a regular file but a folder; give the path of a file"),
        "{error}"
    );
}

/// Row B5.
#[cfg(unix)]
#[test]
fn reading_a_pipe_or_a_device_does_not_hang() {
    let pipe = folder("pipe").join("key.pem");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("mkfifo");
    assert!(made.success());
    for path in [pipe, "/dev/zero".into()] {
        let error = bounded(move || opener_of(&path)).expect_err("refused");
        assert!(error.contains("isn't a regular file"), "{error}");
    }
}

/// A sparse file of 1 GiB is rejected by its length, and none of it is read.
#[cfg(unix)]
#[test]
fn a_sparse_file_is_too_long() {
    let path = folder("sparse").join("key.pem");
    let file = fs::File::create(&path).expect("a file");
    file.set_len(1024 * 1024 * 1024).expect("a length");
    let error = opener_of(&path).expect_err("refused");
    assert!(error.contains("is longer than 1 MiB"), "{error}");
}

/// Whatever replaces a path at the moment it is read is read as a file or rejected, since the path
/// isn't checked before it is opened.
#[cfg(unix)]
#[test]
fn a_path_that_is_replaced_while_it_is_read_does_not_hang() {
    use std::os::unix::fs::symlink;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    let folder = folder("swapped");
    let pipe = folder.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let file = copy(&vector("jwe/keys/merchant.pkcs8.pem"), &folder, "file");
    let (path, next) = (folder.join("key.pem"), folder.join("next"));
    symlink(&file, &path).expect("a link");
    let ended = Arc::new(AtomicBool::new(false));
    let (key, ends) = (path.clone(), Arc::clone(&ended));
    let swaps = std::thread::spawn(move || {
        let zero = Path::new("/dev/zero");
        let targets = [&*pipe, &*file, &*folder, &*file, zero, &*file];
        for target in targets.iter().cycle() {
            if ends.load(Ordering::SeqCst) {
                break;
            }
            symlink(target, &next).expect("a link");
            fs::rename(&next, &path).expect("renamed");
        }
    });
    bounded(move || {
        for _ in 0..300 {
            if let Err(error) = opener_of(&key) {
                assert!(error.contains("isn't a regular file"), "{error}");
            }
        }
    });
    ended.store(true, Ordering::SeqCst);
    swaps.join().expect("no panic");
}
