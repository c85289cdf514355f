//! Auto Scaling Groups of the region.

use albatross_contract::{AutoScalingGroup, ViewPart};

use super::{
    Seen,
    gaps::Gaps,
    kept::{Kept, UNTIL_MARKED},
    listed,
    round::Moment,
};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::instances::auto_scaling_group,
};

/// DescribeAutoScalingGroups, `MaxRecords`: up to 100.
const PER_PAGE: i32 = 100;

/// Reads the groups.
pub(crate) async fn observe(
    aws: &Aws,
    kept: &mut Kept<Vec<AutoScalingGroup>>,
    now: Moment,
) -> Seen<Vec<AutoScalingGroup>> {
    let mut gaps = Gaps::default();
    if let Some(groups) = kept.fresh(now, UNTIL_MARKED) {
        return Seen { value: groups.clone(), gaps };
    }
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
    let groups: Vec<AutoScalingGroup> = listed(list.await, ViewPart::AutoScalingGroups, &mut gaps);
    if gaps.is_empty() {
        kept.keep(now, groups.clone());
    }
    Seen { value: groups, gaps }
}
