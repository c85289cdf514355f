//! Listener rules.

use std::collections::BTreeMap;

use albatross_contract::{
    CreateRule, LoadBalancerKind, ModifyRule, Quotas, ResourceReference, Rule, RuleCondition, RulePriority,
    RuleTransform, TextMatch,
};

use crate::{
    AwsError,
    account::{Account, existing},
    forwarding::Replaced,
    tags::{self, Keeper, check_tags},
};

impl Account {
    /// API_CreateRule. Not idempotent: for a second call, the priority is taken.
    pub(crate) fn create_rule(&mut self, input: &CreateRule) -> Result<String, AwsError> {
        let (at, listener_at) = self.listener_at(existing(&input.listener)?)?;
        let load_balancer = &self.inventory.load_balancers[at];
        let listener = &load_balancer.listeners[listener_at];
        // Conditions are about HTTP requests, except for the address type of the client.
        if load_balancer.kind != LoadBalancerKind::Application
            && !input.conditions.iter().all(|it| matches!(it, RuleCondition::SourceIpAddressType(_)))
        {
            return Err(AwsError::configuration(format!(
                "Listener '{}' cannot have rules with these conditions",
                listener.arn
            )));
        }
        check_priority(input.priority)?;
        check_conditions(&input.conditions, &self.inventory.quotas)?;
        check_transforms(&input.transforms)?;
        check_tags(Keeper::LoadBalancing, &[], &input.tags, self.inventory.quotas.tags_per_resource)?;
        self.check_actions(at, listener.protocol, &input.actions, Replaced::Nothing)?;
        if listener.rules.iter().any(|it| it.priority == input.priority) {
            return Err(priority_in_use(input.priority));
        }
        // Page: Application Load Balancers, "Quotas": the limit is for each load balancer and does not count default rules.
        let limit = self.inventory.quotas.rules_per_load_balancer;
        let present: usize = load_balancer.listeners.iter().map(|it| it.rules.len()).sum();
        if present >= limit as usize {
            return Err(AwsError::new(
                "TooManyRules",
                format!("Load balancer '{}' can have at most {limit} rules", load_balancer.arn),
            ));
        }

        let id = self.identifiers.hexadecimal(&listener.arn, 16);
        let arn = format!("{}/{id}", listener.arn.replacen(":listener/", ":listener-rule/", 1));
        let rules = &mut self.inventory.load_balancers[at].listeners[listener_at].rules;
        rules.push(Rule {
            arn: arn.clone(),
            priority: input.priority,
            conditions: input.conditions.clone(),
            actions: input.actions.clone(),
            tags: tags::sorted(&input.tags),
            transforms: input.transforms.clone(),
        });
        rules.sort_by_key(|rule| rule.priority);
        Ok(arn)
    }

    /// API_ModifyRule: properties that the call does not name stay as they are. An empty list of transforms stands for
    /// `ResetTransforms`.
    pub(crate) fn modify_rule(&mut self, input: &ModifyRule) -> Result<(), AwsError> {
        let (at, listener_at, rule_at) = self.rule_at(existing(&input.rule)?)?;
        if !input.conditions.is_empty() {
            check_conditions(&input.conditions, &self.inventory.quotas)?;
        }
        check_transforms(input.transforms.as_deref().unwrap_or_default())?;
        if !input.actions.is_empty() {
            let protocol = self.inventory.load_balancers[at].listeners[listener_at].protocol;
            self.check_actions(at, protocol, &input.actions, Replaced::Rule(listener_at, rule_at))?;
        }

        let rule = &mut self.inventory.load_balancers[at].listeners[listener_at].rules[rule_at];
        if !input.conditions.is_empty() {
            rule.conditions.clone_from(&input.conditions);
        }
        if !input.actions.is_empty() {
            rule.actions.clone_from(&input.actions);
        }
        if let Some(transforms) = &input.transforms {
            rule.transforms.clone_from(transforms);
        }
        Ok(())
    }

    /// API_SetRulePriorities: all at once, so that rules can swap priorities.
    pub(crate) fn set_rule_priorities(&mut self, priorities: &[RulePriority]) -> Result<(), AwsError> {
        let mut changed = BTreeMap::new();
        for it in priorities {
            check_priority(it.priority)?;
            changed.insert(self.rule_at(existing(&it.rule)?)?, it.priority);
        }
        for (at, load_balancer) in self.inventory.load_balancers.iter().enumerate() {
            for (listener_at, listener) in load_balancer.listeners.iter().enumerate() {
                let mut taken = BTreeMap::new();
                for (rule_at, rule) in listener.rules.iter().enumerate() {
                    let priority = changed.get(&(at, listener_at, rule_at)).copied().unwrap_or(rule.priority);
                    if taken.insert(priority, rule_at).is_some() {
                        return Err(priority_in_use(priority));
                    }
                }
            }
        }

        for ((at, listener_at, rule_at), priority) in &changed {
            self.inventory.load_balancers[*at].listeners[*listener_at].rules[*rule_at].priority = *priority;
        }
        for (at, listener_at, _) in changed.keys() {
            self.inventory.load_balancers[*at].listeners[*listener_at]
                .rules
                .sort_by_key(|rule| rule.priority);
        }
        Ok(())
    }

