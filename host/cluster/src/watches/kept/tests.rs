//! The events of a watch, and the objects that are known after them.

use std::time::Duration;

use albatross_contract::{EndpointSlice, Ingress, Node, RouteGroup, Service, ViewPart};
use kube::core::Status;
use serde_json::{Value, json};

use super::*;

fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).unwrap()
}

fn ingress(name: &str, version: u64, host: &str) -> DynamicObject {
    object(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {
            "namespace": "shop", "name": name, "uid": format!("uid-of-{name}"),
            "resourceVersion": version.to_string(),
            "managedFields": [{ "manager": format!("kubectl-{version}"), "operation": "Update" }],
        },
        "spec": { "rules": [{ "host": host }] },
    }))
}

fn broken(name: &str, version: u64) -> DynamicObject {
    let mut ingress = ingress(name, version, "shop.example.org");
    ingress.data["spec"]["rules"][0]["host"] = json!(7);
    ingress
}

fn failure(code: u16, message: &str) -> ClusterError {
    let status = Status { code, message: message.to_owned(), ..Status::default() };
    ClusterError::request("watch ingresses", kube::Error::Api(status.boxed()))
}

fn listed(objects: Vec<DynamicObject>) -> Kept<Ingress> {
    let mut kept = Kept::default();
    list(&mut kept, objects);
    kept
}

fn list(kept: &mut Kept<Ingress>, objects: Vec<DynamicObject>) -> bool {
    kept.begin_list();
    objects.into_iter().for_each(|object| kept.list(object));
    kept.end_list(Instant::now())
}

fn names(kept: &Kept<Ingress>) -> Vec<String> {
    kept.all().into_iter().map(|ingress| ingress.metadata.name).collect()
}

fn host(kept: &Kept<Ingress>, name: &str) -> Option<String> {
    kept.get("shop", name)?.rules[0].host.clone()
}

#[test]
fn nothing_is_known_before_the_list_is_complete() {
    let mut kept: Kept<Ingress> = Kept::default();
    kept.begin_list();
    kept.list(ingress("checkout", 1, "shop.example.org"));
    assert!(!kept.is_synced());
    assert!(kept.all().is_empty());
    assert_eq!(kept.incomplete(Instant::now()).unwrap().part, ViewPart::Ingresses);
    assert!(kept.end_list(Instant::now()), "the first list is a change even when it is empty");
    assert!(kept.is_synced());
    assert_eq!(kept.incomplete(Instant::now()), None);
    assert_eq!(names(&kept), ["checkout"]);
}

#[test]
fn only_a_relevant_field_is_a_change() {
    let mut kept = listed(vec![ingress("checkout", 1, "shop.example.org")]);
    assert!(!kept.apply(ingress("checkout", 2, "shop.example.org")), "resource version and managed fields");
    assert!(kept.apply(ingress("checkout", 3, "www.example.org")));
    assert!(kept.apply(ingress("returns", 4, "returns.example.org")));
    assert!(kept.delete(&ingress("checkout", 5, "www.example.org")));
    assert!(!kept.delete(&ingress("checkout", 6, "www.example.org")));
    assert_eq!(names(&kept), ["returns"]);
}

#[test]
fn any_annotation_is_a_change_since_unknown_annotations_are_reported() {
    let mut kept = listed(vec![ingress("checkout", 1, "shop.example.org")]);
    let mut annotated = ingress("checkout", 2, "shop.example.org");
    let key = "zalando.org/aws-load-balancer-http2";
    annotated.metadata.annotations = Some([(key.to_owned(), "false".to_owned())].into());
    assert!(kept.apply(annotated));
    assert_eq!(kept.get("shop", "checkout").unwrap().metadata.annotations[0].key, key);
}

#[test]
fn the_heartbeat_of_a_node_is_no_change() {
    let node = |version: u64, heartbeat: &str, ready: &str| {
        object(json!({
            "metadata": { "name": "ip-10-0-0-1", "resourceVersion": version.to_string() },
            "status": {
                "conditions": [{ "type": "Ready", "status": ready, "lastHeartbeatTime": heartbeat }],
            },
        }))
    };
    let mut kept: Kept<Node> = Kept::default();
    assert!(kept.apply(node(1, "2026-11-21T09:30:00Z", "True")));
    assert!(!kept.apply(node(2, "2026-11-21T09:35:00Z", "True")));
    assert!(kept.apply(node(3, "2026-11-21T09:40:00Z", "Unknown")));
}

