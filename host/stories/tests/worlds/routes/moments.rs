//! No bad moment: whatever changes, after every single action each request goes to its old or its new backend, and never to
//! a third one or to nothing. So it does if the controller crashes at any action.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, Cloud, EmbeddedCloud, execution};
use albatross_stories::{Controller, WAITING, tells};

use super::{
    answers::{Heard, heard},
    changes::{self, SCHEME, is_broken},
    groups,
    kubernetes::{Asked, GROUP, NOT_FOUND, Said, annotation, in_words, reading},
    numbers,
};
use crate::{for_each, services::name};

/// Changes to each group, one after the other.
const CHANGES: usize = 4;
/// Requests that are sent at every moment.
const REQUESTS: usize = 14;
/// Passes after which everything must have converged.
const PASSES: usize = 14;

/// What clients may hear during one change.
#[derive(Clone)]
struct Watch {
    what: &'static str,
    asked: Vec<Asked>,
    /// For each load balancer what it answered before the change.
    before: BTreeMap<String, Vec<Vec<Heard>>>,
    /// ARNs of the rules before the change.
    rules: BTreeSet<String>,
    /// Where each Ingress was published before.
    published: BTreeMap<String, String>,
    /// The Ingresses before the change, as far as they could be planned.
    ingresses: Vec<Ingress>,
    /// Members that the last plan left out for lack of room.
    left_out: BTreeSet<String>,
    /// Whether the quota of rules is so small that members may be left out.
    without_room: bool,
}

impl Watch {
    fn before(
        story: &mut Controller,
        what: &'static str,
        asked: Vec<Asked>,
        ingresses: Vec<Ingress>,
    ) -> Watch {
        let all = story.load_balancers();
        let before = all.iter().map(|found| {
            let answers = asked.iter().map(|asked| heard(&mut story.cloud, &found.arn, asked));
            (found.arn.clone(), answers.collect())
        });
        let before = before.collect();
        let rules = all.iter().flat_map(|found| &found.listeners).flat_map(|listener| &listener.rules);
        Watch {
            what,
            asked,
            before,
            rules: rules.map(|rule| rule.arn.clone()).collect(),
            published: published(story),
            ingresses,
            left_out: BTreeSet::new(),
            without_room: story.cloud.inventory().quotas.rules_per_load_balancer < 100,
        }
    }

    /// Sends every request to every load balancer that a status names now or named before.
    fn look(&self, cloud: &mut EmbeddedCloud, cluster: &Cluster, when: &str) {
        let all = cloud.inventory().load_balancers.clone();
        for found in &all {
            let named_before = self.published.values().any(|hostname| *hostname == found.dns_name);
            let named = cluster.ingresses.iter().filter(|ingress| is_on(ingress, found));
            let named: Vec<&Ingress> = named.collect();
            if named.is_empty() && !named_before {
                continue;
            }
            for (place, asked) in self.asked.iter().enumerate() {
                let right = self.right(cluster, found, asked);
                let before = self.heard_before(place, found, &named, &all);
                let now = heard(cloud, &found.arn, asked);
                assert!(
                    !now.is_empty() || before.is_empty() || right.iter().all(|said| *said == NOT_FOUND),
                    "{}, {when}: {asked:?} gets no answer from {}, and got {before:?} before",
                    self.what,
                    found.name
                );
                for now in now {
                    let fits = self.fits(&now, &before, &right, found);
                    assert!(
                        fits,
                        "{}, {when}: {} answers {asked:?} with {now:?}; before {before:?}, after {right:?}{}",
                        self.what,
                        found.name,
                        in_words(&cluster.ingresses.iter().collect::<Vec<_>>())
                    );
                }
            }
        }
    }

    /// What clients heard before: from the load balancer itself; if it is new, from those that served its members.
    fn heard_before(
        &self,
        place: usize,
        on: &LoadBalancer,
        named: &[&Ingress],
        all: &[LoadBalancer],
    ) -> Vec<Heard> {
        if let Some(before) = self.before.get(&on.arn) {
            return before[place].clone();
        }
        let names = named.iter().filter_map(|ingress| self.published.get(&name(ingress)));
        let names: BTreeSet<&String> = names.collect();
        let served = all.iter().filter(|found| names.contains(&found.dns_name));
        served
            .filter_map(|found| self.before.get(&found.arn))
            .flat_map(|before| before[place].clone())
            .collect()
    }

