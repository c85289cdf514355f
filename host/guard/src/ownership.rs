//! Ownership as observed: only what carries all our tags is changed or deleted, and every create carries them.
//!
//! Design: safety, ownership and identity.

use std::collections::BTreeMap;

use albatross_contract::{
    Action, Operation, ResourceReference, SecurityGroup, SecurityGroupRule, SecurityGroupRuleChange,
    TAG_CLUSTER_UID, TAG_ID, Tag,
};

use crate::{
    Case,
    actions::{Kind, Mention, Role, created, forwards, mentions},
    tags::{Ownership, tag},
    view::{View, existing},
    violation::{Findings, Rule},
};

/// What every name of ours begins with, and every description of a security group rule that we made.
pub(crate) const NAME_PREFIX: &str = "albatross-";
const RULE_DESCRIPTION_PREFIX: &str = "albatross";
/// What every tag of ours begins with.
const TAG_PREFIX: &str = "albatross/";

pub(crate) fn check(case: &Case<'_>, found: &mut Findings) {
    let mut names = Names::new(&case.view);
    for (index, action) in case.actions.iter() {
        for mention in mentions(&action.operation) {
            if let Err(stranger) = may_touch(case, action, mention) {
                found.action(index, action, Rule::Ownership, stranger);
            }
        }
        if let Operation::AuthorizeSecurityGroupRules(change) = &action.operation
            && change.rules.iter().any(|rule| !names_us(rule))
        {
            let message = format!(
                "a security group rule that we make has a description that begins with `{RULE_DESCRIPTION_PREFIX}`; one of these has not"
            );
            found.action(index, action, Rule::Ownership, message);
        }
        if let Err(message) = tags_are_kept(case, action) {
            found.action(index, action, Rule::OwnershipTags, message);
        }
        if let Err(message) = names.take(action) {
            found.action(index, action, Rule::Name, message);
        }
    }
}

/// Nothing is written while it is not clear for whom.
pub(crate) fn check_writing(case: &Case<'_>, found: &mut Findings) {
    if !case.writes() {
        return;
    }
    let identity = &case.view.snapshot.settings.identity;
    for (value, name) in [
        (&identity.cluster_id, "cluster-id"),
        (&identity.cluster_uid, "cluster-uid"),
        (&identity.controller_id, "controller-id"),
    ] {
        if value.is_empty() {
            found.plan(
                Rule::Identity,
                format!("the setting identity.{name} is empty, so nobody can say what is ours; set it"),
            );
        }
    }
    let inventory = &case.view.snapshot.inventory;
    let tagged = inventory
        .load_balancers
        .iter()
        .map(|resource| (&resource.arn, &resource.tags))
        .chain(inventory.target_groups.iter().map(|resource| (&resource.arn, &resource.tags)))
        .chain(inventory.security_groups.iter().map(|resource| (&resource.id, &resource.tags)));
    let mut others: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, tags) in tagged {
        if let Some(uid) = case.view.ownership.other_cluster(tags) {
            others.entry(uid).or_insert(id);
        }
    }
    for (uid, example) in others {
        found.plan(
            Rule::ClusterUid,
            format!(
                "{example} was made under the cluster uid {uid}, ours is {}: if that cluster is gone, allow it with --take-over-cluster={uid}",
                identity.cluster_uid
            ),
        );
    }
}

/// Whether a plan may touch what an operation names; what does not exist is the concern of another rule.
fn may_touch(case: &Case<'_>, action: &Action, mention: Mention<'_>) -> Result<(), String> {
    let Some(id) = existing(mention.reference) else { return Ok(()) };
    let view = &case.view;
    let owned = mention.kinds.iter().find_map(|kind| {
        let tags = match kind {
            Kind::LoadBalancer => view.load_balancers.get(id).map(|found| &found.tags),
            Kind::Listener => view.listeners.get(id).map(|place| &place.load_balancer.tags),
            Kind::Rule => view.rules.get(id).map(|(place, _)| &place.load_balancer.tags),
            Kind::TargetGroup => view.target_groups.get(id).map(|found| &found.tags),
            Kind::SecurityGroup => view.security_groups.get(id).map(|found| &found.tags),
        };
        tags.map(|tags| (*kind, view.ownership.owns(tags)))
    });
    let Some((kind, false)) = owned else { return Ok(()) };
    let allowed = match (mention.role, &action.operation) {
        // An operator's own security group: used as it is.
        (Role::Used, _) if kind == Kind::SecurityGroup => true,
        (Role::Used, operation) => forwarded_before(view, operation, id),
        (Role::Changed, Operation::AuthorizeSecurityGroupRules(_)) => true, // its rules name us
        (Role::Changed, Operation::RevokeSecurityGroupRules(change)) => {
            view.security_groups.get(id).is_some_and(|group| only_ours(group, change))
        }
        (Role::Changed, _) => false,
    };
    if allowed {
        return Ok(());
    }
    let tags = view.ownership.required().map(|(key, value)| format!("{key}={value}")).join(", ");
    Err(format!(
        "the {} {id} is not ours: in the inventory it lacks one of the tags {tags} and {TAG_ID}",
        kind.words()
    ))
}

/// Whether the listener or rule that an operation changes forwards to a target group already.
fn forwarded_before(view: &View<'_>, operation: &Operation, target_group: &str) -> bool {
    let before = match operation {
        Operation::ModifyListener(change) => {
            view.listener(&change.listener).map(|place| &place.listener.default_actions)
        }
        Operation::ModifyRule(change) => view.rule(&change.rule).map(|(_, rule)| &rule.actions),
        _ => None,
    };
    before.is_some_and(|actions| forwards(actions).any(|(group, _)| existing(group) == Some(target_group)))
}

