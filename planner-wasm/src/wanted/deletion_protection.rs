//! Deletion protection. We turn off only what we turned on, which a tag of ours says. Protection for which the settings ask goes
//! with its load balancer; protection for which an Ingress asks stays until an Ingress asks for the opposite, so it outlives
//! the Ingress.

use albatross_contract::{Diagnostic, PROTECTED_FOR_INGRESS, PROTECTED_FOR_SETTINGS};

use crate::{
    diagnostics::{Details, conflict},
    observed::{Observed, Owned},
    source::{LOAD_BALANCER_ATTRIBUTES, ObjectName},
};

/// Whether a load balancer has deletion protection that we turn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionProtection {
    /// We turn it on, and our tag has this value.
    On(&'static str),
    /// We turn off what we turned on.
    Off,
}

use DeletionProtection::{Off, On};

/// Whether a load balancer should have deletion protection. `None`: it stays as it is. `asked`: what an Ingress asks for;
/// `keeps`: whether it stays if no Ingress asks.
pub fn of(
    owned: Option<&Owned<'_>>,
    asked: Option<bool>,
    keeps: bool,
    observed: &Observed<'_>,
) -> Option<DeletionProtection> {
    let owned = owned.filter(|owned| owned.load_balancer.is_some());
    if owned.is_some_and(Owned::is_protected_by_others) {
        return None;
    }
    let mark = owned.and_then(Owned::protection_mark);
    let of_ingress = mark == Some(PROTECTED_FOR_INGRESS);
    match (asked, observed.settings.deletion_protection.unwrap_or_default()) {
        (Some(true), _) => Some(On(PROTECTED_FOR_INGRESS)),
        (Some(false), true) => Some(On(PROTECTED_FOR_SETTINGS)),
        (Some(false), false) => mark.map(|_| Off),
        (None, _) if keeps && owned.is_some() => None,
        (None, true) => Some(On(if of_ingress { PROTECTED_FOR_INGRESS } else { PROTECTED_FOR_SETTINGS })),
        (None, false) => mark.filter(|_| !of_ingress).map(|_| Off),
    }
}

/// Why deletion protection stays on although an Ingress asks for the opposite.
pub fn stays_on(
    object: ObjectName<'_>,
    owned: Option<&Owned<'_>>,
    observed: &Observed<'_>,
) -> Option<Diagnostic> {
    let (who, remedy) = if owned.is_some_and(Owned::is_protected_by_others) {
        ("somebody else turned it on", "turn it off in AWS, or remove the attribute from the annotation")
    } else if observed.settings.deletion_protection.unwrap_or_default() {
        (
            "the settings ask for it",
            "remove the attribute from the annotation, or deletion-protection from the settings",
        )
    } else {
        return None;
    };
    let annotation = LOAD_BALANCER_ATTRIBUTES;
    let message = format!(
        "annotation {annotation} turns deletion protection off, but {who}: deletion protection stays on"
    );
    Some(conflict(object, annotation, message).remedy(remedy))
}
