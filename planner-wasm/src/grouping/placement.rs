//! Placement: members that stay are added to their load balancers; then moving and new members are placed, oldest first.

use std::collections::BTreeSet;

use albatross_contract::{Budget, Diagnostic, DiagnosticCode, PolicyPoint, Withheld};

use super::{
    Group, GroupId, Groups, Key, Member, Verdicts, defaults,
    finding::Finder,
    opening::Opener,
    room,
    staying::{Move, Staying, is_content, terms_on},
};
use crate::{
    budgets::{Request, name_change_limit},
    diagnostics::{Details, Subject, WAIT, warning},
    observed::{Observed, Owned},
    policies::frozen_diagnostic,
    source::Claim,
    terms::Term,
};

/// Where a member is placed, with its diagnostics.
pub struct Placement<'a> {
    /// Where it is placed.
    pub place: Place<'a>,
    /// Why it has no load balancer. `None`: it has one, or no host has a certificate, which `Decision` says.
    pub cause: Option<Diagnostic>,
    /// Other diagnostics.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where a member is after the plan.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// On a load balancer.
    On(Stand<'a>),
    /// Nowhere, until something is known that is not known yet.
    Waits,
    /// Nowhere, unless something is changed.
    Rejected,
}

/// The load balancer that serves a member.
#[derive(Clone, Copy)]
pub struct Stand<'a> {
    /// The load balancer.
    pub group: GroupId,
    /// Whether a part of the member is kept as it is, since it cannot be planned.
    pub held: bool,
    /// The load balancer that it leaves, and that its status names.
    pub leaves: Option<&'a Owned<'a>>,
}

impl<'a> Placement<'a> {
    /// The load balancer that serves it.
    pub fn group(&self) -> Option<GroupId> {
        self.stand().map(|stand| stand.group)
    }

    /// The load balancer that serves it, with details.
    pub fn stand(&self) -> Option<&Stand<'a>> {
        match &self.place {
            Place::On(stand) => Some(stand),
            Place::Waits | Place::Rejected => None,
        }
    }
}

/// Where all members are and will be.
pub struct Placed<'a> {
    /// One for each member, in their order.
    pub placements: Vec<Placement<'a>>,
    /// The moves that a budget holds back.
    pub withheld: Option<Withheld>,
    /// What the member that is asked about found at its turn.
    pub verdicts: Option<Verdicts<'a>>,
}

/// Places all members. `asked`: the index of the member to explain.
pub fn place<'a>(
    members: &[Member<'a>],
    mut staying: Vec<Staying<'a>>,
    groups: &mut Groups<'a>,
    opener: &mut Opener<'a>,
    asked: Option<usize>,
) -> Placed<'a> {
    let observed = groups.observed();
    for state in &staying {
        if let Staying::StaysWithheld(owned) = state
            && let Some(group) = groups.on(owned)
        {
            groups.freeze_terms(group);
        }
    }
    let withheld = keep_who_asks_for_nothing_more(members, &mut staying, groups, observed);
    let mut placements: Vec<Placement<'_>> = members.iter().map(unplaced).collect();
    for (index, state) in staying.iter().enumerate() {
        settle(state, &members[index], &mut placements[index], groups);
    }
    let mut order: Vec<usize> = (0..members.len())
        .filter(|index| !matches!(staying[*index], Staying::Stays(_) | Staying::StaysWithheld(_)))
        .collect();
    // A member that stays has its turn when all that stay are put where they are.
    let staying_asked = asked.filter(|asked| !order.contains(asked));
    let mut verdicts = staying_asked.map(|asked| Verdicts::at_turn(&members[asked], staying[asked], groups));
    if order.is_empty() {
        return Placed { placements, withheld, verdicts };
    }
    let mut finder = Finder::new(groups, observed, opener);
    // Members first for which room was found before; then members whose certificates are all on one load balancer: if there
    // was a crash, they were going there before.
    let has_place = |index: &usize| matches!(&staying[*index], Staying::Moves(it) if it.to.is_some());
    order.sort_by_cached_key(|index| {
        (!has_place(index), !finder.finds_all(&members[*index]), members[*index].claim.age())
    });
    for index in order {
        let (member, placement) = (&members[index], &mut placements[index]);
        if asked == Some(index) {
            verdicts = Some(Verdicts::at_turn(member, staying[index], finder.groups()));
        }
        match &staying[index] {
            Staying::Stays(_) | Staying::StaysWithheld(_) => {}
            Staying::Waits => {
                placement.place = Place::Waits;
                placement.cause = Some(withheld_name_change(
                    member.claim,
                    "its status names a load balancer that is not ours, and too many names would change at once",
                ));
            }
            Staying::Newcomer => finder.place_newcomer(index, member, placement),
            Staying::Moves(it) => finder.move_member(index, member, it, placement),
        }
    }
    Placed { placements, withheld, verdicts }
}

