//! Conditions in annotations (`conditions.NAME`): further hosts and paths, and what else a request must have.

use albatross_contract::{HeaderMatch, QueryMatch, RuleCondition, TextMatch};

use super::{
    expressions,
    json::{Fault, Field, parse},
};
use crate::cidr::Block;

/// The conditions of one annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Hosts that requests may have instead of that of the rule.
    pub hosts: TextMatch,
    /// Paths that requests may have instead of that of the rule.
    pub paths: TextMatch,
    /// All other conditions.
    pub others: Vec<RuleCondition>,
}

impl Default for Conditions {
    fn default() -> Self {
        let none = TextMatch { values: Vec::new(), regular_expressions: Vec::new() };
        Conditions { hosts: none.clone(), paths: none, others: Vec::new() }
    }
}

/// The longest value of a condition, and the longest name of a header or method (ELBv2 API, RuleCondition).
const LONGEST_VALUE: usize = 128;
const LONGEST_NAME: usize = 40;

/// How many values the conditions of one annotation may have in total. More would need more rules than a load balancer has.
const MOST_VALUES: usize = 500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Host,
    Path,
    Header,
    Method,
    Query,
    Source,
}

const KINDS: &[(&str, Kind)] = &[
    ("host-header", Kind::Host),
    ("path-pattern", Kind::Path),
    ("http-header", Kind::Header),
    ("http-request-method", Kind::Method),
    ("query-string", Kind::Query),
    ("source-ip", Kind::Source),
];

const KINDS_IN_WORDS: &str =
    "host-header, path-pattern, http-header, http-request-method, query-string or source-ip";

/// Reads a list of conditions.
pub fn read(text: &str) -> Result<Conditions, Fault> {
    let value = parse(text)?;
    let list = Field::whole(&value);
    let items = list.items("a list of conditions")?;
    let mut conditions = Conditions::default();
    for item in &items {
        let mut fields = item.fields()?;
        let kind = fields.required("field")?.choice(KINDS, KINDS_IN_WORDS)?;
        let config = fields.required(match kind {
            Kind::Host => "hostHeaderConfig",
            Kind::Path => "pathPatternConfig",
            Kind::Header => "httpHeaderConfig",
            Kind::Method => "httpRequestMethodConfig",
            Kind::Query => "queryStringConfig",
            Kind::Source => "sourceIPConfig",
        })?;
        fields.no_others()?;
        match kind {
            Kind::Host => add(&mut conditions.hosts, text_match(&config, HOST, is_host)?),
            Kind::Path => add(&mut conditions.paths, text_match(&config, PATH, is_path)?),
            _ => {
                let condition = other(kind, &config)?;
                let is_same = |other: &RuleCondition| {
                    std::mem::discriminant(other) == std::mem::discriminant(&condition)
                };
                // "up to one of each" (ELBv2 API, RuleCondition).
                if matches!(kind, Kind::Method | Kind::Source) && conditions.others.iter().any(is_same) {
                    return Err(item.wrong("is the second condition of its field, expected at most one"));
                }
                conditions.others.push(condition);
            }
        }
    }
    let values = conditions.values();
    if values > MOST_VALUES {
        return Err(list.wrong(format!("has {values} values, expected at most {MOST_VALUES}")));
    }
    Ok(conditions)
}

impl Conditions {
    /// How many values they have.
    fn values(&self) -> usize {
        let of_text = |text: &TextMatch| text.values.len() + text.regular_expressions.len();
        let of_others = self.others.iter().map(|condition| match condition {
            RuleCondition::HttpHeader(header) => of_text(&header.value),
            RuleCondition::QueryString(pairs) => pairs.len(),
            RuleCondition::SourceIp(list) | RuleCondition::HttpRequestMethod(list) => list.len(),
            _ => 1,
        });
        of_text(&self.hosts) + of_text(&self.paths) + of_others.sum::<usize>()
    }
}

fn add(all: &mut TextMatch, more: TextMatch) {
    all.values.extend(more.values);
    all.regular_expressions.extend(more.regular_expressions);
}

fn other(kind: Kind, config: &Field<'_>) -> Result<RuleCondition, Fault> {
    match kind {
        Kind::Header => header(config).map(RuleCondition::HttpHeader),
        Kind::Query => query(config).map(RuleCondition::QueryString),
        Kind::Source => {
            let expected = "an address block such as 10.0.0.0/8";
            let is_block = |text: &str| Block::read(text).is_some();
            values(config, expected, is_block).map(RuleCondition::SourceIp)
        }
        Kind::Method | Kind::Host | Kind::Path => {
            let expected = "a method such as GET: up to 40 upper-case letters, hyphens and underscores";
            let is_method = |text: &str| {
                (1..=LONGEST_NAME).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
            };
            values(config, expected, is_method).map(RuleCondition::HttpRequestMethod)
        }
    }
}

