//! The nodes: the EC2 instances that match the node filters.

use albatross_contract::{Instance, ViewPart};
use aws_sdk_ec2::types::Filter;

use super::{Seen, gaps::Gaps, listed};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::instances::instance,
};

/// DescribeInstances, `MaxResults`: 5 to 1,000.
const PER_PAGE: i32 = 1_000;

/// Reads the nodes. Malformed filters select nothing; the planner reports them.
pub(crate) async fn read(aws: &Aws, filters: &str) -> Seen<Vec<Instance>> {
    let mut gaps = Gaps::default();
    let Some(filters) = parse(filters) else { return Seen { value: Vec::new(), gaps } };
    let call = &calls::DESCRIBE_INSTANCES;
    let list = pages(call, async |token| {
        let request = || {
            let page = aws.ec2.describe_instances().set_filters(Some(filters.clone())).max_results(PER_PAGE);
            page.set_next_token(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        let found = answer.reservations().iter().flat_map(|reservation| reservation.instances());
        let page = Page::of_named(call, "instanceId", found, instance, |found| found.instance_id());
        Ok(page.before(answer.next_token))
    });
    let instances = listed(list.await, ViewPart::Instances, &mut gaps);
    Seen { value: instances, gaps }
}

/// Terms `name=value[,value]`, separated by spaces. `None` if there is no term, or a term has another form.
fn parse(filters: &str) -> Option<Vec<Filter>> {
    let term = |term: &str| {
        let (name, values) = term.split_once('=')?;
        let values: Vec<String> = values.split(',').map(str::to_owned).collect();
        let complete = !name.is_empty() && values.iter().all(|value| !value.is_empty());
        complete.then(|| Filter::builder().name(name).set_values(Some(values)).build())
    };
    let filters: Vec<Filter> = filters.split_whitespace().map(term).collect::<Option<_>>()?;
    (!filters.is_empty()).then_some(filters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_filters_select_nothing() {
        for filters in ["", "  ", "worker", "=worker", "tag:Role=a,,b"] {
            assert_eq!(parse(filters), None, "{filters:?}");
        }
        let read = parse("tag:Role=worker,ingress tag:Expression=a=b").unwrap();
        assert_eq!(read[0].values(), ["worker", "ingress"]);
        assert_eq!(
            (read[1].name(), read[1].values()),
            (Some("tag:Expression"), ["a=b".to_owned()].as_slice())
        );
    }
}
