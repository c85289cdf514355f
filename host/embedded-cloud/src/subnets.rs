//! Which subnets a load balancer may have.

use std::collections::BTreeMap;

use albatross_contract::{IpAddressType, LoadBalancerKind, Scheme, Subnet, ZoneKind};

use crate::{AwsError, account::Account};

/// The requested subnets of a load balancer.
pub(crate) struct SubnetChoice<'a> {
    pub(crate) kind: LoadBalancerKind,
    pub(crate) scheme: Scheme,
    pub(crate) ip_address_type: IpAddressType,
    /// The ids of all subnets that it will have.
    pub(crate) subnets: &'a [String],
    /// The ids of the subnets that it already has.
    pub(crate) present: &'a [String],
}

impl Account {
    /// Whether a load balancer can have these subnets.
    ///
    /// Pages: API_CreateLoadBalancer and API_SetSubnets, parameter `Subnets` (one for each zone; at least two zones for an
    /// Application Load Balancer, one in a Local Zone or on an Outpost); Application Load Balancers, "Subnets for your
    /// load balancer" (eight free addresses, internet gateway) and "IP address types" (IPv6 blocks).
    pub(crate) fn check_subnets(&self, choice: &SubnetChoice<'_>) -> Result<(), AwsError> {
        let mut zones: BTreeMap<&str, &Subnet> = BTreeMap::new();
        for id in choice.subnets {
            let Some(subnet) = self.inventory.subnets.iter().find(|it| it.id == *id) else {
                return Err(AwsError::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist")));
            };
            if zones.insert(&subnet.zone, subnet).is_some() {
                return Err(AwsError::configuration(
                    "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
                ));
            }
        }
        if choice.kind == LoadBalancerKind::Application && zones.len() < 2 && !self.may_stand_alone(&zones) {
            return Err(AwsError::validation(
                "At least two subnets in two different Availability Zones must be specified",
            ));
        }
        if zones.is_empty() {
            return Err(AwsError::validation("At least one subnet must be specified"));
        }
        if choice.kind == LoadBalancerKind::Network {
            self.check_network_zones(choice, &zones)?;
        }
        for subnet in zones.values() {
            self.check_subnet(choice, subnet)?;
        }
        Ok(())
    }

    /// Page: Network Load Balancers, "Update the Availability Zones": no Local Zone, and a subnet of a zone can be added only
    /// when the removal of another subnet of the zone is complete.
    fn check_network_zones(
        &self,
        choice: &SubnetChoice<'_>,
        zones: &BTreeMap<&str, &Subnet>,
    ) -> Result<(), AwsError> {
        let present = self.inventory.subnets.iter().filter(|it| choice.present.contains(&it.id));
        let changed = |it: &&Subnet| zones.get(it.zone.as_str()).is_some_and(|new| new.id != it.id);
        if let Some(before) = present.into_iter().find(changed) {
            return Err(AwsError::configuration(format!(
                "Subnet '{}' must be removed before another subnet of {} is added",
                before.id, before.zone
            )));
        }
        let is_local = |zone: &str| {
            self.inventory.zones.iter().any(|it| it.name == zone && it.kind == ZoneKind::LocalZone)
        };
        match zones.keys().find(|zone| is_local(zone)) {
            Some(zone) => Err(AwsError::configuration(format!(
                "A Network Load Balancer cannot have a subnet in the Local Zone {zone}"
            ))),
            None => Ok(()),
        }
    }

    fn check_subnet(&self, choice: &SubnetChoice<'_>, subnet: &Subnet) -> Result<(), AwsError> {
        if subnet.vpc_id != self.inventory.vpc.id {
            return Err(AwsError::configuration("All subnets must belong to the same VPC"));
        }
        if choice.ip_address_type != IpAddressType::Ipv4 && subnet.ipv6_cidr_blocks.is_empty() {
            return Err(AwsError::validation("You must specify subnets with an associated IPv6 CIDR block."));
        }
        if choice.present.contains(&subnet.id) {
            return Ok(());
        }
        if subnet.free_addresses < 8 {
            return Err(AwsError::new(
                "InvalidSubnet",
                format!(
                    "Not enough IP space available in {}. ELB requires at least 8 free IP addresses in each subnet.",
                    subnet.id
                ),
            ));
        }
        let gateway =
            self.inventory.route_tables.iter().any(|table| {
                table.routes.iter().any(|route| route.active && route.target.starts_with("igw-"))
            });
        if choice.scheme == Scheme::InternetFacing && !gateway {
            return Err(AwsError::new(
                "InvalidSubnet",
                format!("VPC {} has no internet gateway", self.inventory.vpc.id),
            ));
        }
        Ok(())
    }

    /// Whether these subnets are all in Local Zones, or all on Outposts.
    fn may_stand_alone(&self, zones: &BTreeMap<&str, &Subnet>) -> bool {
        let local = |zone: &str| {
            self.inventory.zones.iter().any(|it| it.name == zone && it.kind == ZoneKind::LocalZone)
        };
        !zones.is_empty()
            && (zones.keys().all(|zone| local(zone)) || zones.values().all(|it| it.outpost_arn.is_some()))
    }
}
