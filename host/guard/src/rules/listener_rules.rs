//! Listener rules: an Ingress that stays keeps a rule for everything that it asks for, a rule is removed only after its
//! grace period, and rules of others keep their priorities. A rule that gets no requests, because another one of ours comes
//! first and matches them, may go.
//!
//! Design: decisions, rules; safety, budgets and deletion.

use albatross_contract::{Listener, Operation, OutcomeState, Protocol, RuleCondition, SourceObject};

use crate::{
    facts::{
        Facts,
        covering::{covers, single_rules},
        dns_names::raw_hostnames,
        listener_rules::{Removal, RuleAfter, Way, ingress_of},
        load_balancers::our_id,
        marks::rule_unneeded_since,
        names::ObjectName,
        operations::redirect_to_https,
        requests::{Requests, about, asked, matches_all, says},
        tenancy,
        view::{ListenerOn, RuleOn, rules_on},
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for removal in &facts.listener_rules.removals {
        if !facts.view.owns_rule(removal.rule) {
            continue; // a rule that is not ours may not be changed at all
        }
        if redirects_all(facts, removal) {
            continue; // the listener itself answers all requests
        }
        let action = &facts.actions.list[removal.action];
        let after = relied_on(facts, removal);
        if let Err(message) = may_go(facts, removal, &after) {
            found.action(removal.action, action, Rule::RuleGrace, message);
        } else if let Err(message) = nobody_needs(facts, removal, &after) {
            found.action(removal.action, action, Rule::RuleNeeded, message);
        }
    }
    for (index, action) in facts.actions.iter() {
        if let Err(message) = priorities_are_free(facts, &action.operation) {
            found.action(index, action, Rule::RulePriority, message);
        }
    }
}

/// Whether the HTTP listener of a removed rule redirects all requests to HTTPS when the rule is removed: it does so already,
/// or because of an action that must have succeeded before.
fn redirects_all(facts: &Facts<'_>, removal: &Removal<'_>) -> bool {
    let listener = removal.rule.listener;
    if removal.way != Way::Deleted || listener.protocol != Protocol::Http {
        return false;
    }
    let mut redirects = redirect_to_https(&listener.default_actions).is_some();
    for (index, action) in facts.actions.iter() {
        let Operation::ModifyListener(change) = &action.operation else { continue };
        let is_here = facts.view.listener(&change.listener).is_some_and(|it| it.listener.arn == listener.arn);
        if is_here && !change.default_actions.is_empty() {
            redirects = redirect_to_https(&change.default_actions).is_some()
                && facts.actions.depends(removal.action, index);
        }
    }
    redirects
}

/// The rules that are on the load balancer after the plan and that the action which removes a rule can rely on: they
/// were there before, or an action creates them that must have succeeded.
fn relied_on<'a>(facts: &Facts<'a>, removal: &Removal<'a>) -> Vec<RuleAfter<'a>> {
    let counts = |made: usize| made == removal.action || facts.actions.depends(removal.action, made);
    let mut after = facts.listener_rules.after(removal.rule.load_balancer, &facts.view);
    after.retain(|rule| rule.since.is_none_or(counts));
    after
}

/// Whether the grace period of a removed rule is over, its Ingress is gone, other rules of ours on the listener take over
/// all requests, or new rules need its place. A rule that changes may not lose its Ingress: without an Ingress it could be
/// removed at once.
fn may_go(facts: &Facts<'_>, removal: &Removal<'_>, after: &[RuleAfter<'_>]) -> Result<(), String> {
    let Some(ingress) = ingress_of(&removal.rule.rule.tags).filter(|name| stays(facts, *name).is_some())
    else {
        return Ok(());
    };
    let (rule, name) = (removal.rule.rule, &removal.rule.load_balancer.name);
    if removal.way == Way::Changed {
        return given_to_somebody(facts, removal);
    }
    let snapshot = facts.view.snapshot;
    let (time, grace) = (snapshot.time, snapshot.settings.grace);
    let since = rule_unneeded_since(rule);
    if since.is_some_and(|since| since.saturating_add(grace) <= time) {
        return Ok(());
    }
    let listener = Some(removal.rule.listener.arn.as_str());
    let here = || after.iter().filter(|other| other.listener == listener);
    let is_taken_over = |part: &Vec<RuleCondition>| {
        here().any(|other| matches_all(other.conditions, part)) || is_unreached(facts, removal, part, after)
    };
    if single_rules(&rule.conditions).iter().all(is_taken_over) {
        return Ok(());
    }
    if facts.listener_rules.exceeds_quota(removal.rule.load_balancer, &facts.view) {
        return Ok(()); // nobody needs it, and new rules need its place
    }
    let since = since.map_or("no tag says since when it is unneeded".to_owned(), |since| {
        format!("marked as unneeded since {since}")
    });
    Err(format!(
        "the rule {} of {ingress} is removed from {name} before its grace period of {grace} s is over ({since}), and no other rule takes over",
        rule.arn
    ))
}

/// Whether a rule that changes is still for an Ingress that exists.
fn given_to_somebody(facts: &Facts<'_>, removal: &Removal<'_>) -> Result<(), String> {
    let given = match &facts.actions.list[removal.action].operation {
        Operation::AddTags(change) => ingress_of(&change.tags),
        Operation::RemoveTags(_) => None,
        _ => return Ok(()),
    };
    if given.is_some_and(|name| stays(facts, name).is_some()) {
        return Ok(());
    }
    Err(format!(
        "it leaves the rule {} without an Ingress, and a rule without an Ingress has no grace period",
        removal.rule.rule.arn
    ))
}

/// Whether another rule serves, after the plan, everything that the Ingress of a removed rule asks for on the load
/// balancer and that the removed rule served.
fn nobody_needs(facts: &Facts<'_>, removal: &Removal<'_>, after: &[RuleAfter<'_>]) -> Result<(), String> {
    let Some(name) = ingress_of(&removal.rule.rule.tags) else { return Ok(()) };
    let Some(source) = stays(facts, name).filter(|_| is_served_here(facts, removal, name)) else {
        return Ok(());
    };
    let settings = &facts.view.snapshot.settings;
    let mut said = asked(source).into_iter().filter(|asked| {
        says(&removal.rule.rule.conditions, asked) && !tenancy::refuses(settings, source, asked.host())
    });
    let is_unreached =
        |asked: &Requests| is_unreached(facts, removal, &about(&removal.rule.rule.conditions, asked), after);
    match said.find(|asked| !after.iter().any(|rule| serves(facts, rule, asked)) && !is_unreached(asked)) {
        Some(unserved) => Err(format!(
            "{name} asks for {unserved} on {}, which no other rule serves",
            removal.rule.load_balancer.name
        )),
        None => Ok(()),
    }
}

/// Whether a removed rule got none of some requests: on its listener a rule of ours for an Ingress that exists comes first and
/// matches all of them, and a rule for the same Ingress does so after the plan.
fn is_unreached(
    facts: &Facts<'_>,
    removal: &Removal<'_>,
    requests: &[RuleCondition],
    after: &[RuleAfter<'_>],
) -> bool {
    let RuleOn { load_balancer, listener, rule } = removal.rule;
    let comes_first =
        |other: &RuleOn<'_>| other.rule.priority < rule.priority && facts.view.owns_rule(*other);
    let mut before = rules_on(ListenerOn { load_balancer, listener }).filter(comes_first);
    let goes_on = |name: ObjectName<'_>| {
        let mut after = after.iter().filter(|other| other.ingress == Some(name));
        stays(facts, name).is_some()
            && after.any(|it| it.listener == Some(&listener.arn) && covers(it.conditions, requests))
    };
    before.any(|other| {
        covers(&other.rule.conditions, requests) && ingress_of(&other.rule.tags).is_some_and(goes_on)
    })
}

/// Whether a rule serves what its own Ingress asks for.
fn serves(facts: &Facts<'_>, rule: &RuleAfter<'_>, wanted: &Requests) -> bool {
    let ingress = rule.ingress.and_then(|name| stays(facts, name));
    says(rule.conditions, wanted) && ingress.is_some_and(|ingress| asked(ingress).contains(wanted))
}

/// An object that exists and is not being deleted.
fn stays<'a>(facts: &Facts<'a>, name: ObjectName<'_>) -> Option<SourceObject<'a>> {
    let source = facts.view.sources.get(facts.view.sources.by_name(name)?);
    source.metadata().deleted_at.is_none().then_some(source)
}

/// Whether the plan keeps an Ingress, and places it on the load balancer of a rule or leaves its status there.
fn is_served_here(facts: &Facts<'_>, removal: &Removal<'_>, name: ObjectName<'_>) -> bool {
    let load_balancer = removal.rule.load_balancer;
    let here = facts.view.load_balancers.index_of(&load_balancer.arn);
    let Some(outcome) = facts.view.sources.by_name(name).and_then(|index| facts.outcomes.of(index)) else {
        return false;
    };
    let is_released = matches!(outcome.outcome.state, OutcomeState::Released | OutcomeState::Ignored);
    let is_placed =
        outcome.has_place() && outcome.outcome.load_balancer.as_deref() == Some(our_id(load_balancer));
    let names = |hostname| facts.view.load_balancers.by_dns_name(hostname) == here;
    let is_published = outcome.source.is_some_and(|source| raw_hostnames(source).any(names));
    !is_released && (is_placed || is_published)
}

/// Whether no rule of others on the listener has a priority that an operation gives to a rule.
fn priorities_are_free(facts: &Facts<'_>, operation: &Operation) -> Result<(), String> {
    let is_free = |listener: &Listener, priority: u32| {
        let mut others = listener.rules.iter().filter(|rule| !facts.view.ownership.owns(&rule.tags));
        match others.find(|rule| rule.priority == priority) {
            Some(other) => {
                Err(format!("the rule {}, which is not ours, has the priority {priority}", other.arn))
            }
            None => Ok(()),
        }
    };
    match operation {
        Operation::CreateRule(create) => {
            let listener = facts.view.listener(&create.listener);
            listener.map_or(Ok(()), |found| is_free(found.listener, create.priority))
        }
        Operation::SetRulePriorities(priorities) => priorities.iter().try_for_each(|change| {
            let rule = facts.view.rule(&change.rule);
            rule.map_or(Ok(()), |found| is_free(found.listener, change.priority))
        }),
        _ => Ok(()),
    }
}
