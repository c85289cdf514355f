//! The sections of a plan: for each load balancer what changes on it, why, and what that costs in interruption.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Action, DesiredLoadBalancer, Disruption, LoadBalancerFate, Mode, ObjectKind, Operation, Outcome,
    OutcomeState, Plan, StatusChange,
};

use super::{
    changes::{Change, Part, changes},
    columns::{Row, Sign},
    names::Names,
    section::{Facts, Section},
    summary::{ingress, is_created, is_deleted, moves},
    terms,
    words::{count, first_of, listed, objects},
};

/// How many Ingresses are named before `and 12 more`.
const INGRESSES: usize = 4;

/// All sections of a plan: the load balancers on which something changes, leftovers, and records.
pub fn sections(plan: &Plan, names: &Names<'_>) -> Vec<Section> {
    let load_balancers = plan.load_balancers.iter().filter_map(|found| load_balancer(found, plan, names));
    let mut sections: Vec<Section> = load_balancers.collect();
    sections.extend(leftovers(plan, names));
    sections.extend(records(plan, names));
    sections
}

/// The section of a load balancer. `None`: nothing changes on it.
fn load_balancer(load_balancer: &DesiredLoadBalancer, plan: &Plan, names: &Names<'_>) -> Option<Section> {
    let actions: Vec<&Action> =
        plan.actions.iter().filter(|action| action.load_balancer == load_balancer.id).collect();
    let mut statuses = statuses(load_balancer, plan);
    if actions.is_empty() && statuses.is_empty() {
        return None;
    }
    statuses.extend(arrivals(load_balancer, plan));
    let renamed_later = renamed_later(load_balancer, plan);
    // A load balancer that is created now takes over in a later plan.
    let is_later = |action: &&&Action| {
        let mut objects = action.objects.iter().map(ToString::to_string);
        action.disruption == Disruption::Name && objects.all(|object| renamed_later.contains(&object))
    };
    let now = actions.iter().filter(|action| renamed_later.is_empty() || !is_later(action));
    let mut disruptions: BTreeSet<Disruption> = now.map(|action| action.disruption).collect();
    if switches_a_name(load_balancer, plan) {
        disruptions.insert(Disruption::Name);
    }
    let mut rows: Vec<Row> = Vec::new();
    if let (Some(key), Some(reason)) = (&load_balancer.group, &load_balancer.group_reason) {
        rows.push(Row::plain(4, format!("group {key}: {reason}"), ""));
    }
    let costs = Costs { now: disruptions, renamed_later };
    rows.extend(body(&actions, statuses, &costs, names));
    let sign = if is_created(load_balancer) {
        Sign::Add
    } else if is_deleted(load_balancer) {
        Sign::Remove
    } else {
        Sign::Change
    };
    Some(Section {
        sign,
        name: load_balancer.name.clone(),
        facts: Facts::OfLoadBalancer(facts(load_balancer)),
        rows,
    })
}

/// The title of a load balancer that is adopted.
const ADOPTED: &str = "becomes ours: only tags change";
/// The title of a load balancer that is forgotten.
const FORGOTTEN: &str = "is ours no longer: only tags change";

/// The changes on resources whose load balancer is gone or changes hands, such as a target group that was left behind.
fn leftovers(plan: &Plan, names: &Names<'_>) -> Vec<Section> {
    let known: BTreeSet<&str> = plan.load_balancers.iter().map(|found| found.id.as_str()).collect();
    let mut leftovers: BTreeMap<&str, Vec<&Action>> = BTreeMap::new();
    let of_others =
        |action: &&Action| !action.load_balancer.is_empty() && !known.contains(action.load_balancer.as_str());
    for action in plan.actions.iter().filter(of_others) {
        leftovers.entry(&action.load_balancer).or_default().push(action);
    }
    let section = |(id, actions): (&str, Vec<&Action>)| {
        let handed_over = actions.iter().find_map(|action| match &action.operation {
            Operation::AddTags(it) if names.observed_load_balancer(&it.resource).is_some() => Some(ADOPTED),
            Operation::RemoveTags(it) if names.observed_load_balancer(&it.resource).is_some() => {
                Some(FORGOTTEN)
            }
            _ => None,
        });
        let (name, what) = if actions.iter().all(|action| is_on_security_group(&action.operation)) {
            (SECURITY_GROUPS, "")
        } else {
            (id, handed_over.unwrap_or("leftovers of a load balancer that no longer exists"))
        };
        changes_of_others(name, what, &actions, names)
    };
    leftovers.into_iter().map(section).collect()
}