fn names_us(rule: &SecurityGroupRule) -> bool {
    rule.description.as_deref().is_some_and(|text| text.starts_with(RULE_DESCRIPTION_PREFIX))
}

/// Whether all rules that are revoked are in the group and name us, as observed: what the plan says of them is not
/// asked. EC2 revokes a rule without an id by its content, whatever its description.
fn only_ours(group: &SecurityGroup, change: &SecurityGroupRuleChange) -> bool {
    change.rules.iter().all(|revoked| {
        let mut matching = group
            .rules
            .iter()
            .filter(|rule| match &revoked.id {
                Some(_) => rule.id == revoked.id,
                None => {
                    (rule.direction, &rule.protocol, rule.from_port, rule.to_port, &rule.peer)
                        == (
                            revoked.direction,
                            &revoked.protocol,
                            revoked.from_port,
                            revoked.to_port,
                            &revoked.peer,
                        )
                }
            })
            .peekable();
        matching.peek().is_some() && matching.all(names_us)
    })
}

/// Creates carry our tags, and nothing rewrites or removes them, nor removes those of others.
fn tags_are_kept(case: &Case<'_>, action: &Action) -> Result<(), String> {
    let ownership = &case.view.ownership;
    if let Some((kind, tags)) = created(&action.operation) {
        for (key, value) in ownership.required().into_iter().chain([(TAG_ID, action.load_balancer.as_str())])
        {
            if value.is_empty() || tag(tags, key) != Some(value) {
                return Err(format!(
                    "it creates a {} without the tag {key}={value} in the same call",
                    kind.words()
                ));
            }
        }
    }
    match &action.operation {
        Operation::AddTags(change) => {
            let observed = tags_of(&case.view, &change.resource).and_then(|tags| tag(tags, TAG_ID));
            let id = observed.unwrap_or(&action.load_balancer);
            let wrong = change.tags.iter().find(|tag| {
                let mut fixed = ownership.required().into_iter().chain([(TAG_ID, id)]);
                fixed.any(|(key, value)| tag.key == key && tag.value != value)
            });
            wrong.map_or(Ok(()), |tag| Err(format!("it rewrites the tag {} as {}", tag.key, tag.value)))
        }
        Operation::RemoveTags(change) => {
            let wrong = change.keys.iter().find(|key| {
                !key.starts_with(TAG_PREFIX) || key.as_str() == TAG_ID || key.as_str() == TAG_CLUSTER_UID
            });
            wrong.map_or(Ok(()), |key| {
                Err(format!("it removes the tag {key}, which says whose this is or is not ours"))
            })
        }
        _ => Ok(()),
    }
}

fn tags_of<'a>(view: &View<'a>, reference: &ResourceReference) -> Option<&'a [Tag]> {
    let tags = view
        .load_balancer(reference)
        .map(|found| &found.tags)
        .or_else(|| view.listener(reference).map(|place| &place.listener.tags))
        .or_else(|| view.rule(reference).map(|(_, rule)| &rule.tags))
        .or_else(|| view.target_group(reference).map(|found| &found.tags))
        .or_else(|| view.security_group(reference).map(|found| &found.tags));
    tags.map(Vec::as_slice)
}

/// Names that are taken, with the tags of who has them.
struct Names<'a> {
    ownership: &'a Ownership<'a>,
    taken: BTreeMap<(&'static str, &'a str, &'a str), &'a [Tag]>,
}

impl<'a> Names<'a> {
    fn new(view: &'a View<'a>) -> Self {
        let inventory = &view.snapshot.inventory;
        let load_balancers = inventory
            .load_balancers
            .iter()
            .map(|found| ((Kind::LoadBalancer.words(), "", found.name.as_str()), found.tags.as_slice()));
        let target_groups = inventory
            .target_groups
            .iter()
            .map(|found| ((Kind::TargetGroup.words(), "", found.name.as_str()), found.tags.as_slice()));
        let security_groups = inventory.security_groups.iter().map(|found| {
            ((Kind::SecurityGroup.words(), found.vpc_id.as_str(), found.name.as_str()), found.tags.as_slice())
        });
        let taken = load_balancers.chain(target_groups).chain(security_groups).collect();
        Names { ownership: &view.ownership, taken }
    }

    /// Takes the name that an action gives to what it creates. A create whose answer was lost finds its own resource
    /// again, so our own name for the same load balancer is no conflict.
    fn take(&mut self, action: &'a Action) -> Result<(), String> {
        let (kind, vpc, name, tags) = match &action.operation {
            Operation::CreateLoadBalancer(create) => (Kind::LoadBalancer, "", &create.name, &create.tags),
            Operation::CreateTargetGroup(create) => (Kind::TargetGroup, "", &create.name, &create.tags),
            Operation::CreateSecurityGroup(create) => {
                (Kind::SecurityGroup, create.vpc_id.as_str(), &create.name, &create.tags)
            }
            _ => return Ok(()),
        };
        let kind = kind.words();
        if !name.starts_with(NAME_PREFIX) {
            return Err(format!("it names a {kind} {name}; our names begin with {NAME_PREFIX}"));
        }
        match self.taken.insert((kind, vpc, name), tags) {
            Some(owner) if !self.ownership.owns(owner) => {
                Err(format!("the name {name} belongs to a {kind} that is not ours"))
            }
            Some(owner) if tag(owner, TAG_ID) != tag(tags, TAG_ID) => {
                Err(format!("the name {name} belongs to our {kind} with another {TAG_ID}"))
            }
            _ => Ok(()),
        }
    }
}
