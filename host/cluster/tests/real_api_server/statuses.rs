//! Statuses are written as the outcomes say, and only if they differ.

use albatross_cluster::{Client, ClusterError, StatusReport, StatusWrite, Statuses, Watches, connect};
use albatross_contract::{Cluster as View, ObjectName, Outcome, OutcomeState, StatusChange};
use albatross_test_world::cluster::apply;
use serde_json::json;

use crate::support::{
    Cluster, answered, eventually,
    objects::{
        change_ingress, create_ingress, delete_ingress, get_ingress, ingress, published, write_status_as,
    },
};

const OURS: &str = "albatross-1.eu-central-1.elb.amazonaws.com";
const THEIRS: &str = "kube-ing-lb-2.eu-central-1.elb.amazonaws.com";

/// An Ingress `checkout` and what writes its status.
struct Shop {
    cluster: Cluster,
    client: Client,
    watches: Watches,
}

impl Shop {
    async fn of(namespace: &str) -> Shop {
        let cluster = Cluster::of(namespace).await;
        let object = ingress("checkout", "shop.example.org");
        create_ingress(&cluster.administrator, namespace, object).await;
        let client = cluster.controller().await;
        let watches = cluster.watches(&client).await;
        Shop { cluster, client, watches }
    }

    fn outcome(&self, status: StatusChange) -> Outcome {
        Outcome {
            object: ObjectName::ingress(&self.cluster.namespace, "checkout"),
            state: OutcomeState::Placed,
            load_balancer: None,
            certificates: Vec::new(),
            hostname: None,
            status,
            diagnostics: Vec::new(),
        }
    }

    async fn write(&self, status: StatusChange) -> StatusReport {
        let statuses = Statuses::new(&self.client, &self.watches);
        write(&statuses, &self.watches.view(), &[self.outcome(status)]).await
    }

    async fn published(&self) -> Vec<String> {
        published(&self.cluster.administrator, &self.cluster.namespace, "checkout").await
    }

    /// The status comes from the controller that served the Ingress before.
    async fn served_before(&self) {
        let administrator = &self.cluster.administrator;
        let manager = "kube-ingress-aws-controller";
        write_status_as(administrator, manager, &self.cluster.namespace, "checkout", THEIRS).await;
        eventually("the status is seen", || self.seen(Some(THEIRS)).then_some(())).await;
    }

    fn seen(&self, hostname: Option<&str>) -> bool {
        let view = self.watches.view();
        let ingress = view
            .ingresses
            .into_iter()
            .find(|ingress| ingress.metadata.namespace.as_deref() == Some(&self.cluster.namespace));
        ingress.is_some_and(|ingress| {
            ingress.status.first().and_then(|address| address.hostname.as_deref()) == hostname
        })
    }

    fn written(&self, before: Option<&str>, after: Option<&str>) -> Vec<StatusWrite> {
        vec![StatusWrite {
            object: ObjectName::ingress(&self.cluster.namespace, "checkout"),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }]
    }
}

/// Writes until no write times out: the API server may be slower than the time limit.
async fn write(statuses: &Statuses, planned: &View, outcomes: &[Outcome]) -> StatusReport {
    let attempt = async || statuses.write(planned, outcomes, |_| true).await;
    answered(attempt, |report| report.failed.iter().map(|failure| &failure.error).collect()).await
}

fn publish(hostname: &str) -> StatusChange {
    StatusChange::Publish(hostname.to_owned())
}

#[tokio::test]
async fn a_status_is_written_once() {
    let shop = Shop::of("status-once").await;
    let report = shop.write(publish(OURS)).await;
    assert_eq!(report.written, shop.written(None, Some(OURS)));
    assert!(shop.seen(Some(OURS)), "the next plan knows of it");
    assert_eq!(shop.published().await, [OURS]);

    let namespace = shop.cluster.namespace.clone();
    let before = get_ingress(&shop.cluster.administrator, &namespace, "checkout").await;
    let report = shop.write(publish(OURS)).await;
    assert_eq!((report.written.len(), report.failed.len(), report.left), (0, 0, 0));
    let after = get_ingress(&shop.cluster.administrator, &namespace, "checkout").await;
    assert_eq!(before.metadata.resource_version, after.metadata.resource_version);
}

#[tokio::test]
async fn a_written_status_is_known_even_when_the_watch_is_behind() {
    let shop = Shop::of("status-behind").await;
    let behind = shop.cluster.watches(&shop.client).await;
    let planned = behind.view();
    let statuses = Statuses::new(&shop.client, &behind);
    drop(behind); // nothing arrives any more
    let outcomes = [shop.outcome(publish(OURS))];
    assert_eq!(write(&statuses, &planned, &outcomes).await.written.len(), 1);
    assert_eq!(write(&statuses, &planned, &outcomes).await.written, []);
}

#[tokio::test]
async fn a_status_that_the_outcome_keeps_is_not_written() {
    let shop = Shop::of("status-keep").await;
    shop.served_before().await;
    assert_eq!(shop.write(StatusChange::Keep).await.written, []);
    assert_eq!(shop.published().await, [THEIRS]);
}

#[tokio::test]
async fn the_status_of_the_controller_before_us_is_taken_over() {
    let shop = Shop::of("status-takeover").await;
    shop.served_before().await;
    let report = shop.write(publish(OURS)).await;
    assert_eq!(report.written, shop.written(Some(THEIRS), Some(OURS)));
    assert_eq!(shop.published().await, [OURS]);
}

