//! Marks: the tags that say since when something is unneeded. What a mark starts, the grace, ends with a removal, so a
//! mark in the past would be a removal without grace.

use std::collections::BTreeMap;

use albatross_contract::{AddTags, LoadBalancer, Operation, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, Tag};
use sha2::{Digest, Sha256};

use crate::{
    Case,
    actions::{Actions, created},
    tags::tag,
    view::{View, our_id},
    violation::{Findings, Rule},
};

/// How many hexadecimal digits of the SHA-256 of its ARN stand for a certificate in a tag key.
const CERTIFICATE_DIGITS: usize = 12;

/// What a mark is about.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    LoadBalancer(&'a LoadBalancer),
    /// A certificate on a load balancer, by its ARN.
    Certificate(&'a LoadBalancer, &'a str),
    /// A listener rule, by its ARN.
    Rule(&'a LoadBalancer, &'a albatross_contract::Rule),
    /// No certificate on the load balancer has the digits of the key.
    UnknownCertificate(&'a LoadBalancer),
    /// What the plan makes, which nobody can have needed less yet.
    Newborn,
    /// Something whose removal does not rest on its mark, such as a target group, which goes when nothing uses it.
    Other,
}

/// A mark that the plan sets.
pub(crate) struct Mark<'a> {
    /// The action that sets it.
    pub(crate) action: usize,
    pub(crate) subject: Subject<'a>,
    /// The mark that is there already; one that cannot be read counts as none.
    pub(crate) observed: Option<u64>,
    value: &'a str,
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
                } else if let Some((place, rule)) = view.rule(resource) {
                    set(tag, Subject::Rule(place.load_balancer, rule), time_of(&rule.tags, &tag.key));
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

/// Since when nobody needs a load balancer, as its tag says.
pub(crate) fn unneeded_since(load_balancer: &LoadBalancer) -> Option<u64> {
    time_of(&load_balancer.tags, TAG_UNNEEDED)
}

/// Since when nobody needs a certificate on a load balancer, as the tag of that says.
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

/// ARNs of the certificates on a load balancer, default or not.
pub(crate) fn certificates_on(load_balancer: &LoadBalancer) -> impl Iterator<Item = &str> {
    load_balancer
        .listeners
        .iter()
        .flat_map(|listener| listener.default_certificate.iter().chain(&listener.certificates))
        .map(String::as_str)
}

pub(crate) fn check(case: &Case<'_>, found: &mut Findings) {
    let time = case.view.snapshot.time;
    for mark in &case.marks.list {
        let mut broken = |message: String| {
            found.action(mark.action, &case.actions.list[mark.action], Rule::Mark, message);
        };
        if matches!(mark.subject, Subject::Other) {
            continue;
        }
        match mark.value.parse::<u64>() {
            Ok(since) if since >= time || mark.observed == Some(since) => {}
            Ok(since) => broken(format!(
                "it says that something has been unneeded since {since}, before the time of planning {time}, which would shorten the grace"
            )),
            Err(_) => {
                broken(format!("it marks something as unneeded since \"{}\", which is no time", mark.value));
            }
        }
        match mark.subject {
            Subject::LoadBalancer(load_balancer) => {
                if let [fate, ..] = case.outcomes.on(our_id(load_balancer)) {
                    broken(format!(
                        "it marks {} as unneeded, and the plan has {} on it",
                        load_balancer.name,
                        fate.name()
                    ));
                }
            }
            Subject::UnknownCertificate(load_balancer) => {
                broken(format!("it marks a certificate as unneeded that is not on {}", load_balancer.name));
            }
            // A certificate may be marked early: whether somebody needs it is asked when it leaves.
            Subject::Certificate(..) | Subject::Rule(..) | Subject::Newborn | Subject::Other => {}
        }
    }
}
