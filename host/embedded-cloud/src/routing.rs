//! Requests: which rule of a listener matches a request, and what answers it.
//!
//! Pages: Application Load Balancers, "Listener rules" (order) and "Condition types for listener rules" (comparison). Paths
//! are expected in normal form, which AWS establishes before it compares them.

use std::net::IpAddr;

use albatross_contract::{
    FixedResponseAction, ForwardAction, HeaderMatch, HttpRequest, IpAddressType, Listener, ListenerAction,
    Protocol, QueryMatch, RedirectAction, RuleCondition, TextMatch,
};
use regex_lite::RegexBuilder;

use crate::{EmbeddedCloud, account::existing, cidr};

/// How a load balancer answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The ARN of the rule that matches. Absent: no rule matches, and the default actions of the listener answer.
    pub rule: Option<String>,
    /// What answers.
    pub by: AnsweredBy,
}

/// What answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The target group with this ARN.
    TargetGroup(String),
    /// A redirect.
    Redirect(RedirectAction),
    /// A fixed response.
    FixedResponse(FixedResponseAction),
    /// Nothing: no target group of the action has a weight, or the action is unknown.
    Nothing,
}

impl EmbeddedCloud {
    /// How a load balancer, by ARN, answers a request. `None`: it does not exist, or no listener accepts the request.
    ///
    /// Requests count as authenticated. `number` stands for chance: of all numbers, each target group of an action gets a
    /// part in proportion to its weight.
    pub fn route(&mut self, load_balancer: &str, request: &HttpRequest, number: u32) -> Option<Answer> {
        let found = self.inventory().load_balancers.iter().find(|it| it.arn == load_balancer)?;
        let listener = found.listeners.iter().find(|it| accepts(it, request))?;
        Some(answer(listener, request, number))
    }
}

/// How a listener answers a request that it accepts. Requests and `number` are as for [`EmbeddedCloud::route`].
pub fn answer(listener: &Listener, request: &HttpRequest, number: u32) -> Answer {
    let rule = listener
        .rules
        .iter()
        .filter(|rule| rule.conditions.iter().all(|condition| holds(condition, request)))
        .min_by_key(|rule| rule.priority);
    let actions = rule.map_or(&listener.default_actions, |rule| &rule.actions);
    Answer { rule: rule.map(|rule| rule.arn.clone()), by: answered_by(actions, number) }
}

fn accepts(listener: &Listener, request: &HttpRequest) -> bool {
    let speaks = match request.scheme.as_str() {
        "http" => matches!(listener.protocol, Protocol::Http | Protocol::Tcp),
        "https" => matches!(listener.protocol, Protocol::Https | Protocol::Tls),
        _ => false,
    };
    listener.port == request.port && speaks
}

/// The last action ends the request (API_Action); actions before it authenticate.
fn answered_by(actions: &[ListenerAction], number: u32) -> AnsweredBy {
    match actions.last() {
        Some(ListenerAction::Forward(forward)) => {
            chosen(forward, number).map_or(AnsweredBy::Nothing, |arn| AnsweredBy::TargetGroup(arn.to_owned()))
        }
        Some(ListenerAction::Redirect(redirect)) => AnsweredBy::Redirect(redirect.clone()),
        Some(ListenerAction::FixedResponse(response)) => AnsweredBy::FixedResponse(response.clone()),
        Some(
            ListenerAction::AuthenticateOidc(_)
            | ListenerAction::AuthenticateCognito(_)
            | ListenerAction::JwtValidation(_)
            | ListenerAction::Other(_),
        )
        | None => AnsweredBy::Nothing,
    }
}

/// The target group of an action that gets the request with a number. A single target group gets all requests, whatever its
/// weight.
fn chosen(forward: &ForwardAction, number: u32) -> Option<&str> {
    if let [only] = forward.target_groups.as_slice() {
        return existing(&only.target_group).ok();
    }
    let total: u32 = forward.target_groups.iter().map(|it| u32::from(it.weight)).sum();
    let mut left = spread(number, total)?;
    for weighted in &forward.target_groups {
        let weight = u32::from(weighted.weight);
        if left < weight {
            return existing(&weighted.target_group).ok();
        }
        left -= weight;
    }
    None
}

