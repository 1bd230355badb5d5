//! A user's own ports that hold two ports, with and without a record of the call.

use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort, PortError, SealedCredentials,
};

use super::Port;

type Answer = Result<SealedCredentials, PortError>;

#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Single,
    Failover,
    PassingFailover,
    FanOut,
    PassingFanOut,
}

impl Shape {
    pub(super) fn over(self, ports: [Port; 2]) -> Port {
        match self {
            Self::Single => {
                let [port, _unused] = ports;
                port
            }
            Self::Failover => Arc::new(Failover(ports)),
            Self::PassingFailover => Arc::new(PassingFailover(ports)),
            Self::FanOut => Arc::new(FanOut(ports)),
            Self::PassingFanOut => Arc::new(PassingFanOut(ports)),
        }
    }

    /// Whether the record of a call reaches the inner ports.
    pub(super) fn passes_on(self) -> bool {
        !matches!(self, Self::Failover | Self::FanOut)
    }
}

/// Calls both, one after the other.
async fn in_turn(
    first: impl Future<Output = Answer>,
    second: impl Future<Output = Answer>,
) -> Answer {
    match first.await {
        Ok(sealed) => Ok(sealed),
        Err(earlier) => second.await.map_err(|later| later.after(earlier)),
    }
}

/// Calls both at once; the first success wins, and the other call is dropped.
async fn at_once(one: impl Future<Output = Answer>, other: impl Future<Output = Answer>) -> Answer {
    let (mut one, mut other) = (pin!(one), pin!(other));
    tokio::select! {
        biased;
        ended = &mut one => match ended {
            Ok(sealed) => Ok(sealed),
            Err(earlier) => other.await.map_err(|later| later.after(earlier)),
        },
        ended = &mut other => match ended {
            Ok(sealed) => Ok(sealed),
            Err(earlier) => one.await.map_err(|later| later.after(earlier)),
        },
    }
}

#[derive(Debug)]
struct Failover([Port; 2]);

#[async_trait]
impl PaymentCredentialsPort for Failover {
    async fn generate(&self, request: &CredentialsRequest) -> Answer {
        let [one, other] = &self.0;
        in_turn(one.generate(request), other.generate(request)).await
    }
}

#[derive(Debug)]
struct FanOut([Port; 2]);

#[async_trait]
impl PaymentCredentialsPort for FanOut {
    async fn generate(&self, request: &CredentialsRequest) -> Answer {
        let [one, other] = &self.0;
        at_once(one.generate(request), other.generate(request)).await
    }
}

#[derive(Debug)]
struct PassingFailover([Port; 2]);

#[async_trait]
impl PaymentCredentialsPort for PassingFailover {
    async fn generate(&self, request: &CredentialsRequest) -> Answer {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(&self, request: &CredentialsRequest, progress: &Progress) -> Answer {
        let [one, other] = &self.0;
        let one = one.generate_with(request, progress);
        in_turn(one, other.generate_with(request, progress)).await
    }
}

#[derive(Debug)]
struct PassingFanOut([Port; 2]);

#[async_trait]
impl PaymentCredentialsPort for PassingFanOut {
    async fn generate(&self, request: &CredentialsRequest) -> Answer {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(&self, request: &CredentialsRequest, progress: &Progress) -> Answer {
        let [one, other] = &self.0;
        let one = one.generate_with(request, progress);
        at_once(one, other.generate_with(request, progress)).await
    }
}