#[tokio::test]
async fn a_withdrawn_status_is_empty_whoever_wrote_it() {
    let shop = Shop::of("status-withdraw").await;
    shop.write(publish(OURS)).await;
    assert_eq!(shop.write(StatusChange::Withdraw).await.written, shop.written(Some(OURS), None));
    assert_eq!(shop.published().await, [""; 0]);
    assert_eq!(shop.write(StatusChange::Withdraw).await.written, []);

    shop.served_before().await;
    assert_eq!(shop.write(StatusChange::Withdraw).await.written, shop.written(Some(THEIRS), None));
    assert_eq!(shop.published().await, [""; 0]);
    assert_eq!(shop.write(publish(OURS)).await.written, shop.written(None, Some(OURS)));
    assert_eq!(shop.published().await, [OURS]);
}

#[tokio::test]
async fn a_status_that_two_field_managers_wrote_is_withdrawn_as_well() {
    let shop = Shop::of("status-shared").await;
    shop.served_before().await;
    let other = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": "checkout" },
        "status": { "loadBalancer": { "ingress": [{ "hostname": THEIRS }] } },
    });
    let parameters = kube::api::PatchParams::apply("another-controller");
    let ingresses = crate::support::objects::ingresses(&shop.cluster.administrator, &shop.cluster.namespace);
    ingresses.patch_status("checkout", &parameters, &kube::api::Patch::Apply(other)).await.unwrap();
    assert_eq!(shop.write(StatusChange::Withdraw).await.written.len(), 1);
    assert_eq!(shop.published().await, [""; 0]);
}

#[tokio::test]
async fn an_ingress_created_again_does_not_get_the_status_of_its_predecessor() {
    let shop = Shop::of("status-anew").await;
    let (administrator, namespace) = (&shop.cluster.administrator, &shop.cluster.namespace);
    let planned = shop.watches.view();
    let statuses = Statuses::new(&shop.client, &shop.watches);
    let behind = shop.cluster.watches(&shop.client).await;
    let statuses_behind = Statuses::new(&shop.client, &behind);
    drop(behind); // its view stays as it is

    delete_ingress(administrator, namespace, "checkout").await;
    let anew = create_ingress(administrator, namespace, ingress("checkout", "shop.example.org")).await;
    eventually("the new one is seen", || {
        let mut ingresses = shop.watches.view().ingresses.into_iter();
        ingresses.find(|ingress| ingress.metadata.uid == anew.metadata.uid)
    })
    .await;

    let outcomes = [shop.outcome(publish(OURS))];
    let report = write(&statuses, &planned, &outcomes).await;
    assert_eq!((report.written.len(), report.failed.len()), (0, 0));
    let report = write(&statuses_behind, &planned, &outcomes).await;
    assert_eq!(report.written, []);
    assert!(matches!(report.failed[0].error, ClusterError::Conflict { .. }), "{}", report.failed[0].error);
    assert_eq!(shop.published().await, [""; 0]);
}

#[tokio::test]
async fn the_status_of_an_ingress_that_has_changed_since_is_not_withdrawn() {
    let shop = Shop::of("status-changed").await;
    shop.write(publish(OURS)).await;
    let (administrator, namespace) = (&shop.cluster.administrator, &shop.cluster.namespace);
    let planned = shop.watches.view();
    let back = json!({ "spec": { "ingressClassName": "albatross-again" } });
    change_ingress(administrator, namespace, "checkout", back).await;
    eventually("the change is seen", || (shop.watches.view() != planned).then_some(())).await;

    let statuses = Statuses::new(&shop.client, &shop.watches);
    let outcomes = [shop.outcome(StatusChange::Withdraw)];
    assert_eq!(write(&statuses, &planned, &outcomes).await.written, []);
    assert_eq!(shop.published().await, [OURS]);

    let report = write(&statuses, &shop.watches.view(), &outcomes).await;
    assert_eq!(report.written, shop.written(Some(OURS), None), "a plan that knows of the change may");
}

#[tokio::test]
async fn without_the_lease_no_status_is_written() {
    let shop = Shop::of("status-follower").await;
    let statuses = Statuses::new(&shop.client, &shop.watches);
    let outcomes = [shop.outcome(publish(OURS))];
    let report = statuses.write(&shop.watches.view(), &outcomes, |_| false).await;
    assert_eq!((report.written.len(), report.left), (0, 1));
    assert_eq!(shop.published().await, [""; 0]);
}

#[tokio::test]
async fn a_status_that_we_have_no_right_to_write_is_named() {
    let shop = Shop::of("status-forbidden").await;
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": { "name": "powerless", "namespace": "kube-system" },
    });
    apply(&shop.cluster.administrator, &serde_json::from_value(account).unwrap()).await;
    let powerless = connect(Some(&shop.cluster.kubeconfig("powerless")), None).await.unwrap();
    let statuses = Statuses::new(&powerless, &shop.watches);
    let outcomes = [shop.outcome(publish(OURS))];
    let report = write(&statuses, &shop.watches.view(), &outcomes).await;
    let error = &report.failed[0].error;
    assert!(matches!(error, ClusterError::Forbidden { .. }), "{error}");
    assert!(
        error.to_string().starts_with("write the status of Ingress status-forbidden/checkout: forbidden ("),
        "{error}"
    );
}
