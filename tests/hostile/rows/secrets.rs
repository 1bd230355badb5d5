//! Rows F15 and F16: secrets can't be compared, and nothing is written to files.

use std::marker::PhantomData;
use std::process::Command;

use payment_credentials_core::credentials::{Account, Card, NetworkToken, UnknownMembers};
use payment_credentials_core::secret::{
    Cryptogram, NetworkTokenNumber, Pan, Personal, SecretBytes, SecurityCode,
};
use payment_credentials_core::{PaymentCredentials, SealedCredentials};
use payment_credentials_jose::ContentKey;
use payment_credentials_keys::PrivateKey;

use crate::tools::sealer::{Sealer, TAG};
use crate::tools::way::Way;

/// Whether a type has a trait that would compare, copy or print it: an inherent constant exists only if
/// its bound holds, and then takes precedence over the trait's.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const COMPARES: bool = false;
    const HASHES: bool = false;
    const SORTS: bool = false;
    const DISPLAYS: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: PartialEq> Probe<T> {
    const COMPARES: bool = true;
}

impl<T: std::hash::Hash> Probe<T> {
    const HASHES: bool = true;
}

impl<T: PartialOrd> Probe<T> {
    const SORTS: bool = true;
}

impl<T: std::fmt::Display> Probe<T> {
    const DISPLAYS: bool = true;
}

macro_rules! offers {
    ($type:ty) => {
        [
            Probe::<$type>::COMPARES,
            Probe::<$type>::HASHES,
            Probe::<$type>::SORTS,
            Probe::<$type>::DISPLAYS,
        ]
    };
}

#[test]
fn f15_secrets_can_be_neither_compared_nor_hashed_nor_sorted() {
    assert_eq!(offers!(String), [true; 4], "the probe works");
    let offered = [
        offers!(Pan),
        offers!(NetworkTokenNumber),
        offers!(Cryptogram),
        offers!(SecurityCode),
        offers!(Personal),
        offers!(SecretBytes),
        offers!(UnknownMembers),
        offers!(Card),
        offers!(NetworkToken),
        offers!(Account),
        offers!(PaymentCredentials),
        offers!(SealedCredentials),
        offers!(ContentKey),
        offers!(PrivateKey),
    ];
    for (nth, offered) in offered.into_iter().enumerate() {
        assert_eq!(offered, [false; 4], "type {nth}");
    }
}

/// Marks the process as the child.
const CHILD: &str = "f16_child_opens_and_refuses";

#[test]
#[ignore = "runs as a child of f16_nothing_is_written, which forbids it to write files"]
fn f16_child_opens_and_refuses() {
    let way = Way::merchant();
    let good = Sealer::good();
    for _ in 0..20 {
        way.opens(good.jwe());
        way.decrypt(good.parts().with(TAG, [0; 16]).jwe());
        way.payload("{}");
        way.token("a.b.c");
    }
}

/// No file may grow by a byte: if the child tries, the system ends the child with a signal.
#[cfg(unix)]
#[test]
fn f16_nothing_is_written() {
    let empty = std::env::temp_dir().join(format!("hostile-f16-{}", std::process::id()));
    std::fs::create_dir(&empty).expect("a new folder");
    let test = std::env::current_exe().expect("this test");
    let child = Command::new("sh")
        .args([
            "-c",
            "ulimit -f 0 && exec \"$0\" --exact --ignored --nocapture \"$1\"",
        ])
        .arg(test)
        .arg(format!("rows::secrets::{CHILD}"))
        .env_clear()
        .env("HOME", &empty)
        .env("TMPDIR", &empty)
        .current_dir(&empty)
        .output()
        .expect("a shell");
    let written = empty.read_dir().expect("the folder").count();
    std::fs::remove_dir_all(&empty).expect("removed");
    let printed = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{:?} {printed}", child.status);
    assert!(printed.contains("1 passed"), "the child has run: {printed}");
    assert_eq!(written, 0, "files in an empty folder");
}
