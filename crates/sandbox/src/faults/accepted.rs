//! A new connection, up to its handshake.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::ledger::Faults;
use super::player::{Player, Wire as _};
use super::rule::{Fault, FaultPhase, FaultRule};
use super::script::Script;
use super::turn::Turn;

/// A connection that was accepted, with the rule that breaks it.
pub(crate) struct Accepted {
    socket: TcpStream,
    rule: Option<FaultRule>,
    pub(crate) turn: Turn,
}

/// The host whose certificate the server presents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Identity {
    Elsewhere,
    Own,
}

impl Accepted {
    /// Takes over a connection; `connection` is its number, counted from 1.
    pub(crate) fn new(faults: &Faults, socket: TcpStream, connection: u64) -> Self {
        Self {
            socket,
            rule: faults.connection(connection),
            turn: Turn::new(faults.clone(), connection),
        }
    }

    /// Applies a fault that precedes the handshake, and prepares one that breaks it.
    ///
    /// Returns `None` if the fault has ended the connection.
    pub(crate) async fn connect(self) -> Option<(Player<TcpStream>, Identity)> {
        let Self { socket, rule, .. } = self;
        let Some(FaultRule {
            phase, fault, seed, ..
        }) = rule
        else {
            return Some((Player::new(socket), Identity::Own));
        };
        if phase == FaultPhase::Connect {
            let socket = before_the_handshake(socket, fault).await?;
            return Some((Player::new(socket), Identity::Own));
        }
        let mut player = Player::new(socket);
        if fault == Fault::WrongIdentity {
            return Some((player, Identity::Elsewhere));
        }
        player.arm(vec![Script::Handshake { fault, seed }]);
        Some((player, Identity::Own))
    }
}

async fn before_the_handshake(mut socket: TcpStream, fault: Fault) -> Option<TcpStream> {
    if let Fault::Delay(time) = fault {
        sleep(time).await;
        return Some(socket);
    }
    if fault == Fault::Reset {
        socket.reset();
        return None;
    }
    if fault == Fault::Close {
        // If this fails, the peer has closed already.
        let _ = socket.shutdown().await;
    }
    // Dropping a socket with unread bytes in it sends RST, so those bytes are read first.
    gone(&mut socket).await;
    None
}

/// Reads and discards until the peer closes.
async fn gone(socket: &mut (impl AsyncRead + Unpin)) {
    let mut unread = [0; 1024];
    while socket
        .read(&mut unread)
        .await
        .is_ok_and(|length| length > 0)
    {}
}
