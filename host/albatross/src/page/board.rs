//! Where passes are put up for the page.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Page, Past, Shown};

/// What is shown at the moment. Whoever answers a request has it for as long as the answer takes, and holds nobody up.
#[derive(Default)]
pub struct Board(Mutex<Arc<Page>>);

impl Board {
    /// Puts up a pass.
    pub fn show(&self, shown: Shown, past: Past) {
        let mut history = self.page().history.clone();
        history.add(past);
        self.set(Page { shown: Some(Arc::new(shown)), history });
    }

    /// There is no pass to show for now. The history stays.
    pub fn clear(&self) {
        let history = self.page().history.clone();
        self.set(Page { shown: None, history });
    }

    /// What is shown.
    pub fn page(&self) -> Arc<Page> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, page: Page) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(page);
    }
}
