//! The list of actions, while it is being built.

use albatross_contract::{Action, Disruption, ObjectName, Operation, ResourceReference};

use crate::wanted::Destination;

/// The actions so far, each after the actions that it depends on.
#[derive(Default)]
pub struct Actions {
    list: Vec<Action>,
}

/// An action without the fields that are the same for all actions of a load balancer.
pub struct Draft {
    /// The end of its id, after the load balancer's.
    id: String,
    after: Vec<String>,
    objects: Vec<ObjectName>,
    reason: String,
    disruption: Disruption,
    operation: Operation,
}

impl Draft {
    /// An action without dependencies, waiting objects or disruption.
    pub fn new(id: impl Into<String>, reason: impl Into<String>, operation: Operation) -> Self {
        Draft {
            id: id.into(),
            after: Vec::new(),
            objects: Vec::new(),
            reason: reason.into(),
            disruption: Disruption::None,
            operation,
        }
    }

    /// Adds dependencies.
    pub fn after(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.after.extend(ids);
        self
    }

    /// Sets the objects that wait for it.
    pub fn for_objects(mut self, names: &[ObjectName]) -> Self {
        self.objects = names.to_vec();
        self
    }

    /// Sets its disruption.
    pub fn disrupting(mut self, disruption: Disruption) -> Self {
        self.disruption = disruption;
        self
    }
}

impl Actions {
    /// Adds an action and returns its id.
    pub fn push(&mut self, load_balancer: &str, draft: Draft) -> String {
        let id = full_id(load_balancer, &draft.id);
        let mut depends_on = draft.after;
        depends_on.sort();
        depends_on.dedup();
        self.list.push(Action {
            id: id.clone(),
            depends_on,
            load_balancer: load_balancer.to_owned(),
            objects: draft.objects,
            reason: draft.reason,
            disruption: draft.disruption,
            operation: draft.operation,
        });
        id
    }

    /// All actions.
    pub fn into_list(self) -> Vec<Action> {
        self.list
    }
}

/// The id of an action of a load balancer.
fn full_id(load_balancer: &str, end: &str) -> String {
    format!("{load_balancer}/{end}")
}

/// The end of the id of the action that creates a target group.
pub fn makes_target_group(name: &str) -> String {
    format!("target-group/{name}/create")
}

/// The end of the id of the action that creates a security group.
pub fn makes_security_group(name: &str) -> String {
    format!("security-group/{name}/create")
}

/// A security group that the plan creates, as other actions name it; `id` is the id of ours that it carries.
pub fn made_security_group(id: &str, name: &str) -> ResourceReference {
    ResourceReference::CreatedBy(full_id(id, &makes_security_group(name)))
}

/// The end of the id of the action that creates a load balancer.
pub const MAKES_LOAD_BALANCER: &str = "load-balancer/create";

/// The end of the id of the action that creates a listener.
pub fn makes_listener(port: u16) -> String {
    format!("listener/{port}/create")
}

/// A resource as actions of a load balancer name it: by its ARN, or by the action that creates it.
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

/// The action that creates a resource, as a dependency. `None`: the resource exists.
pub fn maker(resource: &ResourceReference) -> Option<String> {
    match resource {
        ResourceReference::CreatedBy(action) => Some(action.clone()),
        ResourceReference::Existing(_) => None,
    }
}
