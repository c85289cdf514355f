//! What people are told about candidates: one message for the log and the Event.

use albatross_cluster::{Notice, Severity};

use super::candidate::{Candidate, News};
use crate::swap::{Decided, Deciders, Difference, Hold, Shadow};

/// The message, which is also logged.
pub fn notice(candidate: &Candidate, running: &Deciders, news: &News) -> Notice {
    let names = names(candidate, running);
    let (severity, reason, note) = match news {
        News::TakesOver(_, deciders) if deciders.decided() == running.decided() => {
            let note = format!("{} decided last and is back: it goes on", deciders.words());
            (Severity::Normal, "PolicySwapped", note)
        }
        News::TakesOver(shadow, _) => {
            (Severity::Normal, "PolicySwapped", format!("{names} takes over: {}", words(shadow)))
        }
        News::InShadow(shadow) => {
            let would_be = if shadow.holds.is_empty() { "" } else { ". It would not take over: " };
            let note = format!("{names} stays in shadow: {}{would_be}{}", words(shadow), why(&shadow.holds));
            (Severity::Normal, "PolicyInShadow", note)
        }
        News::Held(holds) => {
            let goes_on = match running.frozen().is_empty() {
                true => "What decided before goes on",
                false => {
                    "Meanwhile placed Ingresses stay and new Ingresses wait, since what decided before is not here"
                }
            };
            let remedy = remedy(holds, candidate.decided(running));
            // The reasons come last: an Event is cut after 1,024 bytes.
            let note = format!("{names} does not take over. {goes_on}. {remedy}. Why: {}", why(holds));
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

/// The policies that do not decide already: `by_team.wasm (sha256 3f2a91c0)`.
fn names(candidate: &Candidate, running: &Deciders) -> String {
    let decided = candidate.decided(running);
    match (&candidate.found().policies, decided) {
        (Ok(policies), Some(decided)) => decided.words(policies, running.decided()),
        _ => "the new policy".to_owned(),
    }
}

fn why(holds: &[Hold]) -> String {
    holds.iter().map(Hold::message).collect::<Vec<_>>().join("; ")
}

/// What a person can do.
fn remedy(holds: &[Hold], decided: Option<Decided>) -> String {
    match decided.filter(|_| holds.iter().all(Hold::can_be_allowed)) {
        Some(decided) => format!(
            "To do: put the policy back that decided before, or allow this one: write {} into a file beside the policy whose name has \
             .allow at its end",
            decided.token()
        ),
        None => "To do: mend the policy, or put the policy back that decided before".to_owned(),
    }
}
