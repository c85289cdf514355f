//! Which resources become unneeded, which are removed, and which a budget or deletion protection keeps.
//!
//! An unneeded resource is marked in AWS with the time, and removed a grace period later. A withheld resource gets no mark.

mod budget;
mod load_balancer;
mod target_groups;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Diagnostic, LoadBalancerFate, Withheld};

use crate::{
    certificates::CertificateId,
    grouping::{GroupId, Grouping},
    observed::{Concern, Observed, Owned},
    source::Claim,
};

pub use target_groups::{Retirement, retirement};

/// How long existing resources stay.
pub struct Lifecycle<'a> {
    /// The lifespan of each group.
    of_groups: Vec<Lifespan>,
    /// Target groups of load balancers that are gone, in the order of our ids.
    pub leftovers: Vec<(&'a Owned<'a>, Lifespan)>,
    /// Changes that budgets hold back.
    pub withheld: Vec<Withheld>,
    /// Diagnostics about load balancers and target groups.
    pub diagnostics: Vec<Diagnostic>,
    /// When the next grace period ends.
    pub next_change_at: Option<u64>,
}

/// How long one load balancer and its certificates stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifespan {
    /// What happens to the load balancer.
    pub fate: LoadBalancerFate,
    /// Since when it is unneeded; the time of planning if it is marked now.
    pub unneeded_since: Option<u64>,
    /// Unneeded certificates, each with the time since when.
    pub unneeded: BTreeMap<CertificateId, u64>,
    /// Those unneeded certificates whose grace period is over.
    pub expired: BTreeSet<CertificateId>,
    /// Certificates that are kept without a mark, since it is not known whether they are needed, or since a budget holds them
    /// back.
    pub kept: BTreeSet<CertificateId>,
}

impl Lifespan {
    fn new(fate: LoadBalancerFate) -> Self {
        Lifespan {
            fate,
            unneeded_since: None,
            unneeded: BTreeMap::new(),
            expired: BTreeSet::new(),
            kept: BTreeSet::new(),
        }
    }

    /// Marks a load balancer, or target groups that are left of one, as unneeded, or deletes or releases it if its grace period
    /// is over.
    fn mark(&mut self, owned: &Owned<'_>, observed: &Observed<'_>) {
        let since = owned.unneeded_since();
        let grace = observed.settings.load_balancer_grace();
        self.unneeded_since = Some(since.unwrap_or(observed.time));
        let is_over = since.is_some_and(|since| since.saturating_add(grace) <= observed.time);
        self.fate = match is_over {
            false => LoadBalancerFate::Unneeded,
            true if owned.is_retained() => LoadBalancerFate::Release,
            true => LoadBalancerFate::Delete,
        };
    }
}

impl<'a> Lifecycle<'a> {
    /// Decides for all load balancers.
    pub fn new(grouping: &Grouping<'a>, claims: &[Claim<'_>], observed: &'a Observed<'a>) -> Self {
        let mut lifecycle = Lifecycle {
            of_groups: vec![Lifespan::new(LoadBalancerFate::Create); grouping.groups.len()],
            leftovers: Vec::new(),
            withheld: Vec::new(),
            diagnostics: Vec::new(),
            next_change_at: None,
        };
        let mut is_named = vec![false; observed.owned.len()];
        let names = claims.iter().flat_map(|claim| &claim.names);
        for owned in names.filter_map(|name| observed.owned_by_dns_name(name)) {
            is_named[owned.place()] = true;
        }
        let mut has_group = vec![false; observed.owned.len()];
        for (id, group) in grouping.groups.numbered() {
            let Some(owned) = group.owned() else { continue };
            has_group[owned.place()] = true;
            let published = is_named[owned.place()];
            lifecycle.of_groups[id.place()] =
                load_balancer::lifespan(group, owned, published, observed, &mut lifecycle.diagnostics);
        }
        for owned in &observed.owned {
            if observed.completeness.allows_for(Concern::Remove, Some(owned)) {
                lifecycle.diagnostics.extend(target_groups::used_elsewhere(owned));
            }
            if !has_group[owned.place()] {
                lifecycle.leftovers.push((owned, target_groups::leftover(owned, observed)));
            }
        }
        lifecycle.keep_within_budgets(grouping, observed);
        lifecycle.next_change_at = lifecycle.next_end(observed);
        lifecycle
    }

    /// How long the load balancer of a group stays.
    pub fn of(&self, group: GroupId) -> &Lifespan {
        &self.of_groups[group.place()]
    }

    /// When the next grace period ends.
    fn next_end(&self, observed: &Observed<'_>) -> Option<u64> {
        let of_leftovers = self.leftovers.iter().map(|(_, lifespan)| lifespan);
        let ends = self.of_groups.iter().chain(of_leftovers).flat_map(|lifespan| {
            let grace = observed.settings.grace;
            let certificates = lifespan.unneeded.values().map(move |since| since.saturating_add(grace));
            let grace = observed.settings.load_balancer_grace();
            certificates.chain(lifespan.unneeded_since.map(|since| since.saturating_add(grace)))
        });
        ends.filter(|end| *end > observed.time).min()
    }
}