    /// Whether an answer is the old one or the new one, from a target that can give it.
    fn fits(&self, now: &Heard, before: &[Heard], right: &BTreeSet<Said>, on: &LoadBalancer) -> bool {
        if let Some(before) = before.iter().find(|before| before.said == now.said) {
            return now.is_healthy || !before.is_healthy;
        }
        let is_unneeded = || {
            let rules = on.listeners.iter().flat_map(|listener| &listener.rules);
            let mut answering = rules.filter(|rule| Some(&rule.arn) == now.rule.as_ref());
            answering.any(|rule| rule.tags.iter().any(|tag| tag.key == TAG_UNNEEDED))
        };
        // For its grace period, an unneeded rule answers requests that no Ingress asks for.
        let is_right = right.contains(&now.said) || (right.contains(&NOT_FOUND) && is_unneeded());
        let existed = now.rule.as_ref().is_some_and(|rule| self.rules.contains(rule));
        let was_healthy = before.iter().any(|it| matches!(it.said, Said::NodePort(_)) && it.is_healthy);
        // Nobody hears anything on a port before its listener exists.
        let comes = before.is_empty() && now.said == NOT_FOUND;
        comes || (is_right && now.has_target && (now.is_healthy || !existed || !was_healthy))
    }

    /// The answers that are right after the change, on one load balancer: as the groups say of the Ingresses that it serves or
    /// has served. A member without room is as it was before.
    fn right(&self, cluster: &Cluster, on: &LoadBalancer, asked: &Asked) -> BTreeSet<Said> {
        let was_on = |ingress: &Ingress| self.published.get(&name(ingress)) == Some(&on.dns_name);
        let planned = self.as_planned(cluster);
        let ingresses = cluster.ingresses.iter().chain(&planned.ingresses);
        let groups: BTreeSet<(String, String)> =
            ingresses.filter(|ingress| is_on(ingress, on) || was_on(ingress)).map(group_of).collect();
        let mut right = BTreeSet::new();
        let only_deleted = self.without_room.then(|| self.with_deletions_only(cluster));
        for cluster in [cluster, &planned].into_iter().chain(&only_deleted) {
            for group in &groups {
                right.insert(reading(cluster, &group_named(cluster, group), asked));
            }
        }
        if groups.is_empty() {
            right.insert(NOT_FOUND);
        }
        right
    }

    /// The cluster with nothing but the deletions of this change. At the quota, a deletion makes room for Ingresses that were left
    /// out: first the rules of the deleted Ingress go.
    fn with_deletions_only(&self, cluster: &Cluster) -> Cluster {
        let exists = |before: &&Ingress| cluster.ingresses.iter().any(|it| name(it) == name(before));
        let ingresses = self.ingresses.iter().filter(exists).cloned().collect();
        Cluster { ingresses, ..cluster.clone() }
    }

    /// The cluster as it can be planned: Ingresses that cannot be read, and those without room, are as before.
    fn as_planned(&self, cluster: &Cluster) -> Cluster {
        let ingresses = cluster.ingresses.iter().filter_map(|ingress| {
            if !is_broken(ingress) && !self.left_out.contains(&name(ingress)) {
                return Some(ingress.clone());
            }
            self.ingresses.iter().find(|before| name(before) == name(ingress)).cloned()
        });
        Cluster { ingresses: ingresses.collect(), ..cluster.clone() }
    }
}

/// A group as annotations name it; an Ingress without a group is one of its own. Members with different schemes have different
/// load balancers.
fn group_of(ingress: &Ingress) -> (String, String) {
    let group = annotation(ingress, GROUP).map_or_else(|| name(ingress), str::to_owned);
    (group, annotation(ingress, SCHEME).unwrap_or("internal").to_owned())
}

fn group_named<'a>(cluster: &'a Cluster, group: &(String, String)) -> Vec<&'a Ingress> {
    cluster.ingresses.iter().filter(|ingress| group_of(ingress) == *group).collect()
}

fn is_on(ingress: &Ingress, found: &LoadBalancer) -> bool {
    ingress.status.iter().any(|address| address.hostname.as_ref() == Some(&found.dns_name))
}

fn published(story: &Controller) -> BTreeMap<String, String> {
    crate::services::published(story)
}

/// A cloud whose load balancers are asked after every action.
struct Watched<'a> {
    cloud: &'a mut EmbeddedCloud,
    cluster: &'a Cluster,
    watch: &'a Watch,
}

impl Cloud for Watched<'_> {
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        let answer = self.cloud.execute(operation);
        self.watch.look(self.cloud, self.cluster, &format!("after {operation:?}"));
        answer
    }

    fn wait(&mut self) {
        Cloud::wait(self.cloud);
    }
}

