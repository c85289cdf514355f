//! The page `/policy`: who decides, and what became of candidates.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::candidate::{Candidate, CandidateState};
use crate::{
    json,
    replay::GivenPolicy,
    swap::{Deciders, Hold, Shadow},
};

/// The text of the page, as it was shown last.
#[derive(Default)]
pub struct PolicyPage(Mutex<Vec<u8>>);

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Content {
    /// The policies of the components that plan.
    policies: Vec<GivenPolicy>,
    /// Points whose policy is not here: nobody decides them.
    frozen: Vec<albatross_contract::PolicyPoint>,
    candidates: Vec<Shown>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown {
    state: CandidateState,
    /// Whether it was asked that it never takes over.
    stays_in_shadow: bool,
    policies: Vec<GivenPolicy>,
    #[serde(flatten)]
    shadow: Shadow,
}

impl PolicyPage {
    /// The text.
    pub fn text(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows who decides now.
    pub(super) fn show(&self, running: &Deciders, candidates: [&Candidate; 2]) {
        let content = Content {
            policies: GivenPolicy::of(running.makers()),
            frozen: running.frozen().to_vec(),
            candidates: candidates.into_iter().filter_map(|it| shown(it, running)).collect(),
        };
        if let Ok(text) = json::write("policy", &content) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
        }
    }
}

fn shown(candidate: &Candidate, running: &Deciders) -> Option<Shown> {
    let state = candidate.state(running)?;
    let found = candidate.found();
    let (policies, unfit) = match &found.deciders {
        Ok(deciders) => (GivenPolicy::of(deciders.makers()), Vec::new()),
        Err(unfit) => (Vec::new(), vec![Hold::Unfit(unfit.clone())]),
    };
    let shadow = candidate.judged().cloned().unwrap_or(Shadow { holds: unfit, difference: None });
    Some(Shown { state, stays_in_shadow: candidate.stays_in_shadow(), policies, shadow })
}
