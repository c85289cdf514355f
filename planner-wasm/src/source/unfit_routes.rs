//! Routes that listener rules cannot express, or that need more rules than a load balancer may have.

use albatross_contract::{Diagnostic, DiagnosticCode, Quotas, RuleCondition, TextMatch};

use super::{HostMatch, ObjectName, PathMatch, Route, annotations};
use crate::{
    diagnostics::{Details, Subject, warning},
    words,
};

/// The first reason why listener rules cannot express the routes of an object.
pub fn find(routes: &[Route<'_>], object: ObjectName<'_>, quotas: &Quotas) -> Option<Diagnostic> {
    let problem = routes.iter().find_map(|route| of_route(route, quotas));
    let problem = problem.or_else(|| too_many_rules(routes, quotas));
    problem.map(|problem| problem.diagnostic(object))
}

/// Why a listener rule cannot express a route.
struct Problem {
    code: DiagnosticCode,
    field: String,
    message: String,
    remedy: &'static str,
}

impl Problem {
    fn diagnostic(self, object: ObjectName<'_>) -> Diagnostic {
        let Problem { code, field, message, remedy } = self;
        warning(code, Subject::Object(object), message).field(field).remedy(remedy)
    }
}

/// The first reason why listener rules cannot express a route.
fn of_route(route: &Route<'_>, quotas: &Quotas) -> Option<Problem> {
    let bad_host = route.hosts.iter().find(|host| !host.is_expressible());
    let bad_path = route.paths.iter().find_map(|path| Some((path, fault_of_path(path)?)));
    bad_host
        .map(|host| {
            let (HostMatch::Name(text)
            | HostMatch::Wildcard(text)
            | HostMatch::Pattern(text)
            | HostMatch::Expression(text)) = host;
            Problem {
                code: DiagnosticCode::HostInvalid,
                field: format!("{}.host", route.field.split(".http").next().unwrap_or_default()),
                message: format!("a listener rule cannot express the host \"{}\"", words::beginning(text)),
                remedy: "use a host of up to 128 letters, digits, hyphens and dots; write other letters in punycode",
            }
        })
        .or_else(|| {
            let (path, fault) = bad_path?;
            let (PathMatch::Exact(text)
            | PathMatch::Prefix(text)
            | PathMatch::Pattern(text)
            | PathMatch::Expression(text)) = path;
            Some(Problem {
                code: DiagnosticCode::PathUnsupported,
                field: format!("{}.path", route.field),
                message: format!("a listener rule cannot express the path \"{}\"{fault}", words::beginning(text)),
                remedy: "use a path that begins with / and has up to 127 visible ASCII characters, others as %XX; the \
                         wildcards * and ? are allowed only with path type ImplementationSpecific, where paths consist \
                         of letters, digits and _-.$/~\"'@:+&",
            })
        })
        .or_else(|| too_much(route, quotas))
}

/// What is wrong with a path, as the end of a sentence. `None`: a listener rule can express it.
fn fault_of_path(path: &PathMatch<'_>) -> Option<String> {
    match path {
        PathMatch::Expression(text) if text.len() > annotations::LONGEST_EXPRESSION => {
            Some(": as a regular expression it has more than 128 characters".to_owned())
        }
        PathMatch::Expression(text) => annotations::fault_of_expression(text)
            .map(|fault| format!(": as a regular expression it {fault}")),
        // A pattern needs no slash: `*.php`.
        PathMatch::Exact(text) | PathMatch::Prefix(text) if !text.starts_with('/') => Some(String::new()),
        _ if path.is_every_path() => None,
        _ => (!path.is_expressible()).then(String::new),
    }
}

/// A rule with one value for each condition must be within the quotas: more values are divided among several rules.
fn too_much(route: &Route<'_>, quotas: &Quotas) -> Option<Problem> {
    let has_paths = !is_every_path(route);
    let values = usize::from(!route.hosts.is_empty()) + usize::from(has_paths) + route.conditions.len();
    let of_hosts = route.hosts.iter().map(HostMatch::wildcards).max();
    let of_paths = route.paths.iter().filter(|_| has_paths).map(PathMatch::wildcards).max();
    let of_others = route.conditions.iter().map(wildcards);
    let wildcards: usize = [of_hosts, of_paths].into_iter().flatten().chain(of_others).sum();
    let problem = |count: usize, what: &str, limit: u32| {
        (count > limit as usize).then(|| Problem {
            code: DiagnosticCode::AnnotationInvalid,
            field: route.field.clone(),
            message: format!(
                "the rule needs {count} condition {what}, but the quota of AWS is {limit} for each rule"
            ),
            remedy: "ask for fewer conditions or wildcards",
        })
    };
    problem(values, "values", quotas.condition_values_per_rule)
        .or_else(|| problem(wildcards, "wildcards", quotas.condition_wildcards_per_rule))
}

/// More rules than a load balancer may have. Without this check, a few hundred hosts and paths in an annotation would be
/// multiplied to more rules than the planner has memory for.
fn too_many_rules(routes: &[Route<'_>], quotas: &Quotas) -> Option<Problem> {
    let needed = routes.iter().map(combinations).fold(0, u64::saturating_add);
    let limit = quotas.rules_per_load_balancer;
    (needed > most(quotas)).then(|| Problem {
        code: DiagnosticCode::QuotaExhausted,
        field: "spec.rules".to_owned(),
        message: format!(
            "it needs more than {limit} rules, but the quota of AWS is {limit} for each load balancer"
        ),
        remedy: "ask for fewer hosts, paths and conditions, or divide it into several Ingresses of different groups",
    })
}

/// The most combinations of host and path that the rules of a load balancer can express.
pub fn most(quotas: &Quotas) -> u64 {
    u64::from(quotas.rules_per_load_balancer)
        .saturating_mul(most_combinations(quotas.condition_values_per_rule))
}

/// How many combinations of one value for each condition a route has.
pub fn combinations(route: &Route<'_>) -> u64 {
    let paths = if is_every_path(route) { 1 } else { route.paths.len() };
    let others = route.conditions.iter().map(values);
    let counts = [route.hosts.len().max(1), paths].into_iter().chain(others);
    counts.fold(1, |all: u64, count| all.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX)))
}

