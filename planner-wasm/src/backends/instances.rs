//! The instances that can be targets, numbered, with the reasons why each of them stays in a target group.

use albatross_contract::AutoScalingGroup;

use super::Nodes;
use crate::{index::Names, observed::Observed};

/// Instances of the inventory and of Auto Scaling Groups.
pub struct Instances<'a> {
    names: Names<&'a str>,
    entries: Vec<Entry<'a>>,
    /// Running nodes outside any Auto Scaling Group, in order.
    singles: Vec<usize>,
}

/// Why an instance stays in a target group.
#[derive(Clone, Default)]
pub struct Entry<'a> {
    /// Whether it is a node that we register ourselves.
    pub is_single: bool,
    /// Whether a tag that only Auto Scaling can set says that it belongs to a group. An Auto Scaling Group may have
    /// registered an instance that our list of the group's instances does not contain yet (Amazon EC2 Auto Scaling user
    /// guide, "Tag Auto Scaling groups and instances").
    pub is_tagged: bool,
    /// The Auto Scaling Groups that list it.
    pub groups: Vec<&'a AutoScalingGroup>,
}

impl<'a> Instances<'a> {
    /// Numbers the instances.
    pub fn new(nodes: &Nodes<'a>, observed: &Observed<'a>) -> Self {
        let inventory = observed.inventory;
        let in_groups = observed.auto_scaling_groups.groups().flat_map(|group| &group.instances);
        let ids = inventory.instances.iter().map(|instance| &instance.id).chain(in_groups);
        let names = Names::new(ids.map(String::as_str).collect());
        let mut entries = vec![Entry::default(); names.len()];
        let mut cursor = 0;
        for instance in &inventory.instances {
            if let Some(number) = names.find_after(&instance.id, &mut cursor) {
                entries[number].is_tagged = instance.auto_scaling_group.is_some();
                entries[number].is_single = nodes.singles.contains(instance.id.as_str());
            }
        }
        for group in observed.auto_scaling_groups.groups() {
            let mut cursor = 0;
            for id in &group.instances {
                if let Some(number) = names.find_after(id, &mut cursor) {
                    entries[number].groups.push(group);
                }
            }
        }
        let singles = (0..entries.len()).filter(|number| entries[*number].is_single).collect();
        Instances { names, entries, singles }
    }

    /// The instance with an id, its number and entry. The cursor makes this fast where ids are looked up in order.
    pub fn find_after(&self, id: &str, cursor: &mut usize) -> Option<(usize, &Entry<'a>)> {
        self.names.find_after(id, cursor).map(|number| (number, &self.entries[number]))
    }

    /// The nodes that we register ourselves, by number and id, in order.
    pub fn singles(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.singles.iter().map(|number| (*number, *self.names.get(*number)))
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests;
