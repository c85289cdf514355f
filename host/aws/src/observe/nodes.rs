//! The nodes and the Auto Scaling Groups, which are read together: each names the other.

use albatross_contract::{AutoScalingGroup, Instance};

use super::{
    Seen, auto_scaling, contradictions,
    gaps::Gaps,
    instances,
    kept::{Kept, UNTIL_MARKED},
    round::Moment,
};
use crate::clients::Aws;

/// The instances that match the node filters, and all Auto Scaling Groups.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    pub(crate) instances: Vec<Instance>,
    pub(crate) auto_scaling_groups: Vec<AutoScalingGroup>,
}

/// Reads both.
pub(crate) async fn observe(aws: &Aws, filters: &str, kept: &mut Kept<Nodes>, now: Moment) -> Seen<Nodes> {
    let mut gaps = Gaps::default();
    if let Some(nodes) = kept.fresh(now, UNTIL_MARKED) {
        return Seen { value: nodes.clone(), gaps };
    }
    let (instances, groups) = tokio::join!(instances::read(aws, filters), auto_scaling::read(aws));
    let nodes = Nodes { instances: gaps.merge(instances), auto_scaling_groups: gaps.merge(groups) };
    contradictions::of_auto_scaling_groups(&nodes.auto_scaling_groups, &nodes.instances, &mut gaps);
    match gaps.is_empty() {
        true => kept.keep(now, nodes.clone()),
        false => kept.forget(),
    }
    Seen { value: nodes, gaps }
}