/// The most combinations that one rule can have: the largest product of numbers with this sum.
pub fn most_combinations(values: u32) -> u64 {
    // As many threes as leave no one, which would add nothing to the product.
    let threes = values.saturating_sub(2) / 3;
    3_u64.saturating_pow(threes).saturating_mul(u64::from((values - 3 * threes).max(1)))
}

fn is_every_path(route: &Route<'_>) -> bool {
    route.paths.is_empty() || route.paths.iter().any(PathMatch::is_every_path)
}

fn values(condition: &RuleCondition) -> usize {
    match condition {
        RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => text_values(text),
        RuleCondition::HttpHeader(header) => text_values(&header.value),
        RuleCondition::QueryString(pairs) => pairs.len(),
        RuleCondition::SourceIp(list) | RuleCondition::HttpRequestMethod(list) => list.len(),
        RuleCondition::SourceIpAddressType(_) | RuleCondition::Other(_) => 1,
    }
}

fn text_values(text: &TextMatch) -> usize {
    text.values.len() + text.regular_expressions.len()
}

/// The wildcards in the value of a condition that has most of them.
fn wildcards(condition: &RuleCondition) -> usize {
    let count = |text: &String| text.matches(['*', '?']).count();
    let most = match condition {
        RuleCondition::HttpHeader(header) => header.value.values.iter().map(count).max(),
        RuleCondition::QueryString(pairs) => {
            pairs.iter().map(|pair| count(&pair.value) + pair.key.as_ref().map_or(0, count)).max()
        }
        _ => None,
    };
    most.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::most_combinations;

    #[test]
    fn a_rule_with_five_values_has_at_most_six_combinations() {
        let all = [0, 1, 2, 3, 4, 5, 6, 10].map(most_combinations);
        assert_eq!(all, [1, 1, 2, 3, 4, 6, 9, 36]);
        assert_eq!(most_combinations(u32::MAX), u64::MAX);
    }
}
