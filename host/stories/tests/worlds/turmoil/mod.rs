//! Everything at once: people, AWS and accidents leave the controller no time to converge.

mod by_rule;
mod events;
mod gaps;

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, execution};
use albatross_stories::generated::{Dice, Foreign, generate};
use albatross_stories::{Controller, instance, tells};

use crate::{
    for_all,
    services::{assert_everybody_is_served, has_rule_of, name, published},
};

#[test]
fn whatever_happens_the_guard_agrees_nobody_loses_its_name_and_in_the_end_all_are_served() {
    for_all(|number, oddities| {
        let (story, mut dice) = generate(number, oddities);
        let mut turmoil = Turmoil::new(story);
        for _ in 0..dice.between(5, 25) {
            let what: Vec<&str> =
                (0..dice.between(1, 3)).map(|_| turmoil.something_happens(&mut dice)).collect();
            let before = published(&turmoil.story);
            let of_people = Foreign::of(turmoil.story.cloud.inventory());
            turmoil.pass(&mut dice);
            let inventory = turmoil.story.cloud.inventory();
            assert_eq!(Foreign::of(inventory), of_people.on_load_balancers_of(inventory), "after {what:?}");
            let after = published(&turmoil.story);
            let there = turmoil.story.load_balancers();
            for (name, hostname) in &after {
                let exists = there.iter().any(|found| found.dns_name == *hostname);
                assert!(exists || before.get(name) == Some(hostname), "{name} got {hostname} after {what:?}");
            }
            for gone in before.keys().filter(|name| !after.contains_key(*name)) {
                let mut sources = turmoil.story.cluster.cluster().sources();
                let lost = sources.find(|source| ObjectName::of(*source) == gone.as_str()).unwrap();
                let is_ours = turmoil.story.settings.ingress_class_controller
                    == turmoil.settings.ingress_class_controller;
                assert!(
                    lost.class_name() == Some("somebody-else") || !is_ours,
                    "{gone} lost its name after {what:?}"
                );
            }
            turmoil.story.wait(*dice.pick(&[1, 10, 60, 600, 1_000, 4_000]));
        }
        let mut story = turmoil.end();
        story.converge_within(12);
        story.wait_for_the_grace();
        story.converge_within(12);
        let mut plan = story.plan();
        let load_balancers = story.load_balancers();
        plan.outcomes.retain(|outcome| !asks_for_too_much(outcome, &load_balancers));
        let unserved = [OutcomeState::Waiting, OutcomeState::Rejected];
        assert_eq!(plan.outcomes.iter().find(|outcome| unserved.contains(&outcome.state)), None);
        assert_everybody_is_served(&mut story, &plan);
    });
}

/// Whether an Ingress that is not served asks for something that it cannot have.
fn asks_for_too_much(outcome: &Outcome, load_balancers: &[LoadBalancer]) -> bool {
    let faults = [
        DiagnosticCode::AnnotationInvalid,
        DiagnosticCode::AutoScalingGroupFull,
        DiagnosticCode::CapacityExceeded,
        DiagnosticCode::CertificateMissing,
        DiagnosticCode::CertificateNone,
        DiagnosticCode::CertificateUnusable,
        DiagnosticCode::GroupConflict,
    ];
    let has_no_place = outcome.state == OutcomeState::Rejected || outcome.hostname.is_none();
    let name = outcome.object.to_string();
    let mut listeners = load_balancers.iter().flat_map(|found| &found.listeners);
    // Rules of others get all its requests.
    let does_nothing = tells(outcome, DiagnosticCode::RouteDuplicate)
        && !listeners.any(|listener| has_rule_of(listener, &name));
    has_no_place && (does_nothing || faults.iter().any(|fault| tells(outcome, *fault)))
}

/// A world in which everything happens.
struct Turmoil {
    story: Controller,
    /// All Ingresses that existed at the beginning or were added since: deleted Ingresses may be created again.
    ingresses: Vec<Ingress>,
    settings: Settings,
    quotas: Quotas,
    incomplete: Vec<ViewPart>,
    targets_are_unhealthy: bool,
    renewals: u32,
    added: usize,
}

/// How a pass ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing disturbs it.
    Quiet,
    /// An action fails.
    WithFaults,
    /// The controller crashes before it writes a status.
    WithoutStatuses,
}

