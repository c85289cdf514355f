//! Explanation of a request: which rule of a listener answers it, else the default action.

use std::{collections::BTreeSet, net::IpAddr};

use albatross_contract::{
    Candidate, Decision, DesiredListener, DesiredLoadBalancer, DesiredRule, Explanation, HeaderMatch,
    HttpRequest, IpAddressType, ListenerAction, PlanningError, Protocol, QueryMatch, ResourceReference,
    RuleCondition, TextMatch,
};

use super::unknown;
use crate::{
    cidr::Block,
    planning::Decided,
    source::{Claim, wildcard_host},
};

/// Whether the host of an Ingress covers that of a request: a wildcard covers one label.
fn covers(host: &str, asked: &str) -> bool {
    match host.strip_prefix("*.") {
        Some(parent) => asked.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => host.eq_ignore_ascii_case(asked),
    }
}

/// Explains a request to a host that an Ingress of ours has.
pub fn explain(asked: &HttpRequest, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let hosts = &decided.observed.hosts;
    let members = decided.grouping.members.iter().zip(&decided.grouping.placements);
    let asks = |claim: &Claim<'_>| claim.hosts.iter().any(|host| covers(hosts.text(*host), &asked.host));
    let serving: BTreeSet<&str> = members
        .filter(|(member, _)| asks(member.claim))
        .filter_map(|(_, placement)| placement.group())
        .map(|group| decided.grouping.groups.get(group).id())
        .collect();
    let described = decided.plan.load_balancers.iter().filter(|found| serving.contains(found.id.as_str()));
    let described: Vec<&DesiredLoadBalancer> = described.collect();
    if described.is_empty() {
        return Err(unknown(&format!(
            "Ingress of ours with host {} that is placed on a load balancer",
            asked.host
        )));
    }
    Ok(tell(asked, &described))
}

/// One decision for each of these load balancers: its rules in their order, then the default action.
fn tell(request: &HttpRequest, load_balancers: &[&DesiredLoadBalancer]) -> Explanation {
    let mut headlines = Vec::new();
    let mut decisions = Vec::new();
    for load_balancer in load_balancers {
        let place = format!("{}, listener {}", load_balancer.name, request.port);
        let Some(listener) = load_balancer.listeners.iter().find(|found| answers(found, request)) else {
            headlines.push(format!("{place}: no such listener for {}", request.scheme));
            continue;
        };
        let candidates = candidates(request, listener);
        let chosen = candidates.iter().find(|candidate| candidate.chosen);
        let answer = chosen.map_or_else(String::new, |chosen| format!(": {}", chosen.name));
        headlines.push(format!("{place}{answer}"));
        decisions.push(Decision { title: place, candidates });
    }
    Explanation { headline: headlines.join("; "), decisions }
}

fn answers(listener: &DesiredListener, request: &HttpRequest) -> bool {
    let speaks = match request.scheme.as_str() {
        "http" => listener.protocol == Protocol::Http,
        "https" => listener.protocol == Protocol::Https,
        _ => false,
    };
    listener.port == request.port && speaks
}

fn candidates(request: &HttpRequest, listener: &DesiredListener) -> Vec<Candidate> {
    let mut answered = false;
    let mut candidates = Vec::new();
    for rule in &listener.rules {
        let verdict = verdict(request, rule);
        let chosen = !answered && verdict == Verdict::Holds;
        let reason = match verdict {
            Verdict::Holds if answered => "would match, but comes later".to_owned(),
            Verdict::Holds => "is the first that matches".to_owned(),
            Verdict::Fails(part) => format!("{part} differs"),
            Verdict::Unknown(part) => format!("it is not known whether {part} matches"),
        };
        answered |= chosen;
        let name = format!("rule {} → {}", rule.priority, destination(&rule.actions));
        candidates.push(Candidate { chosen, name, id: None, reason });
    }
    let reason = if answered { "only when no rule matches" } else { "no rule matches" };
    candidates.push(Candidate {
        chosen: !answered,
        name: format!("default action → {}", destination(&listener.default_actions)),
        id: None,
        reason: reason.to_owned(),
    });
    candidates
}

