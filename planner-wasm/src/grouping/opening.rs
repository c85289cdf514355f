//! Opening: what a new load balancer needs, and whether there is room for it.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{DiagnosticCode, LoadBalancerKind, PolicyPoint, Scheme};

use super::{Place, Slot, Slots};
use crate::{
    identity::{load_balancer_id, load_balancer_name, proxy_target_group_name},
    network::{
        security_groups::{self, Lack},
        subnets::{self, Choice},
    },
    nodes::Nodes,
    observed::{Concern, Observed},
    policies::Points,
    words,
};

/// Why no load balancer can be opened.
#[derive(Clone, Debug)]
pub struct Obstacle {
    /// Which reason.
    pub code: DiagnosticCode,
    /// In words.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// Whether it is only that something is not known.
    pub waits: bool,
}

/// Opens load balancers and counts what they use.
pub struct Opener<'a> {
    observed: &'a Observed<'a>,
    obstacles: BTreeMap<Scheme, Option<Obstacle>>,
    load_balancers: usize,
    target_groups: usize,
    room: BTreeMap<&'a str, usize>,
}

impl<'a> Opener<'a> {
    /// Looks once at what all new load balancers need.
    pub fn new(
        observed: &'a Observed<'a>,
        slots: &Slots<'a>,
        nodes: &Nodes<'a>,
        choices: &[Choice<'a>; 2],
        points: &Points<'_>,
    ) -> Self {
        let inventory = observed.inventory;
        let applications = inventory
            .load_balancers
            .iter()
            .filter(|found| found.kind == LoadBalancerKind::Application)
            .count();
        let mut opener = Opener {
            observed,
            obstacles: BTreeMap::new(),
            load_balancers: applications,
            target_groups: inventory.target_groups.len(),
            room: room_at_auto_scaling_groups(observed, slots, nodes),
        };
        for (scheme, choice) in [Scheme::InternetFacing, Scheme::Internal].into_iter().zip(choices) {
            let obstacle = opener.look(nodes, choice, points);
            opener.obstacles.insert(scheme, obstacle);
        }
        opener
    }

    fn look(&self, nodes: &Nodes<'a>, choice: &Choice<'a>, points: &Points<'_>) -> Option<Obstacle> {
        let observed = self.observed;
        let obstacle = |code, message: String, remedy: &str, waits| {
            Some(Obstacle { code, message, remedy: remedy.to_owned(), waits })
        };
        if let Some(missing) = observed.completeness.explain(Concern::OpenLoadBalancer) {
            return obstacle(DiagnosticCode::ViewIncomplete, missing, "wait until all can be read", true);
        }
        if points.is_frozen(PolicyPoint::Subnets) {
            let message = "the policy for subnets is not asked, since it failed".to_owned();
            return obstacle(DiagnosticCode::PolicyFrozen, message, "mend the policy", true);
        }
        if !nodes.usable {
            let message = "the node filters cannot be understood".to_owned();
            return obstacle(DiagnosticCode::NodeFiltersInvalid, message, "correct proxy.node-filters", true);
        }
        let limit = observed.inventory.quotas.targets_per_load_balancer;
        if nodes.count > limit {
            let message =
                format!("{} nodes are more than the {limit} targets of a load balancer", nodes.count);
            return obstacle(
                DiagnosticCode::QuotaExhausted,
                message,
                "narrow proxy.node-filters, or raise the quota",
                false,
            );
        }
        if choice.chosen.len() < subnets::MINIMUM {
            let message = subnets::too_few(choice, observed);
            let remedy = subnets::too_few_remedy(choice, observed);
            return obstacle(DiagnosticCode::SubnetsTooFew, message, &remedy, false);
        }
        match security_groups::choose(observed, &[]) {
            Ok(_) => None,
            Err(Lack::Unknown(message)) => obstacle(DiagnosticCode::ViewIncomplete, message, "wait", true),
            Err(Lack::None(message)) => {
                let remedy = "tag one, or name one in the settings";
                obstacle(DiagnosticCode::SecurityGroupNone, message, remedy, false)
            }
        }
    }

    /// Opens a load balancer with the smallest ordinal that none has. Should a half-made one have it, that one is
    /// completed.
    pub fn open(&mut self, scheme: Scheme, slots: &Slots<'a>) -> Result<Slot<'a>, Obstacle> {
        if let Some(Some(obstacle)) = self.obstacles.get(&scheme) {
            return Err(obstacle.clone());
        }
        let observed = self.observed;
        let id = free_id(scheme, slots, observed);
        let owned = observed.owned.get(&id);
        let half_made = owned.is_some_and(|owned| owned.load_balancer.is_some());
        let groups_there = owned.map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
        self.check_quotas(&id, half_made, groups_there.is_empty())?;
        let attached = |group: &str| {
            observed.auto_scaling_groups.get(group).is_some_and(|found| {
                groups_there.iter().any(|target_group| found.target_groups.contains(&target_group.arn))
            })
        };
        let needy: BTreeSet<&str> = self.room.keys().copied().filter(|group| !attached(group)).collect();
        if let Some(group) = needy.iter().find(|group| self.room.get(*group) == Some(&0)) {
            let limit = observed.inventory.quotas.target_groups_per_auto_scaling_group;
            return Err(Obstacle {
                code: DiagnosticCode::AutoScalingGroupFull,
                message: format!(
                    "Auto Scaling Group {group} has all of the {limit} target groups that it may have"
                ),
                remedy: "detach what it does not need, or raise the quota".to_owned(),
                waits: false,
            });
        }
        for group in needy {
            if let Some(room) = self.room.get_mut(group) {
                *room -= 1;
            }
        }
        self.load_balancers += usize::from(!half_made);
        self.target_groups += usize::from(groups_there.is_empty());
        Ok(Slot::open(id, owned, scheme, self.observed))
    }

    fn check_quotas(&self, id: &str, half_made: bool, needs_target_group: bool) -> Result<(), Obstacle> {
        let observed = self.observed;
        let quotas = &observed.inventory.quotas;
        let full = |what: &str, limit: u32| {
            Err(Obstacle {
                code: DiagnosticCode::QuotaExhausted,
                message: format!("the account has all of its {limit} {what}"),
                remedy: "raise the quota, or remove what is not used".to_owned(),
                waits: false,
            })
        };
        if let Some((what, name)) = taken(id, observed) {
            return Err(Obstacle {
                code: DiagnosticCode::NameTaken,
                message: format!("a {what} named {name} exists and is not ours"),
                remedy: "rename or remove it, or give this cluster another uid".to_owned(),
                waits: false,
            });
        }
        if needs_target_group && self.target_groups >= quotas.target_groups as usize {
            return full("target groups", quotas.target_groups);
        }
        if half_made {
            return Ok(());
        }
        if self.load_balancers >= quotas.load_balancers as usize {
            return full("Application Load Balancers", quotas.load_balancers);
        }
        Ok(())
    }
}

/// What somebody else has by a name that a load balancer with this id would need: what it is, and its name.
fn taken(id: &str, observed: &Observed<'_>) -> Option<(&'static str, String)> {
    let owned = observed.owned.get(id);
    let name = load_balancer_name(&observed.settings.identity, id);
    let group = proxy_target_group_name(&name, observed.settings, &observed.inventory.vpc.id);
    let has_group = owned.is_some_and(|owned| !owned.target_groups.is_empty());
    if !has_group && observed.inventory.target_groups.iter().any(|found| found.name == group) {
        return Some(("target group", group));
    }
    let has_load_balancer = owned.is_some_and(|owned| owned.load_balancer.is_some());
    let is_there = observed.inventory.load_balancers.iter().any(|found| found.name == name);
    (!has_load_balancer && is_there).then_some(("load balancer", name))
}

/// Ids of load balancers of a scheme, by their ordinals. There are at most as many in use as load balancers, so one
/// of them is free.
fn ids<'b>(
    scheme: Scheme,
    slots: &Slots<'_>,
    observed: &'b Observed<'_>,
) -> impl Iterator<Item = String> + use<'b> {
    let last = u32::try_from(observed.owned.len() + slots.iter().count()).unwrap_or(u32::MAX);
    let identity = &observed.settings.identity;
    let vpc = &observed.inventory.vpc.id;
    (0..=last)
        .map(move |ordinal| load_balancer_id(identity, LoadBalancerKind::Application, scheme, vpc, ordinal))
}

