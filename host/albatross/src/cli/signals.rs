//! The signals by which people, terminals and the kubelet end a program.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end the program. `None`: no handler can be installed, and the system's default one ends the program.
pub struct Signals(Option<[Signal; 2]>);

impl Signals {
    /// Installs the handlers: from now on, these signals do not end the program by themselves.
    pub fn install() -> Signals {
        let installed = [signal(SignalKind::terminate()), signal(SignalKind::interrupt())];
        let [Ok(terminate), Ok(interrupt)] = installed else { return Signals(None) };
        Signals(Some([terminate, interrupt]))
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        let Some([terminate, interrupt]) = &mut self.0 else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