fn slice(version: u64, changed_at: &str, ready: bool) -> DynamicObject {
    object(json!({
        "metadata": {
            "namespace": "shop", "name": "cart-x7k2p", "resourceVersion": version.to_string(),
            "labels": { "kubernetes.io/service-name": "cart", "team": format!("team-{version}") },
            "annotations": { "endpoints.kubernetes.io/last-change-trigger-time": changed_at },
        },
        "addressType": "IPv4",
        "endpoints": [{ "addresses": ["10.0.64.20"], "conditions": { "ready": ready } }],
        "ports": [{ "name": "http", "port": 8080 }],
    }))
}

#[test]
fn the_endpoints_of_a_slice_are_kept_without_the_time_of_their_change() {
    let mut kept: Kept<EndpointSlice> = Kept::default();
    assert!(kept.apply(slice(1, "2026-11-28T09:30:00Z", true)));
    assert!(!kept.apply(slice(2, "2026-11-28T09:31:00Z", true)));
    assert!(kept.apply(slice(3, "2026-11-28T09:32:00Z", false)));
    let known = kept.get("shop", "cart-x7k2p").unwrap();
    assert_eq!(known.endpoints[0].ready, Some(false));
    let labels: Vec<&str> = known.metadata.labels.iter().map(|label| label.value.as_str()).collect();
    assert_eq!((labels, known.metadata.annotations.len()), (vec!["cart"], 0));
}

#[test]
fn of_the_metadata_of_a_service_annotations_matter_and_labels_do_not() {
    let service = |version: u64, labels: Value, annotations: Value| {
        object(json!({
            "metadata": {
                "namespace": "shop", "name": "cart", "resourceVersion": version.to_string(),
                "labels": labels, "annotations": annotations,
            },
            "spec": { "ports": [{ "port": 80 }] },
        }))
    };
    let mut kept: Kept<Service> = Kept::default();
    assert!(kept.apply(service(1, json!({}), json!({}))));
    assert!(!kept.apply(service(2, json!({ "team": "shop" }), json!({}))));
    let annotations = json!({ "alb.ingress.kubernetes.io/target-type": "ip" });
    assert!(kept.apply(service(3, json!({ "team": "shop" }), annotations)));
    assert_eq!(kept.get("shop", "cart").unwrap().metadata.annotations[0].value, "ip");
}

#[test]
fn a_list_that_was_never_read_is_missing_for_the_reason_of_the_last_failure() {
    let mut kept: Kept<Service> = Kept::default();
    let reason = |kept: &Kept<Service>| kept.incomplete(Instant::now()).map(|part| part.reason);
    assert_eq!(reason(&kept).as_deref(), Some("the Service list has not been read yet"));
    let forbidden = failure(403, "no");
    kept.fail(&forbidden, Instant::now());
    assert_eq!(reason(&kept), Some(format!("the Service list cannot be read: {forbidden}")));
    kept.begin_list();
    assert!(kept.end_list(Instant::now()));
    assert_eq!(reason(&kept), None);
}

#[test]
fn a_new_list_replaces_the_old_one_and_is_a_change_only_where_it_differs() {
    let mut kept = listed(vec![ingress("a", 1, "a.example.org"), ingress("b", 2, "b.example.org")]);
    assert!(!list(&mut kept, vec![ingress("b", 7, "b.example.org"), ingress("a", 8, "a.example.org")]));
    assert!(list(&mut kept, vec![ingress("a", 8, "a.example.org")]));
    assert_eq!(names(&kept), ["a"]);
    assert!(list(&mut kept, vec![ingress("c", 9, "c.example.org")]));
    assert_eq!(names(&kept), ["c"]);
}

#[test]
fn while_a_new_list_comes_in_the_old_one_stays() {
    let mut kept = listed(vec![ingress("a", 1, "a.example.org"), ingress("b", 2, "b.example.org")]);
    kept.begin_list();
    kept.list(ingress("a", 1, "a.example.org"));
    assert_eq!(names(&kept), ["a", "b"]);
    kept.fail(&failure(503, "the API server goes away"), Instant::now());
    assert_eq!(names(&kept), ["a", "b"]);
    assert!(!list(&mut kept, vec![ingress("a", 1, "a.example.org"), ingress("b", 2, "b.example.org")]));
}

