//! The actions of a plan, indexed by id, with their dependencies.

use std::collections::BTreeSet;

use albatross_contract::{Action, Operation, Plan, ResourceReference};

use super::index::Map;

/// The actions of a plan, indexed.
pub(crate) struct Actions<'a> {
    pub(crate) list: &'a [Action],
    by_id: Map<&'a str, usize>,
    dependencies: Lists,
    dependents: Lists,
    /// Indices of the actions that delete a load balancer, by its ARN.
    deletions: Map<&'a str, usize>,
}

impl<'a> Actions<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        let mut by_id: Map<&str, usize> =
            Map::with_capacity_and_hasher(plan.actions.len(), Default::default());
        let mut dependencies = Lists::default();
        let mut deletions = Map::default();
        for (index, action) in plan.actions.iter().enumerate() {
            dependencies.push(action.depends_on.iter().filter_map(|id| by_id.get(id.as_str()).copied()));
            by_id.entry(&action.id).or_insert(index);
            if let Operation::DeleteLoadBalancer(ResourceReference::Existing(arn)) = &action.operation {
                deletions.insert(arn.as_str(), index);
            }
        }
        let dependents = dependencies.inverted();
        Actions { list: &plan.actions, by_id, dependencies, dependents, deletions }
    }

    /// The actions with their indices in the plan.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a Action)> {
        self.list.iter().enumerate()
    }

    /// The index of the action with an id; of the first, if there are several.
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Whether an action runs only after another has succeeded, directly or through others.
    pub(crate) fn depends(&self, later: usize, earlier: usize) -> bool {
        if self.dependencies.of(later).contains(&earlier) {
            return true; // the usual case
        }
        let mut seen = BTreeSet::new();
        let mut open = vec![later];
        while let Some(index) = open.pop() {
            let direct = self.dependencies.of(index);
            if direct.contains(&earlier) {
                return true;
            }
            // Dependencies come earlier in the plan, so an action before `earlier` cannot depend on it.
            open.extend(direct.iter().filter(|next| **next > earlier && seen.insert(**next)));
        }
        false
    }

    /// The actions that an action names as its dependencies, and those that name it.
    pub(crate) fn neighbours(&self, index: usize) -> impl Iterator<Item = &'a Action> {
        self.dependencies.of(index).iter().chain(self.dependents.of(index)).map(|other| &self.list[*other])
    }

    /// The action that deletes a load balancer.
    pub(crate) fn deletion(&self, load_balancer: &str) -> Option<usize> {
        self.deletions.get(load_balancer).copied()
    }

    /// The load balancer of a listener that an action creates.
    pub(crate) fn load_balancer_of_made(
        &self,
        listener: &ResourceReference,
    ) -> Option<&'a ResourceReference> {
        let ResourceReference::CreatedBy(id) = listener else { return None };
        match &self.list[self.index(id)?].operation {
            Operation::CreateListener(create) => Some(&create.load_balancer),
            _ => None,
        }
    }
}

/// A list of numbers for each action, one after the other.
#[derive(Default)]
struct Lists {
    ends: Vec<usize>,
    all: Vec<usize>,
}

impl Lists {
    /// Adds the list of the next action.
    fn push(&mut self, list: impl Iterator<Item = usize>) {
        self.all.extend(list);
        self.ends.push(self.all.len());
    }

    /// The list of an action.
    fn of(&self, index: usize) -> &[usize] {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[begin..self.ends[index]]
    }

    /// For each action, the actions whose lists contain it, in order.
    fn inverted(&self) -> Lists {
        let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(self.all.len());
        for index in 0..self.ends.len() {
            pairs.extend(self.of(index).iter().map(|held| (*held, index)));
        }
        pairs.sort_unstable();
        let mut inverted = Lists::default();
        let mut rest = pairs.as_slice();
        for index in 0..self.ends.len() {
            let (of_this, others) = rest.split_at(rest.partition_point(|(held, _)| *held == index));
            inverted.push(of_this.iter().map(|(_, holder)| *holder));
            rest = others;
        }
        inverted
    }
}
