//! Two plans for one snapshot side by side: the recorded plan, and the plan made now.

use std::collections::BTreeMap;

use albatross_contract::{Budget, DesiredLoadBalancer, LoadBalancerFate, LoadBalancerKind, Plan, Snapshot};
use serde::Serialize;

use crate::{json::differences, render::summary::Summary};

/// How two plans compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// The recorded plan.
    pub recorded: Figures,
    /// The plan made now.
    pub replayed: Figures,
    /// The first difference, in words. Absent: the plans are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<String>,
}

/// The key figures of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    /// How much there is and moves.
    #[serde(flatten)]
    pub extent: Extent,
    /// Actions.
    pub actions: usize,
}

/// How much there is once a plan is executed, and how much moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Extent {
    /// Our load balancers, including those in their grace period.
    pub load_balancers: usize,
    /// Those of them that serve anything. In a replay a load balancer that a trial empties stays, since in each pass the recorded
    /// statuses still name it: only this number can fall.
    pub in_use: usize,
    /// Ingresses whose published DNS name changes.
    pub moves: usize,
    /// Ingresses whose name change a budget withholds.
    pub moves_withheld: usize,
    /// Certificates on the load balancer that has the most.
    pub most_certificates: usize,
    /// The certificate limit of that load balancer.
    pub certificate_limit: u32,
    /// Application Load Balancers in the account, including those of others.
    pub application_load_balancers: usize,
    /// How many of them AWS allows in the region.
    pub application_load_balancer_quota: u32,
}

/// The Ingresses whose published DNS names change.
#[derive(Debug, Default)]
pub struct NameChanges {
    /// Those that change, `namespace/name`.
    pub done: Vec<String>,
    /// Those that a budget withholds, `namespace/name`.
    pub withheld: Vec<String>,
}

impl Comparison {
    /// Compares a recorded plan with one made now.
    pub fn new(snapshot: &Snapshot, recorded: &Plan, replayed: &Plan) -> Comparison {
        Comparison {
            recorded: Figures::new(snapshot, recorded),
            replayed: Figures::new(snapshot, replayed),
            first_difference: first_difference(recorded, replayed),
        }
    }
}

/// The load balancers of a plan that are neither deleted nor given up.
pub fn that_stay(plan: &Plan) -> impl Iterator<Item = &DesiredLoadBalancer> {
    plan.load_balancers.iter().filter(|found| stays(found))
}

/// Whether a load balancer is still ours once the plan is executed.
pub fn stays(found: &DesiredLoadBalancer) -> bool {
    !matches!(found.fate, LoadBalancerFate::Delete | LoadBalancerFate::Release)
}

/// Load balancers of a kind in the account once the plan is executed, including those of others.
pub fn load_balancers_of_kind(snapshot: &Snapshot, plan: &Plan, wanted: LoadBalancerKind) -> usize {
    let is_one = |kind| kind == wanted;
    let there = snapshot.inventory.load_balancers.iter().filter(|found| is_one(found.kind)).count();
    let fate = |has_fate: fn(&DesiredLoadBalancer) -> bool| {
        plan.load_balancers.iter().filter(|found| is_one(found.kind) && has_fate(found)).count()
    };
    let created = fate(|found| found.fate == LoadBalancerFate::Create && found.arn.is_none());
    (there + created).saturating_sub(fate(|found| found.fate == LoadBalancerFate::Delete))
}

impl NameChanges {
    /// Those of a plan.
    pub fn new(snapshot: &Snapshot, plan: &Plan) -> NameChanges {
        NameChanges {
            done: Summary::new(snapshot, plan).renamed,
            withheld: names_withheld(plan).map(str::to_owned).collect(),
        }
    }
}

impl Figures {
    /// The key figures of a plan for a snapshot.
    pub fn new(snapshot: &Snapshot, plan: &Plan) -> Figures {
        let extent = Extent::new(snapshot, plan, &NameChanges::new(snapshot, plan));
        Figures { extent, actions: plan.actions.len() }
    }
}

