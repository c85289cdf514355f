//! Whether the plan of a redacted pass is the redacted plan: the same changes and the same outcomes, in any order.
//!
//! Some hashes put lists into another order, and ids of actions contain hashes. So lists are compared without their order, and
//! where an action names another one, what that one does is compared. Words for people quote names: they are not compared.

mod content;

use std::collections::BTreeMap;

use albatross_contract::{ActionResult, Plan, RecordedPolicy};
use serde_json::Value;

use super::{PROSE, Redactor, mapping::Mapping};
use crate::pass::Pass;
use content::{content, digest, first_difference};

/// Two plans side by side.
pub(super) struct Comparison {
    /// The first difference of the redacted plan.
    pub difference: Option<String>,
    /// The results of the actions, as far as both plans have them.
    pub results: Vec<ActionResult>,
}

impl Comparison {
    /// Compares the plan of a pass, and what policies answered, with those of the redacted pass.
    pub fn of(
        redactor: &Redactor,
        mapping: &Mapping,
        (plan, policies, results): (&Plan, &[RecordedPolicy], &[ActionResult]),
        redacted: &Pass,
    ) -> Result<Comparison, serde_json::Error> {
        let mut expected = serde_json::to_value(plan)?;
        redactor.rename("plan", &mut expected, &mut |text| mapping.text(text));
        let mut found = serde_json::to_value(&redacted.plan)?;
        redactor.rename("plan", &mut found, &mut str::to_owned);
        let (expected_labels, found_labels) = (label(&mut expected), label(&mut found));
        let mut ids: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
        for (action, label) in redacted.plan.actions.iter().zip(&found_labels).rev() {
            ids.entry(label).or_default().push(&action.id);
        }
        let new_ids = plan.actions.iter().zip(&expected_labels);
        let new_ids: BTreeMap<&String, &String> =
            new_ids.filter_map(|(action, label)| Some((&action.id, ids.get_mut(label)?.pop()?))).collect();
        let results = results.iter().filter_map(|result| {
            let action = (*new_ids.get(&result.action)?).clone();
            let error = result.error.as_ref().map(|_| PROSE.to_owned());
            Some(ActionResult { action, state: result.state, error })
        });
        let results = results.collect();
        let difference = outcomes(&expected, &found)
            .or_else(|| operations(&expected, &found))
            .or_else(|| others(&expected, &found));
        let difference = match difference {
            None => answers(redactor, mapping, policies, &redacted.policies)?,
            different => different,
        };
        Ok(Comparison { difference, results })
    }
}

/// Replaces the ids of actions by labels, which say what the actions do. Returns those of the actions, in their order.
fn label(plan: &mut Value) -> Vec<String> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut labels = Vec::new();
    // An action comes after all that it names.
    for action in plan["actions"].as_array_mut().into_iter().flatten() {
        let id = action["id"].take();
        name(action, &known);
        let label = digest(action);
        action["id"] = Value::String(label.clone());
        known.insert(id.as_str().unwrap_or_default().to_owned(), label.clone());
        labels.push(label);
    }
    for (_, part) in plan.as_object_mut().into_iter().flatten().filter(|(part, _)| *part != "actions") {
        name(part, &known);
    }
    labels
}

/// Replaces ids of actions in a value.
fn name(value: &mut Value, labels: &BTreeMap<String, String>) {
    let replace = |value: &mut Value| {
        if let Some(label) = value.as_str().and_then(|id| labels.get(id)) {
            *value = Value::String(label.clone());
        }
    };
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| name(value, labels)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match (field.as_str(), value) {
                    ("created-by", value) => replace(value),
                    ("depends-on", Value::Array(ids)) => ids.iter_mut().for_each(replace),
                    (_, value) => name(value, labels),
                }
            }
        }
        _ => {}
    }
}

fn list<'a>(plan: &'a Value, name: &str) -> &'a [Value] {
    plan[name].as_array().map_or(&[], Vec::as_slice)
}

/// The first object to which something else happens.
fn outcomes(expected: &Value, found: &Value) -> Option<String> {
    let by_object = |plan| -> BTreeMap<String, &Value> {
        list(plan, "outcomes").iter().map(|outcome| (content(&outcome["object"]), outcome)).collect()
    };
    let (expected, found) = (by_object(expected), by_object(found));
    for (object, expected) in &expected {
        let name = |field: &str| expected["object"][field].as_str().unwrap_or_default().to_owned();
        let name = format!("{}/{}", name("namespace"), name("name"));
        let Some(found) = found.get(object) else {
            return Some(format!("{name} has no outcome any more"));
        };
        if let Some(difference) = first_difference(&format!("outcome of {name}"), expected, found) {
            return Some(difference);
        }
    }
    (found.len() > expected.len()).then(|| "there are outcomes of more objects".to_owned())
}

