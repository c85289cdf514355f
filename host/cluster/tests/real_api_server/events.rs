//! Events are published where people look for them.

use albatross_cluster::{Candidate, Client, Events, Notice, Regarding, Severity};
use albatross_contract::ObjectName;
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use tokio::time::{Duration, Instant};

use crate::support::{
    Cluster,
    objects::{create_ingress, ingress},
    soon,
};

/// The controller waits longer than this for each step of a request.
const SLOW: Duration = Duration::from_secs(4);

fn candidate() -> Candidate {
    Candidate {
        namespace: "kube-system".to_owned(),
        lease: "albatross".to_owned(),
        identity: "albatross-0_1".to_owned(),
    }
}

fn notice(regarding: Regarding, note: &str) -> Notice {
    Notice {
        regarding,
        severity: Severity::Warning,
        reason: "CertificateNone".to_owned(),
        note: note.to_owned(),
    }
}

async fn events(client: &Client, namespace: &str) -> Vec<Event> {
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    events.list(&ListParams::default()).await.unwrap().items
}

/// Sends until `arrive` Events are accepted at once, and returns the number of attempts: the API server may be slower than
/// the time limit of the controller, and may store an Event all the same.
async fn publish(sender: &Events, notices: &[Notice], arrive: usize) -> usize {
    soon("the Events arrive", async {
        let mut attempts = 1;
        loop {
            let begun = Instant::now();
            let arrived = sender.publish(notices, |_| true).await;
            if arrived == arrive {
                return attempts;
            }
            assert!(begun.elapsed() >= SLOW, "{arrived} of {arrive} arrive, and nothing was slow");
            attempts += 1;
        }
    })
    .await
}

#[tokio::test]
async fn an_event_is_shown_with_its_ingress() {
    let cluster = Cluster::of("events").await;
    let made =
        create_ingress(&cluster.administrator, &cluster.namespace, ingress("checkout", "shop.example.org"))
            .await;
    let regarding = Regarding::Object {
        name: ObjectName::ingress(&cluster.namespace, "checkout"),
        uid: made.metadata.uid.clone(),
    };
    let notices = [
        notice(regarding.clone(), "no certificate covers a.example.org"),
        notice(regarding, "nor b.example.org"),
    ];
    let sender = Events::new(&cluster.controller().await, &candidate());
    let attempts = publish(&sender, &notices, 2).await;

    let mut events = events(&cluster.administrator, &cluster.namespace).await;
    events.sort_by(|a, b| a.note.cmp(&b.note));
    let mut notes: Vec<Option<&str>> = events.iter().map(|event| event.note.as_deref()).collect();
    if attempts > 1 {
        notes.dedup();
    }
    assert_eq!(
        notes,
        [Some("no certificate covers a.example.org"), Some("nor b.example.org")],
        "two Events of one reason are two"
    );
    let event = &events[0];
    assert_eq!(event.type_.as_deref(), Some("Warning"));
    assert_eq!(event.reason.as_deref(), Some("CertificateNone"));
    assert_eq!(event.reporting_controller.as_deref(), Some("albatross"));
    assert_eq!(event.reporting_instance.as_deref(), Some("albatross-0_1"));
    let regarding = event.regarding.as_ref().unwrap();
    assert_eq!(regarding.kind.as_deref(), Some("Ingress"));
    assert_eq!((&regarding.name, &regarding.uid), (&made.metadata.name, &made.metadata.uid));
}

#[tokio::test]
async fn an_event_about_the_controller_is_shown_with_its_lease() {
    let cluster = Cluster::of("events-controller").await;
    let sender = Events::new(&cluster.controller().await, &candidate());
    let notices = [notice(Regarding::Controller, "withheld; --allow-unneeded=a,b")];
    publish(&sender, &notices, 1).await;
    let events = events(&cluster.administrator, "kube-system").await;
    let about_the_lease = |event: &&Event| {
        let regarding = event.regarding.as_ref().unwrap();
        regarding.kind.as_deref() == Some("Lease") && regarding.name.as_deref() == Some("albatross")
    };
    let event = events.iter().find(about_the_lease).unwrap();
    assert_eq!(event.note.as_deref(), Some("withheld; --allow-unneeded=a,b"));
}

#[tokio::test]
async fn a_follower_publishes_no_events() {
    let cluster = Cluster::of("events-follower").await;
    let regarding =
        Regarding::Object { name: ObjectName::ingress(&cluster.namespace, "checkout"), uid: None };
    let sender = Events::new(&cluster.controller().await, &candidate());
    assert_eq!(sender.publish(&[notice(regarding, "nothing")], |_| false).await, 0);
    assert_eq!(events(&cluster.administrator, &cluster.namespace).await.len(), 0);
}

#[tokio::test]
async fn an_api_server_that_does_not_answer_does_not_delay_the_next_pass() {
    let cluster = Cluster::of("events-silent").await;
    let regarding =
        Regarding::Object { name: ObjectName::ingress(&cluster.namespace, "checkout"), uid: None };
    let notices: Vec<Notice> =
        (0..1_000).map(|number| notice(regarding.clone(), &format!("notice {number}"))).collect();
    let relay = cluster.relay().await;
    let sender = Events::new(&cluster.controller_through(&relay).await, &candidate());
    relay.fall_silent().await;
    // One after the other, eight at a time and ten seconds each, they would take twenty minutes.
    assert_eq!(soon("it goes on", sender.publish(&notices, |_| true)).await, 0);
}

#[tokio::test]
async fn an_event_that_cannot_be_sent_is_dropped() {
    let cluster = Cluster::of("events-lost").await;
    let lost = Regarding::Object { name: ObjectName::ingress("no-such-namespace", "checkout"), uid: None };
    let sender = Events::new(&cluster.controller().await, &candidate());
    let notices = [notice(lost, "lost"), notice(Regarding::Controller, "arrives")];
    publish(&sender, &notices, 1).await;
    let events = events(&cluster.administrator, "kube-system").await;
    assert!(events.iter().any(|event| event.note.as_deref() == Some("arrives")));
}
