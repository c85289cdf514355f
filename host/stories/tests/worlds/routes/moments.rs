//! No bad moment: whatever changes, after every single action each request goes to its old or its new backend, and never to
//! a third one or to nothing. So it does if the controller crashes at any action.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, Cloud, EmbeddedCloud, execution};
use albatross_stories::{Controller, WAITING, tag};

use super::{
    allow_everything,
    answers::{Heard, heard},
    changes::{self, is_broken, scheme},
    groups,
    kubernetes::{Asked, GROUP, NOT_FOUND, Said, annotation, asks_for_host, in_words, reading},
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
    /// Members with hosts that belong to another load balancer of their group, as the last plan says.
    host_split: BTreeSet<String>,
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
            host_split: BTreeSet::new(),
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

    /// What clients heard before. Clients of an Ingress come to the load balancer that its status names; so they come from the
    /// load balancer that served it before. Where no Ingress asks for the host, what the load balancer itself answered.
    fn heard_before(
        &self,
        place: usize,
        on: &LoadBalancer,
        named: &[&Ingress],
        all: &[LoadBalancer],
    ) -> Vec<Heard> {
        let asking = named.iter().filter(|ingress| asks_for_host(ingress, &self.asked[place].host));
        let names: BTreeSet<&String> =
            asking.filter_map(|ingress| self.published.get(&name(ingress))).collect();
        let served = all.iter().filter(|found| names.contains(&found.dns_name));
        let before: Vec<Heard> = served
            .filter_map(|found| self.before.get(&found.arn))
            .flat_map(|before| before[place].clone())
            .collect();
        match self.before.get(&on.arn) {
            Some(of_itself) if before.is_empty() => of_itself[place].clone(),
            _ => before,
        }
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
        for group in &groups {
            for cluster in [cluster, &planned].into_iter().chain(&only_deleted) {
                right.insert(reading(cluster, &group_named(cluster, group), asked));
            }
            right.extend(self.right_after_split(cluster, group, on, asked));
        }
        if groups.is_empty() {
            right.insert(NOT_FOUND);
        }
        right
    }

    /// The only answer that is right in the end; several, if a member has a host of another load balancer.
    fn right_in_the_end(
        &self,
        cluster: &Cluster,
        group: &(String, String),
        on: &LoadBalancer,
        asked: &Asked,
    ) -> BTreeSet<Said> {
        let split = self.right_after_split(cluster, group, on, asked);
        match split.iter().collect::<Vec<_>>().as_slice() {
            [only] if **only == NOT_FOUND => split,
            _ => split.into_iter().chain([reading(cluster, &group_named(cluster, group), asked)]).collect(),
        }
    }

    /// What else is right on a load balancer of a group with several: nothing for hosts for which none of its own members asks.
    /// A member with a host of another load balancer does not serve it there, so that requests for this host get what the
    /// members on one of the load balancers say.
    fn right_after_split(
        &self,
        cluster: &Cluster,
        group: &(String, String),
        on: &LoadBalancer,
        asked: &Asked,
    ) -> BTreeSet<Said> {
        let members = group_named(cluster, group);
        let here = |ingress: &&Ingress| is_on(ingress, on);
        let here: Vec<&Ingress> = members.iter().copied().filter(here).collect();
        let asking: Vec<&&Ingress> = here.iter().filter(|it| asks_for_host(it, &asked.host)).collect();
        let mut right = BTreeSet::new();
        if here.len() < members.len() && asking.is_empty() {
            right.insert(NOT_FOUND);
        }
        let is_divided =
            |it: &&&Ingress| self.host_split.contains(&name(it)) && asks_for_host(it, &asked.host);
        if members.iter().any(|ingress| is_divided(&ingress)) {
            right.extend([NOT_FOUND, reading(cluster, &here, asked)]);
        }
        right
    }

    /// The cluster with nothing but the deletions of this change. At the quota, a deletion makes room for Ingresses that were
    /// left out: first the rules of the deleted Ingress go.
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
    (group, scheme(ingress).to_owned())
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
    watch.left_out = warned(&plan, DiagnosticCode::QuotaExhausted);
    watch.host_split = warned(&plan, DiagnosticCode::HostSplit);
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

/// The Ingresses for which there was room from the beginning.
fn with_room(story: &mut Controller) -> Vec<Ingress> {
    let left_out = warned(&story.plan(), DiagnosticCode::QuotaExhausted);
    let all = story.cluster.cluster().ingresses.iter();
    all.filter(|ingress| !left_out.contains(&name(ingress))).cloned().collect()
}

/// The Ingresses with a warning of a kind.
fn warned(plan: &Plan, code: DiagnosticCode) -> BTreeSet<String> {
    let warns =
        |it: &&Outcome| it.diagnostics.iter().any(|it| it.code == code && it.severity != Severity::Info);
    plan.outcomes.iter().filter(warns).map(|outcome| outcome.object.to_string()).collect()
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
    let planned = watch.as_planned(&cluster);
    for ingress in &cluster.ingresses {
        let has_hostname = story.hostname(&name(ingress)).is_some();
        let is_out = is_broken(ingress) || watch.left_out.contains(&name(ingress));
        assert!(has_hostname || is_out, "{}, in the end: {} has no hostname", watch.what, name(ingress));
    }
    for ingress in planned.ingresses.iter().filter(|ingress| !ingress.status.is_empty()) {
        let on = story.serving(&name(ingress));
        for (place, asked) in watch.asked.iter().enumerate() {
            let right = if watch.left_out.is_empty() {
                watch.right_in_the_end(&planned, &group_of(ingress), &on, asked)
            } else {
                // The rules of an Ingress without room stay as they are, whatever becomes of its Services.
                let before = watch.before.get(&on.arn).into_iter().flat_map(|before| &before[place]);
                let before = before.map(|heard| heard.said);
                watch.right(&cluster, &on, asked).into_iter().chain(before).collect()
            };
            let heard = heard(&mut story.cloud, &on.arn, asked);
            assert!(
                heard.iter().all(|it| right.contains(&it.said) && it.is_healthy),
                "{}, in the end: {} of {} answers {asked:?} with {heard:?}, and {right:?} is right{}",
                watch.what,
                name(ingress),
                on.name,
                in_words(&cluster.ingresses.iter().collect::<Vec<_>>())
            );
        }
    }
    planned.ingresses
}

/// What happened in a run, by kind.
struct Kinds(BTreeMap<&'static str, usize>);

const GROWS: &str = "a group gets a further load balancer";
const MOVES: &str = "an Ingress moves to another load balancer of its group";

impl Kinds {
    fn new() -> Kinds {
        let all = changes::KINDS.into_iter().chain([GROWS, MOVES]);
        Kinds(all.map(|kind| (kind, 0)).collect())
    }

    fn count(&mut self, kind: &'static str) {
        *self.0.get_mut(kind).unwrap_or_else(|| panic!("{kind} is no kind of change")) += 1;
    }

    /// Counts what happened to split groups.
    fn count_splits(&mut self, before: &Parts, after: &Parts) {
        let parts = |all: &Parts| all.values().cloned().collect::<BTreeSet<_>>();
        let (parts_before, parts_after) = (parts(before), parts(after));
        for (group, part) in parts_after.difference(&parts_before) {
            if *part > 1 && parts_before.iter().any(|(before, _)| before == group) {
                self.count(GROWS);
            }
        }
        let moved = after.iter().filter(|(name, (group, part))| {
            before.get(*name).is_some_and(|before| before.0 == *group && before.1 != *part)
        });
        moved.for_each(|_| self.count(MOVES));
    }
}

/// For each Ingress its group, with its scheme, and which load balancer of the group serves it.
type Parts = BTreeMap<String, ((String, String), usize)>;

fn parts(story: &mut Controller) -> Parts {
    let all = story.load_balancers();
    let cluster = story.cluster.cluster();
    let served = cluster.ingresses.iter().filter_map(|ingress| {
        let on = all.iter().find(|found| is_on(ingress, found))?;
        let part = tag(&on.tags, TAG_GROUP)?.rsplit_once('/').map_or(1, |(_, part)| part.parse().unwrap());
        Some((name(ingress), (group_of(ingress), part)))
    });
    served.collect()
}

#[test]
fn after_every_action_each_request_goes_to_its_old_or_its_new_backend() {
    let numbers = numbers(120);
    let mut kinds = Kinds::new();
    for_each(numbers.clone(), |number| {
        let (mut story, mut dice, hosts) = groups::some(number);
        story.converge();
        let mut planned = with_room(&mut story);
        for change in 0..CHANGES {
            let asked = (0..REQUESTS).map(|_| groups::asked(hosts, &mut dice)).collect();
            let mut watch = Watch::before(&mut story, "", asked, planned);
            let before = parts(&mut story);
            watch.what = changes::change(&mut story, hosts, &mut dice, change);
            kinds.count(watch.what);
            converge(&mut story, &mut watch, true);
            kinds.count_splits(&before, &parts(&mut story));
            planned = assert_right_in_the_end(&mut story, watch);
        }
    });
    println!("{} changes: {:#?}", numbers.len() * CHANGES, kinds.0);
    if numbers.len() > 100 {
        let never: Vec<_> = kinds.0.iter().filter(|(_, count)| **count == 0).collect();
        assert!(never.is_empty(), "among the changes there must be some of every kind: {never:?}");
    }
}
