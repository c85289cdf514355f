//! All objects and problems of all sources.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use albatross_contract::{Cluster, IncompletePart, Metadata, ViewPart};

use crate::{
    Manifests, Place, Problem,
    object::{Kind, Object},
};

/// The identity of an object: kind, namespace and name, regardless of its API version.
type Key = (Kind, Option<String>, String);

/// All objects and problems that were read so far.
#[derive(Default)]
pub(crate) struct Collection {
    objects: BTreeMap<Key, (Place, Object)>,
    problems: Vec<(BTreeSet<Kind>, Problem)>,
    /// The kinds of which there is a list such as `RouteGroupList`, which may be empty.
    listed: BTreeSet<Kind>,
    /// What was skipped although a person may expect it to be read, with the first place and the count.
    skipped: BTreeMap<String, (Place, usize)>,
    /// Remarks on entries of folders that are not regular files.
    no_files: Vec<String>,
}

impl Collection {
    /// Adds an object. Of two objects with the same name the first is kept, and there is a problem: which of them is meant
    /// cannot be known.
    pub(crate) fn add(&mut self, place: Place, kind: Kind, object: Object) {
        let metadata = object.metadata();
        match self.objects.entry((kind, metadata.namespace.clone(), metadata.name.clone())) {
            Entry::Vacant(vacant) => {
                vacant.insert((place, object));
            }
            Entry::Occupied(first) => {
                let name = display_name(kind, metadata);
                let message = format!("{name} is also in {}: remove one of them", first.get().0);
                self.problems.push(([kind].into(), Problem { place, object: Some(name), message }));
            }
        }
    }

    /// There is a list of all objects of a kind.
    pub(crate) fn add_list(&mut self, kind: Kind) {
        self.listed.insert(kind);
    }

    /// Adds a problem, and the kinds of which an object may now be missing.
    pub(crate) fn add_problem(&mut self, kinds: BTreeSet<Kind>, problem: Problem) {
        self.problems.push((kinds, problem));
    }

    /// Notes an object or a field that is skipped.
    pub(crate) fn note(&mut self, place: Place, what: String) {
        self.skipped.entry(what).or_insert((place, 0)).1 += 1;
    }

    /// Notes a pipe, socket or device in a folder that is skipped.
    pub(crate) fn skip_file(&mut self, name: &str) {
        self.no_files
            .push(format!("{name}: is not a regular file (but a pipe, a socket or a device) and is skipped"));
    }

    /// Remarks on files come first, in the order of their names: a folder has no order.
    fn remarks(&mut self) -> Vec<String> {
        self.no_files.sort();
        let skipped = self.skipped.iter().map(|(what, (place, times))| {
            let more = if *times > 1 { format!(" (and {} more)", times - 1) } else { String::new() };
            format!("{place}: {what}{more}")
        });
        self.no_files.iter().cloned().chain(skipped).collect()
    }

    pub(crate) fn finish(mut self) -> Manifests {
        let remarks = self.remarks();
        let mut cluster = Cluster { incomplete: self.incomplete(), ..Cluster::default() };
        let (mut endpoint_slices, mut pods) = (Vec::new(), Vec::new());
        cluster.route_groups = self.listed.contains(&Kind::RouteGroup).then(Vec::new);
        for (_, object) in self.objects.into_values() {
            match object {
                Object::Ingress(ingress) => cluster.ingresses.push(ingress),
                Object::IngressClass(class) => cluster.ingress_classes.push(class),
                Object::Service(service) => cluster.services.push(service),
                Object::Node(node) => cluster.nodes.push(node),
                Object::EndpointSlice(slice) => endpoint_slices.push(slice),
                Object::Pod(pod) => pods.push(pod),
                Object::RouteGroup(found) => cluster.route_groups.get_or_insert_default().push(found),
            }
        }
        (cluster.endpoint_slices, cluster.pods) = (Some(endpoint_slices), Some(pods));
        let problems = self.problems.into_iter().map(|(_, problem)| problem).collect();
        Manifests { cluster, problems, remarks }
    }

    /// One entry for each part that has a problem, with the first problem as the reason.
    fn incomplete(&self) -> Vec<IncompletePart> {
        let part = |kind: Kind| {
            let mut touching = self.problems.iter().filter(|(kinds, _)| kinds.contains(&kind));
            let (_, first) = touching.next()?;
            let reason = match touching.count() {
                0 => first.to_string(),
                more => format!("{first} (and {more} more)"),
            };
            Some(IncompletePart { part: view_part(kind), resource: None, reason, expected: None })
        };
        Kind::ALL.into_iter().filter_map(part).collect()
    }
}

/// Such as `Ingress shop/checkout` or `Node ip-10-0-0-1`.
fn display_name(kind: Kind, metadata: &Metadata) -> String {
    match &metadata.namespace {
        Some(namespace) => format!("{kind} {namespace}/{}", metadata.name),
        None => format!("{kind} {}", metadata.name),
    }
}

fn view_part(kind: Kind) -> ViewPart {
    match kind {
        Kind::Ingress => ViewPart::Ingresses,
        Kind::IngressClass => ViewPart::IngressClasses,
        Kind::Service => ViewPart::Services,
        Kind::Node => ViewPart::Nodes,
        Kind::EndpointSlice => ViewPart::EndpointSlices,
        Kind::Pod => ViewPart::Pods,
        Kind::RouteGroup => ViewPart::RouteGroups,
    }
}
