//! Parts of the view that are missing.

use crate::IncompletePart;

impl IncompletePart {
    /// Whether something is wrong, so that a person should look.
    pub fn is_fault(&self) -> bool {
        self.expected != Some(true)
    }
}
