//! Diagnostics that are not about one object: the view, classes, the controller id, subnets, load balancers that AWS could
//! not provision, and nodes that get no requests.

pub mod consolidation;
pub mod controller_id;
pub mod networks;
pub mod security_groups;
pub mod tenancy;
pub mod zones;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Diagnostic, DiagnosticCode, LoadBalancerFate, ObjectKind, Scheme, Snapshot, ViewPart,
};

use crate::{
    diagnostics::{Details, Subject, error, info, warning},
    grouping::Grouping,
    network::subnets::Subnets,
    observed::{Concern, Observed, Owned, PROVISIONING_TIMEOUT},
    source::{Claim, Classes},
    wanted::{LoadBalancer, Wanted},
    words,
};

/// Diagnostics for missing parts of the view: one for all parts that are missing for the same reason, such as a document
/// that could not be read.
pub fn missing_parts(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let mut by_reason: BTreeMap<&str, (ViewPart, Vec<ViewPart>)> = BTreeMap::new();
    for (part, reason) in observed.completeness.missing() {
        by_reason.entry(reason).or_insert((part, Vec::new())).1.push(part);
    }
    let missing = by_reason.into_iter().map(|(reason, (first, parts))| {
        let message = match parts.as_slice() {
            [ViewPart::IngressStatuses] => format!(
                "not known ({reason}): the load balancer of each Ingress is inferred from tags and certificates, and nothing \
                 is deleted"
            ),
            parts => {
                let missing = words::not_known(parts);
                format!("{missing} ({reason}): everything that depends on them stays as it is")
            }
        };
        let is_expected = parts.iter().all(|part| observed.completeness.is_expected(*part));
        let told = if is_expected { info } else { warning };
        told(DiagnosticCode::ViewIncomplete, Subject::Part(first), message)
    });
    let of_resources = observed.completeness.missing_of_resources();
    let of_resources = of_resources.into_iter().map(|((part, reason), names)| {
        let message = format!(
            "the {} of {} are not known ({reason}): everything that depends on them stays as it is",
            words::part_of_one(part),
            words::list(names.into_iter())
        );
        let told = if observed.completeness.is_expected(part) { info } else { warning };
        told(DiagnosticCode::ViewIncomplete, Subject::Part(part), message)
    });
    missing.chain(of_resources).collect()
}

/// A diagnostic for Ingresses without a class that are ours although another controller has an IngressClass in this
/// cluster: both may serve them.
pub fn without_a_class(claims: &[Claim<'_>], snapshot: &Snapshot) -> Option<Diagnostic> {
    let others: Vec<&str> = Classes::new(&snapshot.settings, &snapshot.cluster).of_others().collect();
    let is_ours_without = |claim: &&Claim<'_>| {
        claim.is_ours() && claim.class_name.is_none() && claim.object.kind == ObjectKind::Ingress
    };
    let count = claims.iter().filter(is_ours_without).count();
    if others.is_empty() || count == 0 {
        return None;
    }
    let message = format!(
        "{} without a class {} ours, and this cluster has IngressClasses of other controllers ({})",
        words::count(count, "Ingress", "Ingresses"),
        if count == 1 { "is" } else { "are" },
        words::list(others)
    );
    let diagnostic = info(DiagnosticCode::ClassNone, Subject::Settings, message).field("classes");
    Some(diagnostic.remedy(
        "if another controller should serve them, remove the class \"\" from classes in the settings",
    ))
}

