//! A controller that only reads.

use albatross_cluster::Client;
use albatross_test_servers::Call;
use kube::{
    Api,
    api::{DynamicObject, ListParams},
    core::{ApiResource, GroupVersionKind},
};

use crate::support::{
    World,
    answer::Answer,
    eventually,
    objects::{events, events_of_controller, holder, ingress, published},
    replica::Replica,
};

/// The versions of all Ingresses: each write changes one.
async fn versions(client: &Client) -> Vec<Option<String>> {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("networking.k8s.io", "v1", "Ingress"));
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), "shop", &kind);
    let all = api.list(&ListParams::default()).await.unwrap();
    all.items.into_iter().map(|it| it.metadata.resource_version).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_plans_and_shows_and_writes_nothing_neither_to_aws_nor_to_the_cluster() {
    let world = World::new("read-only").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let before = versions(&world.administrator).await;
    let recordings = world.path("recordings");
    let reader = Replica::start(
        &world,
        "reader",
        &["--read-only", "--serve-snapshot", "--record", recordings.to_str().unwrap()],
    );
    reader.passes("planned", 2.0).await;

    assert_eq!(reader.get("/readyz"), (200, "ok\n".to_owned()));
    assert_eq!(reader.metric("albatross_read_only"), Some(1.0));
    assert_eq!(reader.metric("albatross_leader"), Some(0.0));
    assert!(reader.metric(r#"albatross_planned_changes{kind="actions"}"#).unwrap() >= 5.0);
    assert!(reader.metric(r#"albatross_quota_limit{kind="certificates-on-a-load-balancer"}"#) == Some(25.0));
    let log = reader.log();
    assert!(log.contains("read-only: this replica writes nothing"), "{log}");
    let told = log.matches("read-only, not executed: Plan: 1 to create").count();
    assert_eq!(told, 1, "the same plan is told once: {log}");
    let (status, bundle) = reader.get("/snapshot");
    assert_eq!(status, 200);
    let bundle = world.file("bundle.json", &bundle);
    let planned = Answer::of(world.program("plan").args(["plan", "--snapshot"]).arg(&bundle));
    assert!(planned.last_line().starts_with("Plan: 1 to create"), "{}", planned.stdout);

    // The archive for a report has what the pages of the controller say.
    let archive = |address: &str| {
        let mut command = world.program("support");
        command.args(["support-bundle", "--controller", address, "--snapshot"]).arg(&bundle);
        Answer::of(command.arg(world.path("problem.tar.zst")))
    };
    let nobody = archive("127.0.0.1:1");
    assert_eq!(nobody.code, 1);
    assert!(nobody.stderr.contains("http://127.0.0.1:1/metrics: "), "{}", nobody.stderr);
    let told = archive(reader.address());
    assert_eq!((told.code, told.stderr.as_str()), (0, ""));
    assert!(told.stdout.contains("metrics.txt") && told.stdout.contains("policy.json"), "{}", told.stdout);

    assert!(!world.recorder.calls().iter().any(Call::is_write), "{:?}", world.recorder.calls());
    assert_eq!(versions(&world.administrator).await, before);
    assert_eq!(holder(&world.administrator).await, None);
    assert!(events(&world.administrator, "checkout").await.is_empty());
    assert!(events_of_controller(&world.administrator).await.is_empty());

    // A controller beside it works as if it were alone, and what it has done is seen.
    let controller = Replica::start(&world, "controller", &[]);
    eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
        .await;
    reader.passes("converged", 1.0).await;
    assert!(reader.log().contains("read-only, not executed: Plan: nothing to do"), "{}", reader.log());
    let of_reader = world
        .recorder
        .calls()
        .into_iter()
        .filter(|call| call.is_write() && call.author.as_deref() == Some("reader"));
    assert_eq!(of_reader.count(), 0);
    assert_eq!(controller.terminate(), 0);
    assert_eq!(reader.terminate(), 0);
    let replayed = Answer::of(world.program("replay").arg("replay").arg(&recordings));
    assert!(replayed.stdout.contains("all plans byte-identical"), "{}{}", replayed.stdout, replayed.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_record_into_a_bucket() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_albatross"));
    let refused = Answer::of(command.args(["run", "--read-only", "--record", "s3://shop/albatross"]));
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .stderr
            .contains("--read-only writes nothing to AWS, but --record s3://shop/albatross is in a bucket"),
        "{}",
        refused.stderr
    );
}
