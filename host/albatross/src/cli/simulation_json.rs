//! A simulation as one JSON document.

use albatross_contract::{
    Action, ActionResult, Cluster, Inventory, ObjectName, Plan, PolicyPoint, Seconds, Timestamp,
};
use serde::Serialize;

use crate::{
    pass::Pass,
    replay::GivenPolicy,
    simulation::{Applied, PassEnd, Settled, Watcher},
    swap::{Deciders, Shadow},
};

/// The document.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Simulation {
    /// One step for the first manifests, one for each `--then`, one for `--then-policy`, and one for each time that passes.
    steps: Vec<Step>,
    /// AWS at the end.
    inventory: Option<Inventory>,
    /// The cluster at the end.
    cluster: Option<Cluster>,
}

/// From a change to a plan that has nothing to do.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Step {
    /// Objects that are new: `namespace/name` of an Ingress, kind and name of any other.
    added: Vec<String>,
    /// Objects that are gone.
    removed: Vec<String>,
    /// Objects that are different.
    changed: Vec<String>,
    /// Policies that were planned in shadow, and what became of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<Candidate>,
    /// Simulated seconds that passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    waited: Option<Seconds>,
    /// Pass after pass; the last one was not executed.
    passes: Vec<JsonPass>,
    /// Whether the last plan has nothing to do.
    converged: bool,
}

/// Policies that were planned in shadow.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Candidate {
    policies: Vec<GivenPolicy>,
    #[serde(flatten)]
    shadow: Shadow,
}

/// A pass.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct JsonPass {
    /// The time of the snapshot.
    time: Timestamp,
    /// Policy points that were frozen, because their policy failed.
    frozen: Vec<PolicyPoint>,
    /// The plan.
    plan: Plan,
    /// The results of its actions.
    results: Vec<ActionResult>,
    /// Statuses that were written.
    statuses: Vec<Status>,
    /// Simulated seconds that passed afterwards.
    waited: u64,
}

/// A status that was written.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Status {
    /// The object: namespace, name and kind.
    #[serde(flatten)]
    object: ObjectName,
    /// Its hostname before. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// Its hostname now. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl Simulation {
    fn passes(&mut self) -> Option<&mut Vec<JsonPass>> {
        self.steps.last_mut().map(|step| &mut step.passes)
    }
}

impl JsonPass {
    fn new(pass: &Pass) -> JsonPass {
        JsonPass {
            time: pass.snapshot.time,
            frozen: pass.snapshot.frozen.clone(),
            plan: pass.plan.clone(),
            results: Vec::new(),
            statuses: Vec::new(),
            waited: 0,
        }
    }
}

impl Watcher for Simulation {
    fn applied(&mut self, change: &Applied) {
        let Applied { added, removed, changed } = change.clone();
        self.steps.push(Step { added, removed, changed, ..Step::default() });
    }

    fn swapped(&mut self, candidate: &Deciders, shadow: &Shadow) {
        let policies = GivenPolicy::of(candidate.makers());
        let candidate = Some(Candidate { policies, shadow: shadow.clone() });
        self.steps.push(Step { candidate, ..Step::default() });
    }

    fn waited(&mut self, seconds: Seconds) {
        self.steps.push(Step { waited: Some(seconds), ..Step::default() });
    }

    fn planned(&mut self, pass: &Pass) {
        if let Some(passes) = self.passes() {
            passes.push(JsonPass::new(pass));
        }
    }

    fn executed(&mut self, _: &Action, _: &ActionResult) {}

    fn ended(&mut self, end: &PassEnd<'_>) {
        let Some(pass) = self.passes().and_then(|passes| passes.last_mut()) else { return };
        pass.results = end.results.to_vec();
        pass.statuses = end
            .statuses
            .iter()
            .map(|write| Status {
                object: write.object.clone(),
                before: write.before.clone(),
                after: write.after.clone(),
            })
            .collect();
        pass.waited = end.waited.as_ref().map_or(0, |(seconds, _)| *seconds);
    }

    fn settled(&mut self, settled: &Settled<'_>) {
        if let Some(step) = self.steps.last_mut() {
            step.passes.push(JsonPass::new(settled.pass));
            step.converged = settled.converged;
        }
        self.inventory = Some(settled.inventory.clone());
        self.cluster = Some(settled.cluster.clone());
    }
}
