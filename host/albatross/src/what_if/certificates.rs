//! Renewed certificates: new ones with new ARNs and the same names, while the old ones have expired.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Certificate, CertificateKind, CertificateStatus, Snapshot, Timestamp};

use super::{Renewal, impossible};
use crate::error::Error;

/// How long a certificate without times is valid: 395 days, as those of ACM.
const VALIDITY: u64 = 395 * 86_400;

/// Renews certificates at the time of the snapshot.
pub fn renew(snapshot: &mut Snapshot, renewal: &Renewal) -> Result<(), Error> {
    let now = snapshot.time;
    let certificates = &mut snapshot.inventory.certificates;
    let chosen: Vec<usize> = (0..certificates.len())
        .filter(|at| certificates.get(*at).is_some_and(|it| is_chosen(it, renewal)))
        .collect();
    if chosen.is_empty() {
        let problem = match renewal {
            Renewal::All => "the snapshot has no certificate that can be used".to_owned(),
            Renewal::One(arn) => format!("the snapshot has no certificate {arn} that can be used"),
        };
        return Err(impossible("--certificate-renewal", problem));
    }
    let mut arns = Arns::new(certificates.iter().map(|it| it.arn.clone()));
    for at in chosen {
        let Some(old) = certificates.get_mut(at) else { continue };
        let arn = arns.new_like(&old.arn);
        let new = renewed(old, arn, now);
        old.not_after = Some(now.saturating_sub(1));
        // Certificates of IAM have no other status.
        if old.kind != CertificateKind::Iam {
            old.status = CertificateStatus::Expired;
        }
        certificates.push(new);
    }
    Ok(())
}

fn is_chosen(certificate: &Certificate, renewal: &Renewal) -> bool {
    let is_meant = match renewal {
        Renewal::All => true,
        Renewal::One(arn) => certificate.arn == *arn,
    };
    is_meant && certificate.status == CertificateStatus::Issued
}

fn renewed(old: &Certificate, arn: String, now: Timestamp) -> Certificate {
    let validity = old.not_after.zip(old.not_before).and_then(|(end, begin)| end.checked_sub(begin));
    Certificate {
        arn,
        not_before: Some(now),
        not_after: Some(now.saturating_add(validity.unwrap_or(VALIDITY))),
        ..old.clone()
    }
}

/// The ARNs that certificates have.
pub(super) struct Arns {
    taken: BTreeSet<String>,
    /// The last number for each path.
    numbers: BTreeMap<String, usize>,
}

impl Arns {
    /// These are taken.
    pub fn new(taken: impl Iterator<Item = String>) -> Arns {
        Arns { taken: taken.collect(), numbers: BTreeMap::new() }
    }

    /// Takes an ARN of the same service, account and region that no certificate has.
    pub fn new_like(&mut self, like: &str) -> String {
        let path = like.rsplit_once('/').map_or(like, |(path, _)| path);
        let number = self.numbers.entry(path.to_owned()).or_default();
        loop {
            *number += 1;
            let arn = format!("{path}/what-if-{number}");
            if self.taken.insert(arn.clone()) {
                return arn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_twenty_thousand_arns_is_new() {
        const PATH: &str = "arn:aws:acm:eu-central-1:123456789012:certificate";
        let mut arns = Arns::new([format!("{PATH}/what-if-2"), format!("{PATH}/1a2b")].into_iter());
        let new: Vec<String> = (0..20_000).map(|_| arns.new_like(&format!("{PATH}/1a2b"))).collect();
        assert_eq!(new[..2], [format!("{PATH}/what-if-1"), format!("{PATH}/what-if-3")]);
        assert_eq!(new.last(), Some(&format!("{PATH}/what-if-20001")));
    }
}
