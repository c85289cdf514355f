//! How Ingresses are served.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_stories::{Controller, generated::http_only, tag, tells};

/// How one Ingress is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub load_balancer: Option<String>,
    pub hostname: Option<String>,
    pub certificates: Vec<HostCertificate>,
}

impl Service {
    /// Whether it is on the same load balancer with the same hostname, and every host that the other serves is served.
    pub fn serves_as_much_as(&self, other: &Service) -> bool {
        let hosts = |service: &Service| -> BTreeSet<String> {
            service.certificates.iter().map(|chosen| chosen.host.clone()).collect()
        };
        (&self.load_balancer, &self.hostname) == (&other.load_balancer, &other.hostname)
            && hosts(self).is_superset(&hosts(other))
    }
}

/// How all Ingresses are served, as a plan and the statuses say.
pub fn services(story: &Controller, plan: &Plan) -> BTreeMap<String, Service> {
    let service = |outcome: &Outcome| {
        let name = outcome.object.to_string();
        let service = Service {
            load_balancer: outcome.load_balancer.clone(),
            hostname: story.hostname(&name),
            certificates: outcome.certificates.clone(),
        };
        (name, service)
    };
    plan.outcomes.iter().map(service).collect()
}

/// The published hostnames, by the names of objects as in tags.
pub fn published(story: &Controller) -> BTreeMap<String, String> {
    let names = story.cluster.cluster().sources().map(|source| ObjectName::of(source).to_string());
    names.filter_map(|name| Some((name.clone(), story.hostname(&name)?))).collect()
}

/// `namespace/name`.
pub fn name(ingress: &Ingress) -> String {
    format!("{}/{}", ingress.metadata.namespace.as_deref().unwrap_or("default"), ingress.metadata.name)
}

/// Checks that every host that should be served is served: its status names an active load balancer that has the chosen
/// certificate.
pub fn assert_everybody_is_served(story: &mut Controller, plan: &Plan) {
    let inventory = story.cloud.inventory().clone();
    for outcome in &plan.outcomes {
        if !matches!(outcome.state, OutcomeState::Placed | OutcomeState::Held) {
            continue;
        }
        let name = outcome.object.to_string();
        // Nobody is published as long as a part of AWS that decides about it is unknown.
        let waits_for_view =
            tells(outcome, DiagnosticCode::ViewIncomplete) && !inventory.incomplete.is_empty();
        if (waits_for_view || is_redirected(outcome, &inventory)) && story.hostname(&name).is_none() {
            continue;
        }
        let hostname =
            story.hostname(&name).unwrap_or_else(|| panic!("{name} has no hostname: {outcome:#?}"));
        let found = inventory.load_balancers.iter().find(|found| found.dns_name == hostname);
        let found =
            found.unwrap_or_else(|| panic!("{name} is published as {hostname}, which does not exist"));
        assert_eq!(found.state, LoadBalancerState::Active, "{name}");
        let there: BTreeSet<&String> = found
            .listeners
            .iter()
            .flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate))
            .collect();
        for chosen in &outcome.certificates {
            assert!(
                there.contains(&chosen.certificate),
                "{name}: {} is not on {hostname}",
                chosen.certificate
            );
        }
        // Until another load balancer may be published, the present one serves.
        let is_there = tag(&found.tags, TAG_ID) == outcome.load_balancer.as_deref();
        let mut sources = story.cluster.cluster().sources();
        let source = sources.find(|source| ObjectName::of(*source) == outcome.object);
        let asks = source.is_some_and(|source| http_only::asks(&source.metadata().annotations));
        if asks && outcome.state == OutcomeState::Placed && is_there {
            let ports: Vec<u16> = found.listeners.iter().map(|listener| listener.port).collect();
            assert!(
                ports.contains(&80) && there.is_empty(),
                "{name} asks for HTTP only: {ports:?}, {there:?}, {:#?}",
                outcome
            );
        }
    }
}

/// Whether an Ingress listens only where its load balancer redirects all requests to HTTPS: then it has no rule, and a status
/// would promise what it does not serve.
fn is_redirected(outcome: &Outcome, inventory: &Inventory) -> bool {
    let id = outcome.load_balancer.as_deref();
    let found = inventory.load_balancers.iter().find(|found| tag(&found.tags, TAG_ID) == id);
    let listeners = || found.into_iter().flat_map(|found| &found.listeners);
    let redirects = listeners().any(|listener| {
        listener.protocol == Protocol::Http
            && matches!(listener.default_actions.as_slice(), [ListenerAction::Redirect(_)])
    });
    redirects && !listeners().any(|listener| has_rule_of(listener, &outcome.object.to_string()))
}

/// Whether a listener has a rule of an Ingress.
pub fn has_rule_of(listener: &Listener, ingress: &str) -> bool {
    listener.rules.iter().any(|rule| tag(&rule.tags, TAG_INGRESS) == Some(ingress))
}

/// How many resources are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resources {
    pub load_balancers: usize,
    pub target_groups: usize,
}

/// Counts our resources, by their names.
pub fn ours(story: &mut Controller) -> Resources {
    let inventory = story.cloud.inventory();
    let ours = |name: &str| name.starts_with("albatross-");
    Resources {
        load_balancers: inventory.load_balancers.iter().filter(|found| ours(&found.name)).count(),
        target_groups: inventory.target_groups.iter().filter(|found| ours(&found.name)).count(),
    }
}
