//! Finding places: for who is new and who moves, on a load balancer that exists, or on one that is opened.

use albatross_contract::{Diagnostic, DiagnosticCode, Scheme, Severity};

use super::{
    Key, Member, Place, Slots,
    candidates::{key, misfit, rank},
    capacity,
    opening::{self, Opener},
};
use crate::{
    certificates::Want,
    observed::{Concern, Observed, Owned},
    source::Claim,
    words,
};

/// Finds places, one member after the other: each sees where those before it went.
pub struct Finder<'a, 'b> {
    /// The load balancers.
    pub slots: &'b mut Slots<'a>,
    /// What AWS has.
    pub observed: &'a Observed<'a>,
    /// Opens further ones.
    pub opener: &'b mut Opener<'a>,
}

/// Why a member gets no place.
struct NoPlace {
    waits: bool,
    diagnostic: Option<Diagnostic>,
}

impl<'a> Finder<'a, '_> {
    /// Gives a newcomer a place, or says why it gets none.
    pub fn place_newcomer(&mut self, index: usize, member: &Member<'a>, place: &mut Place) {
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
            (&member.claim.published, self.observed.completeness.explain(Concern::BelieveGone))
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
        match self.find(index, member, None) {
            Ok(id) => place.on = Some(id),
            Err(obstacle) => {
                place.waits = obstacle.waits;
                place.diagnostics.extend(obstacle.diagnostic);
            }
        }
    }

    /// Gives a member another place than it has, or lets it stay and says why.
    pub fn move_member(
        &mut self,
        index: usize,
        member: &Member<'a>,
        from: &str,
        reason: &str,
        place: &mut Place,
    ) {
        let found = match (&member.certificates.want, &member.key) {
            // Which load balancer would be right is not known; why not has been said already.
            (Want::Unknown, _) | (_, Key::Keep(_)) => Err(NoPlace { waits: true, diagnostic: None }),
            (Want::Known(_), _) => self.find(index, member, Some(from)),
        };
        match found {
            Ok(id) => {
                place.on = Some(id);
                place.leaves = Some(from.to_owned());
            }
            Err(obstacle) => {
                place.on = Some(from.to_owned());
                place.held = true;
                if let Some(slot) = self.slots.get_mut(from) {
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

    /// Finds a place, opening a load balancer if none that exists will do.
    fn find(&mut self, index: usize, member: &Member<'a>, from: Option<&str>) -> Result<String, NoPlace> {
        let observed = self.observed;
        let claim = member.claim;
        let arns = member.certificates.arns();
        let no = |code, message, remedy: &str| {
            Err(NoPlace { waits: false, diagnostic: Some(diagnostic(claim, code, message, remedy)) })
        };
        if arns.is_empty() {
            if claim.hosts.is_empty() {
                let message = "it has no host, so no certificate can be found for it".to_owned();
                let remedy = format!(
                    "name a host, or a certificate in {}",
                    albatross_contract::ANNOTATION_CERTIFICATE
                );
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
        let best = self
            .slots
            .iter()
            .filter(|slot| Some(slot.id.as_str()) != from && misfit(slot, member, scheme, observed).is_none())
            .filter(|slot| capacity::has_room(slot, &arns, observed))
            .min_by_key(|slot| rank(slot, member, &arns))
            .map(|slot| slot.id.clone());
        let id = match best {
            Some(id) => id,
            None => self.open(member, from, scheme)?,
        };
        if let Some(slot) = self.slots.get_mut(&id) {
            if slot.is_empty() {
                slot.exclusive = (claim.shared.value() == Some(false)).then(|| claim.name.clone());
                slot.group = key(member).map(str::to_owned);
            }
            slot.add(index, member);
        }
        Ok(id)
    }

    /// Opens a load balancer. It takes over from the one that the member leaves if AWS could not make that, else from
    /// another one of the scheme that AWS could not make.
    fn open(&mut self, member: &Member<'a>, from: Option<&str>, scheme: Scheme) -> Result<String, NoPlace> {
        let Finder { slots, observed, opener } = self;
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
        let given_up = |owned: &&Owned<'_>| owned.is_given_up(observed.time) && !replaced(slots, owned.id);
        let left = from.and_then(|from| observed.owned.get(from)).filter(given_up);
        let of_scheme = |owned: &&Owned<'_>| owned.load_balancer.is_some_and(|found| found.scheme == scheme);
        let broken = left.or_else(|| observed.owned.values().filter(of_scheme).find(given_up));
        slot.replaces = broken.map(|owned| owned.id.to_owned());
        let id = slot.id.clone();
        slots.insert(slot);
        Ok(id)
    }
}

/// A warning that belongs to a claim.
pub fn diagnostic(claim: &Claim, code: DiagnosticCode, message: String, remedy: &str) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Warning,
        subject: words::ingress(&claim.name),
        field: None,
        message,
        remedy: Some(remedy.to_owned()),
    }
}
