//! Plans of single snapshots, some with gaps.

use albatross_contract::{IncompletePart, Plan, Snapshot, ViewPart};

/// The plan of a snapshot; the guard must agree.
pub fn plan(snapshot: &Snapshot) -> Plan {
    let plan = albatross_planner::plan(snapshot, &albatross_planner::NoPolicies).unwrap();
    if let Err(refusal) = albatross_guard::check(snapshot, &plan) {
        panic!("{refusal}");
    }
    plan
}

/// The plan of a snapshot, a part of which could not be read completely; `lost`: nothing of it was read.
pub fn plan_without(snapshot: &Snapshot, part: ViewPart, lost: bool) -> Plan {
    let mut snapshot = snapshot.clone();
    let missing =
        IncompletePart { part, resource: None, reason: "the connection was reset".into(), expected: None };
    match part {
        ViewPart::Ingresses
        | ViewPart::RouteGroups
        | ViewPart::IngressStatuses
        | ViewPart::IngressClasses
        | ViewPart::Services
        | ViewPart::Nodes
        | ViewPart::Pods
        | ViewPart::GatedPods => snapshot.cluster.incomplete.push(missing),
        _ => snapshot.inventory.incomplete.push(missing),
    }
    if lost {
        lose(&mut snapshot, part);
    }
    plan(&snapshot)
}

/// Removes a part from a snapshot.
fn lose(snapshot: &mut Snapshot, part: ViewPart) {
    let (cluster, inventory) = (&mut snapshot.cluster, &mut snapshot.inventory);
    match part {
        ViewPart::Ingresses => cluster.ingresses.clear(),
        ViewPart::RouteGroups => cluster.route_groups = None,
        ViewPart::IngressStatuses => {
            cluster.ingresses.iter_mut().for_each(|ingress| ingress.status.clear());
            cluster.route_groups.iter_mut().flatten().for_each(|found| found.status.clear());
        }
        ViewPart::IngressClasses => cluster.ingress_classes.clear(),
        ViewPart::Pods => cluster.pods = None,
        ViewPart::Subnets => {
            inventory.subnets.clear();
            inventory.route_tables.clear();
        }
        ViewPart::SecurityGroups => inventory.security_groups.clear(),
        ViewPart::CertificatesAcm => inventory.certificates.clear(),
        ViewPart::LoadBalancers => inventory.load_balancers.clear(),
        ViewPart::Listeners => inventory.load_balancers.iter_mut().for_each(|found| found.listeners.clear()),
        ViewPart::TargetGroups => inventory.target_groups.clear(),
        ViewPart::TargetHealth => inventory.target_groups.iter_mut().for_each(|group| group.targets.clear()),
        ViewPart::AutoScalingGroups => inventory.auto_scaling_groups.clear(),
        ViewPart::Instances => inventory.instances.clear(),
        ViewPart::Tags => {
            inventory.load_balancers.iter_mut().for_each(|found| found.tags.clear());
            inventory.target_groups.iter_mut().for_each(|group| group.tags.clear());
        }
        ViewPart::ListenerAttributes => {
            let listeners = inventory.load_balancers.iter_mut().flat_map(|found| &mut found.listeners);
            listeners.for_each(|listener| listener.attributes.clear());
        }
        ViewPart::WebAcls => inventory.load_balancers.iter_mut().for_each(|found| found.web_acl = None),
        ViewPart::Services
        | ViewPart::Nodes
        | ViewPart::CertificatesIam
        | ViewPart::Rules
        | ViewPart::Quotas
        | ViewPart::GatedPods
        | ViewPart::EndpointSlices
        | ViewPart::HostedZones
        | ViewPart::RecordSets => {}
    }
}
