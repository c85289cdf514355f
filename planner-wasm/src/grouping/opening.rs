//! Opening: what a new load balancer needs, and whether the account has room for it.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{DiagnosticCode, LoadBalancerKind, Mode, PolicyPoint, Scheme, TargetGroup};

use super::{
    Demand, Demands, Group, GroupId, Groups, Use,
    candidates::{Misfit, misfit},
};
use crate::{
    diagnostics::WAIT,
    identity::{cluster_tag, load_balancer_id, load_balancer_name},
    kind::Kind,
    network::{
        Choices,
        security_groups::{self, Lack},
        subnets::{self, Choice},
    },
    observed::{Concern, Observed, Owned},
    policies::{FIX, Points, not_asked},
    settings,
    source::{AllWishes, Claim},
    terms::{Term, Terms},
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
    /// Whether the only obstacle is that something is not known.
    pub waits: bool,
}

/// Which parts of the network of its load balancer an object names itself. The other parts must be discovered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    subnets: bool,
    security_groups: bool,
}

impl Named {
    /// The parts that a claim names.
    pub fn by(claim: &Claim<'_>, all: &AllWishes<'_>) -> Self {
        claim.load_balancer_wishes(all).map_or_else(Named::default, |wishes| Named {
            subnets: !wishes.subnets.is_empty(),
            security_groups: !wishes.security_groups.is_empty(),
        })
    }

    fn all() -> impl Iterator<Item = Named> {
        let both = [false, true];
        both.into_iter()
            .flat_map(move |subnets| both.map(|security_groups| Named { subnets, security_groups }))
    }
}

/// What decides which resources a new load balancer needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sort {
    mode: Mode,
    scheme: Scheme,
    kind: Kind,
    http_only: bool,
}

impl Sort {
    fn of(terms: &Terms<'_>) -> Self {
        let Terms { mode, scheme, kind, http_only, .. } = *terms;
        Sort { mode, scheme, kind, http_only }
    }

    /// What decides its demand.
    fn usage(self) -> Use {
        Use { mode: self.mode, family: self.kind.family, http_only: self.http_only }
    }

    /// All sorts for which there is a demand.
    fn all<'d>(demands: &'d Demands<'_>) -> impl Iterator<Item = Sort> + use<'d> {
        demands.keys().flat_map(|&Use { mode, family, http_only }| {
            let kinds = match family {
                LoadBalancerKind::Network => vec![Kind::network(false), Kind::network(true)],
                _ => vec![Kind::APPLICATION],
            };
            let schemes = [Scheme::InternetFacing, Scheme::Internal];
            let sort = move |scheme| {
                kinds.clone().into_iter().map(move |kind| Sort { mode, scheme, kind, http_only })
            };
            schemes.into_iter().flat_map(sort)
        })
    }
}

/// Opens load balancers, and counts the quotas that they use.
pub struct Opener<'a> {
    observed: &'a Observed<'a>,
    demands: Demands<'a>,
    obstacles: BTreeMap<(Sort, Named), Obstacle>,
    /// The next ordinal to try; smaller ordinals are taken.
    ordinals: BTreeMap<Sort, u32>,
    /// How many load balancers of each kind the account has.
    load_balancers: BTreeMap<LoadBalancerKind, usize>,
    target_groups: usize,
    /// How many more target groups each Auto Scaling Group can take.
    room: BTreeMap<&'a str, usize>,
    /// The names of load balancers that were ours and were left to others.
    left: BTreeSet<&'a str>,
    /// Whether there may be members that are not known.
    has_unseen: bool,
}

