//! Listeners: created, or changed in one call, and their certificates.

use albatross_contract::{
    AttributeChange, CreateListener, Disruption, FixedResponseAction, ForwardAction, ListenerAction,
    ModifyListener, Operation, Protocol, ResourceReference, WeightedTargetGroup,
};

use super::{
    actions::{Actions, Draft, MAKES_LOAD_BALANCER, maker, makes_listener, reference, target_group},
    certificates::{self, Changes},
    names, rules,
};
use crate::{
    attributes::Change,
    wanted::{Answer, Destination, Forward, Listener, LoadBalancer, fixed},
};

/// Compares the listeners of a load balancer, their rules and their certificates. Listeners that redirect all requests come
/// after the listeners that they redirect to. A listener changes its protocol before its rules change: HTTP never serves what
/// HTTPS should.
pub fn compare(wanted: &LoadBalancer<'_>, time: u64, actions: &mut Actions) -> Changes {
    let mut changes = Changes::default();
    let redirects = |listener: &&Listener<'_>| matches!(listener.answer, Some(Answer::Redirect(_)));
    let (last, first): (Vec<&Listener<'_>>, Vec<&Listener<'_>>) =
        wanted.listeners.iter().partition(redirects);
    let mut made = Vec::new();
    let mut room = wanted.free_rules;
    for listener in first.iter().chain(&last).copied() {
        if let Some(there) = listener.there.filter(|_| listener.goes) {
            delete(listener, there, wanted, actions);
            continue;
        }
        let mut rules = |before_deletions: Vec<String>, actions: &mut Actions| {
            let circumstances = rules::Circumstances { room: &mut room, before_deletions, time };
            rules::compare(listener, wanted, circumstances, actions)
        };
        let modified = match listener.there {
            None => {
                // A redirect must lead to a listener.
                let after = if redirects(&listener) { made.clone() } else { Vec::new() };
                made.push(create(listener, wanted, after, actions));
                made.extend(rules(Vec::new(), actions));
                None
            }
            // The default action answers all requests until the rules exist.
            Some(there)
                if redirects_now(there) && listener.answer.is_some() && !changes_protocol(listener) =>
            {
                made.extend(rules(made.clone(), actions));
                modify(listener, there, wanted, made.clone(), actions)
            }
            Some(there) => {
                let after = if redirects(&listener) { made.clone() } else { Vec::new() };
                let modified = modify(listener, there, wanted, after.clone(), actions);
                made.extend(modified.clone().filter(|_| changes_protocol(listener)));
                made.extend(rules(after.into_iter().chain(modified.clone()).collect(), actions));
                modified
            }
        };
        let arn = listener.there.map(|there| there.arn.as_str());
        let reference = reference(&wanted.id, arn, || makes_listener(listener.port));
        let on = certificates::On {
            load_balancer: &wanted.id,
            port: listener.port,
            made: maker(&reference).or_else(|| modified.clone().filter(|_| changes_protocol(listener))),
            listener: reference,
        };
        change_attributes(listener, &on, actions);
        if listener.has_certificates {
            changes = certificates::compare(&on, modified, &wanted.certificates.changes, actions);
        } else {
            certificates::compare(&on, modified, &listener.mirrored, actions);
        }
    }
    changes
}

fn redirects_now(there: &albatross_contract::Listener) -> bool {
    matches!(there.default_actions.as_slice(), [ListenerAction::Redirect(_)])
}

fn changes_protocol(listener: &Listener<'_>) -> bool {
    listener.there.is_some_and(|there| there.protocol != listener.protocol)
}

/// Creates a listener.
fn create(
    listener: &Listener<'_>,
    wanted: &LoadBalancer<'_>,
    after: Vec<String>,
    actions: &mut Actions,
) -> String {
    let arn = wanted.owned.and_then(|owned| owned.load_balancer).map(|found| found.arn.as_str());
    let load_balancer = reference(&wanted.id, arn, || MAKES_LOAD_BALANCER.to_owned());
    let default_certificate = listener.default_certificate.map(str::to_owned);
    let operation = Operation::CreateListener(CreateListener {
        load_balancer: load_balancer.clone(),
        port: listener.port,
        protocol: listener.protocol,
        default_certificate,
        ssl_policy: listener.ssl_policy.map(str::to_owned),
        default_actions: listener.answer.iter().map(|answer| action(answer, &wanted.id)).collect(),
        tags: wanted.ownership.clone(),
    });
    let makers = maker(&load_balancer).into_iter().chain(makers(listener.answer.as_ref(), wanted));
    let after = makers.chain(after);
    let draft = Draft::new(makes_listener(listener.port), listener.reason, operation);
    actions.push(&wanted.id, draft.after(after).for_objects(&names(&wanted.members)))
}

/// Changes attributes of a listener.
fn change_attributes(listener: &Listener<'_>, on: &certificates::On<'_>, actions: &mut Actions) {
    let there = listener.there.map(|there| there.attributes.as_slice()).unwrap_or_default();
    for change in Change::all(&listener.attributes, there) {
        let resource = on.listener.clone();
        let operation =
            Operation::ModifyListenerAttributes(AttributeChange { resource, attributes: change.attributes });
        let draft = Draft::new(format!("listener/{}/attributes", listener.port), change.reason, operation);
        actions.push(on.load_balancer, draft.after(on.made.clone()));
    }
}

