//! Names of load balancers in published hostnames.

/// The name of a load balancer, from its DNS name in this region: `[internal-]<name>-<digits>.<region>.elb.amazonaws.com`
/// (Application Load Balancers), or `<name>-<hexadecimal digits>.elb.<region>.amazonaws.com` (Network Load Balancers).
/// `None` for other hostnames.
pub(crate) fn load_balancer_name(hostname: &str, region: &str) -> Option<String> {
    let hostname = hostname.trim_end_matches('.').to_lowercase();
    let (label, domain) = hostname.split_once('.')?;
    let domain = domain.strip_suffix(".cn").unwrap_or(domain);
    let application = format!("{region}.elb.amazonaws.com");
    let network = format!("elb.{region}.amazonaws.com");
    if domain != application && domain != network {
        return None;
    }
    let (name, number) = label.rsplit_once('-')?;
    // A name of ours never begins with `internal-`: AWS refuses it (API_CreateLoadBalancer, Name).
    let name = name.strip_prefix("internal-").unwrap_or(name);
    let is_number = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_hexdigit());
    (is_number && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dns_name_of_a_load_balancer_contains_its_name() {
        for (hostname, name) in [
            (
                "albatross-15564284505c-1234567890.eu-central-1.elb.amazonaws.com",
                Some("albatross-15564284505c"),
            ),
            ("internal-albatross-1-12.eu-central-1.elb.amazonaws.com", Some("albatross-1")),
            ("Albatross-1-12.eu-central-1.elb.amazonaws.com.", Some("albatross-1")),
            ("net-0f1e2d3c4b5a6978.elb.eu-central-1.amazonaws.com", Some("net")),
            ("albatross-1-12.eu-west-1.elb.amazonaws.com", None),
            ("shop.example.org", None),
            ("example", None),
        ] {
            assert_eq!(load_balancer_name(hostname, "eu-central-1").as_deref(), name, "{hostname}");
        }
    }
}
