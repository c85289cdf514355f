//! Listeners 80 and 443, and the certificates on the latter.

use std::collections::BTreeMap;

use albatross_contract::{
    CreateListener, Listener, ListenerCertificate, ModifyListener, Operation, Protocol, ResourceReference,
};

use super::{
    Context, Forwarding,
    actions::{Actions, Draft, maker},
    certificates::{self, Situation, Steps},
};
use crate::{
    certificates::{Usability, covers, usability},
    grouping::{Slot, limit_on},
    identity::{certificate_hash, ownership_tags},
    lifecycle::Fate,
    observed::Concern,
    words,
};

/// What becomes of the certificates of a load balancer.
#[derive(Default)]
pub struct Certificates {
    /// ARN of the default one.
    pub default: Option<String>,
    /// ARNs that leave it.
    pub removed: Vec<String>,
    /// ARNs that it needs but has no room for.
    pub held_back: Vec<String>,
    /// Whether there is no listener that could have any, and none is made now.
    pub nowhere: bool,
    /// Actions that take certificates away: marks go after them.
    removals: BTreeMap<String, String>,
}

impl Certificates {
    /// The action that takes a certificate away.
    pub fn removal(&self, arn: &str) -> Option<&String> {
        self.removals.get(arn)
    }
}

/// Sees to the listeners of a slot.
pub fn maintain(
    slot: &Slot<'_>,
    fate: &Fate<'_>,
    load_balancer: &ResourceReference,
    forwarding: &Forwarding,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Certificates {
    let observed = context.observed;
    let https = slot.owned.and_then(|owned| owned.https());
    let default = https.and_then(|listener| listener.default_certificate.clone());
    let nowhere = https.is_none() && observed.completeness.allows(Concern::CallUnserved);
    let there = Certificates { default, nowhere, ..Certificates::default() };
    if !observed.completeness.allows(Concern::ChangeListeners) {
        return there;
    }
    let serves_somebody = !slot.is_empty() && !forwarding.groups.is_empty();
    match slot.owned.and_then(|owned| owned.listener(80)) {
        Some(listener) => {
            modify(slot, listener, None, forwarding, context, actions);
        }
        None if serves_somebody => {
            let waiting = names(&slot.members, context);
            create(slot, load_balancer, None, forwarding, &waiting, context, actions);
        }
        None => {}
    }
    match https {
        Some(listener) => keep_https(slot, fate, listener, forwarding, context, actions),
        None if serves_somebody => create_https(slot, load_balancer, forwarding, context, actions),
        None => there,
    }
}

/// The names of members, in their order.
fn names<'i>(members: impl IntoIterator<Item = &'i usize>, context: &Context<'_, '_>) -> Vec<String> {
    members.into_iter().map(|index| context.grouping.members[*index].claim.name.to_string()).collect()
}

