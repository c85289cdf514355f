//! The page `/policy`: who decides, and what became of candidates.
//!
//! Whoever reaches the port may read it, so it has neither names nor messages: the Event and the log have them, and `/snapshot`.

use std::sync::{Mutex, PoisonError};

use albatross_contract::{Budget, PolicyPoint, Withheld};
use serde::Serialize;

use super::candidate::{Candidate, CandidateState};
use crate::{
    json,
    swap::{Deciders, Difference, Hold},
};

/// The text of the page, as it was shown last.
#[derive(Default)]
pub struct PolicyPage(Mutex<Vec<u8>>);

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Content {
    /// The policies that decide. A point without one is decided by the planner itself.
    policies: Vec<OfPoint>,
    candidates: Vec<Shown>,
}

/// The policy of a point.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OfPoint {
    point: PolicyPoint,
    /// SHA-256 of the component.
    sha256: String,
    /// Whether it is not here, so that nobody decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown {
    state: CandidateState,
    /// Whether it was asked that it never takes over.
    stays_in_shadow: bool,
    /// What a person writes into the file `.allow` to allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    policies: Vec<OfPoint>,
    /// Codes of the reasons why it does not take over.
    holds: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Numbers>,
}

/// A difference without names.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Numbers {
    objects: usize,
    placed_elsewhere: usize,
    other_certificates: usize,
    name_changes: usize,
    withheld: Vec<OfBudget>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OfBudget {
    budget: Budget,
    count: u32,
    total: u32,
    limit: u32,
}

impl PolicyPage {
    /// The text.
    pub fn text(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows who decides now.
    pub(super) fn show(&self, running: &Deciders, candidates: [&Candidate; 2]) {
        let of_point = |(point, sha256): (PolicyPoint, &str)| OfPoint {
            point,
            sha256: sha256.to_owned(),
            frozen: Some(running.frozen().contains(&point)),
        };
        let content = Content {
            policies: running.decided().components().map(of_point).collect(),
            candidates: candidates.into_iter().filter_map(|it| shown(it, running)).collect(),
        };
        if let Ok(text) = json::write("policy", &content) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
        }
    }
}

fn shown(candidate: &Candidate, running: &Deciders) -> Option<Shown> {
    let state = candidate.state(running)?;
    let decided = candidate.decided(running);
    let of_point =
        |(point, sha256): (PolicyPoint, &str)| OfPoint { point, sha256: sha256.to_owned(), frozen: None };
    let shadow = candidate.judged();
    Some(Shown {
        state,
        stays_in_shadow: candidate.stays_in_shadow(),
        token: decided.as_ref().filter(|_| !candidate.stays_in_shadow()).map(|it| it.token()),
        policies: decided.iter().flat_map(|it| it.components().map(of_point)).collect(),
        holds: shadow.map(|shadow| shadow.holds.iter().map(Hold::code).collect()).unwrap_or_default(),
        difference: shadow.and_then(|shadow| shadow.difference.as_ref()).map(Numbers::of),
    })
}

impl Numbers {
    fn of(difference: &Difference) -> Numbers {
        let of_budget =
            |it: &Withheld| OfBudget { budget: it.budget, count: it.count, total: it.total, limit: it.limit };
        Numbers {
            objects: difference.objects,
            placed_elsewhere: difference.placed_elsewhere,
            other_certificates: difference.other_certificates,
            name_changes: difference.name_changes,
            withheld: difference.withheld.iter().map(of_budget).collect(),
        }
    }
}
