//! Adoption: which load balancers of kube-ingress-aws-controller can become ours, and with which tags.

use std::collections::BTreeSet;

use albatross_contract::{
    Listener, ListenerAction, LoadBalancer, LoadBalancerKind, LoadBalancerState, Protocol, ResourceReference,
    TAG_ANCESTORS_OWNER, TAG_CLUSTER, TAG_CLUSTER_UID, TAG_ID, TAG_INGRESS, TAGS_OF_OTHER_CONTROLLERS, Tag,
    TargetGroup,
};

use super::{Adopted, Refusal, check_view, used_by};
use crate::{
    diagnostics::WAIT,
    identity::{cluster_tag, load_balancer_id, ownership_tags, tag, tag_value},
    kind::Kind,
    observed::{Concern, Observed},
    ports,
    source::{Claim, ObjectName},
    terms::http_only_tag,
    words,
};

/// How many tags a load balancer gets later: marks of what nobody needs, among them those of certificates.
const LATER_TAGS: usize = 8;

/// Decides for a load balancer that a person names. `before`: the load balancers that are adopted in the same plan.
pub fn judge<'a>(
    load_balancer: &'a LoadBalancer,
    before: &[Adopted<'a>],
    claims: &[Claim<'_>],
    observed: &'a Observed<'a>,
) -> Result<Adopted<'a>, Refusal> {
    if observed.owned_by_dns_name(&load_balancer.dns_name).is_some() {
        return Err(Refusal::done(format!("{} is ours already", load_balancer.name)));
    }
    if before.iter().any(|adopted| adopted.load_balancer.arn == load_balancer.arn) {
        return Err(Refusal::done(format!("{} is adopted by another name", load_balancer.name)));
    }
    let used = used_by(load_balancer, observed);
    check_view(load_balancer, &used, observed)?;
    check_load_balancer(load_balancer, observed)?;
    check_members(load_balancer, observed)?;
    let cluster_tag = cluster_tag(&observed.settings.identity);
    let is_taken_along = |group: &&TargetGroup| {
        tag_value(&group.tags, &cluster_tag) == Some("owned")
            && group.load_balancer_arns.iter().all(|arn| *arn == load_balancer.arn)
    };
    let target_groups: Vec<&TargetGroup> = used.into_iter().filter(is_taken_along).collect();
    load_balancer.listeners.iter().try_for_each(|listener| {
        check_listener(load_balancer.kind, listener, &target_groups, &cluster_tag)
    })?;
    let id = id(load_balancer, &target_groups, before, observed)?;
    let ownership = ownership_tags(&observed.settings.identity, &id);
    let is_on = |claim: &&Claim<'_>| claim.names.iter().any(|name| *name == load_balancer.dns_name);
    let members: Vec<&Claim<'_>> = claims.iter().filter(is_on).collect();
    let terms = [alone(load_balancer, claims, &members), http_only(load_balancer, &members)];
    let terms: Vec<Tag> = terms.into_iter().flatten().collect();
    check_room(load_balancer, ownership.iter().chain(&terms), observed)?;
    Ok(Adopted { id, load_balancer, target_groups, ownership, terms })
}

/// Whether it is known whom a load balancer serves, if its tags will say that: a status that is not known may name it.
fn check_members(load_balancer: &LoadBalancer, observed: &Observed<'_>) -> Result<(), Refusal> {
    let has_owner = tag_value(&load_balancer.tags, TAG_ANCESTORS_OWNER).is_some();
    let says_whom = has_owner || only_plain(load_balancer);
    match observed.completeness.explain(Concern::NameMembers).filter(|_| says_whom) {
        Some(missing) => Err(Refusal::new(missing, WAIT)),
        None => Ok(()),
    }
}

