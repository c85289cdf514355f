//! Checks that each allowance names something that exists: a misspelled id would allow nothing, and nobody would see why.

use std::collections::BTreeSet;

use albatross_contract::{
    Allowances, Cluster, IncompletePart, Inventory, ObjectKind, ObjectName, Snapshot, TAG_CLUSTER_UID,
    TAG_ID, Tag, ViewPart,
};

use crate::error::Error;

/// A kind of allowance: its flag, its field in the settings, and its ids.
struct Allowance<'a> {
    flag: &'static str,
    field: &'static str,
    ids: &'a [String],
    names_objects: bool,
}

fn each(allowances: &Allowances) -> [Allowance<'_>; 7] {
    let Allowances { release, unneeded, name_change, targets, take_over_cluster, adopt, forget, prune: _ } =
        allowances;
    let allowance = |flag, field, ids, names_objects| Allowance { flag, field, ids, names_objects };
    [
        allowance("--allow-release", "release", release.as_slice(), true),
        allowance("--allow-unneeded", "unneeded", unneeded, false),
        allowance("--allow-name-change", "name-change", name_change, true),
        allowance("--allow-targets", "targets", targets, false),
        allowance("--take-over-cluster", "take-over-cluster", take_over_cluster, false),
        // The planner says what is wrong with each of these names.
        allowance("albatross adopt", "adopt", adopt.as_deref().unwrap_or_default(), false),
        allowance("albatross forget", "forget", forget.as_deref().unwrap_or_default(), false),
    ]
}

impl Allowance<'_> {
    fn error(&self, id: &str, problem: &str) -> Error {
        let (flag, field) = (self.flag, self.field);
        Error::Allowance { flag, field, id: id.to_owned(), problem: problem.to_owned() }
    }

    /// The remark for an id that is not there, although a gap in the view may hide it.
    fn unchecked(&self, id: &str, gap: &IncompletePart) -> String {
        format!(
            "{}: '{id}' is not among what could be read, so it may be misspelled: {}",
            self.flag, gap.reason
        )
    }
}

/// Checks the form of the ids, without a snapshot.
///
/// # Errors
/// [`Error::Allowance`] with the first id that is not well-formed.
pub fn check_form(allowances: &Allowances) -> Result<(), Error> {
    for allowance in each(allowances) {
        for id in allowance.ids {
            if id.trim().is_empty() {
                return Err(allowance.error(id, "is empty"));
            }
            if allowance.names_objects && ObjectName::parse(id).is_none() {
                return Err(
                    allowance.error(id, "lacks the namespace: write namespace/name, such as shop/checkout")
                );
            }
        }
    }
    Ok(())
}

/// The allowances without those given by flags. Allowances in a settings file may have done their work already, and what
/// they name may be gone.
pub fn of_file(all: &Allowances, given: &Allowances) -> Allowances {
    let without = |all: &[String], given: &[String]| -> Vec<String> {
        all.iter().filter(|id| !given.contains(id)).cloned().collect()
    };
    Allowances {
        release: without(&all.release, &given.release),
        unneeded: without(&all.unneeded, &given.unneeded),
        name_change: without(&all.name_change, &given.name_change),
        targets: without(&all.targets, &given.targets),
        take_over_cluster: without(&all.take_over_cluster, &given.take_over_cluster),
        prune: all.prune,
        adopt: all.adopt.clone(),
        forget: all.forget.clone(),
    }
}

/// Checks that each object that an allowance names exists in one of the clusters. The ids in `known` are not checked. Returns a
/// remark for each id that is not there and may exist all the same, since the objects of its kind are not all known.
///
/// # Errors
/// [`Error::Allowance`] with the first object that none of the clusters contains.
pub fn check_objects<'a>(
    allowances: &Allowances,
    known: &Allowances,
    clusters: impl IntoIterator<Item = &'a Cluster>,
) -> Result<Vec<String>, Error> {
    Missing::objects(allowances, known, clusters).checked()
}

/// Checks that everything that an allowance names exists in the snapshot. The ids in `known` are not checked: they were
/// recorded with the snapshot. Returns a remark for each id that is not there and may exist all the same, since the cluster or
/// the account could not be read completely.
///
/// # Errors
/// [`Error::Allowance`] with the first id that the snapshot does not contain.
pub fn check_existence(known: &Allowances, snapshot: &Snapshot) -> Result<Vec<String>, Error> {
    Missing::of(known, snapshot).checked()
}

/// What [`check_existence`] finds: an error for each id that the snapshot does not contain.
pub fn unknown(known: &Allowances, snapshot: &Snapshot) -> Vec<Error> {
    Missing::of(known, snapshot).errors
}

/// The ids of allowances that are not there.
#[derive(Default)]
struct Missing {
    /// An error for each id that does not exist.
    errors: Vec<Error>,
    /// A remark for each id that a gap in the view may hide.
    unchecked: Vec<String>,
}

