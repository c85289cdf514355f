//! Rules of a listener. New rules are created in the order of their priorities, and unneeded rules are deleted last, so that
//! every request is answered as either the old rules or the new rules say.

use albatross_contract::{
    AddTags, CreateRule, Disruption, ModifyRule, Operation, RemoveTags, ResourceReference, RuleCondition,
    RulePriority, RuleTransform, TAG_INGRESS, TAG_UNNEEDED,
};

use super::{
    actions::{Actions, Draft, maker, makes_listener, reference},
    listeners::{action, does, makers},
};
use crate::{
    identity::{rule_digest, tag, tag_value},
    observed::rule_unneeded_since,
    wanted::{Answer, Listener, LoadBalancer, Rule, RuleEnd, Rules},
};

/// Creates and changes the rules of a listener. Returns the actions that create rules.
pub fn compare(listener: &Listener<'_>, on: &LoadBalancer<'_>, actions: &mut Actions) -> Vec<String> {
    let Some(Rules { wanted, unneeded }) = &listener.rules else { return Vec::new() };
    let on_listener = On { listener, on };
    let moved = on_listener.set_priorities(wanted, unneeded, actions);
    let mut made: Vec<(String, &Rule<'_>)> = Vec::new();
    for rule in wanted {
        match rule.there {
            None => {
                // A rule with a larger priority that matches some of the same requests is created later.
                let before = made.iter().filter(|(_, other)| may_overlap(other, rule));
                let after = before.map(|(id, _)| id.clone()).chain(moved.clone()).collect();
                let id = on_listener.create(rule, after, actions);
                made.push((id, rule));
            }
            Some(there) => on_listener.modify(rule, there, actions),
        }
    }
    made.into_iter().map(|(id, _)| id).collect()
}

/// Deletes or marks the unneeded rules of a listener, after the actions that make them unneeded.
pub fn remove(
    listener: &Listener<'_>,
    on: &LoadBalancer<'_>,
    after: &[String],
    time: u64,
    actions: &mut Actions,
) {
    let Some(Rules { unneeded, .. }) = &listener.rules else { return };
    let on_listener = On { listener, on };
    for (rule, end) in unneeded {
        match end {
            RuleEnd::Goes { reason } => on_listener.delete(rule, reason, after.to_vec(), actions),
            RuleEnd::Marked { .. } => on_listener.mark(rule, time, actions),
        }
    }
}

struct On<'a, 'b> {
    listener: &'b Listener<'a>,
    on: &'b LoadBalancer<'a>,
}

impl On<'_, '_> {
    fn id(&self, conditions: &[RuleCondition], end: &str) -> String {
        let parts: Vec<String> = conditions.iter().flat_map(parts).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        format!("listener/{}/rule/{}/{end}", self.listener.port, rule_digest(&parts))
    }

    /// All priorities change in one call, in which a rule may take the priority that another rule gives up.
    fn set_priorities(
        &self,
        wanted: &[Rule<'_>],
        unneeded: &[(&albatross_contract::Rule, RuleEnd)],
        actions: &mut Actions,
    ) -> Option<String> {
        let of_wanted = wanted.iter().filter_map(|rule| Some((rule.there?, rule.priority)));
        let of_unneeded = unneeded.iter().filter_map(|(rule, end)| match end {
            RuleEnd::Marked { priority } => Some((*rule, *priority)),
            RuleEnd::Goes { .. } => None,
        });
        let moves = of_wanted.chain(of_unneeded).filter(|(there, priority)| there.priority != *priority);
        let moves = moves.map(|(there, priority)| RulePriority {
            rule: ResourceReference::Existing(there.arn.clone()),
            priority,
        });
        let moves: Vec<RulePriority> = moves.collect();
        if moves.is_empty() {
            return None;
        }
        let id = format!("listener/{}/rules/priorities", self.listener.port);
        let reason = "the order of the rules has changed, or a new rule needs a priority between two others";
        Some(actions.push(&self.on.id, Draft::new(id, reason, Operation::SetRulePriorities(moves))))
    }

    fn create(&self, rule: &Rule<'_>, mut after: Vec<String>, actions: &mut Actions) -> String {
        let arn = self.listener.there.map(|there| there.arn.as_str());
        let listener = reference(&self.on.id, arn, || makes_listener(self.listener.port));
        after.extend(maker(&listener));
        after.extend(makers(Some(&rule.answer), self.on));
        let mut tags = self.on.ownership.clone();
        tags.push(tag(TAG_INGRESS, &rule.object.to_string()));
        tags.sort();
        let operation = Operation::CreateRule(CreateRule {
            listener,
            priority: rule.priority,
            conditions: rule.conditions.clone(),
            actions: vec![action(&rule.answer, &self.on.id)],
            tags,
            transforms: rule.transforms.clone(),
        });
        let reason = format!("{} asks for it", rule.object);
        let draft = Draft::new(self.id(&rule.conditions, "create"), reason, operation);
        actions.push(&self.on.id, draft.after(after).for_objects(&[rule.object.owned()]))
    }

    fn modify(&self, rule: &Rule<'_>, there: &albatross_contract::Rule, actions: &mut Actions) {
        let resource = || ResourceReference::Existing(there.arn.clone());
        let answer = Some(&rule.answer).filter(|answer| !does(&there.actions, answer));
        let is_rewritten = in_order(&there.transforms) != in_order(&rule.transforms);
        if answer.is_some() || is_rewritten {
            let operation = Operation::ModifyRule(ModifyRule {
                rule: resource(),
                conditions: Vec::new(),
                actions: answer.map(|answer| action(answer, &self.on.id)).into_iter().collect(),
                transforms: is_rewritten.then(|| rule.transforms.clone()),
            });
            let reason = match &rule.answer {
                Answer::Forward { .. } if answer.is_some() => {
                    format!(
                        "{} asks for other backends, or the health of its backends has changed",
                        rule.object
                    )
                }
                _ if answer.is_some() => format!("{} asks for another answer", rule.object),
                _ => format!("{} asks to rewrite requests in another way", rule.object),
            };
            let draft = Draft::new(self.id(&rule.conditions, "modify"), reason, operation);
            let draft = draft.after(makers(answer, self.on));
            actions.push(&self.on.id, draft.for_objects(&[rule.object.owned()]));
        }
        let object = rule.object.to_string();
        if tag_value(&there.tags, TAG_INGRESS) != Some(&object) {
            let tags = vec![tag(TAG_INGRESS, &object)];
            let operation = Operation::AddTags(AddTags { resource: resource(), tags });
            let reason = format!("it now belongs to {object}");
            actions.push(&self.on.id, Draft::new(self.id(&rule.conditions, "tags/add"), reason, operation));
        }
        if tag_value(&there.tags, TAG_UNNEEDED).is_some() {
            let keys = vec![TAG_UNNEEDED.to_owned()];
            let operation = Operation::RemoveTags(RemoveTags { resource: resource(), keys });
            let reason = format!("{object} needs it again");
            actions
                .push(&self.on.id, Draft::new(self.id(&rule.conditions, "tags/remove"), reason, operation));
        }
    }

    fn delete(
        &self,
        rule: &albatross_contract::Rule,
        reason: &str,
        after: Vec<String>,
        actions: &mut Actions,
    ) {
        let operation = Operation::DeleteRule(ResourceReference::Existing(rule.arn.clone()));
        let draft = Draft::new(self.id(&rule.conditions, "delete"), reason, operation);
        actions.push(&self.on.id, draft.after(after).disrupting(Disruption::Removal));
    }

    fn mark(&self, rule: &albatross_contract::Rule, time: u64, actions: &mut Actions) {
        if rule_unneeded_since(rule).is_some() {
            return;
        }
        let operation = Operation::AddTags(AddTags {
            resource: ResourceReference::Existing(rule.arn.clone()),
            tags: vec![tag(TAG_UNNEEDED, &time.to_string())],
        });
        let draft = Draft::new(self.id(&rule.conditions, "mark"), "no Ingress needs it any more", operation);
        actions.push(&self.on.id, draft);
    }
}

/// Transforms in a canonical order: AWS may return them in another order.
fn in_order(transforms: &[RuleTransform]) -> Vec<RuleTransform> {
    let mut transforms = transforms.to_vec();
    transforms.sort();
    transforms
}

/// The texts of a condition, from which ids of actions are made.
fn parts(condition: &RuleCondition) -> Vec<String> {
    match condition {
        RuleCondition::HostHeader(text) => named("host", text.values.iter().chain(&text.regular_expressions)),
        RuleCondition::PathPattern(text) => {
            named("path", text.values.iter().chain(&text.regular_expressions))
        }
        RuleCondition::HttpHeader(header) => named(
            &format!("header {}", header.name),
            header.value.values.iter().chain(&header.value.regular_expressions),
        ),
        RuleCondition::QueryString(pairs) => pairs
            .iter()
            .map(|pair| format!("query {}={}", pair.key.as_deref().unwrap_or_default(), pair.value))
            .collect(),
        RuleCondition::SourceIp(blocks) => named("source", blocks),
        RuleCondition::HttpRequestMethod(methods) => named("method", methods),
        RuleCondition::SourceIpAddressType(kind) => vec![format!("address type {kind:?}")],
        RuleCondition::Other(field) => vec![field.clone()],
    }
}

fn named<'a>(name: &str, values: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    values.into_iter().map(|value| format!("{name} {value}")).collect()
}

/// Whether two rules may match the same request. They cannot if both have only hosts without wildcards, and no host in
/// common.
fn may_overlap(left: &Rule<'_>, right: &Rule<'_>) -> bool {
    let hosts = |rule: &Rule<'_>| -> Option<Vec<String>> {
        rule.conditions.iter().find_map(|condition| match condition {
            RuleCondition::HostHeader(text)
                if text.regular_expressions.is_empty()
                    && !text.values.iter().any(|host| host.contains(['*', '?'])) =>
            {
                Some(text.values.clone())
            }
            _ => None,
        })
    };
    match (hosts(left), hosts(right)) {
        (Some(left), Some(right)) => left.iter().any(|host| right.contains(host)),
        _ => true,
    }
}