fn check_load_balancer(load_balancer: &LoadBalancer, observed: &Observed<'_>) -> Result<(), Refusal> {
    const NOT_OURS: &str = "leave it to whoever manages it";
    let LoadBalancer { kind, vpc_id, tags, .. } = load_balancer;
    let (identity, vpc) = (&observed.settings.identity, &observed.inventory.vpc.id);
    if *kind == LoadBalancerKind::Gateway {
        let message = format!(
            "it is a {} load balancer; only Application and Network Load Balancers can be adopted",
            kind.as_str()
        );
        return Err(Refusal::new(message, NOT_OURS));
    }
    if vpc_id != vpc {
        return Err(Refusal::new(
            format!("it is in {vpc_id}, and the VPC of this cluster is {vpc}"),
            NOT_OURS,
        ));
    }
    let is_of_others =
        |key: &str| TAGS_OF_OTHER_CONTROLLERS.iter().any(|beginning| key.starts_with(beginning));
    if let Some(other) = tags.iter().find(|tag| is_of_others(&tag.key)) {
        let message = format!("its tag {} says that another controller manages it", other.key);
        return Err(Refusal::new(message, NOT_OURS));
    }
    if let Some(id) = tag_value(tags, TAG_ID) {
        let uid = tag_value(tags, TAG_CLUSTER_UID).unwrap_or("none");
        let message = format!(
            "it carries the tags {TAG_ID}={id} and {TAG_CLUSTER_UID}={uid}, so another Albatross manages it"
        );
        return Err(Refusal::new(message, "let that Albatross forget it first (`albatross forget`)"));
    }
    let own = cluster_tag(identity);
    if tag_value(tags, &own) != Some("owned") {
        let others: Vec<&str> = tags.iter().filter_map(|tag| tag.key.strip_prefix(TAG_CLUSTER)).collect();
        let message = match others.as_slice() {
            [] => format!("it lacks the tag {own}=owned"),
            others => format!(
                "it belongs to the cluster {}, as its tags say, and not to {}",
                words::list(others.iter().copied()),
                identity.cluster_id
            ),
        };
        return Err(Refusal::new(
            message,
            format!("if it belongs to this cluster, add the tag {own}=owned to it"),
        ));
    }
    match load_balancer.state {
        LoadBalancerState::Active | LoadBalancerState::ActiveImpaired => Ok(()),
        LoadBalancerState::Provisioning => {
            Err(Refusal::new("AWS still provisions it", "wait until it is active"))
        }
        LoadBalancerState::Failed => Err(Refusal::new("AWS could not provision it", "delete it")),
    }
}

/// Whether a listener is one that proxy mode manages, and sends requests only to target groups that become ours.
fn check_listener(
    kind: LoadBalancerKind,
    listener: &Listener,
    target_groups: &[&TargetGroup],
    cluster_tag: &str,
) -> Result<(), Refusal> {
    let Listener { port, protocol, .. } = listener;
    let (plain, secure) = match kind {
        LoadBalancerKind::Network => (Protocol::Tcp, Protocol::Tls),
        LoadBalancerKind::Application | LoadBalancerKind::Gateway => (Protocol::Http, Protocol::Https),
    };
    if ![(ports::HTTP, plain), (ports::HTTPS, secure)].contains(&(*port, *protocol)) {
        let message =
            format!("it has a listener for {} on port {port}, which would not be managed", protocol.as_str());
        return Err(Refusal::new(message, "delete that listener, or leave the load balancer as it is"));
    }
    let groups = listener.default_actions.iter().filter_map(|action| match action {
        ListenerAction::Forward(forward) => Some(&forward.target_groups),
        _ => None,
    });
    for group in groups.flatten() {
        let ResourceReference::Existing(arn) = &group.target_group else { continue };
        if !target_groups.iter().any(|found| found.arn == *arn) {
            let message = format!(
                "its listener on port {port} forwards to {arn}, which lacks the tag {cluster_tag}=owned or is used by another load \
                 balancer"
            );
            return Err(Refusal::new(
                message,
                "add that tag to the target group, or let the listener forward to another one",
            ));
        }
    }
    Ok(())
}

