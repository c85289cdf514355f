//! Rules that answer requests for internal domains, if the settings ask for them: the in-cluster proxy must not get such
//! requests from outside.

use std::{borrow::Cow, collections::BTreeSet};

use albatross_contract::{
    DenySettings, Diagnostic, DiagnosticCode, FixedResponseAction, ListenerAction, Quotas,
    Rule as ObservedRule, RuleCondition, TAG_INGRESS, TextMatch,
};

use super::super::{Answer, LoadBalancer, Rule, RuleEnd, Rules, build::Builder};
use crate::{
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    identity::tag_value,
    observed::Concern,
};

/// The domains, if the settings name none.
const DOMAIN: &str = "*.cluster.local";
/// The body of the response, if the settings name none.
const BODY: &str = "Unauthorized";
/// The status of the response, if the settings name none.
const STATUS: u16 = 401;
/// The content type of the response, if the settings name none.
const CONTENT_TYPE: &str = "text/plain";

impl<'a> Builder<'a, '_> {
    /// Gives the listeners of a load balancer the rules that the settings ask for, and ends such rules for which they no longer
    /// ask. Rules of other people stay.
    pub(super) fn deny(&mut self, group: &Group<'a>, wanted: &mut LoadBalancer<'a>) {
        let observed = self.sources.observed;
        let allows = |concern| observed.completeness.allows_for(concern, group.owned());
        // A Network Load Balancer does not read hosts.
        if group.terms().kind.is_network() || !allows(Concern::ChangeRules) {
            return;
        }
        let deny = observed.settings.proxy.deny.as_ref();
        let may_remove = allows(Concern::Remove);
        let mut room = wanted.free_rules;
        let mut left_out = 0;
        for listener in &mut wanted.listeners {
            let there = listener.there.map(|there| there.rules.as_slice()).unwrap_or_default();
            let is_ours = |rule: &ObservedRule| {
                observed.owns(&rule.tags, group.id()) && tag_value(&rule.tags, TAG_INGRESS).is_none()
            };
            let rules = match deny {
                Some(deny) => rules(deny, there, is_ours, &observed.inventory.quotas),
                None => Rules::default(),
            };
            let new = rules.wanted.iter().filter(|rule| rule.there.is_none()).count();
            left_out += new.saturating_sub(room);
            room = room.saturating_sub(new);
            listener.rules = Some(with_ends(rules, there, is_ours, may_remove));
        }
        self.diagnostics.extend((left_out > 0).then(|| no_room(&wanted.name, left_out)));
    }
}

/// The wanted rules of a listener with these rules.
fn rules<'a>(
    deny: &DenySettings,
    there: &'a [ObservedRule],
    is_ours: impl Fn(&ObservedRule) -> bool,
    quotas: &Quotas,
) -> Rules<'a> {
    let mut taken: BTreeSet<u32> = there.iter().map(|rule| rule.priority).collect();
    let mut wanted = Vec::new();
    for hosts in by_rule(deny, quotas) {
        let same = || there.iter().filter(|rule| is_for(rule, &hosts));
        let found = same().find(|rule| is_ours(rule));
        // The tags of a rule that has just been created may not be visible yet. A rule of others that answers in the same way is
        // as good as ours: an adopted load balancer has one.
        let is_as_good = |rule: &ObservedRule| {
            rule.tags.is_empty() || rule.actions == [ListenerAction::FixedResponse(response(deny))]
        };
        if found.is_none() && same().any(is_as_good) {
            continue;
        }
        let Some(priority) =
            found.map(|rule| rule.priority).or_else(|| (1..).find(|free| !taken.contains(free)))
        else {
            continue;
        };
        taken.insert(priority);
        let values = TextMatch { values: hosts, regular_expressions: Vec::new() };
        wanted.push(Rule {
            priority,
            conditions: Cow::Owned(vec![RuleCondition::HostHeader(values)]),
            answer: Answer::Respond(response(deny)),
            waits: false,
            transforms: Vec::new(),
            object: None,
            there: found,
        });
    }
    wanted.sort_by_key(|rule| rule.priority);
    Rules { wanted, ..Rules::default() }
}

/// Ends the rules of ours that are not wanted.
fn with_ends<'a>(
    mut rules: Rules<'a>,
    there: &'a [ObservedRule],
    is_ours: impl Fn(&ObservedRule) -> bool,
    may_remove: bool,
) -> Rules<'a> {
    let is_wanted = |rule: &ObservedRule| {
        rules.wanted.iter().any(|wanted| wanted.there.is_some_and(|there| there.arn == rule.arn))
    };
    let rest: Vec<&ObservedRule> = there.iter().filter(|rule| is_ours(rule) && !is_wanted(rule)).collect();
    rules.others = rest.iter().map(|rule| (*rule, rule.priority)).collect();
    rules.others.sort_by_key(|(_, priority)| *priority);
    let end = || RuleEnd::Goes { reason: "the settings no longer deny these hosts".to_owned() };
    if may_remove {
        rules.unneeded = rules.others.iter().map(|(rule, _)| (*rule, end())).collect();
    }
    rules
}

/// The hosts of each rule, in order: AWS limits the values and the wildcards of a rule.
fn by_rule(deny: &DenySettings, quotas: &Quotas) -> Vec<Vec<String>> {
    let mut hosts: BTreeSet<String> = deny.domains.iter().map(|host| host.to_ascii_lowercase()).collect();
    if hosts.is_empty() {
        hosts.insert(DOMAIN.to_owned());
    }
    let wildcards = |host: &str| host.chars().filter(|found| matches!(found, '*' | '?')).count();
    let (values, most) =
        (quotas.condition_values_per_rule as usize, quotas.condition_wildcards_per_rule as usize);
    let mut all: Vec<Vec<String>> = Vec::new();
    for host in hosts {
        let has_room = |rule: &&mut Vec<String>| {
            let count: usize = rule.iter().map(|other| wildcards(other)).sum();
            rule.len() < values && count + wildcards(&host) <= most
        };
        match all.last_mut().filter(has_room) {
            Some(rule) => rule.push(host),
            None => all.push(vec![host]),
        }
    }
    all
}

/// Whether the only condition of a rule is that the host is one of these, which are in order.
fn is_for(rule: &ObservedRule, hosts: &[String]) -> bool {
    let [RuleCondition::HostHeader(text)] = rule.conditions.as_slice() else { return false };
    let mut values = text.values.clone();
    values.sort();
    text.regular_expressions.is_empty() && values == hosts
}

fn response(deny: &DenySettings) -> FixedResponseAction {
    let body = deny.response.clone().unwrap_or_else(|| BODY.to_owned());
    FixedResponseAction {
        status_code: deny.status_code.unwrap_or(STATUS),
        content_type: Some(deny.content_type.clone().unwrap_or_else(|| CONTENT_TYPE.to_owned())),
        message_body: Some(body).filter(|body| !body.is_empty()),
    }
}

fn no_room(name: &str, left_out: usize) -> Diagnostic {
    let rules = crate::words::count(left_out, "rule", "rules");
    let message = format!(
        "the listeners have no room for {rules} that the setting proxy.deny asks for: requests for these domains are forwarded"
    );
    warning(DiagnosticCode::QuotaExhausted, Subject::Resource(name), message)
        .field("proxy.deny")
        .remedy("delete rules of others, or raise the quota for rules per load balancer")
}