impl Missing {
    fn objects<'a>(
        allowances: &Allowances,
        known: &Allowances,
        clusters: impl IntoIterator<Item = &'a Cluster>,
    ) -> Missing {
        let mut names = BTreeSet::new();
        let mut gaps: Vec<&IncompletePart> = Vec::new();
        for cluster in clusters {
            names.extend(cluster.sources().map(ObjectName::of));
            gaps.extend(&cluster.incomplete);
        }
        let is_there = |id: &str| ObjectName::parse(id).is_some_and(|name| names.contains(&name));
        let mut missing = Missing::default();
        for (allowance, known) in each(allowances).into_iter().zip(each(known)) {
            if !allowance.names_objects {
                continue;
            }
            for id in allowance.ids.iter().filter(|id| !known.ids.contains(id) && !is_there(id)) {
                let (problem, part) = match ObjectName::parse(id).map(|name| name.kind) {
                    Some(ObjectKind::Ingress) | None => {
                        ("is not an Ingress in this cluster", Some(ViewPart::Ingresses))
                    }
                    Some(ObjectKind::RouteGroup) => {
                        ("is not a RouteGroup in this cluster", Some(ViewPart::RouteGroups))
                    }
                    Some(ObjectKind::HttpRoute) => ("is not an object that this version reads", None),
                };
                let gap = gaps.iter().copied().find(|gap| Some(gap.part) == part);
                missing.add(&allowance, id, problem, gap);
            }
        }
        missing
    }

    fn of(known: &Allowances, snapshot: &Snapshot) -> Missing {
        let allowances = &snapshot.settings.allowances;
        let mut missing = Missing::objects(allowances, known, [&snapshot.cluster]);
        let there = Ids::of(&snapshot.inventory);
        for (allowance, known) in each(allowances).into_iter().zip(each(known)) {
            let (ids, problem) = match allowance.field {
                "unneeded" => (
                    &there.removable,
                    "is not a certificate, rule, load balancer or record in this account: give an ARN, the value \
                    of the tag albatross/id of a load balancer, or the name of a record",
                ),
                "targets" => {
                    (&there.targets, "is neither an instance nor an Auto Scaling Group in this account")
                }
                "take-over-cluster" => {
                    (&there.clusters, "is not the uid of a cluster that has resources in this account")
                }
                _ => continue,
            };
            for id in allowance.ids.iter().filter(|id| !known.ids.contains(id) && !ids.contains(id.as_str()))
            {
                missing.add(&allowance, id, problem, snapshot.inventory.incomplete.first());
            }
        }
        missing
    }

    fn add(&mut self, allowance: &Allowance<'_>, id: &str, problem: &str, gap: Option<&IncompletePart>) {
        match gap {
            Some(gap) => self.unchecked.push(allowance.unchecked(id, gap)),
            None => self.errors.push(allowance.error(id, problem)),
        }
    }

    fn checked(self) -> Result<Vec<String>, Error> {
        self.errors.into_iter().next().map_or(Ok(self.unchecked), Err)
    }
}

/// The ids in an account that an allowance can name.
#[derive(Default)]
struct Ids<'a> {
    removable: BTreeSet<&'a str>,
    targets: BTreeSet<&'a str>,
    clusters: BTreeSet<&'a str>,
}

impl<'a> Ids<'a> {
    fn of(inventory: &'a Inventory) -> Ids<'a> {
        let mut ids = Ids::default();
        ids.removable.extend(inventory.certificates.iter().map(|found| found.arn.as_str()));
        for load_balancer in &inventory.load_balancers {
            ids.add_tags(&load_balancer.tags);
            for listener in &load_balancer.listeners {
                let certificates = listener.default_certificate.iter().chain(&listener.certificates);
                ids.removable.extend(certificates.map(String::as_str));
                ids.removable.extend(listener.rules.iter().map(|rule| rule.arn.as_str()));
            }
        }
        let records = inventory.hosted_zones.iter().flatten().flat_map(|zone| &zone.record_sets);
        ids.removable.extend(records.map(|record| record.name.as_str()));
        for group in &inventory.target_groups {
            ids.add_tags(&group.tags);
            ids.targets.extend(group.targets.iter().map(|target| target.id.as_str()));
        }
        for group in &inventory.auto_scaling_groups {
            ids.targets.insert(&group.name);
            ids.targets.extend(group.instances.iter().map(String::as_str));
        }
        for instance in &inventory.instances {
            ids.targets.insert(&instance.id);
            ids.targets.extend(instance.auto_scaling_group.as_deref());
        }
        ids
    }

    fn add_tags(&mut self, tags: &'a [Tag]) {
        for tag in tags {
            match tag.key.as_str() {
                TAG_ID => self.removable.insert(&tag.value),
                TAG_CLUSTER_UID => self.clusters.insert(&tag.value),
                _ => false,
            };
        }
    }
}
