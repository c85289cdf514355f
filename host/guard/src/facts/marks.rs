//! Marks: the tags that say since when a resource is unneeded. A mark starts the grace period before removal, so a mark
//! in the past would allow a removal without a grace period.

use std::collections::BTreeMap;

use albatross_contract::{
    AddTags, LoadBalancer, Operation, Rule as ListenerRule, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, Tag,
};
use sha2::{Digest, Sha256};

use super::{
    actions::Actions,
    load_balancers::certificates_on,
    operations::created,
    tags::tag,
    view::{RuleOn, View},
};

/// How many hexadecimal digits of the SHA-256 of its ARN identify a certificate in a tag key.
const CERTIFICATE_DIGITS: usize = 12;

/// The marked resource.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    LoadBalancer(&'a LoadBalancer),
    /// A certificate on a load balancer, by its ARN.
    Certificate(&'a LoadBalancer, &'a str),
    /// A listener rule.
    Rule(RuleOn<'a>),
    /// No certificate on the load balancer has the digits of the key.
    UnknownCertificate(&'a LoadBalancer),
    /// A resource that the plan creates, which cannot be unneeded yet.
    Newborn,
    /// A resource whose removal does not depend on its mark, such as a target group, which is deleted when nothing uses it.
    Other,
}

/// A mark that the plan sets.
pub(crate) struct Mark<'a> {
    /// The action that sets it.
    pub(crate) action: usize,
    pub(crate) subject: Subject<'a>,
    /// The present mark; a mark that cannot be parsed counts as none.
    pub(crate) observed: Option<u64>,
    /// The new value of the tag.
    pub(crate) value: &'a str,
}

/// The marks that a plan sets, in the order of the plan.
pub(crate) struct Marks<'a> {
    pub(crate) list: Vec<Mark<'a>>,
}

impl<'a> Marks<'a> {
    pub(crate) fn new(view: &View<'a>, actions: &Actions<'a>) -> Self {
        let mut list = Vec::new();
        let mut digits: BTreeMap<&str, BTreeMap<String, &'a str>> = BTreeMap::new();
        for (index, action) in actions.iter() {
            let mut set = |tag: &'a Tag, subject, observed| {
                list.push(Mark { action: index, subject, observed, value: &tag.value });
            };
            if let Some((_, tags)) = created(&action.operation) {
                tags.iter().filter(|tag| is_mark(tag)).for_each(|tag| set(tag, Subject::Newborn, None));
            }
            let Operation::AddTags(AddTags { resource, tags }) = &action.operation else { continue };
            for tag in tags.iter().filter(|tag| is_mark(tag)) {
                if let Some(load_balancer) = view.load_balancer(resource) {
                    let subject = match tag.key.strip_prefix(TAG_UNNEEDED_CERTIFICATE) {
                        None => Subject::LoadBalancer(load_balancer),
                        Some(found) => digits
                            .entry(&load_balancer.arn)
                            .or_insert_with(|| {
                                certificates_on(load_balancer)
                                    .map(|arn| (certificate_digits(arn), arn))
                                    .collect()
                            })
                            .get(found)
                            .map_or(Subject::UnknownCertificate(load_balancer), |arn| {
                                Subject::Certificate(load_balancer, arn)
                            }),
                    };
                    set(tag, subject, time_of(&load_balancer.tags, &tag.key));
                } else if let Some(found) = view.rule(resource) {
                    set(tag, Subject::Rule(found), time_of(&found.rule.tags, &tag.key));
                } else {
                    set(tag, Subject::Other, None);
                }
            }
        }
        Marks { list }
    }
}

fn is_mark(tag: &Tag) -> bool {
    tag.key == TAG_UNNEEDED || tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE)
}

/// Since when a load balancer is unneeded, as its tag says.
pub(crate) fn unneeded_since(load_balancer: &LoadBalancer) -> Option<u64> {
    time_of(&load_balancer.tags, TAG_UNNEEDED)
}

/// Since when a listener rule is unneeded, as its tag says.
pub(crate) fn rule_unneeded_since(rule: &ListenerRule) -> Option<u64> {
    time_of(&rule.tags, TAG_UNNEEDED)
}

/// Since when a certificate on a load balancer is unneeded, as a tag of the load balancer says.
pub(crate) fn certificate_unneeded_since(load_balancer: &LoadBalancer, arn: &str) -> Option<u64> {
    time_of(&load_balancer.tags, &format!("{TAG_UNNEEDED_CERTIFICATE}{}", certificate_digits(arn)))
}

fn time_of(tags: &[Tag], key: &str) -> Option<u64> {
    tag(tags, key).and_then(|value| value.parse().ok())
}

fn certificate_digits(arn: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    Sha256::digest(arn.as_bytes())
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(CERTIFICATE_DIGITS)
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}