fn values(config: &Field<'_>, expected: &str, is_fit: impl Fn(&str) -> bool) -> Result<Vec<String>, Fault> {
    let mut fields = config.fields()?;
    let values = fields.required("values")?.texts(expected, is_fit)?;
    fields.no_others()?;
    Ok(values)
}

fn header(config: &Field<'_>) -> Result<HeaderMatch, Fault> {
    let mut fields = config.fields()?;
    let name = fields.required("httpHeaderName")?.text(
        "the name of a header of up to 40 characters, other than Host",
        |text| {
            (1..=LONGEST_NAME).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
                && !text.eq_ignore_ascii_case("host")
        },
    )?;
    let expected = "up to 128 visible characters";
    let value = either(&mut fields, config, expected, |text| is_short(text) && is_visible(text))?;
    Ok(HeaderMatch { name: name.to_owned(), value })
}

fn query(config: &Field<'_>) -> Result<Vec<QueryMatch>, Fault> {
    let mut fields = config.fields()?;
    let items = fields.required("values")?.items("a list of keys and values")?;
    fields.no_others()?;
    let expected = "up to 128 characters: letters, digits and _-.$/~\"'@:+&()!,;=*?";
    let is_fit = |text: &str| {
        is_short(text) && text.chars().all(|it| it.is_ascii_alphanumeric() || QUERY.contains(it))
    };
    let pair = |item: &Field<'_>| {
        let mut fields = item.fields()?;
        let key =
            fields.optional("key").map(|it| it.text(expected, is_fit).map(str::to_owned)).transpose()?;
        let value = fields.required("value")?.text(expected, is_fit)?.to_owned();
        fields.no_others()?;
        Ok(QueryMatch { key, value })
    };
    items.iter().map(pair).collect()
}

fn text_match(config: &Field<'_>, expected: &str, is_fit: impl Fn(&str) -> bool) -> Result<TextMatch, Fault> {
    let mut fields = config.fields()?;
    either(&mut fields, config, expected, is_fit)
}

/// Values or regular expressions, which AWS does not mix in one condition.
fn either(
    fields: &mut super::json::Fields<'_>,
    config: &Field<'_>,
    expected: &str,
    is_fit: impl Fn(&str) -> bool,
) -> Result<TextMatch, Fault> {
    let values = fields.optional("values").map(|it| it.texts(expected, is_fit)).transpose()?;
    let expressions = fields.optional("regexValues").map(|it| regular_expressions(&it)).transpose()?;
    fields.no_others()?;
    match (values, expressions) {
        (Some(values), None) => Ok(TextMatch { values, regular_expressions: Vec::new() }),
        (None, Some(regular_expressions)) => Ok(TextMatch { values: Vec::new(), regular_expressions }),
        (None, None) => Err(config.wrong("has neither values nor regexValues")),
        (Some(_), Some(_)) => Err(config.wrong("has values and regexValues, expected one of them")),
    }
}

fn regular_expressions(list: &Field<'_>) -> Result<Vec<String>, Fault> {
    let is_fit = |text: &str| text.len() <= expressions::LONGEST;
    let found = list.texts("a regular expression of up to 128 characters", is_fit)?;
    match found.iter().find_map(|text| Some((text, expressions::fault(text)?))) {
        Some((text, fault)) => Err(list.wrong(format!("{text:?} {fault}"))),
        None => Ok(found),
    }
}

const HOST: &str =
    "a host of up to 128 letters, digits and -_.*? with a dot, and only letters after the last dot";
const PATH: &str = "a path of up to 128 letters, digits and _-.$/~\"'@:+&*?";
const QUERY: &str = "_-.$/~\"'@:+&()!,;=*?";

fn is_short(text: &str) -> bool {
    (1..=LONGEST_VALUE).contains(&text.len())
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Whether a listener rule can compare the host with this value (ELBv2 API, HostHeaderConditionConfig).
pub fn is_host(text: &str) -> bool {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || "-_.*?".contains(letter);
    let ends = |end: &str| end.chars().all(|letter| letter.is_ascii_alphabetic() || "*?".contains(letter));
    is_short(text) && text.chars().all(is_fit) && text.rsplit_once('.').is_some_and(|(_, end)| ends(end))
}

/// Whether a listener rule can compare the path with this value (ELBv2 API, PathPatternConditionConfig).
pub fn is_path(text: &str) -> bool {
    is_short(text) && text.chars().all(|it| it.is_ascii_alphanumeric() || "_-.$/~\"'@:+&*?".contains(it))
}

#[cfg(test)]
mod tests;
