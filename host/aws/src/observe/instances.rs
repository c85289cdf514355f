//! The nodes: EC2's answer to the node filters.

use albatross_contract::{Instance, Settings, TAG_CLUSTER, ViewPart};
use aws_sdk_ec2::types::Filter;

use super::{Seen, gaps::Gaps, listed};
use crate::{calling::pages, calls, clients::Aws, convert::instances::instance};

/// DescribeInstances, `MaxResults`: 5 to 1,000.
const PER_PAGE: i32 = 1_000;

/// The node filters of the settings, or the default ones.
pub(crate) fn filters(settings: &Settings) -> String {
    let default =
        || format!("tag:{TAG_CLUSTER}{}=owned tag-key=k8s.io/role/node", settings.identity.cluster_id);
    settings.proxy.node_filters.clone().unwrap_or_else(default)
}

/// Reads the nodes in every pass: they come and go. Filters that cannot be understood select nothing; the planner says
/// so.
pub(crate) async fn observe(aws: &Aws, filters: &str) -> Seen<Vec<Instance>> {
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
        Ok((found.filter_map(instance).collect(), answer.next_token))
    });
    Seen { value: listed(list.await, ViewPart::Instances, &mut gaps), gaps }
}

/// Terms `name=value[,value]` between spaces; nothing if one of them has another form, or there is none.
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
    use albatross_contract::Identity;

    use super::*;

    #[test]
    fn without_a_setting_nodes_are_the_tagged_instances_of_the_cluster() {
        let identity = Identity { cluster_id: "shop".into(), ..Identity::default() };
        let filters = filters(&Settings { identity, ..Settings::default() });
        assert_eq!(filters, "tag:kubernetes.io/cluster/shop=owned tag-key=k8s.io/role/node");
        assert_eq!(parse(&filters).unwrap().len(), 2);
    }

    #[test]
    fn filters_of_another_form_select_nothing() {
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
