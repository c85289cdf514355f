//! Commands other than the controller, with an account and a cluster, and afterwards without both.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use albatross_cluster::Client;
use albatross_test_servers::Fault;
use kube::api::ListParams;

use crate::support::{
    World,
    answer::Answer,
    eventually,
    objects::{annotated, events, events_of_controller, holder, ingress, ingresses, published},
    replica::Replica,
};

/// The identity for commands that read no cluster, and a grace period that a test can wait for.
const WITHOUT_A_CLUSTER: &str = r#"{
    "identity": { "cluster-id": "harbour", "cluster-uid": "6f1d9c1e-6a0b-4b52-9d0e-3c8f5a7b2d41" },
    "grace": 1
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn run_once_brings_aws_in_line_with_manifests_and_removes_only_with_prune() {
    let world = World::new("run-once").await;
    issued(&world, "shop.example.org").await;
    let tools = issued(&world, "tools.example.org").await;
    let settings = world.file("settings.json", WITHOUT_A_CLUSTER);
    let manifests = folder(&world, &[("checkout", "shop.example.org"), ("tools", "tools.example.org")]);
    let once = |more: &[&str]| {
        let mut command = world.program("once");
        command.env_remove("ALBATROSS_CLUSTER_ID").args(["run", "--once", "--manifests"]).arg(&manifests);
        Answer::of(command.arg("--settings").arg(&settings).args(more))
    };

    let denied = Fault::Refuse { status: 403, code: "AccessDenied".to_owned(), message: "no".to_owned() };
    world.recorder.disturb("CreateLoadBalancer", .., denied);
    let refused = once(&[]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("none of the remaining actions could be done"), "{}", refused.stderr);
    let action = "AWS refuses elasticloadbalancing:CreateLoadBalancer";
    assert!(refused.stderr.contains(action), "{}", refused.stderr);
    assert!(refused.last_line().starts_with("Plan: "), "{}", refused.stdout);
    world.recorder.clear_faults();

    let first = once(&[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.last_line().starts_with("Plan: nothing to do"), "{}", first.stdout);
    assert!(!first.last_line().contains("status"), "there is nobody to write statuses: {}", first.stdout);
    assert_tells_its_actions(&first.stderr);
    let writes = world.writes_since(0);
    let created = writes.iter().filter(|write| *write == "CreateLoadBalancer").count();
    assert_eq!(created, 2, "one was denied: {writes:?}");
    let found = world.account.elb().describe_load_balancers().send().await.unwrap();
    let state = found.load_balancers()[0].state().and_then(|state| state.code()).unwrap();
    assert_eq!(state.as_str(), "active", "it waited");
    assert!(on_listener(&world).await.contains(&tools));

    let before = world.recorder.calls().len();
    assert_eq!(once(&[]).code, 0);
    assert_eq!(world.writes_since(before), Vec::<String>::new());

    fs::remove_file(manifests.join("tools.yaml")).unwrap();
    assert_eq!(once(&[]).code, 0);
    assert_eq!(
        world.writes_since(before),
        Vec::<String>::new(),
        "without --prune manifests are not all there is"
    );
    eventually("with --prune the certificate goes after its grace", async || {
        assert_eq!(once(&["--prune"]).code, 0);
        (!on_listener(&world).await.contains(&tools)).then_some(())
    })
    .await;
    assert_eq!(world.writes_since(before), ["AddTags", "RemoveListenerCertificates", "RemoveTags"]);

    let hostname = found.load_balancers()[0].dns_name().unwrap();
    let exported = ingress("checkout", "shop.example.org").replace("  ingressClassName: albatross\n", "");
    let exported = annotated(&exported, "kubernetes.io/ingress.class", "other");
    let status = format!("status: {{ loadBalancer: {{ ingress: [{{ hostname: {hostname} }}] }} }}\n");
    fs::write(manifests.join("checkout.yaml"), exported + &status).unwrap();
    let calls = world.recorder.calls().len();
    let released = once(&[]);
    assert_eq!(released.code, 0, "that no RouteGroup is exported is no fault: {}", released.stderr);
    let told = "its class other is not ours, so its status is emptied";
    assert!(released.stderr.contains(told), "{}", released.stderr);
    assert!(released.last_line().starts_with("Plan: nothing to do"), "{}", released.stdout);
    assert_eq!(world.writes_since(calls), [""; 0], "a RouteGroup may use the load balancer");

    fs::write(manifests.join("nobody.yaml"), ingress("nobody", "nobody.example.net")).unwrap();
    let rejected = once(&[]);
    assert_eq!(rejected.code, 1, "a host without a certificate is not served: {}", rejected.stdout);
    assert!(rejected.stderr.contains("not everything is as the manifests ask"), "{}", rejected.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_once_waits_for_its_recording_and_says_how_many_passes_it_lacks() {
    let world = World::new("run-once-recorded").await;
    issued(&world, "shop.example.org").await;
    let settings = world.file("settings.json", WITHOUT_A_CLUSTER);
    let manifests = folder(&world, &[("checkout", "shop.example.org")]);
    let once = || {
        let mut command = world.program("once");
        command.env_remove("ALBATROSS_CLUSTER_ID").args(["run", "--once", "--manifests"]).arg(&manifests);
        command.args(["--record", "s3://once/fleet", "--record-passes=all"]);
        Answer::of(command.arg("--settings").arg(&settings))
    };
    let lacking = once();
    assert_eq!(lacking.code, 1, "{}", lacking.stderr);
    let told = lacking.stderr.lines().find(|line| line.contains("of this run could not be recorded"));
    let told = told.unwrap_or_else(|| panic!("{}", lacking.stderr));
    assert!(told.contains("s3://once/fleet: ") && told.ends_with("; the log says why"), "{told}");
    assert!(!told.contains(" 0 passes"), "{told}");
    assert!(lacking.last_line().starts_with("Plan: nothing to do"), "AWS is changed: {}", lacking.stdout);

    world.moto.make_bucket("once").unwrap();
    // Longer than a replica that gives up leading would wait.
    world.recorder.disturb("PutObject", .., Fault::Delay(Duration::from_secs(7)));
    let recorded = once();
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    assert!(recorded.stderr.contains("pass recorded bundle=s3://once/fleet/pass-"), "{}", recorded.stderr);
    world.recorder.clear_faults();
    let replayed = Answer::of(world.program("replay").args(["replay", "s3://once/fleet"]));
    assert_eq!(replayed.code, 0, "{}", replayed.stderr);
}

/// The log has a line when each action begins and one when it is done: what it does in words, how far the pass is, how long
/// the action took and how long it waited.
fn assert_tells_its_actions(log: &str) {
    let told: Vec<&str> = log.lines().filter(|line| line.contains(": done action=")).collect();
    assert!(told.len() > 3, "{log}");
    for line in &told {
        for part in [" what=\"", " progress=\"", " took=", " waited="] {
            assert!(line.contains(part), "{part:?} is not in {line}");
        }
    }
    let begun: Vec<&str> = log.lines().filter(|line| line.contains(": begun action=")).collect();
    assert_eq!(begun.len(), told.len(), "{log}");
    assert!(begun.iter().all(|line| line.contains(" what=\"") && line.contains(" reason=\"")), "{log}");
    assert!(log.contains("executing the plan actions="), "{log}");
    assert!(told.iter().any(|line| line.contains("what=\"+ load balancer")), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_can_be_planned_explained_and_captured_without_a_write_and_replayed_without_that_world() {
    let world = World::new("captured").await;
    issued(&world, "shop.example.org").await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let kubeconfig = world.kubeconfig();
    let live = |command: &[&str]| live(&world, &kubeconfig, command);

    let before = objects(&world.administrator).await;
    let plan = live(&["plan", "--detailed-exitcode"]);
    assert_eq!((plan.code, plan.stderr.as_str()), (2, ""), "{}", plan.stdout);
    assert!(plan.last_line().starts_with("Plan: 1 to create, 0 to change, 0 to delete."), "{}", plan.stdout);
    let explained = live(&["explain", "ingress", "shop/checkout"]);
    assert_eq!((explained.code, explained.stderr.as_str()), (0, ""));
    assert!(explained.stdout.contains("Certificate for shop.example.org"), "{}", explained.stdout);
    assert_eq!(world.writes_since(0), Vec::<String>::new());
    assert_eq!(objects(&world.administrator).await, before);

    let hostname = converge(&world).await;
    let (writes, before) = (world.recorder.calls().len(), objects(&world.administrator).await);
    let plan = live(&["plan", "--detailed-exitcode"]);
    assert_eq!((plan.code, plan.stderr.as_str()), (0, ""), "{}", plan.stdout);
    assert!(plan.last_line().starts_with("Plan: nothing to do"), "{}", plan.stdout);
    let name = hostname.split('-').take(2).collect::<Vec<_>>().join("-");
    let explained = live(&["explain", "ingress", "shop/checkout"]);
    assert!(explained.stdout.starts_with(&format!("shop/checkout → {name}")), "{}", explained.stdout);
    let manifests = folder(&world, &[("checkout", "shop.example.org")]);
    let uid = cluster_uid(&world).await;
    let arguments = ["plan", "--cluster-uid", &uid, "--manifests", manifests.to_str().unwrap()];
    let of_manifests = Answer::of(world.program("manifests").args(arguments));
    assert_eq!((of_manifests.code, of_manifests.stderr.as_str()), (0, ""));
    assert!(of_manifests.last_line().starts_with("Plan: nothing to do"), "{}", of_manifests.stdout);
    let file = world.path("captured.json");
    let captured = live(&["snapshot", file.to_str().unwrap()]);
    assert_eq!((captured.code, captured.stderr.as_str()), (0, ""));
    assert_eq!(captured.stdout, format!("{}: 1 Ingress, 1 load balancer, 1 certificate\n", file.display()));
    let no_folder = world.path("no-folder").join("captured.json");
    let unwritable = live(&["snapshot", no_folder.to_str().unwrap()]);
    assert_eq!(unwritable.code, 1);
    assert!(
        unwritable.stderr.contains(&format!("{}: cannot be written", no_folder.display())),
        "{unwritable:?}"
    );
    assert_eq!(world.writes_since(writes), Vec::<String>::new());
    assert_eq!(objects(&world.administrator).await, before);

    drop(world);
    let planned = offline(&["plan", "--detailed-exitcode", "--snapshot"], &file);
    assert_eq!((planned.code, planned.stderr.as_str()), (0, ""));
    assert_eq!(planned.last_line(), plan.last_line());
    let again = offline(&["explain", "ingress", "shop/checkout", "--snapshot"], &file);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert_eq!(again.stdout, explained.stdout);
    let replayed = offline(&["replay"], &file);
    assert_eq!((replayed.code, replayed.stderr.as_str()), (0, ""));
    assert!(replayed.stdout.contains("is byte-identical"), "{}", replayed.stdout);
}

/// A command that reads the cluster and the account.
fn live(world: &World, kubeconfig: &Path, command: &[&str]) -> Answer {
    Answer::of(world.program("live").args(command).arg("--kubeconfig").arg(kubeconfig))
}

/// A command with an empty environment, and a file.
fn offline(command: &[&str], file: &Path) -> Answer {
    Answer::of(Command::new(env!("CARGO_BIN_EXE_albatross")).env_clear().args(command).arg(file))
}

/// Lets a controller serve `shop/checkout`, and ends it when it has converged. Returns the published hostname.
async fn converge(world: &World) -> String {
    let replica = Replica::start(world, "replica", &[]);
    let hostname = eventually("the status names a load balancer", async || {
        published(&world.administrator, "checkout").await.into_iter().next()
    })
    .await;
    eventually("nothing is left to do", async || replica.passed("converged")).await;
    assert_eq!(replica.terminate(), 0);
    hostname
}

/// A certificate for a host, once it is issued.
async fn issued(world: &World, host: &str) -> String {
    let arn = world.account.make_certificate(&[host]).await;
    eventually("the certificate is issued", async || {
        let answer = world.account.acm().describe_certificate().certificate_arn(&arn).send().await.unwrap();
        let status = answer.certificate().and_then(|found| found.status());
        status.is_some_and(|status| status.as_str() == "ISSUED").then_some(())
    })
    .await;
    arn
}

/// Manifests of these Ingresses, each in its file.
fn folder(world: &World, of: &[(&str, &str)]) -> PathBuf {
    let folder = world.path("manifests");
    fs::create_dir(&folder).unwrap();
    let class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: albatross }\n\
                 spec: { controller: albatross/ingress }\n";
    fs::write(folder.join("class.yaml"), class).unwrap();
    for (name, host) in of {
        fs::write(folder.join(format!("{name}.yaml")), ingress(name, host)).unwrap();
    }
    folder
}

/// Certificates of the only HTTPS listener.
async fn on_listener(world: &World) -> Vec<String> {
    let elb = world.account.elb();
    let found = elb.describe_load_balancers().send().await.unwrap();
    let arn = found.load_balancers()[0].load_balancer_arn().unwrap();
    let listeners = elb.describe_listeners().load_balancer_arn(arn).send().await.unwrap();
    let https = listeners.listeners().iter().find(|listener| listener.port() == Some(443)).unwrap();
    let request = elb.describe_listener_certificates().listener_arn(https.listener_arn().unwrap());
    let listed = request.send().await.unwrap();
    listed.certificates().iter().filter_map(|it| it.certificate_arn()).map(str::to_owned).collect()
}

async fn cluster_uid(world: &World) -> String {
    albatross_cluster::cluster_uid(&world.administrator).await.expect("kube-system has a uid")
}

/// All objects that a command could have written in the cluster.
async fn objects(administrator: &Client) -> String {
    let ingresses = ingresses(administrator).list(&ListParams::default()).await.unwrap();
    let versions: Vec<_> = ingresses
        .items
        .into_iter()
        .map(|ingress| (ingress.metadata.name, ingress.metadata.resource_version))
        .collect();
    let told = (events(administrator, "checkout").await, events_of_controller(administrator).await);
    format!("{versions:?}, {told:?}, {:?}", holder(administrator).await)
}
