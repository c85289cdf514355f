//! The summary of a plan: the numbers for its last line and for the exit code.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Certificate, DesiredLoadBalancer, DiagnosticCode, Disruption, IncompletePart, LoadBalancerFate, Mode,
    ObjectName, Outcome, OutcomeState, Plan, Snapshot, StatusChange,
};
use serde::Serialize;

use super::{
    next_change::next_change,
    record_changes::RecordChanges,
    removed_parts::RemovedParts,
    security_group_rules::SecurityGroupRules,
    time::{length, moment},
    words::{count, first_of, objects},
};

/// How far ahead the next change is announced: 30 days. Certificates are renewed before their end, so a later end is no
/// news.
const FORESEEN: u64 = 30 * 86_400;

/// The numbers of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Load balancers that are created.
    pub create: usize,
    /// Load balancers on which something changes.
    pub change: usize,
    /// Load balancers that are deleted.
    pub delete: usize,
    /// What else is deleted, on load balancers that stay or are gone already.
    pub parts: RemovedParts,
    /// Rules of security groups that belong to no load balancer: those of the targets.
    pub security_group_rules: SecurityGroupRules,
    /// Records in Route 53.
    pub records: RecordChanges,
    /// Actions.
    pub actions: usize,
    /// Statuses that are written or emptied.
    pub statuses: usize,
    /// Conditions of Pods with our readiness gate that are written.
    pub conditions: usize,
    /// Changes that a budget withholds.
    pub withheld: usize,
    /// Ingresses whose published DNS name changes, `namespace/name`.
    pub renamed: Vec<String>,
    /// Ingresses whose published DNS name is withdrawn, `namespace/name`.
    pub withdrawn: Vec<String>,
    /// Ingresses that are partly kept as they are in AWS.
    pub held: usize,
    /// Ingresses that wait for something that is not known yet.
    pub waiting: usize,
    /// Ingresses that get no load balancer.
    pub rejected: usize,
    /// Hosts of placed Ingresses that have no certificate, `namespace/name host`.
    pub left_out: Vec<String>,
}

impl Summary {
    /// Summarizes a plan for a snapshot.
    pub fn new(snapshot: &Snapshot, plan: &Plan) -> Summary {
        let fates = |wanted: fn(&DesiredLoadBalancer) -> bool| {
            plan.load_balancers.iter().filter(|load_balancer| wanted(load_balancer)).count()
        };
        let state = |wanted: OutcomeState| of_state(plan, wanted).count();
        Summary {
            create: fates(is_created),
            change: changed(plan).len(),
            delete: fates(is_deleted),
            parts: RemovedParts::of(plan),
            security_group_rules: SecurityGroupRules::of(plan),
            records: RecordChanges::of(plan),
            actions: plan.actions.len(),
            statuses: plan.outcomes.iter().filter(|outcome| outcome.status != StatusChange::Keep).count(),
            conditions: plan.count_conditions(&snapshot.cluster),
            withheld: plan.withheld.len(),
            renamed: renamed(plan),
            withdrawn: withdrawn(plan),
            held: state(OutcomeState::Held),
            waiting: state(OutcomeState::Waiting),
            rejected: state(OutcomeState::Rejected),
            left_out: left_out(snapshot, plan),
        }
    }

    /// Whether the plan does nothing: no action, no status and no condition.
    pub fn is_empty(&self) -> bool {
        self.actions == 0 && self.statuses == 0 && self.conditions == 0
    }

    /// Whether any Ingress is not served as asked, or not yet.
    pub fn unserved(&self) -> bool {
        self.withheld + self.held + self.waiting + self.rejected + self.left_out.len() > 0
    }

