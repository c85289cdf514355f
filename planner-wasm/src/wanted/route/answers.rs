//! What a listener rule does with the requests of a route.

use albatross_contract::{Diagnostic, DiagnosticCode, Protocol, rules::requests};

use super::{
    super::{Answer, Forward, build::Builder},
    Gathered, On,
    asked::Asked,
};
use crate::{
    diagnostics::{Details, Subject, warning},
    source::{Filter, InvalidBackend},
};

impl<'a> Builder<'a, '_> {
    /// The answer to the requests of a route. If all its backends are invalid, the answer is 503.
    pub(super) fn answer(
        &mut self,
        asked: &Asked<'a>,
        protocol: Protocol,
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Answer<'a> {
        let services = &self.sources.backends.services;
        let (route, object) = (asked.route(), asked.member.claim.object);
        for filter in &route.filters {
            match filter {
                // "You can't redirect HTTPS to HTTP" (ELBv2 API, RedirectActionConfig).
                Filter::Redirect(redirect)
                    if protocol == Protocol::Https && redirect.protocol == Protocol::Http.as_str() =>
                {
                    let reason = "AWS does not redirect from HTTPS to HTTP";
                    let reason = InvalidBackend::new(reason, "redirect to HTTPS, or listen only on HTTP");
                    self.tell(object, invalid(asked, &reason, true));
                    return Answer::Unavailable;
                }
                Filter::Redirect(redirect) => return Answer::Redirect(redirect.clone()),
                Filter::Respond(response) => return Answer::Respond(response.clone()),
                Filter::Transform(_) => {}
            }
        }
        let mut groups: Vec<Forward<'a>> = Vec::new();
        let mut reasons = Vec::new();
        for (backend, resolved) in route.backends.iter().zip(asked.backends) {
            let found = resolved
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|found| self.gather(&services.all[*found], (object, protocol), on, gathered));
            match found {
                Ok(to) => match groups.iter_mut().find(|other| other.to == to) {
                    // AWS accepts each target group once.
                    Some(same) => same.weight = same.weight.saturating_add(backend.weight).min(999),
                    None => groups.push(Forward { to, weight: backend.weight }),
                },
                Err(reason) => reasons.push(reason),
            }
        }
        let is_unavailable = groups.is_empty();
        for reason in reasons {
            self.tell(object, invalid(asked, &reason, is_unavailable));
        }
        if is_unavailable {
            return Answer::Unavailable;
        }
        Answer::Forward { groups, stickiness: route.stickiness }
    }
}

fn invalid(asked: &Asked<'_>, invalid: &InvalidBackend, is_unavailable: bool) -> Diagnostic {
    let consequence = match is_unavailable {
        true => "the rule answers with 503",
        false => "its share of the requests goes to the other backends",
    };
    let message = format!("{}: {}; {consequence}", requests(&asked.conditions), invalid.reason);
    warning(DiagnosticCode::BackendInvalid, Subject::Object(asked.member.claim.object), message)
        .field(asked.route().field.clone())
        .remedy(invalid.remedy.clone())
}
