//! The status of an object: the names of load balancers that it publishes.

use std::borrow::Cow;

use albatross_contract::{IngressAddress, SourceObject};

/// All hostnames in the status of an object, in the form of AWS.
pub fn names(source: SourceObject<'_>) -> Vec<Cow<'_, str>> {
    source.hostnames().filter(|hostname| !hostname.is_empty()).map(dns_name).collect()
}

/// Whether a status holds anything besides the first of its hostnames.
pub fn has_more(status: &[IngressAddress], names: &[Cow<'_, str>]) -> bool {
    match status {
        [] => false,
        [only] => {
            let spelled = only.hostname.as_deref().unwrap_or_default();
            only.ip.is_some() || !spelled.eq_ignore_ascii_case(names.first().map_or("", Cow::as_ref))
        }
        _ => true,
    }
}

/// A hostname in the form that AWS gives to load balancers: lower case, without the dot at the end, and without the prefix
/// for both address families (ELB user guide, "DNS name").
fn dns_name(hostname: &str) -> Cow<'_, str> {
    const DUALSTACK: &str = "dualstack.";
    let hostname = hostname.trim_end_matches('.');
    if hostname.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let hostname = hostname.to_ascii_lowercase();
        Cow::Owned(hostname.strip_prefix(DUALSTACK).map(str::to_owned).unwrap_or(hostname))
    } else {
        Cow::Borrowed(hostname.strip_prefix(DUALSTACK).unwrap_or(hostname))
    }
}

#[cfg(test)]
mod tests {
    use super::dns_name;

    #[test]
    fn a_hostname_is_normalized_to_the_form_of_aws() {
        for spelled in ["a.elb.amazonaws.com", "A.ELB.amazonaws.com.", "dualstack.A.elb.amazonaws.com"] {
            assert_eq!(dns_name(spelled), "a.elb.amazonaws.com");
        }
    }
}
