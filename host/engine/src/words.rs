//! Text from a guest that people read: names of functions, refusals.

use crate::check::REASON_LENGTH;

/// A text with at most the length of a reason, without control characters.
pub(crate) fn printable(text: &str) -> String {
    text.replace(char::is_control, " ").trim().chars().take(REASON_LENGTH).collect()
}

/// As [`printable`], for a name or a version.
pub(crate) fn printable_name(text: &str) -> String {
    printable(text).chars().take(NAME_LENGTH).collect()
}

/// The longest name or version, in characters.
const NAME_LENGTH: usize = 64;
