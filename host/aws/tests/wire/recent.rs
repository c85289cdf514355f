//! Resources that were created a moment ago, and are not visible everywhere in AWS yet.

use std::time::Duration;

use albatross_contract::{ActionState, ViewPart};
use albatross_stories::ingress;
use albatross_test_servers::{Fault, Moto, MotoSettings};
use aws_sdk_elasticloadbalancingv2::types::Tag;

use crate::{
    controller::{Controller, Pass, owned},
    world::World,
};

fn not_found(code: &str) -> Fault {
    Fault::Refuse { status: 400, code: code.to_owned(), message: "One or more were not found".to_owned() }
}

/// A controller that has converged with one Ingress.
async fn settled(world: &World) -> Controller<'_> {
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await; // The certificate is issued.
    let mut controller =
        Controller::new(world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    controller
}

fn assert_done(pass: &Pass) {
    assert!(!pass.results.is_empty());
    assert!(pass.results.iter().all(|it| it.state == ActionState::Done), "{:?}", pass.results);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_listener_is_retried_until_a_new_target_group_is_visible() {
    let world = World::in_region("ap-east-2").await;
    let mut controller = settled(&world).await;
    world.recorder.disturb("ModifyListener", 1..=4, not_found("TargetGroupNotFound"));
    let mut settings = world.settings();
    settings.proxy.target_port = 8080;
    settings.proxy.health_check_port = 8080;
    controller.restart(settings);
    let mut passes = controller.converge().await;
    passes.retain(|pass| !pass.results.is_empty());
    assert_eq!(passes[0].failures(), [], "the call was retried");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_no_attempt_found_is_tried_again_in_the_next_pass() {
    let world = World::in_region("mx-central-1").await;
    let mut controller = settled(&world).await;
    world.make_certificate(&["blog.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    controller.apply(vec![ingress("shop", &["shop.example.org"]), ingress("blog", &["blog.example.org"])]);
    controller.wait(60); // The list of certificates is read again.
    world.recorder.disturb("AddListenerCertificates", 1..=4, not_found("CertificateNotFound"));
    let first = controller.pass().await;
    let failures = first.failures();
    let [(_, error)] = failures.as_slice() else { panic!("one failure: {failures:?}") };
    assert!(error.starts_with("CertificateNotFound: ") && error.contains("may not be visible"), "{error}");
    assert_done(&controller.pass().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn attaching_is_retried_until_auto_scaling_sees_the_target_group() {
    let world = World::in_region("ap-southeast-5").await;
    let words = "Provided Target Groups may not be valid. Please ensure they exist and try again.";
    let not_valid =
        Fault::Refuse { status: 400, code: "ValidationError".to_owned(), message: words.to_owned() };
    world.recorder.disturb("AttachLoadBalancerTargetGroups", 1..=2, not_valid);
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    assert_done(&controller.pass().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_created_once_although_new_resources_are_invisible_for_seconds() {
    let settings = MotoSettings { unseen: Some(Duration::from_secs(2)), ..MotoSettings::default() };
    let moto = Moto::start_with(&settings).expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    let first = controller.pass().await;
    assert_eq!(first.failures(), []);
    controller.converge().await;
    let inventory = controller.observe().await;
    assert_eq!((owned(&inventory).len(), inventory.target_groups.len()), (1, 1));
    let writes = world.answered_writes_since(0);
    for once in ["CreateLoadBalancer", "CreateTargetGroup"] {
        assert_eq!(writes.iter().filter(|it| *it == once).count(), 1, "{writes:?}");
    }
}

/// The tags of a load balancer, read without the controller.
async fn tags(world: &World, arn: &str) -> Vec<Tag> {
    let answer = world.elb().describe_tags().resource_arns(arn).send().await.expect("tags");
    answer.tag_descriptions()[0].tags().to_vec()
}

/// Runs a pass, which writes nothing and reports the tags of this resource as a gap.
async fn doubts(controller: &mut Controller<'_>, arn: &str, why: &str) {
    let before = controller.world.recorder.calls().len();
    let pass = controller.pass().await;
    assert_eq!(controller.world.writes_since(before), [""; 0], "{why}");
    assert_eq!(pass.statuses_written, 0, "{why}");
    let missing: Vec<_> =
        pass.inventory.incomplete.iter().map(|it| (it.part, it.resource.as_deref())).collect();
    assert_eq!(missing, [(ViewPart::Tags, Some(arn))], "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_with_our_name_and_no_visible_tags_does_not_count_as_foreign() {
    let world = World::in_region("ap-southeast-6").await;
    let mut controller = settled(&world).await;
    let arn = owned(&controller.observe().await)[0].arn.clone();
    let all = tags(&world, &arn).await;
    let keys: Vec<String> = all.iter().filter_map(|tag| tag.key().map(str::to_owned)).collect();
    for (restarted, why) in [(false, "its tags were ours"), (true, "it has our name and is new")] {
        match restarted {
            true => controller.restart(world.settings()), // A new process has never seen its tags.
            false => controller.wait(301),                // They are read again.
        }
        let remove = world.elb().remove_tags().resource_arns(&arn).set_tag_keys(Some(keys.clone()));
        remove.send().await.expect("AWS shows none");
        doubts(&mut controller, &arn, why).await;
        let add = world.elb().add_tags().resource_arns(&arn).set_tags(Some(all.clone()));
        add.send().await.expect("AWS shows them");
        let next = controller.pass().await;
        assert_eq!((next.inventory.incomplete, next.plan.actions), (Vec::new(), Vec::new()), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_that_the_answer_to_describe_tags_leaves_out_does_not_count_as_foreign() {
    let moto = Moto::start().expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let mut controller = settled(&world).await;
    let arn = owned(&controller.observe().await)[0].arn.clone();
    controller.restart(world.settings());
    let left_out = Fault::Omit { member_with: format!(">{arn}<") };
    world.recorder.disturb("DescribeTags", 1..=1, left_out);
    doubts(&mut controller, &arn, "the answer lacks it").await;
}
