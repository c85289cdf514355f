//! Placement: who stays is put where it is; who moves and who is new is placed, oldest first.

use std::{cmp::Reverse, collections::BTreeSet};

use albatross_contract::{Diagnostic, DiagnosticCode, Scheme, Severity};

use super::{
    Key, Member, Place, Slot, Slots, capacity,
    compatibility::Staying,
    opening::{self, Opener},
};
use crate::{
    budgets::name_change_limit,
    certificates::Want,
    observed::{Concern, Observed},
    source::Claim,
    words,
};

/// Places all members; the answer has their order.
pub fn place<'a>(
    members: &[Member<'a>],
    mut staying: Vec<Staying>,
    slots: &mut Slots<'a>,
    observed: &'a Observed<'a>,
    opener: &mut Opener<'a>,
) -> Vec<Place> {
    keep_who_asks_for_nothing_more(members, &mut staying, slots, observed);
    let mut places: Vec<Place> = members.iter().map(|member| empty_place(member)).collect();
    for state in &staying {
        if let Staying::Stays { on, withheld: true } = state
            && let Some(slot) = slots.get_mut(on)
        {
            slot.tags_frozen = true;
        }
    }
    for (index, state) in staying.iter().enumerate() {
        if let Staying::Stays { on, withheld } = state {
            settle(index, on, *withheld, members, &mut places, slots);
        }
    }
    let placed = (0..members.len()).filter(|index| !matches!(staying[*index], Staying::Stays { .. }));
    // Who finds all certificates in place comes first: that is where it was going before a crash, if there was one.
    let mut order: Vec<(bool, usize)> =
        placed.map(|index| (finds_all(&members[index], slots, observed), index)).collect();
    order.sort_by_key(|(finds_all, index)| (!finds_all, members[*index].claim.age()));
    for (_, index) in order {
        let member = &members[index];
        match &staying[index] {
            Staying::Stays { .. } => {}
            Staying::Waits => {
                places[index].waits = true;
                places[index].diagnostics.push(diagnostic(
                    member.claim,
                    DiagnosticCode::WithheldNameChange,
                    "its published name belongs to somebody else, and too many names would change at once"
                        .to_owned(),
                    &format!("--allow-name-change {}", member.claim.name),
                ));
            }
            Staying::Newcomer => place_newcomer(index, member, &mut places[index], slots, observed, opener),
            Staying::Moves { from, reason, .. } => {
                let from = from.clone();
                move_member(index, member, &from, reason, &mut places[index], slots, observed, opener);
            }
        }
    }
    places
}

/// Puts those who stay on their slots. Those whose own change asks for more come last, oldest first; who no longer
/// fits then moves, alone.
fn keep_who_asks_for_nothing_more<'a>(
    members: &[Member<'a>],
    staying: &mut [Staying],
    slots: &mut Slots<'a>,
    observed: &Observed<'a>,
) {
    let mut asking = Vec::new();
    for (index, state) in staying.iter().enumerate() {
        let slot = match state {
            Staying::Stays { on, .. } => slots.get_mut(on),
            // Still published where it leaves: what serves it there stays until its status names another.
            Staying::Moves { from, .. } => {
                slots.keep_serving(from, members[index].claim);
                None
            }
            Staying::Newcomer | Staying::Waits => None,
        };
        let Some(slot) = slot else { continue };
        if capacity::asks_for_more(slot, &members[index]) {
            asking.push(index);
        } else {
            slot.add(index, &members[index]);
        }
    }
    asking.sort_by_key(|index| members[*index].claim.age());
    let mut without_room = Vec::new();
    for index in asking {
        let Staying::Stays { on, .. } = &staying[index] else { continue };
        let on = on.clone();
        let Some(slot) = slots.get_mut(&on) else { continue };
        let served = slot.serve(&members[index]);
        if capacity::has_room(slot, &served.arns, observed) {
            slot.add(index, &members[index]);
        } else {
            without_room.push((index, on));
        }
    }
    // Many at once did not all change: certificates came or went. They stay, and what finds no room is held back.
    let published = members.iter().filter(|member| member.claim.published.is_some()).count();
    let too_many = without_room.len() > name_change_limit(published);
    for (index, on) in without_room {
        if too_many {
            if let Some(slot) = slots.get_mut(&on) {
                slot.add(index, &members[index]);
            }
        } else {
            slots.keep_serving(&on, members[index].claim);
            let reason = "its certificates no longer fit beside those of the others".to_owned();
            staying[index] = Staying::Moves { from: on, reason, own: true };
        }
    }
}

fn empty_place(member: &Member<'_>) -> Place {
    let held = !member.claim.diagnostics.is_empty() || matches!(member.certificates.want, Want::Unknown);
    let mut diagnostics = member.claim.diagnostics.clone();
    diagnostics.extend(member.certificates.diagnostics.iter().cloned());
    if let Key::Keep(reason) = &member.key {
        diagnostics.push((**reason).clone());
    }
    Place {
        on: None,
        leaves: None,
        held: held || matches!(member.key, Key::Keep(_)),
        waits: false,
        diagnostics,
    }
}

