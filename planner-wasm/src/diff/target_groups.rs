//! Target groups: created, or changed in place.

use albatross_contract::{
    AttributeChange, CreateTargetGroup, ModifyTargetGroup, ObjectName, Operation, ResourceReference, Tag,
};

use super::actions::{Actions, Draft, makes_target_group};
use crate::{
    attributes::Change,
    backends::TargetGroupForm,
    wanted::{LoadBalancer, TargetGroup},
};

/// Compares a target group with its wanted state.
pub fn compare(
    group: &TargetGroup<'_>,
    wanted: &LoadBalancer<'_>,
    waiting: &[ObjectName],
    actions: &mut Actions,
) {
    let Some(form) = group.form else { return };
    match group.there {
        None => create(group, form, wanted, waiting, actions),
        Some(there) => adjust(there, form, wanted, actions),
    }
}

fn create(
    group: &TargetGroup<'_>,
    form: &TargetGroupForm<'_>,
    wanted: &LoadBalancer<'_>,
    waiting: &[ObjectName],
    actions: &mut Actions,
) {
    let mut tags: Vec<Tag> = wanted.ownership.iter().chain(&group.tags).cloned().collect();
    tags.sort();
    let operation = Operation::CreateTargetGroup(CreateTargetGroup {
        name: group.name.clone(),
        protocol: form.protocol,
        protocol_version: form.protocol_version.map(str::to_owned),
        port: Some(form.port),
        target_type: form.target_type,
        ip_address_type: form.ip_address_type,
        vpc_id: Some(form.vpc.to_owned()),
        health_check: form.health_check.clone(),
        tags,
    });
    let draft =
        Draft::new(makes_target_group(&group.name), form.reason.as_str(), operation).for_objects(waiting);
    let id = actions.push(&wanted.id, draft);
    for change in Change::all(&form.attributes, &[]) {
        let made = ResourceReference::CreatedBy(id.clone());
        actions.push(&wanted.id, modify(&group.name, made, change).after([id.clone()]));
    }
}

/// Changes the properties that AWS can change in place.
fn adjust(
    there: &albatross_contract::TargetGroup,
    form: &TargetGroupForm<'_>,
    wanted: &LoadBalancer<'_>,
    actions: &mut Actions,
) {
    let reference = || ResourceReference::Existing(there.arn.clone());
    let health_check = form.health_check_of(there);
    if there.health_check != health_check {
        let operation =
            Operation::ModifyTargetGroup(ModifyTargetGroup { target_group: reference(), health_check });
        let id = format!("target-group/{}/health-check", there.name);
        let reason = match form.service {
            None => "the settings ask for another health check",
            Some(_) => "the annotations or their defaults ask for another health check",
        };
        actions.push(&wanted.id, Draft::new(id, reason, operation));
    }
    for change in Change::all(&form.attributes, &there.attributes) {
        actions.push(&wanted.id, modify(&there.name, reference(), change));
    }
}

/// Changes attributes, all of them in one call.
fn modify(name: &str, group: ResourceReference, change: Change) -> Draft {
    let operation = Operation::ModifyTargetGroupAttributes(AttributeChange {
        resource: group,
        attributes: change.attributes,
    });
    Draft::new(format!("target-group/{name}/attributes"), change.reason, operation)
}

#[cfg(test)]
mod tests;