/// Adds the members that stay to their load balancers. Members that ask for more than before come last, oldest first; a
/// member that no longer fits moves. If too many would move, none moves unless a person allowed it.
fn keep_who_asks_for_nothing_more<'a>(
    members: &[Member<'a>],
    staying: &mut [Staying<'a>],
    groups: &mut Groups<'a>,
    observed: &Observed<'_>,
) -> Option<Withheld> {
    let mut asking = Vec::new();
    for (index, state) in staying.iter().enumerate() {
        let owned = match state {
            Staying::Stays(on) | Staying::StaysWithheld(on) => *on,
            // It is still published on the load balancer that it leaves, which serves it until its status names another.
            Staying::Moves(it) => {
                groups.keep_serving(it.from, members[index].claim);
                continue;
            }
            Staying::Newcomer | Staying::Waits => continue,
        };
        let Some(group) = groups.on(owned) else { continue };
        // In route mode the quotas of a load balancer were considered when its group was split.
        let may_move = members[index].claim.routing.is_none();
        if may_move && room::asks_for_more(groups.get(group), &members[index], observed) {
            asking.push((index, owned, group));
        } else {
            groups.add(group, index, &members[index]);
        }
    }
    asking.sort_by_key(|(index, _, _)| members[*index].claim.age());
    let mut without_room = Vec::new();
    for (index, owned, group) in asking {
        let served = groups.get(group).serve(&members[index], observed);
        if room::fits_beside_others(groups.get(group), &served.certificates) {
            groups.add(group, index, &members[index]);
        } else {
            without_room.push((index, owned, group));
        }
    }
    let withheld = withhold_moves(&without_room, members, observed);
    let held_back: BTreeSet<&str> =
        withheld.iter().flat_map(|withheld| &withheld.ids).map(String::as_str).collect();
    for (index, owned, group) in without_room {
        let claim = members[index].claim;
        staying[index] = if held_back.contains(claim.object.to_string().as_str()) {
            groups.add(group, index, &members[index]);
            Staying::StaysWithheld(owned)
        } else {
            groups.keep_serving(owned, claim);
            let reason = "its certificates no longer fit beside those of the other Ingresses";
            Staying::Moves(Move { from: owned, reason, is_own: true, to: None })
        };
    }
    withheld
}

/// If many members no longer fit at once, probably the certificates have changed and not the members. Then all of them
/// stay, since otherwise all would move in the end, a few in each pass. Certificates without room are held back.
fn withhold_moves(
    without_room: &[(usize, &Owned<'_>, GroupId)],
    members: &[Member<'_>],
    observed: &Observed<'_>,
) -> Option<Withheld> {
    let total = members.iter().filter(|member| member.claim.published().is_some()).count();
    let moving = without_room.iter().map(|(index, _, _)| members[*index].claim);
    Request {
        budget: Budget::NameChanges,
        flag: "--allow-name-change",
        message: |ids: &[String]| {
            format!(
                "the published name of {} of {total} Ingresses would change, since their certificates no longer fit \
                 beside those of the other Ingresses",
                ids.len()
            )
        },
        ids: moving
            .filter(|claim| claim.published().is_some())
            .map(|claim| claim.object.to_string())
            .collect(),
        allowed: &observed.settings.allowances.name_change,
        total,
        limit: name_change_limit(total),
    }
    .judge()
}

/// The placement of a member before it is placed, with the diagnostics of its claim and its certificates.
fn unplaced<'a>(member: &Member<'a>) -> Placement<'a> {
    let mut diagnostics = member.claim.diagnostics.clone();
    diagnostics.extend(member.certificates.diagnostics.iter().cloned());
    diagnostics.extend(member.share.told.iter().cloned());
    match member.key {
        Key::Free | Key::Given(_) | Key::Stays => {}
        Key::Frozen => diagnostics.push(frozen_diagnostic(PolicyPoint::Grouping, member.claim.object)),
        Key::Rejected(reason) => diagnostics.push(rejected(member.claim, reason)),
    }
    Placement { place: Place::Rejected, cause: None, diagnostics }
}

fn rejected(claim: &Claim<'_>, reason: &str) -> Diagnostic {
    let message = format!("the grouping policy rejects it: {reason}");
    warning(DiagnosticCode::PolicyRejected, Subject::Object(claim.object), message)
        .remedy("ask the author of the policy what it expects")
}

/// Notes that a member stays, and the terms of its load balancer.
fn settle<'a>(
    state: &Staying<'a>,
    member: &Member<'a>,
    placement: &mut Placement<'a>,
    groups: &mut Groups<'a>,
) {
    let (owned, withheld) = match state {
        Staying::Stays(owned) => (owned, false),
        Staying::StaysWithheld(owned) => (owned, true),
        Staying::Newcomer | Staying::Moves(_) | Staying::Waits => return,
    };
    let Some(group) = groups.on(owned) else { return };
    placement.place = Place::On(Stand { group, held: withheld || member.is_held(), leaves: None });
    if withheld {
        placement.diagnostics.push(withheld_name_change(
            member.claim,
            "it would move to another load balancer, and too many names would change at once",
        ));
        return;
    }
    if member.claim.is_unreadable_in_route_mode() {
        return; // It does not say in which group it is.
    }
    if let Some(message) = waits_for_others(member, groups.get(group), groups.observed()) {
        if !member.is_held() && !member.claim.is_going {
            let subject = Subject::Object(member.claim.object);
            placement.place = Place::On(Stand { group, held: true, leaves: None });
            placement
                .diagnostics
                .push(warning(DiagnosticCode::ViewIncomplete, subject, message).remedy(WAIT));
        }
        return;
    }
    groups.agree_on(group, |terms| {
        if member.claim.is_going {
            return; // What it asks for does not count, so it changes nothing for the others.
        }
        if let Some(wishes) = member.claim.wishes.value() {
            terms.wishes = wishes;
        }
        if let Some(shared) = member.claim.shared.value() {
            terms.alone = (!shared).then_some(member.claim.object);
        }
        match (&member.claim.routing, member.key.asked()) {
            (Some(routing), _) => (terms.key, terms.part) = (routing.group, member.share.part),
            (None, Some(key)) => terms.key = key,
            (None, None) => {}
        }
    });
}

/// In words, in what a load balancer is not as its member asks, while it is not known who else is on it. The member waits: the
/// load balancer may change in place if all agree, and else the member moves. `None`: it need not wait.
fn waits_for_others(member: &Member<'_>, group: &Group<'_>, observed: &Observed<'_>) -> Option<String> {
    let (missing, owned) = (group.unseen()?, group.owned()?);
    let (there, found) = (owned.terms()?, owned.load_balancer?);
    let (asked, name) = (terms_on(member, &there), &found.name);
    if is_content(&asked, &there, found, observed) {
        return None;
    }
    let differs = match (there.difference(&asked)?, there.alone) {
        (Term::Alone, Some(other)) => format!("a tag says that {name} serves only {other}"),
        (Term::Alone, None) => format!("it asks for a load balancer of its own, and {name} is shared"),
        (Term::Key, _) => format!("it is in another group than {name}"),
        (Term::Part, _) => format!("its group is split, and {name} is for another part of it"),
        _ => {
            let property = defaults::lacks(found, asked.wishes, observed)?;
            match asked.wishes {
                Some(_) => format!("it asks for {property} that {name} does not have"),
                None => format!("an object that asks for nothing gets {property} that {name} does not have"),
            }
        }
    };
    Some(format!(
        "{differs}; it is not known what others on the load balancer ask for ({missing}), so the load balancer stays as it is"
    ))
}

fn withheld_name_change(claim: &Claim<'_>, message: &str) -> Diagnostic {
    warning(DiagnosticCode::WithheldNameChange, Subject::Object(claim.object), message)
        .remedy(format!("--allow-name-change={}", claim.object))
}

#[cfg(test)]
mod tests;
