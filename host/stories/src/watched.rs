//! Passes in which no call may take the last healthy target of a load balancer.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ListenerAction, LoadBalancer, Operation, ResourceReference, TargetGroup, TargetHealth,
};
use albatross_embedded_cloud::{AwsError, Cloud, EmbeddedCloud, execution};

use crate::Controller;

/// A cloud in which a call that takes the last healthy target of a load balancer panics.
struct Watched<'a>(&'a mut EmbeddedCloud);

impl Cloud for Watched<'_> {
    #[allow(clippy::panic)]
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        let before = healthy(self.0);
        let answer = Cloud::execute(self.0, operation);
        let after = healthy(self.0);
        for (load_balancer, targets) in &before {
            let stay = after.get(load_balancer);
            assert!(
                targets.is_empty() || stay.is_none_or(|targets| !targets.is_empty()),
                "{operation:#?}\ntakes the last healthy targets of {load_balancer}: {targets:?}"
            );
        }
        answer
    }

    fn wait(&mut self) {
        Cloud::wait(self.0);
    }
}

impl Controller {
    /// One whole pass, as [`Controller::pass`].
    ///
    /// # Panics
    /// When a call takes the last healthy target of a load balancer.
    pub fn watched_pass(&mut self) {
        let plan = self.plan();
        execution::execute(&mut Watched(&mut self.cloud), &plan, &mut |_, _| {});
        self.cluster.write_statuses(&plan);
        self.cluster.write_gates(&plan);
    }

    /// The target groups to which the only load balancer sends requests.
    ///
    /// # Panics
    /// When there is not exactly one load balancer.
    #[allow(clippy::panic)]
    pub fn serving_target_groups(&mut self) -> Vec<TargetGroup> {
        let inventory = self.cloud.inventory();
        let [only] = inventory.load_balancers.as_slice() else { panic!("one load balancer") };
        serving(only, &inventory.target_groups).cloned().collect()
    }

    /// The targets of these target groups that are not draining, in order.
    pub fn serving_targets(&mut self) -> BTreeSet<String> {
        let targets = self.serving_target_groups().into_iter().flat_map(|group| group.targets);
        targets.filter(|target| target.health != TargetHealth::Draining).map(|target| target.id).collect()
    }

    /// Those of these targets that are healthy, in order.
    pub fn healthy_targets(&mut self) -> BTreeSet<String> {
        healthy(&mut self.cloud).into_values().flatten().collect()
    }
}

/// The healthy targets to which each load balancer sends requests, by its ARN.
fn healthy(cloud: &mut EmbeddedCloud) -> BTreeMap<String, BTreeSet<String>> {
    let inventory = cloud.inventory();
    let of_one = |found: &LoadBalancer| {
        let targets = serving(found, &inventory.target_groups).flat_map(|group| &group.targets);
        let healthy = targets.filter(|target| target.health == TargetHealth::Healthy);
        (found.arn.clone(), healthy.map(|target| target.id.clone()).collect())
    };
    inventory.load_balancers.iter().map(of_one).collect()
}

/// The target groups to which the default actions of a load balancer send requests.
fn serving<'a>(
    load_balancer: &'a LoadBalancer,
    all: &'a [TargetGroup],
) -> impl Iterator<Item = &'a TargetGroup> {
    let actions = load_balancer.listeners.iter().flat_map(|listener| &listener.default_actions);
    let asked: BTreeSet<&str> = actions.flat_map(asked).collect();
    all.iter().filter(move |group| asked.contains(group.arn.as_str()))
}

/// ARNs of the target groups to which an action sends requests: a single one gets them whatever its weight.
fn asked(action: &ListenerAction) -> impl Iterator<Item = &str> {
    let groups = match action {
        ListenerAction::Forward(forward) => forward.target_groups.as_slice(),
        _ => &[],
    };
    let is_single = groups.len() == 1;
    let asked = groups.iter().filter(move |group| is_single || group.weight > 0);
    asked.filter_map(|group| match &group.target_group {
        ResourceReference::Existing(arn) => Some(arn.as_str()),
        ResourceReference::CreatedBy(_) => None,
    })
}
