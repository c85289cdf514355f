//! Form: ids and dependencies of actions, and that every resource that an action names exists or is created before it.

use albatross_contract::{Action, ListenerCertificate, Operation, ResourceReference, ViewPart};

use crate::{
    facts::{
        Facts,
        operations::{Kind, Mention, created, mentions},
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        if action.id.is_empty() {
            found.action(index, action, Rule::Form, format!("action {} of the plan has no id", index + 1));
        }
        for dependency in &action.depends_on {
            if facts.actions.index(dependency).is_none_or(|earlier| earlier >= index) {
                found.action(
                    index,
                    action,
                    Rule::Form,
                    format!("it depends on {dependency}, which is not an earlier action of the plan"),
                );
            }
        }
        if facts.actions.index(&action.id) != Some(index) {
            found.action(
                index,
                action,
                Rule::Form,
                format!("an earlier action has the same id {}", action.id),
            );
        }
        for mention in mentions(&action.operation) {
            if let Err(message) = resolves(facts, index, mention) {
                found.action(index, action, Rule::Reference, message);
            }
        }
        if let Err(message) = others_resolve(facts, action) {
            found.action(index, action, Rule::Reference, message);
        }
    }
}

/// Whether a resource that an action names is in the inventory, or created by an action that it depends on.
fn resolves(facts: &Facts<'_>, index: usize, mention: Mention<'_>) -> Result<(), String> {
    let expected = || mention.kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(" or ");
    match mention.reference {
        ResourceReference::Existing(id) => {
            if mention.kinds.iter().any(|kind| exists(facts, *kind, mention.reference)) {
                return Ok(());
            }
            Err(format!("the inventory has no {} {id}", expected()))
        }
        ResourceReference::CreatedBy(id) => {
            let Some(maker) = facts.actions.index(id).filter(|maker| *maker < index) else {
                return Err(format!(
                    "no earlier action of the plan has the id {id}, which should create a {}",
                    expected()
                ));
            };
            let made = created(&facts.actions.list[maker].operation);
            if !made.is_some_and(|(kind, _)| mention.kinds.contains(&kind)) {
                return Err(format!("the action {id} does not create a {}", expected()));
            }
            if !facts.actions.depends(index, maker) {
                return Err(format!(
                    "it uses what the action {id} creates, but does not depend on that action"
                ));
            }
            Ok(())
        }
    }
}

fn exists(facts: &Facts<'_>, kind: Kind, reference: &ResourceReference) -> bool {
    let view = &facts.view;
    match kind {
        Kind::LoadBalancer => view.load_balancer(reference).is_some(),
        Kind::Listener => view.listener(reference).is_some(),
        Kind::Rule => view.rule(reference).is_some(),
        Kind::TargetGroup => view.target_group(reference).is_some(),
        Kind::SecurityGroup => view.security_group(reference).is_some(),
    }
}

/// Auto Scaling Groups and certificates, which actions name by name and by ARN.
fn others_resolve(facts: &Facts<'_>, action: &Action) -> Result<(), String> {
    match &action.operation {
        Operation::AttachTargetGroup(change) | Operation::DetachTargetGroup(change) => {
            let name = change.auto_scaling_group.as_str();
            if facts.view.auto_scaling_group(name).is_some() {
                return Ok(());
            }
            Err(format!("the inventory has no Auto Scaling Group {name}"))
        }
        Operation::AddListenerCertificate(ListenerCertificate { certificate, .. }) => {
            certificate_exists(facts, certificate)
        }
        Operation::CreateListener(create) => {
            create.default_certificate.as_deref().map_or(Ok(()), |arn| certificate_exists(facts, arn))
        }
        Operation::ModifyListener(change) => {
            change.default_certificate.as_deref().map_or(Ok(()), |arn| certificate_exists(facts, arn))
        }
        _ => Ok(()),
    }
}

fn certificate_exists(facts: &Facts<'_>, arn: &str) -> Result<(), String> {
    let known = facts.view.missing(&[ViewPart::CertificatesAcm, ViewPart::CertificatesIam], &[]).is_none();
    if known && facts.view.certificate(arn).is_none() {
        return Err(format!("the inventory has no certificate {arn}"));
    }
    Ok(())
}
