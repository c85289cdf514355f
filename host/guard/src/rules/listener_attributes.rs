//! Attributes of listeners: only what an Ingress asks for.

use albatross_contract::{ANNOTATION_ALB_PREFIX, Action, Operation, Protocol, ResourceReference, Tag};

use crate::{
    facts::{Facts, outcomes::SourceOutcome},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let Operation::ModifyListenerAttributes(change) = &action.operation else { continue };
        if let Err(message) = may_change(facts, action, &change.resource, &change.attributes) {
            found.action(index, action, Rule::ListenerAttributeAsked, message);
        }
    }
}

fn may_change(
    facts: &Facts<'_>,
    action: &Action,
    listener: &ResourceReference,
    attributes: &[Tag],
) -> Result<(), String> {
    let there = facts.view.listener(listener);
    // Every listener has attributes.
    if there.is_some_and(|found| found.listener.attributes.is_empty()) {
        return Err("the attributes of the listener are not known".to_owned());
    }
    let Some(name) =
        there.map(|found| annotation(found.listener.protocol, found.listener.port)).or_else(|| {
            let created = facts.actions.iter().find(|(_, other)| match listener {
                ResourceReference::CreatedBy(id) => other.id == *id,
                ResourceReference::Existing(_) => false,
            });
            match &created?.1.operation {
                Operation::CreateListener(create) => Some(annotation(create.protocol, create.port)),
                _ => None,
            }
        })
    else {
        return Ok(()); // the rule about references names it
    };
    for attribute in attributes {
        let mut members = facts.outcomes.on(&action.load_balancer);
        if !members.any(|outcome| asks(outcome, &name, attribute)) {
            return Err(format!(
                "no Ingress of the load balancer sets {} to \"{}\" with the annotation {name}",
                attribute.key, attribute.value
            ));
        }
    }
    Ok(())
}

fn annotation(protocol: Protocol, port: u16) -> String {
    format!("{ANNOTATION_ALB_PREFIX}listener-attributes.{}-{port}", protocol.as_str())
}

/// Whether the annotation contains key and value. A backslash makes the next character an ordinary one.
fn asks(outcome: &SourceOutcome<'_>, name: &str, attribute: &Tag) -> bool {
    let annotations = outcome.source.into_iter().flat_map(|source| &source.metadata().annotations);
    let mut values = annotations
        .filter(|annotation| annotation.key == name)
        .map(|annotation| annotation.value.replace('\\', ""));
    let (key, wanted) = (attribute.key.as_str(), attribute.value.replace('\\', ""));
    values.any(|value| {
        value.match_indices(key).any(|(place, _)| {
            let after = value[place + key.len()..].trim_start().strip_prefix('=');
            after.is_some_and(|after| after.trim_start().starts_with(&wanted))
        })
    })
}