impl Extent {
    /// The figures of a plan for a snapshot. `names`: the name changes of the plan.
    pub fn new(snapshot: &Snapshot, plan: &Plan, names: &NameChanges) -> Extent {
        let stays: Vec<&DesiredLoadBalancer> = that_stay(plan).collect();
        let fullest = stays.iter().max_by_key(|found| found.certificates.len());
        Extent {
            load_balancers: stays.len(),
            in_use: stays.iter().filter(|found| !found.members.is_empty()).count(),
            moves: names.done.len(),
            moves_withheld: names.withheld.len(),
            most_certificates: fullest.map_or(0, |found| found.certificates.len()),
            certificate_limit: fullest.map_or(0, |found| found.certificate_limit),
            application_load_balancers: load_balancers_of_kind(snapshot, plan, LoadBalancerKind::Application),
            application_load_balancer_quota: snapshot.inventory.quotas.load_balancers,
        }
    }
}

/// The first difference: the load balancer of an Ingress comes before the actions, the actions before the rest. `None`: the
/// plans are equal.
pub fn first_difference(recorded: &Plan, replayed: &Plan) -> Option<String> {
    place_difference(recorded, replayed)
        .or_else(|| {
            list_difference("action", &recorded.actions, &replayed.actions, |action| action.id.clone())
        })
        .or_else(|| {
            list_difference("outcome of", &recorded.outcomes, &replayed.outcomes, |outcome| {
                outcome.object.to_string()
            })
        })
        .or_else(|| {
            list_difference("load balancer", &recorded.load_balancers, &replayed.load_balancers, |found| {
                found.name.clone()
            })
        })
        .or_else(|| {
            let code = |found: &albatross_contract::Diagnostic| found.message.clone();
            list_difference("diagnostic", &recorded.diagnostics, &replayed.diagnostics, code)
        })
        .or_else(|| {
            list_difference("withheld", &recorded.withheld, &replayed.withheld, |found| found.message.clone())
        })
        .or_else(|| {
            (recorded.next_change_at != replayed.next_change_at)
                .then(|| "the time of the next change differs".to_owned())
        })
}

/// `shop/checkout: albatross-7c1e → albatross-02d9 (new)`.
fn place_difference(recorded: &Plan, replayed: &Plan) -> Option<String> {
    let places: BTreeMap<_, _> =
        replayed.outcomes.iter().map(|outcome| (&outcome.object, outcome.load_balancer.as_deref())).collect();
    recorded.outcomes.iter().find_map(|before| {
        let (before_place, after) = (before.load_balancer.as_deref(), *places.get(&before.object)?);
        (before_place != after).then(|| {
            format!("{}: {} → {}", before.object, place(recorded, before_place), place(replayed, after))
        })
    })
}

/// The name of a load balancer in a plan, by our id.
pub fn place(plan: &Plan, id: Option<&str>) -> String {
    let Some(id) = id else { return "no load balancer".to_owned() };
    match plan.load_balancers.iter().find(|found| found.id == id) {
        Some(found) if found.arn.is_none() => format!("{}{NEW}", found.name),
        Some(found) => found.name.clone(),
        None => id.to_owned(),
    }
}

/// What a place says of a load balancer that does not exist yet.
const NEW: &str = " (new)";

/// The name in a place, whether the load balancer exists or not.
pub fn without_note(place: &str) -> &str {
    place.strip_suffix(NEW).unwrap_or(place)
}

/// The Ingresses whose name changes a budget withholds, `namespace/name`.
pub fn names_withheld(plan: &Plan) -> impl Iterator<Item = &str> {
    let of_names = plan.withheld.iter().filter(|withheld| withheld.budget == Budget::NameChanges);
    of_names.flat_map(|withheld| withheld.ids.iter().map(String::as_str))
}

fn list_difference<T: PartialEq + Serialize>(
    noun: &str,
    recorded: &[T],
    replayed: &[T],
    name: impl Fn(&T) -> String,
) -> Option<String> {
    let at = (0..recorded.len().max(replayed.len())).find(|at| recorded.get(*at) != replayed.get(*at))?;
    Some(match (recorded.get(at), replayed.get(at)) {
        (Some(before), Some(after)) if name(before) == name(after) => {
            format!("{noun} {} differs{}", name(before), differences::first(before, after))
        }
        (Some(before), Some(after)) => format!("{noun} {}, now {noun} {}", name(before), name(after)),
        (Some(before), None) => format!("{noun} {} is missing now", name(before)),
        (None, Some(after)) => format!("{noun} {} is new", name(after)),
        (None, None) => return None,
    })
}
