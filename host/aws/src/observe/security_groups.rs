//! Security groups of the VPC.

use albatross_contract::{SecurityGroup, ViewPart};

use super::{Seen, gaps::Gaps, kept::Kept, listed, network::in_vpc, round::Moment};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::security_groups::from_sdk,
};

/// Seconds that security groups are cached: people change them by hand.
const AGE: u64 = 300;

/// DescribeSecurityGroups, `MaxResults`: 5 to 1,000.
const PER_PAGE: i32 = 1_000;

pub(crate) async fn observe(
    aws: &Aws,
    vpc_id: &str,
    kept: &mut Kept<Vec<SecurityGroup>>,
    now: Moment,
) -> Seen<Vec<SecurityGroup>> {
    let mut gaps = Gaps::default();
    if let Some(groups) = kept.fresh(now, AGE) {
        return Seen { value: groups.clone(), gaps };
    }
    let call = &calls::DESCRIBE_SECURITY_GROUPS;
    let list = pages(call, async |token| {
        let request = || {
            let page = aws.ec2.describe_security_groups().filters(in_vpc(vpc_id)).max_results(PER_PAGE);
            page.set_next_token(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let page =
            Page::of_named(call, "groupId", answer.security_groups(), from_sdk, |found| found.group_id());
        Ok(page.before(answer.next_token))
    });
    let groups: Vec<SecurityGroup> = listed(list.await, ViewPart::SecurityGroups, &mut gaps);
    if gaps.is_empty() {
        kept.keep(now, groups.clone());
    }
    Seen { value: groups, gaps }
}