/// The section of resources that belong to no load balancer of the plan.
fn changes_of_others(name: &str, what: &'static str, actions: &[&Action], names: &Names<'_>) -> Section {
    let now = actions.iter().map(|action| action.disruption).collect();
    let rows = body(actions, Vec::new(), &Costs { now, renamed_later: Vec::new() }, names);
    Section { sign: Sign::Change, name: name.to_owned(), facts: Facts::Words(what), rows }
}

/// The title of the changes on security groups that belong to no load balancer.
pub const SECURITY_GROUPS: &str = "security groups";

/// Whether an operation is about a security group, such as the one that all load balancers share and that targets admit.
pub fn is_on_security_group(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::CreateSecurityGroup(_)
            | Operation::AuthorizeSecurityGroupRules(_)
            | Operation::RevokeSecurityGroupRules(_)
            | Operation::DeleteSecurityGroup(_)
    )
}

/// The changes of records, which may belong to several load balancers. `None`: no record changes.
fn records(plan: &Plan, names: &Names<'_>) -> Option<Section> {
    let actions: Vec<&Action> =
        plan.actions.iter().filter(|action| action.load_balancer.is_empty()).collect();
    (!actions.is_empty()).then(|| changes_of_others("Route 53", "", &actions, names))
}

/// The key figures of a load balancer.
pub(super) fn facts(load_balancer: &DesiredLoadBalancer) -> Vec<String> {
    let mut facts = vec![load_balancer.scheme.as_str().to_owned()];
    facts.extend(terms::unusual_kind(load_balancer.kind).map(str::to_owned));
    if load_balancer.exclusive {
        let only = load_balancer.members.first().map_or(ObjectKind::Ingress, |member| member.kind);
        facts.push(format!("for one {} only", only.kubernetes()));
    }
    if load_balancer.http_only {
        facts.push("HTTP only".to_owned());
    }
    facts.extend(load_balancer.group.as_ref().map(|key| format!("group {key}")));
    facts.push(objects(load_balancer.members.iter().map(|member| member.kind)));
    if load_balancer.mode == Mode::Route {
        let rules = load_balancer.listeners.iter().map(|listener| listener.rules.len()).sum();
        facts.push(count(rules, "rule"));
        facts.push(count(load_balancer.target_groups.len(), "target group"));
    }
    // Without HTTPS, a load balancer needs no certificate.
    let always_has_https = load_balancer.mode == Mode::Proxy && !load_balancer.http_only;
    if always_has_https || !load_balancer.certificates.is_empty() {
        facts.push(format!(
            "{} of {} certificates",
            load_balancer.certificates.len(),
            load_balancer.certificate_limit
        ));
    }
    match load_balancer.fate {
        LoadBalancerFate::Create if !is_created(load_balancer) => {
            facts.push("incomplete, is completed".to_owned());
        }
        LoadBalancerFate::Unneeded => facts.push("unneeded".to_owned()),
        LoadBalancerFate::Release => facts.push("stays, but is ours no longer".to_owned()),
        LoadBalancerFate::Create | LoadBalancerFate::Keep | LoadBalancerFate::Delete => {}
    }
    facts
}

