//! Web ACLs of AWS WAF, and attributes of listeners: both are read only where an Ingress asks for them.

use std::sync::LazyLock;

use albatross_contract::{ClassSetting, Cluster, Ingress, LoadBalancer, Mode, Settings, Tag, ViewPart};
use albatross_test_servers::{Fault, Moto};
use aws_sdk_wafv2::types::{AllowAction, DefaultAction, Scope, VisibilityConfig};
use serde_json::{from_value, json};

use crate::{
    controller::{Controller, Pass, owned},
    world::World,
};

/// A moto of its own: other tests have these regions.
static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().expect("moto starts"));

const WEB_ACL: &str = "wafv2-acl-arn";
const ATTRIBUTES: &str = "listener-attributes.HTTP-80";
const FRAMES: &str = "routing.http.response.x_frame_options.header_value";

fn settings(world: &World) -> Settings {
    let mut settings = world.settings();
    settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    settings
}

fn ingress(annotations: &[(&str, &str)]) -> Ingress {
    let path = json!({"path": "/", "path-type": "prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}});
    let annotations = [("scheme", "internet-facing")].iter().chain(annotations);
    let annotations = annotations.map(|(name, value)| Tag {
        key: format!("alb.ingress.kubernetes.io/{name}"),
        value: (*value).to_owned(),
    });
    let annotations: Vec<Tag> = annotations.collect();
    let metadata = json!({"namespace": "shop", "name": "shop", "annotations": annotations});
    let rules = json!([{"host": "shop.example.org", "paths": [path]}]);
    from_value(json!({"metadata": metadata, "rules": rules})).expect("an Ingress")
}

/// Changes the annotations of the Ingress.
fn annotate(controller: &mut Controller<'_>, annotations: &[(&str, &str)]) {
    let mut ingress = ingress(annotations);
    if let Some(there) = controller.cluster.cluster().ingresses.first() {
        ingress.status.clone_from(&there.status);
    }
    let port = json!({"port": 80, "protocol": "tcp", "node-port": 30_080});
    let metadata = json!({"namespace": "shop", "name": "web"});
    let service =
        from_value(json!({"metadata": metadata, "kind": "node-port", "ports": [port]})).expect("a Service");
    let cluster = Cluster { ingresses: vec![ingress], services: vec![service], ..Cluster::default() };
    controller.cluster.apply(cluster, 0);
}

async fn web_acl(world: &World, name: &str) -> String {
    let visibility = VisibilityConfig::builder()
        .sampled_requests_enabled(false)
        .cloud_watch_metrics_enabled(false)
        .metric_name(name);
    let request = world.wafv2().create_web_acl().name(name).scope(Scope::Regional);
    let allow = DefaultAction::builder().allow(AllowAction::builder().build()).build();
    let request = request.default_action(allow).visibility_config(visibility.build().expect("complete"));
    let answer = request.send().await.expect("a web ACL");
    answer.summary.and_then(|summary| summary.arn).expect("its ARN")
}

/// The web ACL of a load balancer, as AWS says.
async fn protecting(world: &World, load_balancer: &str) -> Option<String> {
    let request = world.wafv2().get_web_acl_for_resource().resource_arn(load_balancer);
    request.send().await.expect("an answer").web_acl.map(|found| found.arn)
}

fn the_only(pass: &Pass) -> LoadBalancer {
    owned(&pass.inventory)[0].clone()
}

fn frames(load_balancer: &LoadBalancer) -> Option<&str> {
    let attributes = &load_balancer.listeners[0].attributes;
    attributes.iter().find(|it| it.key == FRAMES).map(|it| it.value.as_str())
}

/// The calls to AWS WAF, and about attributes of listeners, after the first `count` calls.
fn special(world: &World, count: usize) -> Vec<String> {
    let calls = world.calls_since(count).into_iter();
    let special = calls.filter(|call| call.service == "wafv2" || call.action.contains("ListenerAttributes"));
    special.map(|call| call.action).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_acl_and_attributes_of_a_listener_are_set_changed_and_left_alone() {
    let world = World::on(&MOTO, "eu-west-1").await;
    let (first, second) = (web_acl(&world, "first").await, web_acl(&world, "second").await);
    let mut controller = Controller::new(&world, settings(&world), Vec::new());
    annotate(&mut controller, &[(WEB_ACL, &first), (ATTRIBUTES, &format!("{FRAMES}=DENY"))]);
    let passes = controller.converge().await;
    assert!(passes.iter().all(|pass| pass.failures().is_empty()));
    let last = the_only(passes.last().expect("passes"));
    assert_eq!((last.web_acl.as_ref(), frames(&last)), (Some(&first), Some("DENY")));
    assert_eq!(protecting(&world, &last.arn).await, Some(first.clone()));

    let before = world.recorder.calls().len();
    assert!(controller.pass().await.plan.actions.is_empty());
    assert_eq!(special(&world, before), [""; 0], "they are cached");
    controller.wait(601);
    let before = world.recorder.calls().len();
    assert!(controller.pass().await.plan.actions.is_empty());
    let mut read = special(&world, before);
    read.sort();
    assert_eq!(read, ["DescribeListenerAttributes", "ListResourcesForWebACL"]);

    annotate(&mut controller, &[(WEB_ACL, &second), (ATTRIBUTES, &format!("{FRAMES}=SAMEORIGIN"))]);
    let passes = controller.converge().await;
    let last = the_only(passes.last().expect("passes"));
    assert_eq!((last.web_acl.as_ref(), frames(&last)), (Some(&second), Some("SAMEORIGIN")));

    annotate(&mut controller, &[(WEB_ACL, "none")]);
    controller.converge().await;
    assert_eq!(protecting(&world, &last.arn).await, None);

    annotate(&mut controller, &[]);
    let request = world.wafv2().associate_web_acl().web_acl_arn(&first).resource_arn(&last.arn);
    request.send().await.expect("a person associates it");
    controller.wait(601);
    let before = world.recorder.calls().len();
    let pass = controller.pass().await;
    assert_eq!(pass.plan.actions, []);
    assert_eq!((special(&world, before), the_only(&pass).web_acl), (Vec::new(), None), "no call is made");
    assert_eq!(protecting(&world, &last.arn).await, Some(first), "what a person chose stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_long_as_a_web_acl_cannot_be_read_nothing_is_changed_and_the_ingress_is_told() {
    let world = World::on(&MOTO, "eu-west-2").await;
    let (first, second) = (web_acl(&world, "first").await, web_acl(&world, "second").await);
    let mut controller = Controller::new(&world, settings(&world), Vec::new());
    annotate(&mut controller, &[(WEB_ACL, &first)]);
    controller.converge().await;
    controller.restart(settings(&world));
    annotate(&mut controller, &[(WEB_ACL, &second), (ATTRIBUTES, &format!("{FRAMES}=DENY"))]);
    let denied =
        || Fault::Refuse { status: 400, code: "AccessDeniedException".to_owned(), message: "no".to_owned() };
    world.recorder.disturb("ListResourcesForWebACL", .., denied());
    world.recorder.disturb("GetWebACLForResource", .., denied());
    world.recorder.disturb("DescribeListenerAttributes", .., denied());

    let before = world.recorder.calls().len();
    let pass = controller.pass().await;
    let found = the_only(&pass);
    let gaps: Vec<(ViewPart, Option<String>)> =
        pass.inventory.incomplete.iter().map(|it| (it.part, it.resource.clone())).collect();
    let arn = Some(found.arn.clone());
    assert_eq!(gaps, [(ViewPart::ListenerAttributes, arn.clone()), (ViewPart::WebAcls, arn)]);
    assert_eq!((found.web_acl, world.writes_since(before)), (None, Vec::new()));
    let told: Vec<&str> = pass.plan.outcomes[0].diagnostics.iter().map(|it| it.message.as_str()).collect();
    for annotation in [WEB_ACL, ATTRIBUTES] {
        assert!(
            told.iter().any(|it| it.contains(annotation) && it.contains("AWS refuses")),
            "{annotation}: {told:#?}"
        );
    }
    assert_eq!(protecting(&world, &found.arn).await, Some(first));

    world.recorder.clear_faults();
    controller.converge().await;
    assert_eq!(protecting(&world, &found.arn).await, Some(second));
}
