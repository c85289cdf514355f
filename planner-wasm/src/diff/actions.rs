//! The list of actions while it grows.

use albatross_contract::{Action, Disruption, Operation, ResourceReference};

/// Actions so far, each after all that it depends on.
#[derive(Default)]
pub struct Actions {
    list: Vec<Action>,
}

/// An action without what is the same for all actions of one load balancer.
pub struct Draft {
    /// The end of its id, after the load balancer's.
    pub id: String,
    /// Ids of actions that come first.
    pub after: Vec<String>,
    /// Who waits for it.
    pub ingresses: Vec<String>,
    /// Why.
    pub reason: String,
    /// What it costs.
    pub disruption: Disruption,
    /// What is done.
    pub operation: Operation,
}

impl Draft {
    /// An action that depends on nothing, that nobody waits for, and that costs nothing.
    pub fn new(id: impl Into<String>, reason: impl Into<String>, operation: Operation) -> Self {
        Draft {
            id: id.into(),
            after: Vec::new(),
            ingresses: Vec::new(),
            reason: reason.into(),
            disruption: Disruption::None,
            operation,
        }
    }

    /// Puts it after others.
    pub fn after(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.after.extend(ids);
        self
    }

    /// Says who waits for it.
    pub fn for_ingresses(mut self, names: &[String]) -> Self {
        self.ingresses = names.to_vec();
        self
    }

    /// Says what it costs.
    pub fn disrupting(mut self, disruption: Disruption) -> Self {
        self.disruption = disruption;
        self
    }
}

impl Actions {
    /// Adds an action and answers its id.
    pub fn push(&mut self, load_balancer: &str, draft: Draft) -> String {
        let id = format!("{load_balancer}/{}", draft.id);
        let mut depends_on = draft.after;
        depends_on.sort();
        depends_on.dedup();
        self.list.push(Action {
            id: id.clone(),
            depends_on,
            load_balancer: load_balancer.to_owned(),
            ingresses: draft.ingresses,
            reason: draft.reason,
            disruption: draft.disruption,
            operation: draft.operation,
        });
        id
    }

    /// How many target groups are attached to an Auto Scaling Group so far.
    pub fn attached_to(&self, auto_scaling_group: &str) -> usize {
        let attached = |action: &&Action| matches!(&action.operation, Operation::AttachTargetGroup(input) if input.auto_scaling_group == auto_scaling_group);
        self.list.iter().filter(attached).count()
    }

    /// All of them.
    pub fn into_list(self) -> Vec<Action> {
        self.list
    }
}

/// The action that makes a resource, as something to wait for; nothing for one that exists.
pub fn maker(resource: &ResourceReference) -> Option<String> {
    match resource {
        ResourceReference::CreatedBy(action) => Some(action.clone()),
        ResourceReference::Existing(_) => None,
    }
}
