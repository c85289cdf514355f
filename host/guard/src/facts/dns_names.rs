//! DNS names of load balancers, as they compare.

use std::borrow::Cow;

use albatross_contract::Ingress;

/// What every name of ours begins with.
pub(crate) const NAME_PREFIX: &str = "albatross-";

/// The hostnames in the status of an Ingress, made comparable.
pub(crate) fn hostnames(ingress: &Ingress) -> impl Iterator<Item = Cow<'_, str>> {
    raw_hostnames(ingress).map(plain_dns_name)
}

/// The hostnames in the status of an Ingress, as they are spelled.
pub(crate) fn raw_hostnames(ingress: &Ingress) -> impl Iterator<Item = &str> {
    let hostnames = ingress.status.iter().filter_map(|address| address.hostname.as_deref());
    // Only short ones can come to nothing.
    hostnames.filter(|hostname| hostname.len() > "dualstack..".len() || !plain_dns_name(hostname).is_empty())
}

/// A DNS name as it compares: lower case, without the final dot, and without the prefix `dualstack.`, which Elastic
/// Load Balancing answers to as well (Route 53 developer guide, "Alias target").
pub(crate) fn plain_dns_name(name: &str) -> Cow<'_, str> {
    let name = lower(name.strip_suffix('.').unwrap_or(name));
    match name {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix("dualstack.").unwrap_or(text)),
        Cow::Owned(text) => match text.strip_prefix("dualstack.") {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(text),
        },
    }
}

/// Lower case; copied only where something changes.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    // Looks at all bytes, which a processor does many at a time.
    if text.bytes().fold(false, |found, byte| found | byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a hostname, made comparable, is spelled as AWS spells those of our load balancers: it begins with the name
/// of the load balancer, after `internal-` if it is an internal one.
pub(crate) fn is_our_spelling(hostname: &str) -> bool {
    hostname.strip_prefix("internal-").unwrap_or(hostname).starts_with(NAME_PREFIX)
}
