//! Listener rules of our own load balancers.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Listener, Rule, Tag, Timestamp, ViewPart};

use super::{
    for_each,
    gaps::Gaps,
    kept::Shelf,
    load_balancing::load_balancer_of,
    resource_tags::{self, TagsOfAll},
    round::Moment,
};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::listeners,
    error::AwsError,
};

/// Seconds after which rules are read again, to find what others changed.
const AGE: u64 = 300;
/// The same for the tags of rules, which only Albatross changes.
const TAGS_AGE: u64 = 600;

/// The rules of each listener of a load balancer, by the ARN of the listener.
pub(crate) type RulesOfListeners = BTreeMap<String, Vec<Rule>>;

/// The cached rules.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// By the ARN of the load balancer.
    of_listeners: Shelf<RulesOfListeners>,
    /// By the ARN of the rule. Rules without tags are not cached: the tags of a new rule may not be visible yet.
    tags: Shelf<Vec<Tag>>,
}

/// A load balancer and the ARNs of its listeners.
pub(crate) struct Listeners {
    pub(crate) load_balancer: String,
    pub(crate) arns: Vec<String>,
}

impl Listeners {
    /// These listeners of a load balancer.
    pub(crate) fn of(load_balancer: &str, listeners: &[Listener]) -> Listeners {
        let arns = listeners.iter().map(|listener| listener.arn.clone()).collect();
        Listeners { load_balancer: load_balancer.to_owned(), arns }
    }
}

/// The rules that were read.
pub(crate) struct ReadRules {
    /// By the ARN of the load balancer, without tags.
    of_listeners: BTreeMap<String, Result<RulesOfListeners, AwsError>>,
    tags: TagsOfAll,
}

impl Rules {
    /// Reads the rules that are not cached.
    pub(crate) async fn read(&self, aws: &Aws, all: Vec<Listeners>, now: Moment) -> ReadRules {
        let stale = all.into_iter().filter(|listeners| !self.are_fresh(listeners, now));
        let listeners = stale.flat_map(|Listeners { load_balancer, arns }| {
            arns.into_iter().map(move |listener| (load_balancer.clone(), listener))
        });
        let answers = for_each(listeners, async |(load_balancer, listener)| {
            let rules = rules_of(aws, &listener).await;
            (load_balancer, listener, rules)
        });
        let mut of_listeners: BTreeMap<String, Result<RulesOfListeners, AwsError>> = BTreeMap::new();
        for (load_balancer, listener, answer) in answers.await {
            let of_it = of_listeners.entry(load_balancer).or_insert_with(|| Ok(RulesOfListeners::new()));
            match (of_it.as_mut(), answer) {
                (Ok(known), Ok(rules)) => _ = known.insert(listener, rules),
                (Ok(_), Err(error)) => *of_it = Err(error),
                (Err(_), _) => {}
            }
        }
        let rules = of_listeners.values().flatten().flat_map(|of_it| of_it.values().flatten());
        let without_tags = rules.filter(|rule| self.tags.fresh(&rule.arn, now, TAGS_AGE).is_none());
        let arns: Vec<&str> = without_tags.map(|rule| rule.arn.as_str()).collect();
        let tags = resource_tags::of_all(aws, &arns).await;
        ReadRules { of_listeners, tags }
    }

    /// Whether the rules of these listeners are to be read again only later.
    pub(crate) fn are_fresh(&self, listeners: &Listeners, now: Moment) -> bool {
        let fresh = self.of_listeners.fresh(&listeners.load_balancer, now, AGE);
        fresh.is_some_and(|known| listeners.arns.iter().all(|listener| known.contains_key(listener)))
    }

    /// When the rules of a load balancer were read. 0: never, or something may have changed them since.
    pub(crate) fn read_at(&self, load_balancer: &str) -> Timestamp {
        self.of_listeners.read_at(load_balancer)
    }

    /// Takes over what was read. Where rules could not be read, the last known rules stay, and a gap is recorded.
    pub(crate) fn take(&mut self, aws: &Aws, read: ReadRules, gaps: &mut Gaps, now: Moment) {
        if read.of_listeners.is_empty() {
            return;
        }
        let TagsOfAll { found, gone, unread } = read.tags;
        let mut untold: BTreeSet<String> = BTreeSet::new();
        for (rules, error) in unread {
            let of_them: BTreeSet<String> = rules.iter().filter_map(|rule| load_balancer_of(rule)).collect();
            gaps.add_of(ViewPart::Rules, of_them.iter().cloned(), error);
            untold.extend(of_them);
        }
        for (rule, tags) in found {
            if !tags.is_empty() {
                self.tags.keep(&rule, now, tags);
            } else if aws.exchange.is_recent(&rule)
                && let Some(load_balancer) = load_balancer_of(&rule)
            {
                let error = AwsError::TagsNotKnownYet { resource: rule };
                gaps.add_of(ViewPart::Rules, [load_balancer.clone()], error);
                untold.insert(load_balancer);
            } else {
                self.tags.remove(&rule);
            }
        }
        for (load_balancer, answer) in read.of_listeners {
            match answer {
                Ok(_) if untold.contains(&load_balancer) => {}
                Ok(mut rules) => {
                    for rules in rules.values_mut() {
                        // It was deleted after it was listed.
                        rules.retain(|rule| !gone.contains(&rule.arn));
                        for rule in rules {
                            rule.tags = self.tags.last(&rule.arn).cloned().unwrap_or_default();
                        }
                    }
                    self.of_listeners.keep(&load_balancer, now, rules);
                }
                Err(error) => gaps.add_of(ViewPart::Rules, [load_balancer], error),
            }
        }
        self.forget_tags_of_deleted();
    }

    /// The last known rules of a listener.
    pub(crate) fn of(&self, load_balancer: &str, listener: &str) -> Vec<Rule> {
        let rules = self.of_listeners.last(load_balancer).and_then(|rules| rules.get(listener));
        rules.cloned().unwrap_or_default()
    }

    /// Marks the rules of a load balancer as stale.
    pub(crate) fn age(&mut self, load_balancer: &str) {
        self.of_listeners.age(load_balancer);
    }

    /// Marks the tags of a rule as stale.
    pub(crate) fn age_tags(&mut self, rule: &str) {
        self.tags.age(rule);
    }

    /// The same for everything.
    pub(crate) fn age_all(&mut self) {
        self.of_listeners.age_all();
        self.tags.age_all();
    }

    /// Forgets the load balancers that no longer exist.
    pub(crate) fn retain(&mut self, exists: impl Fn(&str) -> bool) {
        self.of_listeners.retain(exists);
    }

    fn forget_tags_of_deleted(&mut self) {
        let known = self.of_listeners.values().flat_map(|rules| rules.values().flatten());
        let known: BTreeSet<&str> = known.map(|rule| rule.arn.as_str()).collect();
        self.tags.retain(|rule| known.contains(rule));
    }
}

/// The rules of a listener, by priority and without tags.
async fn rules_of(aws: &Aws, listener: &str) -> Result<Vec<Rule>, AwsError> {
    let call = &calls::DESCRIBE_RULES;
    let list = pages(call, async |token| {
        let request = || aws.elb.describe_rules().listener_arn(listener).set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        let page = Page::of_named(call, "RuleArn", answer.rules(), listeners::rule_from_sdk, |found| {
            found.rule_arn()
        });
        Ok(page.before(answer.next_marker))
    });
    let mut rules: Vec<Rule> = list.await.complete()?;
    rules.sort_by_key(|rule| rule.priority);
    Ok(rules)
}
