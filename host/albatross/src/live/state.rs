//! What health endpoints know of the controller.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// A loop that has not turned for this long is stuck: twice the longest `--interval`, in which nothing happens. While AWS
/// throttles a pass may take longer, but then calls go on, and each counts as a turn: whoever was restarted would read
/// everything again, and be throttled more.
const STUCK: Duration = Duration::from_secs(30 * 60);

/// What the loop tells of itself.
pub struct State {
    inner: Mutex<Inner>,
}

struct Inner {
    turned: Instant,
    unready: Option<String>,
}

impl State {
    /// A controller that has just started and is not ready.
    pub fn starting() -> State {
        let unready = Some("the watches have not synced yet".to_owned());
        State { inner: Mutex::new(Inner { turned: Instant::now(), unready }) }
    }

    /// The loop turns.
    pub fn turn(&self) {
        self.with(|inner| inner.turned = Instant::now());
    }

    /// Whether work can be done, and if not, why.
    pub fn set_ready(&self, unready: Option<String>) {
        self.with(|inner| inner.unready = unready);
    }

    /// Whether the loop turns.
    ///
    /// # Errors
    /// In words, since when it does not.
    pub fn alive(&self) -> Result<(), String> {
        let idle = self.with(|inner| inner.turned.elapsed());
        if idle < STUCK {
            Ok(())
        } else {
            Err(format!("neither a pass nor a call to AWS has ended for {} s", idle.as_secs()))
        }
    }

    /// Whether the cluster is known, and AWS has answered once.
    ///
    /// # Errors
    /// In words, what is not.
    pub fn ready(&self) -> Result<(), String> {
        self.with(|inner| inner.unready.clone()).map_or(Ok(()), Err)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        // Nobody panics while holding it; should it happen all the same, what is in there is still whole.
        look(&mut self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
