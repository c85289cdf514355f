//! Auto Scaling Groups of the region.

use albatross_contract::{AutoScalingGroup, ViewPart};

use super::{Seen, gaps::Gaps, listed};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::instances::auto_scaling_group,
};

/// DescribeAutoScalingGroups, `MaxRecords`: up to 100.
const PER_PAGE: i32 = 100;

/// Reads the groups.
pub(crate) async fn read(aws: &Aws) -> Seen<Vec<AutoScalingGroup>> {
    let mut gaps = Gaps::default();
    let call = &calls::DESCRIBE_AUTO_SCALING_GROUPS;
    let list = pages(call, async |token| {
        let request = || {
            let page = aws.auto_scaling.describe_auto_scaling_groups().max_records(PER_PAGE);
            page.set_next_token(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let (groups, name) = (answer.auto_scaling_groups(), "AutoScalingGroupName");
        let page =
            Page::of_named(call, name, groups, auto_scaling_group, |found| found.auto_scaling_group_name());
        Ok(page.before(answer.next_token))
    });
    let groups = listed(list.await, ViewPart::AutoScalingGroups, &mut gaps);
    Seen { value: groups, gaps }
}
