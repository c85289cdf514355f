//! The Ingresses of the cluster: found by name, with the load balancers that their statuses name.

use albatross_contract::Ingress;

use super::{
    dns_names::raw_hostnames,
    index::Map,
    load_balancers::{LoadBalancerIndex, LoadBalancers},
    names::IngressName,
};

/// The place of an Ingress in the cluster's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IngressIndex(usize);

/// The Ingresses of the cluster.
pub(crate) struct Ingresses<'a> {
    list: &'a [Ingress],
    by_name: Map<IngressName<'a>, IngressIndex>,
    statuses: Vec<Published>,
    /// By load balancer: the first Ingress whose status names it.
    published_by: Vec<Option<IngressIndex>>,
}

/// What the status of an Ingress says.
#[derive(Clone, Copy, Default)]
pub(crate) struct Published {
    /// Whether it names anything.
    pub(crate) any: bool,
    /// The first load balancer of ours that it names: what makes the Ingress a member.
    pub(crate) ours: Option<LoadBalancerIndex>,
}

impl<'a> Ingresses<'a> {
    pub(crate) fn new(list: &'a [Ingress], load_balancers: &LoadBalancers<'_>) -> Self {
        let mut by_name = Map::with_capacity_and_hasher(list.len(), Default::default());
        let mut statuses = Vec::with_capacity(list.len());
        let mut published_by = vec![None; load_balancers.len()];
        for (index, ingress) in (0..).map(IngressIndex).zip(list) {
            by_name.insert(IngressName::of(ingress), index);
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

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The one with a name.
    pub(crate) fn by_name(&self, name: IngressName<'_>) -> Option<IngressIndex> {
        self.by_name.get(&name).copied()
    }

    /// The one at a place.
    pub(crate) fn get(&self, index: IngressIndex) -> &'a Ingress {
        &self.list[index.0]
    }

    /// What the status of one says.
    pub(crate) fn published(&self, index: IngressIndex) -> Published {
        self.statuses[index.0]
    }

    /// How many are members: their statuses name a load balancer of ours.
    pub(crate) fn members(&self) -> usize {
        self.statuses.iter().filter(|status| status.ours.is_some()).count()
    }

    /// An Ingress whose status names a load balancer; the first of several.
    pub(crate) fn published_by(
        &self,
        dns_name: &str,
        load_balancers: &LoadBalancers<'_>,
    ) -> Option<IngressName<'a>> {
        let named = load_balancers.by_dns_name(dns_name)?;
        self.published_by[named.place()].map(|index| IngressName::of(self.get(index)))
    }

    /// The names of those that are not at some places, in order.
    pub(crate) fn without(&self, there: &[bool]) -> Vec<IngressName<'a>> {
        let missing = self.by_name.iter().filter(|(_, index)| !there[index.0]);
        let mut names: Vec<IngressName<'a>> = missing.map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}

impl IngressIndex {
    /// For lists that have one entry for each Ingress.
    pub(crate) const fn place(self) -> usize {
        self.0
    }
}