/// How many operations of a kind there are, and which one is another one.
fn operations(expected: &Value, found: &Value) -> Option<String> {
    let by_kind = |plan| {
        let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for action in list(plan, "actions") {
            let kinds = action["operation"].as_object().into_iter().flatten();
            let kind = kinds.map(|(kind, _)| kind.clone()).next().unwrap_or_default();
            all.entry(kind).or_default().push(action.clone());
        }
        all
    };
    let (mut expected, mut found) = (by_kind(expected), by_kind(found));
    let kinds: Vec<String> = expected.keys().chain(found.keys()).cloned().collect();
    for kind in kinds {
        let expected = expected.remove(&kind).unwrap_or_default();
        let found = found.remove(&kind).unwrap_or_default();
        if expected.len() != found.len() {
            return Some(format!("there are {} actions {kind} instead of {}", found.len(), expected.len()));
        }
        let place = format!("action {kind}");
        if let Some(difference) = first_difference(&place, &Value::Array(expected), &Value::Array(found)) {
            return Some(difference);
        }
    }
    None
}

/// The first part of the plan that differs otherwise.
fn others(expected: &Value, found: &Value) -> Option<String> {
    first_difference("plan", expected, found)
}

/// The first policy that answers something else. Answers name members by their place in the question, which can be another one, so
/// that only the keys and the sizes of groups are compared: which load balancers their members are on, the plans say.
fn answers(
    redactor: &Redactor,
    mapping: &Mapping,
    expected: &[RecordedPolicy],
    found: &[RecordedPolicy],
) -> Result<Option<String>, serde_json::Error> {
    for (expected, found) in expected.iter().zip(found) {
        let (mut one, mut other) =
            (serde_json::to_value(&expected.answers)?, serde_json::to_value(&found.answers)?);
        for answer in one.as_array_mut().into_iter().flatten() {
            redactor.rename("policy-answer", answer, &mut |text| mapping.text(text));
        }
        for answer in other.as_array_mut().into_iter().flatten() {
            redactor.rename("policy-answer", answer, &mut str::to_owned);
        }
        without_places(&mut one);
        without_places(&mut other);
        let place = format!("answers of the policy for {}", expected.point.as_str());
        if let Some(difference) = first_difference(&place, &one, &other) {
            return Ok(Some(difference));
        }
    }
    let differs = expected.len() != found.len();
    Ok(differs.then(|| format!("{} policies are asked instead of {}", found.len(), expected.len())))
}

fn without_places(answer: &mut Value) {
    match answer {
        Value::Number(_) => *answer = Value::Null,
        Value::Array(values) => values.iter_mut().for_each(without_places),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| without_places(value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labelled(mut plan: Value) -> Value {
        label(&mut plan);
        plan
    }

    fn listener(group: &str, after: &str, port: u32) -> Value {
        let groups = [("a1", 80), ("a2", 81)].map(|(id, port)| {
            json!({"id": format!("{id}{group}"), "depends-on": [], "operation": {"create-target-group": {"port": port}}})
        });
        let [one, two] = groups;
        let uses = json!({"created-by": format!("{after}{group}")});
        let listener = json!({"port": port, "target-group": uses});
        json!({"actions": [one, two,
            {"id": "l", "depends-on": [format!("{after}{group}")], "operation": {"create-listener": listener}}]})
    }

    #[test]
    fn an_id_of_an_action_may_be_another_one_but_not_the_action_that_it_names() {
        let plan = labelled(listener("-old", "a1", 443));
        assert_eq!(operations(&plan, &labelled(listener("-new", "a1", 443))), None);
        let other = operations(&plan, &labelled(listener("-new", "a2", 443))).unwrap();
        assert!(other.starts_with("action create-listener: "), "{other}");
    }

    #[test]
    fn a_difference_names_the_field_and_both_values() {
        let plan = labelled(listener("-old", "a1", 443));
        let difference = operations(&plan, &labelled(listener("-new", "a1", 8443)));
        assert_eq!(
            difference.unwrap(),
            "action create-listener: operation.create-listener.port is 8443 instead of 443"
        );
    }
}
