//! How often AWS is called in route mode, in the world in which AWS's controller was counted: 20 load balancers, each with
//! 10 target groups and 40 rules.

use std::{fmt::Write, time::Duration};

use tokio::time::sleep;

use crate::{
    calls::{Row, mean_of_five_passes, rest, row, start_with, wait},
    support::{World, objects::published},
};

const LOAD_BALANCERS: usize = 20;
/// Ingresses of a group, each with a path to each Service.
const INGRESSES: usize = 4;
const SERVICES: usize = 10;

const SETTINGS: &str = r#"{ "classes": [{ "name": "alb", "mode": "route" }] }"#;

/// How long calls are counted after a change: longer than changes are batched, and shorter than the time between two passes.
const COUNTED: Duration = Duration::from_secs(15);

/// From nothing to the whole world, and some changes of one Ingress.
pub async fn rows() -> Vec<Row> {
    let world = World::new("measured-routes").await;
    let settings = world.file("settings.json", SETTINGS);
    // The calls are the same at any rate.
    let arguments = ["--settings", settings.to_str().expect("a path in UTF-8"), "--aws-rate=100"];
    let services: Vec<String> = (0..SERVICES).map(service).collect();
    world.apply(&services.join("---\n")).await;
    for group in 0..LOAD_BALANCERS {
        let ingresses: Vec<String> =
            (0..INGRESSES).map(|number| ingress(group, number, "", SERVICES)).collect();
        world.apply(&ingresses.join("---\n")).await;
    }
    let mut rows = Vec::new();

    let replica = start_with(&world, "maker", &arguments);
    for (group, number) in
        (0..LOAD_BALANCERS).flat_map(|group| (0..INGRESSES).map(move |number| (group, number)))
    {
        let name = name(group, number);
        wait(&format!("{name} is served"), async || !published(&world.administrator, &name).await.is_empty())
            .await;
    }
    rest(&replica, 1.0).await;
    rows.push(row("everything is created", &world.recorder.calls()));
    assert_eq!(replica.terminate(), 0);

    let before = world.recorder.calls().len();
    let replica = start_with(&world, "starter", &arguments);
    rest(&replica, 1.0).await;
    rows.push(row("cold start, nothing to do", &world.recorder.calls().split_off(before)));

    rows.push(mean_of_five_passes(&world, &replica).await);

    for (what, annotation, paths) in [
        ("an annotation without meaning", "example.org/note: x", SERVICES),
        ("a path is added", "example.org/note: x", SERVICES + 1),
    ] {
        rest(&replica, 1.0).await;
        let before = world.recorder.calls().len();
        world.apply(&ingress(0, 0, annotation, paths)).await;
        sleep(COUNTED).await;
        rows.push(row(what, &world.recorder.calls().split_off(before)));
    }
    rows
}

fn name(group: usize, number: usize) -> String {
    format!("routes-{group}-{number}")
}

fn service(number: usize) -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{ name: s{number}, namespace: shop }}
spec: {{ type: NodePort, ports: [{{ port: 80 }}] }}
"
    )
}

/// An Ingress of a group with this many paths, the last of which may lead to a Service that other paths lead to as well.
fn ingress(group: usize, number: usize, annotation: &str, paths: usize) -> String {
    let name = name(group, number);
    let mut text = format!(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  namespace: shop
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/group.name: g{group}
    {annotation}
spec:
  rules:
    - host: {name}.example.org
      http:
        paths:
"
    );
    for path in 0..paths {
        let backend = format!("{{ service: {{ name: s{}, port: {{ number: 80 }} }} }}", path % SERVICES);
        let path = format!("{{ path: /p{path}, pathType: Prefix, backend: {backend} }}");
        writeln!(text, "          - {path}").expect("a String takes every text");
    }
    text
}
