//! Certificates in use that no Ingress asks for any more, and which of them the budget holds back.
//!
//! This is computed twice. Before placement, all Ingresses count, so that certificates which will be held back keep their
//! places from new members. After placement, only Ingresses count that have a load balancer or wait for one, and only
//! certificates that would be removed.

use std::collections::BTreeSet;

use albatross_contract::{Budget, Withheld};

use crate::{
    budgets::{Request, unneeded_limit},
    certificates::{AskedFor, CertificateId},
    observed::{Observed, Owned},
    source::Claim,
    words,
};

/// Certificates that no Ingress asks for and that the budget holds back.
pub struct HeldBack<'a> {
    /// With our id of the load balancer.
    certificates: BTreeSet<(&'a str, CertificateId)>,
    /// The change that is held back.
    pub withheld: Option<Withheld>,
}

impl<'a> HeldBack<'a> {
    /// Counts the certificates on load balancers in use that no claim asks for and that would be removed. If there are too
    /// many, all of them are held back.
    pub fn new<'c, 'b: 'c>(
        claims: impl IntoIterator<Item = &'c Claim<'b>>,
        would_go: impl Fn(&Owned<'_>, CertificateId) -> bool,
        observed: &Observed<'a>,
    ) -> Self {
        let asked_for = AskedFor::by(claims, observed);
        let catalog = &observed.certificates;
        let mut total = 0;
        let mut unasked = BTreeSet::new();
        for owned in observed.owned.iter().filter(|owned| is_in_use(owned)) {
            for certificate in &owned.certificates {
                if owned.certificate_unneeded_since(catalog.arn(*certificate)).is_none() {
                    total += 1;
                    if !asked_for.has(*certificate) && would_go(owned, *certificate) {
                        unasked.insert((owned.id, *certificate));
                    }
                }
            }
        }
        let withheld = Request {
            budget: Budget::UnneededCertificates,
            flag: "--allow-unneeded",
            message: |arns: &[String]| {
                format!(
                    "{} of {} would become unneeded, since no Ingress names a host that they cover",
                    arns.len(),
                    words::count(total, "certificate in use", "certificates in use")
                )
            },
            ids: unasked.iter().map(|(_, id)| catalog.arn(*id).to_owned()).collect(),
            allowed: &observed.settings.allowances.unneeded,
            total,
            limit: unneeded_limit(total),
        }
        .judge();
        let ids: BTreeSet<&str> =
            withheld.iter().flat_map(|withheld| &withheld.ids).map(String::as_str).collect();
        unasked.retain(|(_, id)| ids.contains(catalog.arn(*id)));
        HeldBack { certificates: unasked, withheld }
    }

    /// Whether a certificate on a load balancer is held back.
    pub fn has(&self, owned: &Owned<'_>, certificate: CertificateId) -> bool {
        self.certificates.contains(&(owned.id, certificate))
    }

    /// Whether any certificate on a load balancer is held back: then the load balancer has served an Ingress.
    pub fn has_any_on(&self, owned: &Owned<'_>) -> bool {
        !self.certificates.is_empty() && owned.certificates.iter().any(|id| self.has(owned, *id))
    }
}

/// Whether a load balancer counts among those that may become unneeded.
pub fn is_in_use(owned: &Owned<'_>) -> bool {
    owned.load_balancer.is_some() && !owned.is_protected() && owned.unneeded_since().is_none()
}

#[cfg(test)]
mod tests;
