//! The first connection broken where it is dialled, which the sandbox can't.

use std::future::pending;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use payment_credentials::hyper::{Dialer, Socket, TcpDialer};

use super::table::Dial;

#[derive(Debug)]
pub(super) struct FirstDial {
    broken: Dial,
    is_over: AtomicBool,
}

impl FirstDial {
    pub(super) fn new(broken: Dial) -> Self {
        let is_over = AtomicBool::new(false);
        Self { broken, is_over }
    }
}

#[async_trait]
impl Dialer for FirstDial {
    async fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn Socket>> {
        if self.is_over.swap(true, Ordering::SeqCst) {
            return TcpDialer::default().dial(host, port).await;
        }
        match self.broken {
            Dial::Fails(kind) => Err(kind.into()),
            Dial::Refused => {
                let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                TcpDialer::default().dial("127.0.0.1", port).await
            }
            Dial::Silent => pending().await,
        }
    }
}
