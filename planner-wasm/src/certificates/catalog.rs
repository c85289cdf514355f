//! All certificates, numbered in the order of their ARNs, with properties that are looked up often.

use std::cmp::{Ordering, Reverse};

use albatross_contract::{Certificate, CertificateStatus, Settings};

use super::{names::NameIndex, unfit::Unfit};
use crate::{
    index::Names,
    source::{HostId, Hosts},
};

pub use albatross_contract::periods::RENEWAL;

/// A certificate: its number in the order of all ARNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CertificateId(usize);

impl CertificateId {
    /// Its index in lists with an entry for each certificate.
    pub fn place(self) -> usize {
        self.0
    }

    #[cfg(test)]
    pub fn numbered(number: usize) -> Self {
        CertificateId(number)
    }
}

/// How usable a certificate is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usability {
    /// Usable now and for 7 more days.
    Fresh,
    /// Usable now, but it expires within 7 days.
    Ending,
    /// Not usable now.
    Unusable,
}

/// A certificate that covers a host, by the exact name or by a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covering {
    /// The certificate.
    pub certificate: CertificateId,
    /// Whether one of its names is exactly the host.
    pub exact: bool,
}

/// What decides between two certificates that cover a host, in the order of what counts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// How usable it is now.
    Usability,
    /// Whether one of its names is the host's own.
    ExactName,
    /// The later start.
    Start,
    /// The later end.
    End,
    /// The smaller ARN.
    Arn,
}

/// Every certificate that the inventory contains or that a listener of ours names.
pub struct Catalog<'a> {
    arns: Names<&'a str>,
    entries: Vec<Option<Entry<'a>>>,
    names: NameIndex,
    time: u64,
}

struct Entry<'a> {
    certificate: &'a Certificate,
    usability: Usability,
    unfit: Option<Unfit>,
}

impl<'a> Catalog<'a> {
    /// Numbers the certificates of the inventory and those that listeners name.
    pub fn new(
        certificates: &'a [Certificate],
        on_listeners: impl Iterator<Item = &'a str>,
        settings: &Settings,
        time: u64,
    ) -> Self {
        let arns = certificates.iter().map(|certificate| certificate.arn.as_str());
        let arns = Names::new(arns.chain(on_listeners).collect());
        let mut entries: Vec<Option<Entry<'_>>> = Vec::new();
        entries.resize_with(arns.len(), || None);
        for certificate in certificates {
            if let Some(number) = arns.find(&certificate.arn) {
                entries[number] = Some(Entry::new(certificate, settings, time));
            }
        }
        let known = entries.iter().enumerate();
        let names = NameIndex::new(known.filter_map(|(number, entry)| {
            Some((CertificateId(number), entry.as_ref()?.certificate.names.as_slice()))
        }));
        Catalog { arns, entries, names, time }
    }

    /// How many certificates there are, known or not.
    pub fn len(&self) -> usize {
        self.arns.len()
    }

    /// The number of an ARN.
    pub fn find(&self, arn: &str) -> Option<CertificateId> {
        self.arns.find(arn).map(CertificateId)
    }

    /// The number of an ARN, if the inventory contains the certificate.
    pub fn find_known(&self, arn: &str) -> Option<CertificateId> {
        self.find(arn).filter(|id| self.known(*id).is_some())
    }

