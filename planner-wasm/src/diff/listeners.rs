//! Listeners: created, or changed in one call, and their certificates.

use albatross_contract::{
    CreateListener, ForwardAction, ListenerAction, ModifyListener, Operation, ResourceReference,
    WeightedTargetGroup,
};

use super::{
    actions::{Actions, Draft, MAKES_LOAD_BALANCER, maker, makes_listener, reference, target_group},
    certificates::{self, Changes},
    names,
};
use crate::wanted::{Destination, Forward, Listener, LoadBalancer};

/// Compares the listeners of a load balancer, and their certificates.
pub fn compare(wanted: &LoadBalancer<'_>, actions: &mut Actions) -> Changes {
    let mut changes = Changes::default();
    for listener in &wanted.listeners {
        let modified = match listener.there {
            None => {
                create(listener, wanted, actions);
                None
            }
            Some(there) => modify(listener, there, wanted, actions),
        };
        if listener.has_certificates {
            let arn = listener.there.map(|there| there.arn.as_str());
            let resource = reference(&wanted.id, arn, || makes_listener(listener.port));
            changes = certificates::compare(listener.port, &resource, modified, wanted, actions);
        }
    }
    changes
}

/// Creates a listener.
fn create(listener: &Listener<'_>, wanted: &LoadBalancer<'_>, actions: &mut Actions) {
    let arn = wanted.owned.and_then(|owned| owned.load_balancer).map(|found| found.arn.as_str());
    let load_balancer = reference(&wanted.id, arn, || MAKES_LOAD_BALANCER.to_owned());
    let default_certificate = listener.default_certificate.map(str::to_owned);
    let operation = Operation::CreateListener(CreateListener {
        load_balancer: load_balancer.clone(),
        port: listener.port,
        protocol: listener.protocol,
        default_certificate,
        ssl_policy: listener.ssl_policy.map(str::to_owned),
        default_actions: vec![forward(&listener.forwards_to, &wanted.id)],
        tags: wanted.ownership.clone(),
    });
    let after = maker(&load_balancer).into_iter().chain(makers(&listener.forwards_to, wanted));
    let draft = Draft::new(makes_listener(listener.port), listener.reason, operation);
    actions.push(&wanted.id, draft.after(after).for_objects(&names(&wanted.members)));
}

/// Changes the default actions, the TLS policy and the default certificate of a listener, in one call.
fn modify(
    listener: &Listener<'_>,
    there: &albatross_contract::Listener,
    wanted: &LoadBalancer<'_>,
    actions: &mut Actions,
) -> Option<String> {
    let policy = listener.ssl_policy.filter(|policy| there.ssl_policy.as_deref() != Some(policy));
    let forwards = !listener.forwards_to.is_empty() && !does(&there.default_actions, &listener.forwards_to);
    let new_default =
        listener.default_certificate.filter(|arn| there.default_certificate.as_deref() != Some(arn));
    if policy.is_none() && !forwards && new_default.is_none() {
        return None;
    }
    let reasons = [
        new_default.map(|_| "no Ingress needs the default certificate any more"),
        policy.map(|_| "the settings ask for another TLS policy"),
        forwards.then_some("it should forward to other target groups"),
    ];
    let operation = Operation::ModifyListener(ModifyListener {
        listener: ResourceReference::Existing(there.arn.clone()),
        default_certificate: new_default.map(str::to_owned),
        ssl_policy: policy.map(str::to_owned),
        default_actions: forwards.then(|| forward(&listener.forwards_to, &wanted.id)).into_iter().collect(),
    });
    let reason = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let draft = Draft::new(format!("listener/{}/modify", listener.port), reason, operation);
    let after = if forwards { makers(&listener.forwards_to, wanted) } else { Vec::new() };
    Some(actions.push(&wanted.id, draft.after(after)))
}

/// The action that forwards to target groups, as actions of a load balancer name them.
pub fn forward(groups: &[Forward<'_>], load_balancer: &str) -> ListenerAction {
    let weighted = |group: &Forward<'_>| WeightedTargetGroup {
        target_group: target_group(load_balancer, &group.to),
        weight: group.weight,
    };
    ListenerAction::Forward(ForwardAction {
        target_groups: groups.iter().map(weighted).collect(),
        stickiness: None,
    })
}

fn makers(groups: &[Forward<'_>], wanted: &LoadBalancer<'_>) -> Vec<String> {
    groups.iter().filter_map(|group| maker(&target_group(&wanted.id, &group.to))).collect()
}

/// Whether a listener already forwards as wanted. A single target group gets all requests, whatever its weight.
fn does(actions: &[ListenerAction], wanted: &[Forward<'_>]) -> bool {
    let [ListenerAction::Forward(there)] = actions else { return false };
    let there = there.target_groups.iter().map(|group| match &group.target_group {
        ResourceReference::Existing(arn) => (Destination::Existing(arn), group.weight),
        ResourceReference::CreatedBy(action) => (Destination::Made(action.clone()), group.weight),
    });
    let wanted = wanted.iter().map(|group| (group.to.clone(), group.weight));
    shape(there.collect()) == shape(wanted.collect())
}

/// Target groups and weights in a form that can be compared.
fn shape(mut groups: Vec<(Destination<'_>, u16)>) -> Vec<(Destination<'_>, u16)> {
    if let [only] = groups.as_mut_slice() {
        only.1 = 1;
    }
    groups.sort();
    groups
}

#[cfg(test)]
mod tests;
