//! Grouping: which load balancer serves which Ingress.
//!
//! An Ingress stays on its load balancer. Only an Ingress that cannot stay moves, and only new Ingresses are placed, so
//! adding, removing or breaking one Ingress never moves another.

mod candidates;
mod clients;
mod consolidation;
mod defaults;
mod finding;
mod group;
mod groups;
mod keys;
mod likeness;
mod memory;
mod opening;
mod placement;
mod release;
mod room;
mod schemes;
mod staying;
#[cfg(test)]
mod tests;
mod unseen;
mod verdicts;

use albatross_contract::{Diagnostic, Withheld};

pub use candidates::{Fit, Misfit};
pub use clients::{first as first_of, settle as settle_clients, why_first};
pub use consolidation::{Consolidation, State as ConsolidationState};
pub use group::{Group, Need};
pub use groups::{GroupId, Groups};
pub use keys::{Asked, Key, Keys};
pub use memory::{Standing, standings};
pub use opening::Obstacle;
pub use placement::{Place, Placement, Stand};
pub use release::{Release, cluster_local};
pub use room::{Demand, Demands, Full, Use};
pub use schemes::settle as settle_schemes;
pub use staying::is_served_elsewhere;
pub use verdicts::{Stay, Verdict, Verdicts};

use placement::Placed;

use crate::{
    certificates::Decision,
    network::Choices,
    observed::Observed,
    policies::Points,
    source::{Claim, ObjectName},
    terms::FIRST_PART,
    unasked::HeldBack,
};

/// A claim that is ours, with its certificates and grouping key.
pub struct Member<'a> {
    /// The claim.
    pub claim: &'a Claim<'a>,
    /// The certificates that it needs.
    pub certificates: Decision,
    /// The answer of a grouping policy.
    pub key: Key<'a>,
    /// Its share of a group that may be split.
    pub share: Share,
}

/// Where a member of a group in route mode is served, if the group is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The part of the group: the load balancers of a group are counted from 1.
    pub part: u32,
    /// Hosts of the member that belong to other parts, so that it does not serve them; an empty text stands for every host.
    pub elsewhere: Vec<String>,
    /// What the member is told.
    pub told: Vec<Diagnostic>,
}

impl Default for Share {
    fn default() -> Self {
        Share { part: FIRST_PART, elsewhere: Vec::new(), told: Vec::new() }
    }
}

impl<'a> Member<'a> {
    /// All claims that are ours, with the decisions for them.
    pub fn all(
        claims: &[&'a Claim<'a>],
        decisions: Vec<Decision>,
        keys: &'a Keys,
        shares: Vec<Share>,
    ) -> Vec<Self> {
        let decided = claims.iter().zip(decisions).zip(keys.of_members(claims)).zip(shares);
        let members =
            decided.map(|(((claim, certificates), key), share)| Member { claim, certificates, key, share });
        members.collect()
    }

    /// Whether a part of it cannot be planned: that part stays as it is.
    pub fn is_held(&self) -> bool {
        !self.claim.diagnostics.is_empty() || self.certificates.is_unknown() || self.key.keeps()
    }
}

impl Grouping<'_> {
    /// The claims that have a load balancer or wait for one.
    pub fn kept(&self) -> impl Iterator<Item = &Claim<'_>> {
        let kept = self.members.iter().zip(&self.placements);
        let kept = kept.filter(|(_, placement)| !matches!(placement.place, Place::Rejected));
        kept.map(|(member, _)| member.claim)
    }
}

/// The assignment of all members to load balancers.
pub struct Grouping<'a> {
    /// Members in the order of their names.
    pub members: Vec<Member<'a>>,
    /// Their placements, in the same order.
    pub placements: Vec<Placement<'a>>,
    /// The load balancers.
    pub groups: Groups<'a>,
    /// Claims that are not ours but published on a load balancer of ours: released, or kept for now.
    pub releases: Vec<Release<'a>>,
    /// A load balancer that could be emptied, or is emptied in this plan.
    pub consolidation: Option<Consolidation<'a>>,
    /// Changes that budgets hold back.
    pub withheld: Vec<Withheld>,
    /// What the object that is asked about found at its turn. `None`: none is asked about, or it is no member.
    pub verdicts: Option<Verdicts<'a>>,
}

/// Everything that is known before members are placed.
pub struct Basis<'a, 'b> {
    /// All claims.
    pub claims: &'a [Claim<'a>],
    /// The observed state.
    pub observed: &'a Observed<'a>,
    /// The load balancers that serve members now.
    pub standings: &'b [Standing<'a>],
    /// Certificates that no claim asks for and whose removal a budget holds back.
    pub held_back: &'b HeldBack<'a>,
    /// Subnets of new load balancers.
    pub choices: &'b Choices<'a>,
    /// The policy points.
    pub points: &'b Points<'b>,
    /// The object that an explanation is asked about.
    pub asked: Option<ObjectName<'b>>,
}

/// Places all members.
pub fn group<'a>(members: Vec<Member<'a>>, demands: Demands<'a>, basis: &Basis<'a, '_>) -> Grouping<'a> {
    let Basis { claims, observed, standings, held_back, choices, points, asked } = basis;
    let mut groups = Groups::new(observed, standings, claims, held_back);
    let (releases, released_withheld) = release::decide(claims, observed);
    for release in &releases {
        groups.keep_serving(release.load_balancer, release.claim);
    }
    let mut staying = staying::judge(&members, standings, &groups);
    let mut withheld: Vec<Withheld> = released_withheld.into_iter().collect();
    withheld.extend(staying::withhold(&mut staying, &members, claims, observed));
    let before = consolidation::Before { members: &members, releases: &releases, groups: &groups };
    let (consolidation, not_emptied) = consolidation::decide(&before, &mut staying, claims);
    withheld.extend(not_emptied);
    let mut opener = opening::Opener::new(observed, &groups, demands, choices, points);
    let asked = asked.and_then(|asked| members.iter().position(|member| member.claim.object == asked));
    let placed = placement::place(&members, staying, &mut groups, &mut opener, asked);
    let Placed { placements, withheld: unmoved, mut verdicts } = placed;
    withheld.extend(unmoved);
    opener.reuse_half_made(&mut groups);
    groups.insert_rest();
    if let (Some(verdicts), Some(asked)) = (&mut verdicts, asked) {
        verdicts.complete(&placements[asked], &groups, &members);
    }
    Grouping { members, placements, groups, releases, consolidation, withheld, verdicts }
}
