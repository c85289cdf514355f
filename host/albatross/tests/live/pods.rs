//! Pods of the proxy as targets: they are registered by their addresses, and followed.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{TargetHealthStateEnum, TargetTypeEnum};
use k8s_openapi::api::core::v1 as core;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::json;

use crate::support::{
    World, eventually,
    objects::{ingress, published},
    replica::Replica,
};

const SETTINGS: &str = r#"{
    "proxy": { "pods": { "namespace": "kube-system", "label-selector": "application in (skipper)" } }
}"#;

/// A Pod of the proxy that a kubelet reports as running and ready.
async fn start(world: &World, name: &str, address: &str) {
    world
        .apply(&format!(
            "
apiVersion: v1
kind: Pod
metadata: {{ name: {name}, namespace: kube-system, labels: {{ application: skipper }} }}
spec: {{ nodeName: ip-10-0-0-1, containers: [{{ name: skipper, image: skipper }}] }}
"
        ))
        .await;
    let ready = json!({ "type": "Ready", "status": "True" });
    let status = json!({ "phase": "Running", "podIPs": [{ "ip": address }], "conditions": [ready] });
    let patch = Patch::Merge(json!({ "status": status }));
    pods(world).patch_status(name, &PatchParams::default(), &patch).await.unwrap();
}

fn pods(world: &World) -> Api<core::Pod> {
    Api::namespaced(world.administrator.clone(), "kube-system")
}

/// The targets of the only target group, except those that are draining.
async fn targets(world: &World) -> Option<BTreeSet<String>> {
    let elb = world.account.elb();
    let groups = elb.describe_target_groups().send().await.ok()?;
    let [group] = groups.target_groups() else { return None };
    assert_eq!(group.target_type(), Some(&TargetTypeEnum::Ip));
    let health =
        elb.describe_target_health().target_group_arn(group.target_group_arn()?).send().await.ok()?;
    let stay = health.target_health_descriptions().iter().filter(|it| {
        it.target_health().and_then(|health| health.state()) != Some(&TargetHealthStateEnum::Draining)
    });
    Some(stay.filter_map(|it| Some(it.target()?.id()?.to_owned())).collect())
}

async fn until_the_targets_are(world: &World, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|address| (*address).to_owned()).collect();
    eventually("the pods are the targets", async || {
        (targets(world).await.as_ref() == Some(&expected)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_of_the_proxy_are_registered_and_leave_when_they_are_to_end() {
    let world = World::new("pods").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    start(&world, "skipper-1", "10.0.0.11").await;
    start(&world, "skipper-2", "10.0.1.12").await;
    let settings = world.file("settings.json", SETTINGS);
    let replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    world.apply(&ingress("checkout", "shop.example.org")).await;
    eventually("the status names a load balancer", async || {
        published(&world.administrator, "checkout").await.into_iter().next()
    })
    .await;
    until_the_targets_are(&world, &["10.0.0.11", "10.0.1.12"]).await;
    let attached = world.account.auto_scaling().describe_auto_scaling_groups().send().await.unwrap();
    assert!(attached.auto_scaling_groups().iter().all(|group| group.target_group_arns().is_empty()));
    world.quiet(&replica).await;

    start(&world, "skipper-3", "10.0.0.13").await;
    until_the_targets_are(&world, &["10.0.0.11", "10.0.0.13", "10.0.1.12"]).await;

    pods(&world).delete("skipper-1", &DeleteParams::default().grace_period(3_600)).await.unwrap();
    until_the_targets_are(&world, &["10.0.0.13", "10.0.1.12"]).await;

    let quiet = world.quiet(&replica).await;
    assert_eq!(world.writes_since(quiet), Vec::<String>::new());
    let log = replica.log();
    assert_eq!(replica.terminate(), 0);
    assert!(!log.contains("ERROR"), "{log}");
}
