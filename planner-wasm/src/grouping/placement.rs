//! Placement: who stays is put where it is; who moves and who is new is placed, oldest first.

use std::collections::BTreeSet;

use albatross_contract::{Budget, DiagnosticCode, Withheld};

use super::{
    Key, Member, Place, Slots,
    candidates::finds_all,
    capacity,
    compatibility::Staying,
    finding::{Finder, diagnostic},
    opening::Opener,
};
use crate::{
    budgets::{Request, name_change_limit},
    certificates::Want,
    observed::Observed,
};

/// Places all members; the answer has their order. Also says which moves a budget holds back.
pub fn place<'a>(
    members: &[Member<'a>],
    mut staying: Vec<Staying>,
    slots: &mut Slots<'a>,
    observed: &'a Observed<'a>,
    opener: &mut Opener<'a>,
) -> (Vec<Place>, Option<Withheld>) {
    for state in &staying {
        if let Staying::Stays { on, withheld: true } = state
            && let Some(slot) = slots.get_mut(on)
        {
            slot.tags_frozen = true;
        }
    }
    let withheld = keep_who_asks_for_nothing_more(members, &mut staying, slots, observed);
    let mut places: Vec<Place> = members.iter().map(|member| empty_place(member)).collect();
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
    let mut finder = Finder { slots, observed, opener };
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
                    &format!("--allow-name-change={}", member.claim.name),
                ));
            }
            Staying::Newcomer => finder.place_newcomer(index, member, &mut places[index]),
            Staying::Moves { from, reason, .. } => {
                finder.move_member(index, member, from, reason, &mut places[index]);
            }
        }
    }
    (places, withheld)
}

/// Puts those who stay on their slots. Those whose own change asks for more come last, oldest first; who no longer
/// fits then moves, alone. Of too many none moves that nobody allowed.
fn keep_who_asks_for_nothing_more<'a>(
    members: &[Member<'a>],
    staying: &mut [Staying],
    slots: &mut Slots<'a>,
    observed: &Observed<'a>,
) -> Option<Withheld> {
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
        if capacity::fits_beside_others(slot, &served.arns, observed) {
            slot.add(index, &members[index]);
        } else {
            without_room.push((index, on));
        }
    }
    // Many at once may not have changed themselves: certificates came or went. They stay as one set, for a few in each
    // pass would in the end be all of them; what finds no room is held back.
    let total = members.iter().filter(|member| member.claim.published.is_some()).count();
    let moving = without_room.iter().map(|(index, _)| members[*index].claim);
    let withheld = Request {
        budget: Budget::NameChanges,
        flag: "--allow-name-change",
        message: |ids: &[String]| {
            format!(
                "the published name of {} of {total} Ingresses would change, since their certificates no longer fit \
                 beside those of the others",
                ids.len()
            )
        },
        ids: moving.filter(|claim| claim.published.is_some()).map(|claim| claim.name.to_string()).collect(),
        allowed: &observed.settings.allowances.name_change,
        total,
        limit: name_change_limit(total),
    }
    .judge();
    let held_back: BTreeSet<&String> = withheld.iter().flat_map(|withheld| &withheld.ids).collect();
    for (index, on) in without_room {
        if held_back.contains(&members[index].claim.name.to_string()) {
            if let Some(slot) = slots.get_mut(&on) {
                slot.add(index, &members[index]);
            }
            staying[index] = Staying::Stays { on, withheld: true };
        } else {
            slots.keep_serving(&on, members[index].claim);
            let reason = "its certificates no longer fit beside those of the others".to_owned();
            staying[index] = Staying::Moves { from: on, reason, own: true };
        }
    }
    withheld
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
            &format!("--allow-name-change={}", member.claim.name),
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
