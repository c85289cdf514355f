//! Everything at once: people, AWS and accidents leave the controller no time to come to rest.

use std::collections::BTreeSet;

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, execution};
use albatross_stories::generated::{Dice, change_one, generate};
use albatross_stories::{Controller, instance, renewal, tells};

use crate::{
    for_all,
    services::{assert_everybody_is_served, name, published},
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
            turmoil.pass(&mut dice);
            let after = published(&turmoil.story);
            for gone in before.keys().filter(|name| !after.contains_key(*name)) {
                let class = turmoil.story.ingress(gone).ingress_class_name;
                let is_ours = turmoil.story.settings.ingress_class_controller
                    == turmoil.settings.ingress_class_controller;
                assert!(
                    class.as_deref() == Some("somebody-else") || !is_ours,
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
        // Who needs more than a load balancer can have was told so.
        plan.outcomes.retain(|outcome| !tells(outcome, DiagnosticCode::CapacityExceeded));
        assert_everybody_is_served(&mut story, &plan);
    });
}

/// A world in which everything happens.
struct Turmoil {
    story: Controller,
    /// What there was in the beginning, or has come since: who is deleted may be made again.
    ingresses: Vec<Ingress>,
    settings: Settings,
    quotas: Quotas,
    incomplete: Vec<ViewPart>,
    renewals: u32,
}

/// How a pass ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing disturbs it.
    Quiet,
    /// An action fails.
    WithFaults,
    /// The controller dies before it writes a status.
    WithoutStatuses,
}

impl Turmoil {
    fn new(mut story: Controller) -> Turmoil {
        let ingresses = story.cluster.cluster().ingresses.clone();
        let settings = story.settings.clone();
        let quotas = story.cloud.inventory().quotas.clone();
        Turmoil { story, ingresses, settings, quotas, incomplete: Vec::new(), renewals: 0 }
    }

    /// One pass, that may see too little and end too early.
    fn pass(&mut self, dice: &mut Dice) {
        let mut snapshot = self.story.snapshot().unwrap();
        for part in &self.incomplete {
            miss(*part, &mut snapshot, dice);
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
        story.cloud.faults_mut().clear();
    }

    fn something_happens(&mut self, dice: &mut Dice) -> &'static str {
        match dice.below(16) {
            0 | 1 => self.some_are_deleted(dice),
            2 | 3 => self.some_are_made_again(dice),
            4 | 5 => self.one_is_changed(dice),
            6 => self.certificates_are_deleted(dice),
            7 => self.certificates_are_renewed(dice),
            8 => self.somebody_meddles_with_a_load_balancer(dice),
            9 => self.somebody_meddles_with_target_groups(dice),
            10 => self.nodes_come(),
            11 => self.nodes_go(dice),
            12 => self.lists_fail(dice),
            13 => self.all_is_known(),
            14 => self.a_policy_fails(dice),
            _ => self.settings_change(dice),
        }
    }

