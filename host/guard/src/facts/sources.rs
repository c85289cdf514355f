//! The objects of the cluster that ask for a load balancer, indexed by name, with the load balancers that their statuses name.

use albatross_contract::{Snapshot, SourceObject};

use super::{
    dns_names::raw_hostnames,
    index::Map,
    load_balancers::{LoadBalancerIndex, LoadBalancers},
    names::ObjectName,
};

/// The index of an object among all that ask for a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceIndex(usize);

/// The objects of the cluster that ask for a load balancer.
pub(crate) struct Sources<'a> {
    list: Vec<SourceObject<'a>>,
    by_name: Map<ObjectName<'a>, SourceIndex>,
    statuses: Vec<Published>,
    /// For each load balancer, the first object whose status names it.
    published_by: Vec<Option<SourceIndex>>,
}

/// What the status of an object names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Published {
    /// Whether it names any hostname.
    pub(crate) any: bool,
    /// The first load balancer of ours that it names. An object with one is a member.
    pub(crate) ours: Option<LoadBalancerIndex>,
}

impl<'a> Sources<'a> {
    /// The objects that are planned for: manifests may contain those of namespaces that the settings leave out.
    pub(crate) fn new(snapshot: &'a Snapshot, load_balancers: &LoadBalancers<'_>) -> Self {
        let is_read = |source: &SourceObject<'_>| snapshot.settings.reads_namespace(source.namespace());
        let list: Vec<SourceObject<'a>> = snapshot.cluster.sources().filter(is_read).collect();
        let mut by_name = Map::with_capacity_and_hasher(list.len(), Default::default());
        let mut statuses = Vec::with_capacity(list.len());
        let mut published_by = vec![None; load_balancers.len()];
        for (index, source) in (0..).map(SourceIndex).zip(&list) {
            by_name.insert(ObjectName::of(*source), index);
            let mut status = Published::default();
            for hostname in raw_hostnames(*source) {
                status.any = true;
                if let Some(named) = load_balancers.by_dns_name(hostname) {
                    published_by[named.place()].get_or_insert(index);
                    status.ours = status.ours.or(load_balancers.is_ours(named).then_some(named));
                }
            }
            statuses.push(status);
        }
        Sources { list, by_name, statuses, published_by }
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of the object with a name.
    pub(crate) fn by_name(&self, name: ObjectName<'_>) -> Option<SourceIndex> {
        self.by_name.get(&name).copied()
    }

    /// The object with an index.
    pub(crate) fn get(&self, index: SourceIndex) -> SourceObject<'a> {
        self.list[index.0]
    }

    /// What the status of an object names.
    pub(crate) fn published(&self, index: SourceIndex) -> Published {
        self.statuses[index.0]
    }

    /// How many objects are members: their statuses name a load balancer of ours.
    pub(crate) fn members(&self) -> usize {
        self.statuses.iter().filter(|status| status.ours.is_some()).count()
    }

    /// An object whose status names a load balancer; the first of several.
    pub(crate) fn published_by(
        &self,
        dns_name: &str,
        load_balancers: &LoadBalancers<'_>,
    ) -> Option<ObjectName<'a>> {
        let named = load_balancers.by_dns_name(dns_name)?;
        self.published_by[named.place()].map(|index| ObjectName::of(self.get(index)))
    }

    /// The names of the objects without an entry in `there`, in order.
    pub(crate) fn without(&self, there: &[bool]) -> Vec<ObjectName<'a>> {
        let missing = self.by_name.iter().filter(|(_, index)| !there[index.0]);
        let mut names: Vec<ObjectName<'a>> = missing.map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}

impl SourceIndex {
    /// The index in lists with an entry for each object.
    pub(crate) const fn place(self) -> usize {
        self.0
    }
}
