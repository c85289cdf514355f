//! VPC, zones, subnets, route tables.

use albatross_contract::{RouteTable, Subnet, ViewPart, Vpc, Zone};
use aws_sdk_ec2::types::Filter;

use super::{Seen, gaps::Gaps, kept::Kept, listed, round::Moment};
use crate::{
    calling::{List, Page, pages},
    calls,
    clients::Aws,
    convert::network::{route_table, subnet, vpc, zone},
    error::AwsError,
};

/// Seconds that the network is cached: people change it by hand.
const AGE: u64 = 300;

/// DescribeSubnets and DescribeRouteTables, `MaxResults`: 5 to 1,000 and 5 to 100.
const SUBNETS_PER_PAGE: i32 = 1_000;
const ROUTE_TABLES_PER_PAGE: i32 = 100;

/// The network of a VPC.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) vpc: Vpc,
    pub(crate) zones: Vec<Zone>,
    pub(crate) subnets: Vec<Subnet>,
    pub(crate) route_tables: Vec<RouteTable>,
}

/// Reads the network.
///
/// # Errors
/// The VPC does not exist, or it cannot be read and was never read before.
pub(crate) async fn observe(
    aws: &Aws,
    vpc_id: &str,
    kept: &mut Kept<Network>,
    now: Moment,
) -> Result<Seen<Network>, AwsError> {
    if let Some(network) = kept.fresh(now, AGE) {
        return Ok(Seen { value: network.clone(), gaps: Gaps::default() });
    }
    let mut gaps = Gaps::default();
    let (found, zones, subnets, route_tables) = tokio::join!(
        the_vpc(aws, vpc_id),
        all_zones(aws),
        all_subnets(aws, vpc_id),
        all_route_tables(aws, vpc_id),
    );
    let vpc = match (found, kept.last()) {
        (Ok(vpc), _) => vpc,
        (Err(error @ AwsError::VpcMissing { .. }), _) | (Err(error), None) => return Err(error),
        (Err(error), Some(last)) => {
            gaps.add(ViewPart::Subnets, error);
            last.vpc.clone()
        }
    };
    let zones = zones.unwrap_or_else(|error| {
        gaps.add(ViewPart::Subnets, error);
        Vec::new()
    });
    let network = Network {
        vpc,
        zones,
        subnets: listed(subnets, ViewPart::Subnets, &mut gaps),
        route_tables: listed(route_tables, ViewPart::Subnets, &mut gaps),
    };
    if gaps.is_empty() {
        kept.keep(now, network.clone());
    }
    Ok(Seen { value: network, gaps })
}

/// The VPC.
///
/// # Errors
/// The VPC does not exist, or the call failed.
pub(crate) async fn the_vpc(aws: &Aws, id: &str) -> Result<Vpc, AwsError> {
    let answer = aws.read(&calls::DESCRIBE_VPCS, || aws.ec2.describe_vpcs().vpc_ids(id).send()).await;
    let missing = || AwsError::VpcMissing { vpc: id.to_owned(), region: aws.region().to_owned() };
    match answer {
        Ok(answer) => answer.vpcs().first().and_then(vpc).ok_or_else(missing),
        Err(error)
            if error.is(&["InvalidVpcID.NotFound", "InvalidVpcID.Malformed", "InvalidVpcId.Malformed"]) =>
        {
            Err(missing())
        }
        Err(error) => Err(error),
    }
}

async fn all_zones(aws: &Aws) -> Result<Vec<Zone>, AwsError> {
    let call = &calls::DESCRIBE_AVAILABILITY_ZONES;
    let answer = aws.read(call, || aws.ec2.describe_availability_zones().send()).await?;
    let found = answer.availability_zones();
    Page::of_named(call, "zoneName", found, zone, |found| found.zone_name()).into_list().complete()
}

async fn all_subnets(aws: &Aws, vpc_id: &str) -> List<Subnet> {
    let call = &calls::DESCRIBE_SUBNETS;
    pages(call, async |token| {
        let request = || {
            let page = aws.ec2.describe_subnets().filters(in_vpc(vpc_id)).max_results(SUBNETS_PER_PAGE);
            page.set_next_token(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let page = Page::of_named(call, "subnetId", answer.subnets(), subnet, |found| found.subnet_id());
        Ok(page.before(answer.next_token))
    })
    .await
}

async fn all_route_tables(aws: &Aws, vpc_id: &str) -> List<RouteTable> {
    let call = &calls::DESCRIBE_ROUTE_TABLES;
    pages(call, async |token| {
        let request = || {
            let page =
                aws.ec2.describe_route_tables().filters(in_vpc(vpc_id)).max_results(ROUTE_TABLES_PER_PAGE);
            page.set_next_token(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let id = "routeTableId";
        let page =
            Page::of_named(call, id, answer.route_tables(), route_table, |found| found.route_table_id());
        Ok(page.before(answer.next_token))
    })
    .await
}

/// The filter for the resources of a VPC.
pub(crate) fn in_vpc(vpc_id: &str) -> Filter {
    Filter::builder().name("vpc-id").values(vpc_id).build()
}
