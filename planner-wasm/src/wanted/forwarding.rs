//! Forwarding: the target groups to which listeners send requests. A listener keeps its target group until another one
//! can take over.
//!
//! AWS lets a target group serve only one load balancer, so each load balancer has its own. To change a property that AWS
//! cannot change (protocol, port, target type), a new target group is created for the same load balancer. It joins the
//! forward action with weight 0, since AWS does not check target groups that no listener uses, and takes over when it is
//! healthy.

use albatross_contract::{
    AutoScalingGroup, Diagnostic, DiagnosticCode, ListenerAction, LoadBalancerKind, ResourceReference,
    TargetGroup,
};

use crate::{
    backends::{Backends, Room, TargetGroupForm},
    diagnostics::{Details, Subject, error, warning},
    observed::{Concern, Health, Observed, Owned},
};

/// A target group that a listener can send requests to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination<'a> {
    /// An existing target group, by ARN.
    Existing(&'a str),
    /// A target group that is created, by name.
    Made(String),
}

/// A target group and its share of the requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Forward<'a> {
    /// The target group.
    pub to: Destination<'a>,
    /// 0 to 999. With 0 it is checked, but gets no requests.
    pub weight: u16,
}

impl<'a> Forward<'a> {
    fn new(to: Destination<'a>, weight: u16) -> Self {
        Forward { to, weight }
    }
}

/// The load balancer whose listeners forward requests, and to what.
#[derive(Clone, Copy)]
pub struct On<'a, 'b> {
    /// Its name.
    pub name: &'b str,
    /// Its kind.
    pub kind: LoadBalancerKind,
    /// Its resources in AWS.
    pub owned: Option<&'a Owned<'a>>,
    /// The form of the target group that gets the requests in the end.
    pub form: &'a TargetGroupForm<'a>,
    /// The port of the only listener that forwards to it. `None`: all listeners do.
    pub port: Option<u16>,
}

/// What the listeners of one load balancer forward to.
pub struct Forwarding<'a> {
    /// The target group that should get the requests. `None`: it is not known whether it exists.
    pub current: Option<Current<'a>>,
    /// Target groups with their weights, as a new listener has them. Empty: listeners stay as they are.
    pub groups: Vec<Forward<'a>>,
    /// Our target groups to which listeners send requests now, in the order of their ARNs.
    pub serving: Vec<&'a TargetGroup>,
    /// Whether a listener that forwards to one of our target groups keeps it, since no other can take over yet.
    stays: bool,
}

/// The target group that gets the requests in the end.
pub struct Current<'a> {
    /// Its name.
    pub name: String,
    /// The target group in AWS. `None`: it is created.
    pub there: Option<&'a TargetGroup>,
    /// Whether it is given the wanted form; otherwise it stays as it is.
    pub is_formed: bool,
    /// Whether it is the wanted target group, and not one that is only kept.
    pub is_fitting: bool,
}

impl<'a> Current<'a> {
    /// The reference to it in listeners.
    pub fn destination(&self) -> Destination<'a> {
        match self.there {
            Some(group) => Destination::Existing(&group.arn),
            None => Destination::Made(self.name.clone()),
        }
    }
}

impl<'a> Forwarding<'a> {
    /// Decides for a load balancer.
    pub fn new(
        on: &On<'a, '_>,
        backends: &Backends<'a>,
        room: &Room<'a>,
        observed: &Observed<'a>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let On { name, kind, owned, form, port } = *on;
        let fitting = owned.and_then(|owned| form.fitting(owned));
        let serving = owned.map(|owned| serving(owned, port)).unwrap_or_default();
        // A target group that a listener still sends requests to and that does not fit is the previous one.
        let is_fitting = |group: &&&TargetGroup| fitting.is_some_and(|fitting| fitting.arn == group.arn);
        let forwarded = serving.iter().find(|group| !is_fitting(group)).or(serving.first()).copied();
        let can_change = observed.completeness.allows_for(Concern::ChangeTargets, owned);
        if let Some(old) = forwarded
            && kind == LoadBalancerKind::Network
            && observed.inventory.quotas.target_groups_per_network_load_balancer_action < 2
            && fitting.is_none_or(|group| group.arn != old.arn)
        {
            diagnostics.push(no_weights(&old.name, form.port));
            return keep(old, serving);
        }
        if let Some(group) = fitting {
            let before = forwarded.filter(|old| old.arn != group.arn && !Health::of(group).can_take_over());
            let name = group.name.clone();
            return follow(
                before,
                Current { name, there: Some(group), is_formed: can_change, is_fitting: true },
                serving,
            );
        }
        let full = full_auto_scaling_group(backends, room, observed);
        if let (Some(old), true) = (forwarded, !can_change || full.is_some()) {
            diagnostics.extend(full.map(|group| no_room(&old.name, group, form.port)));
            return keep(old, serving);
        }
        if forwarded.is_none() && owned.is_some() && !observed.completeness.allows(Concern::MakeTargetGroup) {
            return nowhere();
        }
        let name = format!("{name}-{}", form.suffix);
        if observed.unclear(&name).is_some() {
            return forwarded.map_or_else(nowhere, |old| keep(old, serving));
        }
        // Somebody removed our tags or took the name: nothing changes, and a person has to look at it.
        if observed.is_target_group_name(&name) {
            diagnostics.push(name_taken(&name));
            return forwarded.map_or_else(nowhere, |old| keep(old, serving));
        }
        follow(forwarded, Current { name, there: None, is_formed: true, is_fitting: true }, serving)
    }