/// A number below `total` for each request, in an order that is far from sorted: few requests in a row go to one target group, and of
/// `total` requests each target group gets exactly its part. `None`: there is no weight.
fn spread(number: u32, total: u32) -> Option<u32> {
    let place = number.checked_rem(total)?;
    // Steps of the golden ratio leave the smallest gaps. A step without a common divisor reaches every number.
    let ratio = u32::try_from(u64::from(total) * 618 / 1_000).ok()?.max(1);
    let step = (ratio..=total.saturating_add(1)).find(|step| greatest_common_divisor(*step, total) == 1)?;
    u32::try_from(u64::from(place) * u64::from(step) % u64::from(total)).ok()
}

fn greatest_common_divisor(mut one: u32, mut other: u32) -> u32 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Whether a condition holds: one of its values is enough. An unknown condition never holds.
fn holds(condition: &RuleCondition, request: &HttpRequest) -> bool {
    match condition {
        RuleCondition::HostHeader(text) => is_one_of(text, &request.host, Case::Ignored),
        RuleCondition::PathPattern(text) => is_one_of(text, &request.path, Case::Counts),
        RuleCondition::HttpHeader(HeaderMatch { name, value }) => {
            let mut given = request.headers.iter().filter(|it| it.key.eq_ignore_ascii_case(name));
            given.any(|it| is_one_of(value, &it.value, Case::Ignored))
        }
        RuleCondition::QueryString(wanted) => wanted.iter().any(|wanted| is_in_query(wanted, request)),
        RuleCondition::SourceIp(blocks) => blocks.iter().any(|block| is_from(block, request)),
        RuleCondition::SourceIpAddressType(kind) => {
            source(request).is_some_and(|address| address.is_ipv6() == (*kind == IpAddressType::Ipv6))
        }
        RuleCondition::HttpRequestMethod(methods) => methods.contains(&request.method),
        RuleCondition::Other(_) => false,
    }
}

/// Whether upper and lower case are different.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Counts,
    Ignored,
}

/// Whether a text matches one of the values. AWS says nothing about the case of regular expressions; here it is as for values.
/// An expression that `regex-lite` cannot read matches nothing.
fn is_one_of(wanted: &TextMatch, text: &str, case: Case) -> bool {
    wanted.values.iter().any(|pattern| matches(pattern, text, case))
        || wanted.regular_expressions.iter().any(|expression| {
            let built = RegexBuilder::new(expression).case_insensitive(case == Case::Ignored).build();
            built.is_ok_and(|expression| expression.is_match(text))
        })
}

/// Whether a text matches a pattern: `*` stands for any characters, `?` for exactly one.
fn matches(pattern: &str, text: &str, case: Case) -> bool {
    let fold = |it: char| if case == Case::Ignored { it.to_ascii_lowercase() } else { it };
    // For each length of the text, whether the pattern so far matches its beginning.
    let text: Vec<char> = text.chars().map(fold).collect();
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    for wanted in pattern.chars().map(fold) {
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match wanted {
                '*' => ends[end] || (end > 0 && next[end - 1]),
                '?' => end > 0 && ends[end - 1],
                character => end > 0 && ends[end - 1] && text[end - 1] == character,
            };
        }
        ends = next;
    }
    ends.last().copied().unwrap_or_default()
}

fn is_in_query(wanted: &QueryMatch, request: &HttpRequest) -> bool {
    let query = request.query.as_deref().unwrap_or_default();
    query.split('&').filter(|pair| !pair.is_empty()).any(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        wanted.key.as_ref().is_none_or(|pattern| matches(pattern, key, Case::Ignored))
            && matches(&wanted.value, value, Case::Ignored)
    })
}

fn source(request: &HttpRequest) -> Option<IpAddr> {
    request.source_address.as_deref()?.parse().ok()
}

/// Whether a request comes from an address of a CIDR block.
fn is_from(block: &str, request: &HttpRequest) -> bool {
    source(request).is_some_and(|address| cidr::holds(block, address) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn each_part_is_exact_and_few_requests_in_a_row_go_to_one_target_group() {
        for total in 1..=300 {
            let mut all: Vec<u32> = (0..total).map(|number| spread(number, total).unwrap()).collect();
            all.sort_unstable();
            assert_eq!(all, (0..total).collect::<Vec<u32>>(), "{total}");
        }
        // Weights 80 and 20.
        for first in 0..200 {
            let large = (first..first + 10).filter(|number| spread(*number, 100).unwrap() < 80).count();
            assert!((7..=9).contains(&large), "{large} of 10 from {first}");
        }
        assert_eq!(spread(7, 0), None);
    }
}
