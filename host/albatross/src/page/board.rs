//! Where passes are put up for the page.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use albatross_contract::Timestamp;

use super::{Page, Past, Shown, Trouble};

/// What is shown at the moment. Whoever answers a request has it for as long as the answer takes, and holds nobody up.
#[derive(Default)]
pub struct Board(Mutex<Arc<Page>>);

impl Board {
    /// Puts up a pass, with what it came to.
    pub fn show(&self, shown: Shown, past: Past) {
        let page = self.page();
        let mut history = page.history.clone();
        let has_actions = !shown.plan.actions.is_empty();
        history.add(past);
        let shown = Arc::new(shown);
        let changing = if has_actions { Some(Arc::clone(&shown)) } else { page.changing.clone() };
        self.set(Page { shown: Some(shown), changing, trouble: None, history });
    }

    /// There was no plan, for this reason: the pass before is shown, and that it is old.
    pub fn failed(&self, time: Timestamp, message: String) {
        let page = self.page();
        let mut history = page.history.clone();
        history.add(Past::failed(time, &message));
        let (shown, changing) = (page.shown.clone(), page.changing.clone());
        self.set(Page { shown, changing, trouble: Some(Trouble { time, message }), history });
    }

    /// This replica makes no plans for now. The history stays.
    pub fn clear(&self) {
        let history = self.page().history.clone();
        self.set(Page { shown: None, changing: None, trouble: None, history });
    }

    /// What is shown.
    pub fn page(&self) -> Arc<Page> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, page: Page) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *guard, Arc::new(page));
        drop(guard);
        // A large pass takes a while to be freed, and nobody waits for that.
        drop(old);
    }
}