impl<'a> Opener<'a> {
    /// Checks once what all new load balancers need.
    pub fn new(
        observed: &'a Observed<'a>,
        groups: &Groups<'a>,
        demands: Demands<'a>,
        choices: &Choices<'a>,
        points: &Points<'_>,
    ) -> Self {
        let mut load_balancers = BTreeMap::new();
        for found in &observed.inventory.load_balancers {
            *load_balancers.entry(found.kind).or_default() += 1;
        }
        let mut obstacles = BTreeMap::new();
        for sort in Sort::all(&demands) {
            let Some(demand) = demands.get(&sort.usage()) else { continue };
            let found = Named::all().filter_map(|named| {
                let needs = Needs { demand, kind: sort.kind, named };
                let obstacle = obstacle(&needs, choices.of(sort.scheme), observed, points)?;
                Some(((sort, named), obstacle))
            });
            obstacles.extend(found);
        }
        Opener {
            observed,
            obstacles,
            ordinals: BTreeMap::new(),
            load_balancers,
            target_groups: observed.inventory.target_groups.len(),
            room: room_at_auto_scaling_groups(&demands, groups, observed),
            demands,
            left: observed.left_names().collect(),
            has_unseen: groups.iter().any(|group| group.unseen().is_some()),
        }
    }

    /// Opens a load balancer with the smallest free ordinal. If a half-made load balancer has this ordinal, it is completed.
    pub fn open(
        &mut self,
        terms: Terms<'a>,
        named: Named,
        groups: &Groups<'a>,
    ) -> Result<Group<'a>, Obstacle> {
        let sort = Sort::of(&terms);
        if let Some(obstacle) = self.obstacles.get(&(sort, named)) {
            return Err(obstacle.clone());
        }
        let observed = self.observed;
        if let Some(obstacle) = self.has_unseen.then(|| may_exist(&terms, groups)).flatten() {
            return Err(obstacle);
        }
        let (id, ordinal) = self.free_id(sort, groups).ok_or_else(no_id)?;
        let owned = observed.owned_by_id(&id);
        check_view(owned, observed)?;
        let half_made = owned.is_some_and(|owned| owned.load_balancer.is_some());
        let groups_there = owned.map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
        self.check_quotas(&id, sort, half_made, groups_there.is_empty())?;
        self.attach(sort, groups_there)?;
        self.ordinals.insert(sort, ordinal.saturating_add(1));
        *self.load_balancers.entry(sort.kind.family).or_default() += usize::from(!half_made);
        self.target_groups += usize::from(groups_there.is_empty());
        Ok(Group::open(id, owned, terms, observed))
    }

    /// Counts the attachments of a new load balancer's target group to Auto Scaling Groups. Existing attachments of its
    /// target groups are counted already.
    fn attach(&mut self, sort: Sort, groups_there: &[&TargetGroup]) -> Result<(), Obstacle> {
        let observed = self.observed;
        let Some(demand) = self.demands.get(&sort.usage()) else { return Ok(()) };
        let is_attached =
            |name: &str| groups_there.iter().any(|group| observed.auto_scaling_groups.has(name, group));
        let needy = || demand.auto_scaling_groups.iter().filter(|name| !is_attached(name));
        if let Some(full) = needy().find(|name| self.room.get(*name) == Some(&0)) {
            let limit = observed.inventory.quotas.target_groups_per_auto_scaling_group;
            return Err(Obstacle {
                code: DiagnosticCode::AutoScalingGroupFull,
                message: format!(
                    "Auto Scaling Group {full} already has {limit} target groups, which is the quota"
                ),
                remedy: "detach target groups that it does not need, or raise the quota".to_owned(),
                waits: false,
            });
        }
        for name in demand.auto_scaling_groups.iter().filter(|name| !is_attached(name)) {
            if let Some(room) = self.room.get_mut(name) {
                *room -= 1;
            }
        }
        Ok(())
    }

    /// The first free id, with its ordinal. Ids stay taken while members are placed.
    fn free_id(&self, sort: Sort, groups: &Groups<'_>) -> Option<(String, u32)> {
        let observed = self.observed;
        let can_complete =
            |id: &str| observed.owned_by_id(id).is_none_or(|owned| can_be_completed(owned, sort, observed));
        // Forgetting a load balancer leaves its name to others.
        // A name is a hash, which takes time; usually nothing was left.
        let is_left = |id: &str| {
            !self.left.is_empty()
                && self.left.contains(load_balancer_name(&observed.settings.identity, id).as_str())
        };
        let is_free = |id: &str| groups.by_id(id).is_none() && can_complete(id) && !is_left(id);
        let first = self.ordinals.get(&sort).copied().unwrap_or_default();
        (first..=last_ordinal(groups, observed))
            .map(|ordinal| (id(sort, ordinal, observed), ordinal))
            .find(|(id, _)| is_free(id))
    }

    fn check_quotas(
        &self,
        id: &str,
        sort: Sort,
        half_made: bool,
        needs_target_group: bool,
    ) -> Result<(), Obstacle> {
        let quotas = &self.observed.inventory.quotas;
        let full = |what: &str, limit: u32| {
            Err(Obstacle {
                code: DiagnosticCode::QuotaExhausted,
                message: format!("the account already has {limit} {what}, which is the quota"),
                remedy: format!("raise the quota, or delete {what} that are not used"),
                waits: false,
            })
        };
        if let Some((what, name)) = self.taken(id, sort) {
            if let Some(missing) = self.observed.unclear(&name) {
                return Err(Obstacle {
                    code: DiagnosticCode::ViewIncomplete,
                    message: missing.to_owned(),
                    remedy: WAIT.to_owned(),
                    waits: true,
                });
            }
            return Err(Obstacle {
                code: DiagnosticCode::NameTaken,
                message: format!("a {what} named {name} exists and is not ours"),
                remedy: format!(
                    "if it is a load balancer that was ours, make it ours again with `albatross adopt`, or add the tag {}=owned, so \
                     that its name is left to others; otherwise delete it when nobody uses it",
                    cluster_tag(&self.observed.settings.identity)
                ),
                waits: false,
            });
        }
        if needs_target_group && self.target_groups >= quotas.target_groups as usize {
            return full("target groups", quotas.target_groups);
        }
        let (what, limit) = match sort.kind.is_network() {
            true => ("Network Load Balancers", quotas.network_load_balancers),
            false => ("Application Load Balancers", quotas.load_balancers),
        };
        let present = self.load_balancers.get(&sort.kind.family).copied().unwrap_or_default();
        if !half_made && present >= limit as usize {
            return full(what, limit);
        }
        Ok(())
    }

    /// A resource that is not ours and has a name that a load balancer with this id needs: its kind and name.
    fn taken(&self, id: &str, sort: Sort) -> Option<(&'static str, String)> {
        let observed = self.observed;
        let owned = observed.owned_by_id(id);
        let name = load_balancer_name(&observed.settings.identity, id);
        let suffix = self.demands.get(&sort.usage()).and_then(|demand| demand.target_group_suffix.as_ref());
        let target_group = suffix.map(|suffix| format!("{name}-{suffix}"));
        let has_target_group = owned.is_some_and(|owned| !owned.target_groups.is_empty());
        let target_group =
            target_group.filter(|name| !has_target_group && observed.is_target_group_name(name));
        if let Some(name) = target_group {
            return Some(("target group", name));
        }
        let has_load_balancer = owned.is_some_and(|owned| owned.load_balancer.is_some());
        (!has_load_balancer && observed.is_load_balancer_name(&name)).then_some(("load balancer", name))
    }

    /// Half-made load balancers that no member has taken are completed instead of creating new ones: load balancers that are
    /// opened in this plan without any resource take over their ids.
    pub fn reuse_half_made(&self, groups: &mut Groups<'a>) {
        for sort in Sort::all(&self.demands) {
            let is_fresh = |group: &Group<'_>| Sort::of(group.terms()) == sort && group.owned().is_none();
            let mut fresh: Vec<(Option<usize>, GroupId)> = groups
                .numbered()
                .filter(|(_, group)| is_fresh(group))
                .map(|(id, group)| (group.opened(), id))
                .collect();
            if fresh.is_empty() {
                continue;
            }
            fresh.sort();
            let left = self.left_half_made(sort, groups);
            for (owned, (_, group)) in left.into_iter().zip(fresh) {
                groups.take_over(group, owned);
            }
        }
    }

    /// Half-made load balancers of a sort that no member has taken, in the order of their ordinals.
    fn left_half_made(&self, sort: Sort, groups: &Groups<'_>) -> Vec<&'a Owned<'a>> {
        let observed = self.observed;
        let is_left = |owned: &&Owned<'_>| {
            groups.by_id(owned.id).is_none()
                && can_be_completed(owned, sort, observed)
                && check_view(Some(owned), observed).is_ok()
                && self.taken(owned.id, sort).is_none()
        };
        if !observed.owned.iter().any(|owned| is_left(&owned)) {
            return Vec::new();
        }
        let ids = (0..=last_ordinal(groups, observed)).map(|ordinal| id(sort, ordinal, observed));
        ids.filter_map(|id| observed.owned_by_id(&id)).filter(is_left).collect()
    }
}

