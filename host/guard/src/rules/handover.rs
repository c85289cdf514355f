//! Handing over: a load balancer becomes ours, or is ours no longer, only if a person names it. Only tags change, in an order in
//! which an interruption leaves nothing half ours that others would use, and the plan does nothing else.
//!
//! A load balancer that its last Ingress retained is ours no longer when it would be deleted otherwise.
//!
//! Design: safety, ownership.

use albatross_contract::{
    Action, AddTags, ListenerAction, LoadBalancer, LoadBalancerKind, LoadBalancerState, Operation, Protocol,
    RemoveTags, ResourceReference, SourceObject, StatusChange, TAG_ANCESTORS_OWNER, TAG_APPLICATION,
    TAG_HTTP_ONLY, TAG_ID, TAG_INGRESS, TAG_MODE, TAG_RETAIN, TAGS_OF_OTHER_CONTROLLERS, Tag, TargetGroup,
    ViewPart,
};

use crate::{
    facts::{
        Facts,
        dns_names::hostnames,
        load_balancers::{listens_with_certificates, our_id},
        marks::unneeded_since,
        names::ObjectName,
        tags::tag,
        transfers::{Transfer, tags_of, transfer},
        view::{View, existing},
        wishes::asks_for_http_only,
    },
    violation::{Findings, Rule},
};

/// Every tag key of ours begins with this.
const TAG_PREFIX: &str = "albatross/";

/// Everything that must be known of a load balancer and its target groups.
const PARTS: [ViewPart; 5] =
    [ViewPart::LoadBalancers, ViewPart::Listeners, ViewPart::Rules, ViewPart::TargetGroups, ViewPart::Tags];

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let transfers = facts
        .actions
        .iter()
        .filter_map(|(index, action)| Some((index, action, transfer(&facts.view, action)?)));
    let transfers: Vec<(usize, &Action, Transfer)> = transfers.collect();
    let (retained, transfers): (Vec<_>, Vec<_>) = transfers.into_iter().partition(|(_, action, transfer)| {
        *transfer == Transfer::Forgets && is_retained(&facts.view, action)
    });
    for (index, action, _) in retained {
        if let Err(message) = may_release(facts, index, action) {
            found.action(index, action, Rule::Handover, message);
        }
    }
    if transfers.is_empty() {
        return;
    }
    for (index, action) in facts.actions.iter() {
        if transfer(&facts.view, action).is_none() {
            let message = "the plan adopts or forgets a load balancer, so it may do nothing else".to_owned();
            found.action(index, action, Rule::Handover, message);
        }
    }
    if facts.plan.outcomes.iter().any(|outcome| outcome.status != StatusChange::Keep) {
        found.plan(
            Rule::Handover,
            "the plan adopts or forgets a load balancer, so it may change no status".to_owned(),
        );
    }
    for (index, action, transfer) in transfers {
        let judged = match transfer {
            Transfer::Adopts => may_adopt(facts, index, action),
            Transfer::Forgets => may_forget(facts, index, action),
        };
        if let Err(message) = judged {
            found.action(index, action, Rule::Handover, message);
        }
    }
}

/// Whether a person has named a load balancer, which alone uses a target group that goes with it.
fn named<'a>(
    view: &View<'a>,
    resource: &ResourceReference,
    names: Option<&[String]>,
    what: &str,
) -> Result<Subject<'a>, String> {
    let group = view.target_group(resource);
    let load_balancer = match group {
        None => view.load_balancer(resource).ok_or("it is neither a load balancer nor a target group")?,
        Some(group) => {
            let [arn] = group.load_balancer_arns.as_slice() else {
                return Err(format!("{} is not the target group of exactly one load balancer", group.name));
            };
            let missing = || format!("{arn}, which uses the target group, is not in the inventory");
            view.load_balancers.by_arn(arn).ok_or_else(missing)?
        }
    };
    if !names.unwrap_or_default().iter().any(|name| load_balancer.is_named(name)) {
        return Err(format!("no person has named {} in the setting allowances.{what}", load_balancer.name));
    }
    let arns = [Some(load_balancer.arn.as_str()), group.map(|group| group.arn.as_str())];
    let arns: Vec<&str> = arns.into_iter().flatten().collect();
    match view.missing(&PARTS, &arns) {
        None => Ok(Subject { load_balancer, group }),
        Some((_, reason)) => Err(format!("not everything is known about {}: {reason}", load_balancer.name)),
    }
}