/// The changes that actions make, those of statuses, and what they cost.
fn body(actions: &[&Action], statuses: Vec<Row>, costs: &Costs, names: &Names<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    // The reason for creating or deleting a load balancer is printed once, above its parts.
    let main_reason = actions.iter().find_map(|action| match action.operation {
        Operation::CreateLoadBalancer(_) | Operation::DeleteLoadBalancer(_) => Some(action.reason.as_str()),
        _ => None,
    });
    if let Some(reason) = main_reason {
        rows.push(Row::plain(4, format!("because {reason}"), ""));
    }
    let mut said = main_reason.unwrap_or_default();
    for (part, changes) in by_part(actions, names) {
        add_title(&part, &changes, main_reason.is_some(), &mut said, &mut rows);
        let indent = if part == Part::LoadBalancer { 4 } else { 6 };
        let whole = changes.iter().find(|(change, _)| change.whole).map(|(_, reason)| *reason);
        for (change, reason) in changes.iter().filter(|(change, _)| !change.whole) {
            // The reason for adding or removing the part itself is printed with its title.
            let new = (*reason != said && whole != Some(*reason)).then_some(*reason);
            said = new.unwrap_or(said);
            let detail: Vec<&str> =
                new.into_iter().chain((!change.note.is_empty()).then_some(change.note.as_str())).collect();
            rows.push(Row::signed(indent, change.sign, change.what.clone(), detail.join("; ")));
        }
    }
    rows.extend(statuses);
    rows.push(Row::plain(4, format!("interruption: {}", interruption(costs)), ""));
    rows
}

/// Adds the row of a part, with a sign when the part itself is added or removed. A part that is added or removed with its
/// load balancer needs no reason.
fn add_title<'a>(
    part: &Part,
    changes: &[(Change, &'a str)],
    with_load_balancer: bool,
    said: &mut &'a str,
    rows: &mut Vec<Row>,
) {
    let Some(title) = part.title() else { return };
    let Some((change, reason)) = changes.iter().find(|(change, _)| change.whole) else {
        rows.push(Row::plain(4, title, ""));
        return;
    };
    let facts = if change.what.is_empty() { title } else { format!("{title}: {}", change.what) };
    rows.push(Row::signed(4, change.sign, facts, ""));
    if !with_load_balancer && reason != said {
        *said = reason;
        rows.push(Row::plain(8, format!("because {reason}"), ""));
    }
}

/// All changes with their reasons by part; within a part, they are in the order of the plan, and rules in the order of their
/// priorities.
fn by_part<'a>(actions: &[&'a Action], names: &Names<'_>) -> BTreeMap<Part, Vec<(Change, &'a str)>> {
    let mut parts: BTreeMap<Part, Vec<(Change, &str)>> = BTreeMap::new();
    for action in actions {
        for change in changes(action, names) {
            parts.entry(change.part.clone()).or_default().push((change, &action.reason));
        }
    }
    parts.values_mut().for_each(|changes| changes.sort_by_key(|(change, _)| change.priority));
    parts
}

/// The Ingresses whose status gets the name of this load balancer, and those whose status is emptied.
fn statuses(load_balancer: &DesiredLoadBalancer, plan: &Plan) -> Vec<Row> {
    let own =
        || plan.outcomes.iter().filter(|outcome| outcome.load_balancer.as_ref() == Some(&load_balancer.id));
    let published: Vec<String> =
        own().filter(|outcome| matches!(outcome.status, StatusChange::Publish(_))).map(ingress).collect();
    let withdrawn: Vec<String> =
        own().filter(|outcome| outcome.status == StatusChange::Withdraw).map(ingress).collect();
    let mut rows = Vec::new();
    if !published.is_empty() {
        let names = first_of(&published, INGRESSES);
        rows.push(Row::plain(4, format!("status of {names} gets this DNS name"), ""));
    }
    if !withdrawn.is_empty() {
        rows.push(Row::plain(4, format!("status of {} is emptied", first_of(&withdrawn, INGRESSES)), ""));
    }
    rows
}

