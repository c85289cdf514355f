//! Text from a guest that people read: names of functions, refusals.

use crate::check::REASON_LENGTH;

/// A text with at most the length of a reason, without control characters.
pub(crate) fn printable(text: &str) -> String {
    text.replace(char::is_control, " ").trim().chars().take(REASON_LENGTH).collect()
}
