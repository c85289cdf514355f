//! Whether a request meets the conditions of a rule.

use std::net::IpAddr;

use albatross_contract::{
    DesiredRule, HeaderMatch, HttpRequest, IpAddressType, QueryMatch, RuleCondition, TextMatch,
};

use super::covers;
use crate::{cidr::Block, source::wildcard_host, wildcards};

/// The part of a request that a condition on the host compares.
pub const HOST: &str = "the host";

/// Whether the conditions of a rule match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All conditions are met.
    Holds,
    /// This part of the request does not match.
    Fails(&'static str),
    /// The request has no header of this name.
    Lacks(String),
    /// It is not known whether this part matches: the question does not say it, or only AWS can tell.
    Unknown(&'static str),
}

/// A rule fails if one condition fails; otherwise it is unknown if one condition is unknown.
pub fn verdict(request: &HttpRequest, rule: &DesiredRule) -> Verdict {
    let mut all = Verdict::Holds;
    for condition in &rule.conditions {
        match holds(request, condition) {
            Verdict::Holds => {}
            fails @ (Verdict::Fails(_) | Verdict::Lacks(_)) => return fails,
            unknown @ Verdict::Unknown(_) => all = unknown,
        }
    }
    all
}

/// API_RuleCondition and "Condition types for listener rules" of the Application Load Balancer guide: host, header and
/// query are compared without regard to case, path and method with it.
fn holds(request: &HttpRequest, condition: &RuleCondition) -> Verdict {
    match condition {
        RuleCondition::HostHeader(text) => matches_host(text, &request.host),
        RuleCondition::PathPattern(text) => matches_text(text, &[&request.path], Case::Counts, "the path"),
        RuleCondition::HttpHeader(header) => matches_header(request, header),
        RuleCondition::QueryString(pairs) => decide(matches_query(request, pairs), "the query"),
        RuleCondition::SourceIp(blocks) => {
            let Some(address) = source(request) else { return Verdict::Unknown("the source address") };
            let holds = |block: &String| Block::read(block).is_some_and(|block| block.holds(address));
            decide(blocks.iter().any(holds), "the source address")
        }
        RuleCondition::SourceIpAddressType(kind) => {
            let Some(address) = source(request) else { return Verdict::Unknown("the source address") };
            decide(address.is_ipv6() == (*kind == IpAddressType::Ipv6), "the type of the source address")
        }
        RuleCondition::HttpRequestMethod(methods) => decide(methods.contains(&request.method), "the method"),
        RuleCondition::Other(_) => Verdict::Unknown("a condition that this version does not know"),
    }
}

/// The address of the client. `None`: the question does not name it.
fn source(request: &HttpRequest) -> Option<IpAddr> {
    request.source_address.as_deref().and_then(|text| text.parse().ok())
}

fn decide(holds: bool, part: &'static str) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Fails(part) }
}

/// A wildcard host of Kubernetes is a regular expression for one label; other regular expressions are not evaluated.
fn matches_host(text: &TextMatch, host: &str) -> Verdict {
    let is_covered = |it: &String| wildcard_host(it).map(|wildcard| covers(&wildcard, host));
    match text.regular_expressions.iter().map(is_covered).collect::<Option<Vec<bool>>>() {
        Some(known) if known.contains(&true) => Verdict::Holds,
        Some(_) => {
            let values = TextMatch { values: text.values.clone(), regular_expressions: Vec::new() };
            matches_text(&values, &[host], Case::Ignored, HOST)
        }
        None => matches_text(text, &[host], Case::Ignored, HOST),
    }
}

fn matches_text(text: &TextMatch, given: &[&str], case: Case, part: &'static str) -> Verdict {
    if text.values.iter().any(|pattern| given.iter().any(|value| matches(pattern, value, case))) {
        return Verdict::Holds;
    }
    if text.regular_expressions.is_empty() { Verdict::Fails(part) } else { Verdict::Unknown(part) }
}

fn matches_header(request: &HttpRequest, header: &HeaderMatch) -> Verdict {
    let given = request.headers.iter().filter(|given| given.key.eq_ignore_ascii_case(&header.name));
    let given: Vec<&str> = given.map(|given| given.value.as_str()).collect();
    if given.is_empty() {
        return Verdict::Lacks(header.name.clone());
    }
    matches_text(&header.value, &given, Case::Ignored, "a header")
}

fn matches_query(request: &HttpRequest, wanted: &[QueryMatch]) -> bool {
    let pairs = request.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let pairs: Vec<(&str, &str)> = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    wanted.iter().any(|wanted| {
        pairs.iter().any(|(key, value)| {
            wanted.key.as_ref().is_none_or(|pattern| matches(pattern, key, Case::Ignored))
                && matches(&wanted.value, value, Case::Ignored)
        })
    })
}

/// Whether upper and lower case are different.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Counts,
    Ignored,
}

/// Whether a pattern of AWS matches a text.
fn matches(pattern: &str, text: &str, case: Case) -> bool {
    wildcards::matches(pattern, text, |wanted, character| {
        wanted == '?'
            || wanted == character
            || (case == Case::Ignored && wanted.eq_ignore_ascii_case(&character))
    })
}

#[cfg(test)]
pub mod tests;
