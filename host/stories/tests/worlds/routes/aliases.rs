//! Records in Route 53: a host that is served keeps its record whatever changes, records of other people stay as they are, and
//! nothing is left of Ingresses that are gone.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, Cloud, EmbeddedCloud, execution};
use albatross_stories::generated::Dice;
use albatross_stories::{Controller, WAITING};

use super::{allow_everything, changes, groups, kubernetes::hosts, numbers};
use crate::for_each;

/// Changes to each group, one after the other.
const CHANGES: usize = 5;
/// Passes after which everything must have converged.
const PASSES: usize = 14;

const ZONES: [&str; 6] =
    ["example.org", "shop.example.org", "example.com", "example.net", "example.edu", "unused.example"];

/// A hosted zone with records of other people, some of them for hosts of Ingresses.
fn zone(name: &str, private_zone: bool, dice: &mut Dice) -> HostedZone {
    let vpc = HostedZoneVpc { vpc_id: "vpc-1".into(), region: "eu-central-1".into() };
    let hosts = ["mail", "pay", "api", "*", "wiki"].map(|label| format!("{label}.{name}"));
    let taken = hosts.into_iter().filter(|_| dice.percent(20));
    HostedZone {
        id: format!("Z{}{}", if private_zone { "PRIVATE" } else { "PUBLIC" }, name.replace('.', "")),
        name: name.into(),
        private_zone,
        vpcs: if private_zone { vec![vpc] } else { Vec::new() },
        record_sets: taken.map(|host| of_people(&host)).collect(),
        ..HostedZone::default()
    }
}

fn of_people(name: &str) -> RecordSet {
    RecordSet {
        name: name.into(),
        record_type: "A".into(),
        ttl: Some(60),
        values: vec!["192.0.2.1".into()],
        ..RecordSet::default()
    }
}

type Record = (String, RecordSet);

/// All records with the ids of their zones: those of other people, and others.
fn records(cloud: &mut EmbeddedCloud) -> (Vec<Record>, Vec<Record>) {
    let zones = cloud.inventory().hosted_zones.iter().flatten();
    let all = zones.flat_map(|zone| zone.record_sets.iter().map(|record| (zone.id.clone(), record.clone())));
    let mut all: Vec<Record> = all.collect();
    all.sort_by_key(|(zone, record)| (zone.clone(), record.name.clone(), record.record_type.clone()));
    all.into_iter().partition(|(_, record)| record.values == ["192.0.2.1"])
}

/// Where the alias records of each host point.
fn aliases(cloud: &mut EmbeddedCloud) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, record) in records(cloud).1 {
        if let Some(alias) = record.alias_target {
            found.entry(record.name).or_default().insert(alias.dns_name.to_ascii_lowercase());
        }
    }
    found
}

/// What must hold at every moment of a change.
struct Watch {
    what: &'static str,
    of_people: Vec<Record>,
    /// Where the records of each host pointed before.
    before: BTreeMap<String, BTreeSet<String>>,
}

impl Watch {
    fn look(&self, cloud: &mut EmbeddedCloud, cluster: &Cluster, when: &str) {
        let what = self.what;
        assert_eq!(records(cloud).0, self.of_people, "{what}, {when}: records of other people");
        let served = served(cluster);
        let aliases = aliases(cloud);
        for host in self.before.keys().filter(|host| served.contains_key(*host)) {
            assert!(aliases.contains_key(host), "{what}, {when}: {host} has no record any more");
        }
        let exist: BTreeSet<String> = cloud
            .inventory()
            .load_balancers
            .iter()
            .map(|found| found.dns_name.to_ascii_lowercase())
            .collect();
        for (host, to) in &aliases {
            assert!(
                to.is_subset(&exist),
                "{what}, {when}: the record of {host} points to {to:?}, which is gone"
            );
        }
    }
}

/// The hosts for which published Ingresses have rules, with the hostnames of their statuses.
fn served(cluster: &Cluster) -> BTreeMap<String, BTreeSet<String>> {
    published(cluster, hosts)
}

/// The hosts that an Ingress names, even without a path.
fn named_hosts(ingress: &Ingress) -> BTreeSet<String> {
    ingress.rules.iter().filter_map(|rule| rule.host.as_deref()).map(str::to_ascii_lowercase).collect()
}

