//! Which certificate covers which host: a wildcard covers exactly one label, and case does not matter.

use std::borrow::Cow;

use albatross_contract::{Certificate, Settings, SourceObject};

use super::{dns_names::lower, index::Set, tenancy};

/// The hosts of an object that need certificates: those at or below a domain of the setting `cluster-local-domains`, and those
/// that the tenancy settings do not allow, need none. In route mode the setting has no effect; there an outcome says which hosts have certificates.
pub(crate) fn hosts_outside<'a>(
    source: SourceObject<'a>,
    settings: &Settings,
) -> impl Iterator<Item = &'a str> {
    let is_refused = move |host: &str| tenancy::refuses(settings, source, host);
    let is_local = |host: &str| {
        settings.cluster_local_domains.iter().any(|domain| {
            let (host, domain) = (lower(host), lower(domain));
            host == domain || host.strip_suffix(&*domain).is_some_and(|above| above.ends_with('.'))
        })
    };
    hosts(source).filter(move |host| !is_local(host) && !is_refused(host))
}

/// The hosts that an object names. All rules of the guard read them here and not with [`SourceObject::hosts`], which the planner
/// uses: a defect there must not hide a change from both.
pub(crate) fn hosts(source: SourceObject<'_>) -> impl Iterator<Item = &str> {
    let (of_rules, of_route_group) = match source {
        SourceObject::Ingress(ingress) => (ingress.rules.as_slice(), [].as_slice()),
        SourceObject::RouteGroup(route_group) => ([].as_slice(), route_group.hosts.as_slice()),
    };
    let of_rules = of_rules.iter().filter_map(|rule| rule.host.as_deref());
    of_rules.chain(of_route_group.iter().map(String::as_str)).filter(|host| !host.is_empty())
}

/// Whether a certificate covers a host.
pub(crate) fn covers(certificate: &Certificate, host: &str) -> bool {
    certificate.names.iter().any(|name| {
        name.eq_ignore_ascii_case(host)
            || name
                .strip_prefix("*.")
                .is_some_and(|domain| parent(host).is_some_and(|parent| parent.eq_ignore_ascii_case(domain)))
    })
}

/// The domain of the wildcard that can cover a host. A host that is a wildcard itself is covered only by the same name.
fn parent(host: &str) -> Option<&str> {
    host.split_once('.')
        .filter(|(label, domain)| !label.is_empty() && *label != "*" && !domain.is_empty())
        .map(|(_, domain)| domain)
}

/// Hosts, indexed so that the hosts that a certificate covers are found without a search through all hosts.
#[derive(Default)]
pub(crate) struct HostIndex<'a> {
    hosts: Set<Cow<'a, str>>,
    domains: Set<Cow<'a, str>>,
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

/// Certificates, indexed so that a certificate that covers a host is found without a search through all certificates.
#[derive(Default)]
pub(crate) struct CertificateIndex<'a> {
    names: Set<Cow<'a, str>>,
    /// The domains of wildcard names.
    domains: Set<Cow<'a, str>>,
}

impl<'a> CertificateIndex<'a> {
    pub(crate) fn insert(&mut self, certificate: &'a Certificate) {
        for name in &certificate.names {
            self.names.insert(lower(name));
            self.domains.extend(name.strip_prefix("*.").map(lower));
        }
    }

    /// Whether one of the certificates covers a host.
    pub(crate) fn any_covers(&self, host: &str) -> bool {
        let host = lower(host);
        self.names.contains(&host) || parent(&host).is_some_and(|domain| self.domains.contains(domain))
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Certificate, CertificateKind, CertificateStatus};

    use super::{CertificateIndex, HostIndex, covers};

    #[test]
    fn a_wildcard_covers_exactly_one_label_and_all_ways_to_ask_agree() {
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
            let mut hosts = HostIndex::default();
            hosts.insert(host);
            let mut certificates = CertificateIndex::default();
            certificates.insert(&certificate);
            assert_eq!(covers(&certificate, host), expected, "{name} for {host}");
            assert_eq!(hosts.any_covered_by(&certificate), expected, "{name} for {host}, hosts indexed");
            assert_eq!(certificates.any_covers(host), expected, "{name} for {host}, certificates indexed");
        }
    }
}
