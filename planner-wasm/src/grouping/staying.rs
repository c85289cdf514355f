//! Staying: which members can stay on their load balancers.
//!
//! A member must fit the properties of its load balancer that never change: the scheme, the kind, the mode, and whether it
//! serves HTTP only. All other terms must agree among the members: if they do not, the members that match the load balancer as
//! it is stay, else the larger set, else the older.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{Budget, LoadBalancer, Withheld};

use super::{Groups, Member, Standing, defaults};
use crate::{
    budgets::{Request, name_change_limit},
    identity::NAME_PREFIX,
    kind::Kind,
    observed::{Observed, Owned},
    source::{Claim, ObjectName},
    terms::Terms,
};

/// Whether a member stays on its load balancer.
#[derive(Clone, Copy)]
pub enum Staying<'a> {
    /// It has no load balancer yet.
    Newcomer,
    /// It stays.
    Stays(&'a Owned<'a>),
    /// It would move, but the move is withheld.
    StaysWithheld(&'a Owned<'a>),
    /// It cannot stay.
    Moves(Move<'a>),
    /// It has no load balancer yet, its status names a load balancer that is not ours, and replacing that name is withheld.
    Waits,
}

/// A member that cannot stay.
#[derive(Clone, Copy)]
pub struct Move<'a> {
    /// The load balancer that it leaves.
    pub from: &'a Owned<'a>,
    /// In words, why.
    pub reason: &'static str,
    /// Whether its own annotations ask for it.
    pub is_own: bool,
    /// The load balancer that it goes to, if that is decided already.
    pub to: Option<&'a Owned<'a>>,
}

/// Decides for every member.
pub fn judge<'a>(
    members: &[Member<'a>],
    standings: &[Standing<'a>],
    groups: &Groups<'a>,
) -> Vec<Staying<'a>> {
    let observed = groups.observed();
    let mut judged = vec![Staying::Newcomer; members.len()];
    let mut by_load_balancer: Vec<Vec<usize>> = vec![Vec::new(); observed.owned.len()];
    for (index, standing) in standings.iter().enumerate() {
        if let Some(owned) = standing {
            judged[index] = Staying::Stays(owned);
            by_load_balancer[owned.place()].push(index);
        }
    }
    // In route mode the tags say from the beginning for which group a load balancer is.
    let is_for_a_group = |owned: &Owned<'_>| {
        owned.terms().is_some_and(|terms| terms.names_members() && terms.key.is_some())
            && owned.unneeded_since().is_none()
            && !owned.is_given_up(observed.time)
    };
    let in_use = observed.owned.iter().zip(&by_load_balancer);
    let in_use = in_use.filter(|(owned, indices)| !indices.is_empty() || is_for_a_group(owned));
    let mut in_use: BTreeSet<Terms<'a>> = in_use.filter_map(|(owned, _)| owned.terms()).collect();
    // If several load balancers could become that of a group, the one with the most members does, so that the fewest move.
    let oldest = |indices: &[usize]| indices.iter().map(|index| members[*index].claim.age()).min();
    by_load_balancer.sort_by_cached_key(|indices| (Reverse(indices.len()), oldest(indices)));
    for indices in by_load_balancer {
        if let Some(owned) = indices.first().and_then(|index| standings[*index]) {
            judge_one(owned, &indices, members, &mut in_use, groups, &mut judged);
        }
    }
    judged
}

/// The members of a load balancer by the terms that they ask for.
type Sets<'a> = BTreeMap<Terms<'a>, Vec<usize>>;

