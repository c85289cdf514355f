//! How long a load balancer and its certificates stay.

use albatross_contract::{Diagnostic, DiagnosticCode, LoadBalancerFate};

use super::Lifespan;
use crate::{
    attributes::DELETION_PROTECTION,
    diagnostics::{Details, Subject, info, warning},
    grouping::Group,
    observed::{Concern, Observed, Owned},
};

/// How long the load balancer of a group stays. `published` says whether a status names it.
pub fn lifespan(
    group: &Group<'_>,
    owned: &Owned<'_>,
    published: bool,
    observed: &Observed<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Lifespan {
    let Some(load_balancer) = owned.load_balancer else { return Lifespan::new(LoadBalancerFate::Create) };
    let mut lifespan = Lifespan::new(LoadBalancerFate::Create);
    if owned.is_active() {
        lifespan.fate = LoadBalancerFate::Keep;
    }
    if group.is_empty() && !published {
        if owned.is_protected() && !owned.is_retained() {
            diagnostics.push(protected(&load_balancer.name));
            lifespan.fate = LoadBalancerFate::Keep;
        } else if observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            lifespan.mark(owned, observed);
        } else {
            lifespan.unneeded_since = owned.unneeded_since();
            lifespan.fate = match lifespan.unneeded_since {
                Some(_) => LoadBalancerFate::Unneeded,
                None => LoadBalancerFate::Keep,
            };
        }
        lifespan.kept = owned.certificates.iter().copied().collect();
        return lifespan;
    }
    if group.is_empty() && owned.unneeded_since().is_some() {
        diagnostics.push(still_published(&load_balancer.name));
    }
    let is_sure =
        !group.is_unsure() && observed.completeness.allows_for(Concern::RemoveCertificate, Some(owned));
    let needless = owned.certificates.iter().filter(|certificate| !group.needed().contains_key(certificate));
    for certificate in needless {
        if !is_sure || group.is_empty() {
            lifespan.kept.insert(*certificate);
            continue;
        }
        let since = owned.certificate_unneeded_since(observed.certificates.arn(*certificate));
        lifespan.unneeded.insert(*certificate, since.unwrap_or(observed.time));
        if since.is_some_and(|since| since.saturating_add(observed.settings.grace) <= observed.time) {
            lifespan.expired.insert(*certificate);
        }
    }
    lifespan
}

fn protected(name: &str) -> Diagnostic {
    let message = "no Ingress needs it, but it has deletion protection: it stays";
    info(DiagnosticCode::DeletionProtected, Subject::Resource(name), message)
        .field(DELETION_PROTECTION)
        .remedy("turn deletion protection off if the load balancer may be deleted")
}

fn still_published(name: &str) -> Diagnostic {
    let message = "no Ingress of ours needs it, but the status of an Ingress still names it: it stays";
    warning(DiagnosticCode::StillPublished, Subject::Resource(name), message)
        .remedy("remove the name from that status")
}

#[cfg(test)]
mod tests;
