//! Which certificates cover a host of an Ingress, or are named by an Ingress.

use albatross_contract::CertificateStatus;

use super::{CertificateId, catalog::RENEWAL};
use crate::{observed::Observed, source::Claim};

/// Certificates that cover a host of some claims, or that these claims name.
pub struct AskedFor {
    certificates: Vec<bool>,
}

impl AskedFor {
    /// Finds the certificates that some claims ask for.
    pub fn by<'c, 'a: 'c>(claims: impl IntoIterator<Item = &'c Claim<'a>>, observed: &Observed<'_>) -> Self {
        let mut certificates = vec![false; observed.certificates.len()];
        let mut seen = vec![false; observed.hosts.len()];
        for claim in claims {
            for host in &claim.hosts {
                if !std::mem::replace(&mut seen[host.place()], true) {
                    for covering in observed.coverage.of(*host) {
                        certificates[covering.certificate.place()] = true;
                    }
                }
            }
            for pinned in claim.pinned.iter().filter_map(|arn| observed.certificates.find_known(arn)) {
                certificates[pinned.place()] = true;
            }
        }
        AskedFor { certificates }
    }

    /// Whether a certificate is asked for.
    pub fn has(&self, certificate: CertificateId) -> bool {
        self.certificates[certificate.place()]
    }

    /// When the usability of one of these certificates changes next.
    pub fn next_change(&self, observed: &Observed<'_>) -> Option<u64> {
        let asked_for = observed.certificates.all_known().filter(|(id, _)| self.has(*id));
        asked_for
            .filter(|(_, certificate)| certificate.status == CertificateStatus::Issued)
            .filter_map(|(_, certificate)| Some((certificate.not_before?, certificate.not_after?)))
            .flat_map(|(start, end)| {
                [start, end.saturating_sub(RENEWAL).saturating_add(1), end.saturating_add(1)]
            })
            .filter(|moment| *moment > observed.time)
            .min()
    }
}

#[cfg(test)]
mod tests;
