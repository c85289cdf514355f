//! Words of a guest that people read: names of functions, refusals.

use crate::check::REASON_LENGTH;

/// A text that fits where reasons do, without what could move a cursor.
pub(crate) fn printable(text: &str) -> String {
    text.replace(char::is_control, " ").trim().chars().take(REASON_LENGTH).collect()
}