/// Writes down that a member stays, and what its slot is then.
fn settle(
    index: usize,
    on: &str,
    withheld: bool,
    members: &[Member<'_>],
    places: &mut [Place],
    slots: &mut Slots<'_>,
) {
    let member = &members[index];
    places[index].on = Some(on.to_owned());
    let Some(slot) = slots.get_mut(on) else { return };
    if withheld {
        places[index].held = true;
        places[index].diagnostics.push(diagnostic(
            member.claim,
            DiagnosticCode::WithheldNameChange,
            "it would move to another load balancer, and too many names would change at once".to_owned(),
            &format!("--allow-name-change {}", member.claim.name),
        ));
    } else if !slot.tags_frozen {
        if let Some(shared) = member.claim.shared.value() {
            slot.exclusive = (!shared).then(|| member.claim.name.clone());
        }
        match &member.key {
            Key::Free => slot.group = None,
            Key::Given(key) => slot.group = Some(key.clone()),
            Key::Keep(_) => {}
        }
    }
}

fn place_newcomer<'a>(
    index: usize,
    member: &Member<'a>,
    place: &mut Place,
    slots: &mut Slots<'a>,
    observed: &'a Observed<'a>,
    opener: &mut Opener<'a>,
) {
    // There is nothing yet that could be kept.
    place.held = false;
    if let Key::Keep(reason) = &member.key {
        place.waits = reason.code == DiagnosticCode::PolicyFrozen;
        return;
    }
    if !member.claim.diagnostics.is_empty() {
        return;
    }
    if let (Some(name), Some(missing)) =
        (&member.claim.published, observed.completeness.explain(Concern::BelieveGone))
    {
        place.waits = true;
        let message = format!("its status names {name}, of which nothing is known: {missing}");
        place.diagnostics.push(diagnostic(member.claim, DiagnosticCode::ViewIncomplete, message, "wait"));
        return;
    }
    if matches!(member.certificates.want, Want::Unknown) {
        place.waits = member.certificates.waits;
        return;
    }
    match find(index, member, None, slots, observed, opener) {
        Ok(id) => place.on = Some(id),
        Err(obstacle) => {
            place.waits = obstacle.waits;
            place.diagnostics.extend(obstacle.diagnostic);
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn move_member<'a>(
    index: usize,
    member: &Member<'a>,
    from: &str,
    reason: &str,
    place: &mut Place,
    slots: &mut Slots<'a>,
    observed: &'a Observed<'a>,
    opener: &mut Opener<'a>,
) {
    let found = match (&member.certificates.want, &member.key) {
        // Which load balancer would be right is not known; why not has been said already.
        (Want::Unknown, _) | (_, Key::Keep(_)) => Err(NoPlace { waits: true, diagnostic: None }),
        (Want::Known(_), _) => find(index, member, Some(from), slots, observed, opener),
    };
    match found {
        Ok(id) => {
            place.on = Some(id);
            place.leaves = Some(from.to_owned());
        }
        Err(obstacle) => {
            place.on = Some(from.to_owned());
            place.held = true;
            if let Some(slot) = slots.get_mut(from) {
                slot.members.push(index);
                slot.leaving -= 1;
            }
            place.diagnostics.extend(obstacle.diagnostic.map(|mut diagnostic| {
                diagnostic.message =
                    format!("it should move ({reason}), but {}; it stays", diagnostic.message);
                diagnostic
            }));
        }
    }
}

/// Why a member gets no place.
struct NoPlace {
    waits: bool,
    diagnostic: Option<Diagnostic>,
}

/// Finds a place, opening a load balancer if none that exists will do.
fn find<'a>(
    index: usize,
    member: &Member<'a>,
    from: Option<&str>,
    slots: &mut Slots<'a>,
    observed: &'a Observed<'a>,
    opener: &mut Opener<'a>,
) -> Result<String, NoPlace> {
    let claim = member.claim;
    let arns = member.certificates.arns();
    let no = |code, message, remedy: &str| {
        Err(NoPlace { waits: false, diagnostic: Some(diagnostic(claim, code, message, remedy)) })
    };
    if arns.is_empty() {
        if claim.hosts.is_empty() {
            let message = "it has no host, so no certificate can be found for it".to_owned();
            let remedy =
                format!("name a host, or a certificate in {}", albatross_contract::ANNOTATION_CERTIFICATE);
            return no(DiagnosticCode::HostNone, message, &remedy);
        }
        // Which hosts lack one has been said already.
        return Err(NoPlace { waits: member.certificates.waits, diagnostic: None });
    }
    if !capacity::fits_alone(&arns, observed) {
        let message = format!(
            "it needs {} certificates, a load balancer may have {} with one place free for renewals",
            arns.len(),
            capacity::limit(observed)
        );
        return no(DiagnosticCode::CapacityExceeded, message, "split it into several Ingresses");
    }
    let Some(scheme) = claim.scheme.value() else {
        return Err(NoPlace { waits: false, diagnostic: None });
    };
    let best = slots
        .iter()
        .filter(|slot| Some(slot.id.as_str()) != from && misfit(slot, member, scheme, observed).is_none())
        .filter(|slot| capacity::has_room(slot, &arns, observed))
        .min_by_key(|slot| rank(slot, member, &arns))
        .map(|slot| slot.id.clone());
    let id = match best {
        Some(id) => id,
        None => open(member, from, scheme, slots, observed, opener)?,
    };
    if let Some(slot) = slots.get_mut(&id) {
        if slot.is_empty() {
            slot.exclusive = (claim.shared.value() == Some(false)).then(|| claim.name.clone());
            slot.group = key(member).map(str::to_owned);
        }
        slot.add(index, member);
    }
    Ok(id)
}

/// Whether some load balancer that a member may stand on holds all its certificates already.
fn finds_all(member: &Member<'_>, slots: &Slots<'_>, observed: &Observed<'_>) -> bool {
    let arns = member.certificates.arns();
    let Some(scheme) = member.claim.scheme.value().filter(|_| !arns.is_empty()) else { return false };
    slots.iter().any(|slot| arns.is_subset(slot.held()) && misfit(slot, member, scheme, observed).is_none())
}

/// Tagged for this purpose first, then fewest new certificates, then the most certificates, then by id.
fn rank<'b>(
    slot: &'b Slot<'_>,
    member: &Member<'_>,
    arns: &BTreeSet<&str>,
) -> (bool, usize, Reverse<usize>, &'b str) {
    let alone = (member.claim.shared.value() == Some(false)).then_some(&member.claim.name);
    let other_purpose = slot.exclusive.as_ref() != alone || slot.group.as_deref() != key(member);
    let there = slot.held();
    (other_purpose, arns.iter().filter(|arn| !there.contains(*arn)).count(), Reverse(there.len()), &slot.id)
}

