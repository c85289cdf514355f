//! Published names that change although their Ingress does not ask for it. External-dns and people's CNAMEs depend on
//! published names.

use std::collections::BTreeSet;

use albatross_contract::{
    ANNOTATION_ALB_SCHEME, ANNOTATION_CERTIFICATE, ANNOTATION_GROUP, ANNOTATION_SCHEME, ANNOTATION_SHARED,
    LoadBalancer, LoadBalancerKind, LoadBalancerState, OutcomeState, RouteGroupTag, Scheme, SourceObject,
    StatusChange, TAG_GROUP, TAG_INGRESS,
};

use super::{
    counted::{Counted, judge},
    limits::{NAME_CHANGES, NAME_CHANGES_FOR_ROOM},
};
use crate::{
    facts::{
        Facts,
        dns_names::{hostnames, is_our_spelling},
        hosts::{covers, hosts},
        load_balancers::{certificates_on, is_in_route_mode, listens_with_certificates, serves_http_only},
        names::ObjectName,
        outcomes::SourceOutcome,
        tags::tag,
        view::View,
        wishes::{ANNOTATION_SECURITY_GROUP, ANNOTATION_TYPE, asks_for_http_only, asks_for_other_properties},
    },
    violation::Findings,
};

/// Why a published name changes though its Ingress does not ask to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// The Ingress does not ask for it.
    Unasked,
    /// The Ingress needs a certificate that its load balancer does not have. Where many need one at once, probably the
    /// certificates changed and not the Ingresses: so these are counted too, in a budget of their own.
    Room,
    /// The Ingress needs a certificate that its load balancer does not have, and there is another possible cause.
    RoomOrUnasked,
}

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let changes = changes(facts);
    if changes.is_empty() {
        return;
    }
    let published = published(facts);
    let of = |cause| changes.iter().filter(move |change| change.0 == cause).map(|(_, name)| name.clone());
    let mut unasked: Vec<String> = of(Cause::Unasked).collect();
    let mut for_room: Vec<String> = of(Cause::Room).collect();
    // Whatever the cause, a plan that keeps both budgets has room for it in one of them.
    for name in of(Cause::RoomOrUnasked) {
        let has_room = for_room.len() < NAME_CHANGES_FOR_ROOM.limit(published);
        if has_room { &mut for_room } else { &mut unasked }.push(name);
    }
    for (budget, names) in [(NAME_CHANGES, unasked), (NAME_CHANGES_FOR_ROOM, for_room)] {
        let counted: Vec<Counted> = names.into_iter().map(|id| Counted { action: None, id }).collect();
        judge(&budget, &counted, || published, facts, found);
    }
}

/// Ingresses whose published name changes although nobody allowed it, with the cause.
fn changes(facts: &Facts<'_>) -> Vec<(Cause, String)> {
    let allowed: BTreeSet<&str> =
        facts.view.snapshot.settings.allowances.name_change.iter().map(String::as_str).collect();
    let causes = facts.outcomes.list.iter().filter_map(|outcome| {
        let cause = cause_of_change(&facts.view, outcome)?;
        Some((cause, outcome.name.to_string()))
    });
    causes.filter(|(_, name)| !allowed.contains(name.as_str())).collect()
}

/// How many Ingresses have a published name, without those that the plan ignores.
fn published(facts: &Facts<'_>) -> usize {
    let is_published = |outcome: &&SourceOutcome<'_>| {
        outcome.published.any && outcome.outcome.state != OutcomeState::Ignored
    };
    facts.outcomes.list.iter().filter(is_published).count()
}

/// Why the published name of an Ingress changes; absent where none changes or the Ingress asks to leave.
fn cause_of_change(view: &View<'_>, outcome: &SourceOutcome<'_>) -> Option<Cause> {
    let (StatusChange::Publish(hostname), Some(source)) = (&outcome.outcome.status, outcome.source) else {
        return None;
    };
    if !outcome.published.any || outcome.publishes(hostname) {
        return None;
    }
    let next = view.load_balancers.by_dns_name(hostname).map(|index| view.load_balancers.get(index));
    let causes = hostnames(source).filter_map(|before| match view.load_balancers.by_dns_name(&before) {
        // Replacing a name that is not ours is our decision, whatever the Ingress asks for.
        Some(index) if !view.load_balancers.is_ours(index) => Some(Cause::Unasked),
        Some(index) => cause_of_move(view, outcome, view.load_balancers.get(index), next),
        // Replacing the name of a deleted load balancer of ours is no change: nothing is served there.
        None => (!is_our_spelling(&before)).then_some(Cause::Unasked),
    });
    causes.min()
}

/// Why an Ingress leaves a load balancer of ours that its status names.
fn cause_of_move(
    view: &View<'_>,
    outcome: &SourceOutcome<'_>,
    left: &LoadBalancer,
    next: Option<&LoadBalancer>,
) -> Option<Cause> {
    let source = outcome.source?;
    if asks_to_leave(view, source, left) {
        None
    } else if !asks_for_more(view, outcome, source, left) {
        Some(Cause::Unasked)
    } else if could_leave_anyway(view, source, left, next) {
        Some(Cause::RoomOrUnasked)
    } else {
        Some(Cause::Room)
    }
}

