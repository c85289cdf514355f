//! The refusals of the embedded cloud, over the wire: the executor runs the same sequences against moto.
//!
//! Where the outcome differs from that of the embedded cloud, `refusals.json` has a row that says which side is right,
//! according to AWS's documentation. The test fails for a difference without a row, and for a row without a difference.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use albatross_aws::Executor;
use albatross_contract::{Action, ActionState, Disruption, Operation, Plan, Tag};
use albatross_test_servers::{Moto, MotoSettings};
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    controller::Always,
    world::{CLUSTER, World},
};

/// A sequence of `host/embedded-cloud/tests/refusals`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Refusal {
    #[serde(default)]
    changes: Value,
    steps: Vec<Step>,
    code: String,
}

#[derive(Deserialize)]
struct Step {
    id: String,
    operation: Value,
}

/// A sequence with another outcome over the wire.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Difference {
    /// The file of the sequence, without its ending.
    refusal: String,
    /// The outcome over the wire: `done`, an error code, or `not run`.
    wire: String,
    /// Which side is right, according to the AWS page below.
    right: Right,
    /// Why.
    because: String,
    /// The AWS page that says so.
    documentation: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Right {
    /// AWS refuses like the embedded cloud, and the executor counts the refusal as success: the resource already exists, or
    /// is already gone.
    Executor,
    /// AWS refuses like the embedded cloud; moto does not refuse, or with another code.
    EmbeddedCloud,
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_over_the_wire_are_those_of_the_embedded_cloud_or_have_a_row() {
    let refusals = all();
    assert!(refusals.len() > 80, "the folder was not read");
    let rows = rows();
    let mut wrong = Vec::new();
    for (file, code, wire) in answers(&refusals).await {
        match rows.get(&file) {
            None if wire == code => {}
            None => wrong.push(format!("{file}: the embedded cloud says {code}, over the wire it is {wire}")),
            Some(row) if row.wire != wire => {
                wrong.push(format!("{file}: the row says {}, over the wire it is {wire}", row.wire));
            }
            Some(_) if wire == code => wrong.push(format!("{file}: a row without a difference")),
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_is_about_an_existing_refusal_and_names_an_aws_page() {
    let files: Vec<String> = all().into_iter().map(|(file, _)| file).collect();
    for (file, row) in rows() {
        assert!(files.contains(&file), "{file}");
        assert!(row.documentation.starts_with("https://docs.aws.amazon.com/"), "{file}");
        assert!(!row.because.is_empty(), "{file}");
        assert!(row.right != Right::Executor || row.wire == "done", "{file}");
    }
}

fn all() -> Vec<(String, Refusal)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../embedded-cloud/tests/refusals");
    let paths =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let text = fs::read(path).expect("it can be read");
        let refusal = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, refusal)
    };
    paths.iter().map(read).collect()
}

fn rows() -> BTreeMap<String, Difference> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/refusals.json");
    let rows: Vec<Difference> =
        serde_json::from_slice(&fs::read(path).expect("the table is there")).expect("the table is one");
    let count = rows.len();
    let rows: BTreeMap<String, Difference> = rows.into_iter().map(|row| (row.refusal.clone(), row)).collect();
    assert_eq!(rows.len(), count, "a refusal has one row");
    rows
}

/// Regions with three zones.
const REGIONS: &[&str] = &[
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "sa-east-1",
];

/// The file, the expected code and the outcome of each sequence. Each sequence has a separate region.
async fn answers(refusals: &[(String, Refusal)]) -> Vec<(String, String, String)> {
    let mut answers = Vec::new();
    for some in refusals.chunks(REGIONS.len()) {
        let settings = MotoSettings { settling: Some(Duration::ZERO), ..MotoSettings::default() };
        let moto = Moto::start_with(&settings).expect("moto starts");
        let runs = some.iter().zip(REGIONS).map(|((file, refusal), region)| {
            let moto = &moto;
            async move { (file.clone(), refusal.code.clone(), run(moto, region, refusal).await) }
        });
        answers.extend(stream::iter(runs).buffer_unordered(4).collect::<Vec<_>>().await);
    }
    answers
}

/// The outcome of the last step: `done` or an error code. The steps before it must succeed.
async fn run(moto: &Moto, region: &'static str, refusal: &Refusal) -> String {
    if !refusal.changes["quotas"].is_null() {
        return "not run".to_owned();
    }
    let world = World::on(moto, region).await;
    let names = furnish(&world, refusal).await;
    let plan = plan(refusal, &names);
    let executor = Executor::new(world.aws.clone(), &world.settings().identity);
    let mut results = executor.execute(&plan, &Always, &mut |_, _| {}).await;
    let last = results.pop().expect("a step");
    for result in results {
        if result.state != ActionState::Done {
            return format!("not reached, since {} failed with {:?}", result.action, result.error);
        }
    }
    match last.error {
        None => "done".to_owned(),
        Some(error) => match (error.split(':').next().unwrap_or_default(), refusal.code.as_str()) {
            // The executor retries both in the next pass, and says of both that the resource is still in use.
            ("StillInUse", code @ ("DependencyViolation" | "ResourceInUse")) => code.to_owned(),
            (code, _) => code.to_owned(),
        },
    }
}

