//! DNS names of load balancers, normalized for comparison.

use std::borrow::Cow;

use albatross_contract::SourceObject;

/// Prefix of all our names.
pub(crate) const NAME_PREFIX: &str = "albatross-";

/// The hostnames in the status of an object, normalized.
pub(crate) fn hostnames(source: SourceObject<'_>) -> impl Iterator<Item = Cow<'_, str>> {
    raw_hostnames(source).map(plain_dns_name)
}

/// The hostnames in the status of an object, not normalized.
pub(crate) fn raw_hostnames(source: SourceObject<'_>) -> impl Iterator<Item = &str> {
    // Only short hostnames can be empty after normalization.
    source
        .hostnames()
        .filter(|hostname| hostname.len() > "dualstack..".len() || !plain_dns_name(hostname).is_empty())
}

/// A normalized DNS name: lower case, without the final dot, and without the prefix `dualstack.`, under which Elastic
/// Load Balancing can be reached as well (Route 53 developer guide, "Alias target").
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

/// Lower case; copied only if something changes.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    // Without early exit, so that the compiler can vectorize it.
    if text.bytes().fold(false, |found, byte| found | byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a normalized hostname looks like one of our load balancers: it begins with our prefix, after `internal-` if
/// the load balancer is internal.
pub(crate) fn is_our_spelling(hostname: &str) -> bool {
    hostname.strip_prefix("internal-").unwrap_or(hostname).starts_with(NAME_PREFIX)
}
