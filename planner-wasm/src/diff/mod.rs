//! The difference between what is and what should be, as actions in the order that AWS needs.
//!
//! Only what we manage is compared: unknown tags and attributes stay. A converged world gives no action.

mod actions;
mod certificates;
mod forwarding;
mod listeners;
mod load_balancers;
mod removal;
mod tags;
mod target_groups;
mod targets;

use albatross_contract::{Action, Diagnostic, IpAddressType, LoadBalancerFate, Scheme, Withheld};

pub use forwarding::Forwarding;
pub use target_groups::{fitting, is_healthy};

use crate::{
    grouping::{Grouping, Slot},
    lifecycle::{Fate, Lifecycle},
    network::subnets::{Choice, Subnets},
    nodes::Nodes,
    observed::{Concern, Observed},
};

/// What the difference is made from.
pub struct Context<'a, 'b> {
    /// What AWS has.
    pub observed: &'a Observed<'a>,
    /// Who is where.
    pub grouping: &'b Grouping<'a>,
    /// The nodes.
    pub nodes: &'b Nodes<'a>,
    /// The subnets of the VPC.
    pub subnets: &'b Subnets<'a>,
    /// Subnets of new load balancers: internet-facing and internal.
    pub choices: &'b [Choice<'a>; 2],
}

impl<'a> Context<'a, '_> {
    /// Subnets of new load balancers of a scheme.
    pub fn choice(&self, scheme: Scheme) -> &Choice<'a> {
        &self.choices[usize::from(scheme == Scheme::Internal)]
    }
}

/// The difference.
#[derive(Default)]
pub struct Difference {
    /// What has to be done.
    pub actions: Vec<Action>,
    /// What a budget holds back.
    pub withheld: Vec<Withheld>,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
    /// What each load balancer that stays will look like.
    pub shapes: Vec<Shape>,
    /// When the grace of the next target group ends.
    pub next_change_at: Option<u64>,
}

/// What a load balancer will look like.
pub struct Shape {
    /// Our id.
    pub id: String,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its kind of addresses.
    pub ip_address_type: IpAddressType,
    /// What its listeners forward to.
    pub forwarding: Forwarding,
    /// Its certificates.
    pub certificates: listeners::Certificates,
}

/// Compares everything.
pub fn diff(context: &Context<'_, '_>, lifecycle: &Lifecycle<'_>) -> Difference {
    let observed = context.observed;
    let mut difference = Difference::default();
    if !observed.completeness.allows(Concern::Write) {
        return difference;
    }
    let mut actions = actions::Actions::default();
    let mut order: Vec<_> = lifecycle.fates.iter().collect();
    order.sort_by_key(|(id, _)| context.grouping.slots.get(id).and_then(|slot| slot.opened));
    for (id, fate) in order {
        match (context.grouping.slots.get(id), fate.fate) {
            (_, LoadBalancerFate::Delete) => removal::remove(id, observed, &mut actions),
            (Some(slot), _) => maintain(slot, fate, context, &mut actions, &mut difference),
            (None, _) => tags::mark_leftover(id, fate, observed, &mut actions),
        }
    }
    difference.actions = actions.into_list();
    difference
}

/// Sees to everything of a load balancer that stays.
fn maintain(
    slot: &Slot<'_>,
    fate: &Fate<'_>,
    context: &Context<'_, '_>,
    actions: &mut actions::Actions,
    difference: &mut Difference,
) {
    let observed = context.observed;
    let exists = slot.owned.is_some_and(|owned| owned.load_balancer.is_some());
    let all: Vec<String> =
        slot.members.iter().map(|index| context.grouping.members[*index].claim.name.to_string()).collect();
    let waiting: &[String] = if exists { &[] } else { &all };
    let forwarding = target_groups::maintain(slot, waiting, context, actions, &mut difference.diagnostics);
    // Until the current one takes over, those before it serve and need their targets too.
    let before = forwarding.serving.iter().filter(|group| forwarding.current.as_ref() != Some(group));
    for target_group in forwarding.current.iter().chain(before) {
        let held = targets::maintain(slot, target_group, &forwarding, waiting, context, actions);
        difference.withheld.extend(held.withheld);
        difference.diagnostics.extend(held.diagnostics);
    }
    let place = load_balancers::maintain(slot, waiting, context, actions, &mut difference.diagnostics);
    let certificates = listeners::maintain(slot, fate, &place.load_balancer, &forwarding, context, actions);
    tags::maintain(slot, fate, &certificates, observed, actions);
    let retired = removal::retire_target_groups(slot, &forwarding, context, actions);
    difference.next_change_at = [difference.next_change_at, retired].into_iter().flatten().min();
    difference.shapes.push(Shape {
        id: slot.id.clone(),
        subnets: place.subnets,
        security_groups: place.security_groups,
        ip_address_type: place.ip_address_type,
        forwarding,
        certificates,
    });
}
