//! More Ingresses like those that there are, with hosts, certificates and Services of their own, or fewer.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Certificate, Cluster, Ingress, Metadata, ObjectName, Outcome, Plan, RouteGroup, Snapshot, SourceObject,
};

use super::{certificates::Arns, impossible, names, services::Services, spread::places};
use crate::{
    error::Error,
    inputs::{Proposal, Removed},
};

const FLAG: &str = "--ingresses";

/// Adds Ingresses and RouteGroups, or removes them if the number is negative: evenly like those that have a load balancer.
pub fn change(snapshot: &mut Snapshot, plan: &Plan, number: i64) -> Result<(), Error> {
    let many = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    let served: Vec<&Outcome> =
        plan.outcomes.iter().filter(|outcome| outcome.load_balancer.is_some()).collect();
    if served.is_empty() {
        return Err(impossible(FLAG, "no Ingress of the snapshot has a load balancer".to_owned()));
    }
    let chosen: Vec<&Outcome> = places(served.len(), many).into_iter().map(|at| served[at]).collect();
    if number >= 0 {
        add(snapshot, &chosen);
        return Ok(());
    }
    if many >= served.len() {
        let problem = format!("{} Ingresses have a load balancer, and at least one must stay", served.len());
        return Err(impossible(FLAG, problem));
    }
    let gone: BTreeSet<&ObjectName> = chosen.iter().map(|outcome| &outcome.object).collect();
    let cluster = &mut snapshot.cluster;
    cluster.ingresses.retain(|it| !gone.contains(&ObjectName::of_ingress(it)));
    let route_groups = cluster.route_groups.as_mut();
    if let Some(route_groups) = route_groups {
        route_groups.retain(|it| !gone.contains(&ObjectName::of(SourceObject::RouteGroup(it))));
    }
    Ok(())
}

fn add(snapshot: &mut Snapshot, like: &[&Outcome]) {
    let cluster = &snapshot.cluster;
    let ingresses: BTreeMap<ObjectName, &Ingress> =
        cluster.ingresses.iter().map(|it| (ObjectName::of_ingress(it), it)).collect();
    let route_groups: BTreeMap<ObjectName, &RouteGroup> = cluster
        .route_groups
        .iter()
        .flatten()
        .map(|it| (ObjectName::of(SourceObject::RouteGroup(it)), it))
        .collect();
    let mut numbers = names::free_numbers(cluster);
    let mut new = Cluster { endpoint_slices: Some(Vec::new()), ..Cluster::default() };
    let mut certificates = Certificates::of(snapshot);
    let services = Services::of(cluster);
    for outcome in like {
        let number = numbers.next().unwrap_or(usize::MAX);
        let mut another = Another { number, hosts: BTreeMap::new() };
        if let Some(ingress) = ingresses.get(&outcome.object) {
            let mut ingress = another.ingress(ingress, outcome, &mut certificates);
            services.copy_for(&mut ingress, &mut new, |of| name(of, number));
            new.ingresses.push(ingress);
        } else if let Some(route_group) = route_groups.get(&outcome.object) {
            let route_group = another.route_group(route_group, outcome, &mut certificates);
            new.route_groups.get_or_insert_default().push(route_group);
        }
    }
    let added = std::mem::take(&mut certificates.added);
    let proposal = Proposal { manifests: new, removed: Removed::None };
    snapshot.cluster = proposal.apply(std::mem::take(&mut snapshot.cluster), snapshot.time);
    snapshot.inventory.certificates.extend(added);
}

fn name(of: &str, number: usize) -> String {
    format!("{of}-{}", names::label(number))
}

/// One more of an Ingress.
struct Another {
    number: usize,
    /// The new hosts by the old ones.
    hosts: BTreeMap<String, String>,
}

impl Another {
    fn ingress(&mut self, like: &Ingress, outcome: &Outcome, certificates: &mut Certificates) -> Ingress {
        let mut ingress = like.clone();
        for host in ingress.rules.iter_mut().filter_map(|rule| rule.host.as_mut()) {
            *host = self.host(host);
        }
        for host in ingress.tls.iter_mut().flat_map(|tls| &mut tls.hosts) {
            *host = self.host(host);
        }
        self.adapt(&mut ingress.metadata, outcome, certificates);
        ingress
    }

    fn route_group(
        &mut self,
        like: &RouteGroup,
        outcome: &Outcome,
        certificates: &mut Certificates,
    ) -> RouteGroup {
        let mut route_group = like.clone();
        for host in &mut route_group.hosts {
            *host = self.host(host);
        }
        self.adapt(&mut route_group.metadata, outcome, certificates);
        route_group
    }

    /// Gives a new name, and the ARNs of new certificates where annotations name the old ones.
    fn adapt(&self, metadata: &mut Metadata, outcome: &Outcome, certificates: &mut Certificates) {
        metadata.name = name(&metadata.name, self.number);
        for (old, new) in certificates.for_hosts(&self.hosts, outcome) {
            for annotation in &mut metadata.annotations {
                annotation.value = names::with_other_arn(&annotation.value, &old, &new);
            }
        }
    }

    /// A new host beside the old one, so that a wildcard certificate covers both: `what-if-7.example.org` for
    /// `shop.example.org`.
    fn host(&mut self, old: &str) -> String {
        if old.is_empty() {
            return String::new();
        }
        let label = match self.hosts.len() {
            0 => names::label(self.number),
            more => format!("{}-{more}", names::label(self.number)),
        };
        let new = match old.split_once('.') {
            Some(("*", rest)) => format!("*.{label}.{rest}"),
            Some((_, rest)) if rest.contains('.') => format!("{label}.{rest}"),
            _ => format!("{label}.{old}"),
        };
        self.hosts.entry(old.to_ascii_lowercase()).or_insert(new).clone()
    }
}

/// The certificates of the account, and those that new hosts need.
struct Certificates {
    there: BTreeMap<String, Certificate>,
    arns: Arns,
    added: Vec<Certificate>,
}

impl Certificates {
    fn of(snapshot: &Snapshot) -> Certificates {
        let there: BTreeMap<String, Certificate> =
            snapshot.inventory.certificates.iter().map(|it| (it.arn.clone(), it.clone())).collect();
        Certificates { arns: Arns::new(there.keys().cloned()), there, added: Vec::new() }
    }

    /// Where the certificate of an old host does not cover the new one, there is another certificate like it for the new hosts.
    /// Returns the ARNs of these certificates, old and new.
    fn for_hosts(&mut self, hosts: &BTreeMap<String, String>, outcome: &Outcome) -> Vec<(String, String)> {
        let mut needed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for chosen in &outcome.certificates {
            let new = hosts.get(&chosen.host.to_ascii_lowercase());
            let there = self.there.get(&chosen.certificate);
            if let (Some(new), Some(there)) = (new, there)
                && !there.covers(new)
            {
                needed.entry(&chosen.certificate).or_default().push(new.clone());
            }
        }
        let mut changed = Vec::new();
        for (old, names) in needed {
            let Some(like) = self.there.get(old) else { continue };
            let arn = self.arns.new_like(old);
            self.added.push(Certificate { arn: arn.clone(), names, ..like.clone() });
            changed.push((old.to_owned(), arn));
        }
        changed
    }
}
