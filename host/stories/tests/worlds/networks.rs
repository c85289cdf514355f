//! A Network Load Balancer never loses its last healthy target through us: not with any single action.

use std::{cell::Cell, collections::BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, Cloud, EmbeddedCloud, execution};
use albatross_stories::{
    Controller, WAITING,
    generated::{Dice, change_one, generate, networks},
};

use crate::for_all;

/// A cloud that looks after every action whether all Network Load Balancers still serve that served before.
struct Watched<'a>(&'a mut EmbeddedCloud);

impl Cloud for Watched<'_> {
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        let before = serving(self.0);
        let answer = self.0.execute(operation);
        let after = serving(self.0);
        let there = &self.0.inventory().load_balancers;
        let lost = before.difference(&after).find(|arn| there.iter().any(|found| found.arn == **arn));
        assert_eq!(lost, None, "{operation:#?}");
        answer
    }

    fn wait(&mut self) {
        Cloud::wait(self.0);
    }
}

/// ARNs of the Network Load Balancers that send requests to a healthy target.
fn serving(cloud: &mut EmbeddedCloud) -> BTreeSet<String> {
    let inventory = cloud.inventory();
    let is_healthy = |arn: &str| {
        let group = inventory.target_groups.iter().find(|group| group.arn == arn);
        group.is_some_and(|group| group.targets.iter().any(|it| it.health == TargetHealth::Healthy))
    };
    let networks = inventory.load_balancers.iter().filter(|found| found.kind == LoadBalancerKind::Network);
    let serving = networks.filter(|found| {
        let actions = found.listeners.iter().flat_map(|listener| &listener.default_actions);
        actions.flat_map(asked).any(|arn| is_healthy(&arn))
    });
    serving.map(|found| found.arn.clone()).collect()
}

/// The target groups that get requests of an action.
fn asked(action: &ListenerAction) -> Vec<String> {
    let ListenerAction::Forward(forward) = action else { return Vec::new() };
    let single = forward.target_groups.len() == 1;
    let asked = forward.target_groups.iter().filter(|group| single || group.weight > 0);
    let arns = asked.filter_map(|group| match &group.target_group {
        ResourceReference::Existing(arn) => Some(arn.clone()),
        ResourceReference::CreatedBy(_) => None,
    });
    arns.collect()
}

/// One pass, watched.
fn pass(story: &mut Controller) {
    let plan = story.plan();
    execution::execute(&mut Watched(&mut story.cloud), &plan, &mut |_, _| {});
    story.cluster.write_statuses(&plan);
    story.wait(WAITING);
}

/// Something changes that concerns Network Load Balancers.
fn change(story: &mut Controller, dice: &mut Dice) {
    match dice.below(6) {
        0 => story.settings.proxy.target_port = *dice.pick(&[9_999, 8_080]),
        1 => story.settings.proxy.network = Some(networks::settings(dice)),
        2 => {
            let zones = *dice.pick(&["ab", "bc", "abc", "c"]);
            story.settings.subnets = zones.chars().map(|zone| format!("subnet-public-{zone}")).collect();
        }
        3 => story.cloud.faults_mut().unhealthy_target(format!("i-{}", dice.below(6))),
        4 => story.cloud.faults_mut().clear(),
        _ => _ = change_one(story, dice),
    }
}

#[test]
fn no_action_takes_the_last_healthy_target_from_a_network_load_balancer() {
    let serve = Cell::new(0);
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.settings.proxy.default_kind = Some(LoadBalancerKind::Network);
        for _ in 0..6 {
            for _ in 0..3 {
                pass(&mut story);
            }
            serve.set(serve.get() + serving(&mut story.cloud).len());
            change(&mut story, &mut dice);
        }
    });
    assert_ne!(serve.get(), 0, "some Network Load Balancers serve");
}
