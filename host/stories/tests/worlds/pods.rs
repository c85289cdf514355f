//! Pods of the proxy come, go, fail and are cut off, in any order and at any pace.

use std::collections::BTreeSet;

use albatross_contract::{IncompletePart, Pod, PodPhase, PodTargets, ViewPart};
use albatross_stories::{Controller, certificate, generated::Dice, ingress, pod, world};

use crate::{for_each, worlds};

/// The labels of the pods, of which a selector selects some.
const APPLICATIONS: [&str; 2] = ["skipper", "other"];

const SELECTORS: [&str; 3] = ["application=skipper", "application in (skipper, other)", "application=nobody"];

#[test]
fn no_call_takes_the_last_healthy_target_whatever_happens_to_the_pods_and_in_the_end_all_are_targets() {
    for_each(worlds(), |number| {
        let mut dice = Dice::new(number);
        let mut rollout = Rollout::new(&mut dice);
        for _ in 0..dice.between(10, 40) {
            (0..dice.between(1, 3)).for_each(|_| rollout.something_happens(&mut dice));
            rollout.dead_addresses_answer_nothing();
            rollout.story.watched_pass();
            rollout.story.wait(*dice.pick(&[1, 5, 20, 60, 400]));
        }
        rollout.end();
    });
}

/// A shop behind a proxy.
struct Rollout {
    story: Controller,
    /// All addresses that a pod ever had.
    addresses: BTreeSet<String>,
    /// Pods that do not answer health checks.
    sick: BTreeSet<String>,
}

impl Rollout {
    fn new(dice: &mut Dice) -> Rollout {
        let story = Controller::new(
            world(),
            vec![certificate(1, &["*.example.org"])],
            vec![ingress("checkout", &["shop.example.org"])],
        );
        let mut rollout = Rollout { story, addresses: BTreeSet::new(), sick: BTreeSet::new() };
        if dice.percent(70) {
            rollout.select(SELECTORS[0]);
        }
        for _ in 0..dice.between(1, 5) {
            rollout.come(dice);
        }
        rollout.story.converge();
        rollout
    }

    fn pods(&mut self) -> &mut Vec<Pod> {
        self.story.cluster.cluster_mut().pods.get_or_insert_default()
    }

    fn select(&mut self, label_selector: &str) {
        let (namespace, label_selector) = ("kube-system".to_owned(), label_selector.to_owned());
        self.story.settings.proxy.pods = Some(PodTargets { namespace, label_selector });
    }

    fn something_happens(&mut self, dice: &mut Dice) {
        match dice.below(14) {
            0..3 => self.come(dice),
            3 | 4 => self.change_one(dice, |pod| pod.ready = !pod.ready),
            5..7 => self.change_one(dice, |pod| pod.metadata.deleted_at = Some(1)),
            7 => self.change_one(dice, |pod| pod.phase = PodPhase::Failed),
            8 => self.pods().iter_mut().for_each(|pod| pod.metadata.deleted_at = Some(1)),
            9 => {
                self.pods().retain(|pod| pod.metadata.deleted_at.is_none() && pod.phase == PodPhase::Running);
            }
            10 if dice.percent(50) => self.pods().clear(),
            10 => self.pods().iter_mut().for_each(|pod| pod.ready = false),
            11 => self.one_falls_ill_or_recovers(dice),
            12 if dice.percent(30) => self.story.settings.proxy.pods = None,
            12 => {
                let selector = *dice.pick(&SELECTORS);
                self.select(selector);
            }
            _ => self.the_list_fails_or_not(dice),
        }
    }

    /// A pod starts, perhaps with the address of another one, as pods in the network of one node have.
    fn come(&mut self, dice: &mut Dice) {
        let used: Vec<String> = self.addresses.iter().cloned().collect();
        let address = match dice.percent(20) && !used.is_empty() {
            true => dice.pick(&used).clone(),
            false => format!("10.0.{}.{}", dice.below(2), dice.between(1, 40)),
        };
        let mut new = pod(&address);
        new.metadata.name = format!("proxy-{}-{}", self.pods().len(), dice.below(1_000_000));
        new.metadata.labels[0].value = (*dice.pick(&APPLICATIONS)).to_owned();
        new.ready = dice.percent(80);
        if dice.percent(15) {
            new.phase = PodPhase::Pending;
        }
        self.addresses.insert(address);
        self.pods().push(new);
    }

    fn change_one(&mut self, dice: &mut Dice, change: impl Fn(&mut Pod)) {
        let count = self.pods().len();
        let chosen = dice.below(count.max(1));
        self.pods().iter_mut().skip(chosen).take(1).for_each(change);
    }

    fn one_falls_ill_or_recovers(&mut self, dice: &mut Dice) {
        let all: Vec<String> = self.addresses.iter().cloned().collect();
        if !all.is_empty() {
            let one = dice.pick(&all);
            if !self.sick.remove(one) {
                self.sick.insert(one.clone());
            }
        }
    }

    fn the_list_fails_or_not(&mut self, dice: &mut Dice) {
        let cluster = self.story.cluster.cluster_mut();
        match cluster.incomplete.pop() {
            Some(_) => {}
            None => {
                let reason = "the watch fails".to_owned();
                cluster.incomplete.push(IncompletePart {
                    part: ViewPart::Pods,
                    resource: None,
                    reason,
                    expected: None,
                });
                if let Some(pods) = cluster.pods.as_mut().filter(|_| dice.percent(50)) {
                    pods.retain(|_| dice.percent(50));
                }
            }
        }
    }

    /// A pod that is being terminated still answers for a while; where no pod runs, nothing answers.
    fn dead_addresses_answer_nothing(&mut self) {
        let pods = self.pods().iter().filter(|pod| pod.phase == PodPhase::Running);
        let alive: BTreeSet<String> = pods.flat_map(|pod| pod.addresses.clone()).collect();
        let faults = self.story.cloud.faults_mut();
        faults.clear();
        for address in self.addresses.iter().filter(|it| !alive.contains(*it) || self.sick.contains(*it)) {
            faults.unhealthy_target(address);
        }
    }

    /// All pods are ready, and everything is known.
    fn end(mut self) {
        self.sick.clear();
        self.select(SELECTORS[1]);
        self.story.cluster.cluster_mut().incomplete.clear();
        self.pods().retain(|pod| pod.metadata.deleted_at.is_none() && pod.phase == PodPhase::Running);
        self.pods().iter_mut().for_each(|pod| pod.ready = true);
        self.addresses.insert("10.0.9.9".to_owned());
        self.pods().push(pod("10.0.9.9"));
        self.dead_addresses_answer_nothing();
        for _ in 0..6 {
            self.story.watched_pass();
            self.story.wait(200);
        }
        let expected: BTreeSet<String> = self.pods().iter().flat_map(|pod| pod.addresses.clone()).collect();
        assert_eq!(self.story.serving_targets(), expected);
        assert_eq!(self.story.healthy_targets(), expected);
        self.story.wait_for_the_grace();
        self.story.converge();
        assert!(self.story.plan().actions.is_empty());
    }
}