/// A load balancer that nobody who is known uses may have been made for these terms in vain: a property for which they ask could
/// not be set. Until it is known whether it serves somebody else it is not changed; without this obstacle one load balancer after
/// the other would be made in vain.
fn may_exist(terms: &Terms<'_>, groups: &Groups<'_>) -> Option<Obstacle> {
    let differs_in_wishes =
        |group: &Group<'_>| misfit(group, terms, groups.observed()) == Some(Misfit::Terms(Term::Wishes));
    let is_left = |group: &Group<'_>| {
        group.is_empty() && group.owned().is_some_and(|owned| owned.unneeded_since().is_none())
    };
    let mut left = groups.iter().filter_map(|group| Some((group, group.unseen()?)));
    let (group, missing) = left.find(|(group, _)| is_left(group) && differs_in_wishes(group))?;
    let name = load_balancer_name(&groups.observed().settings.identity, group.id());
    Some(Obstacle {
        code: DiagnosticCode::ViewIncomplete,
        message: format!(
            "{name} may be the one that was made for it, or may serve others, which is not known: {missing}"
        ),
        remedy: WAIT.to_owned(),
        waits: true,
    })
}

/// A load balancer is created beside target groups that a previous pass left only if all of them can be changed.
fn check_view(owned: Option<&Owned<'_>>, observed: &Observed<'_>) -> Result<(), Obstacle> {
    let without = owned.filter(|owned| owned.load_balancer.is_none());
    let missing = without.and_then(|owned| observed.completeness.explain_for(Concern::Write, owned));
    missing.map_or(Ok(()), |message| {
        let (code, remedy) = (DiagnosticCode::ViewIncomplete, WAIT.to_owned());
        Err(Obstacle { code, message, remedy, waits: true })
    })
}

