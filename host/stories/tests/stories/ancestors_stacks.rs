//! Defects of kube-ingress-aws-controller around its stacks, of which this controller must be free. The numbers are those of the
//! list of defects that it was studied by.

use albatross_contract::{LoadBalancerState, Operation, ViewPart};
use albatross_stories::{
    Controller, WAITING, actions, certificate, ingress, internal, is_unneeded, make_a_load_balancer,
    take_something_away, world,
};

use crate::{gaps::plan_without, one_shop::one_shop};

fn shop_and_wiki() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), internal(ingress("wiki", &["wiki.example.org"]))],
    );
    story.converge();
    story
}

/// 7: a load balancer is deleted although an Ingress came to it in the same cycle, and created again.
#[test]
fn an_ingress_that_comes_when_the_grace_is_over_keeps_the_load_balancer_from_being_deleted() {
    let mut story = one_shop("*.example.org");
    let before = story.serving("checkout");
    story.delete("checkout");
    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]));
    story.wait_for_the_grace();

    story.apply(ingress("returns", &["returns.example.org"]));
    let passes = story.converge();

    assert!(!take_something_away(&passes) && !make_a_load_balancer(&passes));
    assert_eq!(story.serving("returns").arn, before.arn);
}

/// 8: Ingresses match stacks that are being deleted or have failed, and stay without a load balancer.
#[test]
fn an_ingress_never_goes_to_a_load_balancer_that_aws_could_not_provision() {
    let mut story = one_shop("*.example.org");
    let broken = story.serving("checkout");
    story.in_the_console(&broken.dns_name, |found| found.state = LoadBalancerState::Failed);

    story.apply(ingress("returns", &["returns.example.org"]));
    story.converge();
    story.wait(WAITING);
    story.converge();

    assert_ne!(story.serving("returns").arn, broken.arn);
    assert_ne!(story.serving("checkout").arn, broken.arn);
}

/// 9: while a stack is rolled back, its target groups are not known, and leave the Auto Scaling Groups.
#[test]
fn target_groups_of_a_load_balancer_that_is_not_seen_stay_attached() {
    let mut story = shop_and_wiki();
    let snapshot = story.snapshot().unwrap();
    for part in [ViewPart::LoadBalancers, ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::Tags] {
        let plan = plan_without(&snapshot, part, true);
        let detaches = |operation: &Operation| {
            matches!(operation, Operation::DetachTargetGroup(_) | Operation::DeregisterTargets(_))
        };
        assert!(
            !plan.actions.iter().any(|action| detaches(&action.operation)),
            "{part:?}: {:#?}",
            plan.actions
        );
    }
}

/// 18: one load balancer that is missing stops everything.
#[test]
fn a_load_balancer_that_somebody_deleted_stops_nothing() {
    let mut story = shop_and_wiki();
    let gone = story.serving("wiki");
    story.cloud.inventory_mut().load_balancers.retain(|found| found.arn != gone.arn);
    story.settings.idle_timeout = 120;

    let passes = story.converge();

    let changes = |operation: &Operation| matches!(operation, Operation::ModifyLoadBalancerAttributes(_));
    assert!(actions(&passes).any(|action| changes(&action.operation)), "the other one is changed");
    assert_ne!(story.serving("wiki").arn, gone.arn, "and the missing one is created again");
}