/// One pass without an accident, watched. Returns whether it did anything.
fn pass(story: &mut Controller, watch: &mut Watch) -> (Plan, bool) {
    allow_everything(story);
    let plan = story.plan();
    let left_out = plan.outcomes.iter().filter(|it| tells(it, DiagnosticCode::QuotaExhausted));
    watch.left_out = left_out.map(|outcome| outcome.object.to_string()).collect();
    let cluster = story.cluster.cluster().clone();
    let results = execution::execute(
        &mut Watched { cloud: &mut story.cloud, cluster: &cluster, watch },
        &plan,
        &mut |_, _| {},
    );
    assert_eq!(results.iter().find(|it| it.error.is_some()), None, "{}: AWS refuses it", watch.what);
    let statuses = story.cluster.write_statuses(&plan);
    let cluster = story.cluster.cluster().clone();
    watch.look(&mut story.cloud, &cluster, "after the statuses were written");
    let did_something = !plan.actions.is_empty() || !statuses.is_empty();
    (plan, did_something)
}

/// Passes until nothing is to be done. `crashes`: in each of them, the controller crashes at every action in turn.
fn converge(story: &mut Controller, watch: &mut Watch, crashes: bool) {
    for _ in 0..PASSES {
        if crashes {
            crash_everywhere(story, watch);
        }
        let (plan, did_something) = pass(story, watch);
        let now = story.cloud.now();
        match plan.next_change_at {
            _ if did_something => {}
            Some(at) if at <= now + 900 => {}
            _ => return,
        }
        story.cloud.advance(WAITING);
        let cluster = story.cluster.cluster().clone();
        watch.look(&mut story.cloud, &cluster, "after some time");
    }
    panic!("{}: not converged after {PASSES} passes: {:#?}", watch.what, story.plan().actions);
}

/// Budgets are not the subject here.
fn allow_everything(story: &mut Controller) {
    let inventory = story.cloud.inventory();
    let listeners = inventory.load_balancers.iter().flat_map(|found| &found.listeners);
    let rules = listeners.flat_map(|listener| &listener.rules).map(|rule| rule.arn.clone());
    let ids = inventory.load_balancers.iter().flat_map(|found| &found.tags);
    let ids = ids.filter(|tag| tag.key == TAG_ID).map(|tag| tag.value.clone());
    let unneeded = rules.chain(ids).collect();
    let targets = inventory.instances.iter().map(|found| found.id.clone()).collect();
    let names: Vec<String> = story.cluster.cluster().ingresses.iter().map(name).collect();
    story.settings.allowances =
        Allowances { release: names.clone(), name_change: names, unneeded, targets, ..Allowances::default() };
}

/// The controller crashes after each number of actions of a plan, in turn, and starts again.
fn crash_everywhere(story: &mut Controller, watch: &Watch) {
    allow_everything(story);
    let plan = story.plan();
    for executed in 1..plan.actions.len() {
        let mut story = story.fork();
        let mut watch = watch.clone();
        let part = Plan { actions: plan.actions[..executed].to_vec(), ..plan.clone() };
        execution::execute(&mut story.cloud, &part, &mut |_, _| {});
        story.cloud.advance(10);
        converge(&mut story, &mut watch, false);
    }
}

/// After the grace period, load balancers answer exactly as Kubernetes says. Returns the Ingresses as far as they can be planned.
fn assert_right_in_the_end(story: &mut Controller, before: Watch) -> Vec<Ingress> {
    let planned = before.as_planned(story.cluster.cluster()).ingresses;
    let watch = &mut Watch::before(story, before.what, before.asked, planned);
    story.wait_for_the_grace();
    converge(story, watch, false);
    let cluster = story.cluster.cluster().clone();
    let planned = watch.as_planned(&cluster).ingresses;
    if cluster.ingresses.iter().any(is_broken) || !watch.left_out.is_empty() {
        return planned;
    }
    for ingress in &cluster.ingresses {
        let load_balancer = story.serving(&name(ingress));
        let group = group_named(&cluster, &group_of(ingress));
        for asked in &watch.asked {
            let right = reading(&cluster, &group, asked);
            let heard = heard(&mut story.cloud, &load_balancer.arn, asked);
            assert!(
                heard.iter().all(|it| it.said == right && it.is_healthy),
                "{}, in the end: {asked:?}: {heard:?}, and {right:?} is right{}",
                watch.what,
                in_words(&group)
            );
        }
    }
    planned
}

#[test]
fn after_every_action_each_request_goes_to_its_old_or_its_new_backend() {
    for_each(numbers(150), |number| {
        let (mut story, mut dice) = groups::generate(number);
        story.converge();
        let mut planned = story.cluster.cluster().ingresses.clone();
        for change in 0..CHANGES {
            let asked = (0..REQUESTS).map(|_| groups::asked(&mut dice)).collect();
            let mut watch = Watch::before(&mut story, "", asked, planned);
            watch.what = changes::change(&mut story, &mut dice, change);
            converge(&mut story, &mut watch, true);
            planned = assert_right_in_the_end(&mut story, watch);
        }
    });
}