/// Whether an Ingress could have left a load balancer even if that had all certificates: the load balancer is not active,
/// has another scheme than the default, or has another group or kind than the next load balancer, or only one of the two serves
/// HTTP only.
fn could_leave_anyway(
    view: &View<'_>,
    source: SourceObject<'_>,
    left: &LoadBalancer,
    next: Option<&LoadBalancer>,
) -> bool {
    let serves = matches!(left.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired);
    let asks_for_scheme = tag(&source.metadata().annotations, ANNOTATION_SCHEME).is_some();
    let group = next.and_then(|next| tag(&next.tags, TAG_GROUP));
    let kind = |of: &LoadBalancer| (of.kind, of.security_groups.is_empty());
    !serves
        || next
            .is_some_and(|next| kind(next) != kind(left) || serves_http_only(next) != serves_http_only(left))
        || (!asks_for_scheme && view.snapshot.settings.default_scheme != left.scheme)
        || group != tag(&left.tags, TAG_GROUP)
}

/// Whether the annotations of an Ingress do not fit the load balancer that its status names.
fn asks_to_leave(view: &View<'_>, source: SourceObject<'_>, left: &LoadBalancer) -> bool {
    let annotation = |key| tag(&source.metadata().annotations, key).map(str::trim);
    if is_in_route_mode(left) {
        // Other members of a group say the scheme of a member that names none.
        let default = annotation(ANNOTATION_GROUP).is_none().then_some("internal");
        let other_scheme = match annotation(ANNOTATION_ALB_SCHEME).or(default) {
            Some("internal") => left.scheme != Scheme::Internal,
            Some("internet-facing") => left.scheme != Scheme::InternetFacing,
            _ => false,
        };
        let there = tag(&left.tags, TAG_GROUP).map(RouteGroupTag::read);
        let other_group = match annotation(ANNOTATION_GROUP) {
            // A policy chooses the groups of Ingresses that name none.
            None => there.is_some_and(|there| !there.is_of_a_policy()),
            Some(named) => there.is_none_or(|there| there.name != named),
        };
        return other_scheme || other_group;
    }
    let other_scheme = match annotation(ANNOTATION_SCHEME) {
        Some("internal") => left.scheme != Scheme::Internal,
        Some("internet-facing") => left.scheme != Scheme::InternetFacing,
        _ => false,
    };
    let exclusive = tag(&left.tags, TAG_INGRESS);
    let other_sharing = match annotation(ANNOTATION_SHARED) {
        Some("false") => exclusive != Some(ObjectName::of(source).to_string().as_str()),
        Some("true") | None => exclusive.is_some(),
        Some(_) => false,
    };
    other_scheme
        || other_sharing
        || asks_for_other_listeners(source, left)
        || asks_for_another_kind(source, left)
        || asks_for_other_properties(source, left, &view.snapshot.inventory)
}

/// Whether an object asks for HTTP only on a load balancer with certificates, or for HTTPS on a load balancer that serves HTTP
/// only. A load balancer that has neither certificates nor the tag has lost the tag, and no object asks for that.
fn asks_for_other_listeners(source: SourceObject<'_>, left: &LoadBalancer) -> bool {
    match asks_for_http_only(source) {
        Some(true) => listens_with_certificates(left) && !serves_http_only(left),
        Some(false) => serves_http_only(left),
        None => false,
    }
}

/// Whether the annotations of an Ingress in proxy mode ask for a kind of load balancer that AWS cannot change this one to: a
/// Network Load Balancer that was created without security groups cannot get any.
fn asks_for_another_kind(source: SourceObject<'_>, left: &LoadBalancer) -> bool {
    let annotation = |key| tag(&source.metadata().annotations, key).map(str::trim);
    let names_groups = annotation(ANNOTATION_SECURITY_GROUP).is_some_and(|groups| !groups.is_empty());
    match annotation(ANNOTATION_TYPE) {
        Some("alb") => left.kind != LoadBalancerKind::Application,
        Some("nlb") => {
            left.kind != LoadBalancerKind::Network || (names_groups && left.security_groups.is_empty())
        }
        _ => false,
    }
}

/// Whether an Ingress asks for more than the load balancer in its status has: it names a certificate that is not there,
/// or has a host that no certificate there covers.
fn asks_for_more(
    view: &View<'_>,
    outcome: &SourceOutcome<'_>,
    source: SourceObject<'_>,
    left: &LoadBalancer,
) -> bool {
    let covered = |arn: &str, host: &str| view.certificate(arn).is_some_and(|found| covers(found, host));
    let pinned = tag(&source.metadata().annotations, ANNOTATION_CERTIFICATE).map(str::trim);
    let lacks_pinned =
        pinned.is_some_and(|pinned| !pinned.is_empty() && !certificates_on(left).any(|arn| arn == pinned));
    lacks_pinned
        || outcome.outcome.certificates.iter().any(|chosen| {
            covered(&chosen.certificate, &chosen.host)
                && hosts(source).any(|host| host.eq_ignore_ascii_case(&chosen.host))
                && !certificates_on(left).any(|arn| covered(arn, &chosen.host))
        })
}
