//! How a listener rule compares hosts and paths: with values that may have wildcards, or with a regular expression where
//! values cannot express what an object asks for.

use super::{
    HostMatch, PathMatch,
    annotations::{LONGEST_EXPRESSION, is_host, is_path, literal},
    hosts::lower_case,
};

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// With any of these values.
    Values(Vec<String>),
    /// With a regular expression.
    Expression(String),
}

/// The regular expression for one label of a host.
const ONE_LABEL: &str = r"^[^.]+\.";

impl HostMatch<'_> {
    /// Whether a listener rule can compare the host.
    pub fn is_expressible(&self) -> bool {
        matches!(self, HostMatch::Name(text) if is_host(text) && !has_wildcards(text))
            || self.comparison().is_some()
    }

    /// The wildcards in its value. Those of a regular expression do not count.
    pub fn wildcards(&self) -> usize {
        match self {
            HostMatch::Pattern(text) => count_wildcards(text),
            HostMatch::Wildcard(_) => usize::from(matches!(self.comparison(), Some(Comparison::Values(_)))),
            HostMatch::Name(_) | HostMatch::Expression(_) => 0,
        }
    }

    /// How a listener rule compares the host. `None`: it cannot.
    pub fn comparison(&self) -> Option<Comparison> {
        match self {
            HostMatch::Name(text) => {
                let text = lower_case(text);
                if is_host(&text) && !has_wildcards(&text) {
                    return Some(Comparison::Values(vec![text.into_owned()]));
                }
                expression(&text, format!("^{}$", literal(&text)))
            }
            HostMatch::Wildcard(text) => {
                let text = lower_case(text);
                let parent = text.strip_prefix("*.").unwrap_or(&text);
                let precise = expression(parent, format!("{ONE_LABEL}{}$", literal(parent)));
                let is_fit = is_host(&text) && !has_wildcards(parent);
                precise.or_else(|| is_fit.then(|| Comparison::Values(vec![text.clone().into_owned()])))
            }
            HostMatch::Pattern(text) => Some(Comparison::Values(vec![lower_case(text).into_owned()])),
            HostMatch::Expression(text) => Some(Comparison::Expression(text.clone().into_owned())),
        }
    }
}

impl PathMatch<'_> {
    /// Whether it matches every path.
    pub fn is_every_path(&self) -> bool {
        match self {
            PathMatch::Prefix(text) => text.starts_with('/') && text.trim_end_matches('/').is_empty(),
            PathMatch::Pattern(text) => matches!(text.as_ref(), "/*" | "*"),
            PathMatch::Exact(_) | PathMatch::Expression(_) => false,
        }
    }

    /// Whether a listener rule can compare the path.
    pub fn is_expressible(&self) -> bool {
        let is_plain = |text: &str| is_path(text) && !has_wildcards(text);
        match self {
            PathMatch::Exact(text) | PathMatch::Prefix(text)
                if is_plain(text) && text.len() < LONGEST_EXPRESSION - 2 =>
            {
                true
            }
            _ => self.comparison().is_some(),
        }
    }

    /// The wildcards in the value that has most of them. Those of a regular expression do not count.
    pub fn wildcards(&self) -> usize {
        match self {
            PathMatch::Prefix(_) => 1,
            PathMatch::Pattern(text) => count_wildcards(text),
            PathMatch::Exact(_) | PathMatch::Expression(_) => 0,
        }
    }

    /// How a listener rule compares the path. `None`: it cannot.
    pub fn comparison(&self) -> Option<Comparison> {
        match self {
            PathMatch::Exact(text) if is_path(text) && !has_wildcards(text) => {
                Some(Comparison::Values(vec![text.clone().into_owned()]))
            }
            PathMatch::Exact(text) => expression(text, format!("^{}$", literal(text))),
            PathMatch::Prefix(text) => {
                // "/foo" matches "/foo", "/foo/" and all paths below (Kubernetes, "Ingress: path types").
                let text = text.trim_end_matches('/');
                let below = format!("{text}/*");
                if is_path(&below) && !has_wildcards(text) {
                    return Some(Comparison::Values(vec![text.to_owned(), below]));
                }
                expression(text, format!("^{}(/.*)?$", literal(text)))
            }
            PathMatch::Pattern(text) => {
                is_path(text).then(|| Comparison::Values(vec![text.clone().into_owned()]))
            }
            PathMatch::Expression(text) => Some(Comparison::Expression(text.clone().into_owned())),
        }
    }
}

