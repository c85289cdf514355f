//! All differences between two values, field by field, in the terms of their JSON.
//!
//! Unlike [`super::differences`], which compares bytes and therefore order, this compares content: elements of a list that have
//! names are compared with the element of the same name, wherever it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

/// A field with two values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Field {
    /// The path of the field, such as `rules[shop.example.org].paths[/cart].backend.service.port.number`.
    pub field: String,
    /// The value before, in JSON. Absent: the field was absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The fields in which two objects differ. A list that only has another order is no difference.
pub fn fields(before: &Value, after: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Field>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => objects(path, one, other, found),
        (Some(Value::Array(one)), Some(Value::Array(other))) => lists(path, one, other, found),
        // A list that is empty is not written.
        (None, Some(Value::Array(other))) => lists(path, &[], other, found),
        (Some(Value::Array(one)), None) => lists(path, one, &[], found),
        _ => found.push(Field {
            field: path.to_owned(),
            before: before.map(ToString::to_string),
            after: after.map(ToString::to_string),
        }),
    }
}

fn objects(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Field>) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        compare(&path, before.get(key), after.get(key), found);
    }
}

fn lists(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Field>) {
    if let Some((one, other)) = pairs(before).zip(pairs(after)) {
        return elements(path, &one, &other, found);
    }
    if let Some((one, other)) = texts(before).zip(texts(after)) {
        let mut report = |text: &&String, is_new: bool| {
            let value = Some(Value::String((*text).clone()).to_string());
            let (before, after) = if is_new { (None, value) } else { (value, None) };
            found.push(Field { field: path.to_owned(), before, after });
        };
        one.difference(&other).for_each(|text| report(text, false));
        other.difference(&one).for_each(|text| report(text, true));
        return;
    }
    let named = NAMES.iter().find_map(|name| by_name(before, *name).zip(by_name(after, *name)));
    if let Some((one, other)) = named {
        return elements(path, &one, &other, found);
    }
    for at in 0..before.len().max(after.len()) {
        compare(&format!("{path}[{at}]"), before.get(at), after.get(at), found);
    }
}

fn elements(
    path: &str,
    before: &BTreeMap<String, &Value>,
    after: &BTreeMap<String, &Value>,
    found: &mut Vec<Field>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let path = format!("{path}[{name}]");
        compare(&path, before.get(name).copied(), after.get(name).copied(), found);
    }
}

/// Tags and other pairs of key and value. `None`: the list has something else.
fn pairs(list: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let pair = |element: &'_ Value| match element {
        Value::Object(map) if map.len() == 2 => Some(map.get("key")?.as_str()?.to_owned()),
        _ => None,
    };
    let all: Option<BTreeMap<String, &Value>> =
        list.iter().map(|element| Some((pair(element)?, element.get("value")?))).collect();
    all.filter(|all| all.len() == list.len())
}

/// Texts, each once. `None`: the list has something else.
fn texts(list: &[Value]) -> Option<BTreeSet<&String>> {
    let texts: Option<BTreeSet<&String>> = list
        .iter()
        .map(|element| match element {
            Value::String(text) => Some(text),
            _ => None,
        })
        .collect();
    texts.filter(|texts| texts.len() == list.len())
}

/// The name of an element.
type Name = fn(&Value) -> Option<String>;

/// How elements of lists are named, the best name first. All elements must have the name, and each another.
const NAMES: &[Name] = &[
    |it| Some(format!("{}/{}", text(it, "namespace")?, text(it, "name")?)),
    |it| text(it, "name"),
    |it| text(it, "id"),
    |it| Some(format!("{}:{}", text(it, "id")?, text(it, "port")?)),
    // A rule of an Ingress without a host is for all hosts.
    |it| text(it, "host").or_else(|| it.get("paths").map(|_| "*".to_owned())),
    |it| text(it, "path").or_else(|| it.get("backend").map(|_| "/".to_owned())),
    |it| text(it, "priority"),
    |it| text(it, "arn"),
    |it| text(it, "port"),
    |it| text(it, "hostname"),
    |it| text(it, "destination"),
    |it| it.get("addresses").map(ToString::to_string),
];

fn text(element: &Value, key: &str) -> Option<String> {
    match element.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn by_name(list: &[Value], name: Name) -> Option<BTreeMap<String, &Value>> {
    let named: Option<BTreeMap<String, &Value>> =
        list.iter().map(|element| Some((name(element)?, element))).collect();
    named.filter(|named| named.len() == list.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let value = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
        fields(before, after)
            .into_iter()
            .map(|it| format!("{}: {} → {}", it.field, value(it.before), value(it.after)))
            .collect()
    }

    #[test]
    fn elements_with_names_are_compared_by_name_and_not_by_place() {
        let before =
            json!({"rules": [{"host": "a.org", "paths": [{"path": "/x", "backend": 1}]}, {"host": "b.org"}]});
        let after =
            json!({"rules": [{"host": "b.org"}, {"host": "a.org", "paths": [{"path": "/x", "backend": 2}]}]});
        assert_eq!(told(&before, &after), ["rules[a.org].paths[/x].backend: 1 → 2"]);
    }

    #[test]
    fn a_pair_is_compared_by_its_key_also_where_there_was_no_list() {
        let before = json!({"tags": [{"key": "k", "value": "1"}]});
        let after = json!({"tags": [{"key": "l", "value": "3"}, {"key": "k", "value": "2"}]});
        assert_eq!(told(&before, &after), ["tags[k]: \"1\" → \"2\"", "tags[l]: nothing → \"3\""]);
        assert_eq!(told(&json!({}), &before), ["tags[k]: nothing → \"1\""]);
    }

    #[test]
    fn texts_are_a_set_and_anything_else_is_compared_by_place() {
        let told = told(
            &json!({"subnets": ["a", "b"], "numbers": [1, 2]}),
            &json!({"subnets": ["c", "a"], "numbers": [2]}),
        );
        assert_eq!(
            told,
            [
                "numbers[0]: 1 → 2",
                "numbers[1]: 2 → nothing",
                "subnets: \"b\" → nothing",
                "subnets: nothing → \"c\""
            ]
        );
    }

    #[test]
    fn another_order_is_no_difference_and_targets_are_named_by_id_and_port() {
        let target = |id: &str, port: u16, health: &str| json!({"id": id, "port": port, "health": health});
        let before = json!([target("i", 1, "healthy"), target("i", 2, "healthy")]);
        let after = json!([target("i", 2, "unhealthy"), target("i", 1, "healthy")]);
        assert_eq!(told(&before, &after), ["[i:2].health: \"healthy\" → \"unhealthy\""]);
        assert_eq!(told(&json!(["a", "b"]), &json!(["b", "a"])), Vec::<String>::new());
    }
}
