//! What differs between two snapshots: the cluster, the account, and the settings.

use albatross_contract::{
    Certificate, Cluster, IncompletePart, Inventory, Metadata, ObjectName, Snapshot, SourceObject,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::kind::{Kind, Object, compare};
use crate::render::{terms, words::short_id};

/// The kinds of which objects differ. Times of observation do not count.
pub fn differences(before: &Snapshot, after: &Snapshot) -> Vec<Kind> {
    let mut found = of_cluster(&before.cluster, &after.cluster);
    found.extend(of_inventory(&before.inventory, &after.inventory));
    found.extend(single("setting", "settings", &before.settings, &after.settings));
    let frozen = |snapshot: &Snapshot| json!({"frozen": snapshot.frozen});
    found.extend(single("decision", "decisions", &frozen(before), &frozen(after)));
    let gaps = |snapshot: &Snapshot| {
        let (cluster, inventory) = (&snapshot.cluster.incomplete, &snapshot.inventory.incomplete);
        cluster.iter().chain(inventory).map(gap).collect::<Vec<_>>()
    };
    found.extend(kind("unread part", &gaps(before), &gaps(after), |gap| same(&gap.0)));
    found
}

/// A part that could not be read, and why.
#[derive(PartialEq, Serialize)]
struct Gap(String, String);

fn gap(part: &IncompletePart) -> Gap {
    let of = part.resource.as_deref().map(|it| format!(" of {}", short_id(it))).unwrap_or_default();
    Gap(format!("{}{of}", terms::view_part(part.part)), part.reason.clone())
}

fn of_cluster(before: &Cluster, after: &Cluster) -> Vec<Kind> {
    let ingress = |it: &albatross_contract::Ingress| same(&ObjectName::of_ingress(it).to_string());
    let route_group = |it: &albatross_contract::RouteGroup| {
        let source = SourceObject::RouteGroup(it);
        same(&format!("{}/{}", source.namespace(), it.metadata.name))
    };
    [
        kind("Ingress", &before.ingresses, &after.ingresses, ingress),
        kind("RouteGroup", list(&before.route_groups), list(&after.route_groups), route_group),
        kind("IngressClass", &before.ingress_classes, &after.ingress_classes, |it| named(&it.metadata)),
        kind("Service", &before.services, &after.services, |it| named(&it.metadata)),
        kind("EndpointSlice", list(&before.endpoint_slices), list(&after.endpoint_slices), |it| {
            named(&it.metadata)
        }),
        kind("Node", &before.nodes, &after.nodes, |it| named(&it.metadata)),
        kind("Pod", list(&before.pods), list(&after.pods), |it| named(&it.metadata)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_inventory(before: &Inventory, after: &Inventory) -> Vec<Kind> {
    let account = |inventory: &Inventory| {
        let Inventory { account, region, quotas, ssl_policies, .. } = inventory;
        json!({"account": account, "region": region, "quotas": quotas, "ssl-policies": ssl_policies})
    };
    let hosted_zone =
        |it: &albatross_contract::HostedZone| (it.id.clone(), format!("{} ({})", it.name, it.id));
    let security_group =
        |it: &albatross_contract::SecurityGroup| (it.id.clone(), format!("{} ({})", it.name, it.id));
    [
        kind("load balancer", &before.load_balancers, &after.load_balancers, |it| {
            (it.arn.clone(), it.name.clone())
        }),
        kind("target group", &before.target_groups, &after.target_groups, |it| {
            (it.arn.clone(), it.name.clone())
        }),
        kind("certificate", &before.certificates, &after.certificates, certificate),
        kind("instance", &before.instances, &after.instances, |it| same(&it.id)),
        kind("Auto Scaling Group", &before.auto_scaling_groups, &after.auto_scaling_groups, |it| {
            same(&it.name)
        }),
        kind("zone", &before.zones, &after.zones, |it| same(&it.name)),
        kind("subnet", &before.subnets, &after.subnets, |it| same(&it.id)),
        kind("route table", &before.route_tables, &after.route_tables, |it| same(&it.id)),
        kind("security group", &before.security_groups, &after.security_groups, security_group),
        kind("hosted zone", list(&before.hosted_zones), list(&after.hosted_zones), hosted_zone),
        single("VPC", "VPC", &before.vpc, &after.vpc),
        single("account", "account", &account(before), &account(after)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The key of an object, and its name for people.
type Names = (String, String);

fn same(name: &str) -> Names {
    (name.to_owned(), name.to_owned())
}

fn named(metadata: &Metadata) -> Names {
    same(&match &metadata.namespace {
        Some(namespace) => format!("{namespace}/{}", metadata.name),
        None => metadata.name.clone(),
    })
}

fn certificate(certificate: &Certificate) -> Names {
    let name = certificate.names.first().map_or("without a name", String::as_str);
    (certificate.arn.clone(), format!("{name} ({})", short_id(&certificate.arn)))
}

fn list<T>(all: &Option<Vec<T>>) -> &[T] {
    all.as_deref().unwrap_or_default()
}

fn kind<T: PartialEq + Serialize>(
    kind: &'static str,
    before: &[T],
    after: &[T],
    names: impl Fn(&T) -> Names,
) -> Option<Kind> {
    if before == after {
        return None;
    }
    compare(kind, objects(before, &names), objects(after, &names), to_json)
}

fn objects<'a, T>(all: &'a [T], names: &impl Fn(&T) -> Names) -> Vec<Object<&'a T>> {
    let object = |content| {
        let (key, name) = names(content);
        Object { key, name, content }
    };
    all.iter().map(object).collect()
}

fn single<T: PartialEq + Serialize>(kind: &'static str, name: &str, before: &T, after: &T) -> Option<Kind> {
    let object = |content| vec![Object { key: String::new(), name: name.to_owned(), content }];
    compare(kind, object(before), object(after), to_json)
}

fn to_json<T: Serialize>(content: &T) -> Value {
    serde_json::to_value(content).unwrap_or_default()
}
