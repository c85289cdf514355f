//! Records in Route 53 for the hosts of an Ingress.

use super::manifests::{Ingress, service};
use crate::support::{
    World, eventually,
    objects::{delete_ingress, published},
    replica::Replica,
};

const SETTINGS: &str = r#"{
  "grace": 3, "proxy": { "deregistration-delay": 1 }, "classes": [{ "name": "alb", "mode": "route" }],
  "route53": { "zones": [], "domains": ["example.org"] }
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_host_has_records_from_the_status_of_its_ingress_to_its_deletion() {
    let world = World::new("records").await;
    let zone = world.account.route53().create_hosted_zone().name("example.org").caller_reference("test");
    let zone = zone.send().await.unwrap().hosted_zone.unwrap().id;
    let people: Vec<String> = names(&world, &zone).await;
    let settings = world.file("settings.json", SETTINGS);
    let replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);

    world.apply(&service("shop", "web", 80)).await;
    let ingress = Ingress {
        namespace: "shop".to_owned(),
        name: "game".to_owned(),
        annotations: vec![("scheme", "internet-facing".to_owned())],
        hosts: vec![("2048.example.org".to_owned(), vec![("/", "web")])],
    };
    world.apply(&ingress.manifest()).await;
    let target =
        eventually("the host has a record", async || alias(&world, &zone, "2048.example.org.").await).await;
    // Statuses are written after the actions of a pass.
    let hostname = eventually("its status names the load balancer", async || {
        published(&world.administrator, "game").await.into_iter().next()
    })
    .await;
    assert_eq!(target.trim_end_matches('.').trim_start_matches("dualstack."), hostname);
    let mut expected = people.clone();
    expected.extend(["2048.example.org. A", "_albatross.2048.example.org. TXT"].map(str::to_owned));
    expected.sort();
    assert_eq!(names(&world, &zone).await, expected);

    let quiet = world.quiet(&replica).await;
    assert_eq!(world.writes_since(quiet), [""; 0]);

    delete_ingress(&world.administrator, "game").await;
    eventually("its records and its load balancer are gone", async || {
        let found = world.account.elb().describe_load_balancers().send().await.unwrap();
        (found.load_balancers().is_empty() && names(&world, &zone).await == people).then_some(())
    })
    .await;
    let log = replica.log();
    assert!(!log.contains("ERROR"), "{log}");
}

/// Where the alias record of a host points.
async fn alias(world: &World, zone: &str, host: &str) -> Option<String> {
    let answer =
        world.account.route53().list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    let mut records = answer.resource_record_sets().iter().filter(|record| record.name() == host);
    records.find_map(|record| Some(record.alias_target()?.dns_name().to_owned()))
}

/// Names and types of all records, in order.
async fn names(world: &World, zone: &str) -> Vec<String> {
    let answer =
        world.account.route53().list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    let records = answer.resource_record_sets().iter();
    let mut names: Vec<String> =
        records.map(|record| format!("{} {}", record.name(), record.r#type().as_str())).collect();
    names.sort();
    names
}
