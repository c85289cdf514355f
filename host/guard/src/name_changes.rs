//! Published names that change without their Ingress asking for it: external-dns and other people's CNAMEs follow.

use std::collections::BTreeSet;

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED, Ingress, LoadBalancer, OutcomeState,
    Scheme, StatusChange, TAG_INGRESS,
};

use crate::{
    Case,
    counted::Counted,
    hosts::covers,
    marks::certificates_on,
    outcomes::Fate,
    statuses::is_our_spelling,
    tags::tag,
    view::{View, hostnames, hosts, ingress_name, plain_dns_name},
};

/// How many names are published: of all Ingresses that the plan does not call somebody else's.
pub(crate) fn published(case: &Case<'_>) -> usize {
    let ours = case.outcomes.list.iter().filter(|fate| fate.outcome.state != OutcomeState::Ignored);
    ours.filter(|fate| fate.ingress.is_some_and(|ingress| hostnames(ingress).next().is_some())).count()
}

/// Those that change unasked and that nobody allowed.
pub(crate) fn unasked(case: &Case<'_>) -> Vec<Counted> {
    let allowed: BTreeSet<&str> =
        case.view.snapshot.settings.allowances.name_change.iter().map(String::as_str).collect();
    let changes = case.outcomes.list.iter().filter(|fate| changes_unasked(&case.view, fate)).map(Fate::name);
    changes.filter(|name| !allowed.contains(name.as_str())).map(|id| Counted { action: None, id }).collect()
}

fn changes_unasked(view: &View<'_>, fate: &Fate<'_>) -> bool {
    let (StatusChange::Publish(hostname), Some(ingress)) = (&fate.outcome.status, fate.ingress) else {
        return false;
    };
    let hostname = plain_dns_name(hostname);
    if hostnames(ingress).any(|before| before == hostname) {
        return false;
    }
    hostnames(ingress).any(|before| match view.by_dns_name(&before) {
        // Taking over a name that is not ours is our doing, whatever the Ingress asks for.
        Some(left) => {
            !view.owns(left) || !(asks_to_leave(ingress, left) || asks_for_more(view, fate, ingress, left))
        }
        // Ours and gone is no change: nobody is served there. Any other name may serve somebody.
        None => !is_our_spelling(&before),
    })
}

/// Whether an Ingress' own annotations do not fit the load balancer that its status names.
fn asks_to_leave(ingress: &Ingress, left: &LoadBalancer) -> bool {
    let annotation = |key| tag(&ingress.metadata.annotations, key).map(str::trim);
    let other_scheme = match annotation(ANNOTATION_SCHEME) {
        Some("internal") => left.scheme != Scheme::Internal,
        Some("internet-facing") => left.scheme != Scheme::InternetFacing,
        _ => false,
    };
    let (namespace, name) = ingress_name(ingress);
    let exclusive = tag(&left.tags, TAG_INGRESS);
    let other_sharing = match annotation(ANNOTATION_SHARED) {
        Some("false") => exclusive != Some(format!("{namespace}/{name}").as_str()),
        Some("true") | None => exclusive.is_some(),
        Some(_) => false,
    };
    let other_certificate = annotation(ANNOTATION_CERTIFICATE)
        .is_some_and(|pinned| !pinned.is_empty() && !certificates_on(left).any(|arn| arn == pinned));
    other_scheme || other_sharing || other_certificate
}

/// Whether an Ingress has a host that the load balancer that its status names could not serve: its own change does not
/// fit there any more.
fn asks_for_more(view: &View<'_>, fate: &Fate<'_>, ingress: &Ingress, left: &LoadBalancer) -> bool {
    let covered = |arn: &str, host: &str| view.certificates.get(arn).is_some_and(|found| covers(found, host));
    fate.outcome.certificates.iter().any(|chosen| {
        covered(&chosen.certificate, &chosen.host)
            && hosts(ingress).any(|host| host.eq_ignore_ascii_case(&chosen.host))
            && !certificates_on(left).any(|arn| covered(arn, &chosen.host))
    })
}
