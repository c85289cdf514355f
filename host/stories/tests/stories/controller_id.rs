//! A controller id that kube-ingress-aws-controller has too: it would detach our target groups from the Auto Scaling Groups.

use albatross_contract::{Diagnostic, DiagnosticCode, Severity};
use albatross_stories::{
    Certificates, Controller,
    ancestor::{self, Stack},
    certificate, ingress,
};

use crate::adoption::account;

/// `shop/checkout`, in an account with two stacks of kube-ingress-aws-controller.
fn beside_stacks(controller_id: &str) -> ([Stack; 2], Controller) {
    let stacks = [1, 2].map(|number| Stack::new(number, &[Certificates::arn(number)]));
    let (mut settings, inventory) = account(&stacks);
    settings.identity.controller_id = controller_id.to_owned();
    let certificates = vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])];
    let ingresses = vec![ingress("checkout", &["shop.example.org"])];
    (stacks, Controller::new((settings, inventory), certificates, ingresses))
}

fn told(story: &mut Controller) -> Option<Diagnostic> {
    let plan = story.plan();
    plan.diagnostics.into_iter().find(|found| found.code == DiagnosticCode::ControllerIdShared)
}

#[test]
fn the_controller_id_of_stacks_that_are_not_ours_is_told_with_what_would_happen() {
    let (stacks, mut story) = beside_stacks(ancestor::CONTROLLER);

    let told = told(&mut story).expect("it is told");

    assert_eq!((told.severity, told.field.as_deref()), (Severity::Warning, Some("identity.controller-id")));
    for said in [
        "kube-ingress-aws-controller is also that of 2 CloudFormation stacks that are not ours",
        &stacks[0].name(),
        "it detaches the target groups of Albatross from the Auto Scaling Groups",
    ] {
        assert!(told.message.contains(said), "{said:?} is not in {}", told.message);
    }
}

#[test]
fn an_id_of_our_own_and_stacks_of_other_clusters_are_nothing_to_tell() {
    assert_eq!(told(&mut beside_stacks("albatross").1), None);
    let (_, mut story) = beside_stacks(ancestor::CONTROLLER);
    story.settings.identity.cluster_id = "another".to_owned();
    assert_eq!(told(&mut story), None);
}

#[test]
fn it_is_told_when_load_balancers_are_adopted_and_until_the_last_stack_is_ours() {
    let (stacks, mut story) = beside_stacks(ancestor::CONTROLLER);
    for (stack, left) in stacks.iter().zip([true, false]) {
        story.settings.allowances.adopt = Some(vec![stack.name()]);
        let adopts = story.pass().plan;
        assert!(adopts.diagnostics.iter().any(|found| found.code == DiagnosticCode::ControllerIdShared));
        story.settings.allowances.adopt = None;
        assert_eq!(told(&mut story).is_some(), left);
    }
}
