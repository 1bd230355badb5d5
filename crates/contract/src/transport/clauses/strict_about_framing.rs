use payment_credentials_core::{Delivery, TransportError, TransportErrorKind};

use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, answer};
use crate::transport::peer::{Play, Reply};
use crate::transport::{Case, Scenario, Stage};

/// Twelve bytes.
const BODY: &str = "eyJ9.a.b.c.d";

const CHUNKS: &str = "c\r\neyJ9.a.b.c.d\r\n0\r\n\r\n";

pub(crate) async fn strict_about_framing(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("strict about framing");
    let of_framing = |case: &Case| *case != Case::Greetings;
    for case in Case::ALL.into_iter().filter(of_framing) {
        let declared = stage.differs().iter().any(|(differs, _)| *differs == case);
        let mut differs = false;
        for Row {
            what,
            bytes,
            wanted,
        } in rows(case)
        {
            let play = Play::answers(move |_| Reply::new(bytes.clone()).closing());
            let Some(bench) = Bench::set(stage, Scenario::Connected, play, &mut clause).await
            else {
                return clause;
            };
            let sent = bench.send().await;
            let as_wanted = wanted.is(&sent);
            differs |= !as_wanted;
            let excused = declared && is_excused(case, &sent);
            clause.holds(as_wanted || excused, || {
                format!("{what}: {sent}; expected {}", wanted.name())
            });
        }
        clause.differs(&case, stage.differs(), differs);
    }
    clause
}

/// A response, and the required outcome of its call.
struct Row {
    what: String,
    bytes: String,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
    /// Exactly this response, complete.
    Answer,
    /// A fault of framing: the service may have acted on the request.
    Framing,
}

impl Wanted {
    fn is(self, sent: &Sent) -> bool {
        let is_framing = |error: &TransportError| {
            error.kind() == TransportErrorKind::Framing && error.delivery() == Delivery::Unknown
        };
        match self {
            Self::Answer => sent.is(201, BODY.as_bytes()),
            Self::Framing => sent.error().is_some_and(is_framing),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Answer => "the response",
            Self::Framing => "the kind `Framing` with the delivery `Unknown`",
        }
    }
}

/// A declaration excuses another outcome, but no call that doesn't end, no call that counts as not
/// sent, and no part of a body in place of the complete body.
fn is_excused(case: Case, sent: &Sent) -> bool {
    match &sent.outcome {
        None => false,
        Some(Ok(_)) => sent.is(201, BODY.as_bytes()) || case == Case::SwitchingProtocols,
        Some(Err(error)) => error.delivery() != Delivery::NotSent,
    }
}

fn rows(case: Case) -> Vec<Row> {
    match case {
        Case::Chunks => chunks(),
        // `before_the_first_byte` tests this case.
        Case::Greetings => Vec::new(),
        Case::Informational => informational(),
        Case::Lengths => lengths(),
        Case::SwitchingProtocols => switching_protocols(),
        Case::TransferCodings => transfer_codings(),
    }
}

fn row(what: impl Into<String>, bytes: String, wanted: Wanted) -> Row {
    let what = what.into();
    Row {
        what,
        bytes,
        wanted,
    }
}

fn headed(header: &str, body: &str) -> String {
    format!("HTTP/1.1 201 Created\r\n{header}\r\n\r\n{body}")
}

/// RFC 9112 §7.1.
fn chunks() -> Vec<Row> {
    use Wanted::{Answer, Framing};
    let chunks = [
        ("capital digits", "C\r\neyJ9.a.b.c.d\r\n0\r\n\r\n", Answer),
        ("an extension", "c;a=b\r\neyJ9.a.b.c.d\r\n0\r\n\r\n", Answer),
        (
            "a trailer",
            "c\r\neyJ9.a.b.c.d\r\n0\r\nx: y\r\n\r\n",
            Answer,
        ),
        ("a size over 64 bits", "10000000000000000\r\n", Framing),
        ("a size that isn't hexadecimal", "g\r\n", Framing),
        (
            "a size with a sign",
            "+c\r\neyJ9.a.b.c.d\r\n0\r\n\r\n",
            Framing,
        ),
        ("a negative size", "-1\r\na", Framing),
        ("no size", "\r\n", Framing),
        (
            "more bytes than its size",
            "c\r\neyJ9.a.b.c.dX\r\n0\r\n\r\n",
            Framing,
        ),
        ("a size line without CRLF", "c\reyJ9.a.b.c.d", Framing),
        ("no last chunk", "c\r\neyJ9.a.b.c.d\r\n", Framing),
        ("a cut", "c\r\neyJ9.", Framing),
    ];
    let row = |(what, chunks, wanted): (&str, &str, Wanted)| {
        let bytes = headed("transfer-encoding: chunked", chunks);
        row(format!("chunks with {what}"), bytes, wanted)
    };
    chunks.into_iter().map(row).collect()
}

/// RFC 9110 §15.2: a client must read them, and the RFC sets no maximum number.
fn informational() -> Vec<Row> {
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    let hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let good = answer("201 Created", "", BODY);
    let row = |(count, interim, wanted): (usize, &str, Wanted)| {
        let what = format!("{count} informational responses before the response");
        row(what, interim.repeat(count) + &good, wanted)
    };
    let rows = [
        (1, hints, Wanted::Answer),
        (16, go_on, Wanted::Answer),
        (17, go_on, Wanted::Framing),
        (200, hints, Wanted::Framing),
    ];
    rows.into_iter().map(row).collect()
}

/// RFC 9112 §6.3.
fn lengths() -> Vec<Row> {
    let row = |length: &str| {
        let bytes = headed(&format!("content-length: {length}"), BODY);
        row(format!("a length of {length:?}"), bytes, Wanted::Framing)
    };
    let lengths = [
        "-12",
        "+12",
        "12, 13",
        "0xc",
        "18446744073709551616",
        "12abc",
        "12 12",
        "",
        "12\r\ncontent-length: 13",
    ];
    lengths.into_iter().map(row).collect()
}

/// RFC 9110 §15.2.2.
fn switching_protocols() -> Vec<Row> {
    let good = answer("201 Created", "", BODY);
    let switch = "HTTP/1.1 101 Switching Protocols\r\n";
    let to_h2c = "upgrade: h2c\r\nconnection: upgrade\r\n";
    let rows = [("with a protocol", to_h2c), ("without one", "")];
    let row = |(what, headers)| {
        let bytes = format!("{switch}{headers}\r\n{good}");
        row(
            format!("a switch of protocols {what}"),
            bytes,
            Wanted::Framing,
        )
    };
    rows.into_iter().map(row).collect()
}

/// RFC 9112 §6.3: with other codings, a complete body looks the same as a cut one.
fn transfer_codings() -> Vec<Row> {
    let mut rows = vec![row(
        "the transfer coding CHUNKED",
        headed("transfer-encoding: CHUNKED", CHUNKS),
        Wanted::Answer,
    )];
    for (coding, body) in [
        ("chunked, gzip", CHUNKS),
        ("gzip, chunked", CHUNKS),
        ("gzip", BODY),
        ("identity", BODY),
        ("xchunked", BODY),
        ("chunked, chunked", CHUNKS),
        ("chunked\r\ntransfer-encoding: chunked", CHUNKS),
        ("identity\r\ncontent-length: 12", BODY),
    ] {
        let header = format!("transfer-encoding: {coding}");
        let cut = body.get(..8).unwrap_or_default();
        for (what, body) in [("", body), (", cut", cut)] {
            let what = format!("the transfer coding {coding:?}{what}");
            rows.push(row(what, headed(&header, body), Wanted::Framing));
        }
    }
    rows
}
