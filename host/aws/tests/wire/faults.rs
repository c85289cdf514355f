//! Calls that fail.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use albatross_aws::{CallOutcome, ErrorClass, Permit, Progress};
use albatross_contract::{
    ActionState, CreateLoadBalancer, LoadBalancer, Operation, ResourceReference, Scheme, TAG_HTTP_ONLY, Tag,
};
use albatross_stories::ingress;
use albatross_test_servers::Fault;

use crate::{
    controller::{Always, Controller, owned, plan_of},
    world::{World, rights_of_the_controller},
};

/// Every write that creates a load balancer and everything that belongs to it.
const WRITES: &[&str] = &[
    "CreateTargetGroup",
    "CreateLoadBalancer",
    "CreateListener",
    "AddListenerCertificates",
    "AttachLoadBalancerTargetGroups",
    "RegisterTargets",
];

async fn two_ingresses(world: &World) -> Controller<'_> {
    world.make_certificate(&["shop.example.org"]).await;
    world.make_certificate(&["blog.example.org"]).await;
    world.make_single_node().await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let ingresses = vec![ingress("shop", &["shop.example.org"]), ingress("blog", &["blog.example.org"])];
    Controller::new(world, world.settings(), ingresses)
}

/// Converges to exactly one load balancer with two listeners, two certificates and one target group.
async fn assert_converges_to_one_of_each(controller: &mut Controller<'_>) {
    controller.converge().await;
    let inventory = controller.observe().await;
    let balancers = owned(&inventory);
    assert_eq!(balancers.len(), 1);
    assert_eq!(balancers[0].listeners.iter().map(|it| it.port).collect::<Vec<_>>(), [80, 443]);
    assert_eq!(balancers[0].listeners[1].certificates.len(), 1, "besides the default certificate");
    assert_eq!(inventory.target_groups.len(), 1);
    assert_eq!(inventory.target_groups[0].targets.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_write_whose_answer_was_lost_finds_the_resource_that_it_created() {
    let world = World::in_region("ap-northeast-1").await;
    for write in WRITES {
        world.recorder.disturb(write, 1..=1, Fault::LoseAnswer);
    }
    let mut controller = two_ingresses(&world).await;
    assert_converges_to_one_of_each(&mut controller).await;
    for write in WRITES {
        let lost = world
            .recorder
            .calls()
            .into_iter()
            .filter(|it| it.action == *write && it.status.is_none())
            .count();
        assert_eq!(lost, 1, "the answer of {write} was lost");
    }
    let inventory = controller.observe().await;
    let [found] = owned(&inventory)[..] else { panic!("one load balancer") };
    // AWS answers with the load balancer of the same name and settings, and refuses other settings.
    for scheme in [Scheme::InternetFacing, Scheme::Internal] {
        let again = create_for_others(found, scheme);
        let results = controller.executor.execute(&plan_of(again), &Always, &mut |_, _| {}).await;
        let error = results[0].error.clone().unwrap_or_default();
        let is_told = error.contains("was created for others, as its tag albatross/http-only says");
        assert!(results[0].state == ActionState::Failed && is_told, "{scheme:?}: {results:?}");
    }
}

/// Creates a load balancer again, but for HTTP only.
fn create_for_others(found: &LoadBalancer, scheme: Scheme) -> Operation {
    let http_only = Tag { key: TAG_HTTP_ONLY.to_owned(), value: "true".to_owned() };
    Operation::CreateLoadBalancer(CreateLoadBalancer {
        name: found.name.clone(),
        kind: found.kind,
        scheme,
        ip_address_type: found.ip_address_type,
        subnets: found.subnets.clone(),
        security_groups: found.security_groups.iter().cloned().map(ResourceReference::Existing).collect(),
        tags: found.tags.iter().cloned().chain([http_only]).collect(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_call_is_retried_and_the_budget_shrinks() {
    let world = World::in_region("ap-northeast-2").await;
    let reads = ["DescribeLoadBalancers", "DescribeTags", "DescribeInstances", "ListCertificates"];
    for call in WRITES.iter().chain(&reads) {
        world.recorder.disturb(call, 1..=1, Fault::Throttle);
    }
    let mut controller = two_ingresses(&world).await;
    assert_converges_to_one_of_each(&mut controller).await;
    let throttled: BTreeMap<&str, u64> = world
        .aws
        .calls()
        .iter()
        .filter(|it| it.outcome == CallOutcome::Failed(ErrorClass::Throttled))
        .map(|it| (it.operation, it.count))
        .collect();
    assert_eq!(throttled.len(), WRITES.len() + reads.len(), "{throttled:?}");
    assert!(throttled.values().all(|count| *count == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_call_names_the_missing_right_stops_only_dependent_actions_and_is_not_repeated() {
    let world = World::in_region("ap-northeast-3").await;
    let denied = || Fault::Refuse {
        status: 403,
        code: "AccessDenied".to_owned(),
        message: "User: arn:aws:sts::123456789012:assumed-role/albatross is not authorized".to_owned(),
    };
    world.recorder.disturb("CreateLoadBalancer", .., denied());
    let mut controller = two_ingresses(&world).await;
    let pass = controller.pass().await;
    let failures = pass.failures();
    let [(action, error)] = failures.as_slice() else { panic!("one failure: {failures:?}") };
    assert!(action.id.ends_with("load-balancer/create"));
    assert_eq!(
        *error,
        "AccessDenied: AWS refuses elasticloadbalancing:CreateLoadBalancer: the controller's IAM role does not allow it; \
         see deploy/iam-policy.json (User: arn:aws:sts::123456789012:assumed-role/albatross is not authorized)"
    );
    let state_of = |end: &str| {
        pass.results.iter().find(|it| it.action.contains(end)).map(|it| it.state).expect("such an action")
    };
    assert_eq!(state_of("target-group/"), ActionState::Done);
    assert_eq!(state_of("auto-scaling-group/nodes/attach"), ActionState::Done);
    assert_eq!(state_of("listener/80/create"), ActionState::Skipped);

    let before = world.recorder.calls().len();
    let again = controller.pass().await;
    assert_eq!(again.failures()[0].1, failures[0].1, "the message is the same");
    assert_eq!(world.writes_since(before), [""; 0]);

    world.recorder.clear_faults();
    controller.restart(world.settings()); // A new process has forgotten the error.
    assert_converges_to_one_of_each(&mut controller).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_of_a_denial_begins_with_the_missing_dependent_right() {
    let world = World::in_region("ap-southeast-7").await;
    let missing = "ec2:GetSecurityGroupsForVpc";
    world.recorder.allow_only(rights_of_the_controller().into_iter().filter(|right| right != missing));
    let mut controller = two_ingresses(&world).await;
    let pass = controller.pass().await;
    let failures = pass.failures();
    let [(_, error)] = failures.as_slice() else { panic!("one failure: {failures:?}") };
    let told = "AccessDenied: AWS refuses ec2:GetSecurityGroupsForVpc, which elasticloadbalancing:CreateLoadBalancer needs: \
                the controller's IAM role does not allow it";
    assert!(error.starts_with(told), "{error}");
}

/// A permit that allows writes until the lease is lost.
#[derive(Default)]
struct Lease {
    lost: AtomicBool,
}

impl Permit for Lease {
    fn may_write_for(&self, _longest: Duration) -> bool {
        !self.lost.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lease_no_further_call_is_written() {
    let world = World::in_region("ap-southeast-1").await;
    let mut controller = two_ingresses(&world).await;
    let plan = controller.pass_without_execution().await;
    let lease = Lease::default();
    let before = world.recorder.calls().len();
    let results = controller
        .executor
        .execute(&plan, &lease, &mut |action, progress| {
            let is_over = matches!(progress, Progress::Over { .. });
            if is_over && action.id.ends_with("load-balancer/create") {
                lease.lost.store(true, Ordering::SeqCst);
            }
        })
        .await;
    assert!(results.iter().any(|it| it.state == ActionState::Skipped), "{results:?}");
    assert!(results.iter().all(|it| it.state != ActionState::Failed), "nothing went wrong: {results:?}");
    let writes = world.writes_since(before);
    assert!(!writes.contains(&"CreateListener".to_owned()), "{writes:?}");
    assert_converges_to_one_of_each(&mut controller).await;
}

/// A permit that allows a write only when it is asked for the first time.
#[derive(Default)]
struct Once {
    asked: AtomicUsize,
}

impl Permit for Once {
    fn may_write_for(&self, _longest: Duration) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst) == 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lease_nothing_is_read_for_a_write() {
    let world = World::in_region("ap-southeast-4").await;
    let controller = Controller::new(&world, world.settings(), Vec::new());
    let arn = "arn:aws:elasticloadbalancing:ap-southeast-4:123456789012:loadbalancer/app/albatross-1/0a";
    let plan = plan_of(Operation::DeleteLoadBalancer(ResourceReference::Existing(arn.to_owned())));
    let results = controller.executor.execute(&plan, &Once::default(), &mut |_, _| {}).await;
    assert_eq!(results[0].state, ActionState::Skipped, "{results:?}");
    assert_eq!(world.recorder.calls(), []);
}
