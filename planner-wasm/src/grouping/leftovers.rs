//! Leftovers: certificates that stay on their load balancer in this plan even where nobody needs them any more. A
//! newcomer finds their places taken.

use std::collections::BTreeSet;

use super::standing;
use crate::{
    budgets::unneeded_limit,
    certificates::Wanted,
    observed::{Concern, Observed, Owned},
    source::Claim,
};

/// What is known of them before anybody is placed.
pub struct Leftovers<'a> {
    /// What the budget for unneeded certificates is going to hold back: our ids with ARNs.
    withheld: BTreeSet<(&'a str, &'a str)>,
    can_go: bool,
}

impl<'a> Leftovers<'a> {
    /// Counts what the budget counts. Whoever asks for a place counts as having one: who gets it is decided later.
    pub fn new(claims: &[Claim], observed: &'a Observed<'a>) -> Self {
        let served = |claim: &&Claim| claim.ours.is_some() || standing::published(claim, observed).is_some();
        let wanted = Wanted::by(claims.iter().filter(served), observed);
        let allowed = &observed.settings.allowances.unneeded;
        let mut total = 0;
        let mut withheld = BTreeSet::new();
        for owned in observed.owned.values() {
            if owned.is_protected() || owned.unneeded_since().is_some() {
                continue;
            }
            for arn in owned.certificates() {
                if owned.certificate_unneeded_since(arn).is_none() {
                    total += 1;
                    if !wanted.has(arn) && !allowed.iter().any(|id| id == arn) {
                        withheld.insert((owned.id, arn));
                    }
                }
            }
        }
        if withheld.len() <= unneeded_limit(total) {
            withheld.clear();
        }
        Leftovers { withheld, can_go: observed.completeness.allows(Concern::RemoveCertificate) }
    }

    /// Whether something on a load balancer is withheld: it has served somebody.
    pub fn withholds_on(&self, owned: &Owned<'_>) -> bool {
        self.withheld.range((owned.id, "")..).next().is_some_and(|(id, _)| *id == owned.id)
    }

    /// ARNs of those on the listener on 443 of a load balancer. Its default certificate stays too.
    pub fn on(&self, owned: &Owned<'a>) -> BTreeSet<&'a str> {
        let Some(https) = owned.https() else { return BTreeSet::new() };
        let stays = |arn: &&str| !self.can_go || self.withheld.contains(&(owned.id, *arn));
        let listed = https.certificates.iter().map(String::as_str).filter(stays);
        listed.chain(https.default_certificate.as_deref()).collect()
    }
}
