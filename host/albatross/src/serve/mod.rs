//! `simulate --serve`: what the load balancers of a simulation serve, and the files that they follow.

mod files;
mod noting;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use albatross_contract::{LoadBalancer, ObjectName, Question};
use albatross_local_balancer::{Explain, Front, fronts};

use crate::pass::{Makers, Pass};

pub use files::Files;
pub use noting::{Noted, Noting};

/// What is served at a time.
pub struct State {
    /// The listeners.
    pub fronts: Vec<Front>,
    /// Says why a request is answered as it is.
    pub explain: Explain,
    /// A host of each load balancer, by its name, for examples.
    pub hosts: BTreeMap<String, String>,
}

impl State {
    /// What the load balancers of a plan serve, as they are in its snapshot.
    pub fn of(pass: &Pass, makers: &Makers) -> State {
        let planned = &pass.plan.load_balancers;
        let ours: BTreeSet<&str> = planned.iter().filter_map(|found| found.arn.as_deref()).collect();
        let is_ours = |found: &LoadBalancer| ours.contains(found.arn.as_str());
        let (fronts, hosts) = (fronts(&pass.snapshot.inventory, is_ours), hosts(pass));
        let (makers, snapshot) = (makers.clone(), pass.snapshot.clone());
        let explain: Explain = Arc::new(move |request| {
            let explained = makers.explain(snapshot.clone(), &Question::Request(request.clone()));
            explained.map(|it| it.explanation).map_err(|error| error.to_string())
        });
        State { fronts, explain, hosts }
    }

    /// Whether a load balancer forwards to a Service, as `namespace/name`.
    pub fn forwards_to(&self, service: &str) -> bool {
        let groups = self.fronts.iter().flat_map(|front| front.target_groups.values());
        groups.filter_map(|group| group.service.as_deref()).any(|it| it == service)
    }
}

/// For each load balancer a host to try: the first one that a certificate covers, else the first one of its Ingresses, else its DNS
/// name.
fn hosts(pass: &Pass) -> BTreeMap<String, String> {
    let mut by_object: BTreeMap<ObjectName, Vec<&str>> = BTreeMap::new();
    for source in pass.snapshot.cluster.sources() {
        by_object.insert(ObjectName::of(source), source.hosts().collect());
    }
    let covered: BTreeSet<&str> =
        pass.plan.outcomes.iter().flat_map(|it| &it.certificates).map(|it| it.host.as_str()).collect();
    let of = |members: &[ObjectName]| {
        let hosts = members.iter().filter_map(|member| by_object.get(member)).flatten();
        // A wildcard stands for any label.
        let best = hosts.min_by_key(|host| (!covered.contains(**host), host.starts_with('*'), **host));
        best.map(|host| host.replace('*', "www"))
    };
    let load_balancers = pass.plan.load_balancers.iter();
    load_balancers
        .filter_map(|found| {
            Some((found.name.clone(), of(&found.members).or_else(|| found.dns_name.clone())?))
        })
        .collect()
}