/// Decides for the members of one load balancer. A member stays unless there is a reason to move.
fn judge_one<'a>(
    owned: &'a Owned<'a>,
    indices: &[usize],
    members: &[Member<'a>],
    in_use: &mut BTreeSet<Terms<'a>>,
    groups: &Groups<'_>,
    judged: &mut [Staying<'a>],
) {
    let observed = groups.observed();
    let (Some(load_balancer), Some(as_tagged)) = (owned.load_balancer, owned.terms()) else { return };
    let moves = |reason, is_own| Staying::Moves(Move { from: owned, reason, is_own, to: None });
    let broken = owned.is_given_up(observed.time);
    let mut sets: Sets<'_> = BTreeMap::new();
    let mut with_any_key: Vec<(Terms<'_>, Option<usize>)> = Vec::new();
    for index in indices {
        let claim = members[*index].claim;
        // An Ingress that is being deleted does not move, nor one that does not say what it asks for.
        if claim.is_going || claim.is_unreadable_in_route_mode() {
            continue;
        }
        if claim.wishes.value().is_none() {
            // What AWS has of it is kept: it asks for the load balancer as it is.
            with_any_key.push((as_tagged, None));
            continue;
        }
        if claim.scheme.value().is_some_and(|scheme| scheme != load_balancer.scheme) {
            let reason = "it asks for another scheme, which AWS cannot change";
            judged[*index] = moves(reason, claim.scheme.is_own());
        } else if claim.kind.value().is_some_and(|kind| kind != as_tagged.kind) {
            let is_own = asks_for_its_kind(claim, as_tagged.kind, observed);
            judged[*index] = moves(another_kind(claim, as_tagged.kind), is_own);
        } else if claim.mode() != as_tagged.mode {
            judged[*index] = moves("its class is served in another mode", false);
        } else if claim.http_only.value().is_some_and(|http_only| http_only != as_tagged.http_only) {
            // A load balancer without either has lost its tag: whoever asks for HTTP only is served as the annotation says.
            let is_own =
                claim.http_only.is_own() && (!claim.is_http_only() || owned.listens_with_certificates());
            judged[*index] = moves(with_or_without_https(claim), is_own);
        } else if broken {
            judged[*index] = moves("AWS could not provision the load balancer", false);
        } else {
            let terms = terms_on(&members[*index], &as_tagged);
            match claim.routing.is_some() || members[*index].key.asked().is_some() {
                true => sets.entry(terms).or_default().push(*index),
                false => with_any_key.push((terms, Some(*index))),
            }
        }
    }
    let is_content = |terms: &Terms<'_>, there: &Terms<'_>| is_content(terms, there, load_balancer, observed);
    let oldest = |set: &[usize]| set.iter().map(|index| members[*index].claim.age()).min();
    let best = |sets: &Sets<'a>, there: &Terms<'_>| {
        let rank = |(terms, set): &(&Terms<'a>, &Vec<usize>)| {
            (is_content(terms, there), set.len(), Reverse(oldest(set)))
        };
        sets.iter().max_by_key(rank).map(|(terms, _)| *terms)
    };
    let there = match best(&sets, &as_tagged) {
        // Members for which the policy decides nothing follow the others, and never part them.
        Some(best) if !with_any_key.is_empty() => Terms { key: best.key, ..as_tagged },
        _ => as_tagged,
    };
    for (terms, index) in with_any_key {
        sets.entry(Terms { key: there.key, ..terms }).or_default().extend(index);
    }
    // The load balancer takes over new terms of its members, unless another one has them already: the hosts of a group stand
    // on one load balancer.
    let joins = |(terms, set): (&Terms<'_>, &mut Vec<usize>)| {
        let has_group = set.iter().any(|index| members[*index].claim.routing.is_some());
        let is_taken = terms.is_other_part(&as_tagged) || in_use.contains(terms);
        has_group && terms.key.is_some() && *terms != as_tagged && is_taken
    };
    // Whoever asks for something else waits until it is known whether all others agree.
    let may_serve_others = groups.on(owned).is_some_and(|group| groups.get(group).unseen().is_some());
    if !sets.keys().any(|terms| is_content(terms, &as_tagged)) && may_serve_others {
        return;
    }
    let mut may_stay = sets.clone();
    may_stay.retain(|terms, set| !joins((terms, set)));
    let staying = best(&may_stay, &there);
    in_use.extend(staying.filter(Terms::names_members));
    // Whose annotations no longer name the group asked to leave it, whatever a policy does with them then.
    let was_in_a_named_group =
        as_tagged.names_members() && as_tagged.key.is_some() && !as_tagged.is_group_of_a_policy();
    let leaving = sets.iter().filter(|(terms, _)| Some(**terms) != staying);
    for (terms, index) in leaving.flat_map(|(terms, set)| set.iter().map(move |index| (terms, index))) {
        let claim = members[*index].claim;
        judged[*index] = if terms.is_other_part(&as_tagged) {
            moves("its group is split, and it goes to another load balancer of the group", false)
        } else if claim.wants_its_own() {
            let is_own = claim.shared.is_own() || was_in_a_named_group;
            moves(on_its_own(claim), is_own && !as_tagged.is_group_of_a_policy())
        } else if claim.names_its_group() || (claim.routing.is_some() && was_in_a_named_group) {
            moves("it asks for another group", true)
        } else if asks_for_other_properties(terms, &as_tagged)
            || Some(terms.wishes) != staying.map(|it| it.wishes)
        {
            moves(
                "it asks for other properties of the load balancer than the other members",
                claim.wishes.is_own(),
            )
        } else {
            moves("the grouping policy puts it into another group than the other members", false)
        };
    }
}

/// Whether a policy gives the same key in route mode, so that what annotations ask for makes the difference.
fn asks_for_other_properties(terms: &Terms<'_>, there: &Terms<'_>) -> bool {
    terms.is_group_of_a_policy() && terms.key_of_a_policy() == there.key_of_a_policy()
}

/// In words, why a claim leaves a load balancer for one of its own.
fn on_its_own(claim: &Claim<'_>) -> &'static str {
    match claim.routing.is_some() {
        true => "neither its annotations nor a grouping policy put it into a group",
        false => "it asks for a load balancer of its own",
    }
}

/// Whether a load balancer is as the members with these terms ask for it, so that nothing changes for them.
pub fn is_content(
    terms: &Terms<'_>,
    as_tagged: &Terms<'_>,
    load_balancer: &LoadBalancer,
    observed: &Observed<'_>,
) -> bool {
    let asks_for_properties = terms.with(as_tagged.wishes) == *as_tagged;
    terms == as_tagged
        || (asks_for_properties && defaults::lacks(load_balancer, terms.wishes, observed).is_none())
}

/// In words, why a claim leaves a load balancer that has HTTPS, or one that serves HTTP only.
fn with_or_without_https(claim: &Claim<'_>) -> &'static str {
    match claim.is_http_only() {
        true => "it asks for HTTP only, and the load balancer serves HTTPS too",
        false => "it does not ask for HTTP only, and the load balancer serves only HTTP",
    }
}

/// Whether annotations ask for another kind, and not only the settings: whether a Network Load Balancer has security groups
/// depends on both.
fn asks_for_its_kind(claim: &Claim<'_>, there: Kind, observed: &Observed<'_>) -> bool {
    let asked = claim.kind.value().map(|kind| kind.family);
    if asked != Some(there.family) {
        return claim.kind.is_own();
    }
    let wishes = claim.load_balancer_wishes(observed.wishes);
    !there.has_security_groups && wishes.is_some_and(|wishes| !wishes.security_groups.is_empty())
}

/// In words, why a load balancer of a kind cannot serve a claim that asks for another kind.
fn another_kind(claim: &Claim<'_>, there: Kind) -> &'static str {
    match claim.kind.value() {
        Some(asked) if asked.family == there.family && asked.has_security_groups => {
            "it asks for security groups, which AWS cannot add to a network load balancer without any"
        }
        Some(asked) if asked.family == there.family => {
            "it asks for a network load balancer without security groups, which AWS cannot remove"
        }
        _ => "it asks for another kind of load balancer, which AWS cannot change",
    }
}

/// The terms that a member asks for on its present load balancer; unknown terms are those of the load balancer.
pub fn terms_on<'a>(member: &Member<'a>, there: &Terms<'a>) -> Terms<'a> {
    let object = member.claim.object;
    let alone = match member.claim.shared.value() {
        Some(shared) => !shared,
        None => there.alone == Some(object),
    };
    let key = match (&member.claim.routing, member.key) {
        (Some(routing), _) => routing.group,
        (None, key) => key.asked().unwrap_or(there.key),
    };
    let wishes = member.claim.wishes.value().unwrap_or(there.wishes);
    Terms { alone: alone.then_some(object), key, part: member.share.part, wishes, ..*there }
}

/// Holds back changes of published names that the Ingresses do not ask for, if there are too many: all of them.
pub fn withhold(
    judged: &mut [Staying<'_>],
    members: &[Member<'_>],
    claims: &[Claim<'_>],
    observed: &Observed<'_>,
) -> Option<Withheld> {
    // Replacing a name that is not ours counts as unasked, whatever an Ingress asks of us.
    let elsewhere = |claim: &Claim<'_>| claim.names.iter().any(|name| is_served_elsewhere(name, observed));
    // An Ingress waits as long as it is not known whose load balancer its status names.
    let unclear = |claim: &Claim<'_>| claim.names.iter().any(|name| observed.unclear(name).is_some());
    let changes = |staying: &Staying<'_>, claim: &Claim<'_>| match staying {
        Staying::Moves(it) => claim.published().is_some() && (!it.is_own || elsewhere(claim)),
        Staying::Newcomer => elsewhere(claim) && !unclear(claim),
        Staying::Stays(_) | Staying::StaysWithheld(_) | Staying::Waits => false,
    };
    let changing = judged.iter().zip(members).filter(|(staying, member)| changes(staying, member.claim));
    let changing: Vec<ObjectName<'_>> = changing.map(|(_, member)| member.claim.object).collect();
    let total = claims.iter().filter(|claim| claim.is_ours() && claim.published().is_some()).count();
    let withheld = Request {
        budget: Budget::NameChanges,
        flag: "--allow-name-change",
        message: |ids: &[String]| {
            format!(
                "the published name of {} of {total} Ingresses would change although the Ingresses do not ask for it",
                ids.len()
            )
        },
        ids: changing.iter().map(ToString::to_string).collect(),
        allowed: &observed.settings.allowances.name_change,
        total,
        limit: name_change_limit(total),
    }
    .judge()?;
    let held_back: BTreeSet<&str> = withheld.ids.iter().map(String::as_str).collect();
    let may_be_held_back: BTreeSet<ObjectName<'_>> = changing.into_iter().collect();
    for (staying, member) in judged.iter_mut().zip(members) {
        let object = member.claim.object;
        if may_be_held_back.contains(&object) && held_back.contains(object.to_string().as_str()) {
            *staying = match staying {
                Staying::Moves(it) => Staying::StaysWithheld(it.from),
                _ => Staying::Waits,
            };
        }
    }
    Some(withheld)
}

/// Whether a published name belongs to a load balancer that is not ours. A name of ours that no longer exists in AWS is
/// certainly gone: replacing it is no change.
pub fn is_served_elsewhere(name: &str, observed: &Observed<'_>) -> bool {
    if observed.foreign_names.contains(name) {
        return true;
    }
    let label = name.strip_prefix("internal-").unwrap_or(name);
    !label.starts_with(NAME_PREFIX) && observed.owned_by_dns_name(name).is_none()
}

#[cfg(test)]
mod tests;
