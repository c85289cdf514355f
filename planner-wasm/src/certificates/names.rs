//! Which certificate names cover which hosts.
//!
//! An index by name makes the search linear in hosts: comparing every host with every certificate is what makes
//! kube-ingress-aws-controller slow (2.9 s for 10,000 hosts and 500 certificates).

use std::ops::Range;

use albatross_contract::certificates::wildcard_domain;

use super::CertificateId;
use crate::index::Names;

/// Certificates by their names.
pub struct NameIndex {
    /// All names, lower case, wildcards with their `*.`.
    exact: ByName,
    /// Domains of wildcards, lower case, without `*.`.
    wildcards: ByName,
    certificates: Vec<CertificateId>,
}

/// Names, each with the range of its certificates in a list.
struct ByName {
    names: Names<String>,
    ranges: Vec<Range<usize>>,
}

impl NameIndex {
    /// Indexes certificates in their order, which is kept for each name.
    pub fn new<'a>(certificates: impl Iterator<Item = (CertificateId, &'a [String])>) -> Self {
        let mut exact = Vec::new();
        let mut wildcards = Vec::new();
        for (certificate, names) in certificates {
            for name in names {
                let name = name.to_ascii_lowercase();
                if let Some(domain) = name.strip_prefix("*.") {
                    wildcards.push((domain.to_owned(), certificate));
                }
                exact.push((name, certificate));
            }
        }
        let mut certificates = Vec::new();
        let exact = ByName::new(exact, &mut certificates);
        let wildcards = ByName::new(wildcards, &mut certificates);
        NameIndex { exact, wildcards, certificates }
    }

    /// The list to which the ranges refer.
    pub fn certificates(&self) -> &[CertificateId] {
        &self.certificates
    }

    /// The ranges of the certificates that cover a host (lower case): by its exact name, and by a wildcard. Each range is in
    /// the order of the certificates.
    pub fn lists(&self, host: &str) -> [Range<usize>; 2] {
        let wildcard = wildcard_domain(host).map(|domain| self.wildcards.range(domain));
        [self.exact.range(host), wildcard.unwrap_or_default()]
    }
}

impl ByName {
    fn new(pairs: Vec<(String, CertificateId)>, certificates: &mut Vec<CertificateId>) -> Self {
        let names = Names::new(pairs.iter().map(|(name, _)| name.clone()).collect());
        let mut numbered: Vec<(usize, CertificateId)> = pairs
            .into_iter()
            .filter_map(|(name, certificate)| Some((names.find(&name)?, certificate)))
            .collect();
        numbered.sort_unstable();
        numbered.dedup();
        let mut ranges = vec![Range::default(); names.len()];
        for (name, certificate) in numbered {
            let place = certificates.len();
            let range: &mut Range<usize> = &mut ranges[name];
            if range.end == 0 {
                range.start = place;
            }
            range.end = place + 1;
            certificates.push(certificate);
        }
        ByName { names, ranges }
    }

    fn range(&self, name: &str) -> Range<usize> {
        self.names.find(name).map(|number| self.ranges[number].clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_exactly_one_label() {
        for (name, host, expected) in [
            ("shop.example.org", "shop.example.org", true),
            ("SHOP.example.org", "shop.example.org", true),
            ("*.example.org", "shop.example.org", true),
            ("*.Example.org", "shop.example.org", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", "a.shop.example.org", false),
            ("*.example.org", "fooexample.org", false),
            ("*.example.org", "*.example.org", true),
            ("shop.example.org", "*.example.org", false),
            ("*.*.example.org", "a.b.example.org", false),
            ("*", "localhost", false),
            ("*.example.org", ".example.org", false),
        ] {
            let names = [name.to_owned()];
            let index = NameIndex::new([(CertificateId::numbered(0), names.as_slice())].into_iter());
            let covers = index.lists(host).iter().any(|range| !range.is_empty());
            assert_eq!(covers, expected, "{name} for {host}");
        }
    }

    #[test]
    fn certificates_of_the_same_name_keep_their_order_and_are_listed_once() {
        let [first, second] = [0, 1].map(CertificateId::numbered);
        let twice = ["a.org".to_owned(), "A.org".to_owned(), "*.org".to_owned()];
        let once = ["a.org".to_owned()];
        let index = NameIndex::new([(first, twice.as_slice()), (second, once.as_slice())].into_iter());
        let told = index.lists("a.org").map(|range| index.certificates()[range].to_vec());
        assert_eq!(told, [vec![first, second], vec![first]]);
    }
}
