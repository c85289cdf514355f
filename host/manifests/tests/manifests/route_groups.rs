//! RouteGroups of `zalando.org/v1`.

use albatross_contract::{IngressAddress, RouteGroup, Tag, ViewPart};
use albatross_manifests::route_group_from_json;
use serde_json::json;

use crate::support::{incomplete, problems, read_files, read_good};

const MANIFEST: &str = "apiVersion: zalando.org/v1
kind: RouteGroup
metadata:
  namespace: shop
  name: checkout
  annotations: {kubernetes.io/ingress.class: skipper}
spec:
  hosts: [shop.example.org, www.example.org]
  backends:
  - {name: checkout, type: service, serviceName: checkout, servicePort: 80}
  defaultBackends: [{backendName: checkout}]
  routes:
  - {pathSubtree: /, filters: ['ratelimit(20, \"1m\")']}
  tls: [{hosts: [shop.example.org], secretName: unused}]
status:
  loadBalancer: {routegroup: [{hostname: lb.example.org}]}
";

fn route_groups(text: &str) -> Vec<RouteGroup> {
    read_good(text).cluster.route_groups.unwrap_or_default()
}

#[test]
fn the_hosts_annotations_and_status_of_a_route_group_are_read() {
    let manifests = read_good(MANIFEST);
    assert_eq!(manifests.remarks, [""; 0], "its other fields are known");
    let [read] = &manifests.cluster.route_groups.unwrap()[..] else { panic!("one RouteGroup") };
    assert_eq!((read.metadata.namespace.as_deref(), read.metadata.name.as_str()), (Some("shop"), "checkout"));
    let class = Tag { key: "kubernetes.io/ingress.class".into(), value: "skipper".into() };
    assert_eq!(read.metadata.annotations, [class]);
    assert_eq!(read.hosts, ["shop.example.org", "www.example.org"]);
    assert_eq!(read.status, [IngressAddress { hostname: Some("lb.example.org".into()), ip: None }]);
}

#[test]
fn manifests_without_a_route_group_do_not_say_that_the_cluster_has_the_kind() {
    assert_eq!(read_good("{apiVersion: v1, kind: Node, metadata: {name: a}}").cluster.route_groups, None);
}

#[test]
fn a_list_of_route_groups_without_items_says_that_there_are_none() {
    let read = read_good("{apiVersion: zalando.org/v1, kind: RouteGroupList, items: []}");
    assert_eq!(read.cluster.route_groups, Some(Vec::new()));
}

#[test]
fn the_first_page_of_a_longer_list_does_not_say_that_there_are_no_others() {
    let list = "{apiVersion: zalando.org/v1, kind: RouteGroupList, metadata: {continue: abc}, items: []}";
    assert!(problems(list)[0].contains("metadata.continue: there are more pages"));
    assert_eq!(incomplete(&read_files(&[("a.yaml", list)])), [ViewPart::RouteGroups]);
    let whole = list.replace("abc", "''");
    assert_eq!(read_good(&whole).cluster.route_groups, Some(Vec::new()));
}

#[test]
fn items_of_a_list_and_objects_of_an_api_server_are_read_in_the_same_way() {
    let item = "{metadata: {namespace: shop, name: a}, spec: {hosts: [a.example.org], backends: []}}";
    let listed =
        route_groups(&format!("{{apiVersion: zalando.org/v1, kind: RouteGroupList, items: [{item}]}}"));
    let served = route_group_from_json(json!({
        "metadata": {"namespace": "shop", "name": "a", "managedFields": []},
        "spec": {"hosts": ["a.example.org"], "backends": []}
    }));
    assert_eq!(listed, [served.unwrap()]);
}

#[test]
fn an_unreadable_route_group_is_named_and_the_part_is_incomplete() {
    for (from, to, expected) in [
        (
            "[shop.example.org, www.example.org]",
            "[7]",
            "spec.hosts[0]: 7 is a number, expected a string: put it in quotes",
        ),
        ("name: checkout\n  ann", "name: Checkout\n  ann", "metadata.name: \"Checkout\" is not a name"),
        (
            "kind: RouteGroup",
            "kind: Routegroup",
            "kind: \"Routegroup\" is not a kind; did you mean RouteGroup?",
        ),
    ] {
        let text = MANIFEST.replacen(from, to, 1);
        assert_ne!(text, MANIFEST);
        let told = problems(&text);
        assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
        assert_eq!(incomplete(&read_files(&[("a.yaml", &text)])), [ViewPart::RouteGroups], "{to}");
    }
}

#[test]
fn whatever_text_a_tenant_writes_as_a_host_or_a_status_the_route_group_is_read() {
    let long = "a".repeat(300);
    for (hosts, expected) in [
        (json!(["", "a.example.org"]), vec!["a.example.org"]),
        (json!([null]), vec![]),
        (json!(null), vec![]),
        (json!([long]), vec![&long[..257]]),
        (json!([format!("{}\u{e4}", &long[..256])]), vec![&long[..256]]),
        (json!(["A B", "*", "..", "10.0.0.1", "x\ny"]), vec!["A B", "*", "..", "10.0.0.1", "x\ny"]),
    ] {
        let status = json!({"loadBalancer": {"routegroup": [{"hostname": long, "ip": "no address"}, {}]}});
        let read = route_group_from_json(json!({
            "metadata": {"namespace": "shop", "name": "a", "annotations": {"a": long}, "labels": {"": ""}},
            "spec": {"hosts": hosts, "backends": 7, "routes": "none"},
            "status": status,
        }));
        let read = read.unwrap();
        assert_eq!(
            (read.hosts.iter().map(String::as_str).collect::<Vec<_>>(), read.status.len()),
            (expected, 2)
        );
    }
}

#[test]
fn an_unknown_field_and_a_kind_that_is_probably_misspelled_have_a_remark() {
    let read = read_files(&[("a.yaml", &MANIFEST.replacen("hosts:", "host:", 1))]);
    assert_eq!(
        read.remarks,
        [
            "a.yaml, document 1, line 8: spec.host is not a field of a RouteGroup, so it is ignored; did you mean hosts?"
        ]
    );
    let read = read_files(&[("a.yaml", &MANIFEST.replacen("RouteGroup", "RouteGroups", 1))]);
    assert!(read.remarks[0].ends_with("did you mean RouteGroup?"), "{:?}", read.remarks);
}

#[test]
fn an_ingress_and_a_route_group_may_have_one_name_and_two_route_groups_may_not() {
    let ingress = crate::support::ingress("shop", "checkout", "a.example.org");
    assert_eq!(route_groups(&format!("{MANIFEST}---\n{ingress}")).len(), 1);
    let twice = problems(&format!("{MANIFEST}---\n{MANIFEST}"));
    assert!(twice[0].contains("RouteGroup shop/checkout is also in"), "{twice:?}");
}

#[test]
fn a_status_of_a_route_group_is_a_status_of_manifests() {
    let mut read = read_good(MANIFEST);
    read.mark_missing_statuses();
    assert_eq!(incomplete(&read), []);
}

#[test]
fn statuses_of_one_kind_say_nothing_of_the_other() {
    let ingress = crate::support::ingress("shop", "written", "a.example.org");
    let mut read = read_good(&format!("{MANIFEST}---\n{ingress}"));
    read.mark_missing_statuses();
    assert_eq!(incomplete(&read).len(), 1, "{:?}", incomplete(&read));
}