/// A load balancer that changes its owner, or one of its target groups.
struct Subject<'a> {
    load_balancer: &'a LoadBalancer,
    group: Option<&'a TargetGroup>,
}

fn may_adopt(facts: &Facts<'_>, index: usize, action: &Action) -> Result<(), String> {
    let Operation::AddTags(AddTags { resource, tags }) = &action.operation else { return Ok(()) };
    let view = &facts.view;
    let names = view.snapshot.settings.allowances.adopt.as_deref();
    let Subject { load_balancer, group } = named(view, resource, names, "adopt")?;
    only_ownership(view, tags, group, action)?;
    if group.is_none() {
        knows_members(view, tags, load_balancer)?;
        let owners = tags.iter().filter(|tag| tag.key == TAG_INGRESS);
        owners.map(|tag| tag.value.as_str()).try_for_each(|owner| serves_only(view, load_balancer, owner))?;
    }
    if tag(tags, TAG_HTTP_ONLY).is_some() {
        serves_only_http(view, load_balancer)?;
    }
    is_adoptable(view, load_balancer)?;
    let present = group.map_or(load_balancer.tags.as_slice(), |group| group.tags.as_slice());
    is_of_cluster(view, present)?;
    is_free(view, &action.load_balancer, load_balancer)?;
    if group.is_some() {
        return Ok(());
    }
    for (group, arn) in forwarded(view, load_balancer) {
        let Some(group) = group else {
            return Err(format!("its listeners forward to {arn}, which is not in the inventory"));
        };
        let is_ours =
            view.ownership.owns(&group.tags) && tag(&group.tags, TAG_ID) == Some(&action.load_balancer);
        let comes_before = facts.actions.iter().any(|(earlier, other)| {
            let is_it = |change: &AddTags| existing(&change.resource) == Some(arn);
            other.load_balancer == action.load_balancer
                && matches!(&other.operation, Operation::AddTags(change) if is_it(change))
                && facts.actions.depends(index, earlier)
        });
        if !is_ours && !comes_before {
            return Err(format!("its target group {} does not become ours before it", group.name));
        }
    }
    Ok(())
}

/// Whether tags say who owns a resource and nothing else, besides the object that a load balancer alone serves, and that it
/// serves HTTP only.
fn only_ownership(
    view: &View<'_>,
    tags: &[Tag],
    group: Option<&TargetGroup>,
    action: &Action,
) -> Result<(), String> {
    let wanted = || view.ownership.required().into_iter().chain([(TAG_ID, action.load_balancer.as_str())]);
    let is_wanted = |added: &Tag| {
        wanted().any(|(key, value)| added.key == key && added.value == value)
            || (group.is_none() && added.key == TAG_INGRESS)
            || (group.is_none() && added.key == TAG_HTTP_ONLY && added.value == "true")
    };
    match tags.iter().find(|added| !is_wanted(added)) {
        None => Ok(()),
        Some(other) => Err(format!("adopting sets no tag {}={}", other.key, other.value)),
    }
}

/// Whether everybody is known whose status may name a load balancer, if its tags say or will say whom it serves.
fn knows_members(view: &View<'_>, tags: &[Tag], load_balancer: &LoadBalancer) -> Result<(), String> {
    let says_whom = tag(&load_balancer.tags, TAG_ANCESTORS_OWNER)
        .or_else(|| tag(tags, TAG_INGRESS))
        .or_else(|| tag(tags, TAG_HTTP_ONLY));
    match view.missing(&[ViewPart::Ingresses, ViewPart::RouteGroups], &[]).filter(|_| says_whom.is_some()) {
        None => Ok(()),
        Some((_, reason)) => Err(format!("it is not known whom {} serves: {reason}", load_balancer.name)),
    }
}

