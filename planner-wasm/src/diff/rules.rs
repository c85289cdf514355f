//! Rules of a listener, in an order in which every request is answered as either the old rules or the new rules say:
//!
//! 1. Existing rules get other priorities if new rules need room between them. Their order stays the same.
//! 2. New rules are created, those before the rules that match some of the same requests.
//! 3. Rules get their new answers, each when the rules before it are there.
//! 4. Unneeded rules are deleted, the last ones first, or put behind all others.
//!
//! Where the load balancer has no room for a new rule, an unneeded rule that nothing of this concerns is deleted first. What
//! finds no room waits for the next plan.

use albatross_contract::{
    AddTags, CreateRule, Disruption, ListenerAction, ModifyRule, Operation, RemoveTags, ResourceReference,
    Rule as ObservedRule, RuleCondition, RulePriority, RuleTransform, TAG_INGRESS, TAG_UNNEEDED,
};

use super::{
    actions::{Actions, Draft, maker, makes_listener, reference},
    listeners::{action, does, makers},
};
use crate::{
    identity::{rule_digest, tag, tag_value},
    observed::rule_unneeded_since,
    overlap::overlap,
    source::ObjectName,
    wanted::{Answer, Listener, LoadBalancer, Rule, RuleEnd, Rules},
    words,
};

/// What the rules of a listener depend on.
pub struct Circumstances<'b> {
    /// How many rules the load balancer can still get.
    pub room: &'b mut usize,
    /// Actions after which unneeded rules may be deleted.
    pub before_deletions: Vec<String>,
    /// The time of planning.
    pub time: u64,
}

/// Compares the wanted rules of a listener with its observed rules. Returns the actions that create or change rules.
pub fn compare(
    listener: &Listener<'_>,
    on: &LoadBalancer<'_>,
    circumstances: Circumstances<'_>,
    actions: &mut Actions,
) -> Vec<String> {
    let Some(rules) = &listener.rules else { return Vec::new() };
    let Circumstances { room, before_deletions, time } = circumstances;
    let on_listener = On { listener, on };
    let mut steps = Steps::new(rules, on_listener.make_gaps(rules, actions), *room);
    steps.before_deletions = before_deletions;
    for rule in &rules.wanted {
        // A rule that takes over for another one belongs to its Ingress first.
        let tagged = rule.there.and_then(|there| on_listener.tags(rule, there, actions));
        steps.done.extend(tagged.map(|id| (&*rule.conditions, id)));
    }
    while steps.create(&on_listener, actions)
        || steps.modify(&on_listener, actions)
        || steps.delete(&on_listener, actions)
    {}
    *room = steps.room;
    for (rule, end) in &rules.unneeded {
        if matches!(end, RuleEnd::Marked { .. }) {
            on_listener.mark(rule, time, actions);
        }
    }
    let made = steps.done.iter().map(|(_, id)| id.clone()).collect();
    steps.put_behind(rules, &on_listener, actions);
    made
}

/// The steps that are still to be done, and those that are done.
struct Steps<'a, 'b> {
    /// Rules that are created, in their order.
    creates: Vec<&'b Rule<'a>>,
    /// Rules that get another answer, in their order.
    modifies: Vec<&'b Rule<'a>>,
    /// Rules that are deleted, the last one first: a request must not reach a rule that never answered it.
    deletes: Vec<(&'a ObservedRule, &'b str)>,
    /// Conditions and actions of the steps so far.
    done: Vec<(&'b [RuleCondition], String)>,
    /// The action that makes room between priorities.
    gaps: Option<String>,
    /// How many rules the load balancer can get at once.
    room: usize,
    /// Deletions whose places no new rule has taken yet.
    freed: Vec<String>,
    /// Actions after which unneeded rules may be deleted.
    before_deletions: Vec<String>,
}

impl<'a, 'b> Steps<'a, 'b> {
    fn new(rules: &'b Rules<'a>, gaps: Option<String>, room: usize) -> Self {
        let is_new = |rule: &&Rule<'_>| rule.there.is_none();
        let changes = |rule: &&Rule<'_>| {
            rule.there.is_some_and(|there| !does(&there.actions, &rule.answer) || is_rewritten(rule, there))
        };
        let deletes = rules.unneeded.iter().rev().filter_map(|(rule, end)| match end {
            RuleEnd::Goes { reason } => Some((*rule, reason.as_str())),
            RuleEnd::Marked { .. } => None,
        });
        Steps {
            creates: rules.wanted.iter().filter(is_new).collect(),
            modifies: rules.wanted.iter().filter(changes).collect(),
            deletes: deletes.collect(),
            done: Vec::new(),
            gaps,
            room,
            freed: Vec::new(),
            before_deletions: Vec::new(),
        }
    }

