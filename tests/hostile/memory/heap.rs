//! Rows F10 and F11: no part of the credentials stays in memory once they are dropped.
//!
//! A child process opens JWEs that were sealed here, with canaries that exist nowhere else, and its
//! memory is read from outside: first while the child holds the credentials, so that the test fails if
//! the scan finds nothing, then after it has dropped them. The child's allocator keeps freed blocks
//! unchanged, so that a copy that wasn't wiped can't be overwritten by chance.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::credentials::{Account, BillTo, NetworkToken};

use crate::memory::scanned::{PIECE, Scanned, next_line, report};
use crate::tools::sealer::{Sealer, TAG};
use crate::tools::way::Way;

/// The number of copies that are left unwiped, to prove that the scan finds them.
const LEAKED: usize = 3;

/// How many pieces of each secret are in memory.
type Hits = [(&'static str, usize); 4];

/// What the child does between opening and dropping.
#[derive(Clone, Copy)]
enum Doing {
    /// Also receives a response with unencrypted credentials, which is rejected once and accepted
    /// once.
    Clear,
    /// Leaves unwiped copies in memory, which the scan must find.
    Leak,
    Move,
    Nothing,
    /// Also tries JWEs that can't be opened, or that contain no credentials.
    Refuse,
    /// Opens a response with message-level encryption, in which only the outer layer encrypts the
    /// credentials.
    Unseal,
}

impl Doing {
    const ALL: [(Self, &str); 6] = [
        (Self::Clear, "clear"),
        (Self::Leak, "leak"),
        (Self::Move, "move"),
        (Self::Nothing, "nothing"),
        (Self::Refuse, "refuse"),
        (Self::Unseal, "unseal"),
    ];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    fn named(name: &str) -> Self {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.expect("something to do").0
    }
}

/// The random secrets of one run.
struct Canaries {
    number: String,
    cryptogram: String,
    personal: String,
    unknown: String,
}

impl Canaries {
    fn random() -> Self {
        let mut cryptogram = [0; 20];
        rand::fill(&mut cryptogram).expect("random bytes");
        Self {
            number: random(b"0123456789", 16),
            cryptogram: STANDARD.encode(cryptogram),
            personal: random(b"abcdefghijklmnopqrstuvwxyz", 300),
            unknown: random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 40),
        }
    }

    fn all(&self) -> [(&'static str, &str); 4] {
        [
            ("number", &self.number),
            ("cryptogram", &self.cryptogram),
            ("personal", &self.personal),
            ("unknown", &self.unknown),
        ]
    }

    /// The hits that this many copies cause.
    fn copies(&self, count: usize) -> Hits {
        self.all()
            .map(|(name, canary)| (name, count * (canary.len() + 1 - PIECE)))
    }

    /// The hits in a child's memory.
    fn hits(&self, child: &Scanned) -> Hits {
        let canaries = self.all().map(|(_, canary)| canary.as_bytes());
        let mut counts = child.hits(&canaries).into_iter();
        self.all()
            .map(|(name, _)| (name, counts.next().unwrap_or_default()))
    }

    fn plaintext(&self) -> String {
        let (proof, more) = self.cryptogram.split_at(14);
        format!(
            r#"{{"tokenizedCard":{{"state":"ACTIVE","number":"{}","cryptogram":"{proof}{}",
            "expirationMonth":"12","expirationYear":"2031"}},
            "billTo":{{"email":"{}"}},"later":{{"secret":["{}"]}}}}"#,
            self.number,
            escaped(&more[..1]) + &more[1..],
            escaped(&self.personal),
            self.unknown,
        )
    }

    /// A JWE that opens and others that don't: because of the cryptography, a duplicate member, or a
    /// truncated end; and two encrypted responses, which fail because of the cryptography and of their
    /// content.
    fn bodies(&self, doing: Doing) -> Vec<String> {
        let plaintext = self.plaintext();
        if matches!(doing, Doing::Unseal) {
            return vec![Sealer::response(plaintext).envelope()];
        }
        let good = Sealer::with_plaintext(&*plaintext).parts();
        let flipped = good.flipped(TAG).next().expect("a bit");
        let twin = plaintext.replacen('{', r#"{"later":1,"#, 1);
        let cut = plaintext.strip_suffix("\"]}}").expect("an end");
        vec![
            good.jwe(),
            flipped.jwe(),
            Sealer::with_plaintext(twin).jwe(),
            Sealer::with_plaintext(cut).jwe(),
            Sealer::response(&*plaintext)
                .parts()
                .with(TAG, [0; 16])
                .envelope(),
            Sealer::response(cut).envelope(),
        ]
    }
}

fn random(alphabet: &[u8], len: usize) -> String {
    let mut bytes = vec![0; len];
    rand::fill(&mut bytes).expect("random bytes");
    bytes
        .iter()
        .map(|byte| usize::from(*byte) % alphabet.len())
        .map(|at| char::from(alphabet[at]))
        .collect()
}

/// Writes each character as an escape. The unescaped text is shorter, so the buffer's size isn't known
/// in advance.
fn escaped(text: &str) -> String {
    let escapes = text.bytes().map(|byte| format!("\\u{byte:04x}"));
    escapes.collect()
}

/// The hits after the child has dropped everything, and the hits that this many copies would cause.
/// Before that, checks that the one copy in the child was found.
fn left_behind(doing: Doing, copies: usize) -> [Hits; 2] {
    let canaries = Canaries::random();
    let line = format!("{} {}", doing.name(), canaries.bodies(doing).join(" "));
    let mut child = Scanned::start(
        "memory::heap::f10_child_opens_and_drops",
        doing.name(),
        &line,
    );
    child.wait_for("held");
    let held = canaries.hits(&child);
    assert_eq!(held, canaries.copies(1), "one copy while it is held");
    child.say("go on");
    child.wait_for("dropped");
    [canaries.hits(&child), canaries.copies(copies)]
}