/// Whether a load balancer serves only an object, as kube-ingress-aws-controller has marked it. The mark does not say the kind:
/// if statuses of objects with its name name the load balancer, it is one of these.
fn serves_only(view: &View<'_>, load_balancer: &LoadBalancer, owner: &str) -> Result<(), String> {
    let name = &load_balancer.name;
    let marked = tag(&load_balancer.tags, TAG_ANCESTORS_OWNER).and_then(ObjectName::of_tag);
    let (Some(object), Some(marked)) = (ObjectName::of_tag(owner), marked) else {
        return Err(format!("no tag {TAG_ANCESTORS_OWNER} of {name} says that it serves only {owner}"));
    };
    if !object.is_namesake(marked) {
        return Err(format!(
            "{name} serves only {marked}, as its tag {TAG_ANCESTORS_OWNER} says, and not {owner}"
        ));
    }
    let on_it: Vec<ObjectName<'_>> = naming(view, load_balancer).map(ObjectName::of).collect();
    if let Some(other) = on_it.iter().find(|other| !other.is_namesake(object)) {
        return Err(format!(
            "the status of {} names {name}, which would serve only {owner}",
            other.in_words()
        ));
    }
    let mut namesakes =
        view.snapshot.cluster.sources().map(ObjectName::of).filter(|it| it.is_namesake(object));
    let is_it = match on_it.is_empty() {
        false => on_it.contains(&object),
        true => view.sources.by_name(object).is_some() || (namesakes.next().is_none() && object == marked),
    };
    match is_it {
        true => Ok(()),
        false => Err(format!("{name} would serve only {owner}, which does not exist or is served elsewhere")),
    }
}

/// The objects whose statuses name a load balancer.
fn naming<'a>(view: &View<'a>, load_balancer: &LoadBalancer) -> impl Iterator<Item = SourceObject<'a>> {
    view.snapshot.cluster.sources().filter(|source| {
        let mut names = hostnames(*source).filter_map(|name| view.load_balancers.by_dns_name(&name));
        names.any(|index| view.load_balancers.get(index).arn == load_balancer.arn)
    })
}

/// Whether a load balancer has no certificates, and everybody whose status names it asks for HTTP only.
fn serves_only_http(view: &View<'_>, load_balancer: &LoadBalancer) -> Result<(), String> {
    let name = &load_balancer.name;
    if listens_with_certificates(load_balancer) {
        return Err(format!("{name} serves HTTPS, so it gets no tag that says that it serves HTTP only"));
    }
    match naming(view, load_balancer).find(|source| asks_for_http_only(*source) != Some(true)) {
        None => Ok(()),
        Some(other) => {
            let other = ObjectName::of(other).in_words();
            Err(format!("{other} does not ask for HTTP only, and its status names {name}"))
        }
    }
}

/// Whether a load balancer is one that proxy mode can manage, and that no other controller manages.
fn is_adoptable(view: &View<'_>, load_balancer: &LoadBalancer) -> Result<(), String> {
    let LoadBalancer { name, kind, vpc_id, state, tags, listeners, .. } = load_balancer;
    if *kind == LoadBalancerKind::Gateway
        || !matches!(state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired)
    {
        return Err(format!("{name} is not an active Application or Network Load Balancer"));
    }
    if *vpc_id != view.snapshot.inventory.vpc.id {
        return Err(format!("{name} is in another VPC"));
    }
    if let Some(id) = tag(tags, TAG_ID) {
        return Err(format!("{name} carries the tag {TAG_ID}={id}"));
    }
    let of_others = |key: &str| TAGS_OF_OTHER_CONTROLLERS.iter().any(|beginning| key.starts_with(beginning));
    if let Some(other) = tags.iter().find(|tag| of_others(&tag.key)) {
        return Err(format!("the tag {} of {name} says that another controller manages it", other.key));
    }
    is_of_cluster(view, tags)?;
    let listens_with = |port: u16, protocol| match kind {
        LoadBalancerKind::Network => matches!((port, protocol), (80, Protocol::Tcp) | (443, Protocol::Tls)),
        _ => matches!((port, protocol), (80, Protocol::Http) | (443, Protocol::Https)),
    };
    match listeners.iter().find(|listener| !listens_with(listener.port, listener.protocol)) {
        None => Ok(()),
        Some(other) => {
            Err(format!("{name} has a listener on port {}, which we would not manage", other.port))
        }
    }
}

