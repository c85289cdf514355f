//! Cluster-local hosts: requests for them never come through a load balancer, so that in proxy mode they are no hosts of it.

use albatross_contract::{Mode, Settings, SourceObject};

use super::{Class, annotations};

/// The domains of the settings whose hosts are cluster-local.
#[derive(Clone, Copy)]
pub struct ClusterLocal<'a>(&'a [String]);

impl<'a> ClusterLocal<'a> {
    /// The domains of the settings.
    pub fn new(settings: &'a Settings) -> Self {
        ClusterLocal(&settings.cluster_local_domains)
    }

    /// No domain: no host is cluster-local.
    pub fn none() -> Self {
        ClusterLocal(&[])
    }

    /// Whether a host is one of the domains or below one of them.
    pub fn has(self, host: &str) -> bool {
        self.0.iter().any(|domain| {
            let Some(start) = host.len().checked_sub(domain.len()) else { return false };
            let ends = host.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(domain));
            ends && (start == 0 || host.as_bytes().get(start - 1) == Some(&b'.'))
        })
    }

    /// Those of some hosts that are not cluster-local.
    pub fn without(self, hosts: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
        hosts.filter(move |host| !self.has(host))
    }

    /// The class of an object: in proxy mode, an object needs no load balancer if all its hosts are cluster-local and it
    /// names no certificate.
    pub fn class(self, class: Class, source: SourceObject<'_>) -> Class {
        if self.0.is_empty() || class != Class::Ours(Mode::Proxy) {
            return class;
        }
        let mut hosts = source.hosts().peekable();
        let is_pinned = annotations::certificate(&source.metadata().annotations).is_some();
        if !is_pinned && hosts.peek().is_some() && hosts.all(|host| self.has(host)) {
            return Class::ClusterLocal;
        }
        class
    }

    /// The domains that count for an object of a class.
    pub fn of(self, class: Class) -> Self {
        if class == Class::Ours(Mode::Proxy) { self } else { ClusterLocal::none() }
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ANNOTATION_CERTIFICATE, Tag};

    use super::*;
    use crate::testing::ingress;

    fn settings() -> Settings {
        let cluster_local_domains = vec!["cluster.local".to_owned(), "ingress.cluster.test".to_owned()];
        Settings { cluster_local_domains, ..Settings::default() }
    }

    #[test]
    fn a_host_is_cluster_local_at_or_below_a_domain_on_a_dot_boundary() {
        let settings = settings();
        for (host, expected) in [
            ("cluster.local", true),
            ("shop.svc.Cluster.Local", true),
            ("*.cluster.local", true),
            ("foo-cluster.local", false),
            ("cluster.local.example.org", false),
            ("local", false),
            ("caf\u{e9}luster.local", false),
        ] {
            assert_eq!(ClusterLocal::new(&settings).has(host), expected, "{host}");
        }
        assert!(!ClusterLocal::none().has("cluster.local"));
    }

    #[test]
    fn an_ingress_is_cluster_local_if_all_its_hosts_are_and_it_names_no_certificate() {
        let settings = settings();
        let class = |class, hosts: &[&str], pinned: bool| {
            let mut ingress = ingress("x", hosts);
            if pinned {
                let value = "arn".to_owned();
                ingress.metadata.annotations.push(Tag { key: ANNOTATION_CERTIFICATE.to_owned(), value });
            }
            ClusterLocal::new(&settings).class(class, SourceObject::Ingress(&ingress))
        };
        let proxy = Class::Ours(Mode::Proxy);
        assert_eq!(class(proxy, &["a.cluster.local"], false), Class::ClusterLocal);
        assert_eq!(class(proxy, &["a.cluster.local"], true), proxy);
        assert_eq!(class(proxy, &["a.cluster.local", "a.org"], false), proxy);
        assert_eq!(class(proxy, &[], false), proxy, "an Ingress without a host is told so");
        for other in [Class::Ours(Mode::Route), Class::NotOurs, Class::Missing] {
            assert_eq!(class(other, &["a.cluster.local"], false), other);
        }
    }
}
