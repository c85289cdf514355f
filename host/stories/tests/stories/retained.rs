//! Load balancers that stay when the controller no longer manages them: forgotten by a person, or retained by an Ingress.

use albatross_contract::{
    ANNOTATION_RETAIN, DiagnosticCode, LoadBalancerFate, Operation, TAG_APPLICATION, TAG_CLUSTER, TAG_ID,
    TAG_RETAIN, TAG_UNNEEDED,
};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    CLUSTER, Controller, annotated, attribute, certificate, fates, ingress, internal, make_a_load_balancer,
    tag, take_something_away, world,
};

use crate::one_shop::one_shop;

fn forget(story: &mut Controller, name: &str) -> albatross_contract::Plan {
    story.settings.allowances.forget = Some(vec![name.to_owned()]);
    let plan = story.pass().plan;
    story.settings.allowances.forget = None;
    plan
}

fn retained(ingress: albatross_contract::Ingress) -> albatross_contract::Ingress {
    annotated(ingress, ANNOTATION_RETAIN, "true")
}

/// Nothing in the account carries an id of ours.
fn nothing_is_ours(story: &mut Controller) -> bool {
    let inventory = story.cloud.inventory();
    let of_load_balancers = inventory.load_balancers.iter().map(|found| &found.tags);
    let mut all = of_load_balancers.chain(inventory.target_groups.iter().map(|found| &found.tags));
    all.all(|tags| tags.iter().all(|tag| !tag.key.starts_with("albatross/") && tag.key != TAG_APPLICATION))
}

#[test]
fn a_forgotten_load_balancer_stays_as_it_is_and_its_members_keep_their_statuses() {
    let mut story = one_shop("*.example.org");
    let (name, before) = (story.hostname("checkout"), story.serving("checkout"));

    let plan = forget(&mut story, &before.name);

    assert_eq!(plan.actions.len(), 2);
    assert!(nothing_is_ours(&mut story));
    let after = story.serving("checkout");
    assert_eq!((&after.listeners, &after.attributes), (&before.listeners, &before.attributes));
    assert_eq!(tag(&after.tags, &format!("{TAG_CLUSTER}{CLUSTER}")), Some("owned"));
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn members_of_a_forgotten_load_balancer_get_another_one_unless_their_class_changes() {
    let mut story = one_shop("*.example.org");
    let before = story.serving("checkout");
    forget(&mut story, &before.name);
    let passes = story.converge();
    assert!(make_a_load_balancer(&passes) && !take_something_away(&passes));
    assert_ne!(story.serving("checkout").arn, before.arn);
    assert!(story.load_balancers().iter().any(|found| found.arn == before.arn));

    let mut story = one_shop("*.example.org");
    let before = story.serving("checkout");
    forget(&mut story, tag(&before.tags, TAG_ID).unwrap());
    story.edit("checkout", albatross_stories::of_nginx);
    assert!(story.converge().is_empty());
    assert_eq!(story.serving("checkout").arn, before.arn, "the status is somebody else's now");
}

#[test]
fn what_was_forgotten_can_be_adopted_again() {
    let mut story = one_shop("*.example.org");
    let before = story.serving("checkout");
    forget(&mut story, &before.name);
    story.settings.allowances.adopt = Some(vec![before.name.clone()]);
    story.pass();
    story.settings.allowances.adopt = None;
    assert!(story.converge().is_empty());
    assert_eq!(tag(&story.serving("checkout").tags, TAG_ID), tag(&before.tags, TAG_ID));
}

#[test]
fn an_interrupted_attempt_is_completed_by_the_next_and_removes_nothing() {
    let mut story = one_shop("*.example.org");
    let before = story.serving("checkout");
    story.settings.allowances.forget = Some(vec![before.arn.clone()]);
    let mut plan = story.plan();
    plan.actions.truncate(1);
    execution::execute(&mut story.cloud, &plan, &mut |_, _| {});

    story.settings.allowances.forget = None;
    story.edit("checkout", albatross_stories::of_nginx);
    assert!(story.converge().is_empty());
    story.wait_for_the_grace();
    assert!(story.converge().is_empty(), "its target group has a user");

    assert_eq!(forget(&mut story, &before.arn).actions.len(), 1);
    assert!(nothing_is_ours(&mut story));
}

#[test]
fn what_is_not_ours_or_in_route_mode_is_not_forgotten() {
    let mut story = one_shop("*.example.org");
    let plan = forget(&mut story, "legacy");
    assert!(
        plan.actions.is_empty() && plan.diagnostics.iter().any(|it| it.code == DiagnosticCode::ForgetRefused)
    );
    let name = story.hostname("checkout").unwrap();
    let arn = story.serving("checkout").arn;
    story.in_the_console(&name, |found| {
        found.tags.push(albatross_contract::Tag {
            key: albatross_contract::TAG_MODE.into(),
            value: "route".into(),
        });
    });
    let plan = forget(&mut story, &arn);
    let said = plan.diagnostics.iter().find(|it| it.code == DiagnosticCode::ForgetRefused).unwrap();
    assert!(said.message.contains("it is in route mode"), "{said:?}");
}

#[test]
fn a_retained_load_balancer_is_released_when_its_last_ingress_is_gone() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", retained);
    story.converge();
    let before = story.serving("checkout");
    assert_eq!(tag(&before.tags, TAG_RETAIN), Some("true"));

    story.delete("checkout");
    story.converge();
    assert!(tag(&story.load_balancers()[0].tags, TAG_UNNEEDED).is_some(), "it has its grace like any other");
    story.wait_for_the_grace();
    let passes = story.converge();

    assert_eq!(fates(&passes[0].plan), [LoadBalancerFate::Release]);
    assert!(!take_something_away(&passes));
    assert!(nothing_is_ours(&mut story));
    assert_eq!(story.load_balancers()[0].listeners, before.listeners);
    assert!(story.converge().is_empty());
}

