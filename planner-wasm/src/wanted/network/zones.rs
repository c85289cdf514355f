//! The subnets of a Network Load Balancer change in steps.
//!
//! When a subnet is removed, the connections to the targets in its zone end, and AWS sends these targets nothing more, not even
//! across zones. Another subnet of the same zone can be added only when the removal is complete (Network Load Balancers user
//! guide, "Update the Availability Zones"). So subnets in further zones are added first; then one subnet a pass is removed, and
//! only if a target in the remaining zones is healthy.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Diagnostic, DiagnosticCode, LoadBalancer, Target, TargetHealth};

use crate::{
    cidr::Block,
    diagnostics::{Details, Subject, warning},
    observed::{Observed, Owned},
    words,
};

/// The next step from the present subnets to the wanted ones.
pub struct Step<'a> {
    /// The subnets after it.
    pub subnets: Vec<&'a str>,
    /// Subnets that should be removed, but have to stay.
    pub stay: Vec<&'a str>,
}

/// The next step for an existing Network Load Balancer.
pub fn step<'a>(
    found: &'a LoadBalancer,
    wanted: &[&'a str],
    owned: Option<&Owned<'_>>,
    observed: &'a Observed<'a>,
) -> Step<'a> {
    let zones: BTreeMap<&str, &str> =
        observed.inventory.subnets.iter().map(|it| (it.id.as_str(), it.zone.as_str())).collect();
    let zone = |id: &str| zones.get(id).copied();
    let mut present: Vec<&str> = found.subnets.iter().map(String::as_str).collect();
    present.sort_unstable();
    let enabled: BTreeSet<&str> = present.iter().filter_map(|id| zone(id)).collect();
    let in_further_zones = wanted.iter().copied().filter(|id| !present.contains(id));
    let in_further_zones: Vec<&str> =
        in_further_zones.filter(|id| zone(id).is_some_and(|zone| !enabled.contains(zone))).collect();
    if !in_further_zones.is_empty() {
        let mut subnets: Vec<&str> = present.into_iter().chain(in_further_zones).collect();
        subnets.sort_unstable();
        return Step { subnets, stay: Vec::new() };
    }
    let leaving: Vec<&str> = present.iter().copied().filter(|id| !wanted.contains(id)).collect();
    let healthy = healthy_zones(owned, observed);
    let may_leave = |id: &&&str| {
        let rest = || present.iter().filter(|other| *other != *id).filter_map(|other| zone(other));
        match healthy.is_empty() {
            true => rest().next().is_some(),
            false => rest().any(|zone| healthy.contains(&Some(zone))),
        }
    };
    match leaving.iter().find(may_leave) {
        Some(gone) => {
            let subnets = present.iter().copied().filter(|id| id != gone).collect();
            Step { subnets, stay: Vec::new() }
        }
        None => Step { subnets: present, stay: leaving },
    }
}

/// The zones of the healthy targets of a load balancer; `None` for targets whose zone is not known.
fn healthy_zones<'a>(owned: Option<&Owned<'_>>, observed: &'a Observed<'_>) -> BTreeSet<Option<&'a str>> {
    let inventory = observed.inventory;
    let targets = owned.into_iter().flat_map(|owned| &owned.target_groups).flat_map(|group| &group.targets);
    let healthy = targets.filter(|target| target.health == TargetHealth::Healthy);
    let nodes: BTreeMap<&str, &str> =
        inventory.instances.iter().map(|it| (it.id.as_str(), it.zone.as_str())).collect();
    let blocks: Vec<(Block, &str)> = inventory
        .subnets
        .iter()
        .flat_map(|subnet| {
            let blocks = subnet.cidr_block.iter().chain(&subnet.ipv6_cidr_blocks);
            blocks.filter_map(|block| Some((Block::read(block)?, subnet.zone.as_str())))
        })
        .collect();
    let of_address = |target: &Target| {
        let address = target.id.parse().ok()?;
        blocks.iter().find(|(block, _)| block.holds(address)).map(|(_, zone)| *zone)
    };
    healthy.map(|target| nodes.get(target.id.as_str()).copied().or_else(|| of_address(target))).collect()
}