    /// The ARN of a certificate.
    pub fn arn(&self, id: CertificateId) -> &'a str {
        self.arns.get(id.0)
    }

    /// A certificate. `None`: only a listener names it.
    pub fn known(&self, id: CertificateId) -> Option<&'a Certificate> {
        self.entries[id.0].as_ref().map(|entry| entry.certificate)
    }

    /// All certificates that the inventory contains, in the order of their ARNs.
    pub fn all_known(&self) -> impl Iterator<Item = (CertificateId, &'a Certificate)> {
        let numbered = self.entries.iter().enumerate();
        numbered.filter_map(|(number, entry)| Some((CertificateId(number), entry.as_ref()?.certificate)))
    }

    /// How usable a certificate is now. A certificate that the inventory does not contain counts as unusable.
    pub fn usability(&self, id: CertificateId) -> Usability {
        self.entries[id.0].as_ref().map_or(Usability::Unusable, |entry| entry.usability)
    }

    /// Whether a certificate may be chosen without being pinned.
    pub fn is_eligible(&self, id: CertificateId) -> bool {
        self.entries[id.0].as_ref().is_some_and(|entry| entry.unfit.is_none())
    }

    /// Why a certificate may not be chosen, and the certificate. `None`: it may be chosen, or the inventory does not contain
    /// it.
    pub fn unfit(&self, id: CertificateId) -> Option<(Unfit, &'a Certificate)> {
        let entry = self.entries[id.0].as_ref()?;
        Some((entry.unfit?, entry.certificate))
    }

    /// Seconds until a certificate expires; 0 if it has expired or is not known.
    pub fn rest(&self, id: CertificateId) -> u64 {
        let end = self.known(id).and_then(|certificate| certificate.not_after);
        end.unwrap_or_default().saturating_sub(self.time)
    }

    /// Compares two certificates that cover a host: the better one is less. A total order.
    pub fn compare(&self, left: Covering, right: Covering) -> Ordering {
        self.rank(left).cmp(&self.rank(right))
    }

    /// The first criterion in which two differ.
    pub fn difference(&self, left: Covering, right: Covering) -> Criterion {
        let (left, right) = (self.rank(left), self.rank(right));
        if left.0 != right.0 {
            Criterion::Usability
        } else if left.1 != right.1 {
            Criterion::ExactName
        } else if left.2 != right.2 {
            Criterion::Start
        } else if left.3 != right.3 {
            Criterion::End
        } else {
            Criterion::Arn
        }
    }

    /// The criteria in their order. The least is the best.
    fn rank(
        &self,
        covering: Covering,
    ) -> (Usability, bool, Reverse<Option<u64>>, Reverse<Option<u64>>, CertificateId) {
        let known = self.known(covering.certificate);
        (
            self.usability(covering.certificate),
            !covering.exact,
            Reverse(known.and_then(|certificate| certificate.not_before)),
            Reverse(known.and_then(|certificate| certificate.not_after)),
            covering.certificate,
        )
    }

    /// Finds the certificates that cover each host.
    pub fn coverage(&self, hosts: &Hosts<'_>) -> Coverage {
        let lists = hosts.all().map(|(_, host)| self.names.lists(host)).collect();
        Coverage { certificates: self.names.certificates().to_vec(), lists }
    }
}

impl<'a> Entry<'a> {
    fn new(certificate: &'a Certificate, settings: &Settings, time: u64) -> Self {
        let unfit = Unfit::of(certificate, settings, time);
        Entry { certificate, usability: usability(certificate, time), unfit }
    }
}

/// Whether AWS and clients accept a certificate now, and for how long.
fn usability(certificate: &Certificate, time: u64) -> Usability {
    match (certificate.status, certificate.not_before, certificate.not_after) {
        (CertificateStatus::Issued, Some(start), Some(end)) if start <= time && time <= end => {
            if end >= time.saturating_add(RENEWAL) { Usability::Fresh } else { Usability::Ending }
        }
        _ => Usability::Unusable,
    }
}

/// Which certificates cover which hosts.
pub struct Coverage {
    certificates: Vec<CertificateId>,
    /// For each host, the ranges of its certificates in the list: by exact name, by wildcard.
    lists: Vec<[std::ops::Range<usize>; 2]>,
}

impl Coverage {
    /// All certificates that cover a host: those with the exact name first, then in the order of their ARNs.
    pub fn of(&self, host: HostId) -> impl Iterator<Item = Covering> {
        let [exact, wildcard] = &self.lists[host.place()];
        let covering = |range: &std::ops::Range<usize>, exact| {
            self.certificates[range.clone()]
                .iter()
                .map(move |certificate| Covering { certificate: *certificate, exact })
        };
        covering(exact, true).chain(covering(wildcard, false))
    }

    /// Whether a certificate covers a host.
    pub fn covers(&self, certificate: CertificateId, host: HostId) -> bool {
        let lists = self.lists[host.place()].iter();
        lists.clone().any(|range| self.certificates[range.clone()].binary_search(&certificate).is_ok())
    }
}

#[cfg(test)]
mod tests;
