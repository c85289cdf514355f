//! Changes of listener rules in words: which requests a rule matches, and what answers these requests before and after.

use albatross_contract::{
    CreateRule, ListenerAction, ModifyRule, ResourceReference, RuleCondition, RulePriority, rules::requests,
};

use super::{
    answering::{Table, answer},
    changes::{Change, Part, listener},
    columns::Sign,
    forwarding::{destination, transform},
    names::{Names, rule_name},
    words::count,
};

/// How many rules with another priority are listed.
const PRIORITIES: usize = 5;

/// A rule that is created, with what answers its requests until then.
pub fn created(create: &CreateRule, names: &Names<'_>) -> Change {
    let mut what = does(&create.conditions, &create.actions, names);
    create.transforms.iter().for_each(|it| what.push_str(&format!("; {}", transform(it))));
    let before =
        names.observed_listener(&create.listener).and_then(|it| answer(&create.conditions, Table::of(it)));
    let note =
        before.map(|actions| format!("until now → {}", destination(actions, names))).unwrap_or_default();
    let part = listener(&create.listener, names);
    change(part, Sign::Add, what, note, create.priority)
}

/// A rule that is modified, with what it did until then.
pub fn modified(modify: &ModifyRule, names: &Names<'_>) -> Change {
    let before = names.observed_rule(&modify.rule);
    let mut what = names.resource(&modify.rule);
    if !modify.conditions.is_empty() {
        what.push_str(&format!(" becomes {}", requests(&modify.conditions)));
    }
    let mut note = String::new();
    if !modify.actions.is_empty() {
        what.push_str(&format!(" → {}", destination(&modify.actions, names)));
        note = before
            .map(|(rule, _)| format!("was → {}", destination(&rule.actions, names)))
            .unwrap_or_default();
    }
    match modify.transforms.as_deref() {
        None => {}
        Some([]) => what.push_str("; requests are no longer rewritten"),
        Some(transforms) => transforms.iter().for_each(|it| what.push_str(&format!("; {}", transform(it)))),
    }
    change(part(&modify.rule, names), Sign::Change, what, note, priority(&modify.rule, names))
}

/// A rule that is deleted, with what answers its requests from then on.
pub fn deleted(reference: &ResourceReference, load_balancer: &str, names: &Names<'_>) -> Change {
    let Some((rule, on)) = names.observed_rule(reference) else {
        return change(Part::Listener(None), Sign::Remove, names.resource(reference), String::new(), 0);
    };
    let what = format!("{} → {}", rule_name(rule), destination(&rule.actions, names));
    let desired = names.desired_listener(load_balancer, on.port);
    let after = desired.and_then(|it| answer(&rule.conditions, Table::of_desired(it)));
    let note =
        after.map(|actions| format!("from then on → {}", destination(actions, names))).unwrap_or_default();
    change(Part::Listener(Some(on.port)), Sign::Remove, what, note, rule.priority)
}

/// Rules that are evaluated earlier or later.
pub fn priorities(priorities: &[RulePriority], names: &Names<'_>) -> Vec<Change> {
    if priorities.len() > PRIORITIES {
        let what = format!("priorities of {}", count(priorities.len(), "rule"));
        let part = priorities.first().map_or(Part::Listener(None), |first| part(&first.rule, names));
        return vec![change(part, Sign::Change, what, String::new(), 0)];
    }
    let tell = |it: &RulePriority| {
        let before = names.observed_rule(&it.rule).map(|(rule, _)| format!("{} → ", rule.priority));
        let what =
            format!("{}: priority {}{}", names.resource(&it.rule), before.unwrap_or_default(), it.priority);
        change(part(&it.rule, names), Sign::Change, what, String::new(), it.priority)
    };
    priorities.iter().map(tell).collect()
}

/// `rule shop.example.org /cart or /cart/* → shop/cart:80`.
fn does(conditions: &[RuleCondition], actions: &[ListenerAction], names: &Names<'_>) -> String {
    format!("rule {} → {}", requests(conditions), destination(actions, names))
}

fn part(rule: &ResourceReference, names: &Names<'_>) -> Part {
    Part::Listener(names.observed_rule(rule).map(|(_, on)| on.port))
}

fn priority(rule: &ResourceReference, names: &Names<'_>) -> u32 {
    names.observed_rule(rule).map_or(0, |(rule, _)| rule.priority)
}

fn change(part: Part, sign: Sign, what: String, note: String, priority: u32) -> Change {
    Change { part, whole: false, sign, what, note, priority }
}
