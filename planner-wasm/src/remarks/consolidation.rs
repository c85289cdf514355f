//! A load balancer that could be emptied, with what that would save and what it would change.

use albatross_contract::{Diagnostic, DiagnosticCode};

use crate::{
    diagnostics::{Details, Subject, WAIT, info},
    grouping::{ConsolidationState, Grouping},
    words,
};

/// The diagnostic, if there is such a load balancer.
pub fn tell(grouping: &Grouping<'_>) -> Option<Diagnostic> {
    let found = grouping.consolidation.as_ref()?;
    let (from, to) = (found.from.load_balancer?, &found.to.load_balancer?.name);
    let has_room = format!("{to} has room for all Ingresses of this load balancer ({})", found.members);
    let changes = words::count(found.members, "published name changes", "published names change");
    let message = match found.state {
        ConsolidationState::Possible => {
            format!("{has_room}. If they move there, {changes} and this load balancer can be deleted")
        }
        ConsolidationState::Begun => format!(
            "{has_room}, so it is emptied: {changes}, and this load balancer is deleted when its grace period is over"
        ),
        ConsolidationState::Unknown => {
            format!("{has_room}, but it is not emptied yet: it is not known which web ACLs the two have")
        }
        ConsolidationState::Withheld => {
            format!("{has_room}, but it is not emptied: too many published names would change at once")
        }
    };
    let diagnostic = info(DiagnosticCode::ConsolidationPossible, Subject::Resource(&from.name), message);
    Some(match found.state {
        ConsolidationState::Possible => {
            diagnostic.remedy("set \"consolidate\": true in the settings to empty this load balancer")
        }
        ConsolidationState::Unknown => diagnostic.remedy(WAIT),
        ConsolidationState::Begun | ConsolidationState::Withheld => diagnostic,
    })
}