/// The Ingresses that are placed here. An Ingress whose status is written now has a row for that already.
fn arrivals(load_balancer: &DesiredLoadBalancer, plan: &Plan) -> Vec<Row> {
    let here = plan.outcomes.iter().filter(|outcome| {
        outcome.load_balancer.as_ref() == Some(&load_balancer.id) && outcome.status == StatusChange::Keep
    });
    let here = here.filter(|outcome| matches!(outcome.state, OutcomeState::Placed | OutcomeState::Held));
    let (named, new): (Vec<&Outcome>, Vec<&Outcome>) = here.partition(|outcome| outcome.hostname.is_some());
    let mut rows = Vec::new();
    let (of_ingresses, others): (Vec<&Outcome>, Vec<&Outcome>) =
        new.into_iter().partition(|outcome| outcome.object.kind == ObjectKind::Ingress);
    for (new, one, several) in [(of_ingresses, "Ingress", "Ingresses"), (others, "RouteGroup", "RouteGroups")]
    {
        let name = |outcome: &Outcome| format!("{}/{}", outcome.object.namespace, outcome.object.name);
        let names: Vec<String> = new.into_iter().map(name).collect();
        if !names.is_empty() {
            let noun = if names.len() == 1 { one } else { several };
            rows.push(Row::signed(4, Sign::Add, format!("{noun} {}", listed(&names)), ""));
        }
    }
    let moving = named.into_iter().filter(|outcome| moves(outcome, plan));
    rows.extend(moving.map(|outcome| {
        let from = outcome.hostname.as_deref().unwrap_or_default();
        Row::signed(4, Sign::Add, outcome.object.in_words(), format!("until now on {from}"))
    }));
    rows
}

/// Whether an Ingress with another published name gets the name of this load balancer.
fn switches_a_name(load_balancer: &DesiredLoadBalancer, plan: &Plan) -> bool {
    plan.outcomes.iter().filter(|outcome| outcome.load_balancer.as_ref() == Some(&load_balancer.id)).any(
        |outcome| match (&outcome.status, &outcome.hostname) {
            (StatusChange::Publish(new), Some(old)) => !new.eq_ignore_ascii_case(old),
            _ => false,
        },
    )
}

/// What the changes on a load balancer cost in interruption.
struct Costs {
    /// The kinds of interruption that this plan causes.
    now: BTreeSet<Disruption>,
    /// Ingresses whose published DNS name changes in a later plan, once this load balancer can take over.
    renamed_later: Vec<String>,
}

/// The Ingresses with another published name that move here, but whose status is not written yet.
fn renamed_later(load_balancer: &DesiredLoadBalancer, plan: &Plan) -> Vec<String> {
    let here =
        plan.outcomes.iter().filter(|outcome| outcome.load_balancer.as_ref() == Some(&load_balancer.id));
    let waits = here.filter(|outcome| outcome.status == StatusChange::Keep && moves(outcome, plan));
    waits.map(ingress).collect()
}

fn interruption(costs: &Costs) -> String {
    let said: Vec<&str> = costs
        .now
        .iter()
        .rev()
        .filter_map(|class| match class {
            Disruption::None => None,
            Disruption::Drain => Some("drain, connections to removed targets end"),
            Disruption::Nodes => {
                Some("nodes, Auto Scaling may terminate instances that fail the health check")
            }
            Disruption::Name => Some("name, a published DNS name changes"),
            Disruption::Removal => Some("removal, some requests that are served today are no longer served"),
        })
        .collect();
    let now = if said.is_empty() { "none".to_owned() } else { said.join("; ") };
    match costs.renamed_later.as_slice() {
        [] => now,
        later => format!(
            "{now}{}; later, when this load balancer can take over, the published DNS name of {} changes",
            if said.is_empty() { " now" } else { "" },
            first_of(later, INGRESSES)
        ),
    }
}