    /// API_DeleteRule
    pub(crate) fn delete_rule(&mut self, reference: &ResourceReference) -> Result<(), AwsError> {
        let (at, listener_at, rule_at) = self.rule_at(existing(reference)?)?;
        self.inventory.load_balancers[at].listeners[listener_at].rules.remove(rule_at);
        Ok(())
    }
}

/// Page: API_CreateRule, parameter `Priority`.
fn check_priority(priority: u32) -> Result<(), AwsError> {
    if (1..=50_000).contains(&priority) {
        return Ok(());
    }
    Err(AwsError::validation(format!("Priority {priority} is not between 1 and 50000")))
}

fn priority_in_use(priority: u32) -> AwsError {
    AwsError::new("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}

/// Page: API_CreateRule, parameter `Transforms`: at most one of each kind.
fn check_transforms(transforms: &[RuleTransform]) -> Result<(), AwsError> {
    let hosts = transforms.iter().filter(|it| matches!(it, RuleTransform::HostHeaderRewrite(_))).count();
    let urls = transforms.iter().filter(|it| matches!(it, RuleTransform::UrlRewrite(_))).count();
    if hosts > 1 || urls > 1 || hosts + urls < transforms.len() {
        return Err(AwsError::validation(
            "A rule can have one host-header-rewrite transform and one url-rewrite transform",
        ));
    }
    Ok(())
}

/// Page: Application Load Balancers, "Quotas": condition values and wildcards for each rule.
fn check_conditions(conditions: &[RuleCondition], quotas: &Quotas) -> Result<(), AwsError> {
    if conditions.is_empty() {
        return Err(AwsError::validation("A rule must have at least one condition"));
    }
    let values: Vec<&str> = conditions.iter().flat_map(values_of).collect();
    if values.len() > quotas.condition_values_per_rule as usize {
        return Err(AwsError::validation(format!(
            "A rule can have at most {} condition values; {} were specified",
            quotas.condition_values_per_rule,
            values.len()
        )));
    }
    let with_wildcards = conditions.iter().flat_map(values_with_wildcards);
    let wildcards: usize = with_wildcards.map(|value| value.matches(['*', '?']).count()).sum();
    if wildcards > quotas.condition_wildcards_per_rule as usize {
        return Err(AwsError::validation(format!(
            "A rule can have at most {} wildcards; {wildcards} were specified",
            quotas.condition_wildcards_per_rule
        )));
    }
    conditions.iter().filter_map(texts_of).try_for_each(check_text)
}

/// Pages: API_HostHeaderConditionConfig, API_PathPatternConditionConfig, API_HttpHeaderConditionConfig.
fn check_text(text: &TextMatch) -> Result<(), AwsError> {
    if text.values.is_empty() == text.regular_expressions.is_empty() {
        return Err(AwsError::validation("A condition must specify either values or regular expressions"));
    }
    match all_texts(text).into_iter().find(|value| value.is_empty() || value.len() > 128) {
        Some(value) => Err(AwsError::validation(format!(
            "The condition value '{value}' does not have 1 to 128 characters"
        ))),
        None => Ok(()),
    }
}

fn texts_of(condition: &RuleCondition) -> Option<&TextMatch> {
    match condition {
        RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => Some(text),
        RuleCondition::HttpHeader(header) => Some(&header.value),
        _ => None,
    }
}

/// The values in which `*` and `?` are wildcards; in regular expressions they are not.
fn values_with_wildcards(condition: &RuleCondition) -> Vec<&str> {
    match (texts_of(condition), condition) {
        (Some(text), _) => text.values.iter().map(String::as_str).collect(),
        (None, RuleCondition::QueryString(pairs)) => {
            pairs.iter().flat_map(|it| it.key.iter().chain([&it.value])).map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

fn values_of(condition: &RuleCondition) -> Vec<&str> {
    match condition {
        RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => all_texts(text),
        RuleCondition::HttpHeader(header) => all_texts(&header.value),
        RuleCondition::QueryString(matches) => matches.iter().map(|it| it.value.as_str()).collect(),
        RuleCondition::SourceIp(values) | RuleCondition::HttpRequestMethod(values) => {
            values.iter().map(String::as_str).collect()
        }
        RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => Vec::new(),
    }
}

fn all_texts(text: &TextMatch) -> Vec<&str> {
    text.values.iter().chain(&text.regular_expressions).map(String::as_str).collect()
}
