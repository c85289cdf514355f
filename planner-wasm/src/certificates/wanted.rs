//! Which certificates somebody has a host for.

use std::collections::BTreeSet;

use super::NameIndex;
use crate::{observed::Observed, source::Claim};

/// Certificates that cover a host of some claims, or that these name.
pub struct Wanted<'a> {
    arns: BTreeSet<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Those of some claims, among all certificates.
    pub fn by<'c>(claims: impl IntoIterator<Item = &'c Claim>, observed: &Observed<'a>) -> Self {
        let index = NameIndex::new(observed.certificates.values().copied());
        let mut arns: BTreeSet<&str> = BTreeSet::new();
        for claim in claims {
            for host in &claim.hosts {
                arns.extend(index.covering(host).map(|(certificate, _)| certificate.arn.as_str()));
            }
            let pinned = claim.pinned.as_deref().and_then(|arn| observed.certificates.get(arn));
            arns.extend(pinned.map(|certificate| certificate.arn.as_str()));
        }
        Wanted { arns }
    }

    /// Whether one of them is this.
    pub fn has(&self, arn: &str) -> bool {
        self.arns.contains(arn)
    }
}
