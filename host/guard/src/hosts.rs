//! Which certificate covers which host: a wildcard covers exactly one label, and case does not matter.

use std::{borrow::Cow, collections::BTreeSet};

use albatross_contract::Certificate;

use crate::view::lower;

/// Whether a certificate covers a host.
pub(crate) fn covers(certificate: &Certificate, host: &str) -> bool {
    certificate.names.iter().any(|name| {
        name.eq_ignore_ascii_case(host)
            || name
                .strip_prefix("*.")
                .is_some_and(|domain| parent(host).is_some_and(|parent| parent.eq_ignore_ascii_case(domain)))
    })
}

/// The domain of a host, if a wildcard can cover it: a wildcard host needs that very name.
fn parent(host: &str) -> Option<&str> {
    host.split_once('.')
        .filter(|(label, domain)| !label.is_empty() && *label != "*" && !domain.is_empty())
        .map(|(_, domain)| domain)
}

/// Hosts, indexed so that a certificate finds those that it covers without looking at each.
#[derive(Default)]
pub(crate) struct HostIndex<'a> {
    hosts: BTreeSet<Cow<'a, str>>,
    domains: BTreeSet<Cow<'a, str>>,
}

impl<'a> HostIndex<'a> {
    pub(crate) fn insert(&mut self, host: &'a str) {
        self.hosts.insert(lower(host));
        self.domains.extend(parent(host).map(lower));
    }

    /// Whether a certificate covers any of the hosts.
    pub(crate) fn any_covered_by(&self, certificate: &Certificate) -> bool {
        certificate.names.iter().any(|name| {
            let name = lower(name);
            self.hosts.contains(&name)
                || name.strip_prefix("*.").is_some_and(|domain| self.domains.contains(domain))
        })
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Certificate, CertificateKind, CertificateStatus};

    use super::{HostIndex, covers};

    #[test]
    fn a_wildcard_covers_exactly_one_label_and_both_ways_to_ask_agree() {
        for (name, host, expected) in [
            ("shop.example.org", "Shop.Example.org", true),
            ("*.Example.org", "shop.example.org", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", "a.shop.example.org", false),
            ("*.example.org", "*.example.org", true),
            ("shop.example.org", "*.example.org", false),
            ("*.example.org", ".example.org", false),
        ] {
            let certificate = Certificate {
                arn: "arn".into(),
                kind: CertificateKind::Imported,
                names: vec![name.into()],
                not_before: None,
                not_after: None,
                key_algorithm: String::new(),
                status: CertificateStatus::Issued,
                publicly_trusted: None,
                tags: Vec::new(),
            };
            let mut index = HostIndex::default();
            index.insert(host);
            assert_eq!(covers(&certificate, host), expected, "{name} for {host}");
            assert_eq!(index.any_covered_by(&certificate), expected, "{name} for {host}, indexed");
        }
    }
}