/// Deletes a listener without rules.
fn delete(
    listener: &Listener<'_>,
    there: &albatross_contract::Listener,
    wanted: &LoadBalancer<'_>,
    actions: &mut Actions,
) {
    let operation = Operation::DeleteListener(ResourceReference::Existing(there.arn.clone()));
    let draft = Draft::new(format!("listener/{}/delete", there.port), listener.reason, operation);
    actions.push(&wanted.id, draft.disrupting(Disruption::Removal));
}

/// Changes the protocol, the default actions, the TLS policy and the default certificate of a listener, in one call.
fn modify(
    listener: &Listener<'_>,
    there: &albatross_contract::Listener,
    wanted: &LoadBalancer<'_>,
    after: Vec<String>,
    actions: &mut Actions,
) -> Option<String> {
    let policy = listener.ssl_policy.filter(|policy| there.ssl_policy.as_deref() != Some(policy));
    let answer = listener.answer.as_ref().filter(|answer| !does(&there.default_actions, answer));
    let new_default =
        listener.default_certificate.filter(|arn| there.default_certificate.as_deref() != Some(arn));
    let protocol = Some(listener.protocol).filter(|_| changes_protocol(listener));
    if protocol.is_none() && policy.is_none() && answer.is_none() && new_default.is_none() {
        return None;
    }
    let of_tls = protocol.is_none();
    let reasons = [
        protocol.map(|protocol| match protocol {
            Protocol::Https => "members of the load balancer ask for HTTPS on the port",
            _ => "members of the load balancer ask for HTTP on the port, and no host needs its certificates any more",
        }),
        new_default.filter(|_| of_tls).map(|_| "no Ingress needs the default certificate any more"),
        policy.filter(|_| of_tls).map(|_| "the settings or the annotations ask for another TLS policy"),
        answer.map(|answer| match answer {
            Answer::Forward { .. } => "it should forward to other target groups",
            Answer::Redirect(_) => "it should redirect all requests",
            Answer::Respond(_) | Answer::Unavailable => "no rule answers other requests",
        }),
    ];
    let operation = Operation::ModifyListener(ModifyListener {
        listener: ResourceReference::Existing(there.arn.clone()),
        protocol,
        default_certificate: new_default.map(str::to_owned),
        ssl_policy: policy.map(str::to_owned),
        default_actions: answer.map(|answer| action(answer, &wanted.id)).into_iter().collect(),
    });
    let reason = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let draft = Draft::new(format!("listener/{}/modify", listener.port), reason, operation);
    let after = after.into_iter().chain(makers(answer, wanted));
    let disruption = if protocol.is_some() { Disruption::Removal } else { Disruption::None };
    Some(actions.push(&wanted.id, draft.after(after).disrupting(disruption)))
}

/// An answer in the form of AWS, with references to target groups as in the actions of a load balancer.
pub fn action(answer: &Answer<'_>, load_balancer: &str) -> ListenerAction {
    let (groups, stickiness) = match answer {
        Answer::Respond(response) => return ListenerAction::FixedResponse(response.clone()),
        Answer::Unavailable => return ListenerAction::FixedResponse(fixed(503)),
        Answer::Redirect(redirect) => return ListenerAction::Redirect(redirect.clone()),
        Answer::Forward { groups, stickiness } => (groups, *stickiness),
    };
    let weighted = |group: &Forward<'_>| WeightedTargetGroup {
        target_group: target_group(load_balancer, &group.to),
        weight: group.weight,
    };
    ListenerAction::Forward(ForwardAction {
        target_groups: groups.iter().map(weighted).collect(),
        stickiness,
    })
}

/// The actions that create the target groups to which an answer forwards.
pub fn makers(answer: Option<&Answer<'_>>, wanted: &LoadBalancer<'_>) -> Vec<String> {
    answer
        .into_iter()
        .flat_map(Answer::forwards)
        .filter_map(|group| maker(&target_group(&wanted.id, &group.to)))
        .collect()
}

/// Whether the actions of a listener or a rule already do what is wanted. A single target group gets all requests,
/// whatever its weight.
pub fn does(actions: &[ListenerAction], wanted: &Answer<'_>) -> bool {
    let (there, wanted, sticky) = match (actions, wanted) {
        ([ListenerAction::Forward(there)], Answer::Forward { groups, stickiness }) => {
            (there, groups, *stickiness)
        }
        ([ListenerAction::FixedResponse(there)], Answer::Respond(wanted)) => return responds(there, wanted),
        ([ListenerAction::FixedResponse(there)], Answer::Unavailable) => return responds(there, &fixed(503)),
        ([ListenerAction::Redirect(there)], Answer::Redirect(wanted)) => return there == wanted,
        _ => return false,
    };
    // A client of a single target group stays with it anyway.
    if there.stickiness != sticky && (sticky.is_some() || wanted.len() > 1) {
        return false;
    }
    let there = there.target_groups.iter().map(|group| match &group.target_group {
        ResourceReference::Existing(arn) => (Destination::Existing(arn), group.weight),
        ResourceReference::CreatedBy(action) => (Destination::Made(action.clone()), group.weight),
    });
    let wanted = wanted.iter().map(|group| (group.to.clone(), group.weight));
    shape(there.collect()) == shape(wanted.collect())
}

/// Whether fixed responses are the same: AWS fills in a content type, and an empty body may be absent.
fn responds(there: &FixedResponseAction, wanted: &FixedResponseAction) -> bool {
    let body = |of: &FixedResponseAction| of.message_body.clone().unwrap_or_default();
    there.status_code == wanted.status_code
        && body(there) == body(wanted)
        && (wanted.content_type.is_none() || there.content_type == wanted.content_type)
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