/// The tag of the cluster is the reason to believe that a resource belongs to it.
fn is_of_cluster(view: &View<'_>, tags: &[Tag]) -> Result<(), String> {
    let cluster = view.ownership.required().into_iter().find(|(_, value)| *value == "owned");
    match cluster {
        Some((key, value)) if tag(tags, key) != Some(value) => Err(format!("it lacks the tag {key}={value}")),
        _ => Ok(()),
    }
}

/// Whether nothing else carries the id that a load balancer gets.
fn is_free(view: &View<'_>, id: &str, load_balancer: &LoadBalancer) -> Result<(), String> {
    let inventory = &view.snapshot.inventory;
    let has = |tags: &[Tag]| view.ownership.owns(tags) && tag(tags, TAG_ID) == Some(id);
    let is_elsewhere =
        |group: &TargetGroup| group.load_balancer_arns.iter().any(|arn| *arn != load_balancer.arn);
    let of_load_balancers =
        inventory.load_balancers.iter().filter(|found| has(&found.tags)).map(|found| &found.arn);
    let of_groups = inventory.target_groups.iter().filter(|found| has(&found.tags) && is_elsewhere(found));
    let of_security_groups = inventory.security_groups.iter().filter(|found| has(&found.tags));
    let mut taken = of_load_balancers
        .chain(of_groups.map(|found| &found.arn))
        .chain(of_security_groups.map(|found| &found.id));
    match taken.next() {
        None => Ok(()),
        Some(other) => Err(format!("{other} has the id {id} already")),
    }
}

/// The target groups to which the listeners of a load balancer forward by default, with their ARNs.
fn forwarded<'a>(
    view: &View<'a>,
    load_balancer: &'a LoadBalancer,
) -> Vec<(Option<&'a TargetGroup>, &'a str)> {
    let actions = load_balancer.listeners.iter().flat_map(|listener| &listener.default_actions);
    let groups = actions.filter_map(|action| match action {
        ListenerAction::Forward(forward) => Some(&forward.target_groups),
        _ => None,
    });
    let named = groups
        .flatten()
        .filter_map(|group| Some((view.target_group(&group.target_group), existing(&group.target_group)?)));
    named.collect()
}

/// The load balancer of ours with the id of an action.
fn of_id<'a>(view: &View<'a>, action: &Action) -> Option<&'a LoadBalancer> {
    view.load_balancers.ours().find(|found| our_id(found) == action.load_balancer)
}

fn is_retained(view: &View<'_>, action: &Action) -> bool {
    of_id(view, action).is_some_and(|found| tag(&found.tags, TAG_RETAIN) == Some("true"))
        && !names_of(view).iter().any(|name| of_id(view, action).is_some_and(|found| found.is_named(name)))
}

/// The load balancers that a person wants to be forgotten.
fn names_of<'a>(view: &View<'a>) -> &'a [String] {
    view.snapshot.settings.allowances.forget.as_deref().unwrap_or_default()
}

