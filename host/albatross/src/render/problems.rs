//! What a person should look at: diagnostics, and changes that a budget withholds.

use std::{cmp::Reverse, collections::BTreeMap};

use albatross_contract::{
    Budget, Diagnostic, DiagnosticCode, Outcome, OutcomeState, Plan, ResourceReference, Severity, Withheld,
};

use super::{
    columns::{Row, Sign, write},
    names::Names,
    style::Style,
    summary::ingress,
    terms,
    words::{first_of, is_short, listed, objects},
};

/// How many names are written out before `and 12 more`.
const NAMES: usize = 3;

/// All diagnostics of a plan, the worst first, and all withheld changes, whose messages name the flag that allows them.
/// Empty: there is nothing to look at.
pub fn problems_text(plan: &Plan, names: &Names<'_>, style: Style) -> String {
    let mut rows = Vec::new();
    for problem in problems(plan) {
        let sign = if problem.severity == Severity::Info { Sign::Note } else { Sign::Attention };
        rows.push(Row::signed(0, sign, first_of(&problem.subjects, NAMES), problem.text));
        if let Some(remedy) = problem.remedy {
            rows.push(Row::plain(2, "", format!("to do: {remedy}")));
        }
    }
    for withheld in &plan.withheld {
        rows.push(Row::signed(0, Sign::Attention, "withheld", withheld.message.clone()));
        rows.extend(ids(withheld, names));
    }
    if let Some((how_many, which)) = ignored(plan) {
        rows.push(Row::signed(0, Sign::Note, how_many, which));
        rows.push(Row::plain(2, "", format!("to do: {ADD_CLASSES}")));
    }
    let mut text = String::new();
    write(&rows, style, &mut text);
    text
}

/// What to do about objects whose classes are not ours.
pub const ADD_CLASSES: &str = "if Albatross should serve them, add their classes to classes in the settings";

/// How many objects are not served because of their classes, and which. `None`: there are none.
pub fn ignored(plan: &Plan) -> Option<(String, String)> {
    let ignored = plan.outcomes.iter().filter(|outcome| outcome.state == OutcomeState::Ignored);
    let ignored: Vec<&Outcome> = ignored.collect();
    if ignored.is_empty() {
        return None;
    }
    let names: Vec<String> = ignored.iter().copied().map(ingress).collect();
    let whose = if ignored.len() == 1 { "its class does" } else { "their classes do" };
    let which = format!("not served, because {whose} not belong to Albatross: {}", listed(&names));
    Some((objects(ignored.iter().map(|outcome| outcome.object.kind)), which))
}

/// The ids that a flag takes, each next to its name: all of them, or none where there are too many. The ids of Ingresses
/// and nodes are names themselves.
fn ids(withheld: &Withheld, names: &Names<'_>) -> Vec<Row> {
    let name: fn(&Names<'_>, &str) -> String = match withheld.budget {
        Budget::UnneededCertificates => |names, id| names.certificate(id),
        Budget::UnneededRules => |names, id| names.resource(&ResourceReference::Existing(id.to_owned())),
        // The message has up to five, with their names.
        Budget::UnneededLoadBalancers if withheld.ids.iter().all(|id| withheld.message.contains(id)) => {
            return Vec::new();
        }
        Budget::UnneededLoadBalancers => |names, id| names.owned_load_balancer(id),
        // These ids are names.
        Budget::Release | Budget::NameChanges | Budget::Targets | Budget::UnneededRecords => {
            return Vec::new();
        }
    };
    if !is_short(&withheld.ids) {
        return Vec::new();
    }
    withheld.ids.iter().map(|id| Row::plain(4, name(names, id), id.clone())).collect()
}

/// One message about one or more objects.
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The names of the objects.
    pub subjects: Vec<String>,
    /// What and why.
    pub text: String,
    /// What to do. Absent: nothing.
    pub remedy: Option<String>,
}

/// All problems, each once, the worst first: 50 Ingresses with the same problem are one line.
pub fn problems(plan: &Plan) -> Vec<Problem> {
    let of_ingresses =
        plan.outcomes.iter().filter(|outcome| outcome.state != OutcomeState::Ignored).flat_map(|outcome| {
            let state = match outcome.state {
                OutcomeState::Placed | OutcomeState::Ignored => None,
                other => Some(other),
            };
            outcome.diagnostics.iter().map(move |diagnostic| {
                // An annotation that Albatross does not read is not the cause of the state.
                let state = state.filter(|_| diagnostic.code != DiagnosticCode::AnnotationUnknown);
                (ingress(outcome), state, diagnostic)
            })
        });
    let of_all = plan.diagnostics.iter().map(|diagnostic| (diagnostic.subject.clone(), None, diagnostic));
    let mut index = BTreeMap::new();
    let mut problems: Vec<Problem> = Vec::new();
    for (subject, state, diagnostic) in of_ingresses.chain(of_all) {
        let text = text(state, diagnostic);
        // The remedy of each Ingress would have another flag; the line about the budget has the flag that allows all.
        let remedy = diagnostic.remedy.clone().filter(|_| !is_withheld(diagnostic.code));
        let key = (diagnostic.severity, text.clone(), remedy.clone());
        let at = *index.entry(key).or_insert(problems.len());
        match problems.get_mut(at) {
            // Outcomes are in the order of their names.
            Some(problem) if problem.subjects.last() == Some(&subject) => {}
            Some(problem) => problem.subjects.push(subject),
            None => problems.push(Problem {
                severity: diagnostic.severity,
                subjects: vec![subject],
                text,
                remedy,
            }),
        }
    }
    problems.sort_by_key(|problem| Reverse(problem.severity));
    problems
}

/// Whether the diagnostic says that a budget withholds a change.
fn is_withheld(code: DiagnosticCode) -> bool {
    matches!(
        code,
        DiagnosticCode::WithheldRelease
            | DiagnosticCode::WithheldUnneeded
            | DiagnosticCode::WithheldNameChange
            | DiagnosticCode::WithheldTargets
    )
}

/// `held: annotation … is "external"`.
fn text(state: Option<OutcomeState>, diagnostic: &Diagnostic) -> String {
    match state {
        Some(state) => format!("{}: {}", terms::outcome(state), diagnostic.message),
        None => diagnostic.message.clone(),
    }
}
