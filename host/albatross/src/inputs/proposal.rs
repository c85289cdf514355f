//! Manifests that are proposed for a cluster of which there is a snapshot: those of a pull request.

use std::collections::BTreeSet;

use albatross_contract::{Cluster, IncompletePart, Metadata, ObjectKind, ObjectName, Timestamp, ViewPart};
use albatross_embedded_cloud::SimulatedCluster;

/// Manifests, and what they say about objects that they do not contain.
pub struct Proposal {
    /// The manifests.
    pub manifests: Cluster,
    /// Objects that go.
    pub removed: Removed,
}

/// The objects of the snapshot that go, since the manifests lack them.
pub enum Removed {
    /// None: the manifests are a part of those of the cluster.
    None,
    /// The objects of these manifests, which are the manifests before the change.
    Of(Cluster),
    /// All Ingresses and RouteGroups: the manifests are complete.
    All,
}

impl Proposal {
    /// The cluster once the manifests are applied at a time, like `kubectl apply`: an object that exists keeps its status, uid,
    /// age and node ports.
    pub fn apply(self, mut cluster: Cluster, now: Timestamp) -> Cluster {
        let Proposal { mut manifests, removed } = self;
        manifests.incomplete.retain(IncompletePart::is_fault);
        let mut gone = removed.sources(&cluster, &manifests);
        let (mut incomplete, gaps) =
            (std::mem::take(&mut cluster.incomplete), std::mem::take(&mut manifests.incomplete));
        // What could not be read may be an object that seems to be removed.
        gone.retain(|object| !gaps.iter().any(|gap| gap.part == part_of(object.kind)));
        incomplete.extend(gaps);
        name_namespaces(&mut manifests);
        // A list that was not read in the cluster stays unread if the manifests have nothing for it.
        manifests.pods = manifests.pods.filter(|pods| !pods.is_empty());
        manifests.endpoint_slices = manifests.endpoint_slices.filter(|slices| !slices.is_empty());
        manifests.route_groups = manifests.route_groups.filter(|groups| !groups.is_empty());
        manifests.incomplete = ALL.map(untouched).into();
        let mut applied = SimulatedCluster::new(cluster);
        applied.apply(manifests, now);
        let mut cluster = applied.cluster().clone();
        let stays = |kind: ObjectKind, metadata: &Metadata| {
            !gone.iter().any(|object| {
                object.kind == kind
                    && object.name == metadata.name
                    && object.namespace == metadata.namespace.as_deref().unwrap_or("default")
            })
        };
        cluster.ingresses.retain(|it| stays(ObjectKind::Ingress, &it.metadata));
        if let Some(route_groups) = &mut cluster.route_groups {
            route_groups.retain(|it| stays(ObjectKind::RouteGroup, &it.metadata));
        }
        cluster.incomplete = incomplete;
        cluster
    }
}

/// Every kind of object that manifests can contain.
const ALL: [ViewPart; 7] = [
    ViewPart::Ingresses,
    ViewPart::RouteGroups,
    ViewPart::IngressClasses,
    ViewPart::Services,
    ViewPart::EndpointSlices,
    ViewPart::Nodes,
    ViewPart::Pods,
];

/// Objects of this kind stay if the manifests lack them.
fn untouched(part: ViewPart) -> IncompletePart {
    IncompletePart { part, resource: None, reason: String::new(), expected: Some(true) }
}

const fn part_of(kind: ObjectKind) -> ViewPart {
    match kind {
        ObjectKind::RouteGroup => ViewPart::RouteGroups,
        ObjectKind::Ingress | ObjectKind::HttpRoute => ViewPart::Ingresses,
    }
}

impl Removed {
    /// The Ingresses and RouteGroups that go. Other kinds ask for nothing, so that it makes no difference if they stay.
    fn sources(&self, cluster: &Cluster, manifests: &Cluster) -> BTreeSet<ObjectName> {
        let of = |cluster: &Cluster| cluster.sources().map(ObjectName::of).collect::<BTreeSet<_>>();
        let before = match self {
            Removed::None => return BTreeSet::new(),
            Removed::Of(before) => of(before),
            Removed::All => of(cluster),
        };
        before.difference(&of(manifests)).cloned().collect()
    }
}

