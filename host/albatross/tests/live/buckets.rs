//! A controller that records its passes into a bucket.

use std::time::Duration;

use albatross_test_servers::Fault;

use crate::support::{
    World,
    answer::Answer,
    eventually,
    objects::{ingress, published},
    replica::Replica,
};

const PLACE: &str = "s3://passes/fleet";

/// How many passes to be recorded had this result.
fn recorded(replica: &Replica, result: &str) -> f64 {
    replica.metric(&format!(r#"albatross_recorded_passes_total{{kind="{result}"}}"#)).unwrap_or_default()
}

/// Waits for more passes to be recorded with this result.
async fn until_more(replica: &Replica, result: &str, more: f64) {
    let until = recorded(replica, result) + more;
    eventually(&format!("passes are {result}"), async || (recorded(replica, result) >= until).then_some(()))
        .await;
}

/// The errors in the log about recordings.
fn errors(replica: &Replica) -> Vec<String> {
    let log = replica.log();
    let errors = log.lines().filter(|line| line.contains("ERROR") && line.contains("cannot be recorded"));
    errors.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_missing_forbidden_or_slow_is_told_once_and_stops_no_pass() {
    let world = World::new("buckets").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let arguments = ["--record", PLACE, "--record-passes=all", "--record-max-passes=4"];
    let replica = Replica::start(&world, "replica", &arguments);
    world.apply(&ingress("checkout", "shop.example.org")).await;
    eventually("the status names a load balancer", async || {
        published(&world.administrator, "checkout").await.into_iter().next()
    })
    .await;
    until_more(&replica, "failed", 2.0).await;
    let [missing] = &errors(&replica)[..] else { panic!("told once: {}", replica.log()) };
    assert!(
        missing.contains("s3://passes/fleet: cannot be read: NoSuchBucket: s3:ListBucket: "),
        "{missing}"
    );
    assert!(missing.contains("create the bucket, or correct its name"), "{missing}");

    world.moto.make_bucket("passes").unwrap();
    until_more(&replica, "written", 6.0).await;
    assert!(replica.log().contains("passes are recorded again"), "{}", replica.log());

    let denied = Fault::Refuse { status: 403, code: "AccessDenied".to_owned(), message: "no".to_owned() };
    world.recorder.disturb("PutObject", .., denied);
    until_more(&replica, "failed", 2.0).await;
    let [_, denied] = &errors(&replica)[..] else { panic!("told once: {}", replica.log()) };
    assert!(denied.contains("AWS refuses s3:PutObject"), "{denied}");
    assert!(denied.contains("see deploy/iam-policy-recordings.json"), "{denied}");
    world.recorder.clear_faults();
    until_more(&replica, "written", 1.0).await;

    world.recorder.disturb("PutObject", .., Fault::Delay(Duration::from_secs(3_600)));
    // The passes go on, and those that cannot wait are left out.
    replica.passes("converged", 3.0).await;
    until_more(&replica, "left-out", 2.0).await;
    assert_eq!(replica.get("/livez").0, 200);
    let left_out = replica.log().matches("passes are left out of the recording").count();
    assert_eq!(left_out, 1, "told once: {}", replica.log());
    world.recorder.clear_faults();
    until_more(&replica, "written", 2.0).await;

    assert_eq!(replica.terminate(), 0);
    let replayed = Answer::of(world.program("replay").args(["replay", PLACE]));
    assert_eq!((replayed.code, replayed.stderr.as_str()), (0, ""), "{}", replayed.stdout);
    let passes: usize = replayed.stdout.split(' ').next().unwrap().parse().unwrap();
    assert!((1..=4).contains(&passes), "{}", replayed.stdout);
    assert!(replayed.stdout.contains("byte-identical"), "{}", replayed.stdout);
}