#[test]
fn the_answer_to_our_own_write_is_not_undone_by_older_news() {
    let mut kept = listed(vec![ingress("checkout", 1, "shop.example.org")]);
    kept.begin_list();
    kept.list(ingress("checkout", 4, "older.example.org"));
    assert!(kept.learn(ingress("checkout", 5, "ours.example.org")));
    assert!(!kept.learn(ingress("checkout", 4, "older.example.org")), "a later answer was faster");
    assert!(!kept.end_list(Instant::now()));
    assert!(!kept.apply(ingress("checkout", 3, "older.example.org")));
    assert!(
        !kept.delete(&ingress("checkout", 4, "older.example.org")),
        "that was the object before this one"
    );
    assert_eq!(host(&kept, "checkout").as_deref(), Some("ours.example.org"));
}

#[test]
fn an_ingress_that_is_deleted_while_its_status_is_written_does_not_come_back() {
    let mut kept = listed(vec![ingress("checkout", 1, "shop.example.org")]);
    assert!(kept.delete(&ingress("checkout", 3, "shop.example.org")));
    assert!(!kept.learn(ingress("checkout", 2, "ours.example.org")), "its answer came after the news");
    assert_eq!(names(&kept), [""; 0]);
}

#[test]
fn an_ingress_that_was_created_again_does_not_get_the_answer_for_its_predecessor() {
    let mut anew = ingress("checkout", 4, "shop.example.org");
    anew.metadata.uid = Some("another".to_owned());
    let mut kept = listed(vec![anew]);
    assert!(!kept.learn(ingress("checkout", 5, "ours.example.org")));
    assert_eq!(host(&kept, "checkout").as_deref(), Some("shop.example.org"));
}

#[test]
fn the_list_of_a_restored_etcd_is_trusted_though_its_versions_are_lower() {
    let mut kept =
        listed(vec![ingress("checkout", 90, "shop.example.org"), ingress("blog", 91, "blog.example.org")]);
    kept.learn(ingress("checkout", 100, "ours.example.org"));
    assert!(list(
        &mut kept,
        vec![ingress("checkout", 40, "restored.example.org"), ingress("blog", 41, "old.example.org")]
    ));
    assert_eq!(host(&kept, "checkout").as_deref(), Some("restored.example.org"));
    assert_eq!(host(&kept, "blog").as_deref(), Some("old.example.org"));
    assert!(kept.apply(ingress("checkout", 42, "edited.example.org")), "edits are news again");
    assert!(kept.learn(ingress("checkout", 43, "ours.example.org")), "and so are answers");
}

#[test]
fn an_object_that_cannot_be_read_is_named_and_the_others_are_there() {
    let mut kept = listed(vec![broken("checkout", 1), ingress("returns", 2, "returns.example.org")]);
    assert_eq!(names(&kept), ["returns"]);
    let incomplete = kept.incomplete(Instant::now()).unwrap();
    assert_eq!(incomplete.part, ViewPart::Ingresses);
    assert_eq!(
        incomplete.reason,
        "Ingress shop/checkout: spec.rules[0].host: 7 is a number, expected a string: put it in quotes"
    );
    assert!(kept.apply(broken("blog", 3)));
    assert!(kept.incomplete(Instant::now()).unwrap().reason.ends_with("(and 1 more)"));
    assert!(kept.apply(ingress("checkout", 4, "shop.example.org")));
    assert!(kept.delete(&broken("blog", 5)));
    assert_eq!(kept.incomplete(Instant::now()), None);
    assert_eq!(names(&kept), ["checkout", "returns"]);
}

#[test]
fn a_watch_that_fails_for_a_minute_makes_the_view_incomplete_until_it_works_again() {
    let mut kept = listed(vec![ingress("checkout", 1, "shop.example.org")]);
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let forbidden = failure(403, "no");
    assert!(kept.fail(&forbidden, start));
    assert!(!kept.fail(&forbidden, after(30)), "the same again is no news");
    assert_eq!(kept.incomplete(after(59)), None);
    let incomplete = kept.incomplete(after(60)).unwrap();
    assert_eq!(incomplete.reason, format!("the Ingress watch fails: {forbidden}"));
    assert_eq!(names(&kept), ["checkout"], "what is known stays");
    kept.begin_list();
    kept.list(ingress("checkout", 1, "shop.example.org"));
    assert!(kept.end_list(after(61)), "what was not removed for want of knowledge may be removed now");
    assert_eq!(kept.incomplete(after(62)), None);
}