/// An object without a namespace is in `default`, as for kubectl.
fn name_namespaces(manifests: &mut Cluster) {
    let metadata = (manifests.ingresses.iter_mut().map(|it| &mut it.metadata))
        .chain(manifests.services.iter_mut().map(|it| &mut it.metadata))
        .chain(manifests.endpoint_slices.iter_mut().flatten().map(|it| &mut it.metadata))
        .chain(manifests.pods.iter_mut().flatten().map(|it| &mut it.metadata))
        .chain(manifests.route_groups.iter_mut().flatten().map(|it| &mut it.metadata));
    for metadata in metadata {
        metadata.namespace.get_or_insert_with(|| "default".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Ingress, IngressAddress, IngressRule, RouteGroup};

    use super::*;

    fn metadata(namespace: Option<&str>, name: &str) -> Metadata {
        Metadata {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            uid: namespace.map(|_| format!("uid-{name}")),
            ..Metadata::default()
        }
    }

    fn ingress(namespace: Option<&str>, name: &str, host: &str) -> Ingress {
        Ingress {
            metadata: metadata(namespace, name),
            ingress_class_name: None,
            default_backend: None,
            tls: Vec::new(),
            rules: vec![IngressRule { host: Some(host.to_owned()), paths: Vec::new() }],
            status: Vec::new(),
        }
    }

    fn served(name: &str) -> Ingress {
        let status = vec![IngressAddress { hostname: Some("lb".to_owned()), ip: None }];
        Ingress { status, ..ingress(Some("default"), name, "old.org") }
    }

    fn cluster(ingresses: Vec<Ingress>) -> Cluster {
        Cluster { ingresses, ..Cluster::default() }
    }

    fn applied(manifests: Cluster, removed: Removed) -> Cluster {
        let there = cluster(vec![served("blog"), served("shop"), served("wiki")]);
        let there = Cluster { pods: None, ..there };
        Proposal { manifests, removed }.apply(there, 7)
    }

    fn names(cluster: &Cluster) -> Vec<String> {
        cluster.sources().map(|source| ObjectName::of(source).to_string()).collect()
    }

    #[test]
    fn an_object_that_exists_keeps_its_status_and_uid_and_the_others_stay() {
        let after = applied(cluster(vec![ingress(None, "shop", "new.org")]), Removed::None);
        assert_eq!(names(&after), ["default/blog", "default/shop", "default/wiki"]);
        let shop = &after.ingresses[1];
        assert_eq!(shop.rules[0].host.as_deref(), Some("new.org"));
        assert_eq!(shop.status, served("shop").status);
        assert_eq!(shop.metadata.uid.as_deref(), Some("uid-shop"));
        assert_eq!((&after.pods, &after.route_groups), (&None, &None), "what was not read is still unknown");
    }

    #[test]
    fn a_new_object_is_created_at_the_time_of_the_plan_without_a_status() {
        let after = applied(cluster(vec![ingress(Some("team"), "new", "new.org")]), Removed::None);
        let new = after.ingresses.iter().find(|it| it.metadata.name == "new").unwrap();
        assert_eq!((new.metadata.created_at, new.status.len()), (Some(7), 0));
    }

    #[test]
    fn what_the_base_has_and_the_manifests_lack_is_removed() {
        let base = cluster(vec![ingress(None, "shop", "o.org"), ingress(Some("default"), "blog", "o.org")]);
        let after = applied(cluster(vec![ingress(None, "blog", "new.org")]), Removed::Of(base));
        assert_eq!(names(&after), ["default/blog", "default/wiki"]);
    }

    #[test]
    fn complete_manifests_remove_everything_else() {
        let after = applied(cluster(vec![ingress(None, "blog", "new.org")]), Removed::All);
        assert_eq!(names(&after), ["default/blog"]);
    }

    #[test]
    fn nothing_is_removed_where_a_manifest_of_the_kind_could_not_be_read() {
        let gap = |part, expected| IncompletePart { part, resource: None, reason: "x".to_owned(), expected };
        let manifests = Cluster {
            incomplete: vec![gap(ViewPart::Ingresses, None), gap(ViewPart::IngressStatuses, Some(true))],
            route_groups: Some(vec![RouteGroup {
                metadata: metadata(None, "routed"),
                hosts: Vec::new(),
                status: Vec::new(),
            }]),
            ..Cluster::default()
        };
        let after = applied(manifests, Removed::All);
        assert_eq!(
            names(&after),
            ["default/blog", "default/shop", "default/wiki", "RouteGroup:default/routed"]
        );
        assert_eq!(after.incomplete, [gap(ViewPart::Ingresses, None)], "the statuses are known");
    }
}
