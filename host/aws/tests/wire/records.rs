//! Records in Route 53.

use albatross_contract::{
    ChangeRecordSets, ClassSetting, Cluster, HostedZone, Ingress, Mode, Operation, RecordSet,
    RecordSetChange, RecordSetChangeKind, Route53Settings, Service, Settings, ViewPart,
};
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, HostedZoneConfig, ResourceRecord, ResourceRecordSet, RrType, Vpc,
    VpcRegion,
};
use serde_json::{from_value, json};

use crate::{
    controller::{Always, Controller, owned, plan_of},
    world::World,
};
use albatross_aws::Executor;

fn settings(world: &World, zones: &[String]) -> Settings {
    let mut settings = world.settings();
    settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    settings.route53 = Some(Route53Settings { zones: zones.to_vec(), domains: Vec::new(), role: None });
    settings
}

/// Creates a public hosted zone, or a private one of the VPC. Returns its id.
async fn hosted_zone(world: &World, name: &str, private: bool) -> String {
    let request =
        world.route53().create_hosted_zone().name(name).caller_reference(format!("{name}{private}"));
    let region = VpcRegion::from(world.region.as_str());
    let vpc = Vpc::builder().vpc_id(&world.vpc).vpc_region(region).build();
    let config = HostedZoneConfig::builder().private_zone(private).build();
    let request = request.set_vpc(private.then_some(vpc)).hosted_zone_config(config);
    let answer = request.send().await.expect("a hosted zone");
    answer.hosted_zone().expect("it").id().trim_start_matches("/hostedzone/").to_owned()
}

async fn put(world: &World, zone: &str, name: &str, value: &str) {
    let value = ResourceRecord::builder().value(value).build().expect("complete");
    let record = ResourceRecordSet::builder().name(name).r#type(RrType::A).ttl(60).resource_records(value);
    let change = Change::builder()
        .action(ChangeAction::Upsert)
        .resource_record_set(record.build().expect("complete"))
        .build()
        .expect("complete");
    let batch = ChangeBatch::builder().changes(change).build().expect("complete");
    let request = world.route53().change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    request.send().await.expect("a record");
}