/// A regular expression for a text of visible characters. A wildcard in the text is most likely a mistake: with another path
/// type it would match more.
fn expression(text: &str, expression: String) -> Option<Comparison> {
    let is_visible = text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    (is_visible && !text.is_empty() && !has_wildcards(text) && expression.len() <= LONGEST_EXPRESSION)
        .then_some(Comparison::Expression(expression))
}

fn count_wildcards(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b'*' | b'?')).count()
}

fn has_wildcards(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The wildcard host of Kubernetes that a regular expression stands for: `*.example.org` for `^[^.]+\.example\.org$`.
pub fn wildcard_host(expression: &str) -> Option<String> {
    let parent = expression.strip_prefix(ONE_LABEL)?.strip_suffix('$')?;
    let plain = parent.replace("\\.", ".");
    (literal(&plain) == parent).then(|| format!("*.{plain}"))
}

#[cfg(test)]
mod tests {
    use super::{Comparison, wildcard_host};
    use crate::source::{HostMatch, PathMatch};

    fn values(values: &[&str]) -> Option<Comparison> {
        Some(Comparison::Values(values.iter().map(|value| (*value).to_owned()).collect()))
    }

    fn expression(text: &str) -> Option<Comparison> {
        Some(Comparison::Expression(text.to_owned()))
    }

    #[test]
    fn a_wildcard_of_kubernetes_matches_one_label_and_a_pattern_of_aws_any_number() {
        let one_label = HostMatch::Wildcard("*.Example.org".into()).comparison();
        assert_eq!(one_label, expression(r"^[^.]+\.example\.org$"));
        assert_eq!(wildcard_host(r"^[^.]+\.example\.org$").as_deref(), Some("*.example.org"));
        assert_eq!(wildcard_host(r"^[^.]+\.example.org$"), None);
        assert_eq!(HostMatch::Pattern("*.Example.org".into()).comparison(), values(&["*.example.org"]));
        let long = format!("*.{}.org", "a".repeat(115));
        assert_eq!(HostMatch::Wildcard(long.as_str().into()).comparison(), values(&[&long]));
        assert_eq!(HostMatch::Wildcard("*.*.example.org".into()).comparison(), None);
    }

    #[test]
    fn hosts_that_values_cannot_express_are_regular_expressions_or_impossible() {
        for (host, expected) in [
            ("Shop.example.org", values(&["shop.example.org"])),
            ("localhost", expression("^localhost$")),
            ("shop.k8s1", expression(r"^shop\.k8s1$")),
            ("caf\u{e9}.org", None),
            (&"a".repeat(130), None),
        ] {
            assert_eq!(HostMatch::Name(host.into()).comparison(), expected, "{host}");
        }
    }

    #[test]
    fn paths_that_values_cannot_express_are_regular_expressions_or_impossible() {
        let exact = |text: &'static str| PathMatch::Exact(text.into());
        let prefix = |text: &'static str| PathMatch::Prefix(text.into());
        for (path, expected) in [
            (exact("/cart"), values(&["/cart"])),
            (exact("/a%20b"), expression("^/a%20b$")),
            (exact("/cart*"), None),
            (prefix("/cart/"), values(&["/cart", "/cart/*"])),
            (prefix("/a%20b"), expression("^/a%20b(/.*)?$")),
            (prefix("/caf\u{e9}"), None),
            (PathMatch::Pattern("/a*".into()), values(&["/a*"])),
            (PathMatch::Pattern("/a%20*".into()), None),
        ] {
            assert_eq!(path.comparison(), expected, "{path:?}");
        }
        assert!(prefix("/").is_every_path() && PathMatch::Pattern("/*".into()).is_every_path());
        assert!(!exact("/").is_every_path());
    }
}
