//! Grouping: which load balancer serves which Ingress.
//!
//! Who has a place keeps it. Only who cannot stay moves, and only newcomers are placed; so adding, removing or
//! breaking one Ingress never moves another.

mod candidates;
mod finding;
mod group;
mod groups;
mod keys;
mod memory;
mod opening;
mod placement;
mod release;
mod room;
mod staying;
#[cfg(test)]
mod tests;
mod verdicts;

use albatross_contract::Withheld;

pub use candidates::{Fit, Misfit};
pub use group::{Group, Need};
pub use groups::{GroupId, Groups};
pub use keys::{Key, Keys};
pub use memory::{Standing, standings};
pub use opening::Obstacle;
pub use placement::{Place, Placement, Stand};
pub use release::Release;
pub use room::Demand;
pub use staying::is_served_elsewhere;
pub use verdicts::{Stay, Verdict, Verdicts};

use placement::Placed;

use crate::{
    certificates::Decision,
    network::Choices,
    observed::Observed,
    policies::Points,
    source::{Claim, ObjectName},
    unasked::HeldBack,
};

/// A claim that is ours, with what it needs.
pub struct Member<'a> {
    /// What it asks.
    pub claim: &'a Claim<'a>,
    /// Which certificates it needs.
    pub certificates: Decision,
    /// What a grouping policy says of it.
    pub key: Key<'a>,
}

impl<'a> Member<'a> {
    /// All claims that are ours, with what was decided for them.
    pub fn all(claims: &[&'a Claim<'a>], decisions: Vec<Decision>, keys: &'a Keys) -> Vec<Self> {
        let decided = claims.iter().zip(decisions).zip(keys.of_members(claims.len()));
        decided.map(|((claim, certificates), key)| Member { claim, certificates, key }).collect()
    }

    /// Whether a part of it cannot be planned: where it is that part is kept as it is.
    pub fn is_held(&self) -> bool {
        !self.claim.diagnostics.is_empty() || self.certificates.is_unknown() || self.key.keeps()
    }
}

impl Grouping<'_> {
    /// Who has a place, or waits for one.
    pub fn kept(&self) -> impl Iterator<Item = &Claim<'_>> {
        let kept = self.members.iter().zip(&self.placements);
        let kept = kept.filter(|(_, placement)| !matches!(placement.place, Place::Rejected));
        kept.map(|(member, _)| member.claim)
    }
}

/// The whole assignment.
pub struct Grouping<'a> {
    /// Members in the order of their names.
    pub members: Vec<Member<'a>>,
    /// Where they are, in the same order.
    pub placements: Vec<Placement<'a>>,
    /// The load balancers.
    pub groups: Groups<'a>,
    /// What is released or kept though it is not ours.
    pub releases: Vec<Release<'a>>,
    /// What budgets hold back.
    pub withheld: Vec<Withheld>,
    /// What the object that is asked about found at its turn. `None`: none is asked about, or it is no member.
    pub verdicts: Option<Verdicts<'a>>,
}

/// What is known before anybody is placed.
pub struct Basis<'a, 'b> {
    /// All claims.
    pub claims: &'a [Claim<'a>],
    /// What AWS has.
    pub observed: &'a Observed<'a>,
    /// Where members stand.
    pub standings: &'b [Standing<'a>],
    /// Certificates that no claim asks for and that will be held back.
    pub held_back: &'b HeldBack<'a>,
    /// Subnets of new load balancers.
    pub choices: &'b Choices<'a>,
    /// The policy points.
    pub points: &'b Points<'b>,
    /// The object that an explanation is asked about.
    pub asked: Option<ObjectName<'b>>,
}

/// Places all members.
pub fn group<'a>(members: Vec<Member<'a>>, demand: Demand<'a>, basis: &Basis<'a, '_>) -> Grouping<'a> {
    let Basis { claims, observed, standings, held_back, choices, points, asked } = basis;
    let mut groups = Groups::new(observed, standings, claims, held_back);
    let (releases, released_withheld) = release::decide(claims, observed);
    for release in &releases {
        groups.keep_serving(release.load_balancer, release.claim);
    }
    let mut staying = staying::judge(&members, standings, observed);
    let mut withheld: Vec<Withheld> = released_withheld.into_iter().collect();
    withheld.extend(staying::withhold(&mut staying, &members, claims, observed));
    let mut opener = opening::Opener::new(observed, &groups, demand, choices, points);
    let asked = asked.and_then(|asked| members.iter().position(|member| member.claim.object == asked));
    let placed = placement::place(&members, staying, &mut groups, &mut opener, asked);
    let Placed { placements, withheld: unmoved, mut verdicts } = placed;
    withheld.extend(unmoved);
    opener.reuse_half_made(&mut groups);
    groups.insert_rest();
    if let (Some(verdicts), Some(asked)) = (&mut verdicts, asked) {
        verdicts.complete(&placements[asked], &groups, &members);
    }
    Grouping { members, placements, groups, releases, withheld, verdicts }
}