/// Whether the resources of an id may become a load balancer of a sort: a load balancer keeps its mode, because until its
/// listeners are changed it would send requests to the wrong backends, and AWS cannot change the rest. Target groups of a load
/// balancer that is being adopted or forgotten stay with it.
fn can_be_completed(owned: &Owned<'_>, sort: Sort, observed: &Observed<'_>) -> bool {
    let is_of_sort = owned.load_balancer.is_none_or(|found| Sort::of(&Terms::of(found)) == sort);
    is_of_sort && !owned.is_given_up(observed.time) && !observed.is_handed_over(owned)
}

/// All ids are taken. Never happens in practice: AWS cannot have so many load balancers.
fn no_id() -> Obstacle {
    Obstacle {
        code: DiagnosticCode::QuotaExhausted,
        message: "all load balancer ids are taken".to_owned(),
        remedy: "delete load balancers that are not used".to_owned(),
        waits: false,
    }
}

/// What a new load balancer needs, for an object that names parts of the network.
struct Needs<'a, 'b> {
    demand: &'b Demand<'a>,
    kind: Kind,
    named: Named,
}

/// Why no load balancer with these needs can be opened.
fn obstacle(
    needs: &Needs<'_, '_>,
    choice: &Choice<'_>,
    observed: &Observed<'_>,
    points: &Points<'_>,
) -> Option<Obstacle> {
    let Needs { demand, kind, named } = *needs;
    let obstacle = |code, message: String, remedy: &str, waits| {
        Some(Obstacle { code, message, remedy: remedy.to_owned(), waits })
    };
    if let Some(missing) = observed.completeness.explain(Concern::OpenLoadBalancer) {
        return obstacle(DiagnosticCode::ViewIncomplete, missing, WAIT, true);
    }
    if let Some(policy) = settings::unknown_ssl_policy(observed) {
        let message = format!("this version does not know the TLS policy {policy:?} of the settings");
        return obstacle(
            DiagnosticCode::SettingInvalid,
            message,
            "correct ssl-policy in the settings",
            false,
        );
    }
    let is_asked = !named.subnets && observed.settings.subnets.is_empty();
    if is_asked && points.is_frozen(PolicyPoint::Subnets) {
        return obstacle(DiagnosticCode::PolicyFrozen, not_asked(PolicyPoint::Subnets), FIX, true);
    }
    if let Some(of_demand) = &demand.obstacle {
        return Some(of_demand.clone());
    }
    if !named.subnets && choice.chosen.len() < kind.fewest_zones() {
        let message = subnets::too_few(kind, choice, observed);
        let remedy = subnets::too_few_remedy(kind, choice, observed);
        return obstacle(DiagnosticCode::SubnetsTooFew, message, &remedy, false);
    }
    match security_groups::choose(kind, observed, &[]) {
        _ if named.security_groups => None,
        Ok(_) => None,
        Err(Lack::Unknown(message)) => obstacle(DiagnosticCode::ViewIncomplete, message, WAIT, true),
        Err(Lack::None(_))
            if demand.makes_security_groups && observed.settings.security_groups.is_empty() =>
        {
            None
        }
        Err(Lack::None(message)) => {
            let remedy = "tag a security group, or name one in the settings";
            obstacle(DiagnosticCode::SecurityGroupNone, message, remedy, false)
        }
    }
}

