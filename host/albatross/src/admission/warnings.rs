//! Warnings: what a plan with an Ingress says that the plan without it does not.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Diagnostic, DiagnosticCode, ObjectName, Outcome, OutcomeState, Plan, Severity};

use crate::render::{
    problems::{Problem, problems},
    words::first_of,
};

/// The most warnings in an answer. A client shows each on a line.
const MOST: usize = 5;
/// The most bytes of a warning: the API server may cut longer ones, and all of them together at 4096 (Kubernetes API reference,
/// AdmissionResponse).
const LONGEST: usize = 256;
/// How many names of other objects a warning has.
const NAMES: usize = 3;

/// What clients see first, since other webhooks may warn too.
const FROM: &str = "Albatross: ";

/// What is worth a warning when an object comes or changes. `before`: the plan without the object, or as the object was.
pub fn warnings(before: &Plan, after: &Plan, object: &ObjectName) -> Vec<String> {
    let mut texts: Vec<String> = served_no_longer(before, after, object).into_iter().collect();
    texts.extend(new_problems(before, after, object));
    texts.extend(moves(before, after, object));
    let hidden = texts.len().saturating_sub(MOST);
    if hidden > 0 {
        // The line that says so is one of them.
        texts.truncate(MOST - 1);
        texts.push(format!("and {} more; Events of the Ingress will tell", hidden + 1));
    }
    texts.iter().map(|text| warning(text)).collect()
}

/// The warning for an object that cannot be read.
pub fn unreadable(message: &str) -> String {
    warning(&format!("this Ingress cannot be read, so it will not be served: {message}"))
}

/// A text in the form that the API server takes: no control characters, and not too long.
fn warning(text: &str) -> String {
    let printed = |letter: char| if letter.is_control() { ' ' } else { letter };
    let line: String = FROM.chars().chain(text.chars()).map(printed).collect();
    if line.len() <= LONGEST {
        return line;
    }
    let mut end = LONGEST - '…'.len_utf8();
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", line[..end].trim_end())
}

/// Whether a diagnostic can be about what a person has just written. Others are about the state of AWS, about budgets, which depend on
/// everything else that changes at the same time, or about backends that often come a moment later.
pub fn is_told(diagnostic: &Diagnostic) -> bool {
    use DiagnosticCode as Code;
    diagnostic.severity >= Severity::Warning
        && !matches!(
            diagnostic.code,
            Code::BackendInvalid
                | Code::CertificateExpiring
                | Code::CertificateUnusable
                | Code::ClusterUidForeign
                | Code::ConsolidationPossible
                | Code::ControllerIdShared
                | Code::DeletionProtected
                | Code::LoadBalancerFailed
                | Code::LoadBalancerProvisioning
                | Code::NodeFiltersInvalid
                | Code::NodesNone
                | Code::NodesUnreachable
                | Code::ObjectDeleting
                | Code::PodsNone
                | Code::PolicyFrozen
                | Code::PolicyRefused
                | Code::SettingInvalid
                | Code::SnapshotInvalid
                | Code::StillPublished
                | Code::TargetsUnhealthy
                | Code::ViewIncomplete
                | Code::WithheldNameChange
                | Code::WithheldRelease
                | Code::WithheldTargets
                | Code::WithheldUnneeded
        )
}

fn served_no_longer(before: &Plan, after: &Plan, object: &ObjectName) -> Option<String> {
    let is_served = |outcome: &Outcome| matches!(outcome.state, OutcomeState::Placed | OutcomeState::Held);
    let lost = outcome(before, object).is_some_and(is_served)
        && outcome(after, object).is_none_or(|outcome| !is_served(outcome));
    lost.then(|| "this Ingress is served now, and would be served no longer".to_owned())
}

fn outcome<'a>(plan: &'a Plan, object: &ObjectName) -> Option<&'a Outcome> {
    plan.outcomes.iter().find(|outcome| outcome.object == *object)
}

