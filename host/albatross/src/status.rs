//! The fleet at a glance: what there is, what ends, what is nearly used up, and what a person should look at. Pure functions.

use std::collections::BTreeMap;

use albatross_contract::{
    DesiredLoadBalancer, IncompletePart, Inventory, LoadBalancerFate, LoadBalancerKind, LoadBalancerState,
    Mode, ObjectName, Outcome, OutcomeState, Plan, PolicyPoint, Scheme, Snapshot, TargetHealth, Timestamp,
    Withheld,
};
use serde::Serialize;

use crate::{
    render::{summary::Summary, terms},
    what_if::{Quota, used_quotas},
};

/// The fleet.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    /// The time of the view.
    pub time: Timestamp,
    /// The region.
    pub region: String,
    /// The load balancers, in the order of plans.
    pub load_balancers: Vec<LoadBalancerStatus>,
    /// How many Ingresses and RouteGroups are in which state.
    pub ingresses: BTreeMap<String, usize>,
    /// Those that are not served, or not as they ask.
    pub unserved: Vec<Unserved>,
    /// The quotas that something uses, the fullest first.
    pub quotas: Vec<QuotaStatus>,
    /// Changes that a budget withholds.
    pub withheld: Vec<Withheld>,
    /// Decisions that nobody makes, since the policy failed.
    pub frozen: Vec<PolicyPoint>,
    /// Parts of the view that could not be read.
    pub gaps: Vec<IncompletePart>,
    /// What the next pass would do.
    pub plan: Summary,
}

/// A load balancer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LoadBalancerStatus {
    /// Our id.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// Its DNS name. Absent: it does not exist yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// Its state in AWS. Absent: it does not exist yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<LoadBalancerState>,
    /// What becomes of it.
    pub fate: LoadBalancerFate,
    /// Its scheme.
    pub scheme: Scheme,
    /// Its kind.
    pub kind: LoadBalancerKind,
    /// The mode of its members.
    pub mode: Mode,
    /// The objects that it serves.
    pub members: usize,
    /// Its listener rules, without default rules.
    pub rules: usize,
    /// Its target groups.
    pub target_groups: usize,
    /// Registered targets by health, as AWS spells it.
    pub targets: BTreeMap<&'static str, usize>,
    /// Its certificates.
    pub certificates: usize,
    /// How many certificates it may have.
    pub certificate_limit: u32,
    /// The needed certificate that ends first. Absent: it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_end: Option<CertificateEnd>,
}

/// The end of a certificate.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CertificateEnd {
    /// Its ARN.
    pub certificate: String,
    /// When it ends.
    pub time: Timestamp,
}

/// An object that is not served, or not as it asks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unserved {
    /// The object.
    pub object: ObjectName,
    /// Held, waiting or rejected.
    pub state: OutcomeState,
    /// The reasons: codes of its diagnostics.
    pub reasons: Vec<String>,
}

/// A quota, and the resource that uses the largest share of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct QuotaStatus {
    /// What it limits.
    pub quota: &'static str,
    /// How much is used, and by what.
    #[serde(flatten)]
    pub use_of_it: Quota,
}

impl Status {
    /// The fleet of a snapshot and its plan.
    pub fn new(snapshot: &Snapshot, plan: &Plan) -> Status {
        let Snapshot { inventory, cluster, .. } = snapshot;
        let gaps = cluster.incomplete.iter().chain(&inventory.incomplete).filter(|gap| gap.is_fault());
        Status {
            time: snapshot.time,
            region: inventory.region.clone(),
            load_balancers: plan.load_balancers.iter().map(|it| load_balancer(it, inventory)).collect(),
            ingresses: states(plan),
            unserved: plan.outcomes.iter().filter_map(unserved).collect(),
            quotas: quotas(snapshot, plan),
            withheld: plan.withheld.clone(),
            frozen: snapshot.frozen.clone(),
            gaps: gaps.cloned().collect(),
            plan: Summary::new(snapshot, plan),
        }
    }
}

fn load_balancer(found: &DesiredLoadBalancer, inventory: &Inventory) -> LoadBalancerStatus {
    let observed = inventory.load_balancers.iter().find(|it| Some(&it.arn) == found.arn.as_ref());
    LoadBalancerStatus {
        id: found.id.clone(),
        name: found.name.clone(),
        dns_name: found.dns_name.clone(),
        state: observed.map(|it| it.state),
        fate: found.fate,
        scheme: found.scheme,
        kind: found.kind,
        mode: found.mode,
        members: found.members.len(),
        rules: found.listeners.iter().map(|listener| listener.rules.len()).sum(),
        target_groups: found.target_groups.len(),
        targets: targets(found, inventory),
        certificates: found.certificates.len(),
        certificate_limit: found.certificate_limit,
        first_end: first_end(found, inventory),
    }
}

/// The targets that AWS knows by health, in target groups of a load balancer.
fn targets(found: &DesiredLoadBalancer, inventory: &Inventory) -> BTreeMap<&'static str, usize> {
    let mut targets = BTreeMap::new();
    let Some(arn) = &found.arn else { return targets };
    let groups = inventory.target_groups.iter().filter(|group| group.load_balancer_arns.contains(arn));
    for target in groups.flat_map(|group| &group.targets) {
        *targets.entry(target.health.as_str()).or_insert(0) += 1;
    }
    targets
}

impl LoadBalancerStatus {
    /// How many targets are healthy.
    pub fn healthy(&self) -> usize {
        self.targets.get(TargetHealth::Healthy.as_str()).copied().unwrap_or_default()
    }
}

fn first_end(found: &DesiredLoadBalancer, inventory: &Inventory) -> Option<CertificateEnd> {
    let needed: Vec<&str> = found
        .certificates
        .iter()
        .filter(|it| it.unneeded_since.is_none())
        .map(|it| it.arn.as_str())
        .collect();
    let certificates = inventory.certificates.iter().filter(|it| needed.contains(&it.arn.as_str()));
    let ends = certificates.filter_map(|it| Some((it.not_after?, &it.arn)));
    ends.min().map(|(time, arn)| CertificateEnd { certificate: arn.clone(), time })
}

fn states(plan: &Plan) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for outcome in &plan.outcomes {
        *states.entry(terms::outcome(outcome.state)).or_insert(0) += 1;
    }
    states
}

fn unserved(outcome: &Outcome) -> Option<Unserved> {
    let is_one = matches!(outcome.state, OutcomeState::Held | OutcomeState::Waiting | OutcomeState::Rejected);
    is_one.then(|| Unserved {
        object: outcome.object.clone(),
        state: outcome.state,
        reasons: outcome.diagnostics.iter().map(|it| terms::diagnostic_code(it.code)).collect(),
    })
}

/// The fullest first; of two that are equally full, in the order of all screens.
fn quotas(snapshot: &Snapshot, plan: &Plan) -> Vec<QuotaStatus> {
    let mut quotas: Vec<QuotaStatus> = used_quotas(snapshot, plan)
        .into_iter()
        .map(|(quota, use_of_it)| QuotaStatus { quota, use_of_it })
        .collect();
    quotas.sort_by_key(|it| std::cmp::Reverse(it.use_of_it.share()));
    quotas
}
