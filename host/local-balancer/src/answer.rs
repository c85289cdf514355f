//! What a load balancer without a backend says about a request: which rule answers it, and where it would go.

use albatross_contract::{Explanation, HttpRequest, TAG_INGRESS, Target, rules::requests};
use serde::Serialize;

use crate::{
    decision::Decision,
    front::{Front, Group},
};

/// The answer, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer<'a> {
    /// The name of the load balancer.
    load_balancer: &'a str,
    /// The port of the listener.
    listener: u16,
    /// The priority of the rule. Absent: no rule matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<u32>,
    /// The target group.
    target_group: &'a str,
    /// The target. Absent: there is none, and the load balancer answers 503.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// The object that asks for the rule, as `namespace/name`. Absent: none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    ingress: Option<&'a str>,
    /// Why this rule.
    because: String,
    /// What happens next, where it is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'static str>,
    /// The request as rules see it.
    request: &'a HttpRequest,
    /// What `explain request` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a Explanation>,
    /// Why there is no explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    unexplained: Option<&'a str>,
}

impl<'a> Answer<'a> {
    /// For a request that a rule, or the default actions, forward to a target group.
    pub fn new(
        front: &'a Front,
        request: &'a HttpRequest,
        decision: &Decision<'a>,
        (group, target): (&'a Group, Option<&'a Target>),
        explained: &'a Result<Explanation, String>,
    ) -> Answer<'a> {
        let tags = decision.rule.map(|rule| rule.tags.as_slice()).unwrap_or_default();
        Answer {
            load_balancer: &front.load_balancer,
            listener: front.listener.port,
            rule: decision.rule.map(|rule| rule.priority),
            target_group: &group.name,
            target: target.map(|target| match target.port.or(group.port) {
                Some(port) => format!("{}:{port}", target.id),
                None => target.id.clone(),
            }),
            ingress: tags.iter().find(|tag| tag.key == TAG_INGRESS).map(|tag| tag.value.as_str()),
            because: match decision.rule {
                Some(rule) => format!("the request matches {}", requests(&rule.conditions)),
                None if front.listener.rules.is_empty() => "the listener has no rules".to_owned(),
                None => "no rule matches".to_owned(),
            },
            next: next(group, target),
            request,
            explanation: explained.as_ref().ok(),
            unexplained: explained.as_ref().err().map(String::as_str),
        }
    }
}

fn next(group: &Group, target: Option<&Target>) -> Option<&'static str> {
    match (&group.service, target) {
        (_, None) => Some("the target group has no targets: the load balancer answers 503"),
        (None, Some(_)) => Some(
            "the proxy in the cluster gets the request, and chooses the Service by the rules of the Ingresses",
        ),
        (Some(_), Some(_)) => None,
    }
}
