//! A snapshot of a neighbourhood: its objects and load balancers as they are, and of everything else only what counts against quotas.

use std::collections::BTreeSet;

use albatross_contract::{
    Cluster, Inventory, LoadBalancer, Metadata, SecurityGroup, Snapshot, TAG_ID, Tag, TargetGroup,
};

use super::View;

/// The part of the snapshot of a view with the objects at these places in the outcomes of its plan. `namespace`: Services there are kept
/// too.
pub fn part(view: &View, numbers: &BTreeSet<usize>, namespace: &str) -> Snapshot {
    let View { snapshot, plan, index, .. } = view;
    let kept: BTreeSet<usize> = numbers.iter().filter_map(|number| index.source(*number)).collect();
    let objects = numbers.iter().filter_map(|number| plan.outcomes.get(*number));
    let mut namespaces: BTreeSet<&str> = objects.map(|it| it.object.namespace.as_str()).collect();
    namespaces.insert(namespace);
    let is_elsewhere = |place: usize| {
        let members = index.members(place);
        // Others may come to a load balancer without members.
        !members.is_empty() && !members.iter().any(|member| numbers.contains(member))
    };
    let load_balancers = plan.load_balancers.iter().enumerate();
    let elsewhere = load_balancers.filter(|(place, _)| is_elsewhere(*place)).map(|(_, it)| it);
    let ids: BTreeSet<&str> = elsewhere.map(|it| it.id.as_str()).collect();
    Snapshot {
        time: snapshot.time,
        frozen: snapshot.frozen.clone(),
        settings: snapshot.settings.clone(),
        cluster: cluster(&snapshot.cluster, &kept, &namespaces),
        inventory: inventory(&snapshot.inventory, &ids),
    }
}

/// `kept`: the places of the objects that are kept among the sources.
fn cluster(all: &Cluster, kept: &BTreeSet<usize>, namespaces: &BTreeSet<&str>) -> Cluster {
    let is_near =
        |metadata: &Metadata| namespaces.contains(metadata.namespace.as_deref().unwrap_or("default"));
    // The sources are the Ingresses and then the RouteGroups.
    let count = all.ingresses.len();
    let ingresses = kept.range(..count).filter_map(|place| all.ingresses.get(*place));
    let route_groups = all.route_groups.as_ref().map(|route_groups| {
        kept.range(count..).filter_map(|place| route_groups.get(place - count)).cloned().collect()
    });
    let slices = all
        .endpoint_slices
        .as_ref()
        .map(|slices| slices.iter().filter(|it| is_near(&it.metadata)).cloned().collect());
    Cluster {
        incomplete: all.incomplete.clone(),
        ingresses: ingresses.cloned().collect(),
        ingress_classes: all.ingress_classes.clone(),
        services: all.services.iter().filter(|it| is_near(&it.metadata)).cloned().collect(),
        nodes: all.nodes.clone(),
        endpoint_slices: slices,
        pods: all.pods.clone(),
        route_groups,
    }
}

/// Resources with one of these ids become resources of somebody else: they count against quotas, and nobody plans them.
fn inventory(all: &Inventory, ids: &BTreeSet<&str>) -> Inventory {
    let is_elsewhere =
        |tags: &[Tag]| tags.iter().any(|tag| tag.key == TAG_ID && ids.contains(tag.value.as_str()));
    let load_balancer = |(number, found): (usize, &LoadBalancer)| match is_elsewhere(&found.tags) {
        true => LoadBalancer {
            arn: found.arn.clone(),
            // A load balancer that is opened in the part may get the id and with it the name of this one.
            name: format!("elsewhere-{number}"),
            dns_name: found.dns_name.clone(),
            kind: found.kind,
            scheme: found.scheme,
            ip_address_type: found.ip_address_type,
            vpc_id: found.vpc_id.clone(),
            state: found.state,
            created_at: found.created_at,
            ..LoadBalancer::default()
        },
        false => found.clone(),
    };
    let target_group = |(number, found): (usize, &TargetGroup)| match is_elsewhere(&found.tags) {
        true => TargetGroup {
            arn: found.arn.clone(),
            name: format!("elsewhere-{number}"),
            protocol: found.protocol,
            target_type: found.target_type,
            ..TargetGroup::default()
        },
        false => found.clone(),
    };
    let security_group = |(number, found): (usize, &SecurityGroup)| match is_elsewhere(&found.tags) {
        true => SecurityGroup { name: format!("elsewhere-{number}"), tags: Vec::new(), ..found.clone() },
        false => found.clone(),
    };
    Inventory {
        observed_at: all.observed_at,
        account: all.account.clone(),
        region: all.region.clone(),
        incomplete: all.incomplete.clone(),
        vpc: all.vpc.clone(),
        zones: all.zones.clone(),
        subnets: all.subnets.clone(),
        route_tables: all.route_tables.clone(),
        security_groups: all.security_groups.iter().enumerate().map(security_group).collect(),
        certificates: all.certificates.clone(),
        load_balancers: all.load_balancers.iter().enumerate().map(load_balancer).collect(),
        target_groups: all.target_groups.iter().enumerate().map(target_group).collect(),
        auto_scaling_groups: all.auto_scaling_groups.clone(),
        instances: all.instances.clone(),
        quotas: all.quotas,
        hosted_zones: all.hosted_zones.clone(),
        ssl_policies: all.ssl_policies.clone(),
    }
}