/// In a few words, the destination of actions.
fn destination(actions: &[ListenerAction]) -> String {
    match actions.last() {
        Some(ListenerAction::Forward(forward)) => {
            let name = |reference: &ResourceReference| match reference {
                ResourceReference::Existing(arn) => arn.split('/').nth(1).unwrap_or(arn).to_owned(),
                ResourceReference::CreatedBy(action) => format!("the target group that {action} creates"),
            };
            let names: Vec<String> =
                forward.target_groups.iter().map(|group| name(&group.target_group)).collect();
            names.join(", ")
        }
        Some(ListenerAction::Redirect(redirect)) => {
            format!(
                "redirect to {}://{}:{}{}",
                redirect.protocol, redirect.host, redirect.port, redirect.path
            )
        }
        Some(ListenerAction::FixedResponse(response)) => format!("fixed response {}", response.status_code),
        Some(
            ListenerAction::AuthenticateOidc(_)
            | ListenerAction::AuthenticateCognito(_)
            | ListenerAction::JwtValidation(_),
        ) => "authentication only".to_owned(),
        Some(ListenerAction::Other(kind)) => kind.clone(),
        None => "not created yet".to_owned(),
    }
}

/// Whether the conditions of a rule match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Holds,
    /// This part of the request does not match.
    Fails(&'static str),
    /// Only AWS can tell whether this part matches.
    Unknown(&'static str),
}

/// A rule fails if one condition fails; otherwise it is unknown if one condition is unknown.
fn verdict(request: &HttpRequest, rule: &DesiredRule) -> Verdict {
    let mut all = Verdict::Holds;
    for condition in &rule.conditions {
        match holds(request, condition) {
            Verdict::Holds => {}
            Verdict::Fails(part) => return Verdict::Fails(part),
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
            let address = request.source_address.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
            let holds =
                |block: &String, address| Block::read(block).is_some_and(|block| block.holds(address));
            let inside = address.is_some_and(|address| blocks.iter().any(|block| holds(block, address)));
            decide(inside, "the source address")
        }
        RuleCondition::SourceIpAddressType(kind) => {
            let address = request.source_address.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
            let same = address.is_some_and(|address| address.is_ipv6() == (*kind == IpAddressType::Ipv6));
            decide(same, "the type of the source address")
        }
        RuleCondition::HttpRequestMethod(methods) => decide(methods.contains(&request.method), "the method"),
        RuleCondition::Other(_) => Verdict::Unknown("a condition that this version does not know"),
    }
}

fn decide(holds: bool, part: &'static str) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Fails(part) }
}

/// A wildcard host of Kubernetes is a regular expression for one label; other regular expressions are not evaluated.
fn matches_host(text: &TextMatch, host: &str) -> Verdict {
    let covers = |it: &String| wildcard_host(it).map(|wildcard| covers(&wildcard, host));
    match text.regular_expressions.iter().map(covers).collect::<Option<Vec<bool>>>() {
        Some(known) if known.contains(&true) => Verdict::Holds,
        Some(_) => {
            let values = TextMatch { values: text.values.clone(), regular_expressions: Vec::new() };
            matches_text(&values, &[host], Case::Ignored, "the host")
        }
        None => matches_text(text, &[host], Case::Ignored, "the host"),
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
        return Verdict::Fails("a header");
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

/// AWS's wildcards: `*` for any characters, `?` for exactly one.
fn matches(pattern: &str, text: &str, case: Case) -> bool {
    let folded = |text: &str| -> Vec<char> {
        let text = if case == Case::Ignored { text.to_ascii_lowercase() } else { text.to_owned() };
        text.chars().collect()
    };
    let (pattern, text) = (folded(pattern), folded(text));
    // The position of the last `*`, and how much of the text it has matched so far.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut read) = (0, 0);
    while let Some(&character) = text.get(read) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == character => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    read = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use albatross_contract::{FixedResponseAction, Tag};

    use super::*;

    fn get(url: &str) -> HttpRequest {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        HttpRequest {
            method: "GET".into(),
            scheme: scheme.into(),
            host: host.into(),
            port: if scheme == "https" { 443 } else { 80 },
            path: format!("/{path}"),
            query: query.map(str::to_owned),
            headers: Vec::new(),
            source_address: None,
        }
    }

    fn text(values: &[&str]) -> TextMatch {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        TextMatch { values, regular_expressions: Vec::new() }
    }

    fn answer(status_code: u16) -> Vec<ListenerAction> {
        vec![ListenerAction::FixedResponse(FixedResponseAction {
            status_code,
            content_type: None,
            message_body: None,
        })]
    }

    fn rule(priority: u32, host: &str, path: &str) -> DesiredRule {
        let conditions =
            vec![RuleCondition::HostHeader(text(&[host])), RuleCondition::PathPattern(text(&[path]))];
        DesiredRule { priority, conditions, actions: answer(200), transforms: Vec::new() }
    }

    fn told(request: &HttpRequest, rules: Vec<DesiredRule>) -> Vec<(bool, String, String)> {
        let listener =
            DesiredListener { port: 443, protocol: Protocol::Https, default_actions: answer(404), rules };
        let candidates = candidates(request, &listener);
        candidates.into_iter().map(|it| (it.chosen, it.name, it.reason)).collect()
    }

    #[test]
    fn the_first_rule_that_matches_answers_and_the_others_say_why_they_do_not() {
        let rules = vec![
            rule(10, "api.example.org", "/v1/*"),
            rule(20, "shop.example.org", "/cart"),
            rule(30, "SHOP.example.org", "/cart/*"),
            rule(40, "shop.example.org", "/*"),
        ];
        let told = told(&get("https://shop.example.org/cart/items?page=2"), rules);
        let told: Vec<(bool, &str)> = told.iter().map(|(chosen, _, why)| (*chosen, why.as_str())).collect();
        assert_eq!(
            told,
            [
                (false, "the host differs"),
                (false, "the path differs"),
                (true, "is the first that matches"),
                (false, "would match, but comes later"),
                (false, "only when no rule matches"),
            ]
        );
    }

    #[test]
    fn without_a_rule_that_matches_the_default_action_answers() {
        let told = told(&get("https://other.example.org/"), vec![rule(10, "shop.example.org", "/*")]);
        assert_eq!(told[1], (true, "default action → fixed response 404".into(), "no rule matches".into()));
    }

    #[test]
    fn a_regular_expression_is_not_guessed() {
        let mut guess = rule(10, "shop.example.org", "/none");
        guess.conditions[1] = RuleCondition::PathPattern(TextMatch {
            values: Vec::new(),
            regular_expressions: vec!["^/cart".into()],
        });
        let told = told(&get("https://shop.example.org/cart"), vec![guess]);
        assert_eq!(told[0].2, "it is not known whether the path matches");
        assert!(told[1].0, "as far as known, the default action answers");
    }

    #[test]
    fn a_regular_expression_for_one_label_is_evaluated() {
        let one_label = RuleCondition::HostHeader(TextMatch {
            values: Vec::new(),
            regular_expressions: vec![r"^[^.]+\.example\.org$".into()],
        });
        for (url, expected) in [
            ("https://shop.example.org/", Verdict::Holds),
            ("https://a.b.example.org/", Verdict::Fails("the host")),
        ] {
            assert_eq!(holds(&get(url), &one_label), expected, "{url}");
        }
    }

    #[test]
    fn every_kind_of_condition_is_compared_as_aws_does() {
        let mut request = get("https://shop.example.org/Cart?Page=2");
        request.headers.push(Tag { key: "X-Canary".into(), value: "Yes".into() });
        request.source_address = Some("10.1.2.3".into());
        let query = |key: Option<&str>, value: &str| {
            RuleCondition::QueryString(vec![QueryMatch {
                key: key.map(str::to_owned),
                value: value.to_owned(),
            }])
        };
        let header = |name: &str, value: &str| {
            RuleCondition::HttpHeader(HeaderMatch { name: name.into(), value: text(&[value]) })
        };
        for (condition, expected) in [
            (RuleCondition::HostHeader(text(&["*.EXAMPLE.org"])), true),
            (RuleCondition::HostHeader(text(&["s?op.example.org"])), true),
            (RuleCondition::PathPattern(text(&["/cart"])), false),
            (RuleCondition::PathPattern(text(&["/C*t"])), true),
            (header("x-canary", "y*"), true),
            (header("x-other", "*"), false),
            (query(Some("page"), "2"), true),
            (query(None, "2"), true),
            (query(Some("page"), "3"), false),
            (RuleCondition::SourceIp(vec!["10.0.0.0/8".into()]), true),
            (RuleCondition::SourceIp(vec!["10.2.0.0/16".into(), "2001:db8::/32".into()]), false),
            (RuleCondition::SourceIp(vec!["0.0.0.0/0".into()]), true),
            (RuleCondition::SourceIpAddressType(IpAddressType::Ipv4), true),
            (RuleCondition::SourceIpAddressType(IpAddressType::Ipv6), false),
            (RuleCondition::HttpRequestMethod(vec!["GET".into()]), true),
            (RuleCondition::HttpRequestMethod(vec!["get".into()]), false),
        ] {
            assert_eq!(holds(&request, &condition) == Verdict::Holds, expected, "{condition:?}");
        }
        request.source_address = Some("2001:db8::1".into());
        let blocks = RuleCondition::SourceIp(vec!["2001:db8::/32".into()]);
        assert_eq!(holds(&request, &blocks), Verdict::Holds);
    }

    #[test]
    fn a_wildcard_host_of_an_ingress_covers_one_label() {
        assert!(covers("*.example.org", "Shop.example.org"));
        assert!(!covers("*.example.org", "a.shop.example.org") && !covers("*.example.org", "example.org"));
        assert!(covers("shop.example.org", "SHOP.example.org"));
    }
}
