//! VPC, zones, subnets, route tables.

use albatross_contract::{Route, RouteTable, Subnet, Vpc, Zone, ZoneKind};
use aws_sdk_ec2::types as sdk;

use super::{count, tags};

/// A VPC.
pub(crate) fn vpc(found: &sdk::Vpc) -> Option<Vpc> {
    let associated = found.cidr_block_association_set().iter().filter_map(|it| it.cidr_block());
    let mut cidr_blocks: Vec<String> = associated.chain(found.cidr_block()).map(str::to_owned).collect();
    cidr_blocks.sort();
    cidr_blocks.dedup();
    let ipv6 = found.ipv6_cidr_block_association_set().iter().filter_map(|it| it.ipv6_cidr_block());
    Some(Vpc {
        id: found.vpc_id()?.to_owned(),
        cidr_blocks,
        ipv6_cidr_blocks: ipv6.map(str::to_owned).collect(),
        tags: tags::from_ec2(found.tags()),
    })
}

/// A zone. A zone of an unknown kind counts as a Local Zone: load balancers are not put there by default.
pub(crate) fn zone(found: &sdk::AvailabilityZone) -> Option<Zone> {
    let kind = match found.zone_type() {
        None | Some("availability-zone") => ZoneKind::AvailabilityZone,
        Some("wavelength-zone") => ZoneKind::WavelengthZone,
        Some(_) => ZoneKind::LocalZone,
    };
    Some(Zone {
        name: found.zone_name()?.to_owned(),
        id: found.zone_id().unwrap_or_default().to_owned(),
        kind,
    })
}

/// A subnet.
pub(crate) fn subnet(found: &sdk::Subnet) -> Option<Subnet> {
    let ipv6 = found
        .ipv6_cidr_block_association_set()
        .iter()
        .filter(|it| {
            // A block that is being disassociated is still in the list.
            it.ipv6_cidr_block_state()
                .and_then(|state| state.state())
                .is_none_or(|state| *state == sdk::SubnetCidrBlockStateCode::Associated)
        })
        .filter_map(|it| it.ipv6_cidr_block());
    Some(Subnet {
        id: found.subnet_id()?.to_owned(),
        vpc_id: found.vpc_id()?.to_owned(),
        zone: found.availability_zone()?.to_owned(),
        cidr_block: found.cidr_block().filter(|block| !block.is_empty()).map(str::to_owned),
        ipv6_cidr_blocks: ipv6.map(str::to_owned).collect(),
        free_addresses: count(found.available_ip_address_count()),
        outpost_arn: found.outpost_arn().map(str::to_owned),
        tags: tags::from_ec2(found.tags()),
    })
}

/// A route table.
pub(crate) fn route_table(found: &sdk::RouteTable) -> Option<RouteTable> {
    let mut subnets: Vec<String> =
        found.associations().iter().filter_map(|it| it.subnet_id()).map(str::to_owned).collect();
    subnets.sort();
    Some(RouteTable {
        id: found.route_table_id()?.to_owned(),
        vpc_id: found.vpc_id()?.to_owned(),
        main: found.associations().iter().any(|it| it.main() == Some(true)),
        subnets,
        routes: found.routes().iter().filter_map(route).collect(),
        tags: tags::from_ec2(found.tags()),
    })
}

fn route(found: &sdk::Route) -> Option<Route> {
    let destination = found
        .destination_cidr_block()
        .or(found.destination_ipv6_cidr_block())
        .or(found.destination_prefix_list_id())?;
    let target = found
        .gateway_id()
        .or(found.nat_gateway_id())
        .or(found.transit_gateway_id())
        .or(found.egress_only_internet_gateway_id())
        .or(found.vpc_peering_connection_id())
        .or(found.network_interface_id())
        .or(found.instance_id())
        .or(found.local_gateway_id())
        .or(found.carrier_gateway_id())
        .or(found.core_network_arn())?;
    Some(Route {
        destination: destination.to_owned(),
        target: target.to_owned(),
        active: found.state() != Some(&sdk::RouteState::Blackhole),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blackholed_route_is_not_active() {
        let route_of = |state: sdk::RouteState| {
            route(
                &sdk::Route::builder()
                    .destination_cidr_block("0.0.0.0/0")
                    .gateway_id("igw-1")
                    .state(state)
                    .build(),
            )
        };
        assert!(route_of(sdk::RouteState::Active).unwrap().active);
        assert!(!route_of(sdk::RouteState::Blackhole).unwrap().active);
    }

    #[test]
    fn a_zone_of_an_unknown_kind_is_not_an_availability_zone() {
        let zone_of = |kind: &str| {
            zone(&sdk::AvailabilityZone::builder().zone_name("z").zone_type(kind).build()).unwrap().kind
        };
        assert_eq!(zone_of("availability-zone"), ZoneKind::AvailabilityZone);
        assert_eq!(zone_of("moon-zone"), ZoneKind::LocalZone);
    }
}
