//! The TLS policies that AWS offers for Application Load Balancers.

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;

use super::{kept::Kept, round::Moment};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
};

/// Seconds that the list is cached: AWS adds policies about once a year.
const AGE: u64 = 3_600;

/// Reads the list. `None` if it cannot be read, which is no gap in the view: then the policies that this version knows count.
pub(crate) async fn observe(
    aws: &Aws,
    kept: &mut Kept<Option<Vec<String>>>,
    now: Moment,
) -> Option<Vec<String>> {
    if let Some(policies) = kept.fresh(now, AGE) {
        return policies.clone();
    }
    let call = &calls::DESCRIBE_SSL_POLICIES;
    let list = pages(call, async |token| {
        let page = aws.elb.describe_ssl_policies().load_balancer_type(LoadBalancerTypeEnum::Application);
        let request = || page.clone().set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        let names = answer.ssl_policies().iter().filter_map(|policy| policy.name().map(str::to_owned));
        Ok(Page::new(names.collect(), answer.next_marker))
    });
    let list = list.await;
    let mut names = list.items;
    names.sort();
    let policies = list.broken.is_none().then_some(names);
    kept.keep(now, policies.clone());
    policies
}
