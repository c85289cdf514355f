//! The schema of the values, the values themselves, and the program mean the same.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::{Value, json};

use super::helm::{file, values_file};
use crate::support::answer::Answer;

fn schema() -> Value {
    let text = fs::read_to_string(file("values.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn values(path: &str) -> Value {
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The paths of the values that a schema lists, such as `image.tag`. What has no list of properties of its own is a leaf.
fn listed(schema: &Value, path: &str, into: &mut BTreeSet<String>) {
    match schema["properties"].as_object() {
        Some(properties) => {
            for (name, schema) in properties.iter().filter(|(name, _)| *name != "global") {
                listed(schema, &format!("{path}.{name}"), into);
            }
        }
        None => {
            into.insert(path.to_owned());
        }
    }
}

/// The value at such a path.
fn at<'a>(values: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').skip(1).try_fold(values, |value, name| value.get(name))
}

#[test]
fn each_value_has_a_default_and_each_default_is_a_value() {
    let (schema, defaults) = (schema(), values(&file("values.yaml")));
    let mut paths = BTreeSet::new();
    listed(&schema, "", &mut paths);
    assert!(paths.len() > 50, "{paths:?}");
    for path in &paths {
        assert!(at(&defaults, path).is_some(), "values.yaml does not document {path}");
    }
    // What is in values.yaml but not in the schema is refused by Helm, which the test of rendering shows.
}

#[test]
fn the_values_for_everything_set_each_value_that_can_be_set_beside_others() {
    let (schema, everything) = (schema(), values(&values_file("everything")));
    let mut paths = BTreeSet::new();
    listed(&schema, "", &mut paths);
    let absent: Vec<&String> = paths.iter().filter(|path| at(&everything, path).is_none()).collect();
    // Five contradict others, and six are switches that are on.
    let expected = [
        ".podDisruptionBudget.enabled",
        ".policies.configMap",
        ".rbac.create",
        ".rbac.pods",
        ".rbac.routeGroups",
        ".rbac.routeMode",
        ".readOnly",
        ".recordings.s3",
        ".serviceAccount.create",
        ".webhook.caBundle",
        ".webhook.secret",
    ];
    assert_eq!(absent, expected);
}

#[test]
fn the_settings_are_those_of_the_program() {
    let answer = Answer::of(Command::new(env!("CARGO_BIN_EXE_albatross")).args(["schema", "settings"]));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let mut program: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(program["$ref"], json!("#/$defs/settings"));
    without_look_ahead(&mut program["$defs"]);
    assert_eq!(
        schema()["$defs"],
        program["$defs"],
        "run: target/debug/albatross schema settings | scripts/chart-schema.sh"
    );
}

/// Helm's regular expressions have no look-ahead, so that a text must not be empty is said by its length.
fn without_look_ahead(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let pattern = members.get("pattern").and_then(Value::as_str);
            if let Some(rest) = pattern.and_then(|pattern| pattern.strip_prefix("^(?=.)")) {
                let rest = format!("^{rest}");
                members.insert("pattern".to_owned(), rest.into());
                members.insert("minLength".to_owned(), 1.into());
            }
            members.values_mut().for_each(without_look_ahead);
        }
        Value::Array(items) => items.iter_mut().for_each(without_look_ahead),
        _ => {}
    }
}
