//! Lists that contradict each other. AWS may return an incomplete list without an error, and a resource that is missing
//! from the list would be taken for deleted.

use albatross_contract::{
    AutoScalingGroup, Instance, InstanceState, LoadBalancer, LoadBalancerState, ViewPart,
};

use super::{gaps::Gaps, network::Network};

/// Records a gap for each Auto Scaling Group that has a running instance and is not listed: such a group exists. Only AWS
/// sets the tag that names the group, and removes it when the instance is detached (Auto Scaling user guide, "Tag Auto
/// Scaling groups and instances").
pub(crate) fn of_auto_scaling_groups(listed: &[AutoScalingGroup], instances: &[Instance], gaps: &mut Gaps) {
    // An incomplete list is a gap already.
    if gaps.has(ViewPart::AutoScalingGroups) {
        return;
    }
    let running = instances.iter().filter(|instance| instance.state == InstanceState::Running);
    for name in running.filter_map(|instance| instance.auto_scaling_group.as_ref()) {
        if listed.iter().all(|group| group.name != *name) {
            let reason =
                format!("AWS does not list Auto Scaling Group {name}, although its instances are running");
            gaps.doubt(ViewPart::AutoScalingGroups, reason);
        }
    }
}

/// Records a gap for each subnet that a load balancer uses and that is not listed: AWS deletes no subnet that is in use
/// (EC2 API_DeleteSubnet). A load balancer whose creation failed proves nothing. Returns whether there is such a gap.
pub(crate) fn of_subnets<'a>(
    network: &Network,
    load_balancers: impl Iterator<Item = &'a LoadBalancer>,
    gaps: &mut Gaps,
) -> bool {
    if gaps.has(ViewPart::Subnets) {
        return false;
    }
    let standing = load_balancers
        .filter(|found| found.vpc_id == network.vpc.id && found.state != LoadBalancerState::Failed);
    for load_balancer in standing {
        for id in &load_balancer.subnets {
            if network.subnets.iter().all(|subnet| subnet.id != *id) {
                let name = &load_balancer.name;
                let reason = format!("AWS does not list {id}, although load balancer {name} uses it");
                gaps.doubt(ViewPart::Subnets, reason);
            }
        }
    }
    gaps.has(ViewPart::Subnets)
}

#[cfg(test)]
mod tests {
    use albatross_contract::Inventory;
    use albatross_stories::{instance, world};

    use super::*;

    fn parts(gaps: Gaps) -> Vec<ViewPart> {
        gaps.into_incomplete().unwrap().into_iter().map(|it| it.part).collect()
    }

    #[test]
    fn only_an_instance_that_runs_proves_that_its_group_exists() {
        let (_, inventory) = world();
        for (state, missing) in [
            (InstanceState::Running, &[ViewPart::AutoScalingGroups][..]),
            (InstanceState::ShuttingDown, &[]),
            (InstanceState::Terminated, &[]),
        ] {
            let mut gaps = Gaps::default();
            let of_gone = Instance { state, ..instance("i-1", "a", Some("gone")) };
            of_auto_scaling_groups(&inventory.auto_scaling_groups, &[of_gone], &mut gaps);
            assert_eq!(parts(gaps), missing, "{state:?}");
        }
        let mut gaps = Gaps::default();
        of_auto_scaling_groups(&inventory.auto_scaling_groups, &inventory.instances, &mut gaps);
        assert!(gaps.is_empty(), "all groups are listed");
    }

    fn network(inventory: Inventory) -> Network {
        let Inventory { vpc, zones, subnets, route_tables, .. } = inventory;
        Network { vpc, zones, subnets, route_tables }
    }

    fn load_balancer(vpc: &str, state: LoadBalancerState) -> LoadBalancer {
        LoadBalancer {
            arn: "arn".into(),
            name: "albatross-1".into(),
            vpc_id: vpc.into(),
            state,
            subnets: vec!["subnet-gone".into()],
            ..LoadBalancer::default()
        }
    }

    #[test]
    fn only_a_load_balancer_in_this_vpc_that_has_not_failed_proves_that_its_subnet_exists() {
        let (_, inventory) = world();
        let network = network(inventory);
        let vpc = network.vpc.id.clone();
        for (found, contradicts) in [
            (load_balancer(&vpc, LoadBalancerState::Active), true),
            (load_balancer(&vpc, LoadBalancerState::Failed), false),
            (load_balancer("vpc-elsewhere", LoadBalancerState::Active), false),
        ] {
            let mut gaps = Gaps::default();
            assert_eq!(of_subnets(&network, [&found].into_iter(), &mut gaps), contradicts);
            assert_eq!(gaps.has(ViewPart::Subnets), contradicts);
        }
    }
}