/// The diagnostic for subnets that have to stay.
pub fn stay(name: &str, subnets: &[&str]) -> Diagnostic {
    let message = format!(
        "{} should be removed from it, but no target in its other zones is healthy, so it would serve nobody",
        words::list(subnets.iter().copied())
    );
    warning(DiagnosticCode::WithheldTargets, Subject::Resource(name), message).field("subnets").remedy(
        "wait until targets in other zones are healthy, or name a subnet in a zone with healthy targets",
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::{World, instance, target};

    /// The load balancer `one` in the zones a and b, of which these have a healthy target, and the subnets that it should have:
    /// those of the next step, and those that have to stay.
    fn step(healthy: &[&str], wanted: &[&'static str]) -> (Vec<&'static str>, Vec<&'static str>) {
        let world = World::new().load_balancer("one", &[]).targets(|group| group.targets.clear());
        let scene = healthy.iter().fold(world, |world, letter| {
            let id = format!("i-{letter}");
            let node = instance(&id, &format!("zone-{letter}"), None);
            let world = world.with(|it| it.inventory.instances.push(node));
            world.targets(|group| group.targets.push(target(&id, "healthy")))
        });
        let more = |letter: &str, zone: &str| {
            let mut subnet = crate::testing::inventory().subnets.remove(0);
            (subnet.id, subnet.zone) = (format!("subnet-{letter}"), format!("zone-{zone}"));
            subnet
        };
        let others = [more("a2", "a"), more("b2", "b"), more("c", "c")];
        let scene = scene.with(|it| it.inventory.subnets.extend(others)).read();
        let owned = scene.owned("one");
        let step = super::step(owned.load_balancer.unwrap(), wanted, Some(owned), scene.observed);
        (step.subnets, step.stay)
    }

    #[test]
    fn subnets_in_further_zones_are_added_before_any_is_removed() {
        assert_eq!(step(&[], &["subnet-a", "subnet-c"]).0, ["subnet-a", "subnet-b", "subnet-c"]);
        assert_eq!(step(&[], &["subnet-c"]).0, ["subnet-a", "subnet-b", "subnet-c"]);
    }

    #[test]
    fn another_subnet_of_a_zone_is_added_when_the_present_one_is_removed() {
        let wanted = ["subnet-a2", "subnet-b2"];
        assert_eq!(step(&["a", "b"], &wanted), (vec!["subnet-b"], vec![]), "one zone after the other");
        assert_eq!(step(&["a"], &wanted), (vec!["subnet-a"], vec![]), "zone a is the only one that serves");
    }

    #[test]
    fn the_zone_of_a_pod_is_that_of_the_subnet_with_its_address() {
        let step = |address: &str| {
            let world = World::new().load_balancer("one", &[]);
            let world = world.targets(|group| group.targets = vec![target(address, "healthy")]);
            let scene = world.with(|it| {
                it.inventory.subnets[0].cidr_block = Some("10.0.0.0/24".into());
                it.inventory.subnets[1].cidr_block = Some("10.0.1.0/24".into());
            });
            let scene = scene.read();
            let owned = scene.owned("one");
            super::step(owned.load_balancer.unwrap(), &["subnet-b"], Some(owned), scene.observed).subnets
        };
        assert_eq!(step("10.0.0.7"), ["subnet-a", "subnet-b"], "the only healthy pod is in zone a");
        assert_eq!(step("10.0.1.7"), ["subnet-b"]);
        assert_eq!(step("10.9.9.9"), ["subnet-a", "subnet-b"], "its zone is not known");
    }

    #[test]
    fn the_last_zone_with_a_healthy_target_stays() {
        assert_eq!(step(&["a"], &["subnet-b"]), (vec!["subnet-a", "subnet-b"], vec!["subnet-a"]));
        assert_eq!(step(&["b"], &["subnet-b"]), (vec!["subnet-b"], vec![]));
        assert_eq!(step(&[], &["subnet-b"]), (vec!["subnet-b"], vec![]), "nobody is served anyway");
    }
}
