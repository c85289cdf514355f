//! The list of actions while it grows.

use albatross_contract::{Action, Disruption, Operation, ResourceReference};

use crate::wanted::Destination;

/// Actions so far, each after all that it depends on.
#[derive(Default)]
pub struct Actions {
    list: Vec<Action>,
}

/// An action without what is the same for all actions of one load balancer.
pub struct Draft {
    /// The end of its id, after the load balancer's.
    id: String,
    after: Vec<String>,
    ingresses: Vec<String>,
    reason: String,
    disruption: Disruption,
    operation: Operation,
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
        let id = full_id(load_balancer, &draft.id);
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

    /// All of them.
    pub fn into_list(self) -> Vec<Action> {
        self.list
    }
}

/// The id of an action of a load balancer.
fn full_id(load_balancer: &str, end: &str) -> String {
    format!("{load_balancer}/{end}")
}

/// The end of the id of the action that makes a target group.
pub fn makes_target_group(name: &str) -> String {
    format!("target-group/{name}/create")
}

/// The end of the id of the action that makes a load balancer.
pub const MAKES_LOAD_BALANCER: &str = "load-balancer/create";

/// The end of the id of the action that makes a listener.
pub fn makes_listener(port: u16) -> String {
    format!("listener/{port}/create")
}

/// A resource as actions of a load balancer name it: by its ARN, or by the action that makes it.
pub fn reference(
    load_balancer: &str,
    arn: Option<&str>,
    makes: impl FnOnce() -> String,
) -> ResourceReference {
    match arn {
        Some(arn) => ResourceReference::Existing(arn.to_owned()),
        None => ResourceReference::CreatedBy(full_id(load_balancer, &makes())),
    }
}

/// A target group as actions of a load balancer name it.
pub fn target_group(load_balancer: &str, destination: &Destination<'_>) -> ResourceReference {
    match destination {
        Destination::Existing(arn) => ResourceReference::Existing((*arn).to_owned()),
        Destination::Made(name) => {
            ResourceReference::CreatedBy(full_id(load_balancer, &makes_target_group(name)))
        }
    }
}

/// The action that makes a resource, as something to wait for; nothing for one that exists.
pub fn maker(resource: &ResourceReference) -> Option<String> {
    match resource {
        ResourceReference::CreatedBy(action) => Some(action.clone()),
        ResourceReference::Existing(_) => None,
    }
}