fn ingress(name: &str, hosts: &[&str]) -> Ingress {
    let path = json!({"path": "/", "path-type": "prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}});
    let rules: Vec<_> = hosts.iter().map(|host| json!({"host": host, "paths": [path]})).collect();
    let annotation = json!({"key": "alb.ingress.kubernetes.io/scheme", "value": "internet-facing"});
    let metadata = json!({"namespace": "shop", "name": name, "annotations": [annotation]});
    from_value(json!({"metadata": metadata, "rules": rules})).expect("an Ingress")
}

fn service() -> Service {
    let port = json!({"port": 80, "protocol": "tcp", "node-port": 30_080});
    let metadata = json!({"namespace": "shop", "name": "web"});
    from_value(json!({"metadata": metadata, "kind": "node-port", "ports": [port]})).expect("a Service")
}

fn apply(controller: &mut Controller<'_>, ingresses: Vec<Ingress>) {
    let now = controller.cluster.cluster().ingresses.len() as u64;
    controller.cluster.apply(Cluster { ingresses, services: vec![service()], ..Cluster::default() }, now);
}

/// The records of a hosted zone as the controller sees them: names, types, and where they point.
async fn records(controller: &mut Controller<'_>, zone: &str) -> Vec<String> {
    controller.wait(600);
    let zones = controller.observe().await.hosted_zones.expect("hosted zones are observed");
    let found = zones.iter().find(|it| it.id == zone).expect("the hosted zone");
    let told = found.record_sets.iter().map(|record| {
        let to = record.alias_target.as_ref().map(|alias| alias.dns_name.clone()).unwrap_or_default();
        format!("{} {} {to}", record.name, record.record_type)
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn records_come_and_go_with_their_ingress_and_those_of_others_stay() {
    let world = World::in_region("eu-west-3").await;
    let zone = hosted_zone(&world, "records.example.org", false).await;
    put(&world, &zone, "theirs.records.example.org", "192.0.2.1").await;
    let mut controller = Controller::new(&world, settings(&world, std::slice::from_ref(&zone)), Vec::new());
    let hosts = ["*.records.example.org", "shop.records.example.org", "theirs.records.example.org"];
    apply(&mut controller, vec![ingress("shop", &hosts)]);

    let passes = controller.converge().await;
    assert!(passes.iter().all(|pass| pass.failures().is_empty()));
    let hostname = controller.hostname("shop").expect("it is published");
    assert_eq!(
        records(&mut controller, &zone).await,
        [
            format!("*.records.example.org A {hostname}"),
            "_albatross-wildcard.records.example.org TXT ".to_owned(),
            "_albatross.shop.records.example.org TXT ".to_owned(),
            format!("shop.records.example.org A {hostname}"),
            "theirs.records.example.org A ".to_owned(),
        ]
    );
    let before = world.recorder.calls().len();
    assert!(controller.pass().await.plan.actions.is_empty());
    assert!(world.writes_since(before).is_empty(), "a converged world needs no write");

    apply(&mut controller, Vec::new());
    controller.converge().await;
    controller.wait(2 * 3_600);
    controller.converge().await;
    assert!(owned(&controller.observe().await).is_empty());
    assert_eq!(records(&mut controller, &zone).await, ["theirs.records.example.org A "]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_zone_is_read_with_its_vpcs_and_without_the_setting_nothing_is_read() {
    let world = World::in_region("eu-north-1").await;
    let zone = hosted_zone(&world, "private.example.org", true).await;
    let mut controller = Controller::new(&world, settings(&world, std::slice::from_ref(&zone)), Vec::new());
    let zones = controller.observe().await.hosted_zones.expect("hosted zones are observed");
    let [HostedZone { id, name, private_zone: true, vpcs, .. }] = zones.as_slice() else {
        panic!("{zones:?}")
    };
    assert_eq!((id, name.as_str()), (&zone, "private.example.org"));
    assert_eq!(vpcs[0].vpc_id, world.vpc);

    controller.restart(Settings { route53: None, ..settings(&world, &[]) });
    let before = world.recorder.calls().len();
    assert_eq!(controller.observe().await.hosted_zones, None);
    assert!(!world.calls_since(before).iter().any(|call| call.service == "route53"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_with_many_records_is_read_page_by_page() {
    let world = World::in_region("eu-south-1").await;
    let zone = hosted_zone(&world, "many.example.org", false).await;
    for number in 0..4 {
        let changes = (0..100).map(|of| {
            let value = ResourceRecord::builder().value("192.0.2.1").build().expect("complete");
            let name = format!("host-{number}-{of}.many.example.org");
            let record = ResourceRecordSet::builder().name(name).r#type(RrType::A).ttl(60);
            let record = record.resource_records(value).build().expect("complete");
            let change = Change::builder().action(ChangeAction::Create).resource_record_set(record);
            change.build().expect("complete")
        });
        let batch = ChangeBatch::builder().set_changes(Some(changes.collect())).build().expect("complete");
        let request = world.route53().change_resource_record_sets().hosted_zone_id(&zone).change_batch(batch);
        request.send().await.expect("records");
    }
    let mut controller = Controller::new(&world, settings(&world, std::slice::from_ref(&zone)), Vec::new());
    let before = world.recorder.calls().len();
    assert_eq!(records(&mut controller, &zone).await.len(), 400);
    let reads = world.answered_calls_since(before);
    assert_eq!(reads.iter().filter(|name| *name == "ListResourceRecordSets").count(), 2);
    let before = world.recorder.calls().len();
    controller.observe().await;
    let again = world.answered_calls_since(before);
    assert!(
        !again.iter().any(|name| name.contains("HostedZone") || name.contains("Record")),
        "cached: {again:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_exists_is_not_created_again_and_the_refusal_is_told() {
    let world = World::in_region("eu-central-2").await;
    let zone = hosted_zone(&world, "taken.example.org", false).await;
    let record_set = RecordSet {
        name: "shop.taken.example.org".into(),
        record_type: "A".into(),
        ttl: Some(60),
        values: vec!["192.0.2.2".into()],
        ..RecordSet::default()
    };
    let change = RecordSetChange { kind: RecordSetChangeKind::Create, record_set };
    let operation =
        Operation::ChangeRecordSets(ChangeRecordSets { hosted_zone: zone, changes: vec![change] });
    // moto refuses only a record that was created with the same values; AWS refuses any record with the name and type.
    let mut errors = Vec::new();
    for _ in 0..2 {
        let executor = Executor::new(world.aws.clone(), &world.settings().identity);
        let plan = plan_of(operation.clone());
        errors.extend(executor.execute(&plan, &Always, &mut |_, _| {}).await.into_iter().map(|it| it.error));
    }
    let [None, Some(error)] = errors.as_slice() else { panic!("{errors:?}") };
    assert!(error.starts_with("InvalidChangeBatch: "), "{error}");
    assert!(error.contains("already exists"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hosted_zones_that_cannot_be_read_are_a_gap_of_their_own() {
    let world = World::in_region("ca-west-1").await;
    let others = crate::world::rights_of_the_controller().into_iter();
    world.recorder.allow_only(others.filter(|right| right != "route53:ListHostedZones"));
    let mut controller = Controller::new(&world, settings(&world, &[]), Vec::new());
    let inventory = controller.observe().await;
    let parts: Vec<ViewPart> = inventory.incomplete.iter().map(|gap| gap.part).collect();
    assert_eq!(parts, [ViewPart::HostedZones]);
    assert!(inventory.incomplete[0].reason.contains("route53:ListHostedZones"), "{:?}", inventory.incomplete);
}
