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

/// Makes the connections of a transport: by name look-up and TCP, or in any other way.
///
/// Implement this for tests over an in-memory pipe, or for a network where TCP isn't available. If the
/// endpoint has TLS, the transport runs TLS over the dialer's connection.
#[async_trait]
pub trait Dialer: fmt::Debug + Send + Sync {
    /// Connects to a host and port. The transport limits the time that this may take.
    ///
    /// # Errors
    ///
    /// [`io::Error`] if no connection could be made. It becomes a cause of the call's error.
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>>;
}

/// How long only one address is tried before the next one is tried in parallel. RFC 8305 §5 recommends a
/// quarter of a second; this value is that of hyper-util and Go.
const HEAD_START: Duration = Duration::from_millis(300);

/// Connects by TCP to the addresses of a name (Happy Eyeballs, RFC 8305).
///
/// Addresses are tried one after another, IPv6 and IPv4 alternately. If an address doesn't respond, the
/// next one is tried in parallel after a short time.
///
/// Names are looked up anew for each connection, so connections follow a name whose addresses change. The
/// system's resolver runs on a few threads for look-ups alone. Each name has one look-up at a time: calls
/// that need the same name share its result, and each call gives up at its own limit. `localhost` is always
/// `127.0.0.1` and `::1`, whatever a resolver returns (RFC 6761 §6.3).
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
        // A request is one small write, so waiting for a full TCP segment would only delay it.
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

/// Alternates the addresses of both families, beginning with the family that the system prefers.
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

/// Returns the first connection that is made, and drops the other attempts.
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

/// None of a host's addresses could be connected to.
#[derive(Debug, Default, thiserror::Error)]
#[error("none of the host's {tried} addresses could be connected to")]
struct Failed {
    tried: usize,
    /// The first error, which is the most useful one: the preferred address is tried first.
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

    /// An attempt to connect, whose outcome depends on the port of its address.
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

    /// Row D9: the first address refuses the connection.
    #[tokio::test(start_paused = true)]
    async fn an_address_that_refuses_is_followed_by_the_next_at_once() {
        let (stream, took) = dial(&[1, 1, 443]).await;
        assert_eq!((stream.expect("connected"), took), (443, Duration::ZERO));
    }

    /// Rows D9 and E16: the first address does not respond.
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

    /// Rows D8 and D9: all addresses refuse the connection, or there is no address.
    #[tokio::test(start_paused = true)]
    async fn addresses_that_all_refuse_are_counted() {
        let (stream, _) = dial(&[1, 1, 1]).await;
        let error = stream.expect_err("refused");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(
            error.to_string(),
            "none of the host's 3 addresses could be connected to"
        );
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

    /// Row D9: if one address family is broken, the next attempt uses the other family.
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