    /// The last line of a plan: `Plan: 1 to create, 1 to change, 0 to delete. No published DNS name changes.`
    pub fn line(&self, snapshot: &Snapshot, plan: &Plan) -> String {
        let mut sentences = Vec::new();
        if self.is_empty() {
            sentences.push(match plan.next_change_at {
                Some(at) if at > snapshot.time && at - snapshot.time <= FORESEEN && !is_partial(snapshot) => {
                    let (when, pause) = (moment(at), length(at - snapshot.time));
                    let what =
                        next_change(at, snapshot, plan).map_or_else(String::new, |what| format!(": {what}"));
                    format!("Plan: nothing to do before {when} (in {pause}){what}.")
                }
                _ if is_partial(snapshot) => {
                    "Plan: nothing to do for the objects that could be read.".to_owned()
                }
                _ => "Plan: nothing to do.".to_owned(),
            });
        } else {
            sentences.push(if self.actions == 0 {
                "Plan: nothing to do in AWS.".to_owned()
            } else if self.create + self.change + self.delete == 0 {
                "Plan: no load balancer changes.".to_owned()
            } else {
                format!(
                    "Plan: {} to create, {} to change, {} to delete.",
                    self.create, self.change, self.delete
                )
            });
            sentences.extend(self.parts.words().map(|parts| format!("Also removed: {parts}.")));
            sentences.extend(self.security_group_rules.words().map(|rules| format!("{rules}.")));
            sentences.extend(self.records.words().map(|records| format!("Route 53: {records}.")));
            if self.statuses > 0 {
                sentences.push(format!("{} to write.", count(self.statuses, "status")));
            }
            if self.conditions > 0 {
                sentences.push(format!("{} to write.", count(self.conditions, "condition")));
            }
            match (self.renamed.as_slice(), self.withdrawn.as_slice()) {
                ([], []) => sentences.push("No published DNS name changes.".to_owned()),
                ([], _) => {}
                ([only], _) => sentences.push(format!("1 published DNS name changes: {only}.")),
                (many, _) => sentences.push(format!(
                    "{} published DNS names change: {}.",
                    many.len(),
                    first_of(many, 3)
                )),
            }
            match self.withdrawn.as_slice() {
                [] => {}
                [only] => sentences.push(format!("1 published DNS name is withdrawn: {only}.")),
                many => sentences.push(format!(
                    "{} published DNS names are withdrawn: {}.",
                    many.len(),
                    first_of(many, 3)
                )),
            }
        }
        if self.withheld > 0 {
            sentences.push(format!("{} withheld.", count(self.withheld, "change")));
        }
        let states = [
            (OutcomeState::Held, "held"),
            (OutcomeState::Waiting, "waiting"),
            (OutcomeState::Rejected, "rejected"),
        ];
        for (state, what) in states {
            let mut kinds = of_state(plan, state).map(|outcome| outcome.object.kind).peekable();
            if kinds.peek().is_some() {
                sentences.push(format!("{} {what}.", objects(kinds)));
            }
        }
        if !self.left_out.is_empty() {
            sentences.push(format!("{} left out.", count(self.left_out.len(), "host")));
        }
        sentences.join(" ")
    }
}

fn of_state(plan: &Plan, state: OutcomeState) -> impl Iterator<Item = &Outcome> {
    plan.outcomes.iter().filter(move |outcome| outcome.state == state)
}

/// Whether a part of the cluster or of the account could not be read.
fn is_partial(snapshot: &Snapshot) -> bool {
    let Snapshot { cluster, inventory, .. } = snapshot;
    cluster.incomplete.iter().chain(&inventory.incomplete).any(IncompletePart::is_fault)
}

/// Whether a load balancer does not exist yet. An incomplete load balancer that is completed counts as changed.
pub(super) fn is_created(load_balancer: &DesiredLoadBalancer) -> bool {
    load_balancer.fate == LoadBalancerFate::Create && load_balancer.arn.is_none()
}

/// Whether a load balancer is deleted now.
pub(super) fn is_deleted(load_balancer: &DesiredLoadBalancer) -> bool {
    load_balancer.fate == LoadBalancerFate::Delete
}

/// Ids of the load balancers that exist, stay, and have an action.
fn changed(plan: &Plan) -> BTreeSet<&str> {
    let stays: BTreeSet<&str> = plan
        .load_balancers
        .iter()
        .filter(|found| !is_created(found) && !is_deleted(found))
        .map(|found| found.id.as_str())
        .collect();
    plan.actions.iter().map(|action| action.load_balancer.as_str()).filter(|id| stays.contains(id)).collect()
}

