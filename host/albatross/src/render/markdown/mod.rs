//! Markdown for a comment on a pull request: what is important comes first, details are folded, and the whole comment has a
//! limited size. Text from outside, such as annotations, cannot become anything but text.

pub mod difference;
mod document;
mod escape;
pub mod plan;
pub mod what_if;

/// The most characters of a name or message that are shown.
const SHOWN: usize = 600;
