//! Requests for what the controller sees: each is answered with the bundle of the next pass.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// Those who wait for the bundle of the next pass.
#[derive(Default)]
pub struct SnapshotRequests(Mutex<Vec<oneshot::Sender<Arc<Vec<u8>>>>>);

impl SnapshotRequests {
    /// Waits for the bundle of the next pass. An error: this replica no longer leads.
    pub fn next(&self) -> oneshot::Receiver<Arc<Vec<u8>>> {
        let (sender, receiver) = oneshot::channel();
        self.with(|waiting| {
            // Those who have gone would otherwise add up while there are no passes.
            waiting.retain(|other| !other.is_closed());
            waiting.push(sender);
        });
        receiver
    }

    /// Whether anybody waits.
    pub fn are_there(&self) -> bool {
        self.with(|waiting| waiting.iter().any(|sender| !sender.is_closed()))
    }

    /// Gives all who wait the bundle of a pass.
    pub fn answer(&self, bundle: Vec<u8>) {
        let bundle = Arc::new(bundle);
        for sender in self.with(std::mem::take) {
            // Whoever has gone gets nothing.
            let _ = sender.send(Arc::clone(&bundle));
        }
    }

    /// There will be no pass for now.
    pub fn turn_away(&self) {
        self.with(Vec::clear);
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<oneshot::Sender<Arc<Vec<u8>>>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