/// Whether a load balancer that its last Ingress retained may be left to others: exactly when it could be deleted otherwise.
fn may_release(facts: &Facts<'_>, index: usize, action: &Action) -> Result<(), String> {
    only_ours(facts, action)?;
    let view = &facts.view;
    let Some(load_balancer) = of_id(view, action) else { return Ok(()) };
    let (name, snapshot) = (&load_balancer.name, view.snapshot);
    let is_over = |since: u64| since.saturating_add(snapshot.settings.grace) <= snapshot.time;
    if !unneeded_since(load_balancer).is_some_and(is_over) {
        return Err(format!("{name} has not been unneeded for the grace period"));
    }
    if let Some(ingress) = view.published_by(load_balancer) {
        return Err(format!("the status of {ingress} names {name}"));
    }
    if let Some(outcome) = facts.outcomes.on(our_id(load_balancer)).next() {
        return Err(format!("the plan places {} on {name}", outcome.name));
    }
    let parts =
        [ViewPart::Ingresses, ViewPart::RouteGroups, ViewPart::IngressStatuses, ViewPart::IngressClasses];
    if let Some((_, reason)) =
        view.missing(&parts, &[]).or_else(|| view.missing(&PARTS, &[&load_balancer.arn]))
    {
        return Err(format!("not everything is known about {name}: {reason}"));
    }
    comes_in_order(facts, index, action, load_balancer)
}

/// Whether an action removes all our tags from a resource and no others.
fn only_ours(facts: &Facts<'_>, action: &Action) -> Result<(), String> {
    let Operation::RemoveTags(RemoveTags { resource, keys }) = &action.operation else { return Ok(()) };
    let present = tags_of(&facts.view, resource).unwrap_or_default();
    let is_ours = |key: &str| key.starts_with(TAG_PREFIX) || key == TAG_APPLICATION;
    if let Some(other) = keys.iter().find(|key| !is_ours(key)) {
        return Err(format!("forgetting removes only our tags, and {other} is not one of them"));
    }
    let of_us = |tag: &&Tag| tag.key.starts_with(TAG_PREFIX);
    match present.iter().filter(of_us).find(|tag| !keys.contains(&tag.key)) {
        None => Ok(()),
        Some(left) => Err(format!("the tag {} would stay", left.key)),
    }
}

fn may_forget(facts: &Facts<'_>, index: usize, action: &Action) -> Result<(), String> {
    let Operation::RemoveTags(RemoveTags { resource, .. }) = &action.operation else { return Ok(()) };
    only_ours(facts, action)?;
    let view = &facts.view;
    let names = view.snapshot.settings.allowances.forget.as_deref();
    // A target group that its load balancer no longer uses has the id of the load balancer.
    let unused = view.target_group(resource).filter(|group| group.load_balancer_arns.is_empty());
    let load_balancer = match unused.and_then(|_| of_id(view, action)) {
        Some(found) if names_of(view).iter().any(|name| found.is_named(name)) => found,
        _ => named(view, resource, names, "forget")?.load_balancer,
    };
    if tag(&load_balancer.tags, TAG_MODE).is_some() {
        return Err(format!("{} is in route mode", load_balancer.name));
    }
    comes_in_order(facts, index, action, load_balancer)
}

/// Whether a load balancer is ours no longer before its target group is.
fn comes_in_order(
    facts: &Facts<'_>,
    index: usize,
    action: &Action,
    load_balancer: &LoadBalancer,
) -> Result<(), String> {
    let Operation::RemoveTags(RemoveTags { resource, .. }) = &action.operation else { return Ok(()) };
    let is_first = |other: &Action| matches!(&other.operation, Operation::RemoveTags(change) if existing(&change.resource) == Some(&load_balancer.arn));
    let still_ours = facts.view.owns(load_balancer) && existing(resource) != Some(&load_balancer.arn);
    let comes_after =
        facts.actions.iter().any(|(earlier, other)| is_first(other) && facts.actions.depends(index, earlier));
    if still_ours && !comes_after {
        return Err(format!("{} would still be ours when its target group is not", load_balancer.name));
    }
    Ok(())
}
