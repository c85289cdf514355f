//! Ownership as observed: only resources that carry all our tags are changed or deleted.
//!
//! Design: safety, ownership.

use albatross_contract::{
    Action, Direction, Operation, ResourceReference, SecurityGroup, SecurityGroupRule,
    SecurityGroupRuleChange, TAG_ID,
};

use crate::{
    facts::{
        Facts,
        operations::{Kind, Mention, Role, forwards, mentions},
        security_groups::admitted,
        transfers::{Transfer, transfer},
        view::{View, existing},
    },
    violation::{Findings, Rule},
};

/// The description of every security group rule that we created begins with this.
const RULE_DESCRIPTION_PREFIX: &str = "albatross";

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        for mention in mentions(&action.operation) {
            if let Err(stranger) = may_touch(facts, action, mention) {
                found.action(index, action, Rule::Ownership, stranger);
            }
        }
        if let Err(message) = may_change_rules(&facts.view, &action.operation) {
            found.action(index, action, Rule::Ownership, message);
        }
    }
}

/// Whether an operation adds and removes only rules of ours. On a security group that is not ours, these are rules that admit
/// a security group of ours.
fn may_change_rules(view: &View<'_>, operation: &Operation) -> Result<(), String> {
    let change = match operation {
        Operation::AuthorizeSecurityGroupRules(change) => {
            if change.rules.iter().any(|rule| !names_us(rule)) {
                return Err(format!(
                    "our security group rules have a description that begins with `{RULE_DESCRIPTION_PREFIX}`; one of these rules does not"
                ));
            }
            change
        }
        Operation::RevokeSecurityGroupRules(change) => {
            let group = view.security_group(&change.security_group);
            if group.is_some_and(|group| !only_ours(group, change)) {
                return Err(format!(
                    "it removes a rule that the security group does not have, or whose description does not begin with `{RULE_DESCRIPTION_PREFIX}`"
                ));
            }
            change
        }
        _ => return Ok(()),
    };
    let owns = |group: &SecurityGroup| view.ownership.owns(&group.tags);
    let group = view.security_group(&change.security_group);
    if group.is_none_or(owns) {
        return Ok(());
    }
    let admits_ours = |rule: &SecurityGroupRule| {
        let peer = admitted(rule).map(|id| ResourceReference::Existing(id.to_owned()));
        let peer = peer.as_ref().and_then(|peer| view.security_group(peer));
        rule.direction == Direction::Inbound && peer.is_some_and(owns)
    };
    match change.rules.iter().all(admits_ours) {
        true => Ok(()),
        false => Err(
            "on a security group that is not ours, it changes a rule that admits no security group of ours"
                .to_owned(),
        ),
    }
}

/// Whether a plan may touch a resource that an operation names. Another rule refuses resources that do not exist.
fn may_touch(facts: &Facts<'_>, action: &Action, mention: Mention<'_>) -> Result<(), String> {
    let Some(id) = existing(mention.reference) else { return Ok(()) };
    let view = &facts.view;
    let owned = mention.kinds.iter().find_map(|kind| Some((*kind, owns(view, *kind, mention.reference)?)));
    let Some((kind, false)) = owned else { return Ok(()) };
    let allowed = match (mention.role, &action.operation) {
        // The operator's own security group, which is used unchanged.
        (Role::Used, _) if kind == Kind::SecurityGroup => true,
        (Role::Used, operation) => forwarded_before(view, operation, id),
        // Its rules are checked one by one.
        (
            Role::Changed,
            Operation::AuthorizeSecurityGroupRules(_) | Operation::RevokeSecurityGroupRules(_),
        ) => true,
        // The rule for handing over judges it.
        (Role::Changed, _) => transfer(view, action) == Some(Transfer::Adopts),
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

/// Whether a resource of a kind is ours. Absent: the inventory does not have it. A listener has the owner of its load
/// balancer.
fn owns(view: &View<'_>, kind: Kind, reference: &ResourceReference) -> Option<bool> {
    match kind {
        Kind::LoadBalancer => view.load_balancer(reference).map(|found| view.owns(found)),
        Kind::Listener => view.listener(reference).map(|found| view.owns(found.load_balancer)),
        Kind::Rule => view.rule(reference).map(|found| view.owns_rule(found)),
        Kind::TargetGroup => view.target_group(reference).map(|found| view.ownership.owns(&found.tags)),
        Kind::SecurityGroup => view.security_group(reference).map(|found| view.ownership.owns(&found.tags)),
    }
}

/// Whether the listener or rule that an operation changes forwards to a target group already.
fn forwarded_before(view: &View<'_>, operation: &Operation, target_group: &str) -> bool {
    let before = match operation {
        Operation::ModifyListener(change) => {
            view.listener(&change.listener).map(|place| &place.listener.default_actions)
        }
        Operation::ModifyRule(change) => view.rule(&change.rule).map(|found| &found.rule.actions),
        _ => None,
    };
    before.is_some_and(|actions| forwards(actions).any(|(group, _)| existing(group) == Some(target_group)))
}

fn names_us(rule: &SecurityGroupRule) -> bool {
    rule.description.as_deref().is_some_and(|text| text.starts_with(RULE_DESCRIPTION_PREFIX))
}

/// Whether all revoked rules are in the group and name us, as observed: what the plan says about them does not count.
/// EC2 revokes a rule without an id by its content, whatever its description.
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
