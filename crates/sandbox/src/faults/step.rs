use tokio::time::Duration;

/// One action on a connection.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Step {
    Close,
    /// Spoils the next TLS record.
    FlipRecord(u64),
    Hang,
    Pause(Duration),
    Reset,
    Write(Vec<u8>),
}
