//! Whether the plan of a redacted pass is the redacted plan: the same changes and the same outcomes, in any order.
//!
//! Some hashes put lists into another order, and messages quote names, so that neither is compared.

use std::collections::BTreeMap;

use albatross_contract::{ActionResult, Plan};
use serde_json::Value;

use super::{PROSE, Redactor, mapping::Mapping};

/// Fields with words for people, or whose order or hashes differ.
const NOT_COMPARED: [&str; 8] =
    ["reason", "message", "remedy", "group-reason", "field", "subject", "depends-on", "created-by"];

/// Compares the plan of a pass with that of the redacted pass. Returns the first difference, and the results of the actions, as
/// far as both plans have them.
pub(super) fn compare(
    redactor: &Redactor,
    mapping: &Mapping,
    (plan, results): (&Plan, &[ActionResult]),
    redacted: &Plan,
) -> Result<(Option<String>, Vec<ActionResult>), serde_json::Error> {
    let mut expected = serde_json::to_value(plan)?;
    redactor.rename("plan", &mut expected, mapping);
    let (expected, found) = (canonical(expected), canonical(serde_json::to_value(redacted)?));
    let (expected_actions, found_actions) = (actions(&expected), actions(&found));
    let mut ids: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (action, content) in redacted.actions.iter().zip(&found_actions).rev() {
        ids.entry(content).or_default().push(&action.id);
    }
    let new_ids = plan.actions.iter().zip(&expected_actions);
    let new_ids: BTreeMap<&String, &String> =
        new_ids.filter_map(|(action, content)| Some((&action.id, ids.get_mut(content)?.pop()?))).collect();
    let kept = results.iter().filter_map(|result| {
        let action = (*new_ids.get(&result.action)?).clone();
        Some(ActionResult {
            action,
            state: result.state,
            error: result.error.as_ref().map(|_| PROSE.to_owned()),
        })
    });
    Ok((difference(&expected, &found), kept.collect()))
}

/// A value without what is not compared; lists are in order.
fn canonical(value: Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.into_iter().map(canonical).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(name, _)| !NOT_COMPARED.contains(&name.as_str()));
            Value::Object(fields.map(|(name, value)| (name, canonical(value))).collect())
        }
        other => other,
    }
}

/// A text for each value, in which the order of its lists does not matter.
fn content(value: &Value) -> String {
    match value {
        Value::Array(values) => format!("[{}]", sorted(values).join(",")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}:{}", content(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fn sorted(values: &[Value]) -> Vec<String> {
    let mut all: Vec<String> = values.iter().map(content).collect();
    all.sort();
    all
}

/// The actions without their ids.
fn actions(plan: &Value) -> Vec<String> {
    list(plan, "actions")
        .iter()
        .map(|action| {
            let fields =
                ["load-balancer", "objects", "disruption", "operation"].map(|field| content(&action[field]));
            fields.join(",")
        })
        .collect()
}

fn list<'a>(plan: &'a Value, name: &str) -> &'a [Value] {
    plan[name].as_array().map_or(&[], Vec::as_slice)
}

fn difference(expected: &Value, found: &Value) -> Option<String> {
    outcomes(expected, found).or_else(|| operations(expected, found)).or_else(|| others(expected, found))
}

/// The first object to which something else happens.
fn outcomes(expected: &Value, found: &Value) -> Option<String> {
    let by_object = |plan: &Value| {
        let outcomes = list(plan, "outcomes").iter();
        outcomes
            .map(|outcome| (content(&outcome["object"]), outcome.clone()))
            .collect::<BTreeMap<String, Value>>()
    };
    let (expected, found) = (by_object(expected), by_object(found));
    for (object, expected) in &expected {
        let name = |field: &str| expected["object"][field].as_str().unwrap_or_default().to_owned();
        let name = format!("{}/{}", name("namespace"), name("name"));
        let Some(found) = found.get(object) else {
            return Some(format!("{name} has no outcome any more"));
        };
        let fields = ["state", "load-balancer", "status", "hostname", "certificates", "diagnostics"];
        if let Some(field) =
            fields.into_iter().find(|field| content(&expected[*field]) != content(&found[*field]))
        {
            return Some(format!(
                "outcome of {name}: {field} is {} instead of {}",
                short(&found[field]),
                short(&expected[field])
            ));
        }
    }
    let more = found.values().nth(expected.len()).map(|_| "there are outcomes of more objects".to_owned());
    more.filter(|_| found.len() > expected.len())
}

/// How many operations of a kind there are, and which one is another one.
fn operations(expected: &Value, found: &Value) -> Option<String> {
    let by_kind = |plan: &Value| {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (action, content) in list(plan, "actions").iter().zip(actions(plan)) {
            let kinds = action["operation"].as_object().into_iter().flatten();
            let kind = kinds.map(|(kind, _)| kind.clone()).next().unwrap_or_default();
            all.entry(kind).or_default().push(content);
        }
        all.values_mut().for_each(|contents| contents.sort());
        all
    };
    let (expected, found) = (by_kind(expected), by_kind(found));
    let none = Vec::new();
    let kinds = expected.keys().chain(found.keys());
    for kind in kinds {
        let (expected, found) = (expected.get(kind).unwrap_or(&none), found.get(kind).unwrap_or(&none));
        if expected.len() != found.len() {
            return Some(format!("there are {} actions {kind} instead of {}", found.len(), expected.len()));
        }
        if expected != found {
            return Some(format!("an action {kind} is another one"));
        }
    }
    None
}

/// The first part of the plan that differs otherwise.
fn others(expected: &Value, found: &Value) -> Option<String> {
    let parts = ["load-balancers", "withheld", "diagnostics", "next-change-at"];
    let part = parts.into_iter().find(|part| content(&expected[*part]) != content(&found[*part]))?;
    Some(format!("{part} differ"))
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    crate::render::words::cut(&text, 120)
}
