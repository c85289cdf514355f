//! Released: the status names a load balancer of ours, but the object is no longer ours.

use albatross_contract::{Budget, Diagnostic, DiagnosticCode, Severity, Withheld};

use super::{Release, standing};
use crate::{
    budgets::{Request, release_limit},
    observed::{Concern, Observed},
    source::Claim,
    words,
};

/// Decides which are released now. A class filter that is set wrong would release all at once; the budget holds
/// them back as one set.
pub fn decide<'a>(claims: &'a [Claim], observed: &Observed<'_>) -> (Vec<Release<'a>>, Option<Withheld>) {
    let standing = |claim: &Claim| standing::published(claim, observed).map(str::to_owned);
    let members = claims.iter().filter(|claim| standing(claim).is_some()).count();
    let gone: Vec<(&Claim, String)> = claims
        .iter()
        .filter(|claim| claim.ours.is_none())
        .filter_map(|claim| standing(claim).map(|id| (claim, id)))
        .collect();
    let ids: Vec<String> = gone
        .iter()
        .filter(|(claim, _)| !is_refused(claim))
        .map(|(claim, _)| claim.name.to_string())
        .collect();
    let withheld = Request {
        budget: Budget::Release,
        flag: "--allow-release",
        message: |ids: &[String]| {
            format!(
                "{} of {members} Ingresses that we serve still exist but are no longer ours, and would lose their \
                 published name",
                ids.len()
            )
        },
        ids,
        allowed: &observed.settings.allowances.release,
        total: members,
        limit: release_limit(members),
    }
    .judge();
    let incomplete = observed.completeness.explain(Concern::Release);
    let releases = gone
        .into_iter()
        .map(|(claim, load_balancer)| {
            let id = claim.name.to_string();
            let held_back = withheld.as_ref().filter(|withheld| withheld.ids.contains(&id));
            let reason = match (&incomplete, held_back) {
                (Some(missing), _) => Some((DiagnosticCode::ViewIncomplete, missing.clone())),
                (None, Some(_)) => {
                    Some((DiagnosticCode::WithheldRelease, "too many would be released at once".to_owned()))
                }
                (None, None) => None,
            };
            let now = reason.is_none() && !is_refused(claim);
            let say = |code, message, remedy| Diagnostic {
                code,
                severity: Severity::Warning,
                subject: words::ingress(&claim.name),
                field: Some("spec.ingressClassName".to_owned()),
                message,
                remedy,
            };
            let diagnostic = match reason {
                Some((code, reason)) => {
                    let message = format!("it is no longer ours, but it is still served as before: {reason}");
                    let flag = || format!("--allow-release={id}");
                    Some(say(code, message, (code == DiagnosticCode::WithheldRelease).then(flag)))
                }
                None if now => Some(say(DiagnosticCode::ClassNotOurs, why_not_ours(claim), None)),
                None => None,
            };
            Release { claim, load_balancer, now, diagnostics: diagnostic.into_iter().collect() }
        })
        .collect();
    (releases, withheld)
}

/// In words, for who loses its published name.
fn why_not_ours(claim: &Claim) -> String {
    let class = match claim.class.as_deref() {
        Some(class) if !class.is_empty() => format!("its class {class} is not ours"),
        _ => "it has no class, and such Ingresses are not ours".to_owned(),
    };
    format!("{class}, so its status is emptied")
}

/// Whether it is ours, but asks for a mode that this planner does not have: it is held, since emptying its status would
/// be an answer to a question that nobody asked.
fn is_refused(claim: &Claim) -> bool {
    claim.diagnostics.iter().any(|diagnostic| diagnostic.code == DiagnosticCode::ModeUnsupported)
}
