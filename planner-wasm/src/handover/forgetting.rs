//! Forgetting: which load balancers of ours can be left to others.

use albatross_contract::{LoadBalancer, TargetGroup};

use super::{Forgotten, Refusal, check_view, used_by};
use crate::{
    observed::{Observed, Owned},
    terms::Terms,
};

/// Decides for a load balancer that a person names.
pub fn judge<'a>(
    load_balancer: &'a LoadBalancer,
    observed: &'a Observed<'a>,
) -> Result<Forgotten<'a>, Refusal> {
    let used = used_by(load_balancer, observed);
    let owned = match observed.owned_by_dns_name(&load_balancer.dns_name) {
        Some(owned) => owned,
        None => {
            check_view(load_balancer, &used, observed)?;
            half_forgotten(&used, observed)
                .ok_or_else(|| Refusal::done(format!("{} is not ours", load_balancer.name)))?
        }
    };
    check_view(load_balancer, &owned.target_groups, observed)?;
    if Terms::of(load_balancer).names_members() {
        return Err(Refusal::new(
            "it is in route mode, in which its rules, its security groups and the rules that admit it to its targets are ours \
             too; only load balancers in proxy mode can be forgotten",
            "remove its Ingresses, or set their class to another controller",
        ));
    }
    let controller = observed.settings.identity.controller_id.as_str();
    Ok(Forgotten { id: owned.id, load_balancer, target_groups: owned.target_groups.clone(), controller })
}

/// The resources of ours that an interrupted attempt has left to a load balancer that is not ours.
fn half_forgotten<'a>(used: &[&TargetGroup], observed: &'a Observed<'a>) -> Option<&'a Owned<'a>> {
    let mut owned = used.iter().filter_map(|group| observed.owned_by_id(observed.id_of(&group.tags)?));
    owned.find(|owned| owned.load_balancer.is_none())
}
