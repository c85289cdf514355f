//! Kinds of other API groups with the name of a kind that is read: group and kind identify an object.

use albatross_contract::Cluster;

use crate::support::{ingress, names, read_files, read_good};

/// Kinds of other groups with names of kinds that are read, as in the documentation of these groups.
const FOREIGN: [(&str, &str); 9] = [
    ("Ingress", "config.openshift.io/v1"),
    ("Ingress", "networking.internal.knative.dev/v1alpha1"),
    ("Ingress", "networking.example.org/v1"),
    ("IngressClass", "networking.example.org/v1"),
    ("Service", "serving.knative.dev/v1"),
    ("Service", "core.example.org/v1"),
    ("Node", "management.cattle.io/v3"),
    ("EndpointSlice", "discovery.example.org/v1"),
    ("Pod", "core.example.org/v1"),
];

#[test]
fn a_foreign_kind_of_the_same_name_is_skipped_and_the_folder_is_read() {
    for (kind, api_version) in FOREIGN {
        let foreign = format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: [odd]}}\nspec: {{domain: 7}}\n"
        );
        let text = format!("{foreign}---\n{}", ingress("shop", "a", "a.example.org"));
        assert_eq!(names(&read_good(&text)), ["shop/a"], "{kind} of {api_version}");
    }
}

#[test]
fn a_list_of_a_foreign_kind_is_skipped_and_so_are_its_items_in_a_list_of_anything() {
    for (kind, api_version) in FOREIGN {
        let list =
            format!("apiVersion: {api_version}\nkind: {kind}List\nitems: [{{metadata: {{name: a}}}}]\n");
        assert_eq!(read_good(&list).cluster, Cluster::default(), "{kind} of {api_version}");
        let item = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}");
        let list = format!("{{apiVersion: v1, kind: List, items: [{item}]}}");
        assert_eq!(read_good(&list).cluster, Cluster::default(), "{kind} of {api_version}");
    }
}

#[test]
fn a_foreign_ingress_does_not_count_as_a_second_ingress_of_that_name() {
    let foreign = "apiVersion: networking.internal.knative.dev/v1alpha1\nkind: Ingress\nmetadata: {namespace: shop, name: a}\n";
    let manifests = read_good(&format!("{foreign}---\n{}", ingress("shop", "a", "a.example.org")));
    assert_eq!(names(&manifests), ["shop/a"]);
}

/// The group of an Ingress may be misspelled, so there is a remark; a foreign Service needs none.
#[test]
fn foreign_ingresses_of_one_group_have_one_remark_and_foreign_services_have_none() {
    let foreign = |kind: &str, name: &str| {
        format!("apiVersion: networking.example.org/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n---\n")
    };
    let text = [foreign("Ingress", "a"), foreign("Ingress", "b"), foreign("Service", "c")].concat();
    assert_eq!(
        read_files(&[("shop.yaml", &text)]).remarks,
        [
            "shop.yaml, document 1, line 1: Ingress of networking.example.org is not of networking.k8s.io, so it is \
          a different kind of object and is skipped (and 1 more)"
        ]
    );
}