fn key<'b>(member: &'b Member<'_>) -> Option<&'b str> {
    match &member.key {
        Key::Given(key) => Some(key),
        Key::Free | Key::Keep(_) => None,
    }
}

/// Why a member cannot stand on a load balancer, however much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Another scheme.
    Scheme,
    /// AWS could not make it.
    Broken,
    /// It serves another one alone.
    ServesAnotherAlone,
    /// The member wants one of its own.
    WantsItsOwn,
    /// Another group.
    Group,
}

/// Whether a member may stand on a load balancer. One that is marked as unneeded takes any terms but its scheme, which
/// AWS cannot change. One that serves nobody and has no mark is half-made: it waits for those whom its tags name.
pub fn misfit(
    slot: &Slot<'_>,
    member: &Member<'_>,
    scheme: Scheme,
    observed: &Observed<'_>,
) -> Option<Misfit> {
    let alone = member.claim.shared.value() == Some(false);
    let its_own = slot.exclusive.as_ref() == Some(&member.claim.name);
    if slot.scheme != scheme {
        Some(Misfit::Scheme)
    } else if slot.owned.is_some_and(|owned| owned.is_given_up(observed.time)) {
        Some(Misfit::Broken)
    } else if slot.is_empty() && slot.owned.is_some_and(|owned| owned.unneeded_since().is_some()) {
        None
    } else if alone && !its_own {
        Some(Misfit::WantsItsOwn)
    } else if !alone && slot.exclusive.is_some() {
        Some(Misfit::ServesAnotherAlone)
    } else if slot.group.as_deref() != key(member) {
        Some(Misfit::Group)
    } else {
        None
    }
}

fn open<'a>(
    member: &Member<'a>,
    from: Option<&str>,
    scheme: Scheme,
    slots: &mut Slots<'a>,
    observed: &'a Observed<'a>,
    opener: &mut Opener<'a>,
) -> Result<String, NoPlace> {
    let mut slot = opener.open(scheme, slots).map_err(|obstacle| NoPlace {
        waits: obstacle.waits,
        diagnostic: Some(diagnostic(
            member.claim,
            obstacle.code,
            opening::sentence(&obstacle, scheme),
            &obstacle.remedy,
        )),
    })?;
    let replaced = |slots: &Slots<'_>, id: &str| {
        slots.iter().any(|slot| {
            slot.replaces.as_deref() == Some(id)
                || slot.owned.is_some_and(|owned| owned.replaces() == Some(id))
        })
    };
    slot.replaces = from.filter(|from| !replaced(slots, from)).map(str::to_owned).or_else(|| {
        let broken = observed.owned.values().find(|owned| {
            owned.is_given_up(observed.time)
                && owned.load_balancer.is_some_and(|found| found.scheme == scheme)
                && !replaced(slots, owned.id)
        });
        broken.map(|owned| owned.id.to_owned())
    });
    let id = slot.id.clone();
    slots.insert(slot);
    Ok(id)
}

fn diagnostic(claim: &Claim, code: DiagnosticCode, message: String, remedy: &str) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Warning,
        subject: words::ingress(&claim.name),
        field: None,
        message,
        remedy: Some(remedy.to_owned()),
    }
}