impl Turmoil {
    fn new(mut story: Controller) -> Turmoil {
        let ingresses = story.cluster.cluster().ingresses.clone();
        story.policies = Box::new(by_rule::ByRule);
        let settings = story.settings.clone();
        let quotas = story.cloud.inventory().quotas;
        Turmoil {
            story,
            ingresses,
            settings,
            quotas,
            incomplete: Vec::new(),
            targets_are_unhealthy: false,
            renewals: 0,
            added: 0,
        }
    }

    /// One pass, which may have an incomplete view and end too early.
    fn pass(&mut self, dice: &mut Dice) {
        let mut snapshot = self.story.snapshot().unwrap();
        for part in &self.incomplete {
            gaps::miss(*part, &mut snapshot, dice);
        }
        let plan = albatross_planner::plan(&snapshot, &*self.story.policies).unwrap();
        if let Err(refusal) = albatross_guard::check(&snapshot, &plan) {
            panic!("the guard refuses: {refusal}\nincomplete: {:?}\n{plan:#?}", self.incomplete);
        }
        let story = &mut self.story;
        let call = story.cloud.calls().writes + 1 + dice.below(plan.actions.len().max(1)) as u64;
        let faults = story.cloud.faults_mut();
        let ending = match dice.below(9) {
            0..4 => Ending::Quiet,
            4 => Ending::WithoutStatuses,
            5 => {
                faults.fail_write(call, AwsError::new("InternalFailure", "something broke"));
                Ending::WithFaults
            }
            6 => {
                faults.lose_answer(call);
                Ending::WithFaults
            }
            7 => {
                faults.crash_before(call);
                Ending::WithoutStatuses
            }
            _ => {
                faults.crash_after(call);
                Ending::WithoutStatuses
            }
        };
        let results = execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
        if ending == Ending::Quiet && self.incomplete.is_empty() {
            assert_eq!(results.iter().find(|result| result.error.is_some()), None, "AWS refuses it");
        }
        if ending != Ending::WithoutStatuses {
            story.cluster.write_statuses(&plan);
        }
        let faults = story.cloud.faults_mut();
        faults.clear();
        faults.all_targets_unhealthy(self.targets_are_unhealthy);
    }

    /// Everything is known and healthy again, and somebody has followed the remedies, so that nothing blocks the controller.
    fn end(mut self) -> Controller {
        self.all_is_known();
        let mut story = self.story;
        story.settings = self.settings;
        story.settings.allowances = everything(&mut story);
        story.cloud.faults_mut().all_targets_unhealthy(false);
        let inventory = story.cloud.inventory_mut();
        inventory.quotas = self.quotas;
        inventory.instances.push(instance("i-last", "c", None));
        let has_tags = |tags: &[Tag]| tags.iter().any(|tag| tag.key == TAG_ID);
        inventory.target_groups.retain(|found| has_tags(&found.tags));
        inventory
            .load_balancers
            .retain(|found| !found.name.starts_with("albatross-") || has_tags(&found.tags));
        inventory.load_balancers.iter_mut().for_each(|found| found.state = LoadBalancerState::Active);
        story
    }
}

/// Allows everything that budgets could hold back.
fn everything(story: &mut Controller) -> Allowances {
    let names: Vec<String> = story.cluster.cluster().ingresses.iter().map(name).collect();
    let inventory = story.cloud.inventory();
    let tags = inventory.load_balancers.iter().flat_map(|found| &found.tags);
    let ids = tags.filter(|tag| tag.key == TAG_ID).map(|tag| tag.value.clone());
    let listeners = inventory.load_balancers.iter().flat_map(|found| &found.listeners);
    let rules = listeners.flat_map(|listener| &listener.rules).map(|rule| rule.arn.clone());
    Allowances {
        release: names.clone(),
        name_change: names,
        unneeded: inventory
            .certificates
            .iter()
            .map(|found| found.arn.clone())
            .chain(ids)
            .chain(rules)
            .collect(),
        targets: inventory
            .instances
            .iter()
            .map(|found| found.id.clone())
            .chain(inventory.auto_scaling_groups.iter().map(|found| found.name.clone()))
            .collect(),
        ..Allowances::default()
    }
}