fn published(
    cluster: &Cluster,
    hosts: fn(&Ingress) -> BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut served: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ingress in &cluster.ingresses {
        let status = ingress.status.iter().filter_map(|address| address.hostname.as_deref());
        for hostname in status.map(str::to_ascii_lowercase) {
            for host in hosts(ingress) {
                served.entry(host).or_default().insert(hostname.clone());
            }
        }
    }
    served
}

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

/// Passes until nothing is to be done. Some passes end in a crash after some of their actions.
fn converge(story: &mut Controller, watch: &Watch, dice: &mut Dice) {
    for number in 0..PASSES {
        allow_everything(story);
        let mut plan = story.plan();
        let crashes = number < 4 && dice.percent(25);
        if crashes {
            plan.actions.truncate(dice.below(plan.actions.len() + 1));
        }
        let cluster = story.cluster.cluster().clone();
        let cloud = &mut story.cloud;
        let results =
            execution::execute(&mut Watched { cloud, cluster: &cluster, watch }, &plan, &mut |_, _| {});
        assert_eq!(results.iter().find(|it| it.error.is_some()), None, "{}: AWS refuses it", watch.what);
        let statuses = if crashes { Vec::new() } else { story.cluster.write_statuses(&plan) };
        let cluster = story.cluster.cluster().clone();
        watch.look(&mut story.cloud, &cluster, "after a pass");
        let now = story.cloud.now();
        let waits = plan.next_change_at.is_some_and(|at| at <= now + 900);
        if !crashes && plan.actions.is_empty() && statuses.is_empty() && !waits {
            return;
        }
        story.cloud.advance(WAITING);
    }
    panic!("{}: not converged after {PASSES} passes: {:#?}", watch.what, story.plan().actions);
}

/// Each host of a published Ingress has a record that points to the load balancer of an Ingress with this host, unless other
/// people have one for it; and there are no other records of ours.
fn assert_right_in_the_end(story: &mut Controller, watch: &Watch) {
    let cluster = story.cluster.cluster().clone();
    let (served, named) = (served(&cluster), published(&cluster, named_hosts));
    let aliases = aliases(&mut story.cloud);
    for (host, to) in &aliases {
        let right = named.get(host);
        assert!(
            right.is_some_and(|right| to.is_subset(right)),
            "{}, in the end: the record of {host} points to {to:?}, and {right:?} serves it{}",
            watch.what,
            in_words(&cluster.ingresses.iter().collect::<Vec<_>>())
        );
    }
    let missing: Vec<&String> = served.keys().filter(|host| !aliases.contains_key(*host)).collect();
    let is_taken = |host: &&&String| watch.of_people.iter().any(|(_, record)| record.name == ***host);
    let missing: Vec<&&String> = missing.iter().filter(|host| !is_taken(host)).collect();
    assert!(missing.is_empty(), "{}, in the end: no record for {missing:?}", watch.what);
}

#[test]
fn hosts_that_are_served_keep_their_records_and_those_of_others_stay_as_they_are() {
    for_each(numbers(100), |number| {
        let (mut story, mut dice, hosts) = groups::some(number);
        story.settings.route53 = Some(Route53Settings { zones: Vec::new(), domains: Vec::new(), role: None });
        let zones = ZONES.iter().flat_map(|name| [(name, false), (name, true)]);
        let zones = zones.map(|(name, private)| zone(name, private, &mut dice)).collect();
        story.cloud.inventory_mut().hosted_zones = Some(zones);
        let of_people = records(&mut story.cloud).0;
        let watch = |what, story: &mut Controller| Watch {
            what,
            of_people: of_people.clone(),
            before: aliases(&mut story.cloud),
        };
        let first = watch("the beginning", &mut story);
        converge(&mut story, &first, &mut dice);
        for change in 0..CHANGES {
            let mut watch = watch("", &mut story);
            watch.what = changes::change(&mut story, hosts, &mut dice, change);
            converge(&mut story, &watch, &mut dice);
            story.wait_for_the_grace();
            converge(&mut story, &watch, &mut dice);
            let is_readable = |ingress: &Ingress| !changes::is_broken(ingress);
            if story.cluster.cluster().ingresses.iter().all(is_readable) {
                assert_right_in_the_end(&mut story, &watch);
            }
        }
        story.apply_all(Vec::new());
        let last = watch("all Ingresses are deleted", &mut story);
        converge(&mut story, &last, &mut dice);
        story.wait_for_the_grace();
        converge(&mut story, &last, &mut dice);
        assert_eq!(records(&mut story.cloud).1, [], "nothing of ours is left");
        assert!(story.load_balancers().is_empty());
    });
}
