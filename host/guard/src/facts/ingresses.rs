//! The Ingresses of the cluster, indexed by name, with the load balancers that their statuses name.

use albatross_contract::Ingress;

use super::{
    dns_names::raw_hostnames,
    index::Map,
    load_balancers::{LoadBalancerIndex, LoadBalancers},
    names::ObjectName,
};

/// The index of an Ingress in the cluster's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IngressIndex(usize);

/// The Ingresses of the cluster.
pub(crate) struct Ingresses<'a> {
    list: &'a [Ingress],
    by_name: Map<ObjectName<'a>, IngressIndex>,
    statuses: Vec<Published>,
    /// For each load balancer, the first Ingress whose status names it.
    published_by: Vec<Option<IngressIndex>>,
}

/// What the status of an Ingress names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Published {
    /// Whether it names any hostname.
    pub(crate) any: bool,
    /// The first load balancer of ours that it names. An Ingress with one is a member.
    pub(crate) ours: Option<LoadBalancerIndex>,
}

impl<'a> Ingresses<'a> {
    pub(crate) fn new(list: &'a [Ingress], load_balancers: &LoadBalancers<'_>) -> Self {
        let mut by_name = Map::with_capacity_and_hasher(list.len(), Default::default());
        let mut statuses = Vec::with_capacity(list.len());
        let mut published_by = vec![None; load_balancers.len()];
        for (index, ingress) in (0..).map(IngressIndex).zip(list) {
            by_name.insert(ObjectName::of(ingress), index);
            let mut status = Published::default();
            for hostname in raw_hostnames(ingress) {
                status.any = true;
                if let Some(named) = load_balancers.by_dns_name(hostname) {
                    published_by[named.place()].get_or_insert(index);
                    status.ours = status.ours.or(load_balancers.is_ours(named).then_some(named));
                }
            }
            statuses.push(status);
        }
        Ingresses { list, by_name, statuses, published_by }
    }

    /// How many Ingresses there are.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of the Ingress with a name.
    pub(crate) fn by_name(&self, name: ObjectName<'_>) -> Option<IngressIndex> {
        self.by_name.get(&name).copied()
    }

    /// The Ingress with an index.
    pub(crate) fn get(&self, index: IngressIndex) -> &'a Ingress {
        &self.list[index.0]
    }

    /// What the status of an Ingress names.
    pub(crate) fn published(&self, index: IngressIndex) -> Published {
        self.statuses[index.0]
    }

    /// How many Ingresses are members: their statuses name a load balancer of ours.
    pub(crate) fn members(&self) -> usize {
        self.statuses.iter().filter(|status| status.ours.is_some()).count()
    }

    /// An Ingress whose status names a load balancer; the first of several.
    pub(crate) fn published_by(
        &self,
        dns_name: &str,
        load_balancers: &LoadBalancers<'_>,
    ) -> Option<ObjectName<'a>> {
        let named = load_balancers.by_dns_name(dns_name)?;
        self.published_by[named.place()].map(|index| ObjectName::of(self.get(index)))
    }

    /// The names of the Ingresses without an entry in `there`, in order.
    pub(crate) fn without(&self, there: &[bool]) -> Vec<ObjectName<'a>> {
        let missing = self.by_name.iter().filter(|(_, index)| !there[index.0]);
        let mut names: Vec<ObjectName<'a>> = missing.map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}

impl IngressIndex {
    /// The index in lists with an entry for each Ingress.
    pub(crate) const fn place(self) -> usize {
        self.0
    }
}
