//! What a configuration was used for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether connections were configured, whether a port was built, and whether its limits were asked for. A clone
/// shares all of this.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    connections: AtomicBool,
    port: AtomicBool,
    limits: AtomicBool,
}

impl Uses {
    pub(crate) fn connect(&self) {
        self.0.connections.store(true, Ordering::Relaxed);
    }

    pub(crate) fn build_port(&self) {
        self.0.port.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_limits(&self) {
        self.0.limits.store(true, Ordering::Relaxed);
    }

    /// Whether connections were configured: by a port or by merchants, and not by keys for a transport of another crate.
    pub(crate) fn connects(&self) -> bool {
        self.0.connections.load(Ordering::Relaxed)
    }

    /// Whether a port was built, and nobody has asked for its limits.
    pub(crate) fn built_port_alone(&self) -> bool {
        self.0.port.load(Ordering::Relaxed) && !self.0.limits.load(Ordering::Relaxed)
    }
}
