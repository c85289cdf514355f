//! Requests in the rules of Ingresses and of listeners: a host and a path.

use albatross_contract::{RuleCondition, SourceObject, TextMatch};

use super::dns_names::lower;

/// Requests to a host and a path. An empty host or path stands for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requests {
    host: String,
    path: String,
}

impl Requests {
    fn new(host: &str, path: &str) -> Self {
        Requests { host: lower(host).into_owned(), path: plain_path(path).to_owned() }
    }

    /// The host, in lower case. Empty: any.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl std::fmt::Display for Requests {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = if self.host.is_empty() { "any host" } else { &self.host };
        write!(formatter, "{host}{}", if self.path.is_empty() { "/" } else { &self.path })
    }
}

/// A path without a trailing slash or wildcard: `/shop`, `/shop/` and `/shop/*` are the same.
fn plain_path(path: &str) -> &str {
    path.trim_end_matches('*').trim_end_matches('/')
}

/// The requests that an Ingress asks for. Only Ingresses ask for listener rules.
pub(crate) fn asked(source: SourceObject<'_>) -> Vec<Requests> {
    let mut asked = Vec::new();
    let Some(ingress) = source.ingress() else { return asked };
    for rule in &ingress.rules {
        let host = rule.host.as_deref().unwrap_or_default();
        if rule.paths.is_empty() && ingress.default_backend.is_some() {
            asked.push(Requests::new(host, "")); // the default backend serves the host
        }
        asked.extend(
            rule.paths.iter().map(|path| Requests::new(host, path.path.as_deref().unwrap_or_default())),
        );
    }
    if ingress.default_backend.is_some() {
        asked.push(Requests::new("", ""));
    }
    asked
}

/// Whether a listener rule with some conditions is exactly for these requests, not only matches them among others. Other
/// conditions, for example on a header, do not matter here. A regular expression may match any text, unless it stands for a
/// wildcard host.
pub(crate) fn says(conditions: &[RuleCondition], requests: &Requests) -> bool {
    let mut hosts = conditions.iter().filter_map(|condition| match condition {
        RuleCondition::HostHeader(text) => Some(text),
        _ => None,
    });
    let mut paths = conditions.iter().filter_map(|condition| match condition {
        RuleCondition::PathPattern(text) => Some(text),
        _ => None,
    });
    says_text(&mut hosts, |host| host.eq_ignore_ascii_case(&requests.host), requests.host.is_empty())
        && says_text(&mut paths, |path| plain_path(path) == requests.path, requests.path.is_empty())
}

/// Whether one of the texts is the wanted one. Without texts, any text is allowed.
fn says_text<'a>(
    texts: &mut impl Iterator<Item = &'a TextMatch>,
    is_wanted: impl Fn(&str) -> bool,
    any_is_wanted: bool,
) -> bool {
    let mut none = true;
    let said = texts.any(|text| {
        none = false;
        let mut expressions = text.regular_expressions.iter().map(|it| wildcard_host(it));
        expressions.any(|host| host.is_none_or(|host| is_wanted(&host)))
            || text.values.iter().any(|value| is_wanted(value))
    });
    said || (none && any_is_wanted)
}

/// The conditions of a rule as far as they are about these requests.
pub(crate) fn about(conditions: &[RuleCondition], requests: &Requests) -> Vec<RuleCondition> {
    let is_host = |host: &str| host.eq_ignore_ascii_case(&requests.host);
    let is_path = |path: &str| plain_path(path) == requests.path;
    let about = |condition: &RuleCondition| match condition {
        RuleCondition::HostHeader(text) => RuleCondition::HostHeader(wanted_texts(text, is_host)),
        RuleCondition::PathPattern(text) => RuleCondition::PathPattern(wanted_texts(text, is_path)),
        other => other.clone(),
    };
    conditions.iter().map(about).collect()
}