#[test]
fn a_refused_watch_is_distinguished_from_one_that_may_work_in_a_moment() {
    let mut kept = Kept::<Ingress>::default();
    for (code, refused) in [(503, false), (401, true), (403, true), (504, false)] {
        kept.fail(&failure(code, "no"), Instant::now());
        assert_eq!(kept.failing().unwrap().refused, refused, "{code}");
    }
}

fn route_group(name: &str, host: &str) -> DynamicObject {
    object(json!({
        "metadata": { "namespace": "shop", "name": name, "resourceVersion": "1" },
        "spec": { "hosts": [host] },
    }))
}

#[test]
fn a_new_status_of_a_route_group_leaves_the_rest_where_it_is_in_memory() {
    let version = |version: u64, host: &str, hostname: Option<&str>| {
        let mut object = route_group("checkout", host);
        object.metadata.resource_version = Some(version.to_string());
        let addresses: Vec<Value> = hostname.iter().map(|hostname| json!({ "hostname": hostname })).collect();
        object.data["status"] = json!({ "loadBalancer": { "routegroup": addresses } });
        object
    };
    let mut kept = Kept::<RouteGroup>::default();
    assert!(kept.apply(version(1, "shop.example.org", None)));
    let place = kept.get("shop", "checkout").unwrap().hosts.as_ptr();
    assert!(kept.apply(version(2, "shop.example.org", Some("lb.example.org"))));
    let known = kept.get("shop", "checkout").unwrap();
    assert_eq!((known.hosts.as_ptr(), known.status[0].hostname.as_deref()), (place, Some("lb.example.org")));
    assert!(kept.apply(version(3, "www.example.org", Some("lb.example.org"))));
    assert_eq!(kept.get("shop", "checkout").unwrap().hosts, ["www.example.org"]);
}

const DENIED: &str =
    "the API server says that it does not have the kind RouteGroup, which counts after a minute";

#[test]
fn a_cluster_lacks_a_kind_only_when_it_has_lacked_it_for_a_minute_and_until_then_the_view_is_incomplete() {
    let mut kept = Kept::<RouteGroup>::default();
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    assert!(kept.incomplete(start).is_some() && kept.may_have_kind(), "nothing is known yet");

    assert!(kept.absent(start), "the reason of the gap is news");
    assert!(!kept.absent(after(30)), "the same again is no news");
    assert!(!kept.may_have_kind() && !kept.is_synced(), "nobody waits for the list");
    let gap = kept.incomplete(after(59)).unwrap();
    assert_eq!((gap.part, gap.expected), (ViewPart::RouteGroups, Some(true)), "most clusters lack the kind");
    assert_eq!(gap.reason, format!("the RouteGroup list cannot be read: {DENIED}"));

    assert!(kept.absent(after(60)), "now it counts");
    assert_eq!((kept.incomplete(after(60)), kept.has_kind(), kept.all().len()), (None, false, 0));
    assert!(!kept.absent(after(90)), "the same again is no news");

    kept.begin_list();
    kept.list(route_group("checkout", "shop.example.org"));
    assert!(kept.end_list(after(120)) && kept.has_kind(), "the kind was installed");
    assert_eq!(kept.all()[0].hosts, ["shop.example.org"]);
}

#[test]
fn a_minute_without_a_kind_does_not_begin_anew_when_the_api_server_does_not_answer_now_and_then() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut kept = Kept::<RouteGroup>::default();
    kept.absent(start);
    kept.fail(&failure(503, "starting"), after(30));
    let gap = kept.incomplete(after(30)).unwrap();
    assert_eq!(gap.expected, None, "a failure is a fault: {}", gap.reason);
    assert!(!kept.may_have_kind(), "nobody waits for the list");
    kept.absent(after(31));
    assert_eq!(kept.incomplete(after(31)).unwrap().expected, Some(true));
    kept.fail(&failure(503, "starting"), after(61));
    assert!(kept.has_kind());

    assert!(kept.absent(after(62)), "it has said so three times within more than a minute");
    assert_eq!((kept.incomplete(after(62)), kept.has_kind()), (None, false));
    kept.fail(&failure(503, "starting"), after(92));
    assert!(!kept.has_kind(), "a failure does not say that it has the kind");
}

