//! Load balancers of kube-ingress-aws-controller become ours, and no request is answered in another way at any call.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::*;
use albatross_embedded_cloud::execution;
use albatross_stories::{
    Controller,
    ancestor::{CERTIFICATE_TTL, Stack, attach_and_detach, expire},
    generated::{Dice, Moving, moving},
};

use crate::{
    for_each,
    http_only::watched_pass,
    services::{assert_everybody_is_served, name, published},
    worlds,
};

/// Fewer worlds than usual: each is looked at after every action.
fn some() -> Vec<u64> {
    worlds().into_iter().take(200).collect()
}

/// An account without tags: what answers requests, and where Auto Scaling registers nodes.
fn answers(story: &mut Controller) -> Inventory {
    let mut inventory = story.cloud.inventory().clone();
    inventory.load_balancers.iter_mut().for_each(|found| found.tags.clear());
    inventory.target_groups.iter_mut().for_each(|found| found.tags.clear());
    inventory
}

/// The resources of stacks, with their tags.
fn resources(stacks: &[Stack], story: &mut Controller) -> (Vec<LoadBalancer>, Vec<TargetGroup>) {
    let inventory = story.cloud.inventory();
    let arns: Vec<String> = stacks
        .iter()
        .flat_map(|stack| stack.target_groups().into_iter().chain([stack.load_balancer()]))
        .collect();
    let of_load_balancers = inventory.load_balancers.iter().filter(|found| arns.contains(&found.arn));
    let of_groups = inventory.target_groups.iter().filter(|found| arns.contains(&found.arn));
    (of_load_balancers.cloned().collect(), of_groups.cloned().collect())
}

fn names(stacks: &[Stack]) -> Option<Vec<String>> {
    Some(stacks.iter().map(Stack::name).collect())
}

/// The state of a world that must never change.
struct Before {
    answers: Inventory,
    published: BTreeMap<String, String>,
    kept: (Vec<LoadBalancer>, Vec<TargetGroup>),
}

impl Before {
    fn of(world: &mut Moving) -> Before {
        Before {
            answers: answers(&mut world.story),
            published: published(&world.story),
            kept: resources(&world.kept, &mut world.story),
        }
    }

    /// Checks it, now and after the step of kube-ingress-aws-controller, which still has its stacks.
    fn assert_unchanged(&self, story: &mut Controller, world: &Moving) {
        for _ in 0..2 {
            assert_eq!(answers(story), self.answers);
            assert_eq!(published(story), self.published);
            assert_eq!(resources(&world.kept, story), self.kept);
            let stacks: Vec<Stack> = world.adopted.iter().chain(&world.kept).cloned().collect();
            attach_and_detach(&stacks, story.cloud.inventory_mut());
        }
    }
}

/// The only change that corresponding settings make: where HTTP is redirected, we deny requests for internal domains on port 80
/// too, and kube-ingress-aws-controller redirects them.
fn is_extra(action: &Action, story: &Controller) -> bool {
    let proxy = &story.settings.proxy;
    proxy.redirect_http && proxy.deny.is_some() && matches!(action.operation, Operation::CreateRule(_))
}

#[test]
fn adoption_changes_no_name_and_no_answer_at_any_call_and_afterwards_there_is_nothing_to_do() {
    for_each(some(), |number| {
        let mut world = moving(number);
        let before = Before::of(&mut world);
        world.story.settings.allowances.adopt = names(&world.adopted);
        let plan = world.story.plan();
        assert_eq!(plan.actions.len(), 2 * world.adopted.len());
        for done in 0..=plan.actions.len() {
            let mut story = world.story.fork();
            let mut begun = plan.clone();
            begun.actions.truncate(done);
            execution::execute(&mut story.cloud, &begun, &mut |_, _| {});
            before.assert_unchanged(&mut story, &world);

            if done < plan.actions.len() {
                let rest = story.pass();
                assert!(!rest.results.iter().any(|result| result.state != ActionState::Done));
                before.assert_unchanged(&mut story, &world);
            }
            story.settings.allowances.adopt = None;
            let next = story.pass();
            assert!(
                next.plan.actions.iter().all(|action| is_extra(action, &story)),
                "after {done}: {next:#?}"
            );
            assert!(next.statuses.is_empty() && next.plan.withheld.is_empty());
            if next.plan.actions.is_empty() {
                before.assert_unchanged(&mut story, &world);
            }

            // The adopted stacks are gone.
            attach_and_detach(&world.kept, story.cloud.inventory_mut());
            assert_eq!(published(&story), before.published);
            assert_eq!(resources(&world.kept, &mut story), before.kept);
            let attached = |inventory: &Inventory| -> Vec<Vec<String>> {
                inventory.auto_scaling_groups.iter().map(|group| group.target_groups.clone()).collect()
            };
            assert_eq!(attached(story.cloud.inventory()), attached(&before.answers));
        }
    });
}

