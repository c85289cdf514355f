//! The state that observer and executor share: which resources were changed, and how they were last observed.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use albatross_contract::{Inventory, LoadBalancer, Operation, Subnet, TargetGroup};

use crate::{changed::Changed, error::AwsError, recent::Recent};

/// Shared by every observer and executor of one [`Aws`](crate::Aws).
#[derive(Debug, Default)]
pub(crate) struct Exchange(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    changed: Changed,
    /// A hash of each object by its ARN, id or name.
    seen: BTreeMap<String, u64>,
    recent: Recent,
}

impl Exchange {
    /// The executor begins an operation. Even if the operation fails, AWS may have executed it.
    pub(crate) fn changes(&self, operation: &Operation) {
        self.lock().changed.add(operation);
    }

    /// An operation failed.
    pub(crate) fn failed(&self) {
        self.lock().changed.add_failure();
    }

    /// The changes since the last call of this function.
    pub(crate) fn take_changed(&self) -> Changed {
        std::mem::take(&mut self.lock().changed)
    }

    /// The observer has completed an observation.
    pub(crate) fn saw(&self, inventory: &Inventory) {
        let mut state = self.lock();
        state.seen = hashes(inventory);
        let State { seen, recent, .. } = &mut *state;
        let instances = inventory.instances.iter().map(|instance| instance.id.as_str());
        recent.saw(seen.keys().map(String::as_str).chain(instances), Instant::now());
    }

    /// The executor created a resource.
    pub(crate) fn made(&self, resource: &str) {
        self.lock().recent.made(resource, Instant::now());
    }

    /// Whether a resource was created or first seen a short while ago.
    pub(crate) fn is_recent(&self, resource: &str) -> bool {
        self.lock().recent.is_recent(resource, Instant::now())
    }

    /// Whether a resource is known and no longer recent.
    pub(crate) fn is_settled(&self, resource: &str) -> bool {
        self.lock().recent.is_settled(resource, Instant::now())
    }

    /// Whether the cause of an error may be that a recent resource, which this content names, is not visible yet.
    pub(crate) fn may_not_be_known_yet(&self, error: &AwsError, content: &str) -> bool {
        self.lock().recent.explains(error, content, Instant::now())
    }

    /// A hash of all objects that a content names. It differs when one of the objects changes, appears or disappears.
    pub(crate) fn hash_of_named(&self, content: &str) -> u64 {
        let state = self.lock();
        let named: Vec<_> = state.seen.iter().filter(|(name, _)| content.contains(name.as_str())).collect();
        hash(&named)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hash of each object, without the parts that change all the time: targets and their health, instances, free addresses.
fn hashes(inventory: &Inventory) -> BTreeMap<String, u64> {
    let mut hashes = BTreeMap::new();
    for found in &inventory.load_balancers {
        let stable = LoadBalancer { listeners: Vec::new(), ..found.clone() };
        hashes.insert(found.arn.clone(), hash(&stable));
        hashes.extend(found.listeners.iter().map(|listener| (listener.arn.clone(), hash(listener))));
    }
    for found in &inventory.target_groups {
        let stable = TargetGroup { targets: Vec::new(), ..found.clone() };
        hashes.insert(found.arn.clone(), hash(&stable));
    }
    for found in &inventory.subnets {
        let stable = Subnet { free_addresses: 0, ..found.clone() };
        hashes.insert(found.id.clone(), hash(&stable));
    }
    hashes.extend(inventory.security_groups.iter().map(|found| (found.id.clone(), hash(found))));
    hashes.extend(inventory.certificates.iter().map(|found| (found.arn.clone(), hash(found))));
    let zones = inventory.hosted_zones.iter().flatten();
    hashes.extend(zones.map(|found| (found.id.clone(), hash(found))));
    let groups = inventory.auto_scaling_groups.iter();
    hashes.extend(groups.map(|found| (found.name.clone(), hash(&found.target_groups))));
    hashes
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use albatross_contract::{AddTags, ResourceReference};
    use albatross_stories::world;

    use super::*;

    #[test]
    fn each_change_is_reported_once() {
        let exchange = Exchange::default();
        exchange.changes(&Operation::AddTags(AddTags {
            resource: ResourceReference::Existing("sg-1".into()),
            tags: Vec::new(),
        }));
        let changed = exchange.take_changed();
        assert_eq!(changed, Changed { security_groups: true, ..Changed::default() });
        assert_eq!(exchange.take_changed(), Changed::default());
    }

    #[test]
    fn the_hash_differs_when_an_object_that_the_content_names_changes() {
        let (_, mut inventory) = world();
        let group = inventory.security_groups[0].id.clone();
        let content = format!("{{\"security-groups\":[\"{group}\"]}}");
        let exchange = Exchange::default();
        exchange.saw(&inventory);
        let before = exchange.hash_of_named(&content);
        inventory.subnets[0].free_addresses += 1;
        inventory.subnets[0].tags.clear();
        exchange.saw(&inventory);
        assert_eq!(exchange.hash_of_named(&content), before, "it names no subnet");
        inventory.security_groups[0].description = "another".into();
        exchange.saw(&inventory);
        assert_ne!(exchange.hash_of_named(&content), before);
    }
}
