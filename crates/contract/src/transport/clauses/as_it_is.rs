use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use payment_credentials_core::{ConnectTo, Delivery, TransportError};

use crate::report::Clause;
use crate::transport::bench::{Bench, answer, body, good, listening, outgoing, request};
use crate::transport::peer::{Heard, Play, Reply};
use crate::transport::{Scenario, Stage};

/// `hello` as gzip spells it: a transport that knows the coding would like to undo it.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00";

/// What HTTP itself needs, and a transport therefore adds (RFC 9112 §3.2, §6.2, §9.6).
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
    for request in requests() {
        let Some(bench) = Bench::set(stage, Scenario::Connected, Play::answers(good), clause).await
        else {
            return;
        };
        let request = request(&bench);
        let what = format!("{} {}", request.method(), request.uri().path());
        let sent = bench.send_this(outgoing(copy(&request))).await;
        let heard = bench.peer.heard();
        // Some libraries can't spell every path. Refusing one is honest; changing it isn't.
        let not_sent = |error: &TransportError| error.delivery() == Delivery::NotSent;
        let is_odd = request.method() == Method::PUT;
        if is_odd && sent.error().is_some_and(not_sent) && heard.is_empty() {
            continue;
        }
        clause.holds(sent.is(201, body(0).as_bytes()), || {
            format!("{what}: {sent}")
        });
        clause.holds(heard.len() == 1, || {
            format!("{what}: it arrived {} times", heard.len())
        });
        for heard in &heard {
            let changes = changes(&request, heard);
            clause.holds(changes.is_empty(), || {
                format!("{what}: {} changed", changes.join(", "))
            });
        }
    }
}

/// Requests in which there is something to get wrong.
fn requests() -> [fn(&Bench) -> Request<Bytes>; 3] {
    [
        |bench| bench.request(),
        |bench| {
            let mut all_bytes = bench.request();
            *all_bytes.body_mut() = (0..=u8::MAX).cycle().take(70_000).collect();
            let name = HeaderName::from_static("v-c-client-id");
            for value in ["twice, one", "\"twice\";two=  2"] {
                let value = HeaderValue::from_static(value);
                all_bytes.headers_mut().append(&name, value);
            }
            all_bytes
        },
        |bench| {
            let odd = "/a%2Fb//./c;d=e/?x=%20&x=+&y";
            let mut odd = request(&bench.peer, Method::PUT, odd);
            *odd.body_mut() = Bytes::new();
            odd
        },
    ]
}

fn copy(request: &Request<Bytes>) -> Request<Bytes> {
    let mut copy = Request::new(request.body().clone());
    request.method().clone_into(copy.method_mut());
    request.uri().clone_into(copy.uri_mut());
    request.headers().clone_into(copy.headers_mut());
    copy
}

/// What of a request isn't as it was sent.
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
    let sent = request.headers().iter();
    let sent = sent.map(|(name, value)| (name.as_str(), value.as_bytes()));
    let came = heard.headers.iter();
    let came = came.map(|(name, value)| (name.as_str(), value.as_bytes()));
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
        format!("a compressed body of {} bytes: {sent}", GZIP.len())
    });
    let Some(answer) = sent.answer() else { return };
    for (name, values) in [
        ("v-c-correlation-id", ["77"].as_slice()),
        ("content-encoding", &["gzip"]),
        ("set-cookie", &["a=1", "b=2"]),
    ] {
        let came: Vec<_> = answer.headers().get_all(name).iter().collect();
        clause.holds(came == values, || {
            format!("the answer's header {name} came as {came:?}")
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
            format!("a redirect {status}: {sent}, after {requests} requests")
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
            format!("a refusal: {sent}, after {requests} requests")
        });
    }
    // The first request is answered, and the connection kept. Whichever connection the second one
    // comes on, it is read and not answered.
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
                "a call, and one that isn't answered: {first}; {second}; after {requests} requests"
            )
        });
    }
}

/// The other address is dialled, and the URI's host is named; or the call is refused.
async fn the_other_address_is_dialled(stage: &dyn Stage, clause: &mut Clause) {
    let Some(named) = listening(Play::answers(good), clause) else {
        return;
    };
    let mut honoured = Vec::new();
    // A host that leads elsewhere, and one that leads nowhere. Both are loopback: a transport may
    // refuse plain HTTP for any other.
    for authority in [named.address().to_string(), "localhost:1".to_owned()] {
        let play = Play::answers(good);
        let Some(bench) = Bench::set(stage, Scenario::Connected, play, clause).await else {
            return;
        };
        let mut request = bench.request();
        let uri = format!("http://{authority}/");
        *request.uri_mut() = uri.parse().unwrap_or_default();
        let mut detour = outgoing(request);
        detour.connect_to = Some(ConnectTo::from(bench.peer.address()));
        let sent = bench.send_this(detour).await;
        let heard = bench.peer.heard();
        let host = heard.first().and_then(|heard| heard.header("host"));
        let is_honoured = sent.answer().is_some() && host == Some(&authority);
        let is_refused = sent.error().is_some() && heard.is_empty();
        clause.holds(is_honoured || is_refused, || {
            format!("`connect_to` for {authority}: {sent}, and the host {host:?} arrived")
        });
        honoured.push(is_honoured);
    }
    let strayed = named.connections();
    clause.holds(strayed == 0, || {
        "a call with `connect_to` dialled the URI's own address".to_owned()
    });
    clause.holds(
        honoured.windows(2).all(|two| two.first() == two.last()),
        || "`connect_to` is honoured, or refused, only for some hosts".to_owned(),
    );
}