#[test]
fn what_is_adopted_and_then_forgotten_is_as_it_was_for_its_own_controller() {
    for_each(some(), |number| {
        let mut world = moving(number);
        let before = Before::of(&mut world);
        let mut story = world.story.fork();
        story.settings.allowances.adopt = names(&world.adopted);
        story.pass();
        story.settings.allowances.adopt = None;
        story.settings.allowances.forget = names(&world.adopted);
        let plan = story.plan();
        for done in 0..=plan.actions.len() {
            let mut story = story.fork();
            let mut begun = plan.clone();
            begun.actions.truncate(done);
            execution::execute(&mut story.cloud, &begun, &mut |_, _| {});
            before.assert_unchanged(&mut story, &world);
            if done < plan.actions.len() {
                story.pass();
                before.assert_unchanged(&mut story, &world);
            }
            let ours = story.cloud.inventory().load_balancers.iter().flat_map(|found| &found.tags);
            assert!(!ours.into_iter().any(|tag| tag.key.starts_with("albatross/")));
        }
    });
}

#[test]
fn beside_a_controller_that_goes_on_neither_empties_or_deletes_what_the_other_serves() {
    for_each(some(), |number| {
        let mut world = moving(number);
        let before = Before::of(&mut world);
        let mut story = world.story.fork();
        story.settings.allowances.adopt = names(&world.adopted);
        story.pass();
        story.settings.allowances.adopt = None;
        // Ingresses of ours go, and come.
        let ours: Vec<Ingress> = story.cluster.cluster().ingresses.clone();
        for ingress in ours.iter().filter(|it| it.metadata.annotations.iter().all(|tag| tag.value != "nginx"))
        {
            story.delete(&name(ingress));
            story.converge();
            attach_and_detach(&world.kept, story.cloud.inventory_mut());
            assert!(story.converge().is_empty());
            assert_eq!(resources(&world.kept, &mut story), before.kept);
        }
        for _ in 0..2 {
            story.wait_for_the_grace();
            story.converge();
            attach_and_detach(&world.kept, story.cloud.inventory_mut());
        }
        assert_eq!(resources(&world.kept, &mut story), before.kept);
        let left: usize = story.load_balancers().len();
        assert_eq!(left, world.kept.len(), "what is adopted and unneeded goes like all others");
    });
}

/// Whether an Ingress is left to kube-ingress-aws-controller.
fn is_of_the_other(ingress: &Ingress) -> bool {
    ingress.metadata.annotations.iter().any(|tag| tag.value == "nginx")
}

/// ARNs of the certificates that the Ingresses of kube-ingress-aws-controller need: each has a wildcard of its own.
fn needed(story: &mut Controller) -> BTreeSet<String> {
    let ingresses = story.cluster.cluster().ingresses.clone();
    let rules = ingresses.iter().filter(|it| is_of_the_other(it)).flat_map(|it| &it.rules);
    let parents: BTreeSet<&str> =
        rules.filter_map(|rule| Some(rule.host.as_deref()?.split_once('.')?.1)).collect();
    let all = story.cloud.inventory().certificates.iter();
    let needed = all.filter(|it| it.names.iter().any(|name| parents.contains(name.trim_start_matches("*."))));
    needed.map(|it| it.arn.clone()).collect()
}

/// What is not of these stacks.
fn without(stacks: &[Stack], story: &mut Controller) -> Inventory {
    let mut inventory = story.cloud.inventory().clone();
    let groups: Vec<String> = stacks.iter().flat_map(Stack::target_groups).collect();
    let load_balancers: Vec<String> = stacks.iter().map(Stack::load_balancer).collect();
    inventory.load_balancers.retain(|found| !load_balancers.contains(&found.arn));
    inventory.target_groups.retain(|found| !groups.contains(&found.arn));
    for scaling in &mut inventory.auto_scaling_groups {
        scaling.target_groups.retain(|arn| !groups.contains(arn));
    }
    inventory
}

#[test]
fn while_certificates_and_stacks_of_the_other_controller_expire_each_changes_only_its_own() {
    let deleted = Cell::new(0);
    for_each(some(), |number| {
        let mut world = moving(number);
        let mut dice = Dice::new(!number);
        let story = &mut world.story;
        story.settings.allowances.adopt = names(&world.adopted);
        story.pass();
        story.settings.allowances.adopt = None;
        let all = world.kept.clone();
        let mut stacks = world.kept;
        for _ in 0..10 {
            let ingresses = story.cluster.cluster().ingresses.clone();
            story.apply_all(ingresses.into_iter().filter(|_| dice.percent(85)).collect());

            let ours = without(&all, story);
            attach_and_detach(&stacks, story.cloud.inventory_mut());
            let (now, needed) = (story.cloud.now(), needed(story));
            let before = stacks.len();
            stacks = expire(stacks, &needed, now, story.cloud.inventory_mut());
            deleted.set(deleted.get() + before - stacks.len());
            assert_eq!(without(&all, story), ours, "the other controller");

            let others = resources(&stacks, story);
            for _ in 0..3 {
                watched_pass(story);
                assert_eq!(resources(&stacks, story), others);
            }
            let mut plan = story.plan();
            plan.outcomes.retain(|outcome| outcome.state != OutcomeState::Ignored);
            assert_everybody_is_served(story, &plan);
            let left = story.cluster.cluster().ingresses.clone();
            for ingress in left.iter().filter(|ingress| is_of_the_other(ingress)) {
                let on = story.serving(&name(ingress));
                assert!(stacks.iter().any(|stack| stack.load_balancer() == on.arn), "its stack is there");
            }
            story.wait(*dice.pick(&[60, 600, CERTIFICATE_TTL]));
        }
    });
    assert_ne!(deleted.get(), 0, "some stacks are deleted");
}