    /// Creates the next rule for which there is room.
    fn create(&mut self, on: &On<'_, '_>, actions: &mut Actions) -> bool {
        if self.room == 0 && self.freed.is_empty() {
            return false;
        }
        if self.creates.is_empty() {
            return false;
        }
        let rule = self.creates.remove(0);
        let mut after = self.done_for(&rule.conditions);
        if self.room > 0 {
            self.room -= 1;
        } else {
            after.extend(self.freed.pop());
        }
        after.extend(self.gaps.clone());
        let id = on.create(rule, after, actions);
        self.done.push((&rule.conditions, id));
        true
    }

    /// Changes the answer of the next rule before which no new rule is missing.
    fn modify(&mut self, on: &On<'_, '_>, actions: &mut Actions) -> bool {
        let waits = |rule: &Rule<'_>| {
            let mut before = self.creates.iter().filter(|new| new.priority < rule.priority);
            before.any(|new| overlap(&new.conditions, &rule.conditions))
        };
        let Some(place) = self.modifies.iter().position(|rule| !waits(rule)) else { return false };
        let rule = self.modifies.remove(place);
        if let Some(there) = rule.there {
            let id = on.modify(rule, there, self.done_for(&rule.conditions), actions);
            self.done.push((&rule.conditions, id));
        }
        true
    }

    /// Deletes the next rule whose requests are answered as they should be without it.
    fn delete(&mut self, on: &On<'_, '_>, actions: &mut Actions) -> bool {
        let waits = |place: usize, rule: &ObservedRule| {
            self.concerned(&rule.conditions)
                || self.deletes[..place].iter().any(|(other, _)| overlap(&other.conditions, &rule.conditions))
        };
        let found = self.deletes.iter().enumerate().position(|(place, (rule, _))| !waits(place, rule));
        let Some(place) = found else { return false };
        let (rule, reason) = self.deletes.remove(place);
        let mut after = self.done_for(&rule.conditions);
        after.extend(self.before_deletions.iter().cloned());
        let id = on.delete(rule, reason, after, actions);
        self.done.push((&rule.conditions, id.clone()));
        self.freed.push(id);
        true
    }

    /// Whether a rule that is still to be created or changed may match some of the same requests.
    fn concerned(&self, conditions: &[RuleCondition]) -> bool {
        let mut waiting = self.creates.iter().chain(&self.modifies);
        waiting.any(|rule| overlap(&rule.conditions, conditions))
    }

    /// The steps so far on rules that may match some of the same requests.
    fn done_for(&self, conditions: &[RuleCondition]) -> Vec<String> {
        let done = self.done.iter().filter(|(other, _)| overlap(other, conditions));
        done.map(|(_, id)| id.clone()).collect()
    }

    /// Puts the rules that are only marked behind all others, in one call.
    fn put_behind(self, rules: &Rules<'_>, on: &On<'_, '_>, actions: &mut Actions) {
        let mut after: Vec<String> = self.gaps.iter().cloned().collect();
        let mut moves = Vec::new();
        for (rule, end) in &rules.unneeded {
            let now = rules.others.iter().find(|(other, _)| other.arn == rule.arn).map(|(_, now)| *now);
            if let RuleEnd::Marked { priority } = end
                && now != Some(*priority)
                && !self.concerned(&rule.conditions)
            {
                after.extend(self.done_for(&rule.conditions));
                moves.push((*rule, *priority));
            }
        }
        let reason = "no Ingress needs these rules, so they come after all others";
        on.set_priorities("rules/priorities/unneeded", reason, &moves, after, actions);
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

    /// The id of a change to an observed rule. Two rules may have the same conditions.
    fn id_of(&self, rule: &ObservedRule, end: &str) -> String {
        let number = rule.arn.rsplit('/').next().unwrap_or_default();
        format!("listener/{}/rule/{number}/{end}", self.listener.port)
    }

    /// Gives rules other priorities so that there is room for new rules between them.
    fn make_gaps(&self, rules: &Rules<'_>, actions: &mut Actions) -> Option<String> {
        let of_wanted = rules.wanted.iter().filter_map(|rule| Some((rule.there?, rule.priority)));
        let all = of_wanted.chain(rules.others.iter().copied());
        let moves: Vec<(&ObservedRule, u32)> =
            all.filter(|(there, priority)| there.priority != *priority).collect();
        let reason = "a new rule needs a priority between two others";
        self.set_priorities("rules/priorities", reason, &moves, Vec::new(), actions)
    }

    /// All priorities change in one call, in which a rule may take the priority that another rule gives up.
    fn set_priorities(
        &self,
        id: &str,
        reason: &str,
        moves: &[(&ObservedRule, u32)],
        after: Vec<String>,
        actions: &mut Actions,
    ) -> Option<String> {
        if moves.is_empty() {
            return None;
        }
        let moves = moves.iter().map(|(there, priority)| RulePriority {
            rule: ResourceReference::Existing(there.arn.clone()),
            priority: *priority,
        });
        let operation = Operation::SetRulePriorities(moves.collect());
        let id = format!("listener/{}/{id}", self.listener.port);
        Some(actions.push(&self.on.id, Draft::new(id, reason, operation).after(after)))
    }

    fn create(&self, rule: &Rule<'_>, mut after: Vec<String>, actions: &mut Actions) -> String {
        let arn = self.listener.there.map(|there| there.arn.as_str());
        let listener = reference(&self.on.id, arn, || makes_listener(self.listener.port));
        after.extend(maker(&listener));
        after.extend(makers(Some(&rule.answer), self.on));
        let mut tags = self.on.ownership.clone();
        tags.extend(rule.object.map(|object| tag(TAG_INGRESS, &object.to_string())));
        tags.sort();
        let operation = Operation::CreateRule(CreateRule {
            listener,
            priority: rule.priority,
            conditions: rule.conditions.to_vec(),
            actions: vec![action(&rule.answer, &self.on.id)],
            tags,
            transforms: rule.transforms.clone(),
        });
        let reason = format!("{} for it", asks(rule));
        let draft = Draft::new(self.id(&rule.conditions, "create"), reason, operation);
        actions.push(&self.on.id, draft.after(after).for_objects(&objects(rule)))
    }

    fn modify(
        &self,
        rule: &Rule<'_>,
        there: &ObservedRule,
        after: Vec<String>,
        actions: &mut Actions,
    ) -> String {
        let answer = Some(&rule.answer).filter(|answer| !does(&there.actions, answer));
        let is_rewritten = is_rewritten(rule, there);
        let operation = Operation::ModifyRule(ModifyRule {
            rule: ResourceReference::Existing(there.arn.clone()),
            conditions: Vec::new(),
            actions: answer.map(|answer| action(answer, &self.on.id)).into_iter().collect(),
            transforms: is_rewritten.then(|| rule.transforms.clone()),
        });
        let reason = match &rule.answer {
            Answer::Forward { groups, .. } if rule.waits && answer.is_some() => {
                let waiting = groups.iter().filter(|it| it.weight == 0).count();
                let whose = words::count(waiting, "new target group", "new target groups");
                format!("{} for other backends; {whose} must be healthy first", asks(rule))
            }
            Answer::Forward { .. } if answer.is_some() => format!("{} for other backends", asks(rule)),
            Answer::Unavailable => {
                let of = rule.object.map(|object| format!(" of {object}")).unwrap_or_default();
                format!("no backend{of} can receive these requests")
            }
            _ if answer.is_some() => format!("{} for another action", asks(rule)),
            _ => format!("{} to rewrite requests in another way", asks(rule)),
        };
        let draft = Draft::new(self.id(&rule.conditions, "modify"), reason, operation);
        let ends = rule.answer == Answer::Unavailable && there.actions.iter().any(is_forward);
        let draft = draft.disrupting(if ends { Disruption::Removal } else { Disruption::None });
        let draft = draft.after(after).after(makers(answer, self.on));
        actions.push(&self.on.id, draft.for_objects(&objects(rule)))
    }

    /// The tags of a rule that is needed: they name its Ingress, which the action with the returned id changes.
    fn tags(&self, rule: &Rule<'_>, there: &ObservedRule, actions: &mut Actions) -> Option<String> {
        let wanted = rule.object?;
        let resource = || ResourceReference::Existing(there.arn.clone());
        if tag_value(&there.tags, TAG_UNNEEDED).is_some() {
            let keys = vec![TAG_UNNEEDED.to_owned()];
            let operation = Operation::RemoveTags(RemoveTags { resource: resource(), keys });
            let reason = format!("{wanted} needs it again");
            actions
                .push(&self.on.id, Draft::new(self.id(&rule.conditions, "tags/remove"), reason, operation));
        }
        if tag_value(&there.tags, TAG_INGRESS).and_then(ObjectName::of_tag) == Some(wanted) {
            return None;
        }
        let object = wanted.to_string();
        let tags = vec![tag(TAG_INGRESS, &object)];
        let operation = Operation::AddTags(AddTags { resource: resource(), tags });
        let reason = format!("it now belongs to {object}");
        let draft = Draft::new(self.id(&rule.conditions, "tags/add"), reason, operation);
        Some(actions.push(&self.on.id, draft))
    }

    fn delete(&self, rule: &ObservedRule, reason: &str, after: Vec<String>, actions: &mut Actions) -> String {
        let operation = Operation::DeleteRule(ResourceReference::Existing(rule.arn.clone()));
        let draft = Draft::new(self.id_of(rule, "delete"), reason, operation);
        actions.push(&self.on.id, draft.after(after).disrupting(Disruption::Removal))
    }

    fn mark(&self, rule: &ObservedRule, time: u64, actions: &mut Actions) {
        if rule_unneeded_since(rule).is_some() {
            return;
        }
        let operation = Operation::AddTags(AddTags {
            resource: ResourceReference::Existing(rule.arn.clone()),
            tags: vec![tag(TAG_UNNEEDED, &time.to_string())],
        });
        let draft = Draft::new(self.id_of(rule, "mark"), "no Ingress needs it any more", operation);
        actions.push(&self.on.id, draft);
    }
}

/// In words, the subject of the reason for a change.
fn asks(rule: &Rule<'_>) -> String {
    rule.object.map_or_else(|| "the settings ask".to_owned(), |object| format!("{object} asks"))
}

/// The object whose rule it is.
fn objects(rule: &Rule<'_>) -> Vec<albatross_contract::ObjectName> {
    rule.object.iter().map(ObjectName::owned).collect()
}

fn is_forward(action: &ListenerAction) -> bool {
    matches!(action, ListenerAction::Forward(_))
}

/// Whether a rule rewrites requests in another way than it should. AWS may return transforms in another order.
fn is_rewritten(rule: &Rule<'_>, there: &ObservedRule) -> bool {
    let in_order = |transforms: &[RuleTransform]| {
        let mut transforms = transforms.to_vec();
        transforms.sort();
        transforms
    };
    in_order(&there.transforms) != in_order(&rule.transforms)
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
