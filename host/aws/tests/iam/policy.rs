//! The policies `deploy/iam-policy.json` and `deploy/iam-policy-….json`, and a small IAM that evaluates them.

use std::collections::BTreeMap;

use serde::Deserialize;

const POLICY: &str = include_str!("../../../../deploy/iam-policy.json");

const RECORDS: &str = include_str!("../../../../deploy/iam-policy-route53.json");

const WEB_ACLS: &str = include_str!("../../../../deploy/iam-policy-wafv2.json");

const RECORDINGS: &str = include_str!("../../../../deploy/iam-policy-recordings.json");

const ADOPTED: &str = include_str!("../../../../deploy/iam-policy-adopted.json");

/// The text of the policy.
pub fn text() -> &'static str {
    POLICY
}

/// The policy.
pub fn policy() -> Policy {
    serde_json::from_str(POLICY).expect("the policy is JSON of the form that is understood here")
}

/// The policy for records in Route 53, which not every controller needs.
pub fn records() -> Policy {
    serde_json::from_str(RECORDS).expect("the policy is JSON of the form that is understood here")
}

/// The policy for web ACLs of AWS WAF, which not every controller needs.
pub fn web_acls() -> Policy {
    serde_json::from_str(WEB_ACLS).expect("the policy is JSON of the form that is understood here")
}

/// The policy for recordings in a bucket, which not every controller needs.
pub fn recordings() -> Policy {
    serde_json::from_str(RECORDINGS).expect("the policy is JSON of the form that is understood here")
}

/// The policy for adopted load balancers, whose names are not ours.
pub fn adopted() -> Policy {
    serde_json::from_str(ADOPTED).expect("the policy is JSON of the form that is understood here")
}

/// A policy; unknown fields are rejected, so that no `NotAction` goes unnoticed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Policy {
    pub version: String,
    #[serde(rename = "Statement")]
    pub statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Statement {
    pub sid: String,
    pub effect: String,
    pub action: OneOrMore,
    pub resource: OneOrMore,
    /// The wanted values, by operator and key.
    #[serde(default)]
    pub condition: BTreeMap<String, BTreeMap<String, OneOrMore>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            OneOrMore::One(one) => std::slice::from_ref(one),
            OneOrMore::More(more) => more,
        };
        all.iter().map(String::as_str)
    }
}

/// A request to IAM: an action on a resource, with its context keys.
#[derive(Clone)]
pub struct Request {
    action: &'static str,
    resource: &'static str,
    context: BTreeMap<String, Vec<String>>,
}

impl Request {
    /// An action on a resource.
    pub fn new(action: &'static str, resource: &'static str) -> Request {
        Request { action, resource, context: BTreeMap::new() }
    }

    /// The resource has these tags.
    pub fn on(self, tags: &[(&str, &str)]) -> Request {
        tags.iter()
            .fold(self, |request, (key, value)| request.with(&format!("aws:ResourceTag/{key}"), &[value]))
    }

    /// The call sets these tags.
    pub fn sets(self, tags: &[(&str, &str)]) -> Request {
        let keys: Vec<&str> = tags.iter().map(|(key, _)| *key).collect();
        let request = self.with("aws:TagKeys", &keys);
        tags.iter()
            .fold(request, |request, (key, value)| request.with(&format!("aws:RequestTag/{key}"), &[value]))
    }

    /// A condition key has these values.
    pub fn with(mut self, key: &str, values: &[&str]) -> Request {
        self.context.insert(key.to_owned(), values.iter().map(|value| (*value).to_owned()).collect());
        self
    }
}

impl Policy {
    /// Whether a statement allows the request: there are no denying statements and no other policies.
    pub fn allows(&self, request: &Request) -> bool {
        self.statements.iter().any(|statement| statement.allows(request))
    }
}

impl Statement {
    fn allows(&self, request: &Request) -> bool {
        self.action.iter().any(|action| action == request.action)
            && self.resource.iter().any(|resource| matches(resource, request.resource))
            && self.condition.iter().all(|(operator, keys)| {
                keys.iter().all(|(key, wanted)| {
                    let found = request.context.get(key).map(Vec::as_slice);
                    holds(operator, found, wanted)
                })
            })
    }
}

/// Whether a condition holds (IAM user guide, "Condition operators" and "Multivalued context keys").
fn holds(operator: &str, found: Option<&[String]>, wanted: &OneOrMore) -> bool {
    let all = |test: fn(&str, &str) -> bool| {
        found.unwrap_or_default().iter().all(|value| wanted.iter().any(|wanted| test(wanted, value)))
    };
    match operator {
        "Null" => wanted.iter().any(|absent| absent == if found.is_some() { "false" } else { "true" }),
        "StringEquals" => found.is_some() && all(|wanted, value| wanted == value),
        "ForAllValues:StringLike" | "ForAllValues:ArnLike" => all(matches),
        "ForAllValues:StringEquals" => all(|wanted, value| wanted == value),
        "ForAnyValue:StringEquals" => {
            found.unwrap_or_default().iter().any(|value| wanted.iter().any(|wanted| wanted == value))
        }
        "ForAllValues:StringNotEquals" => {
            found.unwrap_or_default().iter().all(|value| wanted.iter().all(|wanted| wanted != value))
        }
        other => panic!("the operator {other} is not understood here"),
    }
}

/// Whether a text matches a pattern, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

#[test]
fn a_pattern_matches_as_in_iam() {
    assert!(matches("arn:*:ec2:*:*:vpc/*", "arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1"));
    assert!(!matches("arn:*:ec2:*:*:vpc/*", "arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-1"));
    assert!(matches("albatross/*", "albatross/") && !matches("albatross/*", "x/albatross/id"));
}