/// Our id of a load balancer with an ordinal.
fn id(sort: Sort, ordinal: u32, observed: &Observed<'_>) -> String {
    let identity = &observed.settings.identity;
    load_balancer_id(identity, sort.kind, sort.scheme, &observed.inventory.vpc.id, ordinal)
}

/// There are at most as many ids in use as load balancers, so an ordinal up to this one is free.
fn last_ordinal(groups: &Groups<'_>, observed: &Observed<'_>) -> u32 {
    let load_balancers = observed.inventory.load_balancers.len();
    u32::try_from(observed.owned.len() + groups.len() + load_balancers).unwrap_or(u32::MAX)
}

/// How many more target groups each Auto Scaling Group of nodes can take, not counting those that existing load balancers
/// of ours still have to attach.
fn room_at_auto_scaling_groups<'a>(
    demands: &Demands<'a>,
    groups: &Groups<'a>,
    observed: &Observed<'a>,
) -> BTreeMap<&'a str, usize> {
    let limit = observed.inventory.quotas.target_groups_per_auto_scaling_group as usize;
    let mut existing = 0_usize;
    let mut attached: BTreeMap<&str, usize> = BTreeMap::new();
    let attaches = |group: &&Group<'_>| {
        let demand = demands.get(&Sort::of(group.terms()).usage());
        demand.is_some_and(|demand| !demand.auto_scaling_groups.is_empty())
    };
    let attached_groups = groups.iter().filter(attaches);
    for owned in attached_groups.filter_map(Group::owned) {
        existing += 1;
        let found = owned.target_groups.iter().flat_map(|group| observed.auto_scaling_groups.of(group));
        for name in found.map(|group| group.name.as_str()).collect::<BTreeSet<_>>() {
            *attached.entry(name).or_default() += 1;
        }
    }
    let all = demands.values().flat_map(|demand| &demand.auto_scaling_groups);
    let room = all.filter_map(|name| {
        let found = observed.auto_scaling_groups.group(name)?;
        let pending = existing.saturating_sub(attached.get(name).copied().unwrap_or_default());
        Some((*name, limit.saturating_sub(found.target_groups.len() + pending)))
    });
    room.collect()
}

/// The message for an Ingress that needs a load balancer that cannot be opened.
pub fn sentence(obstacle: &Obstacle, terms: &Terms<'_>) -> String {
    let Terms { scheme, kind, .. } = terms;
    format!("no further {} {kind} can be created: {}", scheme.as_str(), obstacle.message)
}

#[cfg(test)]
mod tests;
