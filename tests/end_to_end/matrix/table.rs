//! The matrix itself: a row for each fault, a column for each phase.
//!
//! A cell is the outcome that a caller must get: kind / delivery / retry. Delivery is `N` for not sent, `U`
//! for unknown, `A` for answered. Retry is `r` for safe, `o` for the caller to decide, `x` for never.
//! `.` cannot occur. Text in brackets is a remark.

use std::io::ErrorKind;
use std::time::Duration;

use payment_credentials_sandbox::faults::Fault;
use payment_credentials_sandbox::vault;

use Column::{Body, Connect, Decrypt, Headers, Parse, Tls, Write};
use Note::{Dialled, Elsewhere, Ours};
use Stage::{DeadlinePasses, Dropped, Faults, Kept, NotHere, Vault};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Column {
    Connect,
    Tls,
    Write,
    Headers,
    Body,
    Decrypt,
    Parse,
}

impl Column {
    pub(super) const ALL: [Self; 7] = [Connect, Tls, Write, Headers, Body, Decrypt, Parse];
}

pub(super) struct Row {
    pub(super) fault: &'static str,
    pub(super) cells: [&'static str; 7],
    pub(super) stage: Stage,
    pub(super) notes: &'static [(Column, Note)],
}

/// How a row's cells are staged.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    /// The sandbox delays its response, and the call's deadline is shorter.
    DeadlinePasses,
    /// The sandbox sends nothing, and the caller drops the call.
    Dropped,
    /// The sandbox plays each of these faults, in the cell's phase.
    Faults(&'static [Fault]),
    /// As `Faults`, on a connection that has served a call before.
    Kept(&'static [Fault]),
    /// This test doesn't stage the row, for this reason.
    NotHere(&'static str),
    /// The fault comes from a token id of the vault.
    Vault(&'static str),
}

/// A note on a particular cell.
pub(super) enum Note {
    /// The sandbox can't stage the cell: the dialer breaks the first connection.
    Dialled(&'static [Dial]),
    /// This test doesn't stage the cell: the reason, and the test that does.
    Elsewhere(&'static str),
    /// The client reports a different outcome: the outcome and the reason.
    Ours(&'static str, &'static str),
}

/// What happens to the first connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dial {
    Fails(ErrorKind),
    /// The operating system refuses the connection: no process listens there.
    Refused,
    Silent,
}

/// Long enough to be noticed, short enough for any deadline.
const SHORT: Duration = Duration::from_millis(20);
/// Long enough for any deadline to pass.
const APART: Duration = Duration::from_millis(200);

const BEFORE_REST: &str =
    "the sandbox makes JWE and plaintext before the head; a delay there is one before the head";
const NO_RESPONSE_IS_PROVED: &str = "hyper has one error for a head that breaks the rules and for bytes that are none; Unknown \
     claims less";
const NO_ACCOUNT: &str =
    "whatever a JWE holds, Payload is the kind of what opens and isn't credentials";
const NO_CAP_OF_ITS_OWN: &str =
    "core limits the JWE, and so all values together; it validates a value when it is asked for";
const NO_ADDRESS_IN_TLS: &str = "an address that takes a connection isn't dead to the dialer; what \
                                 breaks in its handshake is reported, and may be tried again";
const DETAIL: &str =
    "a refusal's detail is read by crates/core (wire and gateway tests); it never changes a cell";
const H2: &str = "HTTP/2 isn't offered: its rows wait until it is";

pub(super) const TABLE: &[Row] = &[
    Row {
        fault: "refused",
        cells: ["Connect/N/r", ".", ".", ".", ".", ".", "."],
        stage: Faults(&[]),
        notes: &[(Connect, Dialled(&[Dial::Refused]))],
    },
    Row {
        fault: "reset",
        cells: [
            "Connect/N/r",
            "Tls/N/r",
            "Reset/U/o (N/r at byte 0)",
            "Reset/U/o",
            "Framing/U/o",
            ".",
            ".",
        ],
        stage: Faults(&[Fault::Reset]),
        notes: &[(Connect, Dialled(&[Dial::Fails(ErrorKind::ConnectionReset)]))],
    },
    Row {
        fault: "clean close",
        cells: [
            "Connect/N/r",
            "Tls/N/r",
            "Reset/U/o (N/r at byte 0)",
            "Reset/U/o",
            "Framing/U/o",
            ".",
            ".",
        ],
        stage: Faults(&[Fault::Close]),
        notes: &[(Connect, Dialled(&[Dial::Fails(ErrorKind::UnexpectedEof)]))],
    },
    Row {
        fault: "silence",
        cells: [
            "Deadline/N/r (phase limit)",
            "Deadline/N/r (phase limit)",
            "Deadline/U/x",
            "Deadline/U/x",
            "Deadline/U/x",
            ".",
            ".",
        ],
        stage: Faults(&[Fault::Silence]),
        notes: &[(Connect, Dialled(&[Dial::Silent]))],
    },
    Row {
        fault: "trickle",
        cells: [
            ".",
            "Deadline/N/r (phase limit)",
            "Deadline/U/x",
            "Deadline/U/x",
            "Deadline/U/x (floor)",
            ".",
            ".",
        ],
        stage: Faults(&[Fault::Trickle(APART)]),
        notes: &[],
    },
    Row {
        fault: "delay, within deadline",
        cells: ["ok"; 7],
        stage: Faults(&[Fault::Delay(SHORT)]),
        notes: &[
            (Decrypt, Elsewhere(BEFORE_REST)),
            (Parse, Elsewhere(BEFORE_REST)),
        ],
    },
    Row {
        fault: "deadline passes here",
        cells: [
            "Deadline/N/x",
            "Deadline/N/x",
            "Deadline/U/x",
            "Deadline/U/x",
            "Deadline/U/x",
            "Deadline/A/x",
            "Deadline/A/x",
        ],
        stage: DeadlinePasses,
        notes: &[
            (
                Decrypt,
                Elsewhere(
                    "only a key service can hang there, which isn't the sandbox's to break: \
                     crates/hyper/tests/hyper/key_services.rs",
                ),
            ),
            (Parse, Elsewhere("parsing never waits")),
        ],
    },
    Row {
        fault: "caller drops here",
        cells: [
            "N, no byte",
            "N, no byte",
            "U, no leak",
            "U, no leak",
            "U, wiped",
            "A, wiped",
            "A, wiped",
        ],
        stage: Dropped,
        notes: &[
            (
                Decrypt,
                Elsewhere(
                    "only a key service waits there: crates/hyper/tests/hyper/key_services.rs; what \
                     is dropped is wiped: tests/hostile/memory/heap.rs",
                ),
            ),
            (
                Parse,
                Elsewhere("parsing never waits, so it cannot be dropped"),
            ),
        ],
    },
    Row {
        fault: "cut at byte k",
        cells: [
            ".",
            "Tls/N/r",
            ".",
            "Framing/U/o",
            "Framing/U/o",
            "Jwe/A/x",
            "Payload/A/x",
        ],
        stage: Faults(&[Fault::Cut, Fault::CutAt(1)]),
        notes: &[],
    },
    Row {
        fault: "one byte a segment",
        cells: [".", "ok", "ok", "ok", "ok", ".", "."],
        stage: Faults(&[Fault::OneByteSegments]),
        notes: &[],
    },
    Row {
        fault: "garbage",
        cells: [
            ".",
            "Tls/N/x",
            ".",
            "Framing/U/x",
            "Framing/U/x",
            "Jwe/A/x",
            "Payload/A/x",
        ],
        stage: Faults(&[Fault::Garbage]),
        notes: &[],
    },
    Row {
        fault: "one bit flipped",
        cells: [
            ".",
            "Tls/N/x",
            ".",
            ".",
            "Tls/U/x (record)",
            "Decrypt/A/x",
            ".",
        ],
        stage: Faults(&[Fault::FlipBit]),
        notes: &[],
    },
    Row {
        fault: "oversize",
        cells: [
            ".",
            "Tls/N/x",
            "Request/N/x",
            "Framing/A/x",
            "Unexpected/A/x",
            "Jwe/A/x",
            "Payload/A/x",
        ],
        stage: Faults(&[Fault::Oversize]),
        notes: &[
            (
                Write,
                Elsewhere("a request's body is bounded by its type: crates/core/src/request"),
            ),
            (Headers, Ours("Framing/U/x", NO_RESPONSE_IS_PROVED)),
            (Parse, Ours("ok (validated on access)", NO_CAP_OF_ITS_OWN)),
        ],
    },
    Row {
        fault: "contradiction (lengths, twins)",
        cells: [
            ".",
            ".",
            ".",
            "Framing/A/x",
            "Framing/A/x",
            "Jwe/A/x",
            "Payload/A/x",
        ],
        stage: Faults(&[Fault::Contradiction]),
        notes: &[
            (Headers, Ours("Framing/U/x", NO_RESPONSE_IS_PROVED)),
            (Body, Ours("Framing/U/x", NO_RESPONSE_IS_PROVED)),
        ],
    },
    Row {
        fault: "wrong identity (cert, kid, key)",
        cells: [".", "Tls/N/x", ".", ".", ".", "Jwe or Decrypt/A/x", "."],
        stage: Faults(&[Fault::WrongIdentity, Fault::WrongKey]),
        notes: &[],
    },
    Row {
        fault: "old version or algorithm",
        cells: [
            ".",
            "Tls/N/x",
            ".",
            "Framing/A/x",
            "Unexpected/A/x (coding)",
            "Jwe/A/x",
            "ok (unknown members)",
        ],
        stage: Faults(&[Fault::OldVersion]),
        notes: &[(Headers, Ours("Framing/U/x", NO_RESPONSE_IS_PROVED))],
    },
    Row {
        fault: "early response then close",
        cells: [".", ".", "Refused/A by status", ".", ".", ".", "."],
        stage: Faults(&[Fault::EarlyResponse(401), Fault::EarlyResponse(413)]),
        notes: &[],
    },
    Row {
        fault: "second response queued",
        cells: [
            ".",
            ".",
            ".",
            "ok, connection dropped",
            "ok, connection dropped",
            ".",
            ".",
        ],
        stage: Faults(&[Fault::SecondResponse]),
        notes: &[],
    },
    Row {
        fault: "kept connection closed under us",
        cells: [
            ".",
            ".",
            "Reset N/r at byte 0, else U/o",
            "Reset/U/o",
            ".",
            ".",
            ".",
        ],
        stage: Kept(&[Fault::Close, Fault::Reset]),
        notes: &[(
            Write,
            Ours(
                "Reset/U/o",
                "the first byte has arrived, so it is the `else`; byte 0 isn't the sandbox's to hit: \
                 crates/hyper/tests/hyper/kept.rs",
            ),
        )],
    },
    Row {
        fault: "h2 GOAWAY or refused stream",
        cells: [
            ".",
            ".",
            "N/r",
            "below stream N/r, else U/o",
            "Framing/U/o",
            ".",
            ".",
        ],
        stage: NotHere(H2),
        notes: &[],
    },
    Row {
        fault: "h2 flood, window 0",
        cells: [
            ".",
            ".",
            "Deadline/U/x",
            "Framing/U/x",
            "Deadline or Framing/U/x",
            ".",
            ".",
        ],
        stage: NotHere(H2),
        notes: &[],
    },
    Row {
        fault: "redirect",
        cells: [".", ".", ".", "Unexpected/A/x", ".", ".", "."],
        stage: Faults(&[Fault::Redirect]),
        notes: &[],
    },
    Row {
        fault: "informational flood",
        cells: [".", ".", ".", "Framing/U/x", ".", ".", "."],
        stage: Faults(&[Fault::Informational(100)]),
        notes: &[],
    },
    Row {
        fault: "400, 404, 409, 410, 412, 424",
        cells: [
            ".",
            ".",
            ".",
            "Refused/A/x",
            "same with any body",
            "detail only",
            "detail only",
        ],
        stage: Faults(&[
            Fault::Status(400),
            Fault::Status(404),
            Fault::Status(409),
            Fault::Status(410),
            Fault::Status(412),
            Fault::Status(424),
        ]),
        notes: &[(Decrypt, Elsewhere(DETAIL)), (Parse, Elsewhere(DETAIL))],
    },
    Row {
        fault: "401",
        cells: [
            ".",
            ".",
            ".",
            "Refused/A/x (one re-sign on proven skew)",
            "same",
            "detail only",
            "detail only",
        ],
        stage: Faults(&[Fault::Status(401)]),
        notes: &[(Decrypt, Elsewhere(DETAIL)), (Parse, Elsewhere(DETAIL))],
    },
    Row {
        fault: "403",
        cells: [
            ".",
            ".",
            ".",
            "Refused/A/x",
            "same",
            "detail only",
            "detail only",
        ],
        stage: Faults(&[Fault::Status(403)]),
        notes: &[(Decrypt, Elsewhere(DETAIL)), (Parse, Elsewhere(DETAIL))],
    },
    Row {
        fault: "429",
        cells: [
            ".",
            ".",
            ".",
            "Refused/A/r after wait",
            "same",
            "detail only",
            "detail only",
        ],
        stage: Faults(&[Fault::Status(429)]),
        notes: &[(Decrypt, Elsewhere(DETAIL)), (Parse, Elsewhere(DETAIL))],
    },
    Row {
        fault: "503; of the service in Headers, a web page's in Body",
        cells: [
            ".",
            ".",
            ".",
            "Refused/A/r after wait",
            "Refused/U/o",
            "detail only",
            "detail only",
        ],
        stage: Faults(&[Fault::Status(503)]),
        notes: &[(Decrypt, Elsewhere(DETAIL)), (Parse, Elsewhere(DETAIL))],
    },
    Row {
        fault: "500, 502, 504",
        cells: [
            ".",
            ".",
            ".",
            "Refused/U/o",
            "same",
            "detail only",
            "detail only",
        ],
        stage: Faults(&[Fault::Status(500), Fault::Status(502), Fault::Status(504)]),
        notes: &[(Decrypt, Elsewhere(DETAIL)), (Parse, Elsewhere(DETAIL))],
    },
    Row {
        fault: "success status, error body",
        cells: [".", ".", ".", ".", "Unexpected/A/x", ".", "Unexpected/A/x"],
        stage: Faults(&[Fault::ErrorBody]),
        notes: &[(Parse, Ours("Payload/A/x", NO_ACCOUNT))],
    },
    Row {
        fault: "success, soft failure inside",
        cells: [".", ".", ".", ".", ".", ".", "ok with state"],
        stage: Vault(vault::SUSPENDED),
        notes: &[],
    },
    Row {
        fault: "unencrypted success",
        cells: [".", ".", ".", ".", "Unexpected/A/x", ".", "."],
        stage: Faults(&[Fault::Unencrypted]),
        notes: &[],
    },
    Row {
        fault: "name not found, resolver silent",
        cells: ["Connect or Deadline/N/r", ".", ".", ".", ".", ".", "."],
        stage: Faults(&[]),
        notes: &[(
            Connect,
            Dialled(&[Dial::Fails(ErrorKind::NotFound), Dial::Silent]),
        )],
    },
    Row {
        fault: "dead address among live ones",
        cells: ["ok on the next", "ok on the next", ".", ".", ".", ".", "."],
        // Faults that accept a connection and end it during the handshake.
        stage: Faults(&[Fault::Close, Fault::Reset]),
        notes: &[
            (
                Connect,
                Elsewhere(
                    "addresses are tried by the dialer: unit tests of crates/hyper/src/dial.rs",
                ),
            ),
            (Tls, Ours("Tls/N/r", NO_ADDRESS_IN_TLS)),
        ],
    },
    Row {
        fault: "proxy refuses or lies",
        cells: [
            "Connect(proxy)/N/x (502, 504: r)",
            "Tls/N/x",
            ".",
            ".",
            ".",
            ".",
            ".",
        ],
        stage: NotHere("the sandbox is no proxy: crates/hyper/tests/hyper/proxy.rs has both"),
        notes: &[],
    },
    Row {
        fault: "local clock off",
        cells: [
            ".",
            "Tls/N/x if it breaks validity",
            ".",
            "Refused(auth)/A/x",
            ".",
            ".",
            ".",
        ],
        stage: NotHere(
            "nothing of the service's breaks: crates/hyper/tests/hyper/certificates.rs has those that \
             aren't valid now, tests/end_to_end/signing.rs the refusal",
        ),
        notes: &[],
    },
    Row {
        fault: "key set swapped mid-call",
        cells: ["ok", "ok", "ok", "ok", "ok", "ok (old key held)", "ok"],
        stage: NotHere(
            "a thousand calls in flight: tests/end_to_end/signing.rs; with encryption, and opened: \
             tests/end_to_end/mle.rs",
        ),
        notes: &[],
    },
    Row {
        fault: "1,000 callers at once",
        cells: [
            "ok or Deadline/N",
            "same",
            "same",
            "same",
            "same",
            "no stall",
            "no stall",
        ],
        stage: NotHere(
            "one client has them all: crates/hyper/tests/hyper/crowd.rs, where everything breaks; \
             tests/end_to_end/crowd.rs, where they queue; crates/hyper/tests/hyper/offload.rs, where \
             they open",
        ),
        notes: &[],
    },
];
