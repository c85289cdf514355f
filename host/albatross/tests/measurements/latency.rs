//! How long a changed endpoint waits until its target is registered, in a large cluster in which nothing else changes.

use std::time::{Duration, SystemTime};

use albatross_test_servers::Call;
use futures::{StreamExt, stream};

use crate::{
    calls::{rest, start_with, wait},
    support::{
        World,
        objects::{endpoints, ingress, service},
    },
};

/// Ingresses in route mode, and load balancers and Services of theirs. The others are in proxy mode on shared load balancers: to create
/// a rule for each of them would take half an hour at AWS's rate limits.
const ROUTED: usize = 100;
const GROUPS: usize = 10;
const SERVICES: usize = 50;

/// How many changes are made, one after the other.
const CHANGES: usize = 200;

/// Changes come at different moments of the passes.
const PAUSE: Duration = Duration::from_millis(1_370);

const SETTINGS: &str =
    r#"{ "classes": [{ "name": "albatross", "mode": "proxy" }, { "name": "alb", "mode": "route" }] }"#;

/// The measurements.
pub struct Figures {
    pub ingresses: usize,
    /// From the write of the EndpointSlice until the call arrives, the shortest first.
    pub delays: Vec<Duration>,
}

/// In a cluster with this many Ingresses, at this percentage of AWS's rate limits.
pub async fn with_ingresses(ingresses: usize, rate: u8) -> Figures {
    let world = World::new(&format!("measured-latency-{rate}")).await;
    world.account.make_certificate(&["*.shop.example.org"]).await;
    stream::iter(ROUTED..ingresses)
        .for_each_concurrent(32, async |number| {
            let name = format!("ingress-{number}");
            world.apply(&ingress(&name, &format!("{name}.shop.example.org"))).await;
        })
        .await;
    for number in 0..SERVICES {
        world.apply(&format!("{}---{}", service(&name(number)), with_endpoints(number, 0))).await;
    }
    for number in 0..ROUTED {
        world.apply(&routed(number)).await;
    }
    let settings = world.file("settings.json", SETTINGS);
    let settings = ["--settings", settings.to_str().expect("a path in UTF-8")];
    let maker = start_with(&world, "maker", &[&settings[..], &["--aws-rate=100"]].concat());
    rest(&maker, 2.0).await;
    assert_eq!(maker.terminate(), 0);
    let replica = start_with(&world, "replica", &[&settings[..], &[&format!("--aws-rate={rate}")]].concat());
    rest(&replica, 2.0).await;

    let mut delays = Vec::new();
    for change in 1..=CHANGES {
        let before = world.recorder.calls().len();
        let changed = SystemTime::now();
        world.apply(&with_endpoints(change % SERVICES, change)).await;
        let registered = || {
            let calls = world.recorder.calls().split_off(before);
            calls.into_iter().find(|call: &Call| call.action == "RegisterTargets")
        };
        wait("the target is registered", async || registered().is_some()).await;
        let registered = registered().expect("it was there");
        delays.push(registered.at.duration_since(changed).unwrap_or_default());
        tokio::time::sleep(PAUSE).await;
    }
    delays.sort_unstable();
    Figures { ingresses, delays }
}

fn name(number: usize) -> String {
    format!("service-{number}")
}

/// Two endpoints, one of which differs in each version.
fn with_endpoints(number: usize, version: usize) -> String {
    let addresses = [format!("10.0.1.{number}"), format!("10.0.2.{}", version % 250 + 1)];
    endpoints(&name(number), &addresses)
}

fn routed(number: usize) -> String {
    let (group, service) = (number % GROUPS, name(number % SERVICES));
    format!(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: routed-{number}
  namespace: shop
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/group.name: g{group}
    alb.ingress.kubernetes.io/target-type: ip
spec:
  rules:
    - host: routed-{number}.example.org
      http:
        paths:
          - {{ path: /, pathType: Prefix, backend: {{ service: {{ name: {service}, port: {{ number: 80 }} }} }} }}
"
    )
}