fn free_id(scheme: Scheme, slots: &Slots<'_>, observed: &Observed<'_>) -> String {
    let given_up = |id: &str| observed.owned.get(id).is_some_and(|owned| owned.is_given_up(observed.time));
    let free = ids(scheme, slots, observed).find(|id| slots.get(id).is_none() && !given_up(id));
    free.unwrap_or_default()
}

/// A half-made load balancer that nobody has taken is the first choice of who would make one from nothing: what is
/// opened in this plan without any resource takes over its id.
pub fn reuse_half_made<'a>(slots: &mut Slots<'a>, places: &mut [Place], observed: &'a Observed<'a>) {
    for scheme in [Scheme::InternetFacing, Scheme::Internal] {
        let is_left = |id: &String| {
            slots.get(id).is_none()
                && observed.owned.get(id).is_some_and(|owned| !owned.is_given_up(observed.time))
                && taken(id, observed).is_none()
        };
        let left: Vec<String> = ids(scheme, slots, observed).filter(is_left).collect();
        let mut fresh: Vec<(Option<usize>, String)> = slots
            .iter()
            .filter(|slot| slot.scheme == scheme && slot.owned.is_none())
            .map(|slot| (slot.opened, slot.id.clone()))
            .collect();
        fresh.sort();
        for (id, (_, old)) in left.into_iter().zip(fresh) {
            let Some(mut slot) = slots.remove(&old) else { continue };
            slot.owned = observed.owned.get(&id);
            slot.id.clone_from(&id);
            slots.insert(slot);
            for place in places.iter_mut().filter(|place| place.on.as_deref() == Some(old.as_str())) {
                place.on = Some(id.clone());
            }
        }
    }
}

/// How many more target groups each Auto Scaling Group of nodes can take, after those that load balancers of ours
/// still have to attach.
fn room_at_auto_scaling_groups<'a>(
    observed: &Observed<'a>,
    slots: &Slots<'a>,
    nodes: &Nodes<'a>,
) -> BTreeMap<&'a str, usize> {
    let limit = observed.inventory.quotas.target_groups_per_auto_scaling_group as usize;
    let room = nodes.auto_scaling_groups.iter().filter_map(|name| {
        let group = observed.auto_scaling_groups.get(name)?;
        let pending = slots
            .iter()
            .filter_map(|slot| slot.owned)
            .filter(|owned| !owned.target_groups.iter().any(|found| group.target_groups.contains(&found.arn)))
            .count();
        Some((*name, limit.saturating_sub(group.target_groups.len() + pending)))
    });
    room.collect()
}

/// What to tell somebody who needs a load balancer that cannot be opened.
pub fn sentence(obstacle: &Obstacle, scheme: Scheme) -> String {
    format!("no further {} load balancer can be made: {}", words::scheme(scheme), obstacle.message)
}
