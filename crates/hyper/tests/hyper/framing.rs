//! What HTTP's grammar allows and forbids in a response, by row.

use std::time::Duration;

use payment_credentials_core::{
    Delivery, PortError, PortErrorKind, Repeatability, SealedCredentials, UnexpectedResponse,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::peer::{GOOD, Peer, read_request};

const BODY: &str = "eyJ9.a.b.c.d";

/// Returns the result of a call that receives this response.
async fn answered(answer: &str) -> Result<SealedCredentials, PortError> {
    Peer::answering(answer).call().await
}

/// What a call's error reports.
type Reported = (PortErrorKind, Delivery, Repeatability);

async fn refused(answer: &str) -> Reported {
    let shown: String = answer.chars().take(200).collect();
    let error = answered(answer).await.expect_err(&shown);
    (error.kind(), error.delivery(), error.repeatability())
}

/// A response that breaks HTTP's rules proves nothing, and the next one would break them again.
const BROKEN: Reported = (
    PortErrorKind::Framing,
    Delivery::Unknown,
    Repeatability::Never,
);

/// A response that breaks off may be complete the next time.
const CUT: Reported = (
    PortErrorKind::Framing,
    Delivery::Unknown,
    Repeatability::MayRepeat,
);

/// The error of a complete response that is not what was requested.
const fn unexpected(answer: UnexpectedResponse) -> Reported {
    (
        PortErrorKind::Unexpected(answer),
        Delivery::Answered,
        Repeatability::Never,
    )
}

/// Row C2: sixteen informational responses are skipped, and not one more.
#[tokio::test]
async fn c2_informational_responses_are_skipped_up_to_a_cap() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    ] {
        let few = interim.repeat(16) + GOOD;
        answered(&few).await.expect("credentials");
        for count in [17, 100_000] {
            let many = interim.repeat(count) + GOOD;
            assert_eq!(refused(&many).await, BROKEN);
        }
    }
}