/// Problems of the object, also those that it has already, and then problems that others get.
fn new_problems(before: &Plan, after: &Plan, object: &ObjectName) -> Vec<String> {
    let of_others = |plan: &'_ Plan| -> BTreeSet<(ObjectName, String)> {
        let others = plan.outcomes.iter().filter(|outcome| outcome.object != *object);
        others
            .flat_map(|outcome| outcome.diagnostics.iter().map(|it| known_as(&outcome.object, it)))
            .collect()
    };
    let before_of_others = of_others(before);
    let known: BTreeSet<(String, String)> = problems(&told(before, |whose, _| whose != object))
        .into_iter()
        .flat_map(|problem| {
            let Problem { subjects, text, .. } = problem;
            subjects.into_iter().map(move |subject| (subject, text.clone()))
        })
        .collect();
    let name = object.to_string();
    let (mut own, mut of_others) = (Vec::new(), Vec::new());
    // A problem that others have already is not new because its words are, such as the number of rules that do not fit.
    let is_told = |whose: &ObjectName, it: &Diagnostic| {
        whose == object || !before_of_others.contains(&known_as(whose, it))
    };
    for problem in problems(&told(after, is_told)) {
        let Problem { subjects, text, remedy, .. } = problem;
        let is_new = |subject: &String| !known.contains(&(subject.clone(), text.clone()));
        let (mine, others): (Vec<String>, Vec<String>) =
            subjects.into_iter().filter(is_new).partition(|subject| *subject == name);
        let with_remedy = remedy.map(|remedy| format!("{text} (to do: {remedy})"));
        let text = with_remedy.filter(|it| FROM.len() + it.len() <= LONGEST).unwrap_or(text);
        if !mine.is_empty() {
            own.push(text);
        } else if !others.is_empty() {
            of_others.push(format!("{}: {text}", first_of(&others, NAMES)));
        }
    }
    own.append(&mut of_others);
    own
}

/// What makes a problem of an object the same one, whatever its words.
fn known_as(object: &ObjectName, diagnostic: &Diagnostic) -> (ObjectName, String) {
    (object.clone(), format!("{:?} {:?}", diagnostic.code, diagnostic.field))
}

/// A plan of which only what may become a warning is left, and of objects only these diagnostics.
fn told(plan: &Plan, keeps: impl Fn(&ObjectName, &Diagnostic) -> bool) -> Plan {
    let told = |all: &[Diagnostic]| all.iter().filter(|it| is_told(it)).cloned().collect::<Vec<_>>();
    let outcome = |outcome: &Outcome| {
        let mut diagnostics = told(&outcome.diagnostics);
        diagnostics.retain(|it| keeps(&outcome.object, it));
        (!diagnostics.is_empty()).then(|| Outcome { diagnostics, ..outcome.clone() })
    };
    Plan {
        outcomes: plan.outcomes.iter().filter_map(outcome).collect(),
        diagnostics: told(&plan.diagnostics),
        ..Plan::default()
    }
}

/// Objects that leave the load balancer on which they are, since the object comes or changes.
fn moves(before: &Plan, after: &Plan, object: &ObjectName) -> Vec<String> {
    let exists: BTreeSet<&str> =
        before.load_balancers.iter().filter(|it| it.arn.is_some()).map(|it| it.id.as_str()).collect();
    let places = |outcome: &'_ Outcome| outcome.load_balancer.clone().filter(|_| outcome.hostname.is_some());
    let after: BTreeMap<&ObjectName, String> =
        after.outcomes.iter().filter_map(|it| Some((&it.object, places(it)?))).collect();
    let moved = before.outcomes.iter().filter(|it| {
        let from = it.load_balancer.as_deref().filter(|id| exists.contains(id));
        let to = after.get(&it.object).map(String::as_str);
        it.hostname.is_some() && from.is_some() && to.is_some() && from != to
    });
    let (own, others): (Vec<&ObjectName>, Vec<&ObjectName>) =
        moved.map(|it| &it.object).partition(|it| *it == object);
    let own = own.first().map(|_| {
        "this Ingress moves to another load balancer, so its DNS name in the status changes".to_owned()
    });
    let names: Vec<String> = others.iter().map(ToString::to_string).collect();
    let others = (!names.is_empty()).then(|| {
        format!("{}: moves to another load balancer, so the DNS name changes", first_of(&names, NAMES))
    });
    own.into_iter().chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_one_short_line_that_says_who_warns() {
        assert_eq!(warning("a\nb\u{7}c"), "Albatross: a b c");
        for letter in ["x", "ü", "…"] {
            let cut = warning(&letter.repeat(300));
            assert!(cut.len() <= LONGEST && cut.len() > LONGEST - 4 && cut.ends_with('…'), "{cut}");
        }
    }
}
