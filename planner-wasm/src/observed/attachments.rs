//! Which Auto Scaling Groups are attached to which target groups.

use std::collections::BTreeMap;

use albatross_contract::{AutoScalingGroup, TargetGroup};

use crate::index::Names;

/// Auto Scaling Groups by name and by attached target group.
pub struct Attachments<'a> {
    by_name: BTreeMap<&'a str, &'a AutoScalingGroup>,
    target_groups: Names<&'a str>,
    /// The Auto Scaling Groups of each target group, in the order of their names.
    attached: Vec<Vec<&'a AutoScalingGroup>>,
}

impl<'a> Attachments<'a> {
    /// Indexes Auto Scaling Groups.
    pub(super) fn new(groups: &'a [AutoScalingGroup]) -> Self {
        let by_name: BTreeMap<&str, &AutoScalingGroup> =
            groups.iter().map(|group| (group.name.as_str(), group)).collect();
        let arns = groups.iter().flat_map(|group| &group.target_groups).map(String::as_str);
        let target_groups = Names::new(arns.collect());
        let mut attached = vec![Vec::new(); target_groups.len()];
        for group in by_name.values() {
            let mut cursor = 0;
            for arn in &group.target_groups {
                if let Some(number) = target_groups.find_after(arn, &mut cursor) {
                    let list: &mut Vec<&AutoScalingGroup> = &mut attached[number];
                    if list.last().is_none_or(|last| last.name != group.name) {
                        list.push(group);
                    }
                }
            }
        }
        Attachments { by_name, target_groups, attached }
    }

    /// An Auto Scaling Group by name.
    pub fn group(&self, name: &str) -> Option<&'a AutoScalingGroup> {
        self.by_name.get(name).copied()
    }

    /// All Auto Scaling Groups, in the order of their names.
    pub fn groups(&self) -> impl Iterator<Item = &'a AutoScalingGroup> {
        self.by_name.values().copied()
    }

    /// The Auto Scaling Groups that are attached to a target group, in the order of their names.
    pub fn of(&self, target_group: &TargetGroup) -> &[&'a AutoScalingGroup] {
        self.target_groups
            .find(&target_group.arn)
            .map(|number| self.attached[number].as_slice())
            .unwrap_or_default()
    }

    /// Whether an Auto Scaling Group is attached to a target group.
    pub fn has(&self, name: &str, target_group: &TargetGroup) -> bool {
        self.of(target_group).iter().any(|group| group.name == name)
    }
}

#[cfg(test)]
mod tests;