/// Ingresses with a published name that are placed on a load balancer with another name, and Ingresses whose name an
/// action changes.
fn renamed(plan: &Plan) -> Vec<String> {
    let by_place = plan.outcomes.iter().filter(|outcome| moves(outcome, plan)).map(ingress);
    let by_action = plan
        .actions
        .iter()
        .filter(|action| action.disruption == Disruption::Name)
        .flat_map(|action| action.objects.iter().map(ToString::to_string));
    by_place.chain(by_action).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Ingresses whose published name is withdrawn.
fn withdrawn(plan: &Plan) -> Vec<String> {
    let loses = |outcome: &&Outcome| outcome.status == StatusChange::Withdraw && outcome.hostname.is_some();
    plan.outcomes.iter().filter(loses).map(ingress).collect()
}

/// Whether an Ingress with a published name is placed on a load balancer with another name.
pub(super) fn moves(outcome: &Outcome, plan: &Plan) -> bool {
    let (Some(hostname), Some(id)) = (&outcome.hostname, &outcome.load_balancer) else { return false };
    let target = plan.load_balancers.iter().find(|found| found.id == *id);
    target
        .is_some_and(|found| found.dns_name.as_ref().is_none_or(|name| !name.eq_ignore_ascii_case(hostname)))
}

/// Hosts of Ingresses in proxy mode that need a certificate, and that none covers. In route mode such a host is served without
/// HTTPS.
fn left_out(snapshot: &Snapshot, plan: &Plan) -> Vec<String> {
    let needs_certificates = |outcome: &&Outcome| {
        let on = plan.load_balancers.iter().find(|it| outcome.load_balancer.as_ref() == Some(&it.id));
        on.is_none_or(|found| found.mode == Mode::Proxy && !found.http_only)
    };
    let placed = plan
        .outcomes
        .iter()
        .filter(|outcome| matches!(outcome.state, OutcomeState::Placed | OutcomeState::Held))
        // In an incomplete view, it is unknown whether a host has a certificate.
        .filter(|outcome| !outcome.diagnostics.iter().any(|it| it.code == DiagnosticCode::ViewIncomplete))
        .filter(needs_certificates)
        .map(|outcome| (&outcome.object, outcome))
        .collect::<BTreeMap<_, _>>();
    let served = Served::of(snapshot, plan);
    let mut hosts = BTreeSet::new();
    for source in snapshot.cluster.sources() {
        let Some(outcome) = placed.get(&ObjectName::of(source)) else { continue };
        for host in source.hosts() {
            let is_chosen = || outcome.certificates.iter().any(|it| it.host.eq_ignore_ascii_case(host));
            let is_kept = || outcome.state == OutcomeState::Held && served.covers(outcome, host);
            if !is_chosen() && !is_kept() {
                hosts.insert(format!("{} {}", ingress(outcome), host.to_ascii_lowercase()));
            }
        }
    }
    hosts.into_iter().collect()
}

/// The hosts that load balancers serve with the certificates that stay on them. A host of a held Ingress is still served
/// if any of these certificates covers it.
struct Served<'a> {
    certificates: BTreeMap<&'a str, &'a Certificate>,
    load_balancers: BTreeMap<&'a str, &'a DesiredLoadBalancer>,
}

impl<'a> Served<'a> {
    fn of(snapshot: &'a Snapshot, plan: &'a Plan) -> Served<'a> {
        let certificates = snapshot.inventory.certificates.iter();
        Served {
            certificates: certificates.map(|found| (found.arn.as_str(), found)).collect(),
            load_balancers: plan.load_balancers.iter().map(|found| (found.id.as_str(), found)).collect(),
        }
    }

    fn covers(&self, outcome: &Outcome, host: &str) -> bool {
        let id = outcome.load_balancer.as_deref();
        let load_balancer = id.and_then(|id| self.load_balancers.get(id));
        let certificates = load_balancer.into_iter().flat_map(|found| &found.certificates);
        let mut certificates = certificates.filter_map(|it| self.certificates.get(it.arn.as_str()));
        certificates.any(|certificate| certificate.covers(host))
    }
}

/// The name of the object, as in tags.
pub(super) fn ingress(outcome: &Outcome) -> String {
    outcome.object.to_string()
}
