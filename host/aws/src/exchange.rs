//! What observer and executor tell each other: which resources were changed, and how they were last seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use albatross_contract::{Inventory, LoadBalancer, Operation, Subnet, TargetGroup, references};

use crate::{error::AwsError, recent::Recent};

/// Shared by all that use one [`Aws`](crate::Aws).
#[derive(Debug, Default)]
pub(crate) struct Exchange(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    changed: Changed,
    /// A hash of each object by its ARN, id or name.
    seen: BTreeMap<String, u64>,
    recent: Recent,
}

/// What was changed since somebody last looked.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// ARNs and ids.
    pub(crate) resources: BTreeSet<String>,
    /// Some security group, or its tags.
    pub(crate) security_groups: bool,
}

impl Exchange {
    /// The executor begins an operation; whatever comes of it, it may be executed.
    pub(crate) fn changes(&self, operation: &Operation) {
        let mut state = self.lock();
        let resources = references::existing(operation);
        state.changed.security_groups |= resources.iter().any(|resource| resource.starts_with("sg-"))
            || matches!(operation, Operation::CreateSecurityGroup(_));
        state.changed.resources.extend(resources);
    }

    /// What was changed since the last call of this.
    pub(crate) fn take_changed(&self) -> Changed {
        std::mem::take(&mut self.lock().changed)
    }

    /// The observer saw everything.
    pub(crate) fn saw(&self, inventory: &Inventory) {
        let mut state = self.lock();
        state.seen = hashes(inventory);
        let State { seen, recent, .. } = &mut *state;
        let instances = inventory.instances.iter().map(|instance| instance.id.as_str());
        recent.saw(seen.keys().map(String::as_str).chain(instances), Instant::now());
    }

    /// The executor made something.
    pub(crate) fn made(&self, resource: &str) {
        self.lock().recent.made(resource, Instant::now());
    }

    /// Whether a resource was made or first seen a short while ago.
    pub(crate) fn is_recent(&self, resource: &str) -> bool {
        self.lock().recent.is_recent(resource, Instant::now())
    }

    /// Whether a resource has been known for longer than that.
    pub(crate) fn is_settled(&self, resource: &str) -> bool {
        self.lock().recent.is_settled(resource, Instant::now())
    }

    /// Whether an error may only say that AWS does not know yet of something recent that this content names.
    pub(crate) fn may_not_be_known_yet(&self, error: &AwsError, content: &str) -> bool {
        self.lock().recent.explains(error, content, Instant::now())
    }

    /// A hash of all objects that a content names: another one when one of them changes, comes or goes.
    pub(crate) fn hash_of_named(&self, content: &str) -> u64 {
        let state = self.lock();
        let named: Vec<_> = state.seen.iter().filter(|(name, _)| content.contains(name.as_str())).collect();
        hash(&named)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What changes by itself all the time is left out: targets and their health, instances, free addresses.
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
    fn what_is_about_to_be_changed_is_told_once() {
        let exchange = Exchange::default();
        exchange.changes(&Operation::AddTags(AddTags {
            resource: ResourceReference::Existing("sg-1".into()),
            tags: Vec::new(),
        }));
        let changed = exchange.take_changed();
        assert_eq!((changed.resources, changed.security_groups), (["sg-1".to_owned()].into(), true));
        assert!(exchange.take_changed().resources.is_empty());
    }

    #[test]
    fn an_object_that_a_content_names_and_that_changes_is_noticed() {
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
