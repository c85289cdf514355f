//! Forwarding: what listeners send requests to. Each of them keeps what answers it until another can take over.

use albatross_contract::{
    ForwardAction, ListenerAction, ResourceReference, TargetGroup, WeightedTargetGroup,
};

use crate::observed::Owned;

/// What listeners forward to.
#[derive(Clone)]
pub struct Forwarding {
    /// The target group that fits the settings. `None`: it is not known whether there is one.
    pub current: Option<ResourceReference>,
    /// Its name.
    pub name: String,
    /// Port of its targets.
    pub port: u16,
    /// Target groups with their weights, as a listener that is made has them. Empty: listeners stay as they are.
    pub groups: Vec<WeightedTargetGroup>,
    /// Target groups of ours that listeners send requests to now.
    pub serving: Vec<ResourceReference>,
    /// Whether a listener that one of ours serves stays with it: none can take over yet.
    pub stays: bool,
}

impl Forwarding {
    /// The default action of a listener that is made.
    pub fn action(&self) -> ListenerAction {
        forward(self.groups.clone())
    }

    /// The default action that a listener should have instead of what it does. `None`: it does it already. A single
    /// group gets everything, whatever its weight. Where nothing is known of the target groups, whatever it does stays.
    pub fn instead_of(&self, actions: &[ListenerAction]) -> Option<ListenerAction> {
        let wanted = match self.answering(actions).filter(|_| self.stays) {
            Some(answering) => self.groups_behind(answering),
            None => self.groups.clone(),
        };
        let done = match actions {
            [ListenerAction::Forward(forward)] => shape(&forward.target_groups) == shape(&wanted),
            _ => false,
        };
        (!done && !self.groups.is_empty()).then(|| forward(wanted))
    }

    /// The one target group of ours that answers a listener.
    fn answering<'a>(&self, actions: &'a [ListenerAction]) -> Option<&'a ResourceReference> {
        let mut asked = actions.iter().flat_map(asked);
        asked.next().filter(|group| asked.next().is_none() && self.serving.contains(group))
    }

    /// The groups with another one in the place of that which gets the requests. Listeners may have come apart: one has
    /// moved on, and the next failed or was not reached any more.
    fn groups_behind(&self, answering: &ResourceReference) -> Vec<WeightedTargetGroup> {
        let waiting =
            self.groups.iter().filter(|group| group.weight == 0 && group.target_group != *answering);
        [weighted(answering.clone(), 1)].into_iter().chain(waiting.cloned()).collect()
    }
}

/// A target group with a weight.
pub fn weighted(target_group: ResourceReference, weight: u16) -> WeightedTargetGroup {
    WeightedTargetGroup { target_group, weight }
}

/// The target groups of ours that the listeners of a load balancer send requests to, in the order of their ARNs.
pub fn serving<'a>(owned: &Owned<'a>) -> Vec<&'a TargetGroup> {
    let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
    let asked: Vec<&ResourceReference> =
        listeners.flat_map(|listener| &listener.default_actions).flat_map(asked).collect();
    let is_asked = |group: &&TargetGroup| {
        asked.iter().any(|asked| matches!(asked, ResourceReference::Existing(arn) if *arn == group.arn))
    };
    let mut serving: Vec<&TargetGroup> = owned.target_groups.iter().copied().filter(is_asked).collect();
    serving.sort_by(|left, right| left.arn.cmp(&right.arn));
    serving
}

/// The target groups that an action sends requests to.
fn asked(action: &ListenerAction) -> impl Iterator<Item = &ResourceReference> {
    let groups = match action {
        ListenerAction::Forward(forward) => forward.target_groups.as_slice(),
        _ => &[],
    };
    let single = groups.len() == 1;
    groups.iter().filter(move |group| single || group.weight > 0).map(|group| &group.target_group)
}

fn forward(target_groups: Vec<WeightedTargetGroup>) -> ListenerAction {
    ListenerAction::Forward(ForwardAction { target_groups, stickiness: None })
}

/// Target groups and weights, spelled alike.
fn shape(groups: &[WeightedTargetGroup]) -> Vec<(&ResourceReference, u16)> {
    let mut shape: Vec<_> = groups.iter().map(|group| (&group.target_group, group.weight)).collect();
    if let [only] = shape.as_mut_slice() {
        only.1 = 1;
    }
    shape.sort();
    shape
}
