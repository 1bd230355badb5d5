use std::net::SocketAddr;
use std::time::Duration;
use std::{fmt, io};

use async_trait::async_trait;
use payment_credentials_core::Host;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::lookup::addresses;
use crate::socket::Socket;

/// Makes connections: name lookup and TCP, or anything that carries bytes.
///
/// For tests over an in-memory pipe, and for networks where TCP isn't the way out. TLS, if the
/// endpoint has it, runs on top.
#[async_trait]
pub trait Dialer: fmt::Debug + Send + Sync {
    /// Connects. The transport bounds the time.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where there is no connection; it ends up in an error's source chain.
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>>;
}

/// How long an address has the field to itself before the next one is tried as well: RFC 8305 §5
/// recommends a quarter of a second, and hyper-util and Go have this.
const HEAD_START: Duration = Duration::from_millis(300);

/// Dials by TCP: looks the name up, and tries its addresses one after another, IPv6 and IPv4 in
/// turn, none of them waiting long for the one before (RFC 8305).
///
/// Names are looked up for each connection anew, so connections follow a name that moves. The system's
/// resolver has a few threads of its own for that, and looks a name up once at a time: calls that dial
/// it meanwhile share the result, and each gives up at its own limit. `localhost` is `127.0.0.1` and `::1`,
/// whatever a resolver says (RFC 6761 §6.3).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TcpDialer;

#[async_trait]
impl Dialer for TcpDialer {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let addresses = match host.addresses(port) {
            Some(addresses) => addresses,
            None => looked_up(host, port).await?,
        };
        let stream = first(in_turn(addresses), TcpStream::connect).await?;
        // A request is one small write; waiting to fill a segment only costs time.
        stream.set_nodelay(true)?;
        Ok(Box::new(stream))
    }
}

async fn looked_up(host: &Host, port: u16) -> io::Result<Vec<SocketAddr>> {
    let mut found = addresses(&host.to_string()).await?;
    for address in &mut found {
        address.set_port(port);
    }
    Ok(found)
}

/// The addresses of both families in turn, beginning with the family that the system prefers.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let prefers_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == prefers_v6);
    let mut other = other.into_iter();
    let mut turns = Vec::new();
    for address in preferred {
        turns.push(address);
        turns.extend(other.next());
    }
    turns.extend(other);
    turns
}

/// The first connection to be made; the attempts that lose are dropped.
async fn first<Stream, Attempt>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> Attempt,
) -> io::Result<Stream>
where
    Stream: Send + 'static,
    Attempt: Future<Output = io::Result<Stream>> + Send + 'static,
{
    let mut waiting = addresses.into_iter();
    let mut attempts = JoinSet::new();
    let mut failed = Failed::default();
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(connect(address));
        }
        let ended = tokio::select! {
            biased;
            ended = attempts.join_next() => ended,
            () = sleep(HEAD_START), if waiting.len() > 0 => continue,
        };
        match ended {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => failed.note(error),
            Some(Err(panicked)) => failed.note(panicked.into()),
            None => return Err(failed.into()),
        }
    }
}

/// No address of a name could be connected to.
#[derive(Debug, Default, thiserror::Error)]
#[error("no address of {tried} could be connected to")]
struct Failed {
    tried: usize,
    /// The preferred address is the one whose failure says most.
    #[source]
    first: Option<io::Error>,
}

impl Failed {
    fn note(&mut self, error: io::Error) {
        self.tried = self.tried.saturating_add(1);
        self.first.get_or_insert(error);
    }
}

impl From<Failed> for io::Error {
    fn from(failed: Failed) -> Self {
        let kind = failed.first.as_ref().map(Self::kind);
        Self::new(kind.unwrap_or(io::ErrorKind::NotFound), failed)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::{Arc, Mutex};

    use tokio::time::Instant;

    use super::*;

    /// What becomes of an attempt, by the port of its address.
    async fn attempt(address: SocketAddr) -> io::Result<u16> {
        match address.port() {
            1 => Err(io::ErrorKind::ConnectionRefused.into()),
            2 => pending().await,
            port => Ok(port),
        }
    }

    async fn dial(ports: &[u16]) -> (io::Result<u16>, Duration) {
        let start = Instant::now();
        let addresses = ports.iter().map(|port| ([192, 0, 2, 1], *port).into());
        let stream = first(addresses.collect(), attempt).await;
        (stream, start.elapsed())
    }

    /// Row D9: the first address refuses.
    #[tokio::test(start_paused = true)]
    async fn an_address_that_refuses_is_followed_by_the_next_at_once() {
        let (stream, took) = dial(&[1, 1, 443]).await;
        assert_eq!((stream.expect("connected"), took), (443, Duration::ZERO));
    }

    /// Rows D9 and E16: the first address is silent.
    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_silent_has_a_short_head_start() {
        let (stream, took) = dial(&[2, 443]).await;
        let head_start = Duration::from_millis(300);
        assert_eq!((stream.expect("connected"), took), (443, head_start));
        let (stream, took) = dial(&[2, 2, 1, 443]).await;
        assert_eq!((stream.expect("connected"), took), (443, head_start * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_late_may_still_win() {
        let addresses = vec![([192, 0, 2, 1], 1).into(), ([192, 0, 2, 2], 2).into()];
        let slow = |address: SocketAddr| async move {
            sleep(HEAD_START * u32::from(address.port())).await;
            Ok(address.port())
        };
        let stream = first(addresses, slow).await;
        assert_eq!(stream.expect("connected"), 1);
    }

    /// Rows D8 and D9: all addresses refuse, or there is none.
    #[tokio::test(start_paused = true)]
    async fn addresses_that_all_refuse_are_counted() {
        let (stream, _) = dial(&[1, 1, 1]).await;
        let error = stream.expect_err("refused");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(error.to_string(), "no address of 3 could be connected to");
        let (stream, _) = dial(&[]).await;
        assert_eq!(
            stream.expect_err("no address").kind(),
            io::ErrorKind::NotFound
        );
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_that_lose_are_dropped() {
        let alive = Arc::new(Mutex::new(()));
        let held = Arc::clone(&alive);
        let addresses = vec![([192, 0, 2, 1], 2).into(), ([192, 0, 2, 1], 443).into()];
        let stream = first(addresses, move |address| {
            let held = Arc::clone(&held);
            async move {
                let stream = attempt(address).await;
                drop(held);
                stream
            }
        });
        stream.await.expect("connected");
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    /// Row D9: where one family is broken, the other is next.
    #[test]
    fn families_take_turns() {
        let v4 = |last| SocketAddr::from(([192, 0, 2, last], 443));
        let v6 = |last| SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, last], 443));
        let turns = in_turn(vec![v6(1), v6(2), v6(3), v4(1)]);
        assert_eq!(turns, [v6(1), v4(1), v6(2), v6(3)]);
        let turns = in_turn(vec![v4(1), v6(1), v6(2)]);
        assert_eq!(turns, [v4(1), v6(1), v6(2)]);
    }
}
