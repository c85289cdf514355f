//! What a policy costs in a plan: the point `grouping` in the worlds in which each namespace has its own load balancers.

use std::time::Duration;

use albatross_contract::{PolicyPoint, PolicyQuestion, Snapshot};
use albatross_engine::PolicySet;

use crate::{
    measures::{Setup, least},
    shapes::World,
};

/// What the point costs for one snapshot.
pub struct Cost {
    /// The planner through WebAssembly without a policy, for the same load balancers: the default, in place.
    pub by_default: Duration,
    /// The same policy as a library: what is to be decided.
    pub native: Duration,
    /// The policy as a component: its start, the question, the answer, and the checks of the host.
    pub component: Duration,
    /// The whole plan with the policy.
    pub plan: Duration,
    /// Fuel of the policy.
    pub fuel: u64,
    /// The peak memory of the policy, in bytes.
    pub memory: u64,
}

impl Setup {
    /// What the point `grouping` costs. `None`: the world has no policy.
    pub fn cost_of_point(&self, world: &World, snapshot: &Snapshot) -> Option<Cost> {
        if !world.has_policy() {
            return None;
        }
        let mut without = snapshot.clone();
        without.settings.policies.clear();
        let (policies, native) = (&self.one_per_namespace, world.policies());
        let questions = self.free.questions(snapshot, policies).unwrap();
        let question = questions.into_iter().find(|it| matches!(it, PolicyQuestion::Grouping(_)))?;
        let PolicyQuestion::Grouping(input) = &question else { return None };
        let policy = policies.get(PolicyPoint::Grouping)?;
        let asked = policy.ask_again(&question);
        assert!(asked.answer.is_ok());
        Some(Cost {
            by_default: least(|| drop(self.free.plan(&without, &PolicySet::default()).unwrap())),
            native: least(|| drop(native.grouping(input).unwrap())),
            component: least(|| drop(policy.ask_again(&question))),
            plan: least(|| drop(self.free.plan(snapshot, policies).unwrap())),
            fuel: asked.fuel,
            memory: asked.memory,
        })
    }
}
