//! Readiness gates: a Pod of a Service in route mode becomes ready when AWS calls its target healthy, and leaves when it is to end.

use std::collections::BTreeSet;

use albatross_contract::READINESS_GATE;
use albatross_test_world::cluster::grant_readiness_gates;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;
use k8s_openapi::api::core::v1 as core;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::json;

use crate::support::{World, eventually, objects::published, replica::Replica};

const SETTINGS: &str = r#"{
  "readiness-gates": true, "classes": [{ "name": "alb", "mode": "route" }]
}"#;

const SHOP: &str = "
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: ip
spec:
  rules:
    - host: shop.example.org
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }
";

/// A Pod with the gate whose containers a kubelet reports as ready.
async fn start(world: &World, name: &str, address: &str) {
    let app = name.split('-').next().unwrap();
    world
        .apply(&format!(
            "
apiVersion: v1
kind: Pod
metadata: {{ name: {name}, namespace: shop, labels: {{ app: {app} }} }}
spec:
  nodeName: ip-10-0-0-1
  readinessGates: [{{ conditionType: {READINESS_GATE} }}]
  containers: [{{ name: cart, image: cart }}]
"
        ))
        .await;
    let ready = json!({ "type": "ContainersReady", "status": "True" });
    let status = json!({ "phase": "Running", "podIPs": [{ "ip": address }], "conditions": [ready] });
    let patch = Patch::Merge(json!({ "status": status }));
    pods(world).patch_status(name, &PatchParams::default(), &patch).await.unwrap();
}

fn pods(world: &World) -> Api<core::Pod> {
    Api::namespaced(world.administrator.clone(), "shop")
}

/// The EndpointSlice of the Service, as Kubernetes writes it: each Pod with its address, whether it is ready, and whether it is to end.
async fn endpoints(world: &World, endpoints: &[(&str, &str, bool, bool)]) {
    let mut slice = "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: cart-1, namespace: shop, labels: { kubernetes.io/service-name: cart } }
addressType: IPv4
ports: [{ port: 8080 }]
endpoints:
"
    .to_owned();
    for (name, address, ready, terminating) in endpoints {
        slice.push_str(&format!(
            "- {{ addresses: [{address}], conditions: {{ ready: {ready}, terminating: {terminating} }}, targetRef: {{ kind: Pod, \
             name: {name}, namespace: shop }} }}\n"
        ));
    }
    world.apply(&slice).await;
}

/// The condition of a Pod: its status and its reason.
async fn condition(world: &World, name: &str) -> Option<(String, String)> {
    let pod = pods(world).get(name).await.ok()?;
    let conditions = pod.status?.conditions?;
    let found = conditions.into_iter().find(|condition| condition.type_ == READINESS_GATE)?;
    Some((found.status, found.reason.unwrap_or_default()))
}

/// The targets in one of these states.
async fn targets(world: &World, states: &[TargetHealthStateEnum]) -> Option<BTreeSet<String>> {
    let elb = world.account.elb();
    let groups = elb.describe_target_groups().send().await.ok()?;
    let [group] = groups.target_groups() else { return None };
    let health =
        elb.describe_target_health().target_group_arn(group.target_group_arn()?).send().await.ok()?;
    let found = health.target_health_descriptions().iter().filter(|it| {
        let state = it.target_health().and_then(|health| health.state());
        state.is_some_and(|state| states.contains(state))
    });
    Some(found.filter_map(|it| Some(it.target()?.id()?.to_owned())).collect())
}

async fn until_ready(world: &World, name: &str, address: &str) {
    eventually("the Pod becomes ready", async || {
        let (status, reason) = condition(world, name).await?;
        (status == "True").then(|| assert_eq!(reason, "TargetHealthy"))
    })
    .await;
    let healthy = targets(world, &[TargetHealthStateEnum::Healthy]).await.unwrap();
    assert!(healthy.contains(address), "{name} is ready, so its target is healthy: {healthy:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_become_ready_when_their_targets_are_healthy_and_leave_when_they_are_to_end() {
    let world = World::new("readiness").await;
    grant_readiness_gates(&world.administrator).await;
    let settings = world.file("settings.json", SETTINGS);
    start(&world, "cart-1", "10.0.0.11").await;
    endpoints(&world, &[("cart-1", "10.0.0.11", false, false)]).await;
    let replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    world.apply(SHOP).await;
    until_ready(&world, "cart-1", "10.0.0.11").await;
    eventually("the status names a load balancer", async || {
        published(&world.administrator, "shop").await.into_iter().next()
    })
    .await;
    endpoints(&world, &[("cart-1", "10.0.0.11", true, false)]).await;
    world.quiet(&replica).await;

    // A rollout: the new Pod is registered though it is not ready.
    start(&world, "cart-2", "10.0.1.12").await;
    endpoints(&world, &[("cart-1", "10.0.0.11", true, false), ("cart-2", "10.0.1.12", false, false)]).await;
    until_ready(&world, "cart-2", "10.0.1.12").await;
    let written = replica.metric(r#"albatross_readiness_conditions_total{kind="written"}"#).unwrap();
    assert!(written >= 2.0, "{written}");

    // Then the old Pod is to end.
    endpoints(&world, &[("cart-1", "10.0.0.11", false, true), ("cart-2", "10.0.1.12", true, false)]).await;
    let registered = [TargetHealthStateEnum::Healthy, TargetHealthStateEnum::Initial];
    eventually("the old Pod is deregistered", async || {
        (targets(&world, &registered).await? == BTreeSet::from(["10.0.1.12".to_owned()])).then_some(())
    })
    .await;

    // Nothing forwards to a Pod: it does not wait.
    start(&world, "worker", "10.0.0.99").await;
    eventually("the worker becomes ready", async || {
        (condition(&world, "worker").await? == ("True".to_owned(), "NotATarget".to_owned())).then_some(())
    })
    .await;

    let quiet = world.quiet(&replica).await;
    assert_eq!(world.writes_since(quiet), Vec::<String>::new());
    let log = replica.log();
    assert_eq!(replica.terminate(), 0);
    assert!(!log.contains("ERROR"), "{log}");
}
