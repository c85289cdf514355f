//! Form: ids and dependencies of actions, and that whatever an action names is there or is made before it.

use std::collections::BTreeSet;

use albatross_contract::{Action, ListenerCertificate, Operation, ResourceReference, ViewPart};

use crate::{
    Case,
    actions::{Kind, Mention, created, mentions},
    violation::{Findings, Rule},
};

pub(crate) fn check(case: &Case<'_>, found: &mut Findings) {
    let mut ids = BTreeSet::new();
    for (index, action) in case.actions.iter() {
        if action.id.is_empty() {
            found.action(index, action, Rule::Form, format!("action {} of the plan has no id", index + 1));
        }
        for dependency in &action.depends_on {
            if !ids.contains(dependency.as_str()) {
                found.action(
                    index,
                    action,
                    Rule::Form,
                    format!("it depends on {dependency}, which is no earlier action of the plan"),
                );
            }
        }
        if !ids.insert(action.id.as_str()) {
            found.action(
                index,
                action,
                Rule::Form,
                format!("{} is the id of an earlier action too", action.id),
            );
        }
        for mention in mentions(&action.operation) {
            if let Err(message) = resolves(case, index, mention) {
                found.action(index, action, Rule::Reference, message);
            }
        }
        if let Err(message) = others_resolve(case, action) {
            found.action(index, action, Rule::Reference, message);
        }
    }
}

/// Whether what an action names is in the inventory, or made by an action that it depends on.
fn resolves(case: &Case<'_>, index: usize, mention: Mention<'_>) -> Result<(), String> {
    let expected = || mention.kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(" or ");
    match mention.reference {
        ResourceReference::Existing(id) => {
            if mention.kinds.iter().any(|kind| exists(case, *kind, id)) {
                return Ok(());
            }
            Err(format!("the inventory has no {} {id}", expected()))
        }
        ResourceReference::CreatedBy(id) => {
            let Some(maker) = case.actions.index(id).filter(|maker| *maker < index) else {
                return Err(format!(
                    "no earlier action of the plan is {id}, which would make a {}",
                    expected()
                ));
            };
            let made = created(&case.actions.list[maker].operation);
            if !made.is_some_and(|(kind, _)| mention.kinds.contains(&kind)) {
                return Err(format!("the action {id} makes no {}", expected()));
            }
            if !case.actions.depends(index, maker) {
                return Err(format!("it uses what the action {id} makes, and does not depend on it"));
            }
            Ok(())
        }
    }
}

fn exists(case: &Case<'_>, kind: Kind, id: &str) -> bool {
    let view = &case.view;
    match kind {
        Kind::LoadBalancer => view.load_balancers.contains_key(id),
        Kind::Listener => view.listeners.contains_key(id),
        Kind::Rule => view.rules.contains_key(id),
        Kind::TargetGroup => view.target_groups.contains_key(id),
        Kind::SecurityGroup => view.security_groups.contains_key(id),
    }
}

/// Auto Scaling Groups and certificates, which are named by name and ARN.
fn others_resolve(case: &Case<'_>, action: &Action) -> Result<(), String> {
    match &action.operation {
        Operation::AttachTargetGroup(change) | Operation::DetachTargetGroup(change) => {
            let name = change.auto_scaling_group.as_str();
            if case.view.auto_scaling_groups.contains_key(name) {
                return Ok(());
            }
            Err(format!("the inventory has no Auto Scaling Group {name}"))
        }
        Operation::AddListenerCertificate(ListenerCertificate { certificate, .. }) => {
            certificate_exists(case, certificate)
        }
        Operation::CreateListener(create) => {
            create.default_certificate.as_deref().map_or(Ok(()), |arn| certificate_exists(case, arn))
        }
        Operation::ModifyListener(change) => {
            change.default_certificate.as_deref().map_or(Ok(()), |arn| certificate_exists(case, arn))
        }
        _ => Ok(()),
    }
}

fn certificate_exists(case: &Case<'_>, arn: &str) -> Result<(), String> {
    let known = case.view.missing(&[ViewPart::CertificatesAcm, ViewPart::CertificatesIam]).is_none();
    if known && !case.view.certificates.contains_key(arn) {
        return Err(format!("the inventory has no certificate {arn}"));
    }
    Ok(())
}