/// The steps as a plan, in which each action depends on the previous one.
fn plan(refusal: &Refusal, names: &BTreeMap<String, String>) -> Plan {
    let deletes = refusal.steps.iter().any(|step| step.operation.to_string().starts_with("{\"delete-"));
    let mut before: Option<String> = None;
    let actions = refusal.steps.iter().map(|step| {
        let operation = translated(&step.operation, names).to_string();
        let mut operation: Operation = serde_json::from_str(&operation).expect("an operation");
        if deletes {
            own(&mut operation);
        }
        Action {
            id: step.id.clone(),
            depends_on: before.replace(step.id.clone()).into_iter().collect(),
            load_balancer: String::new(),
            objects: Vec::new(),
            reason: String::new(),
            disruption: Disruption::None,
            operation,
        }
    });
    Plan { actions: actions.collect(), ..Plan::default() }
}

/// Adds our tags: the executor deletes only resources that carry them.
fn own(operation: &mut Operation) {
    let tags = match operation {
        Operation::CreateLoadBalancer(input) => &mut input.tags,
        Operation::CreateTargetGroup(input) => &mut input.tags,
        Operation::CreateListener(input) => &mut input.tags,
        Operation::CreateRule(input) => &mut input.tags,
        Operation::CreateSecurityGroup(input) => &mut input.tags,
        _ => return,
    };
    tags.extend(ownership());
}

fn ownership() -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    vec![
        tag("albatross/id", "0123456789ab"),
        tag("kubernetes:application", "albatross"),
        tag(&format!("kubernetes.io/cluster/{CLUSTER}"), "owned"),
    ]
}

/// Replaces the ids of the sequence's world by those of moto.
fn translated(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(names.get(text).unwrap_or(text).clone()),
        Value::Array(items) => items.iter().map(|item| translated(item, names)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, field)| (key.clone(), translated(field, names))).collect()
        }
        other => other.clone(),
    }
}

/// Creates the resources of the sequence's world in moto. Returns moto's ids by the ids of that world.
async fn furnish(world: &World, refusal: &Refusal) -> BTreeMap<String, String> {
    let ec2 = world.ec2();
    let mut names = BTreeMap::from([
        ("vpc-1".to_owned(), world.vpc.clone()),
        ("sg-load-balancer".to_owned(), world.security_group.clone()),
        ("subnet-a".to_owned(), world.subnets[0].clone()),
        ("subnet-b".to_owned(), world.subnets[1].clone()),
        ("subnet-c".to_owned(), world.subnets[2].clone()),
    ]);
    let subnet = async |cidr: &str, zone: &str| {
        let request = ec2.create_subnet().vpc_id(&world.vpc).cidr_block(cidr).availability_zone(zone);
        let answer = request.send().await.expect("a subnet");
        answer.subnet().and_then(|it| it.subnet_id()).expect("its id").to_owned()
    };
    names.insert("subnet-a-second".to_owned(), subnet("10.0.230.0/24", &world.zones[0]).await);
    // 16 addresses, of which AWS reserves 5 and four instances use one each.
    let full = subnet("10.0.31.0/28", &world.zones[2]).await;
    let request = ec2.run_instances().image_id("ami-12345678").min_count(4).max_count(4).subnet_id(&full);
    request.security_group_ids(&world.security_group).send().await.expect("instances");
    names.insert("subnet-c-full".to_owned(), full);
    for name in ["i-01", "i-02", "i-05"] {
        names.insert(name.to_owned(), world.make_single_node().await);
    }
    ec2.stop_instances().instance_ids(&names["i-05"]).send().await.expect("stopped");

    let nodes = world.make_security_group("nodes").await;
    let pair = aws_sdk_ec2::types::UserIdGroupPair::builder().group_id(&world.security_group).build();
    let permission =
        aws_sdk_ec2::types::IpPermission::builder().ip_protocol("tcp").from_port(9999).to_port(9999);
    let request = ec2.authorize_security_group_ingress().group_id(&nodes);
    request.ip_permissions(permission.user_id_group_pairs(pair).build()).send().await.expect("a rule");
    names.insert("sg-nodes".to_owned(), nodes);
    let of_vpc = aws_sdk_ec2::types::Filter::builder().name("vpc-id").values(&world.vpc).build();
    let groups =
        ec2.describe_security_groups().filters(of_vpc.clone()).send().await.expect("security groups");
    for group in groups.security_groups() {
        let id = group.group_id().expect("its id");
        if group.group_name() == Some("default") {
            names.insert("sg-default".to_owned(), id.to_owned());
        }
        let tags = ownership().into_iter();
        let tags = tags.map(|tag| aws_sdk_ec2::types::Tag::builder().key(tag.key).value(tag.value).build());
        ec2.create_tags().resources(id).set_tags(Some(tags.collect())).send().await.expect("tags");
    }
    let arn = |name: &str| format!("arn:aws:acm:eu-central-1:123456789012:certificate/{name}");
    for name in ["first", "second", "third"] {
        names.insert(arn(name), world.make_certificate(&[&format!("{name}.example.org")]).await);
    }
    names.insert(arn("pending"), world.request_certificate(&["pending.example.org"]).await);
    if !refusal.changes["route-tables"].is_null() {
        let tables = ec2.describe_route_tables().filters(of_vpc).send().await.expect("route tables");
        let table = tables.route_tables().first().and_then(|it| it.route_table_id()).expect("the main one");
        let request = ec2.delete_route().route_table_id(table).destination_cidr_block("0.0.0.0/0");
        request.send().await.expect("no route to the internet");
    }
    names
}
