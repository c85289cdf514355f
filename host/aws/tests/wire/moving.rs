//! Load balancers of kube-ingress-aws-controller that are adopted and forgotten, and settings that only exist for operators
//! who come from it.

use std::sync::LazyLock;

use albatross_contract::{AccessLogSettings, Inventory, LoadBalancer, Settings};
use albatross_stories::{attribute, ingress};
use albatross_test_servers::Moto;
use albatross_test_world::ancestor::{Stack, TLS_POLICY};

use crate::{
    controller::{Controller, Pass, owned},
    world::World,
};

/// The regions of the shared one are taken.
static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().expect("moto starts"));

const HOST: &str = "shop.example.org";

/// The ARN of a certificate for the host.
async fn issued(world: &World) -> String {
    let arn = world.make_certificate(&[HOST]).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await; // It counts as issued by then.
    arn
}

/// A stack whose load balancer serves an Ingress, as its status says.
async fn served<'a>(world: &'a World, settings: Settings) -> (Stack, Controller<'a>) {
    let certificate = issued(world).await;
    let stack = Stack::make(world, &certificate).await;
    let mut controller = Controller::new(world, settings, vec![ingress("shop", &[HOST])]);
    controller.publish("shop", &stack.dns_name);
    (stack, controller)
}

fn naming(settings: &Settings, adopt: &[&str], forget: &[&str]) -> Settings {
    let names = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect());
    let mut settings = settings.clone();
    settings.allowances.adopt = names(adopt);
    settings.allowances.forget = names(forget);
    settings
}

fn only(inventory: &Inventory) -> LoadBalancer {
    let [found] = inventory.load_balancers.as_slice() else { panic!("{:#?}", inventory.load_balancers) };
    found.clone()
}

/// What clients notice of a load balancer. The health of its targets changes by itself while a test runs.
fn behaviour(inventory: &Inventory) -> impl PartialEq + std::fmt::Debug + use<> {
    let LoadBalancer { dns_name, listeners, subnets, security_groups, attributes, .. } = only(inventory);
    let all = inventory.target_groups.iter().flat_map(|group| &group.targets);
    let mut targets: Vec<_> = all.map(|target| (target.id.clone(), target.port)).collect();
    targets.sort();
    (dns_name, listeners, subnets, security_groups, attributes, targets)
}

async fn succeeding(controller: &mut Controller<'_>) -> Pass {
    let pass = controller.pass().await;
    assert_eq!(pass.failures(), []);
    pass
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_is_adopted_and_forgotten_by_its_tags_alone() {
    let world = World::on(&MOTO, "eu-west-3").await;
    let settings = world.settings();
    let (stack, mut controller) = served(&world, settings.clone()).await;
    // Of others, only load balancers that a person names are read as a whole.
    controller.restart(naming(&settings, &[&stack.name], &[]));
    let there = behaviour(&controller.observe().await);

    let before = world.recorder.calls().len();
    let adopting = succeeding(&mut controller).await;
    let told = &adopting.plan.diagnostics;
    assert_eq!(world.writes_since(before), ["AddTags", "AddTags"], "{told:#?}");

    controller.restart(settings.clone());
    let before = world.recorder.calls().len();
    let next = succeeding(&mut controller).await;
    assert_eq!(next.plan.actions, [], "nothing changes for clients");
    assert_eq!(next.statuses_written, 0, "the name stays");
    assert_eq!(world.writes_since(before), [""; 0]);
    let adopted = controller.observe().await;
    assert_eq!(owned(&adopted).len(), 1);
    assert_eq!(behaviour(&adopted), there);
    assert_eq!(
        only(&adopted).listeners[1].ssl_policy.as_deref(),
        Some(TLS_POLICY),
        "until a person names one"
    );

    controller.restart(naming(&settings, &[], &[&stack.load_balancer]));
    let before = world.recorder.calls().len();
    succeeding(&mut controller).await;
    assert_eq!(world.writes_since(before), ["RemoveTags", "RemoveTags"]);
    controller.restart(naming(&settings, &[&stack.name], &[]));
    let forgotten = controller.observe().await;
    assert_eq!(owned(&forgotten).len(), 0);
    assert_eq!(behaviour(&forgotten), there);
    assert_eq!(controller.hostname("shop").as_deref(), Some(stack.dns_name.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn access_logs_and_deletion_protection_are_set_and_protection_ends_before_a_deletion() {
    let world = World::on(&MOTO, "eu-north-1").await;
    let mut settings = world.settings();
    settings.grace = 60;
    settings.access_logs =
        Some(AccessLogSettings { bucket: "harbour-logs".to_owned(), prefix: Some("alb".to_owned()) });
    settings.deletion_protection = Some(true);
    issued(&world).await;
    let mut controller = Controller::new(&world, settings, vec![ingress("shop", &[HOST])]);
    controller.converge().await;

    let found = only(&controller.observe().await);
    let attribute = |key: &str| attribute(&found.attributes, key);
    assert_eq!(attribute("access_logs.s3.enabled"), Some("true"));
    assert_eq!(attribute("access_logs.s3.bucket"), Some("harbour-logs"));
    assert_eq!(attribute("access_logs.s3.prefix"), Some("alb"));
    assert_eq!(attribute("deletion_protection.enabled"), Some("true"));

    controller.apply(Vec::new());
    controller.converge().await;
    assert_eq!(controller.observe().await.load_balancers.len(), 1, "the grace period is not over");
    controller.wait(3_600);
    controller.converge().await;
    controller.wait(3_600);
    controller.converge().await;
    assert_eq!(controller.observe().await.load_balancers, []);
}
