//! Which names cover which hosts.
//!
//! An index by name makes the search linear in hosts: comparing every host with every certificate is what makes
//! kube-ingress-aws-controller slow (2.9 s for 10,000 hosts and 500 certificates).

use std::collections::BTreeMap;

use albatross_contract::Certificate;

/// Whether a certificate covers a host. A wildcard covers exactly one label; a wildcard host needs that very name.
pub fn covers(certificate: &Certificate, host: &str) -> bool {
    certificate.names.iter().any(|name| name_covers(name, host))
}

fn name_covers(name: &str, host: &str) -> bool {
    name.eq_ignore_ascii_case(host)
        || wildcard_of(host).is_some_and(|wildcard| name.eq_ignore_ascii_case(&wildcard))
}

/// The only wildcard that covers a host.
pub(super) fn wildcard_of(host: &str) -> Option<String> {
    match host.split_once('.') {
        Some((label, rest)) if label != "*" && !label.is_empty() && !rest.is_empty() => {
            Some(format!("*.{rest}"))
        }
        _ => None,
    }
}

/// Certificates by the names that they hold.
pub struct NameIndex<'a> {
    by_name: BTreeMap<String, Vec<&'a Certificate>>,
}

impl<'a> NameIndex<'a> {
    /// Indexes certificates; of each name they keep their order.
    pub fn new(certificates: impl IntoIterator<Item = &'a Certificate>) -> Self {
        let mut by_name: BTreeMap<String, Vec<&Certificate>> = BTreeMap::new();
        for certificate in certificates {
            let mut names: Vec<String> =
                certificate.names.iter().map(|name| name.to_ascii_lowercase()).collect();
            names.sort();
            names.dedup();
            for name in names {
                by_name.entry(name).or_default().push(certificate);
            }
        }
        NameIndex { by_name }
    }

    /// All that cover a host (which is lower case), with whether the name is the host's own and not a wildcard.
    pub fn covering(&self, host: &str) -> impl Iterator<Item = (&'a Certificate, bool)> {
        let found = |name: &str| self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let exact = found(host).iter().map(|certificate| (*certificate, true));
        let wildcard = wildcard_of(host).map(|name| found(&name)).unwrap_or_default();
        exact.chain(wildcard.iter().map(|certificate| (*certificate, false)))
    }
}

#[cfg(test)]
mod tests {
    use super::name_covers;

    #[test]
    fn a_wildcard_covers_exactly_one_label() {
        for (name, host, expected) in [
            ("shop.example.org", "shop.example.org", true),
            ("SHOP.example.org", "shop.Example.org", true),
            ("*.example.org", "shop.example.org", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", "a.shop.example.org", false),
            ("*.example.org", "fooexample.org", false),
            ("*.example.org", "*.example.org", true),
            ("shop.example.org", "*.example.org", false),
            ("*.*.example.org", "a.b.example.org", false),
            ("*", "localhost", false),
            ("*.example.org", ".example.org", false),
        ] {
            assert_eq!(name_covers(name, host), expected, "{name} for {host}");
        }
    }
}