const PROTECTION: &str = "deletion_protection.enabled";

/// A load balancer that is left with the deletion protection that we turned on keeps it, and it is not ours any more.
fn is_left_with_its_protection(story: &mut Controller) -> bool {
    let all = story.load_balancers();
    nothing_is_ours(story) && all.len() == 1 && attribute(&all[0].attributes, PROTECTION) == Some("true")
}

#[test]
fn our_deletion_protection_stays_on_a_load_balancer_that_is_released() {
    let mut story = one_shop("*.example.org");
    story.settings.deletion_protection = Some(true);
    story.edit("checkout", retained);
    story.converge();
    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    let passes = story.converge();
    assert_eq!(fates(&passes[0].plan), [LoadBalancerFate::Release]);
    assert!(is_left_with_its_protection(&mut story));
}

#[test]
fn our_deletion_protection_stays_on_a_load_balancer_that_is_forgotten() {
    let mut story = one_shop("*.example.org");
    story.settings.deletion_protection = Some(true);
    story.converge();
    let name = story.serving("checkout").name;
    forget(&mut story, &name);
    assert!(is_left_with_its_protection(&mut story));
}

#[test]
fn a_retained_load_balancer_is_released_although_somebody_else_protects_it() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", retained);
    story.converge();
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| {
        found.attributes.retain(|attribute| attribute.key != PROTECTION);
        found.attributes.push(albatross_contract::Tag { key: PROTECTION.into(), value: "true".into() });
    });
    story.delete("checkout");
    story.converge();
    assert!(tag(&story.load_balancers()[0].tags, TAG_UNNEEDED).is_some());
    story.wait_for_the_grace();
    let passes = story.converge();
    assert_eq!(fates(&passes[0].plan), [LoadBalancerFate::Release]);
    assert!(is_left_with_its_protection(&mut story));
}

#[test]
fn a_release_that_is_interrupted_removes_nothing() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", retained);
    story.converge();
    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    let mut plan = story.plan();
    plan.actions.truncate(1);
    execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
    story.converge();
    story.wait_for_the_grace();
    assert!(!take_something_away(&story.converge()));
}

#[test]
fn within_the_grace_another_ingress_takes_it_and_decides_anew() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", retained);
    story.converge();
    story.delete("checkout");
    story.converge();
    story.apply(ingress("returns", &["returns.example.org"]));
    assert!(!make_a_load_balancer(&story.converge()));
    assert_eq!(tag(&story.serving("returns").tags, TAG_RETAIN), None);
    story.delete("returns");
    story.converge();
    story.wait_for_the_grace();
    let passes = story.converge();
    assert!(passes.iter().any(|pass| {
        pass.plan.actions.iter().any(|action| matches!(action.operation, Operation::DeleteLoadBalancer(_)))
    }));
}

#[test]
fn the_load_balancer_of_an_ingress_that_moves_is_not_retained() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", retained);
    story.converge();
    let before = story.serving("checkout");
    story.edit("checkout", internal);
    story.converge();
    assert_ne!(story.serving("checkout").arn, before.arn);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1, "the Ingress still exists, so only one load balancer stays");
    assert_eq!(tag(&story.serving("checkout").tags, TAG_RETAIN), Some("true"));
}

#[test]
fn a_class_can_retain_the_load_balancers_of_its_ingresses() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.settings.retained_classes = Some(vec![String::new()]);
    story.converge();
    assert_eq!(tag(&story.serving("checkout").tags, TAG_RETAIN), Some("true"));
    story.edit("checkout", |ingress| annotated(ingress, ANNOTATION_RETAIN, "false"));
    story.converge();
    assert_eq!(tag(&story.serving("checkout").tags, TAG_RETAIN), None, "the annotation counts first");
    story.settings.retained_classes = Some(vec!["albatros".to_owned()]);
    assert!(story.plan().diagnostics.iter().any(|it| it.field.as_deref() == Some("retained-classes")));
}

#[test]
fn a_value_that_is_neither_true_nor_false_changes_nothing_and_is_reported() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", retained);
    story.converge();
    story.edit("checkout", |ingress| annotated(ingress, ANNOTATION_RETAIN, "yes"));
    let pass = story.pass();
    assert!(pass.plan.actions.is_empty() && pass.tells("checkout", DiagnosticCode::AnnotationInvalid));
}