#[track_caller]
fn leaves_nothing(doing: Doing) {
    let [left, nothing] = left_behind(doing, 0);
    assert_eq!(left, nothing, "pieces of what was dropped");
}

#[test]
fn f10_the_scan_sees_what_is_freed_without_being_wiped() {
    let [left, leaked] = left_behind(Doing::Leak, LEAKED);
    assert_eq!(left, leaked, "every copy, and all of it");
}

#[test]
fn f10_dropped_credentials_leave_nothing_in_memory() {
    leaves_nothing(Doing::Nothing);
}

#[test]
fn f10_a_rejected_jwe_leaves_nothing_in_memory() {
    leaves_nothing(Doing::Refuse);
}

/// Row A30: unencrypted credentials are wiped, whether they are rejected or accepted.
#[test]
fn f10_a_response_in_the_clear_leaves_nothing_in_memory() {
    leaves_nothing(Doing::Clear);
}

#[test]
fn f10_an_encrypted_response_leaves_nothing_in_memory() {
    leaves_nothing(Doing::Unseal);
}

#[test]
fn f11_credentials_that_were_moved_and_cloned_leave_nothing_in_memory() {
    leaves_nothing(Doing::Move);
}

/// Holds the credentials until the parent releases the child, and reports when they are dropped.
#[test]
#[ignore = "runs as a child of the tests above, which read its memory"]
fn f10_child_opens_and_drops() {
    let line = next_line();
    let mut words = line.split(' ');
    let doing = Doing::named(words.next().expect("something to do"));
    let bodies: Vec<&str> = words.collect();
    let way = Way::merchant().opening_responses();
    let mut credentials = way.opens(bodies[0]);
    read(&credentials);
    // The thread lives until the scan, since the system takes back the stack of a thread that has
    // ended.
    let (other, back) = other_thread();
    if matches!(doing, Doing::Move) {
        credentials = moved(credentials);
        other.send(credentials).expect("it listens");
        credentials = back.recv().expect("it answers");
        clone_and_drop(&credentials);
    }
    report("held");
    next_line();
    match doing {
        Doing::Clear => response_in_the_clear(&way, bodies[0]),
        Doing::Leak => leak(&credentials),
        Doing::Refuse => refuse(&way, &bodies[1..]),
        Doing::Move | Doing::Nothing | Doing::Unseal => {}
    }
    drop(credentials);
    report("dropped");
    next_line();
    drop(other);
}

fn parts(credentials: &PaymentCredentials) -> (&NetworkToken, &BillTo) {
    let Account::NetworkToken(account) = credentials.account() else {
        panic!("not a network token")
    };
    (account, credentials.bill_to.as_ref().expect("a bill"))
}

/// The borrowed secrets.
fn exposed(credentials: &PaymentCredentials) -> [&str; 4] {
    let (account, bill_to) = parts(credentials);
    [
        account.number().expect("a number").expose(),
        account.cryptogram().expect("a cryptogram").expose(),
        bill_to.email.as_ref().expect("an e-mail").expose(),
        credentials.unknown.expose("later").expect("a member"),
    ]
}

/// Reads every member, and formats those that may be shown.
fn read(credentials: &PaymentCredentials) {
    let lengths = exposed(credentials).map(str::len);
    assert_eq!(lengths, [16, 28, 300, 55]);
    let (account, bill_to) = parts(credentials);
    let masked = account.number().expect("a number").masked();
    assert_eq!(masked.len(), 16);
    account.expiry().expect("an expiry");
    account.proof().expect("a proof");
    black_box(format!("{credentials:?} {bill_to:?}"));
}

#[inline(never)]
fn moved(mut credentials: PaymentCredentials) -> PaymentCredentials {
    for _ in 0..100 {
        let mut list = vec![Some(black_box(Box::new(credentials)))];
        list.resize_with(64, || None);
        let boxed = list.swap_remove(0).expect("what was put there");
        let mut list = vec![black_box(*boxed)];
        list.reserve_exact(64);
        credentials = list.pop().expect("what was put there");
    }
    credentials
}

fn other_thread() -> (
    mpsc::Sender<PaymentCredentials>,
    mpsc::Receiver<PaymentCredentials>,
) {
    let (to_other, received) = mpsc::channel();
    let (answer, from_other) = mpsc::channel();
    thread::spawn(move || {
        for credentials in received {
            read(&credentials);
            answer.send(moved(credentials)).expect("it listens");
        }
    });
    (to_other, from_other)
}

/// Only personal data can be cloned.
fn clone_and_drop(credentials: &PaymentCredentials) {
    let (_, bill_to) = parts(credentials);
    let email = bill_to.email.as_ref().expect("an e-mail");
    let clones: Vec<_> = (0..100).map(|_| email.clone()).collect();
    drop(black_box(clones));
}

fn leak(credentials: &PaymentCredentials) {
    let copies: Vec<_> = (0..LEAKED)
        .map(|_| exposed(credentials).map(str::to_owned))
        .collect();
    drop(black_box(copies));
}

fn response_in_the_clear(way: &Way, jwe: &str) {
    let plaintext = way.plaintext(jwe);
    way.answer(plaintext.expose()).expect_err("refused");
    let accepting = Way::merchant().accepting_credentials_in_the_clear();
    drop(black_box(accepting.opens(plaintext.expose())));
}

fn refuse(way: &Way, bodies: &[&str]) {
    assert_eq!(bodies.len(), 5);
    for body in bodies {
        let error = way.answer(body).expect_err("refused");
        black_box(format!("{error} {error:?}"));
    }
}
