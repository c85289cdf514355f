//! What is different for Network Load Balancers: they listen on the port of HTTP only if the settings ask for it.

use albatross_contract::{ListenerAction, ResourceReference};

use super::super::Listener;
use crate::{
    grouping::Group,
    observed::{Concern, Observed, Owned},
};

/// In words, why a Network Load Balancer has its listeners.
pub(super) const REASON: &str =
    "every network load balancer listens on 443, and on 80 if the settings ask for it";
/// In words, why the listener on port 80 is deleted.
const NOT_ASKED: &str = "the settings no longer ask network load balancers to listen on 80";

/// The listener on the port of HTTP. If the settings do not ask for it, a listener of ours goes, and a listener of other people
/// stays as it is.
pub(super) fn on_http_port<'a>(
    plain: Listener<'a>,
    group: &Group<'a>,
    observed: &Observed<'_>,
) -> Option<Listener<'a>> {
    let network = observed.settings.proxy.network.as_ref();
    if network.and_then(|network| network.http) == Some(true) {
        return Some(plain);
    }
    let there = plain.there.filter(|there| group.owned().is_some_and(|owned| is_ours(there, owned)))?;
    // The same is asked for listeners with certificates.
    let may_go = observed.completeness.allows_for(Concern::RemoveCertificate, group.owned());
    let goes = there.rules.is_empty() && may_go;
    Some(if goes { Listener { goes, reason: NOT_ASKED, ..plain } } else { plain })
}

/// Whether a listener sends all requests to our target groups. Tags of listeners are not read; a listener of other people on our
/// load balancer sends requests to a target group of theirs.
fn is_ours(listener: &albatross_contract::Listener, owned: &Owned<'_>) -> bool {
    let is_owned = |arn: &str| owned.target_groups.iter().any(|group| group.arn == arn);
    !listener.default_actions.is_empty()
        && listener.default_actions.iter().all(|action| match action {
            ListenerAction::Forward(forward) => forward.target_groups.iter().all(
                |group| matches!(&group.target_group, ResourceReference::Existing(arn) if is_owned(arn)),
            ),
            _ => false,
        })
}
