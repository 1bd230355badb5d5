use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;

use crate::report::Clause;
use crate::transport::bench::{self, Bench, answer, good, listening};
use crate::transport::call::Ask;
use crate::transport::peer::{Heard, Play, Reply};
use crate::transport::{Scenario, Stage};

/// `hello`, encoded with gzip: a transport that knows the coding might decode it.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00";

/// The headers that HTTP itself needs, so that a transport adds them (RFC 9112 §3.2, §6.2, §9.6).
const HTTP_NEEDS: [&str; 3] = ["connection", "content-length", "host"];

pub(crate) async fn as_it_is(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("as it is");
    requests_arrive_unchanged(stage, &mut clause).await;
    answers_arrive_unchanged(stage, &mut clause).await;
    redirects_are_not_followed(stage, &mut clause).await;
    nothing_is_retried(stage, &mut clause).await;
    the_other_address_is_dialled(stage, &mut clause).await;
    clause
}

async fn requests_arrive_unchanged(stage: &dyn Stage, clause: &mut Clause) {
    let all_bytes: Bytes = (0..=u8::MAX).cycle().take(70_000).collect();
    for body in [None, Some(all_bytes)] {
        let Some(bench) = Bench::set(stage, Scenario::Connected, Play::answers(good), clause).await
        else {
            return;
        };
        let what = body.as_ref().map_or(0, Bytes::len);
        let what = format!("a request (with a body of {what} bytes, or the usual body if 0)");
        let call = bench.call(Ask { body, named: None });
        let sent = bench.make(&call).await;
        let heard = bench.peer.heard();
        clause.holds(sent.is(201, bench::body(0).as_bytes()), || {
            format!("{what}: {sent}; expected its response")
        });
        clause.holds(heard.len() == 1, || {
            format!("{what} must arrive once, but arrived {} times", heard.len())
        });
        let Some(request) = call.request() else {
            return;
        };
        for heard in &heard {
            let changes = changes(&request, heard);
            clause.holds(changes.is_empty(), || {
                format!(
                    "{what} must arrive unchanged, but changed: {}",
                    changes.join(", ")
                )
            });
        }
    }
}

/// The parts of a request that arrived changed.
fn changes(request: &Request<Bytes>, heard: &Heard) -> Vec<String> {
    let mut changes = Vec::new();
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let line = format!("{} {path} HTTP/1.1", request.method());
    if heard.line != line {
        changes.push(format!("the request line (to {:?})", heard.line));
    }
    let authority = uri.authority().map(http::uri::Authority::as_str);
    if heard.header("host") != authority {
        changes.push(format!("the host (to {:?})", heard.header("host")));
    }
    if heard.body != **request.body() {
        changes.push(format!("the body (to {} bytes)", heard.body.len()));
    }
    let sent = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let came = heard
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let (sent, came): (BTreeSet<_>, BTreeSet<_>) = (sent.collect(), came.collect());
    for (name, _) in sent.symmetric_difference(&came) {
        if !HTTP_NEEDS.contains(name) {
            changes.push(format!("the header {name}"));
        }
    }
    changes
}

async fn answers_arrive_unchanged(stage: &dyn Stage, clause: &mut Clause) {
    let play = Play::answers(|_| {
        let length = GZIP.len();
        let head = format!(
            "HTTP/1.1 201 Created\r\nv-c-correlation-id: 77\r\ncontent-encoding: gzip\r\n\
             set-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: {length}\r\n\r\n"
        );
        Reply::new([head.as_bytes(), GZIP].concat())
    });
    let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
        return;
    };
    let sent = bench.send().await;
    clause.holds(sent.is(201, GZIP), || {
        format!(
            "a compressed body of {} bytes must stay compressed: {sent}",
            GZIP.len()
        )
    });
    let Some(response) = sent.answer() else {
        return;
    };
    for (name, values) in [
        ("v-c-correlation-id", ["77"].as_slice()),
        ("content-encoding", &["gzip"]),
        ("set-cookie", &["a=1", "b=2"]),
    ] {
        let came: Vec<_> = response.headers().get_all(name).iter().collect();
        clause.holds(came == values, || {
            format!("the response's header {name} must be {values:?}, but came as {came:?}")
        });
    }
}

async fn redirects_are_not_followed(stage: &dyn Stage, clause: &mut Clause) {
    for status in [301, 302, 303, 307, 308] {
        let play = Play::answers(move |_| {
            let status = format!("{status} Elsewhere");
            Reply::new(answer(&status, "location: /elsewhere\r\n", ""))
        });
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let sent = bench.send().await;
        let requests = bench.peer.heard().len();
        clause.holds(sent.is(status, b"") && requests == 1, || {
            format!(
                "a redirect {status} must be returned: {sent}; expected 1 request, got {requests}"
            )
        });
    }
}

async fn nothing_is_retried(stage: &dyn Stage, clause: &mut Clause) {
    let unavailable = |_| Reply::new(answer("503 Later", "retry-after: 0\r\n", ""));
    let play = Play::answers(unavailable);
    if let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await {
        let sent = bench.send().await;
        let requests = bench.peer.heard().len();
        clause.holds(sent.is(503, b"") && requests == 1, || {
            format!("a refusal must be returned: {sent}; expected 1 request, got {requests}")
        });
    }
    // The peer responds to the first request and keeps the connection. It reads the second request, on
    // whichever connection that comes, and doesn't respond.
    let play = Play::answers(|request| match request {
        0 => good(request),
        _ => Reply::new("").closing(),
    });
    if let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await {
        let first = bench.send().await;
        let second = bench.send().await;
        let requests = bench.peer.heard().len();
        clause.holds(second.error().is_some() && requests == 2, || {
            format!(
                "a call with a response: {first}; then a call without one, which must fail: {second}; \
                 expected 2 requests, got {requests}"
            )
        });
    }
}

/// Tests that a transport dials the other address and names the URI's host, or refuses the call.
async fn the_other_address_is_dialled(stage: &dyn Stage, clause: &mut Clause) {
    let Some(named) = listening(Play::answers(good), clause) else {
        return;
    };
    let mut honoured = Vec::new();
    // At the first address another peer listens, at the second one nobody. Both are loopback, because a
    // transport may refuse plain HTTP to any other address.
    for authority in [named.address().to_string(), "localhost:1".to_owned()] {
        let play = Play::answers(good);
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let sent = bench
            .ask(Ask {
                named: format!("http://{authority}").parse().ok(),
                body: None,
            })
            .await;
        let heard = bench.peer.heard();
        let host = heard.first().and_then(|heard| heard.header("host"));
        let is_honoured = sent.answer().is_some() && host == Some(&authority);
        let is_refused = sent.error().is_some() && heard.is_empty();
        clause.holds(is_honoured || is_refused, || {
            format!(
                "`connect_to` for {authority}: {sent}, and the host {host:?} arrived; \
                 expected a response and that host, or an error without a request"
            )
        });
        honoured.push(is_honoured);
    }
    let strayed = named.connections();
    clause.holds(strayed == 0, || {
        "a call with `connect_to` must not dial the URI's own address, but did".to_owned()
    });
    clause.holds(
        honoured.windows(2).all(|two| two.first() == two.last()),
        || "`connect_to` must be honoured for all hosts or refused for all".to_owned(),
    );
}
