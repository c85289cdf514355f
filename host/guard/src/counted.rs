//! What budgets count.

/// Something that changes and that nobody allowed.
pub(crate) struct Counted {
    /// The action that changes it, if one does.
    pub(crate) action: Option<usize>,
    /// What a person would allow it by.
    pub(crate) id: String,
}