fn wanted_texts(text: &TextMatch, is_wanted: impl Fn(&str) -> bool) -> TextMatch {
    let is_meant = |it: &&String| wildcard_host(it).is_none_or(|host| is_wanted(&host));
    TextMatch {
        values: text.values.iter().filter(|value| is_wanted(value)).cloned().collect(),
        regular_expressions: text.regular_expressions.iter().filter(is_meant).cloned().collect(),
    }
}

/// The wildcard host for which a regular expression stands, because `*` in a rule of a load balancer spans dots:
/// `^[^.]+\.example\.org$` is `*.example.org`. `None`: it is another expression.
pub(crate) fn wildcard_host(expression: &str) -> Option<String> {
    let parent = expression.strip_prefix("^[^.]+")?.strip_suffix('$')?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let labels: Vec<&str> = parent.strip_prefix("\\.")?.split("\\.").collect();
    labels.iter().all(|label| label.chars().all(is_plain)).then(|| format!("*.{}", labels.join(".")))
}

/// Whether a rule with some conditions matches every request that a rule with other conditions matches, as far as the
/// texts show: each of its conditions allows everything that a condition of the other rule allows.
pub(crate) fn matches_all(conditions: &[RuleCondition], others: &[RuleCondition]) -> bool {
    conditions.iter().all(|wide| others.iter().any(|narrow| allows_all(wide, narrow)))
}

pub(crate) fn allows_all(wide: &RuleCondition, narrow: &RuleCondition) -> bool {
    match (wide, narrow) {
        (RuleCondition::HostHeader(wide), RuleCondition::HostHeader(narrow)) => {
            let among = |host: &String| wide.values.iter().any(|other| other.eq_ignore_ascii_case(host));
            narrow.values.iter().all(among)
                && holds_all(&wide.regular_expressions, &narrow.regular_expressions)
        }
        (RuleCondition::PathPattern(wide), RuleCondition::PathPattern(narrow)) => holds_texts(wide, narrow),
        (RuleCondition::HttpHeader(wide), RuleCondition::HttpHeader(narrow)) => {
            wide.name.eq_ignore_ascii_case(&narrow.name) && holds_texts(&wide.value, &narrow.value)
        }
        (RuleCondition::QueryString(wide), RuleCondition::QueryString(narrow)) => holds_all(wide, narrow),
        (RuleCondition::SourceIp(wide), RuleCondition::SourceIp(narrow))
        | (RuleCondition::HttpRequestMethod(wide), RuleCondition::HttpRequestMethod(narrow)) => {
            holds_all(wide, narrow)
        }
        _ => false, // of different kinds, or one that this version does not know
    }
}

fn holds_texts(wide: &TextMatch, narrow: &TextMatch) -> bool {
    holds_all(&wide.values, &narrow.values)
        && holds_all(&wide.regular_expressions, &narrow.regular_expressions)
}

fn holds_all<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
    narrow.iter().all(|value| wide.contains(value))
}

#[cfg(test)]
mod tests {
    use albatross_contract::{
        HeaderMatch, Ingress, IngressBackend, IngressRule, Metadata, RuleCondition, ServiceBackend,
        ServicePortReference, SourceObject, TextMatch,
    };

    use super::{Requests, asked, matches_all, says};

    fn metadata() -> Metadata {
        Metadata {
            namespace: Some("shop".to_owned()),
            name: "shop".to_owned(),
            uid: None,
            created_at: None,
            deleted_at: None,
            annotations: Vec::new(),
            labels: Vec::new(),
        }
    }

    fn text(values: &[&str]) -> TextMatch {
        TextMatch {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            regular_expressions: Vec::new(),
        }
    }

    fn conditions(host: &[&str], path: &[&str]) -> Vec<RuleCondition> {
        let mut conditions = Vec::new();
        if !host.is_empty() {
            conditions.push(RuleCondition::HostHeader(text(host)));
        }
        if !path.is_empty() {
            conditions.push(RuleCondition::PathPattern(text(path)));
        }
        conditions
    }

