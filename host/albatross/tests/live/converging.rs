//! Ingresses that people apply are served, changes are reconciled, and the resources of deleted Ingresses are removed.

use std::fs;

use aws_sdk_elasticloadbalancingv2::types::Tag;

use crate::support::{
    World, eventually,
    objects::{delete_ingress, events, holder, ingress, published},
    replica::Replica,
};

/// Grace periods that a test can wait for: a load balancer also stays until the connections of its targets end.
const SETTINGS: &str = r#"{ "grace": 3, "proxy": { "deregistration-delay": 1 } }"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_ingress_is_served_changed_and_deleted_and_every_pass_can_be_replayed() {
    let world = World::new("converging").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let added = world.account.make_certificate(&["*.tools.example.org"]).await;
    let foreign = foreign_load_balancer(&world).await;
    let settings = world.file("settings.json", SETTINGS);
    let recordings = world.path("recordings");
    let replica = Replica::start(
        &world,
        "replica",
        &["--settings", settings.to_str().unwrap(), "--record", recordings.to_str().unwrap()],
    );

    world.apply(&ingress("checkout", "shop.example.org")).await;
    let hostname = eventually("the status names a load balancer", async || {
        published(&world.administrator, "checkout").await.into_iter().next()
    })
    .await;
    let found = load_balancer(&world, &hostname).await.expect("the load balancer is there");
    let placed = eventually("an Event tells where it is", async || {
        events(&world.administrator, "checkout").await.into_iter().find(|event| event.starts_with("Placed"))
    })
    .await;
    assert_eq!(
        placed.split(", until").next(),
        Some(format!("Placed: served by {found} with certificate shop.example.org (ACM").as_str())
    );
    assert_eq!(replica.get("/readyz"), (200, "ok\n".to_owned()));
    assert_eq!(replica.metric("albatross_leader"), Some(1.0));

    let quiet = world.quiet(&replica).await;
    assert_eq!(world.writes_since(quiet), Vec::<String>::new());

    let before = world.recorder.calls().len();
    world.apply(&ingress("tools", "a.tools.example.org")).await;
    eventually("the second Ingress is on the same load balancer", async || {
        (published(&world.administrator, "tools").await == [hostname.as_str()]).then_some(())
    })
    .await;
    assert_eq!(world.writes_since(before), ["AddListenerCertificates"]);
    let on_listener = certificates(&world, &found).await;
    assert!(on_listener.contains(&added), "{on_listener:?}");

    delete_ingress(&world.administrator, "checkout").await;
    delete_ingress(&world.administrator, "tools").await;
    eventually("what nobody needs is gone after the grace", async || {
        (load_balancers(&world).await == [foreign.as_str()]).then_some(())
    })
    .await;
    eventually("target groups are gone as well", async || {
        let groups = world.account.elb().describe_target_groups().send().await.unwrap();
        groups.target_groups().is_empty().then_some(())
    })
    .await;

    let log = replica.log();
    assert_eq!(replica.terminate(), 0);
    assert_eq!(holder(&world.administrator).await, None, "the Lease is given up");
    assert!(!log.contains("ERROR"), "{log}");

    let names = fs::read_dir(&recordings).unwrap().map(|entry| entry.unwrap().file_name());
    let recorded = names.filter(|name| !name.to_string_lossy().starts_with('.')).count();
    assert!(recorded >= 4, "one for each pass that changed something: {recorded}");
    let replayed = world.program("replay").arg("replay").arg(&recordings).output().unwrap();
    let told = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(replayed.status.success() && told.contains("all plans byte-identical"), "{told}");
    assert!(told.starts_with(&format!("{recorded} passes, ")), "{told}");
}

async fn load_balancers(world: &World) -> Vec<String> {
    let answer = world.account.elb().describe_load_balancers().send().await.unwrap();
    let names = answer.load_balancers().iter().filter_map(|found| found.load_balancer_name());
    names.map(str::to_owned).collect()
}

/// The name of the load balancer with this hostname.
async fn load_balancer(world: &World, hostname: &str) -> Option<String> {
    let answer = world.account.elb().describe_load_balancers().send().await.unwrap();
    let found = answer.load_balancers().iter().find(|found| found.dns_name() == Some(hostname))?;
    found.load_balancer_name().map(str::to_owned)
}

/// Certificates of the HTTPS listener.
async fn certificates(world: &World, load_balancer: &str) -> Vec<String> {
    let elb = world.account.elb();
    let found = elb.describe_load_balancers().names(load_balancer).send().await.unwrap();
    let arn = found.load_balancers()[0].load_balancer_arn().unwrap();
    let listeners = elb.describe_listeners().load_balancer_arn(arn).send().await.unwrap();
    let https = listeners.listeners().iter().find(|listener| listener.port() == Some(443)).unwrap();
    let arn = https.listener_arn().unwrap();
    let listed = elb.describe_listener_certificates().listener_arn(arn).send().await.unwrap();
    listed.certificates().iter().filter_map(|it| it.certificate_arn()).map(str::to_owned).collect()
}

/// A load balancer of somebody else, with a name that ours could have.
async fn foreign_load_balancer(world: &World) -> String {
    let name = "albatross-somebody-else";
    let tag = Tag::builder().key("team").value("shop").build();
    let request = world.account.elb().create_load_balancer().name(name).tags(tag);
    request.set_subnets(Some(world.account.subnets.clone())).send().await.expect("a load balancer");
    name.to_owned()
}
