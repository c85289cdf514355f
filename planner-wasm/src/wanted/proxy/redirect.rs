//! The redirect of all HTTP requests to HTTPS, if the settings ask for it.

use albatross_contract::Protocol;

use super::super::{
    Answer, Certificates, Listener,
    route::{SslRedirect, redirects},
};
use crate::ports;

/// Lets the HTTP listener redirect all requests, if the HTTPS listener can answer them. Until then it forwards them.
/// `secure`: the existing HTTPS listener. `makes_secure`: whether the plan creates the HTTPS listener.
pub(super) fn apply(
    plain: &mut Listener<'_>,
    secure: Option<&albatross_contract::Listener>,
    makes_secure: bool,
    certificates: &Certificates<'_>,
) {
    // Without an answer, the listener stays as it is.
    if plain.protocol != Protocol::Http || plain.answer.is_none() {
        return;
    }
    let is_there = secure.is_some_and(|secure| secure.port == ports::HTTPS);
    let can_redirect = match plain.there {
        // A certificate that is added later concerns only the hosts of new members.
        Some(there) if redirects(there) => is_there || makes_secure,
        // A listener that does not exist yet answers no requests that could be lost. It is created after the HTTPS listener.
        None if makes_secure => true,
        _ => is_there && has_all(certificates),
    };
    if can_redirect {
        plain.answer = Some(Answer::Redirect(SslRedirect::action(ports::HTTPS)));
    }
}

/// Whether the HTTPS listener has every certificate that members need: HTTP answers for their hosts until then.
fn has_all(certificates: &Certificates<'_>) -> bool {
    let adds = certificates.changes.iter().any(|change| change.adds);
    !adds && certificates.held_back.is_empty()
}
