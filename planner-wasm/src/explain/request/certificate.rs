//! The certificate that a listener presents for a host.

use albatross_contract::{DesiredListener, DesiredLoadBalancer};

use super::covers;
use crate::{planning::Decided, ports};

/// In words, the certificate. `None`: the listener has no certificates.
///
/// A listener presents a certificate that covers the host, an exact name before a wildcard, else its default certificate
/// ("Certificates for your Application Load Balancer", Default certificate).
pub fn of(
    host: &str,
    on: &DesiredLoadBalancer,
    listener: &DesiredListener,
    decided: &Decided<'_, '_>,
) -> Option<String> {
    if !ports::has_certificates(listener.protocol) {
        return None;
    }
    let known = decided.observed.inventory.certificates.iter();
    let here = known.filter(|known| on.certificates.iter().any(|it| it.arn == known.arn));
    let names = here.flat_map(|known| &known.names).filter(|name| covers(name, host));
    Some(match names.min_by_key(|name| (name.starts_with("*."), name.as_str())) {
        Some(name) => format!("certificate {name}"),
        None => "no certificate for the host: clients get the default certificate and reject it".to_owned(),
    })
}
