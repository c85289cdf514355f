//! Compatibility: who can stay where they are.
//!
//! Against a load balancer that exists only what AWS cannot change counts: its scheme. Everything else counts among
//! its members: where they disagree, who matches what the tags say stays, then the larger set, then the older.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{Budget, Withheld};

use super::{Key, Member};
use crate::{
    budgets::{Request, name_change_limit},
    identity::NAME_PREFIX,
    observed::{Observed, Owned},
    source::Claim,
};

/// What becomes of the place that a member has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staying {
    /// It has none.
    Newcomer,
    /// It stays; `withheld` if it would move, were that not withheld.
    Stays {
        /// Our id.
        on: String,
        /// Whether a budget keeps it.
        withheld: bool,
    },
    /// It cannot stay.
    Moves {
        /// Our id of where it is.
        from: String,
        /// Why, in words.
        reason: String,
        /// Whether its own annotations ask for it.
        own: bool,
    },
    /// It has none, its name is published by somebody else, and taking that over is withheld.
    Waits,
}

/// What the members of one load balancer must agree on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Terms {
    exclusive: Option<String>,
    group: Option<String>,
}

/// Judges every member.
pub fn judge(members: &[Member<'_>], standings: &[Option<&str>], observed: &Observed<'_>) -> Vec<Staying> {
    let mut judged = vec![Staying::Newcomer; members.len()];
    let mut by_load_balancer: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, standing) in standings.iter().enumerate() {
        if let Some(id) = standing {
            by_load_balancer.entry(id).or_default().push(index);
        }
    }
    for (id, indices) in by_load_balancer {
        if let Some(owned) = observed.owned.get(id) {
            judge_one(owned, &indices, members, observed, &mut judged);
        }
    }
    judged
}

fn judge_one(
    owned: &Owned<'_>,
    indices: &[usize],
    members: &[Member<'_>],
    observed: &Observed<'_>,
    judged: &mut [Staying],
) {
    let Some(load_balancer) = owned.load_balancer else { return };
    let moves = |reason: &str, own: bool| Staying::Moves {
        from: owned.id.to_owned(),
        reason: reason.to_owned(),
        own,
    };
    let broken = owned.is_given_up(observed.time);
    let mut sets: BTreeMap<Terms, Vec<usize>> = BTreeMap::new();
    for index in indices {
        let member = &members[*index];
        if member.claim.scheme.value().is_some_and(|scheme| scheme != load_balancer.scheme) {
            judged[*index] =
                moves("it asks for another scheme, which AWS cannot change", member.claim.scheme.is_own());
        } else if broken {
            judged[*index] = moves("AWS could not make the load balancer", false);
        } else {
            sets.entry(terms(member, owned)).or_default().push(*index);
        }
    }
    let as_tagged =
        Terms { exclusive: owned.exclusive().map(str::to_owned), group: owned.group().map(str::to_owned) };
    let oldest = |set: &[usize]| set.iter().map(|index| members[*index].claim.age()).min();
    let staying = sets
        .iter()
        .max_by_key(|(terms, set)| (**terms == as_tagged, set.len(), Reverse(oldest(set))))
        .map(|(_, set)| set.clone())
        .unwrap_or_default();
    for set in sets.values() {
        for index in set {
            let claim = members[*index].claim;
            judged[*index] = if staying.contains(index) {
                Staying::Stays { on: owned.id.to_owned(), withheld: false }
            } else if claim.shared.value() == Some(false) {
                moves("it asks for a load balancer of its own", claim.shared.is_own())
            } else {
                moves("the grouping policy gives it another group than the others", false)
            };
        }
    }
}

fn terms(member: &Member<'_>, owned: &Owned<'_>) -> Terms {
    let name = member.claim.name.to_string();
    let alone = match member.claim.shared.value() {
        Some(shared) => !shared,
        None => owned.exclusive() == Some(name.as_str()),
    };
    let group = match &member.key {
        Key::Free => None,
        Key::Given(key) => Some(key.clone()),
        Key::Keep(_) => owned.group().map(str::to_owned),
    };
    Terms { exclusive: alone.then_some(name), group }
}

/// Holds back published names that would change unasked, if there are too many: all of them, as one set.
pub fn withhold(
    judged: &mut [Staying],
    members: &[Member<'_>],
    claims: &[Claim],
    observed: &Observed<'_>,
) -> Option<Withheld> {
    // A name that is not ours changes unasked, whatever an Ingress asks of us.
    let elsewhere = |claim: &Claim| claim.names.iter().any(|name| is_served_elsewhere(name, observed));
    let changes = |staying: &Staying, claim: &Claim| match staying {
        Staying::Moves { own, .. } => claim.published.is_some() && (!own || elsewhere(claim)),
        Staying::Newcomer => elsewhere(claim),
        Staying::Stays { .. } | Staying::Waits => false,
    };
    let changing: Vec<String> = judged
        .iter()
        .zip(members)
        .filter(|(staying, member)| changes(staying, member.claim))
        .map(|(_, member)| member.claim.name.to_string())
        .collect();
    let total = claims.iter().filter(|claim| claim.ours.is_some() && claim.published.is_some()).count();
    let withheld = Request {
        budget: Budget::NameChanges,
        flag: "--allow-name-change",
        message: |ids: &[String]| {
            format!("the published name of {} of {total} Ingresses would change unasked", ids.len())
        },
        ids: changing,
        allowed: &observed.settings.allowances.name_change,
        total,
        limit: name_change_limit(total),
    }
    .judge()?;
    let held_back: BTreeSet<&str> = withheld.ids.iter().map(String::as_str).collect();
    for (staying, member) in judged.iter_mut().zip(members) {
        if held_back.contains(member.claim.name.to_string().as_str()) {
            *staying = match staying {
                Staying::Moves { from, .. } => Staying::Stays { on: from.clone(), withheld: true },
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
    !label.starts_with(NAME_PREFIX) && !observed.by_dns_name.contains_key(name)
}
