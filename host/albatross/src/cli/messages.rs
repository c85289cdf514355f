//! Messages on standard error that all commands share, about input that cannot be used.

use albatross_contract::IncompletePart;
use albatross_engine::PolicyFailed;
use albatross_manifests::Problem;

use super::{Verdict, console::Console};
use crate::render::message::{Message, messages};

/// Prints remarks on the input, which do not change the exit code.
pub fn remark(remarks: &[String], console: &mut Console) {
    for remark in remarks {
        console.warning(remark);
    }
}

/// Prints [`messages`]. Each of them makes the exit code 1: output that rests on an incomplete view must not pass for a complete
/// one.
pub fn report(
    problems: &[Problem],
    unread: &[IncompletePart],
    failures: &[PolicyFailed],
    console: &mut Console,
) -> Verdict {
    let messages = messages(problems, unread, failures);
    for message in &messages {
        match message {
            Message::Error(message) => console.error(message),
            Message::Warning(message) => console.warning(message),
        }
    }
    if messages.is_empty() { Verdict::Fine } else { Verdict::Problems }
}