/// The id of a load balancer: the id that an interrupted adoption has given to its target groups, else a free one with the
/// smallest ordinal.
fn id(
    load_balancer: &LoadBalancer,
    target_groups: &[&TargetGroup],
    before: &[Adopted<'_>],
    observed: &Observed<'_>,
) -> Result<String, Refusal> {
    let given = target_groups.iter().filter_map(|group| observed.id_of(&group.tags));
    let given: Vec<&str> = given.collect::<BTreeSet<_>>().into_iter().collect();
    match given.as_slice() {
        [] => {}
        [id] if observed.owned_by_id(id).is_none_or(|owned| owned.load_balancer.is_none()) => {
            return Ok((*id).to_owned());
        }
        ids => {
            let message = format!(
                "its target groups carry the tag {TAG_ID} of other load balancers of ours: {}",
                words::list(ids.iter().copied())
            );
            return Err(Refusal::new(message, format!("remove the tag {TAG_ID} from these target groups")));
        }
    }
    let is_free =
        |id: &String| observed.owned_by_id(id).is_none() && before.iter().all(|adopted| adopted.id != *id);
    let LoadBalancer { scheme, vpc_id, .. } = load_balancer;
    let (identity, kind) = (&observed.settings.identity, Kind::of(load_balancer));
    let ids = (0..).map(|ordinal| load_balancer_id(identity, kind, *scheme, vpc_id, ordinal));
    // There are fewer ids in use than ordinals.
    ids.take(observed.owned.len() + before.len() + 1).find(is_free).ok_or_else(|| {
        Refusal::new("all load balancer ids are taken", "delete load balancers that are not used")
    })
}

/// The tag for a load balancer that serves a single object, as kube-ingress-aws-controller has marked it, unless a status says
/// that it serves others. The mark does not say the kind: if an Ingress and a RouteGroup have the name, the load balancer is
/// left to the one whose status names it, or to the older one.
fn alone(load_balancer: &LoadBalancer, claims: &[Claim<'_>], members: &[&Claim<'_>]) -> Option<Tag> {
    let owner = ObjectName::of_tag(tag_value(&load_balancer.tags, TAG_ANCESTORS_OWNER)?)?;
    let has_name =
        |claim: &&Claim<'_>| (claim.object.namespace, claim.object.name) == (owner.namespace, owner.name);
    let is_on_it = |claim: &&Claim<'_>| claim.names.iter().any(|name| *name == load_balancer.dns_name);
    if !members.iter().all(has_name) {
        return None;
    }
    let named = claims.iter().filter(has_name);
    let found = named.min_by_key(|claim| (!is_on_it(claim), claim.age()));
    let object = Some(found.map_or(owner, |claim| claim.object)).filter(ObjectName::fits_into_a_tag)?;
    Some(tag(TAG_INGRESS, &object.to_string()))
}

/// The tag for a load balancer that serves HTTP only: its only listener has no certificates, and every Ingress whose status names
/// it asks for that. Without the tag they would all leave it.
fn http_only(load_balancer: &LoadBalancer, members: &[&Claim<'_>]) -> Option<Tag> {
    let all_ask = !members.is_empty() && members.iter().all(|claim| claim.is_http_only());
    (all_ask && only_plain(load_balancer)).then(http_only_tag)
}

/// Whether a load balancer has a single listener, without certificates.
fn only_plain(load_balancer: &LoadBalancer) -> bool {
    matches!(load_balancer.listeners.as_slice(), [listener] if !ports::has_certificates(listener.protocol))
}

/// AWS counts all tags of a resource whose keys do not begin with `aws:` (ELB user guide, "Tag an Application Load Balancer").
fn check_room<'t>(
    load_balancer: &LoadBalancer,
    added: impl Iterator<Item = &'t Tag>,
    observed: &Observed<'_>,
) -> Result<(), Refusal> {
    let present =
        load_balancer.tags.iter().map(|tag| tag.key.as_str()).filter(|key| !key.starts_with("aws:"));
    let of_settings = observed.settings.tags.iter().map(|tag| tag.key.as_str());
    let keys: BTreeSet<&str> = present.chain(of_settings).chain(added.map(|tag| tag.key.as_str())).collect();
    let limit = observed.inventory.quotas.tags_per_resource;
    if keys.len() + LATER_TAGS <= limit as usize {
        return Ok(());
    }
    let message = format!(
        "with our tags it would have {} tags and need room for {LATER_TAGS} more, and AWS allows {limit}",
        keys.len()
    );
    Err(Refusal::new(
        message,
        "remove its tags `ingress:certificate-arn/…`, which only kube-ingress-aws-controller needs",
    ))
}
