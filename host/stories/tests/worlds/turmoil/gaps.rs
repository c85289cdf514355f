//! Lists that could not be read to their end.

use albatross_contract::*;
use albatross_stories::generated::Dice;

/// A part of the view lacks some of what there is, and says so.
pub fn miss(part: ViewPart, snapshot: &mut Snapshot, dice: &mut Dice) {
    let Snapshot { cluster, inventory, .. } = snapshot;
    let mut lost = || dice.percent(40);
    match part {
        ViewPart::Ingresses => cluster.ingresses.retain(|_| !lost()),
        ViewPart::IngressStatuses => {
            cluster.ingresses.iter_mut().filter(|_| lost()).for_each(|found| found.status.clear());
        }
        ViewPart::Subnets => inventory.subnets.retain(|_| !lost()),
        ViewPart::SecurityGroups => inventory.security_groups.retain(|_| !lost()),
        ViewPart::CertificatesAcm | ViewPart::CertificatesIam => inventory.certificates.retain(|_| !lost()),
        ViewPart::LoadBalancers => inventory.load_balancers.retain(|_| !lost()),
        ViewPart::Listeners => {
            inventory.load_balancers.iter_mut().filter(|_| lost()).for_each(|found| found.listeners.clear());
        }
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
        ViewPart::Ingresses | ViewPart::IngressStatuses => &mut cluster.incomplete,
        _ => &mut inventory.incomplete,
    }
    .push(IncompletePart { part, reason });
}
