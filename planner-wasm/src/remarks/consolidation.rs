//! A load balancer that could be emptied, with what that would save and what it would change.

use albatross_contract::{Diagnostic, DiagnosticCode};

use crate::{
    diagnostics::{Details, Subject, info},
    grouping::Grouping,
    observed::Observed,
    words,
};

/// The diagnostic, if there is such a load balancer.
pub fn tell(grouping: &Grouping<'_>, observed: &Observed<'_>) -> Option<Diagnostic> {
    let found = grouping.consolidation.as_ref()?;
    let (from, to) = (found.from.load_balancer?, found.to.load_balancer?);
    let members = words::count(found.members, "Ingress", "Ingresses");
    let fits = if found.members == 1 { "fits" } else { "fit" };
    let is_on = observed.settings.consolidate == Some(true);
    let message = match is_on {
        true => format!(
            "its {members} also {fits} on {}: the published names of {members} change to that of {0}, and this load \
             balancer and its target groups are deleted when its grace period is over",
            to.name
        ),
        false => format!(
            "its {members} also {fits} on {}: without this load balancer and its target groups, the published names of \
             {members} would change to that of {0}",
            to.name
        ),
    };
    let diagnostic = info(DiagnosticCode::ConsolidationPossible, Subject::Resource(&from.name), message);
    Some(if is_on { diagnostic } else { diagnostic.remedy("set consolidate in the settings to empty it") })
}
