//! Tenancy rules: which rule of the settings decides what an object may ask for, and what the rule allows.

use albatross_contract::{Scheme, Settings, TenancyRule};

use super::{EVERY_HOST, HostMatch};

/// Stands for everything, at the end of a pattern.
const ANYTHING: char = '*';

/// What the tenancy settings say about an object.
#[derive(Clone, Copy)]
pub enum Ruling<'a> {
    /// There is no rule for its class: everything is allowed.
    Free,
    /// There are rules for this class, and none for its namespace: nothing is allowed.
    NoRule(&'a [TenancyRule], &'a str),
    /// This rule decides.
    Rule(&'a TenancyRule, RuleNumber),
}

/// The place of a rule in the settings, from 1.
pub type RuleNumber = usize;

impl<'a> Ruling<'a> {
    /// Finds the rule for the objects of a class in a namespace. `class`: `""` for objects without a class.
    pub fn of(settings: &'a Settings, class: &'a str, namespace: &str) -> Self {
        let rules = settings.tenancy.as_deref().unwrap_or_default();
        let mut of_class = (1..).zip(rules).filter(|(_, rule)| rule.class == class).peekable();
        if of_class.peek().is_none() {
            return Ruling::Free;
        }
        let found = of_class.find(|(_, rule)| matches_any(rule.namespaces.as_deref(), namespace));
        found.map_or(Ruling::NoRule(rules, class), |(number, rule)| Ruling::Rule(rule, number))
    }

    /// The rule that decides.
    pub fn rule(self) -> Option<&'a TenancyRule> {
        match self {
            Ruling::Rule(rule, _) => Some(rule),
            Ruling::Free | Ruling::NoRule(..) => None,
        }
    }

    /// The scheme of objects that name none, if only one is allowed.
    pub fn only_scheme(self) -> Option<Scheme> {
        match self.rule()?.schemes.as_deref()? {
            [only, others @ ..] if others.iter().all(|other| other == only) => Some(*only),
            _ => None,
        }
    }

    /// Whether a scheme is allowed.
    pub fn allows_scheme(self, scheme: Scheme) -> bool {
        let schemes = self.rule().and_then(|rule| rule.schemes.as_deref());
        schemes.is_none_or(|schemes| schemes.contains(&scheme))
    }

    /// Whether a host is allowed; [`EVERY_HOST`] stands for requests for no particular host.
    pub fn allows_host(self, host: &str) -> bool {
        let hosts = self.rule().and_then(|rule| rule.hosts.as_deref());
        hosts.is_none_or(|patterns| patterns.iter().any(|pattern| covers_host(pattern, host)))
    }

    /// Whether all hosts that a route matches are allowed. Nobody can tell for a regular expression.
    pub fn allows_match(self, host: &HostMatch<'_>) -> bool {
        match host {
            HostMatch::Name(host) | HostMatch::Wildcard(host) | HostMatch::Pattern(host) => {
                self.allows_host(host)
            }
            HostMatch::Expression(_) => self.allows_host(EVERY_HOST),
        }
    }
}

/// Whether a list of patterns is absent or has one that matches a name.
pub fn matches_any(patterns: Option<&[String]>, name: &str) -> bool {
    patterns.is_none_or(|patterns| patterns.iter().any(|pattern| matches(pattern, name)))
}

/// Whether a pattern matches a name: it is the name, or its beginning and `*`.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(ANYTHING) {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

/// Whether a pattern of the settings covers everything that a host of an object matches, which may have wildcards itself:
/// `*.example.org` covers each host, wildcard and pattern of AWS that ends with `.example.org`.
fn covers_host(pattern: &str, host: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    match pattern.strip_prefix(ANYTHING) {
        Some(end) => {
            let start = host.len().checked_sub(end.len()).filter(|start| *start > 0);
            start.and_then(|start| host.get(start..)).is_some_and(|it| it.eq_ignore_ascii_case(end))
        }
        None => pattern.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests;
