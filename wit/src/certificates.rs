//! Which hosts a certificate covers.

use crate::Certificate;

impl Certificate {
    /// Whether one of its names covers a host: the same name, or a wildcard that stands for exactly one label (RFC 6125, 6.4.3).
    /// A host that is a wildcard itself needs that very name. Case is ignored.
    pub fn covers(&self, host: &str) -> bool {
        let domain = wildcard_domain(host);
        let covers = |name: &String| match (name.strip_prefix("*."), domain) {
            _ if name.eq_ignore_ascii_case(host) => true,
            (Some(of_wildcard), Some(domain)) => of_wildcard.eq_ignore_ascii_case(domain),
            _ => false,
        };
        self.names.iter().any(covers)
    }
}

/// The domain of the wildcard that covers a host: everything after the first label. `None`: only a certificate with the name of
/// the host itself covers it.
pub fn wildcard_domain(host: &str) -> Option<&str> {
    match host.split_once('.') {
        Some((label, domain)) if label != "*" && !label.is_empty() && !domain.is_empty() => Some(domain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CertificateKind, CertificateStatus};

    #[test]
    fn a_wildcard_covers_exactly_one_label() {
        for (name, host, expected) in [
            ("shop.example.org", "shop.example.org", true),
            ("SHOP.example.org", "shop.Example.org", true),
            ("*.example.org", "shop.example.org", true),
            ("*.Example.org", "shop.example.ORG", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", "a.shop.example.org", false),
            ("*.example.org", "fooexample.org", false),
            ("*.example.org", "*.example.org", true),
            ("shop.example.org", "*.example.org", false),
            ("*.*.example.org", "a.b.example.org", false),
            ("*", "localhost", false),
            ("*.", "localhost.", false),
            ("*.example.org", ".example.org", false),
        ] {
            let certificate = Certificate {
                arn: String::new(),
                kind: CertificateKind::AmazonIssued,
                names: vec!["other.example.net".to_owned(), name.to_owned()],
                not_before: None,
                not_after: None,
                key_algorithm: String::new(),
                status: CertificateStatus::Issued,
                publicly_trusted: None,
                tags: Vec::new(),
            };
            assert_eq!(certificate.covers(host), expected, "{name} for {host}");
        }
    }
}
