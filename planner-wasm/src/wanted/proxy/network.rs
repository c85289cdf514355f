//! What is different for Network Load Balancers: they listen on the port of HTTP only if the settings ask for it.

use super::super::Listener;
use crate::{
    grouping::Group,
    observed::{Concern, Observed},
};

/// In words, why a Network Load Balancer with TLS has its listeners.
pub(super) const REASON: &str =
    "every network load balancer with TLS listens on 443, and on 80 if the settings ask for it";
/// In words, why the listener on port 80 is deleted.
const NOT_ASKED: &str = "the settings no longer ask network load balancers to listen on 80";

/// The listener on the port of HTTP. If the settings do not ask for it, a listener of ours goes, unless it is the only one that
/// serves or an Ingress asks for HTTP only, and a listener of other people stays as it is.
pub(super) fn on_http_port<'a>(
    plain: Listener<'a>,
    group: &Group<'a>,
    observed: &Observed<'_>,
) -> Option<Listener<'a>> {
    let network = observed.settings.proxy.network.as_ref();
    if network.and_then(|network| network.http) == Some(true) {
        return Some(plain);
    }
    let there = plain.there.filter(|there| group.owned().is_some_and(|owned| owned.forwards_all(there)))?;
    // The same is asked for listeners with certificates.
    let may_go = observed.completeness.allows_for(Concern::RemoveCertificate, group.owned());
    let serves_alone = group.owned().is_some_and(|owned| owned.https().is_none());
    let goes = there.rules.is_empty() && may_go && !serves_alone && !group.needs_http();
    Some(if goes { Listener { goes, reason: NOT_ASKED, ..plain } } else { plain })
}
