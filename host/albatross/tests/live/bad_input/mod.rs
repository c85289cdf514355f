//! Errors in the environment of the program are named, with what to do; nothing is lost, and nothing is deleted.

mod account;
mod cluster;
mod denied;
mod files;

use crate::support::answer::Answer;

/// A command ended with a message in one line that has all of these parts.
#[track_caller]
fn assert_refused(what: &str, answer: &Answer, parts: &[&str]) {
    assert_eq!(answer.code, 1, "{what}: {answer:?}");
    assert_eq!(answer.stdout, "", "{what}");
    let message = answer.stderr.lines().last().unwrap_or_default();
    assert!(message.starts_with("error: "), "{what}: {}", answer.stderr);
    for part in parts {
        assert!(message.contains(part), "{what}: {part:?} is not in: {message}");
    }
}
