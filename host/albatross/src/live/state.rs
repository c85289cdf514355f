//! The state of the controller as the health endpoints report it.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// A loop without a sign of life for this long is stuck: twice the longest `--interval`, during which nothing happens.
/// While AWS throttles, a pass may take longer, but calls go on, and each call counts as a sign of life: a restarted
/// controller would read everything again, and be throttled more.
const STUCK: Duration = Duration::from_secs(30 * 60);

/// What the loop reports about itself.
pub struct State {
    inner: Mutex<Inner>,
}

struct Inner {
    turned: Instant,
    unready: Option<String>,
    plans: bool,
}

impl State {
    /// A controller that has just started and is not ready.
    pub fn starting() -> State {
        let unready = Some("the watches have not synced yet".to_owned());
        State { inner: Mutex::new(Inner { turned: Instant::now(), unready, plans: false }) }
    }

    /// Notes a sign of life.
    pub fn turn(&self) {
        self.with(|inner| inner.turned = Instant::now());
    }

    /// Sets whether the controller is ready; `Some` says why it is not.
    pub fn set_ready(&self, unready: Option<String>) {
        self.with(|inner| inner.unready = unready);
    }

    /// Sets whether this replica makes plans.
    pub fn set_planning(&self, plans: bool) {
        self.with(|inner| inner.plans = plans);
    }

    /// Whether this replica makes plans: it leads, or it only reads.
    pub fn plans(&self) -> bool {
        self.with(|inner| inner.plans)
    }

    /// Whether the loop has given a sign of life recently.
    ///
    /// # Errors
    /// In words, how long ago the last sign of life was.
    pub fn alive(&self) -> Result<(), String> {
        let idle = self.with(|inner| inner.turned.elapsed());
        if idle < STUCK {
            Ok(())
        } else {
            Err(format!("no pass and no call to AWS has ended for {} s", idle.as_secs()))
        }
    }

    /// Whether the watches have synced and AWS has answered once.
    ///
    /// # Errors
    /// In words, what is missing.
    pub fn ready(&self) -> Result<(), String> {
        self.with(|inner| inner.unready.clone()).map_or(Ok(()), Err)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        // No code panics while it holds the lock; even then, the content would still be consistent.
        look(&mut self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