/// A diagnostic for each class that the settings list although its IngressClass names another controller: two controllers may
/// serve its Ingresses.
pub fn classes_of_others(claims: &[Claim<'_>], snapshot: &Snapshot) -> Vec<Diagnostic> {
    let classes = Classes::new(&snapshot.settings, &snapshot.cluster);
    let tell = |(name, controller): (&str, &str)| {
        let of_class = claims.iter().filter(|it| it.is_ours() && it.class_name == Some(name));
        let kinds: Vec<ObjectKind> = of_class.map(|it| it.object.kind).collect();
        let message = format!(
            "IngressClass {name} names the controller {controller}, but the setting classes lists it, so two controllers may \
             serve {} of this class: both would create load balancers and write the statuses",
            words::objects(&kinds)
        );
        let diagnostic = warning(DiagnosticCode::ClassNone, Subject::Settings, message).field("classes");
        let remedy = format!(
            "unless {controller} no longer runs, remove {name} from classes, and create an IngressClass with the controller {}",
            snapshot.settings.ingress_class_controller
        );
        (!kinds.is_empty()).then(|| diagnostic.remedy(remedy))
    };
    classes.listed_of_others().filter_map(tell).collect()
}

/// Diagnostics for classes that should retain their load balancers, but are not ours in proxy mode.
pub fn retained_classes(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let names = snapshot.settings.retained_classes.as_deref().unwrap_or_default();
    let classes = (!names.is_empty()).then(|| Classes::new(&snapshot.settings, &snapshot.cluster));
    let has_no_effect = |name: &&String| classes.iter().any(|classes| !classes.is_in_proxy_mode(name));
    let tell = |name: &String| {
        let message =
            format!("the class {name:?} is not served in proxy mode, so it retains no load balancer");
        warning(DiagnosticCode::SettingInvalid, Subject::Settings, message)
            .field("retained-classes")
            .remedy("correct the name, or add the class to classes")
    };
    names.iter().filter(has_no_effect).map(tell).collect()
}

/// Diagnostics for subnets of internet-facing load balancers that are not public.
pub fn subnets_that_are_not_public(wanted: &Wanted<'_>, subnets: &Subnets<'_>) -> Vec<Diagnostic> {
    let facing = |found: &&LoadBalancer<'_>| stays(found) && found.scheme == Scheme::InternetFacing;
    let facing = wanted.load_balancers.iter().filter(facing);
    let used: BTreeSet<&str> = facing.flat_map(|found| &found.subnets).copied().collect();
    used.into_iter().filter_map(|id| subnets.tell_not_public(id)).collect()
}

/// Whether a load balancer is still ours after the plan.
fn stays(found: &LoadBalancer<'_>) -> bool {
    !matches!(found.fate, LoadBalancerFate::Delete | LoadBalancerFate::Release)
}

/// The load balancers that serve somebody in the end, where all is known that a concern needs.
fn serving<'a, 'b>(
    wanted: &'b Wanted<'a>,
    observed: &'b Observed<'a>,
    concern: Concern,
) -> impl Iterator<Item = &'b LoadBalancer<'a>> {
    let serves = move |found: &&LoadBalancer<'_>| {
        matches!(found.fate, LoadBalancerFate::Create | LoadBalancerFate::Keep)
            && !found.members.is_empty()
            && found.target_groups.iter().all(|group| group.is_current)
            && observed.completeness.allows_for(concern, found.owned)
    };
    wanted.load_balancers.iter().filter(serves)
}

/// Diagnostics for load balancers that AWS could not provision, with what replaces them, and for load balancers that wait
/// together.
pub fn failed_load_balancers(observed: &Observed<'_>, grouping: &Grouping<'_>) -> Vec<Diagnostic> {
    let slow = slow_load_balancers(observed);
    let broken: Vec<&Owned<'_>> =
        observed.owned.iter().filter(|owned| owned.is_broken(observed.time)).collect();
    if broken.is_empty() {
        return slow;
    }
    let stands = grouping.placements.iter().filter_map(|placement| placement.stand());
    let left: BTreeSet<&str> = stands.filter_map(|stand| stand.leaves).map(|owned| owned.id).collect();
    let needed = |owned: &Owned<'_>| {
        grouping.groups.on(owned).is_some_and(|group| !grouping.groups.get(group).members().is_empty())
    };
    let tell = |owned: &&Owned<'_>| {
        let load_balancer = owned.load_balancer?;
        let taken_over = grouping.groups.is_replaced(owned.id) || left.contains(owned.id);
        let next = match owned.replaces() {
            Some(_) if needed(owned) => "it is a replacement itself, so it is not replaced again",
            None if taken_over => "another load balancer takes over",
            None if needed(owned) => "no other load balancer can take over now",
            _ => "no Ingress needs it",
        };
        let reason = load_balancer.state_reason.as_ref();
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let message = format!("AWS could not provision it{reason}: {next}");
        let subject = Subject::Resource(&load_balancer.name);
        let diagnostic = error(DiagnosticCode::LoadBalancerFailed, subject, message);
        Some(diagnostic.remedy("look at the state reason in the EC2 console"))
    };
    slow.into_iter().chain(broken.iter().filter_map(tell)).collect()
}

fn slow_load_balancers(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let waiting = observed.owned.iter().filter(|owned| owned.waits_with_others);
    let tell = |owned: &Owned<'_>| {
        let name = &owned.load_balancer?.name;
        let message = format!(
            "AWS has not provisioned this load balancer within {}, nor any other new load balancer in {}: none of them is \
             replaced",
            words::duration(PROVISIONING_TIMEOUT),
            observed.inventory.region
        );
        let diagnostic = warning(DiagnosticCode::LoadBalancerProvisioning, Subject::Resource(name), message);
        Some(diagnostic.remedy("look at the AWS Health Dashboard; nothing needs to be done here"))
    };
    waiting.filter_map(tell).collect()
}

#[cfg(test)]
mod tests;