/// Makes a listener: on 443 with a certificate, on 80 without one.
fn create(
    slot: &Slot<'_>,
    load_balancer: &ResourceReference,
    default_certificate: Option<&str>,
    forwarding: &Forwarding,
    waiting: &[String],
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> String {
    let settings = context.observed.settings;
    let (port, protocol) =
        if default_certificate.is_some() { (443, Protocol::Https) } else { (80, Protocol::Http) };
    let operation = Operation::CreateListener(CreateListener {
        load_balancer: load_balancer.clone(),
        port,
        protocol,
        default_certificate: default_certificate.map(str::to_owned),
        ssl_policy: default_certificate.map(|_| settings.ssl_policy.clone()),
        default_actions: vec![forwarding.action()],
        tags: ownership_tags(&settings.identity, &slot.id),
    });
    let after = maker(load_balancer)
        .into_iter()
        .chain(forwarding.groups.iter().filter_map(|group| maker(&group.target_group)));
    let draft =
        Draft::new(format!("listener/{port}/create"), "every load balancer listens on 80 and 443", operation);
    actions.push(&slot.id, draft.after(after).for_ingresses(waiting))
}

/// Makes the listener on 443 with the certificate of the oldest member, and adds the others.
fn create_https(
    slot: &Slot<'_>,
    load_balancer: &ResourceReference,
    forwarding: &Forwarding,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Certificates {
    let mut members = slot.members.clone();
    members.sort_by_key(|index| context.grouping.members[*index].claim.age());
    let first_of = |index: &usize| slot.serve(&context.grouping.members[*index]).arns.into_iter().next();
    let Some(default) = members.iter().find_map(first_of).or_else(|| slot.needed.keys().copied().next())
    else {
        return Certificates { nowhere: true, ..Certificates::default() };
    };
    let waiting = names(&slot.members, context);
    let id = create(slot, load_balancer, Some(default), forwarding, &waiting, context, actions);
    let listener = ResourceReference::CreatedBy(id);
    for arn in slot.needed.keys().filter(|arn| **arn != default) {
        add(arn, slot, &listener, Vec::new(), context, actions);
    }
    Certificates { default: Some(default.to_owned()), ..Certificates::default() }
}

fn add(
    arn: &str,
    slot: &Slot<'_>,
    listener: &ResourceReference,
    after: Vec<String>,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> String {
    let need = slot.needed.get(arn).cloned().unwrap_or_default();
    let hosts = need.hosts.iter().map(String::as_str);
    let who = names(&need.members, context);
    let reason = match hosts.clone().count() {
        0 => format!("{} names it", words::list(who.iter().map(String::as_str))),
        _ => format!("{} asks for {}", words::list(who.iter().map(String::as_str)), words::list(hosts)),
    };
    let operation = Operation::AddListenerCertificate(ListenerCertificate {
        listener: listener.clone(),
        certificate: arn.to_owned(),
    });
    let draft =
        Draft::new(format!("listener/443/certificate/{}/add", certificate_hash(arn)), reason, operation);
    actions.push(&slot.id, draft.after(maker(listener)).after(after).for_ingresses(&who))
}

/// Changes what a listener does by default and, on 443, its TLS policy and default certificate, in one call.
fn modify(
    slot: &Slot<'_>,
    listener: &Listener,
    new_default: Option<&str>,
    forwarding: &Forwarding,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Option<String> {
    let wanted_policy = &context.observed.settings.ssl_policy;
    let policy = (listener.protocol == Protocol::Https
        && listener.ssl_policy.as_ref() != Some(wanted_policy))
    .then(|| wanted_policy.clone());
    let forward = forwarding.instead_of(&listener.default_actions);
    if policy.is_none() && forward.is_none() && new_default.is_none() {
        return None;
    }
    let reasons = [
        new_default.map(|_| "nobody needs the default certificate any more"),
        policy.as_ref().map(|_| "the settings ask for another TLS policy"),
        forward.as_ref().map(|_| "it forwards to other target groups"),
    ];
    let operation = Operation::ModifyListener(ModifyListener {
        listener: ResourceReference::Existing(listener.arn.clone()),
        default_certificate: new_default.map(str::to_owned),
        ssl_policy: policy,
        default_actions: forward.into_iter().collect(),
    });
    let reason = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let after = forwarding.groups.iter().filter_map(|group| maker(&group.target_group));
    let draft = Draft::new(format!("listener/{}/modify", listener.port), reason, operation);
    Some(actions.push(&slot.id, draft.after(after)))
}

fn keep_https(
    slot: &Slot<'_>,
    fate: &Fate<'_>,
    listener: &Listener,
    forwarding: &Forwarding,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Certificates {
    let observed = context.observed;
    let has_ended = |arn: &&str| {
        observed
            .certificates
            .get(arn)
            .is_some_and(|certificate| usability(certificate, observed.time) == Usability::Unusable)
    };
    let there = listener.certificates.iter().chain(&listener.default_certificate).map(String::as_str);
    let situation = Situation {
        default: listener.default_certificate.as_deref(),
        others: listener.certificates.iter().map(String::as_str).collect(),
        needed: slot.needed.iter().map(|(arn, need)| (*arn, &need.hosts)).collect(),
        unneeded: &fate.unneeded,
        expired: &fate.expired,
        ended: there.filter(has_ended).collect(),
        limit: limit_on(slot, observed),
    };
    let Steps { steps, new_default, held_back } = certificates::steps(&situation, |arn, host| {
        observed.certificates.get(arn).is_some_and(|certificate| covers(certificate, host))
    });
    let modified = modify(slot, listener, new_default, forwarding, context, actions);
    let reference = ResourceReference::Existing(listener.arn.clone());
    let mut answer = Certificates {
        default: new_default.map(str::to_owned).or_else(|| listener.default_certificate.clone()),
        held_back: held_back.into_iter().map(str::to_owned).collect(),
        ..Certificates::default()
    };
    if new_default.is_some()
        && let (Some(old), Some(modified)) = (&listener.default_certificate, &modified)
    {
        answer.removed.push(old.clone());
        answer.removals.insert(old.clone(), modified.clone());
    }
    let mut ids: Vec<String> = Vec::new();
    for step in steps {
        let mut after: Vec<String> = step.after.iter().map(|index| ids[*index].clone()).collect();
        if step.after_default {
            after.extend(modified.clone());
        }
        let id = if step.adds {
            add(step.arn, slot, &reference, after, context, actions)
        } else {
            let id = remove(step.arn, slot, fate, &reference, after, context, actions);
            answer.removed.push(step.arn.to_owned());
            answer.removals.insert(step.arn.to_owned(), id.clone());
            id
        };
        ids.push(id);
    }
    answer
}

fn remove(
    arn: &str,
    slot: &Slot<'_>,
    fate: &Fate<'_>,
    listener: &ResourceReference,
    after: Vec<String>,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> String {
    let since = fate.unneeded.get(arn).copied().unwrap_or(context.observed.time);
    let reason = if fate.expired.contains(arn) {
        format!(
            "no Ingress has needed it for {}",
            words::duration(context.observed.time.saturating_sub(since))
        )
    } else {
        "no Ingress needs it, and its place is needed".to_owned()
    };
    let operation = Operation::RemoveListenerCertificate(ListenerCertificate {
        listener: listener.clone(),
        certificate: arn.to_owned(),
    });
    let draft =
        Draft::new(format!("listener/443/certificate/{}/remove", certificate_hash(arn)), reason, operation);
    actions.push(&slot.id, draft.after(after))
}
