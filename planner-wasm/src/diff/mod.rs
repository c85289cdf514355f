//! The difference between the wanted state and AWS, as actions in the order that AWS needs.
//!
//! The wanted state is complete: nothing is decided here, and nothing is known about settings, nodes or modes. Only what
//! we manage is compared: unknown tags and attributes stay. In a converged world there are no actions.

mod actions;
mod certificates;
mod deletion_protection;
mod handover;
mod listeners;
mod load_balancers;
mod records;
mod removal;
mod rules;
mod security_groups;
mod tags;
mod target_groups;
mod targets;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use albatross_contract::{Action, LoadBalancerFate};

pub use handover::hand_over;
pub use listeners::action;
pub use records::before as records_before;

use crate::{
    observed::Attachments,
    source::ObjectName,
    wanted::{Leftover, LoadBalancer, Wanted},
};
use actions::Actions;

/// Compares everything; `time` is the time of planning.
pub fn diff(wanted: &Wanted<'_>, attachments: &Attachments<'_>, time: u64) -> Vec<Action> {
    let mut actions = Actions::default();
    if !wanted.can_write {
        return actions.into_list();
    }
    let opened = security_groups::open_targets(&wanted.targets, &mut actions);
    let there = There { attachments, time, opened: &opened };
    let load_balancers = wanted.load_balancers.iter().map(Subject::LoadBalancer);
    let mut all: Vec<Subject<'_, '_>> =
        load_balancers.chain(wanted.leftovers.iter().map(Subject::Leftover)).collect();
    // In the order in which load balancers were opened: after a crash, the first Ingresses find the load balancers that
    // were created first.
    all.sort_by(|left, right| left.order().cmp(&right.order()));
    for subject in all {
        match subject {
            Subject::LoadBalancer(wanted) => load_balancer(wanted, &there, &mut actions),
            Subject::Leftover(left) if left.goes => removal::remove(left.owned, &there, &mut actions),
            Subject::Leftover(left) => tags::mark_leftover(left, &mut actions),
        }
    }
    security_groups::close_targets(&wanted.targets, &opened, &mut actions);
    actions.into_list()
}

/// The observed state that is needed in addition to the resources that `wanted` names.
struct There<'a> {
    attachments: &'a Attachments<'a>,
    /// The time of planning.
    time: u64,
    /// The ids of the actions after which the targets admit the load balancers of route mode.
    opened: &'a [String],
}

/// All resources with one id of ours.
enum Subject<'a, 'b> {
    LoadBalancer(&'b LoadBalancer<'a>),
    Leftover(&'b Leftover<'a>),
}

impl Subject<'_, '_> {
    fn order(&self) -> (Option<usize>, &str) {
        match self {
            Subject::LoadBalancer(wanted) => (wanted.opened, &wanted.id),
            Subject::Leftover(left) => (None, left.owned.id),
        }
    }
}

fn load_balancer(wanted: &LoadBalancer<'_>, there: &There<'_>, actions: &mut Actions) {
    if wanted.fate == LoadBalancerFate::Release {
        wanted.owned.into_iter().for_each(|owned| handover::release(owned, &wanted.ownership, actions));
        return;
    }
    if wanted.fate == LoadBalancerFate::Delete {
        if let Some(owned) = wanted.owned {
            removal::remove(owned, there, actions);
        }
        return;
    }
    if !wanted.is_managed {
        return; // its owner, or that of one of its target groups, is not known
    }
    let exists = wanted.owned.is_some_and(|owned| owned.load_balancer.is_some());
    // Ingresses that wait for a load balancer also wait for everything that it needs.
    let waiting = if exists { Vec::new() } else { names(&wanted.members) };
    for group in &wanted.target_groups {
        target_groups::compare(group, wanted, &waiting, actions);
    }
    for group in &wanted.target_groups {
        targets::compare(group, wanted, &waiting, actions);
    }
    let admits = security_groups::open(wanted, &waiting, actions);
    let after = if wanted.firewall.reaches_targets { there.opened } else { &[] };
    let set = load_balancers::compare(wanted, &waiting, admits.iter().chain(after), actions);
    security_groups::close(wanted, &admits, set.as_ref(), actions);
    let changes = listeners::compare(wanted, there.time, actions);
    tags::compare(wanted, &changes, actions);
    removal::retire(wanted, there, actions);
}

/// Objects as actions name them.
fn names(objects: &[ObjectName<'_>]) -> Vec<albatross_contract::ObjectName> {
    objects.iter().map(ObjectName::owned).collect()
}
