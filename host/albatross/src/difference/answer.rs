//! What differs between two plans.

use albatross_contract::{Action, DesiredLoadBalancer, GateOutcome, Outcome, Plan, Severity, StatusChange};
use serde_json::{Value, json};

use super::{
    Side,
    kind::{Kind, Object, compare},
};
use crate::{
    comparison::place,
    render::{
        names::Names,
        problems::{Problem, problems},
        progress::Progress,
        terms,
        time::moment,
        words::first_of,
    },
};

/// How many names of objects with the same problem are written out.
const NAMES: usize = 5;

/// The kinds of which something differs: where Ingresses are and how they are served, load balancers, actions, readiness gates,
/// problems, and what budgets withhold.
pub fn differences(before: Side<'_>, after: Side<'_>) -> Vec<Kind> {
    let (one, other) = (before.plan, after.plan);
    let changes = [
        compare("Ingress", outcomes(one), outcomes(other), Value::clone),
        compare("load balancer", load_balancers(one), load_balancers(other), Value::clone),
        compare("action", actions(before), actions(after), Value::clone).map(Kind::of_sentences),
        compare("readiness gate", gates(one), gates(other), Value::clone),
    ];
    let next_change =
        compare("next change", next_change(one), next_change(other), Value::clone).map(Kind::of_sentences);
    let problems = problem_differences(one, other, Severity::Info);
    changes.into_iter().flatten().chain(problems).chain(next_change).collect()
}

fn outcomes(plan: &Plan) -> Vec<Object<Value>> {
    let object = |outcome: &Outcome| {
        let published = match &outcome.status {
            StatusChange::Keep => outcome.hostname.as_deref(),
            StatusChange::Publish(name) => Some(name.as_str()),
            StatusChange::Withdraw => None,
        };
        let name = outcome.object.to_string();
        let content = json!({
            "state": outcome.state,
            "load balancer": place(plan, outcome.load_balancer.as_deref()),
            "certificates": outcome.certificates,
            "DNS name in its status": outcome.hostname,
            "published DNS name": published,
        });
        Object { key: name.clone(), name, content }
    };
    plan.outcomes.iter().map(object).collect()
}

fn load_balancers(plan: &Plan) -> Vec<Object<Value>> {
    let object = |found: &DesiredLoadBalancer| {
        let mut content = serde_json::to_value(found).unwrap_or_default();
        // The outcomes say who is where, and with which certificate.
        if let Value::Object(fields) = &mut content {
            fields.remove("members");
            let certificates = fields.get_mut("certificates").and_then(Value::as_array_mut);
            for certificate in certificates.into_iter().flatten().filter_map(Value::as_object_mut) {
                certificate.remove("hosts");
            }
        }
        Object { key: found.id.clone(), name: found.name.clone(), content }
    };
    plan.load_balancers.iter().map(object).collect()
}

fn actions(side: Side<'_>) -> Vec<Object<Value>> {
    let Side { snapshot, plan } = side;
    let names = match snapshot {
        Some(snapshot) => Names::new(&snapshot.inventory, plan),
        None => Names::of_plan(plan),
    };
    let progress = Progress::of(names);
    let object = |action: &Action| {
        let on = what_it_is_on(plan, action);
        Object {
            key: action.id.clone(),
            name: format!("{on}: {} ({})", progress.row(action).subject, action.reason),
            content: action_content(plan, action),
        }
    };
    plan.actions.iter().map(object).collect()
}

fn gates(plan: &Plan) -> Vec<Object<Value>> {
    let object = |gate: &GateOutcome| {
        let name = format!("Pod {}/{}", gate.namespace, gate.name);
        let content = json!({"verdict": gate.verdict, "message": gate.message});
        Object { key: name.clone(), name, content }
    };
    plan.gates.iter().flatten().map(object).collect()
}

/// What of an action is compared.
pub fn action_content(plan: &Plan, action: &Action) -> Value {
    json!({
        "load balancer": what_it_is_on(plan, action),
        "reason": action.reason,
        "disruption": action.disruption,
        "operation": action.operation,
        "after": action.depends_on,
        "waiting for it": action.objects.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn what_it_is_on(plan: &Plan, action: &Action) -> String {
    if action.load_balancer.is_empty() {
        "Route 53".to_owned()
    } else {
        place(plan, Some(&action.load_balancer))
    }
}

/// The problems of at least a severity that only one of two plans has, or that more Ingresses have, and what the budgets of only
/// one of them withhold.
pub fn problem_differences(before: &Plan, after: &Plan, least: Severity) -> Vec<Kind> {
    let problems = |plan: &Plan| problem_objects(plan, least);
    [
        compare("problem", problems(before), problems(after), Value::clone),
        compare("withheld change", withheld(before), withheld(after), Value::clone),
    ]
    .into_iter()
    .flatten()
    .map(Kind::of_sentences)
    .collect()
}

fn problem_objects(plan: &Plan, least: Severity) -> Vec<Object<Value>> {
    let object = |problem: Problem| {
        let Problem { severity, subjects, text, remedy } = problem;
        Object {
            key: format!("{text}\n{}", remedy.as_deref().unwrap_or_default()),
            name: format!("{}: {text}", first_of(&subjects, NAMES)),
            content: json!({"severity": severity, "has it": subjects, "to do": remedy}),
        }
    };
    problems(plan).into_iter().filter(|problem| problem.severity >= least).map(object).collect()
}

fn withheld(plan: &Plan) -> Vec<Object<Value>> {
    let object = |withheld: &albatross_contract::Withheld| Object {
        key: format!(
            "{} {}",
            terms::budget(withheld.budget),
            withheld.subject.as_deref().unwrap_or_default()
        ),
        name: withheld.message.clone(),
        content: json!({"ids": withheld.ids, "limit": withheld.limit, "total": withheld.total}),
    };
    plan.withheld.iter().map(object).collect()
}

fn next_change(plan: &Plan) -> Vec<Object<Value>> {
    let object = |at| Object {
        key: String::new(),
        name: format!("at {}", moment(at)),
        content: json!({"time": moment(at)}),
    };
    plan.next_change_at.map(object).into_iter().collect()
}
