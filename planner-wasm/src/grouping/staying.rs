//! Staying: who can stay where they are.
//!
//! Against a load balancer that exists only what AWS cannot change counts: its scheme. Everything else counts among
//! its members: where they disagree, who matches what the tags say stays, then the larger set, then the older.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{Budget, Withheld};

use super::{Key, Member, Standing};
use crate::{
    budgets::{Request, name_change_limit},
    identity::NAME_PREFIX,
    observed::{Observed, Owned},
    source::{Claim, ObjectName},
    terms::Terms,
};

/// What becomes of the place that a member has.
#[derive(Clone, Copy)]
pub enum Staying<'a> {
    /// It has none.
    Newcomer,
    /// It stays.
    Stays(&'a Owned<'a>),
    /// It would move, were that not withheld.
    StaysWithheld(&'a Owned<'a>),
    /// It cannot stay.
    Moves(Move<'a>),
    /// It has none, its name is published by somebody else, and taking that over is withheld.
    Waits,
}

/// A member that cannot stay.
#[derive(Clone, Copy)]
pub struct Move<'a> {
    /// Where it is.
    pub from: &'a Owned<'a>,
    /// Why, in words.
    pub reason: &'static str,
    /// Whether its own annotations ask for it.
    pub is_own: bool,
}

/// Judges every member.
pub fn judge<'a>(
    members: &[Member<'a>],
    standings: &[Standing<'a>],
    observed: &Observed<'_>,
) -> Vec<Staying<'a>> {
    let mut judged = vec![Staying::Newcomer; members.len()];
    let mut by_load_balancer: Vec<Vec<usize>> = vec![Vec::new(); observed.owned.len()];
    for (index, standing) in standings.iter().enumerate() {
        if let Some(owned) = standing {
            judged[index] = Staying::Stays(owned);
            by_load_balancer[owned.place()].push(index);
        }
    }
    for indices in by_load_balancer {
        if let Some(owned) = indices.first().and_then(|index| standings[*index]) {
            judge_one(owned, &indices, members, observed, &mut judged);
        }
    }
    judged
}

/// Judges the members of one load balancer. They stay if nothing is found.
fn judge_one<'a>(
    owned: &'a Owned<'a>,
    indices: &[usize],
    members: &[Member<'a>],
    observed: &Observed<'_>,
    judged: &mut [Staying<'a>],
) {
    let Some(load_balancer) = owned.load_balancer else { return };
    let moves = |reason, is_own| Staying::Moves(Move { from: owned, reason, is_own });
    let as_tagged = Terms::of(load_balancer);
    let broken = owned.is_given_up(observed.time);
    let mut sets: BTreeMap<Terms<'_>, Vec<usize>> = BTreeMap::new();
    for index in indices {
        let claim = members[*index].claim;
        // What is being deleted moves nowhere any more.
        if claim.is_going {
            continue;
        }
        if claim.scheme.value().is_some_and(|scheme| scheme != load_balancer.scheme) {
            let reason = "it asks for another scheme, and AWS cannot change the scheme of a load balancer";
            judged[*index] = moves(reason, claim.scheme.is_own());
        } else if broken {
            judged[*index] = moves("AWS could not provision the load balancer", false);
        } else {
            sets.entry(terms_on(&members[*index], &as_tagged)).or_default().push(*index);
        }
    }
    let oldest = |set: &[usize]| set.iter().map(|index| members[*index].claim.age()).min();
    let staying = match sets.len() {
        0 | 1 => return,
        _ => sets.iter().max_by_key(|(terms, set)| (**terms == as_tagged, set.len(), Reverse(oldest(set)))),
    };
    let staying = staying.map(|(terms, _)| *terms);
    for index in sets.iter().filter(|(terms, _)| Some(**terms) != staying).flat_map(|(_, set)| set) {
        let claim = members[*index].claim;
        judged[*index] = if claim.wants_its_own() {
            moves("it asks for a load balancer of its own", claim.shared.is_own())
        } else {
            moves("the grouping policy puts it into another group than the other members", false)
        };
    }
}

/// What a member asks of a load balancer that it stands on: where nothing can be said, what is there.
fn terms_on<'a>(member: &Member<'a>, there: &Terms<'a>) -> Terms<'a> {
    let object = member.claim.object;
    let alone = match member.claim.shared.value() {
        Some(shared) => !shared,
        None => there.alone == Some(object),
    };
    let key = match member.key {
        Key::Free => None,
        Key::Given(key) => Some(key),
        Key::Frozen | Key::Rejected(_) => there.key,
    };
    Terms { scheme: there.scheme, alone: alone.then_some(object), key }
}

/// Holds back published names that would change unasked, if there are too many: all of them, as one set.
pub fn withhold(
    judged: &mut [Staying<'_>],
    members: &[Member<'_>],
    claims: &[Claim<'_>],
    observed: &Observed<'_>,
) -> Option<Withheld> {
    // A name that is not ours changes unasked, whatever an Ingress asks of us.
    let elsewhere = |claim: &Claim<'_>| claim.names.iter().any(|name| is_served_elsewhere(name, observed));
    // Who waits until it is known whose its load balancer is changes nothing.
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
            format!("the published name of {} of {total} Ingresses would change although the Ingresses do not ask for it", ids.len())
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

/// Whether a published name belongs to somebody else. One that we gave and that AWS no longer has is proven gone:
/// replacing it is no change.
pub fn is_served_elsewhere(name: &str, observed: &Observed<'_>) -> bool {
    if observed.foreign_names.contains(name) {
        return true;
    }
    let label = name.strip_prefix("internal-").unwrap_or(name);
    !label.starts_with(NAME_PREFIX) && observed.owned_by_dns_name(name).is_none()
}

#[cfg(test)]
mod tests;