/// Row C2: the limit applies to each call on its own, also when calls share a connection.
#[tokio::test]
async fn informational_responses_are_counted_for_each_call() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\n".repeat(10) + GOOD;
    let peer = Peer::new(move |_, mut stream| {
        let answer = answer.clone();
        async move {
            while read_request(&mut stream).await {
                let written = stream.write_all(answer.as_bytes()).await;
                written.expect("written");
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    for _ in 0..3 {
        crate::peer::call(&port).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 1);
}

/// Row C2: a flood of informational responses ends at the limit, whether or not a final response
/// would follow.
#[tokio::test(start_paused = true)]
async fn an_endless_flood_of_informational_responses_ends_at_once() {
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let interim = b"HTTP/1.1 102 Processing\r\n\r\n";
        while stream.write_all(interim).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let start = tokio::time::Instant::now();
    let error = peer.call().await.expect_err("a flood");
    assert_eq!(error.kind(), PortErrorKind::Framing);
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// Row C2: no call requests another protocol.
#[tokio::test]
async fn switching_protocols_is_no_response() {
    for answer in [
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        let answer = format!("{answer}{GOOD}");
        assert_eq!(refused(&answer).await, BROKEN);
    }
}

/// Row C3: success statuses that can't carry credentials, with and without a body.
#[tokio::test]
async fn c3_successes_without_content_are_unexpected() {
    for status in [204, 205, 206, 304] {
        for body in ["", BODY] {
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
            let expected = unexpected(UnexpectedResponse::Status);
            assert_eq!(refused(&answer).await, expected, "{status}");
        }
    }
}

/// Row C6: lengths that contradict each other or are invalid.
#[tokio::test]
async fn c6_a_length_is_a_number_and_one() {
    for lengths in [
        "-12",
        "+12",
        "12, 13",
        "0xc",
        "18446744073709551616",
        "12abc",
        "12 12",
        "",
        "12\r\ncontent-length: 13",
    ] {
        let answer = format!("HTTP/1.1 201 Created\r\ncontent-length: {lengths}\r\n\r\n{BODY}");
        assert_eq!(refused(&answer).await, BROKEN, "{lengths}");
    }
    for same in ["12, 12", "12\r\ncontent-length: 12"] {
        let answer = format!("HTTP/1.1 201 Created\r\ncontent-length: {same}\r\n\r\n{BODY}");
        answered(&answer).await.expect("the same length twice");
    }
    let long = format!("HTTP/1.1 201 Created\r\ncontent-length: 13\r\n\r\n{BODY}");
    assert_eq!(refused(&long).await, CUT);
}

/// Row C6: a length that is too short delivers only the part that it covers, which is no JWE or one
/// that can't be opened. No call reads the remaining bytes.
#[tokio::test]
async fn what_is_left_over_behind_a_short_length_is_not_read() {
    let answer = format!("HTTP/1.1 201 Created\r\ncontent-length: 7\r\n\r\n{BODY}");
    let token = (PortErrorKind::Jwe, Delivery::Answered, Repeatability::Never);
    assert_eq!(refused(&answer).await, token);
}

/// Row C7: a body with another transfer coding ends with its connection, so its completeness is
/// unknown.
#[tokio::test]
async fn c7_a_transfer_coding_is_chunked_or_none() {
    let chunks = "c\r\neyJ9.a.b.c.d\r\n0\r\n\r\n";
    for (coding, body) in [
        ("chunked, gzip", chunks),
        ("gzip, chunked", chunks),
        ("gzip", BODY),
        ("identity", BODY),
        ("xchunked", BODY),
        ("chunked, chunked", chunks),
        ("chunked\r\ntransfer-encoding: chunked", chunks),
        ("identity\r\ncontent-length: 12", BODY),
    ] {
        let answer = format!("HTTP/1.1 201 Created\r\ntransfer-encoding: {coding}\r\n\r\n{body}");
        assert_eq!(refused(&answer).await, BROKEN, "{coding}");
    }
    // HTTP/1.0 has no transfer codings (RFC 9112 §6.1).
    let old = format!("HTTP/1.0 201 Created\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
    assert_eq!(refused(&old).await, BROKEN);
    for coding in ["chunked", "CHUNKED", "chunked\r\ncontent-length: 3"] {
        let answer = format!("HTTP/1.1 201 Created\r\ntransfer-encoding: {coding}\r\n\r\n{chunks}");
        answered(&answer).await.expect("a body in chunks");
    }
}

/// Row C7: the body of a refusal may be unreadable, but its status still counts.
#[tokio::test]
async fn a_refusal_with_another_transfer_coding_is_a_refusal() {
    let answer = "HTTP/1.1 404 Not Found\r\ntransfer-encoding: gzip\r\n\r\n{}";
    assert_eq!(
        answered(answer).await.expect_err("refused").status(),
        Some(404)
    );
}

/// Row C8: chunks that are invalid or without limit.
#[tokio::test]
async fn c8_chunks_are_whole_and_bounded() {
    let too_large = unexpected(UnexpectedResponse::TooLarge);
    let extension = format!("c;{}\r\n{BODY}\r\n0\r\n\r\n", "x".repeat(1024 * 1024));
    let tiny = "1\r\na\r\n".repeat(300_000) + "0\r\n\r\n";
    let trailers = format!("c\r\n{BODY}\r\n0\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for (chunks, reported) in [
        ("10000000000000000\r\n", BROKEN),
        ("g\r\n", BROKEN),
        ("-1\r\na", BROKEN),
        ("\r\n", BROKEN),
        ("c\r\neyJ9.a.b.c.dX\r\n0\r\n\r\n", BROKEN),
        ("c\reyJ9.a.b.c.d", BROKEN),
        (&*extension, BROKEN),
        (&*trailers, BROKEN),
        (&*tiny, too_large),
    ] {
        let answer = format!("HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        let shown: String = chunks.chars().take(20).collect();
        assert_eq!(refused(&answer).await, reported, "{shown}");
    }
    let cut = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nc\r\neyJ9.a.b.c.d\r\n";
    assert_eq!(refused(cut).await, CUT);
}

/// Row C8: trailers are dropped, including a correlation id.
#[tokio::test]
async fn trailers_say_nothing() {
    let answer = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nc\r\neyJ9.a.b.c.d\r\n\
        0\r\nv-c-correlation-id: 77\r\ncontent-encoding: gzip\r\n\r\n";
    let sealed = answered(answer).await.expect("credentials");
    assert!(sealed.head().correlation_id().is_none());
}

/// Row C10: wherever a response is split in two, the result is the same.
#[tokio::test]
async fn a_response_in_two_parts_is_the_whole_response() {
    for split in 1..GOOD.len() {
        let peer = Peer::new(move |_, mut stream| async move {
            read_request(&mut stream).await;
            let (start, rest) = GOOD.as_bytes().split_at(split);
            for part in [start, rest] {
                stream.write_all(part).await.expect("written");
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
            }
        });
        let sealed = peer.call().await.expect("credentials");
        assert!(sealed.head().correlation_id().is_some(), "{split}");
    }
}

/// Row C11: heads that are too large or malformed.
#[tokio::test]
async fn c11_a_head_is_bounded_and_well_formed() {
    let end = format!("\r\ncontent-length: 12\r\n\r\n{BODY}");
    let field = |length| format!("x: {}", "x".repeat(length));
    let fields = |count: usize| "x: y\r\n".repeat(count) + "x: y";
    for head in [
        field(64 * 1024),
        field(100 * 1024),
        field(1024 * 1024),
        fields(99),
        fields(10_000),
        "x: a\r\n folded".to_owned(),
        "x: a\0b".to_owned(),
        "x: a\rb".to_owned(),
        "no colon".to_owned(),
        " blank: first".to_owned(),
        "blank : after".to_owned(),
        ": no name".to_owned(),
    ] {
        let answer = format!("HTTP/1.1 201 Created\r\n{head}{end}");
        let shown: String = head.chars().take(20).collect();
        assert_eq!(refused(&answer).await, BROKEN, "{shown}");
    }
    for head in [field(32 * 1024), fields(98)] {
        let answer = format!("HTTP/1.1 201 Created\r\n{head}{end}");
        answered(&answer).await.expect("credentials");
    }
}

/// Row C12: unusual and invalid status lines.
#[tokio::test]
async fn c12_a_status_line_is_http_1_and_three_digits() {
    let end = format!("content-length: 12\r\n\r\n{BODY}");
    let long = format!("HTTP/1.1 201 {}", "x".repeat(64 * 1024));
    for line in [
        "HTTP/1.1 0 Zero",
        "HTTP/1.1 000 Zero",
        "HTTP/1.1 99 Low",
        "HTTP/1.1 1000 Long",
        "HTTP/1.1 -1 Less",
        "HTTP/1.1 2O1 Letter",
        "HTTP/0.9 201 Created",
        "HTTP/2 201 Created",
        "HTTP/3.0 201 Created",
        "HTTP/1.1201 Created",
        "HTTP/1.1 201 Cre\u{1}ated",
        "ICY 201 Created",
        &*long,
    ] {
        let reported = refused(&format!("{line}\r\n{end}")).await;
        assert_eq!(reported, BROKEN, "{line:.30}");
    }
    for status in [600, 999] {
        let reported = refused(&format!("HTTP/1.1 {status} Odd\r\n{end}")).await;
        assert_eq!(reported, unexpected(UnexpectedResponse::Status));
    }
    for line in ["HTTP/1.0 201 Created", "HTTP/1.1 201", "HTTP/1.1 201 "] {
        let answer = format!("{line}\r\n{end}");
        answered(&answer).await.expect(line);
    }
}

/// Row C21: a body over the limit is not read to its end; the connection is closed.
#[tokio::test]
async fn a_body_over_the_cap_is_left_unread() {
    let (ended, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let peer = Peer::new(move |_, mut stream| {
        let ended = ended.clone();
        async move {
            read_request(&mut stream).await;
            let head = b"HTTP/1.1 201 Created\r\ncontent-length: 262145\r\n\r\n";
            stream.write_all(head).await.expect("written");
            // The peer has sent none of the body, and the client still closes the connection.
            let _ = stream.read_to_end(&mut Vec::new()).await;
            ended.send(()).expect("sent");
        }
    });
    let port = peer.builder().build().expect("a port");
    let error = crate::peer::call(&port).await.expect_err("too large");
    assert_eq!(
        (error.kind(), error.delivery(), error.repeatability()),
        unexpected(UnexpectedResponse::TooLarge)
    );
    ends.recv().await.expect("closed while the port lives");
}
