//! One pass: the planner makes a plan from a snapshot, and the guard checks it. Every command gets its plan here.

use std::{
    borrow::Cow,
    path::Path,
    time::{Duration, Instant},
};

use albatross_contract::{
    ComponentIdentity, Explanation, GuestLimits, Plan, PolicyPoint, Question, RecordedPolicy, Snapshot,
};
use albatross_engine::{Engine, Planner, Policy, PolicyFailed, PolicySet};

use crate::{
    error::Error,
    inputs::{MOST_OF_A_COMPONENT, PolicyComponent, file_name, read_bytes},
    policies::calls::{Call, calls},
    render::words::short_component,
};

/// The components that make plans: a planner, its policies, and their limits. Cheap to clone.
#[derive(Clone)]
pub struct Makers {
    planner: Planner,
    policies: PolicySet,
    limits: GuestLimits,
}

/// A plan that passed the guard, and what led to it.
pub struct Pass {
    /// The snapshot that was planned. Its frozen points are those of the last attempt.
    pub snapshot: Snapshot,
    /// The plan.
    pub plan: Plan,
    /// The policies, and what they answered. Those that were not asked have no answers.
    pub policies: Vec<RecordedPolicy>,
    /// The policies that failed. Not empty: their points were frozen in this pass.
    pub failures: Vec<PolicyFailed>,
    /// How long planning took. It differs each time, so only people get to see it.
    pub took: Duration,
    /// How long the guard took.
    pub guarded: Duration,
}

/// An explanation and what led to it.
pub struct Explained {
    /// The explanation.
    pub explanation: Explanation,
    /// The policies that failed. Not empty: their points were frozen.
    pub failures: Vec<PolicyFailed>,
}

impl Makers {
    /// Loads the built-in planner, or the one in a file, and the policies.
    ///
    /// # Errors
    /// A file that cannot be read, a component that does not fit, or two policies for one point.
    pub fn load(
        planner: Option<&Path>,
        policies: &[PolicyComponent],
        engine: &Engine,
    ) -> Result<Makers, Error> {
        let planner = self::planner(planner, engine)?;
        let load = |policy: &PolicyComponent| Ok(Policy::load(engine, &policy.name, &policy.bytes)?);
        let policies = policies.iter().map(load).collect::<Result<Vec<Policy>, Error>>()?;
        Ok(Makers { planner, policies: PolicySet::new(policies)?, limits: engine.limits().into() })
    }

    /// The same planner with other policies.
    ///
    /// # Errors
    /// Two policies for one point.
    pub fn with_policies(&self, policies: Vec<Policy>) -> Result<Makers, Error> {
        Ok(Makers { planner: self.planner.clone(), policies: PolicySet::new(policies)?, limits: self.limits })
    }

    /// The planner.
    pub fn planner(&self) -> &ComponentIdentity {
        self.planner.identity()
    }

    /// The policies.
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// The policies by point, in the order of the points.
    pub fn policy_identities(&self) -> Vec<(PolicyPoint, &ComponentIdentity)> {
        let identity = |point| self.policies.get(point).map(|policy| (point, policy.identity()));
        self.policies.points().filter_map(identity).collect()
    }

    /// The names of the policies as people read them, each once.
    pub fn policy_names(&self) -> Vec<Cow<'_, str>> {
        let policies = self.policy_identities().into_iter();
        let mut names: Vec<Cow<'_, str>> =
            policies.map(|(_, policy)| short_component(&policy.name)).collect();
        names.dedup();
        names
    }

    /// The calls of policies in a pass, those of the policies that failed as well.
    ///
    /// # Errors
    /// None in practice: the planner had a plan.
    pub fn calls_of(&self, pass: &Pass) -> Result<Vec<Call>, Error> {
        let mut snapshot = pass.snapshot.clone();
        snapshot.frozen.retain(|point| !pass.failures.iter().any(|failure| failure.point == *point));
        Ok(calls(&self.planner, &self.policies, snapshot)?)
    }

    /// The limits of the guests.
    pub fn limits(&self) -> &GuestLimits {
        &self.limits
    }

    /// Plans. When a policy fails, its point is frozen and the plan is made again. The guard checks every plan.
    ///
    /// # Errors
    /// The planner has no plan, or the guard refuses it.
    pub fn pass(&self, snapshot: Snapshot) -> Result<Pass, Error> {
        let planned = self.planner.plan_with_freeze(snapshot, &self.policies)?;
        let begin = Instant::now();
        albatross_guard::check(&planned.snapshot, &planned.answer.plan)
            .map_err(|source| Error::Refused { planner: self.planner().name.clone(), source })?;
        let guarded = begin.elapsed();
        let policies = self.with_unasked(planned.answer.answers, &planned.snapshot);
        Ok(Pass {
            snapshot: planned.snapshot,
            plan: planned.answer.plan,
            policies,
            failures: planned.failures,
            took: planned.answer.usage.planner + planned.answer.usage.policies,
            guarded,
        })
    }

    /// Adds the policies that the settings name and that were not asked, since their points were frozen or nothing was to be
    /// decided: a recording says which policies there were.
    fn with_unasked(&self, mut answered: Vec<RecordedPolicy>, snapshot: &Snapshot) -> Vec<RecordedPolicy> {
        for setting in &snapshot.settings.policies {
            let is_there = answered.iter().any(|policy| policy.point == setting.point);
            if let Some(policy) = self.policies.get(setting.point).filter(|_| !is_there) {
                let component = policy.identity().clone();
                answered.push(RecordedPolicy { point: setting.point, component, answers: Vec::new() });
            }
        }
        answered
    }

    /// Explains a plan.
    ///
    /// # Errors
    /// The planner returns no answer, or does not know the subject of the question.
    pub fn explain(&self, snapshot: Snapshot, question: &Question) -> Result<Explained, Error> {
        let explained = self.planner.explain_with_freeze(snapshot, question, &self.policies)?;
        Ok(Explained { explanation: explained.answer.explanation, failures: explained.failures })
    }
}

/// The planner in a file, or the built-in planner.
///
/// # Errors
/// A file that cannot be read, or a component that does not fit.
pub fn planner(path: Option<&Path>, engine: &Engine) -> Result<Planner, Error> {
    let Some(path) = path else {
        let name = concat!("albatross ", env!("CARGO_PKG_VERSION"));
        return Ok(Planner::built_in(engine, name, &albatross_compiled::PLANNER)?);
    };
    let bytes = read_bytes(path, MOST_OF_A_COMPONENT)?;
    Ok(Planner::load(engine, &file_name(path), &bytes)?)
}