#[test]
fn a_minute_without_a_kind_begins_anew_when_the_api_server_has_the_kind() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let other_version = ClusterError::OtherVersion {
        kind: "RouteGroup",
        expected: "zalando.org/v1".to_owned(),
        served: "zalando.org/v2".to_owned(),
    };
    let has_kind: [fn(&mut Kept<RouteGroup>, &ClusterError, Instant); 3] = [
        |kept, _, _| kept.present(),
        |kept, other_version, now| _ = kept.fail(other_version, now),
        |kept, _, now| {
            kept.begin_list();
            kept.list(route_group("checkout", "shop.example.org"));
            kept.end_list(now);
        },
    ];
    for says_so in has_kind {
        let mut kept = Kept::<RouteGroup>::default();
        kept.absent(start);
        kept.absent(after(30));
        says_so(&mut kept, &other_version, after(45));
        kept.absent(after(61));
        assert!(kept.has_kind(), "it has not said so all the time");
        kept.absent(after(91));
        assert!(kept.has_kind());
        kept.absent(after(121));
        assert!(!kept.has_kind());
    }
}

#[test]
fn when_a_kind_is_installed_its_objects_are_not_known_until_their_list_has_been_read() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut kept = Kept::<RouteGroup>::default();
    for seconds in [0, 30, 60] {
        kept.absent(after(seconds));
    }
    assert_eq!((kept.incomplete(after(90)), kept.has_kind()), (None, false));

    kept.present();
    kept.fail(&failure(403, "routegroups.zalando.org is forbidden"), after(90));

    let gap = kept.incomplete(after(90)).unwrap();
    assert!(gap.reason.contains("is forbidden"), "there may be some: {}", gap.reason);
    assert_eq!((gap.part, gap.expected), (ViewPart::RouteGroups, None));
}

#[test]
fn a_command_that_looks_once_believes_at_once_that_there_is_no_such_kind() {
    let now = Instant::now();
    let mut kept = Kept::<RouteGroup>::default();
    kept.believe_absence();
    assert!(kept.incomplete(now).is_some(), "the API server has not said so");
    kept.absent(now);
    kept.believe_absence();
    assert_eq!((kept.incomplete(now), kept.has_kind()), (None, false));
}

#[test]
fn a_kind_that_is_served_in_another_version_is_missing_for_that_reason_however_long() {
    let mut kept = Kept::<RouteGroup>::default();
    let error = ClusterError::OtherVersion {
        kind: "RouteGroup",
        expected: "zalando.org/v1".to_owned(),
        served: "zalando.org/v2".to_owned(),
    };
    let start = Instant::now();
    kept.fail(&error, start);
    let reason = kept.incomplete(start + Duration::from_secs(600)).unwrap().reason;
    assert_eq!(
        reason,
        "the RouteGroup list cannot be read: the API server serves RouteGroup as zalando.org/v2 and not as \
         zalando.org/v1, which Albatross reads: let its CustomResourceDefinition serve zalando.org/v1 too"
    );
    assert!(kept.failing().unwrap().refused, "nobody waits for the list");
}

#[test]
fn a_kind_that_is_gone_takes_its_objects_along_only_when_it_has_been_gone_for_a_minute() {
    let mut kept = Kept::<RouteGroup>::default();
    kept.begin_list();
    kept.list(route_group("checkout", "shop.example.org"));
    kept.end_list(Instant::now());
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);

    assert!(!kept.absent(start) && !kept.absent(after(30)));
    assert_eq!((kept.all().len(), kept.incomplete(after(59))), (1, None), "known from before");
    assert_eq!(kept.failing().unwrap().message, DENIED);
    kept.fail(&failure(503, "starting"), after(45));
    assert_eq!(kept.all().len(), 1);
    kept.present();
    assert_eq!(
        (kept.all().len(), kept.is_synced()),
        (1, true),
        "the kind is back, and its objects still known"
    );
    assert!(!kept.absent(after(61)) && !kept.absent(after(91)), "it has not said so all the time");
    assert!(kept.incomplete(after(61)).is_some(), "but the view is old");
    assert!(kept.absent(after(121)));
    assert_eq!((kept.all().len(), kept.incomplete(after(121)), kept.has_kind()), (0, None, false));
}
