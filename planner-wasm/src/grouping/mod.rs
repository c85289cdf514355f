//! Grouping: which load balancer serves which Ingress.
//!
//! Who has a place keeps it. Only who cannot stay moves, and only newcomers are placed; so adding, removing or
//! breaking one Ingress never moves another.

mod candidates;
mod capacity;
mod compatibility;
mod finding;
mod keys;
mod leftovers;
mod opening;
mod placement;
mod release;
mod serving;
mod slots;
mod standing;

use albatross_contract::{Diagnostic, PlanningError, Withheld};

pub use candidates::{Misfit, misfit};
pub use capacity::{has_room, limit_on};
pub use compatibility::is_served_elsewhere;
pub use slots::{Slot, Slots};

use crate::{
    certificates::Decision, network::subnets::Choice, nodes::Nodes, observed::Observed, policies::Points,
    source::Claim,
};

/// A claim that is ours, with what it needs.
pub struct Member<'a> {
    /// What it asks.
    pub claim: &'a Claim,
    /// Which certificates it needs.
    pub certificates: Decision<'a>,
    /// What a grouping policy says of it.
    pub key: Key,
}

/// What a grouping policy says of a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// No policy is asked: no key.
    Free,
    /// It should share with all who have this key.
    Given(String),
    /// It gets no new place: the policy rejected it, or is not asked. Where it is it stays.
    Keep(Diagnosed),
}

/// A diagnostic that does not take part in comparisons of keys.
pub type Diagnosed = Box<Diagnostic>;

/// Where a member is and will be.
#[derive(Clone, Debug)]
pub struct Place {
    /// Our id of the load balancer that serves it when the plan is executed. `None`: nobody does.
    pub on: Option<String>,
    /// Our id of the load balancer that its status names, where that is another one of ours.
    pub leaves: Option<String>,
    /// Whether a part of it is kept as it is, since it cannot be planned.
    pub held: bool,
    /// Whether it gets a place when something is known that is not yet: otherwise it is rejected.
    pub waits: bool,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
}

/// What becomes of an object that is not ours but whose status names a load balancer of ours.
pub struct Release<'a> {
    /// The object.
    pub claim: &'a Claim,
    /// Our id of the load balancer that its status names.
    pub load_balancer: String,
    /// Whether its status may be emptied now; else it is kept.
    pub now: bool,
    /// Why not, if so.
    pub diagnostics: Vec<Diagnostic>,
}

/// The whole assignment.
pub struct Grouping<'a> {
    /// Members in the order of their names.
    pub members: Vec<Member<'a>>,
    /// Their places, in the same order.
    pub places: Vec<Place>,
    /// The load balancers, in the order of their ids.
    pub slots: Slots<'a>,
    /// What is released or kept though it is not ours.
    pub releases: Vec<Release<'a>>,
    /// What budgets hold back.
    pub withheld: Vec<Withheld>,
}

/// Places all claims.
pub fn group<'a>(
    claims: &'a [Claim],
    decisions: Vec<Decision<'a>>,
    observed: &'a Observed<'a>,
    nodes: &Nodes<'a>,
    choices: &[Choice<'a>; 2],
    points: &Points<'_>,
) -> Result<Grouping<'a>, PlanningError> {
    let ours = claims.iter().filter(|claim| claim.ours.is_some());
    let serving = serving::Serving::new(observed);
    let standings: Vec<Option<&str>> =
        ours.clone().map(|claim| standing::of(claim, observed, serving.as_ref())).collect();
    let keys = keys::ask(&ours.clone().collect::<Vec<_>>(), &decisions, &standings, observed, points)?;
    let members: Vec<Member<'a>> = ours
        .zip(decisions)
        .zip(keys)
        .map(|((claim, certificates), key)| Member { claim, certificates, key })
        .collect();

    let leftovers = leftovers::Leftovers::new(claims, observed);
    let mut slots = Slots::new(observed, &standings, claims, &leftovers);
    let (releases, released_withheld) = release::decide(claims, observed);
    for release in &releases {
        slots.keep_serving(&release.load_balancer, release.claim);
    }
    let mut staying = compatibility::judge(&members, &standings, observed);
    let mut withheld: Vec<Withheld> = released_withheld.into_iter().collect();
    withheld.extend(compatibility::withhold(&mut staying, &members, claims, observed));
    let mut opener = opening::Opener::new(observed, &slots, nodes, choices, points);
    let (mut places, unmoved) = placement::place(&members, staying, &mut slots, observed, &mut opener);
    withheld.extend(unmoved);
    opening::reuse_half_made(&mut slots, &mut places, observed);
    slots.insert_rest(observed);
    Ok(Grouping { members, places, slots, releases, withheld })
}
