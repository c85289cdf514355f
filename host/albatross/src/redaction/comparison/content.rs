//! What JSON values contain, if the order of lists does not matter.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::render::words::cut;

/// Longest value that a difference shows.
const LONGEST: usize = 120;
/// Fields that follow from others, so that another difference says more.
const FOLLOWS: [&str; 2] = ["id", "depends-on"];

/// A text for each value, in which the order of its lists does not matter.
pub(super) fn content(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let mut all: Vec<String> = values.iter().map(content).collect();
            all.sort();
            format!("[{}]", all.join(","))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}:{}", content(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// A short text for each value.
pub(super) fn digest(value: &Value) -> String {
    let digest = Sha256::digest(content(value).as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The first difference of two values, and what they are a part of. `None`: they are the same.
pub(super) fn first_difference(of: &str, expected: &Value, found: &Value) -> Option<String> {
    if content(expected) == content(found) {
        return None;
    }
    let (place, problem) = difference(expected, found);
    let place = place.trim_start_matches('.');
    let is_whole = place.is_empty();
    Some(if is_whole { format!("{of}: {problem}") } else { format!("{of}: {place} {problem}") })
}

/// Where two different values differ first, and how.
fn difference(expected: &Value, found: &Value) -> (String, String) {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let null = Value::Null;
            let names = one.keys().chain(other.keys());
            let differing = names.filter_map(|name| {
                let (one, other) = (one.get(name).unwrap_or(&null), other.get(name).unwrap_or(&null));
                (content(one) != content(other)).then_some((name, one, other))
            });
            match differing.min_by_key(|(name, ..)| FOLLOWS.contains(&name.as_str())) {
                Some((name, one, other)) => {
                    let (place, problem) = difference(one, other);
                    (format!(".{name}{place}"), problem)
                }
                None => (String::new(), instead(expected, found)),
            }
        }
        (Value::Array(one), Value::Array(other)) => match (lacking(one, other), lacking(other, one)) {
            (Some(one), Some(other)) => difference(one, other),
            (Some(one), None) => (String::new(), format!("lacks {}", short(one))),
            (None, Some(other)) => (String::new(), format!("has {} as well", short(other))),
            (None, None) => (String::new(), instead(expected, found)),
        },
        _ => (String::new(), instead(expected, found)),
    }
}

/// The first value that others lack.
fn lacking<'a>(values: &'a [Value], others: &[Value]) -> Option<&'a Value> {
    let mut others: Vec<String> = others.iter().map(content).collect();
    values.iter().find(|value| {
        let value = content(value);
        let place = others.iter().position(|other| *other == value);
        place.map(|place| others.swap_remove(place)).is_none()
    })
}

fn instead(expected: &Value, found: &Value) -> String {
    format!("is {} instead of {}", short(found), short(expected))
}

fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    cut(&text, LONGEST)
}