    /// What a listener with these actions should forward to.
    pub fn instead_of(&self, actions: &'a [ListenerAction]) -> Vec<Forward<'a>> {
        match self.answering(actions).filter(|_| self.stays && !self.groups.is_empty()) {
            Some(answering) => self.groups_behind(answering),
            None => self.groups.clone(),
        }
    }

    /// The target group of ours that alone gets the requests of a listener.
    fn answering(&self, actions: &'a [ListenerAction]) -> Option<&'a str> {
        let mut asked = actions.iter().flat_map(asked);
        let is_serving = |arn: &&str| self.serving.iter().any(|group| group.arn == *arn);
        asked.next().filter(|arn| asked.next().is_none() && is_serving(arn))
    }

    /// The wanted target groups, but with another one that gets the requests. Listeners may differ: one was modified, and the
    /// modification of the next failed or was not executed.
    fn groups_behind(&self, answering: &'a str) -> Vec<Forward<'a>> {
        let answering = Destination::Existing(answering);
        let waiting = self.groups.iter().filter(|group| group.weight == 0 && group.to != answering);
        let waiting: Vec<Forward<'_>> = waiting.cloned().collect();
        [Forward::new(answering, 1)].into_iter().chain(waiting).collect()
    }
}

/// Requests go to the current target group. As long as the previous one serves, the current one waits with weight 0.
fn follow<'a>(
    before: Option<&'a TargetGroup>,
    current: Current<'a>,
    serving: Vec<&'a TargetGroup>,
) -> Forwarding<'a> {
    let groups = match before {
        Some(old) => {
            vec![Forward::new(Destination::Existing(&old.arn), 1), Forward::new(current.destination(), 0)]
        }
        None => vec![Forward::new(current.destination(), 1)],
    };
    Forwarding { current: Some(current), groups, serving, stays: before.is_some() }
}

/// Requests go where they go now.
fn keep<'a>(old: &'a TargetGroup, serving: Vec<&'a TargetGroup>) -> Forwarding<'a> {
    let current = Current { name: old.name.clone(), there: Some(old), is_formed: false, is_fitting: false };
    let groups = vec![Forward::new(current.destination(), 1)];
    Forwarding { current: Some(current), groups, serving, stays: true }
}

/// Listeners stay as they are, and none is created.
fn nowhere<'a>() -> Forwarding<'a> {
    Forwarding { current: None, groups: Vec::new(), serving: Vec::new(), stays: true }
}

/// Our target groups to which the listeners of a load balancer, or the one on this port, send requests, in the order of their
/// ARNs.
fn serving<'a>(owned: &'a Owned<'a>, port: Option<u16>) -> Vec<&'a TargetGroup> {
    let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
    let listeners = listeners.filter(|listener| port.is_none_or(|port| listener.port == port));
    let asked: Vec<&str> = listeners.flat_map(|listener| &listener.default_actions).flat_map(asked).collect();
    owned.target_groups.iter().copied().filter(|group| asked.contains(&group.arn.as_str())).collect()
}

/// ARNs of the target groups to which an action sends requests. A single target group gets all requests, whatever its
/// weight.
pub fn asked(action: &ListenerAction) -> impl Iterator<Item = &str> {
    let groups = match action {
        ListenerAction::Forward(forward) => forward.target_groups.as_slice(),
        _ => &[],
    };
    let single = groups.len() == 1;
    groups.iter().filter(move |group| single || group.weight > 0).filter_map(|group| {
        match &group.target_group {
            ResourceReference::Existing(arn) => Some(arn.as_str()),
            ResourceReference::CreatedBy(_) => None,
        }
    })
}

fn full_auto_scaling_group<'a>(
    backends: &Backends<'a>,
    room: &Room<'a>,
    observed: &Observed<'a>,
) -> Option<&'a AutoScalingGroup> {
    let mut groups =
        backends.auto_scaling_groups().filter_map(|name| observed.auto_scaling_groups.group(name));
    groups.find(|group| room.is_full(group))
}

fn no_room(target_group: &str, auto_scaling_group: &AutoScalingGroup, port: u16) -> Diagnostic {
    let message = format!(
        "it should be replaced by a target group on port {port}, but Auto Scaling Group {} already has as many target \
         groups as its quota allows; it stays",
        auto_scaling_group.name
    );
    warning(DiagnosticCode::AutoScalingGroupFull, Subject::Resource(target_group), message)
        .field("port")
        .remedy("detach target groups that the Auto Scaling Group does not need, or raise the quota")
}

/// AWS checks no target group that no listener uses. Without weights, the listeners would have to send requests to targets of
/// which nothing is known.
fn no_weights(target_group: &str, port: u16) -> Diagnostic {
    let message = format!(
        "it should be replaced by a target group on port {port}, but in this account an action of a network load balancer can \
         have only one target group, so the new one could not be checked before it gets requests; it stays"
    );
    warning(DiagnosticCode::QuotaExhausted, Subject::Resource(target_group), message)
        .field("port")
        .remedy("raise the quota for target groups per action on network load balancers")
}

fn name_taken(target_group: &str) -> Diagnostic {
    let message = "a target group of this name exists and does not carry our tags: listeners and targets stay as they \
                   are";
    error(DiagnosticCode::NameTaken, Subject::Resource(target_group), message)
        .remedy("add the tags again, or delete the target group")
}

#[cfg(test)]
mod tests;
