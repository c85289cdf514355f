//! What takes long at AWS must not hold up a change of the cluster: reading, and a plan with many actions.

use std::time::Duration;

use albatross_test_servers::{Call, Fault};

use crate::support::{
    World, eventually,
    fleet::replica,
    objects::{endpoints, service},
};

/// At a quarter of AWS's rate limits, their rules take more than a minute.
const NEW: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_that_change_while_aws_is_read_are_registered_at_once() {
    let world = World::new("slow-reads").await;
    world.apply(&format!("{}---{}", service("cart"), endpoints("cart", &["10.0.1.1".to_owned()]))).await;
    world.apply(&ingress("first")).await;
    let replica = replica(&world, "replica", &[]);
    replica.passes("converged", 2.0).await;

    // The lists never come, so that who waits for them registers nothing.
    world.recorder.disturb("DescribeLoadBalancers", .., Fault::Delay(Duration::from_secs(60)));
    let before = world.recorder.calls().len();
    let answered = |action: &str| {
        let calls = world.recorder.calls().split_off(before);
        calls.iter().any(|call| call.action == action && call.is_answered())
    };
    eventually("AWS is read", async || answered("DescribeInstances").then_some(())).await;
    world.apply(&endpoints("cart", &["10.0.1.1".to_owned(), "10.0.1.2".to_owned()])).await;
    eventually("the endpoint is registered", async || answered("RegisterTargets").then_some(())).await;
    assert!(!answered("DescribeLoadBalancers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_that_change_while_many_rules_are_created_are_registered_at_once() {
    let world = World::new("long-plan").await;
    world.apply(&format!("{}---{}", service("cart"), endpoints("cart", &["10.0.1.1".to_owned()]))).await;
    world.apply(&ingress("first")).await;
    let replica = replica(&world, "replica", &[]);
    replica.passes("converged", 1.0).await;

    let made = |action: &str| {
        let calls: Vec<Call> = world.recorder.calls();
        calls.into_iter().filter(|call| call.action == action && call.is_answered()).count()
    };
    let (rules, registered) = (made("CreateRule"), made("RegisterTargets"));
    let new: Vec<String> = (0..NEW).map(|number| ingress(&format!("new-{number}"))).collect();
    world.apply(&new.join("---")).await;
    eventually("rules are created", async || (made("CreateRule") > rules).then_some(())).await;
    world.apply(&endpoints("cart", &["10.0.1.1".to_owned(), "10.0.1.2".to_owned()])).await;
    eventually("the endpoint is registered", async || (made("RegisterTargets") > registered).then_some(()))
        .await;
    let before = made("CreateRule") - rules;
    assert!(before < NEW, "the plan was over before: {before} rules");
    assert!(replica.log().contains("what was skipped is left to the next plan"), "{}", replica.log());
    eventually("the next plan goes on", async || (made("CreateRule") - rules > before).then_some(())).await;
    assert_eq!(replica.passed("failed"), None);
}

/// An Ingress in route mode with a host of its name, and the others.
fn ingress(name: &str) -> String {
    format!(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  namespace: shop
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/group.name: many
    alb.ingress.kubernetes.io/target-type: ip
spec:
  rules:
    - host: {name}.example.org
      http:
        paths:
          - {{ path: /, pathType: Prefix, backend: {{ service: {{ name: cart, port: {{ number: 80 }} }} }} }}
"
    )
}
