//! The budgets for certificates and load balancers that become unneeded.

use std::collections::BTreeSet;

use albatross_contract::{Budget, LoadBalancerFate, Withheld};

use super::{Lifecycle, Lifespan};
use crate::{
    budgets::{NAMED, Request, unneeded_limit},
    grouping::{GroupId, Grouping},
    observed::{Observed, Owned},
    unasked::{HeldBack, is_in_use},
    words,
};

impl Lifecycle<'_> {
    /// Holds back what exceeds the budgets.
    pub(super) fn keep_within_budgets(&mut self, grouping: &Grouping<'_>, observed: &Observed<'_>) {
        let in_use: Vec<(GroupId, &Owned<'_>)> = grouping
            .groups
            .numbered()
            .filter_map(|(id, group)| Some((id, group.owned().filter(|owned| is_in_use(owned))?)))
            .collect();
        let goes = |lifespan: &Lifespan| lifespan.fate == LoadBalancerFate::Unneeded;
        let would_go = |owned: &Owned<'_>, certificate| {
            grouping.groups.on(owned).is_some_and(|id| {
                let lifespan = self.of(id);
                goes(lifespan) || lifespan.unneeded.contains_key(&certificate)
            })
        };
        let certificates = HeldBack::new(grouping.kept(), would_go, observed);
        let going = in_use.iter().filter(|(id, _)| goes(self.of(*id))).map(|(_, owned)| owned.id);
        let load_balancers = too_many_load_balancers(going.collect(), observed);
        let kept: BTreeSet<&str> =
            load_balancers.iter().flat_map(|withheld| &withheld.ids).map(String::as_str).collect();
        for (id, owned) in &in_use {
            let lifespan = &mut self.of_groups[id.place()];
            let held_back = owned.certificates.iter().filter(|it| certificates.has(owned, **it));
            for certificate in held_back {
                lifespan.unneeded.remove(certificate);
                lifespan.kept.insert(*certificate);
            }
            if kept.contains(owned.id) || (goes(lifespan) && certificates.has_any_on(owned)) {
                lifespan.fate = LoadBalancerFate::Keep;
                lifespan.unneeded_since = None;
            }
        }
        self.withheld.extend(certificates.withheld);
        self.withheld.extend(load_balancers);
    }
}

fn too_many_load_balancers(going: Vec<&str>, observed: &Observed<'_>) -> Option<Withheld> {
    let total = observed.owned.iter().filter(|owned| is_in_use(owned)).count();
    Request {
        budget: Budget::UnneededLoadBalancers,
        flag: "--allow-unneeded",
        message: |ids: &[String]| {
            format!(
                "{} of {} would become unneeded ({})",
                ids.len(),
                words::count(total, "load balancer in use", "load balancers in use"),
                with_ids(ids, observed)
            )
        },
        ids: going.into_iter().map(str::to_owned).collect(),
        allowed: &observed.settings.allowances.unneeded,
        total,
        limit: unneeded_limit(total),
    }
    .judge()
}

/// `albatross-27589027573a is 56d653495f29`: people know the name, the flag needs the id.
fn with_ids(ids: &[String], observed: &Observed<'_>) -> String {
    let named: Vec<String> = ids
        .iter()
        .filter_map(|id| {
            let load_balancer = observed.owned_by_id(id)?.load_balancer?;
            Some(format!("{} is {id}", load_balancer.name))
        })
        .collect();
    words::list_of(named.iter().map(String::as_str), NAMED)
}

#[cfg(test)]
mod tests;
