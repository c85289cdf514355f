//! Outages of the API server and of AWS, and incomplete lists: nothing is lost, and nothing is deleted.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use albatross_test_servers::{Fault, MotoSettings};
use albatross_test_world::relay::Relay;
use tokio::time::{Instant, sleep};

use crate::support::{
    SHORT_GRACE, World, eventually,
    objects::{delete_ingress, events_of_controller, holder, ingress, internal, published},
    replica::Replica,
};

/// How long the API server is away: twice as long as the Lease lasts.
const OUTAGE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_without_the_api_server_changes_nothing_and_ingresses_applied_meanwhile_are_served() {
    let world = World::new("api-server-away").await;
    for host in ["shop.example.org", "tools.example.org"] {
        world.account.make_certificate(&[host]).await;
    }
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let relay = Relay::to(world.kubernetes.url().trim_start_matches("https://")).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let kubeconfig = through(&world, &relay);
    let mut replica =
        Replica::start_with(&world, "replica", &kubeconfig, &["--settings", settings.to_str().unwrap()]);
    let hostname = converged(&world, &replica, "checkout").await;
    let before = world.recorder.calls().len();

    relay.cut().await;
    let cut = Instant::now();
    world.apply(&ingress("tools", "tools.example.org")).await;
    eventually("it no longer leads, since it cannot renew the Lease", async || {
        (replica.metric("albatross_leader") == Some(0.0)).then_some(())
    })
    .await;
    sleep(OUTAGE.saturating_sub(cut.elapsed())).await;
    assert!(replica.runs());
    assert_eq!(replica.get("/livez"), (200, "ok\n".to_owned()));
    let log = replica.log();
    for part in ["a watch fails; retrying", "the Lease cannot be read or written", "no longer leading"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    assert_eq!(world.writes_since(before), Vec::<String>::new());
    assert_eq!(published(&world.administrator, "checkout").await, [hostname.as_str()]);

    relay.open();
    eventually("what was applied meanwhile is served", async || {
        (published(&world.administrator, "tools").await == [hostname.as_str()]).then_some(())
    })
    .await;
    assert_eq!(world.writes_since(before), ["AddListenerCertificates"]);
    assert_eq!(published(&world.administrator, "checkout").await, [hostname.as_str()]);
    assert_eq!(replica.terminate(), 0);
    assert_eq!(holder(&world.administrator).await, None, "the Lease is given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_starts_without_the_api_server_waits_for_it_and_says_so() {
    let world = World::new("api-server-late").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let relay = Relay::to(world.kubernetes.url().trim_start_matches("https://")).await;
    relay.cut().await;
    let mut replica = Replica::start_with(&world, "replica", &through(&world, &relay), &[]);
    eventually("it says what it waits for", async || {
        let (code, told) = replica.get("/readyz");
        (code == 503 && told.contains("no answer from the API server")).then_some(())
    })
    .await;
    assert!(replica.runs());
    assert_eq!(replica.get("/livez"), (200, "ok\n".to_owned()));
    assert!(replica.log().contains("the API server cannot be reached: waiting for it"), "{}", replica.log());

    relay.open();
    eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
        .await;
    assert_eq!(replica.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_has_not_reached_the_api_server_yet_ends_at_once() {
    let world = World::new("api-server-silent").await;
    let relay = Relay::to(world.kubernetes.url().trim_start_matches("https://")).await;
    relay.fall_silent().await;
    let replica = Replica::start_with(&world, "replica", &through(&world, &relay), &[]);
    let begin = Instant::now();
    assert_eq!(replica.terminate(), 0);
    // A silent connection is closed after 75 s.
    assert!(begin.elapsed() < Duration::from_secs(70), "{:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_aws_is_away_nothing_is_deleted_and_afterwards_everything_is_done() {
    let world = World::new("aws-away").await;
    for host in ["shop.example.org", "tools.example.org", "wiki.example.org"] {
        world.account.make_certificate(&[host]).await;
    }
    world.apply(&ingress("checkout", "shop.example.org")).await;
    world.apply(&ingress("tools", "tools.example.org")).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let mut replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    let hostname = converged(&world, &replica, "checkout").await;
    let before = world.recorder.calls().len();

    let away = Fault::Refuse {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "The service is unavailable.".to_owned(),
    };
    let actions: BTreeSet<String> = world.recorder.calls().into_iter().map(|call| call.action).collect();
    for action in &actions {
        world.recorder.disturb(action, .., away.clone());
    }
    // The pass that was in progress may have read all lists.
    replica.passes("incomplete", 1.0).await;
    delete_ingress(&world.administrator, "tools").await;
    world.apply(&ingress("wiki", "wiki.example.org")).await;
    let told = eventually("an Event tells", async || {
        let told = events_of_controller(&world.administrator).await;
        told.into_iter().find(|it| it.contains("not all load balancers are known"))
    })
    .await;
    assert!(told.contains("ServiceUnavailable"), "{told}");
    replica.passes("incomplete", 2.0).await;
    assert!(replica.runs());
    assert_eq!(replica.get("/livez"), (200, "ok\n".to_owned()));
    let unavailable = r#"outcome="unavailable""#;
    assert!(replica.get("/metrics").1.lines().any(|line| line.contains(unavailable)));
    assert_eq!(world.writes_since(before), Vec::<String>::new());
    assert!(published(&world.administrator, "wiki").await.is_empty());

    world.recorder.clear_faults();
    eventually("what was applied meanwhile is served", async || {
        (published(&world.administrator, "wiki").await == [hostname.as_str()]).then_some(())
    })
    .await;
    eventually("and what was deleted is gone after its grace", async || {
        world.writes_since(before).contains(&"RemoveListenerCertificates".to_owned()).then_some(())
    })
    .await;
    assert_eq!(published(&world.administrator, "checkout").await, [hostname.as_str()]);
    assert_eq!(replica.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_ends_in_the_middle_deletes_nothing_though_ingresses_are_gone() {
    let two_a_page = MotoSettings { page_size: Some(2), ..MotoSettings::default() };
    let world = World::with("broken-list", &two_a_page).await;
    let tag = aws_sdk_elasticloadbalancingv2::types::Tag::builder().key("team").value("shop").build();
    let request = world.account.elb().create_load_balancer().name("albatross-somebody-else").tags(tag);
    request.set_subnets(Some(world.account.subnets.clone())).send().await.unwrap();
    for host in ["shop.example.org", "wiki.example.org"] {
        world.account.make_certificate(&[host]).await;
    }
    world.apply(&ingress("checkout", "shop.example.org")).await;
    world.apply(&internal(&ingress("wiki", "wiki.example.org"))).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let mut replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    converged(&world, &replica, "checkout").await;
    converged(&world, &replica, "wiki").await;
    assert_eq!(load_balancers(&world).await, 3);
    let before = world.recorder.calls().len();

    break_second_page(&world);
    // The pass that was in progress may have read the list.
    replica.passes("incomplete", 1.0).await;
    delete_ingress(&world.administrator, "checkout").await;
    delete_ingress(&world.administrator, "wiki").await;
    let told = eventually("an Event says that the view is incomplete", async || {
        events_of_controller(&world.administrator)
            .await
            .into_iter()
            .find(|it| it.contains("not all load balancers are known"))
    })
    .await;
    assert!(told.starts_with("ViewIncomplete") && told.contains("(ServiceUnavailable"), "{told}");
    replica.passes("incomplete", 3.0).await;
    assert!(replica.runs());
    assert_eq!(world.writes_since(before), Vec::<String>::new());
    assert_eq!(load_balancers(&world).await, 3);

    world.recorder.clear_faults();
    eventually("with whole lists both go", async || (load_balancers(&world).await == 1).then_some(())).await;
    assert_eq!(replica.terminate(), 0);
}

/// Lets the second page of every list of load balancers fail: the first page is answered, and the four attempts to read the
/// second page are refused.
fn break_second_page(world: &World) {
    let away = Fault::Refuse {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "The service is unavailable.".to_owned(),
    };
    for list in 0..100 {
        let first = 5 * list + 1;
        world.recorder.disturb("DescribeLoadBalancers", first + 1..first + 5, away.clone());
    }
}

/// A kubeconfig of the controller that goes through a relay.
fn through(world: &World, relay: &Relay) -> PathBuf {
    let direct = fs::read_to_string(world.kubeconfig()).unwrap();
    world.file("through-relay.kubeconfig", &direct.replace(world.kubernetes.url(), &relay.url()))
}

/// Waits until an Ingress is served and nothing is left to do. Returns its hostname.
async fn converged(world: &World, replica: &Replica, name: &str) -> String {
    let hostname =
        eventually("the Ingress is served", async || published(&world.administrator, name).await.pop()).await;
    replica.passes("converged", 1.0).await;
    hostname
}

async fn load_balancers(world: &World) -> usize {
    // A page has two load balancers.
    let mut count = 0;
    let mut marker = None;
    loop {
        let answer = world.account.elb().describe_load_balancers().set_marker(marker).send().await.unwrap();
        count += answer.load_balancers().len();
        marker = answer.next_marker;
        if marker.is_none() {
            return count;
        }
    }
}
