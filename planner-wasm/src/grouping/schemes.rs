//! Schemes: the scheme of an Ingress in a group that names none.
//!
//! As in the AWS Load Balancer Controller, the members of a group that name a scheme decide for those that name none
//! (`buildLoadBalancerScheme`). Unlike there, a member that a load balancer of the group serves already keeps its scheme:
//! otherwise another Ingress could move it to the internet.

use std::collections::BTreeMap;

use albatross_contract::Scheme;

use crate::{
    observed::Observed,
    source::{Claim, Wish},
    terms::Terms,
};

/// Gives each member of a group that names no scheme a scheme: that of the load balancer of its group that serves it, else
/// that of the member that counts of those that name a scheme, else that of the load balancer of the group that serves the
/// oldest member.
pub fn settle(claims: &mut [Claim<'_>], observed: &Observed<'_>) {
    let mut of_groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.is_ours()) {
        if let Some(group) = group(claim) {
            of_groups.entry(group).or_default().push(index);
        }
    }
    for indices in of_groups.values() {
        if !indices.iter().any(|index| matches!(claims[*index].scheme, Wish::Default(_))) {
            continue;
        }
        let members: Vec<&Claim<'_>> = indices.iter().map(|index| &claims[*index]).collect();
        let of_others = asked_for(&members).or_else(|| present(&members, observed));
        let settled = indices.iter().map(|index| {
            let claim = &claims[*index];
            (*index, served_with(claim, observed).or(of_others))
        });
        for (index, scheme) in settled.collect::<Vec<_>>() {
            let scheme = scheme.filter(|scheme| claims[index].ruling.allows_scheme(*scheme));
            if let (Wish::Default(_), Some(scheme)) = (claims[index].scheme, scheme) {
                claims[index].scheme = Wish::Default(scheme);
            }
        }
    }
}

fn group<'a>(claim: &Claim<'a>) -> Option<&'a str> {
    claim.routing.as_ref().and_then(|routing| routing.group)
}

/// The scheme that members name. Of several, that of the first member counts: the smallest `group.order`, then the oldest;
/// between namespaces the oldest member decides.
fn asked_for(members: &[&Claim<'_>]) -> Option<Scheme> {
    let asked = members.iter().filter(|claim| claim.scheme.is_own() && !claim.stays_as_it_is());
    let asked: Vec<&&Claim<'_>> = asked.collect();
    let oldest = asked.iter().min_by_key(|claim| claim.age())?;
    let of_namespace = asked.iter().filter(|claim| claim.object.namespace == oldest.object.namespace);
    let order = |claim: &Claim<'_>| claim.routing.as_ref().map(|routing| routing.order);
    of_namespace.min_by_key(|claim| (order(claim), claim.age())).and_then(|claim| claim.scheme.value())
}

/// The scheme of the load balancer of the group that serves the oldest member.
fn present(members: &[&Claim<'_>], observed: &Observed<'_>) -> Option<Scheme> {
    let served = members.iter().filter_map(|claim| Some((claim.age(), served_with(claim, observed)?)));
    served.min_by_key(|(age, _)| *age).map(|(_, scheme)| scheme)
}

/// The scheme of the load balancer of its group that serves a member.
fn served_with(claim: &Claim<'_>, observed: &Observed<'_>) -> Option<Scheme> {
    let found = observed.published(claim).and_then(|owned| owned.load_balancer)?;
    (Terms::of(found).key == group(claim)).then_some(found.scheme)
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ClassSetting, Mode, Scheme};

    use crate::testing::{World, dns_name};

    /// Members of the group `shop` with their ages, the schemes that they name, and the load balancers that serve them. The
    /// load balancer `one` is internal, `two` is internet-facing; both are of the group.
    fn schemes(members: &[(&str, u64, &str, &str)]) -> Vec<Option<Scheme>> {
        let mut world = World::new().with(|it| {
            it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        });
        for (name, age, scheme, served_by) in members {
            world = world
                .ingress(name, &[])
                .annotated("alb.ingress.kubernetes.io/group.name", "shop")
                .with(|it| it.cluster.ingresses.last_mut().unwrap().metadata.created_at = Some(*age));
            if !scheme.is_empty() {
                world = world.annotated("alb.ingress.kubernetes.io/scheme", scheme);
            }
            if !served_by.is_empty() {
                world = world.status(&dns_name(served_by));
            }
        }
        for (id, scheme) in [("one", Scheme::Internal), ("two", Scheme::InternetFacing)] {
            world = world
                .load_balancer(id, &[])
                .tagged("albatross/group", "shop")
                .tagged("albatross/mode", "route")
                .which(|found| found.scheme = scheme);
        }
        let scene = world.read();
        members.iter().map(|(name, ..)| scene.claim(name).scheme.value()).collect()
    }

    const INTERNAL: Option<Scheme> = Some(Scheme::Internal);
    const PUBLIC: Option<Scheme> = Some(Scheme::InternetFacing);

    #[test]
    fn members_that_name_a_scheme_decide_for_members_that_name_none() {
        assert_eq!(schemes(&[("a", 1, "", ""), ("b", 2, "", "")]), [INTERNAL, INTERNAL]);
        assert_eq!(schemes(&[("a", 1, "", ""), ("b", 2, "internet-facing", "")]), [PUBLIC, PUBLIC]);
        let both = [("a", 3, "", ""), ("b", 2, "internet-facing", ""), ("c", 1, "internal", "")];
        assert_eq!(schemes(&both), [INTERNAL, PUBLIC, INTERNAL], "the oldest that names a scheme counts");
    }

    #[test]
    fn a_member_keeps_the_scheme_of_the_load_balancer_that_serves_it() {
        let joined = [("a", 1, "", "one"), ("b", 2, "internet-facing", ""), ("c", 3, "", "")];
        assert_eq!(schemes(&joined), [INTERNAL, PUBLIC, PUBLIC]);
        let left = [("a", 1, "", "two"), ("b", 2, "", "")];
        assert_eq!(schemes(&left), [PUBLIC, PUBLIC], "the member that named the scheme is gone");
    }
}
