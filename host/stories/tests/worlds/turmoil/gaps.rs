//! Lists that could not be read completely.

use albatross_contract::*;
use albatross_stories::generated::Dice;

/// A part of the view is incomplete, and says so.
pub fn miss(part: ViewPart, snapshot: &mut Snapshot, dice: &mut Dice) {
    if dice.percent(50) && miss_of_one(part, &mut snapshot.inventory, dice) {
        return;
    }
    let Snapshot { cluster, inventory, .. } = snapshot;
    let mut lost = || dice.percent(40);
    match part {
        ViewPart::Ingresses => cluster.ingresses.retain(|_| !lost()),
        ViewPart::RouteGroups => cluster.route_groups.iter_mut().for_each(|all| all.retain(|_| !lost())),
        ViewPart::IngressStatuses => {
            cluster.ingresses.iter_mut().filter(|_| lost()).for_each(|found| found.status.clear());
            let route_groups = cluster.route_groups.iter_mut().flatten();
            route_groups.filter(|_| lost()).for_each(|found| found.status.clear());
        }
        ViewPart::Subnets => inventory.subnets.retain(|_| !lost()),
        ViewPart::SecurityGroups => inventory.security_groups.retain(|_| !lost()),
        ViewPart::CertificatesAcm | ViewPart::CertificatesIam => inventory.certificates.retain(|_| !lost()),
        ViewPart::LoadBalancers => inventory.load_balancers.retain(|_| !lost()),
        ViewPart::Listeners => {
            inventory.load_balancers.iter_mut().filter(|_| lost()).for_each(|found| found.listeners.clear());
        }
        ViewPart::Rules => {
            let listeners = inventory.load_balancers.iter_mut().flat_map(|found| &mut found.listeners);
            listeners.for_each(|listener| listener.rules.retain(|_| !lost()));
        }
        ViewPart::Services => cluster.services.retain(|_| !lost()),
        ViewPart::EndpointSlices => {
            cluster.endpoint_slices.iter_mut().for_each(|slices| slices.retain(|_| !lost()));
        }
        ViewPart::Pods => cluster.pods.iter_mut().for_each(|pods| pods.retain(|_| !lost())),
        ViewPart::TargetGroups => inventory.target_groups.retain(|_| !lost()),
        ViewPart::TargetHealth => {
            inventory.target_groups.iter_mut().filter(|_| lost()).for_each(|found| found.targets.clear());
        }
        ViewPart::AutoScalingGroups => inventory.auto_scaling_groups.retain(|_| !lost()),
        ViewPart::Instances => inventory.instances.retain(|_| !lost()),
        ViewPart::Tags => {
            inventory.load_balancers.iter_mut().filter(|_| lost()).for_each(|found| found.tags.clear());
        }
        _ => {}
    }
    let reason = "the list call failed".to_owned();
    match part {
        ViewPart::Ingresses
        | ViewPart::RouteGroups
        | ViewPart::IngressStatuses
        | ViewPart::Services
        | ViewPart::EndpointSlices
        | ViewPart::Pods => &mut cluster.incomplete,
        _ => &mut inventory.incomplete,
    }
    .push(IncompletePart { part, resource: None, reason, expected: None });
}

/// A part could not be read for one load balancer or target group. Returns whether there is one.
fn miss_of_one(part: ViewPart, inventory: &mut Inventory, dice: &mut Dice) -> bool {
    let (balancers, groups) = (inventory.load_balancers.len(), inventory.target_groups.len());
    let of_group = match part {
        ViewPart::TargetGroups | ViewPart::TargetHealth => true,
        ViewPart::Tags => dice.percent(50),
        ViewPart::LoadBalancers | ViewPart::Listeners | ViewPart::Rules => false,
        _ => return false,
    };
    if (if of_group { groups } else { balancers }) == 0 {
        return false;
    }
    let is_lost = dice.percent(50);
    let arn = if of_group {
        let group = &mut inventory.target_groups[dice.below(groups)];
        match part {
            _ if !is_lost => {}
            ViewPart::TargetGroups => group.attributes.clear(),
            ViewPart::TargetHealth => group.targets.clear(),
            _ => group.tags.clear(),
        }
        group.arn.clone()
    } else {
        let balancer = &mut inventory.load_balancers[dice.below(balancers)];
        match part {
            _ if !is_lost => {}
            ViewPart::LoadBalancers => balancer.attributes.clear(),
            ViewPart::Listeners => balancer.listeners.clear(),
            ViewPart::Rules => balancer.listeners.iter_mut().for_each(|listener| listener.rules.clear()),
            _ => balancer.tags.clear(),
        }
        balancer.arn.clone()
    };
    let reason = "the call for it failed".to_owned();
    inventory.incomplete.push(IncompletePart { part, resource: Some(arn), reason, expected: None });
    true
}
