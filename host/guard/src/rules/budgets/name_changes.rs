//! Published names that change without their Ingress asking for it: external-dns and other people's CNAMEs follow.

use std::collections::BTreeSet;

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED, Ingress, LoadBalancer, OutcomeState,
    Scheme, StatusChange, TAG_INGRESS,
};

use super::{
    counted::{Counted, judge},
    limits::NAME_CHANGES,
};
use crate::{
    facts::{
        Facts,
        dns_names::{hostnames, is_our_spelling, plain_dns_name},
        hosts::{covers, hosts},
        load_balancers::certificates_on,
        names::IngressName,
        outcomes::IngressOutcome,
        tags::tag,
        view::View,
    },
    violation::Findings,
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let allowed: BTreeSet<&str> =
        facts.view.snapshot.settings.allowances.name_change.iter().map(String::as_str).collect();
    let changes = facts.outcomes.list.iter().filter(|outcome| changes_unasked(&facts.view, outcome));
    let names =
        changes.map(|outcome| outcome.name.to_string()).filter(|name| !allowed.contains(name.as_str()));
    let counted: Vec<Counted> = names.map(|id| Counted { action: None, id }).collect();
    judge(&NAME_CHANGES, &counted, published(facts), facts, found);
}

/// How many names are published: of all Ingresses that the plan does not call somebody else's.
fn published(facts: &Facts<'_>) -> usize {
    let is_published = |outcome: &&IngressOutcome<'_>| {
        outcome.published.any && outcome.outcome.state != OutcomeState::Ignored
    };
    facts.outcomes.list.iter().filter(is_published).count()
}

fn changes_unasked(view: &View<'_>, outcome: &IngressOutcome<'_>) -> bool {
    let (StatusChange::Publish(hostname), Some(ingress)) = (&outcome.outcome.status, outcome.ingress) else {
        return false;
    };
    let hostname = plain_dns_name(hostname);
    if hostnames(ingress).any(|before| before == hostname) {
        return false;
    }
    hostnames(ingress).any(|before| match view.load_balancers.by_dns_name(&before) {
        Some(index) => {
            let left = view.load_balancers.get(index);
            // Taking over a name that is not ours is our doing, whatever the Ingress asks for.
            !view.load_balancers.is_ours(index)
                || !(asks_to_leave(ingress, left) || asks_for_more(view, outcome, ingress, left))
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
    let exclusive = tag(&left.tags, TAG_INGRESS);
    let other_sharing = match annotation(ANNOTATION_SHARED) {
        Some("false") => exclusive != Some(IngressName::of(ingress).to_string().as_str()),
        Some("true") | None => exclusive.is_some(),
        Some(_) => false,
    };
    let other_certificate = annotation(ANNOTATION_CERTIFICATE)
        .is_some_and(|pinned| !pinned.is_empty() && !certificates_on(left).any(|arn| arn == pinned));
    other_scheme || other_sharing || other_certificate
}

/// Whether an Ingress has a host that the load balancer that its status names could not serve: its own change does not
/// fit there any more.
fn asks_for_more(
    view: &View<'_>,
    outcome: &IngressOutcome<'_>,
    ingress: &Ingress,
    left: &LoadBalancer,
) -> bool {
    let covered = |arn: &str, host: &str| view.certificate(arn).is_some_and(|found| covers(found, host));
    outcome.outcome.certificates.iter().any(|chosen| {
        covered(&chosen.certificate, &chosen.host)
            && hosts(ingress).any(|host| host.eq_ignore_ascii_case(&chosen.host))
            && !certificates_on(left).any(|arn| covered(arn, &chosen.host))
    })
}