    fn some_are_deleted(&mut self, dice: &mut Dice) -> &'static str {
        let keep = *dice.pick(&[0, 50, 80, 90]);
        let there = self.story.cluster.cluster().ingresses.clone();
        self.story.apply_all(there.into_iter().filter(|_| dice.percent(keep)).collect());
        "some are deleted"
    }

    fn some_are_made_again(&mut self, dice: &mut Dice) -> &'static str {
        let mut all = self.story.cluster.cluster().ingresses.clone();
        let there: BTreeSet<String> = all.iter().map(name).collect();
        let gone = self.ingresses.iter().filter(|ingress| !there.contains(&name(ingress)));
        all.extend(gone.filter(|_| dice.percent(70)).cloned());
        self.story.apply_all(all);
        "some are made again"
    }

    fn one_is_changed(&mut self, dice: &mut Dice) -> &'static str {
        if self.story.cluster.cluster().ingresses.is_empty() {
            return self.some_are_made_again(dice);
        }
        change_one(&mut self.story, dice);
        let there = self.story.cluster.cluster().ingresses.clone();
        let names: BTreeSet<String> = there.iter().map(name).collect();
        self.ingresses.retain(|ingress| !names.contains(&name(ingress)));
        self.ingresses.extend(there);
        "one is changed"
    }

    /// ACM and IAM delete none that a listener uses.
    fn certificates_are_deleted(&mut self, dice: &mut Dice) -> &'static str {
        let inventory = self.story.cloud.inventory_mut();
        let listeners = inventory.load_balancers.iter().flat_map(|found| &found.listeners);
        let used: BTreeSet<&String> = listeners
            .flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate))
            .collect();
        inventory.certificates.retain(|found| used.contains(&found.arn) || !dice.percent(20));
        "certificates are deleted"
    }

    fn certificates_are_renewed(&mut self, dice: &mut Dice) -> &'static str {
        let now = self.story.cloud.now();
        let mut old = self.story.cloud.inventory().certificates.clone();
        old.retain(|_| dice.percent(30));
        for certificate in old {
            let names: Vec<&str> = certificate.names.iter().map(String::as_str).collect();
            self.renewals += 1;
            self.story.add_certificate(renewal(1_000 + self.renewals, &names, now - 60));
        }
        "certificates are renewed"
    }

    fn somebody_meddles_with_a_load_balancer(&mut self, dice: &mut Dice) -> &'static str {
        let all = self.story.load_balancers();
        let ours: Vec<&LoadBalancer> =
            all.iter().filter(|found| found.name.starts_with("albatross-")).collect();
        if ours.is_empty() {
            return "nothing";
        }
        let name = &dice.pick(&ours).dns_name;
        let kind = dice.below(9);
        self.story.in_the_console(name, |found| match kind {
            0 => found.listeners.clear(),
            1 => found.listeners.retain(|listener| listener.port != 443),
            2 => found.listeners.iter_mut().for_each(|listener| listener.certificates.clear()),
            3 => found.security_groups = vec!["sg-other".into()],
            4 => found.tags.retain(|tag| tag.key.starts_with("kubernetes")),
            5 => found.tags.clear(),
            6 => found.state = LoadBalancerState::Failed,
            7 => {
                found.attributes.push(Tag { key: "deletion_protection.enabled".into(), value: "true".into() })
            }
            _ => {}
        });
        if kind == 8 {
            self.story.delete_load_balancer(name);
        }
        "somebody meddles with a load balancer"
    }

    fn somebody_meddles_with_target_groups(&mut self, dice: &mut Dice) -> &'static str {
        let inventory = self.story.cloud.inventory_mut();
        match dice.below(4) {
            0 => inventory.target_groups.iter_mut().for_each(|found| found.targets.clear()),
            1 => drop(inventory.target_groups.pop()),
            2 => inventory.auto_scaling_groups.iter_mut().for_each(|group| group.target_groups.clear()),
            _ => inventory.target_groups.iter_mut().take(1).for_each(|found| found.tags.clear()),
        }
        "somebody meddles with target groups"
    }

    fn nodes_come(&mut self) -> &'static str {
        let number = self.story.cloud.inventory().auto_scaling_groups.len();
        self.story.start_node_group(&format!("more-nodes-{number}"), &["a", "b"]);
        "nodes come"
    }

    fn nodes_go(&mut self, dice: &mut Dice) -> &'static str {
        self.story.cloud.inventory_mut().instances.retain(|_| !dice.percent(40));
        "nodes go"
    }

    fn lists_fail(&mut self, dice: &mut Dice) -> &'static str {
        let parts = [
            ViewPart::Ingresses,
            ViewPart::IngressStatuses,
            ViewPart::Subnets,
            ViewPart::SecurityGroups,
            ViewPart::CertificatesAcm,
            ViewPart::CertificatesIam,
            ViewPart::LoadBalancers,
            ViewPart::Listeners,
            ViewPart::TargetGroups,
            ViewPart::TargetHealth,
            ViewPart::AutoScalingGroups,
            ViewPart::Instances,
            ViewPart::Tags,
            ViewPart::Quotas,
        ];
        self.incomplete = (0..dice.between(1, 2)).map(|_| *dice.pick(&parts)).collect();
        "lists fail"
    }

    fn all_is_known(&mut self) -> &'static str {
        self.incomplete.clear();
        self.story.frozen.clear();
        self.story.cloud.inventory_mut().incomplete.clear();
        "all lists can be read, and all policies work"
    }

    fn a_policy_fails(&mut self, dice: &mut Dice) -> &'static str {
        let points = [PolicyPoint::Grouping, PolicyPoint::Subnets, PolicyPoint::Certificates];
        self.story.frozen = vec![*dice.pick(&points)];
        "a policy fails"
    }

    fn settings_change(&mut self, dice: &mut Dice) -> &'static str {
        let everything = everything(&mut self.story);
        let settings = &mut self.story.settings;
        match dice.below(10) {
            0 => settings.default_scheme = Scheme::Internal,
            1 => settings.default_scheme = Scheme::InternetFacing,
            2 => settings.grace = 60,
            3 => settings.ingress_class_controller = "somebody/else".into(),
            4 => settings.proxy.target_port += 1,
            5 => settings.ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06".into(),
            6 => settings.allowances = everything,
            7 => self.story.cloud.inventory_mut().quotas.target_groups_per_auto_scaling_group = 1,
            8 => self.story.cloud.inventory_mut().quotas.load_balancers = 2,
            _ => {
                *settings = self.settings.clone();
                self.story.cloud.inventory_mut().quotas = self.quotas.clone();
            }
        }
        "settings change"
    }

    /// All is known and healthy again, and somebody has followed the remedies: what stands in the way is gone.
    fn end(mut self) -> Controller {
        self.all_is_known();
        let mut story = self.story;
        story.settings = self.settings;
        story.settings.allowances = everything(&mut story);
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

/// Allows all that budgets could hold back.
fn everything(story: &mut Controller) -> Allowances {
    let names: Vec<String> = story.cluster.cluster().ingresses.iter().map(name).collect();
    let inventory = story.cloud.inventory();
    let tags = inventory.load_balancers.iter().flat_map(|found| &found.tags);
    let ids = tags.filter(|tag| tag.key == TAG_ID).map(|tag| tag.value.clone());
    Allowances {
        release: names.clone(),
        name_change: names,
        unneeded: inventory.certificates.iter().map(|found| found.arn.clone()).chain(ids).collect(),
        targets: inventory
            .instances
            .iter()
            .map(|found| found.id.clone())
            .chain(inventory.auto_scaling_groups.iter().map(|found| found.name.clone()))
            .collect(),
        ..Allowances::default()
    }
}

/// A part of the view lacks some of what there is, and says so.
fn miss(part: ViewPart, snapshot: &mut Snapshot, dice: &mut Dice) {
    let Snapshot { cluster, inventory, .. } = snapshot;
    let mut lost = || dice.percent(40);
    match part {
        ViewPart::Ingresses => cluster.ingresses.retain(|_| !lost()),
        ViewPart::IngressStatuses => {
            cluster.ingresses.iter_mut().filter(|_| lost()).for_each(|found| found.status.clear())
        }
        ViewPart::Subnets => inventory.subnets.retain(|_| !lost()),
        ViewPart::SecurityGroups => inventory.security_groups.retain(|_| !lost()),
        ViewPart::CertificatesAcm | ViewPart::CertificatesIam => inventory.certificates.retain(|_| !lost()),
        ViewPart::LoadBalancers => inventory.load_balancers.retain(|_| !lost()),
        ViewPart::Listeners => {
            inventory.load_balancers.iter_mut().filter(|_| lost()).for_each(|found| found.listeners.clear());
        }
        ViewPart::TargetGroups => inventory.target_groups.retain(|_| !lost()),
        ViewPart::TargetHealth => {
            inventory.target_groups.iter_mut().filter(|_| lost()).for_each(|found| found.targets.clear());
        }
        ViewPart::AutoScalingGroups => inventory.auto_scaling_groups.retain(|_| !lost()),
        ViewPart::Instances => inventory.instances.retain(|_| !lost()),
        ViewPart::Tags => {
            inventory.load_balancers.iter_mut().filter(|_| lost()).for_each(|found| found.tags.clear());
        }
        _ => {}
    }
    let reason = "the list call failed".to_owned();
    match part {
        ViewPart::Ingresses | ViewPart::IngressStatuses => {
            cluster.incomplete.push(IncompletePart { part, reason })
        }
        _ => inventory.incomplete.push(IncompletePart { part, reason }),
    }
}