    #[test]
    fn a_rule_says_what_it_is_about_and_not_all_that_it_matches() {
        for (host, path, asked, expected) in [
            (&["Shop.example.org"][..], &["/cart", "/cart/*"][..], ("shop.example.org", "/cart/"), true),
            (&["shop.example.org"], &["/*"], ("shop.example.org", "/cart"), false),
            (&["shop.example.org"], &["/*"], ("shop.example.org", "/"), true),
            (&["shop.example.org"], &[], ("shop.example.org", ""), true),
            (&["shop.example.org"], &[], ("shop.example.org", "/cart"), false),
            (&["shop.example.org"], &["/cart"], ("wiki.example.org", "/cart"), false),
            (&["*.example.org"], &["/cart"], ("shop.example.org", "/cart"), false),
            (&[], &["/cart"], ("", "/cart"), true),
            (&[], &["/cart"], ("shop.example.org", "/cart"), false),
        ] {
            let said = says(&conditions(host, path), &Requests::new(asked.0, asked.1));
            assert_eq!(said, expected, "{host:?} {path:?} for {asked:?}");
        }
    }

    #[test]
    fn a_regular_expression_may_say_anything() {
        let expression = TextMatch { values: Vec::new(), regular_expressions: vec!["^/c.*$".to_owned()] };
        let rule =
            [RuleCondition::HostHeader(text(&["shop.example.org"])), RuleCondition::PathPattern(expression)];
        assert!(says(&rule, &Requests::new("shop.example.org", "/cart")));
        assert!(!says(&rule, &Requests::new("wiki.example.org", "/cart")));
    }

    #[test]
    fn a_regular_expression_for_a_wildcard_host_says_only_that_host() {
        let host = |expression: &str| {
            [RuleCondition::HostHeader(TextMatch {
                values: Vec::new(),
                regular_expressions: vec![expression.to_owned()],
            })]
        };
        let wildcard = host("^[^.]+\\.shop\\.example\\.org$");
        assert!(says(&wildcard, &Requests::new("*.shop.example.org", "")));
        assert!(!says(&wildcard, &Requests::new("*.example.org", "")));
        let other = host("^[^.]+\\.(shop|wiki)\\.example\\.org$");
        assert!(says(&other, &Requests::new("*.example.org", "")));
    }

    #[test]
    fn a_rule_without_paths_asks_for_its_host_only_if_there_is_a_default_backend() {
        let rule = IngressRule { host: Some("shop.example.org".to_owned()), paths: Vec::new() };
        let mut ingress = Ingress {
            metadata: metadata(),
            ingress_class_name: None,
            default_backend: None,
            tls: Vec::new(),
            rules: vec![rule],
            status: Vec::new(),
        };
        assert_eq!(asked(SourceObject::Ingress(&ingress)), []);
        ingress.default_backend = Some(IngressBackend::Service(ServiceBackend {
            name: "web".to_owned(),
            port: ServicePortReference::Number(80),
        }));
        let wanted = [Requests::new("shop.example.org", ""), Requests::new("", "")];
        assert_eq!(asked(SourceObject::Ingress(&ingress)), wanted);
    }

    #[test]
    fn a_rule_with_fewer_or_wider_conditions_matches_all_of_another_one() {
        let cart = conditions(&["shop.example.org"], &["/cart"]);
        let wider = conditions(&["SHOP.example.org", "wiki.example.org"], &["/pay", "/cart"]);
        let header =
            RuleCondition::HttpHeader(HeaderMatch { name: "beta".to_owned(), value: text(&["yes"]) });
        let with_header = [cart.clone(), vec![header]].concat();
        assert!(matches_all(&cart, &cart));
        assert!(matches_all(&wider, &cart));
        assert!(matches_all(&[], &cart));
        assert!(matches_all(&cart, &with_header));
        assert!(!matches_all(&with_header, &cart));
        assert!(!matches_all(&cart, &wider));
        assert!(!matches_all(&cart, &[]));
    }
}
