//! What people are told about candidates: one message for the log and the Event.

use albatross_cluster::{Notice, Severity};

use super::candidate::{Candidate, News};
use crate::swap::{Deciders, Difference, Hold, Shadow};

/// The message, which is also logged.
pub fn notice(candidate: &Candidate, running: &Deciders, news: &News) -> Notice {
    let found = candidate.found();
    let names = match &found.deciders {
        Ok(deciders) => deciders.words_beyond(running.decided()),
        Err(_) => "the new policy".to_owned(),
    };
    let (severity, reason, note) = match news {
        News::TakesOver(shadow) => {
            (Severity::Normal, "PolicySwapped", format!("{names} takes over: {}", words(shadow)))
        }
        News::InShadow(shadow) => {
            let would_be = if shadow.holds.is_empty() { "" } else { ". It would not take over: " };
            let note = format!("{names} stays in shadow: {}{would_be}{}", words(shadow), why(&shadow.holds));
            (Severity::Normal, "PolicyInShadow", note)
        }
        News::Held(holds) => {
            let note = format!("{names} does not take over: {}. {}", why(holds), remedy(holds));
            (Severity::Warning, "PolicyHeld", note)
        }
    };
    match severity {
        Severity::Normal => tracing::info!(reason, "{note}"),
        Severity::Warning => tracing::warn!(reason, "{note}"),
    }
    Notice::of_controller(severity, reason, note)
}

fn words(shadow: &Shadow) -> String {
    shadow.difference.as_ref().map(Difference::words).unwrap_or_default()
}

fn why(holds: &[Hold]) -> String {
    holds.iter().map(Hold::message).collect::<Vec<_>>().join("; ")
}

/// What a person can do.
fn remedy(holds: &[Hold]) -> &'static str {
    if holds.iter().all(|hold| matches!(hold, Hold::Budget(_))) {
        "What decided before goes on. To do: put the policy back, or allow it by its sha256, in a file beside the policy whose name has \
         .allow at its end"
    } else {
        "What decided before goes on. To do: mend the policy, or put the policy back that decided before"
    }
}
