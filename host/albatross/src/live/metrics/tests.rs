use std::time::Duration;

use albatross_contract::{
    Budget, Diagnostic, DiagnosticCode, ObjectKind, ObjectName, Outcome, OutcomeState, Plan, Severity,
    Snapshot, Withheld,
};

use super::*;
use crate::{example, inputs::snapshot};

fn example_snapshot() -> Snapshot {
    snapshot(
        example::first().map(|it| it.cluster).unwrap(),
        example::cloud().unwrap(),
        example::settings().unwrap(),
        None,
    )
}

fn executed(snapshot: Snapshot, plan: Plan) -> Executed {
    let (took, guarded) = (Duration::ZERO, Duration::ZERO);
    let pass = Pass { snapshot, plan, policies: Vec::new(), failures: Vec::new(), took, guarded };
    Executed { pass, results: Vec::new(), took: Duration::default(), is_behind: false, is_superseded: false }
}

/// The metrics after two passes with this plan: nothing adds up.
fn text(snapshot: &Snapshot, plan: &Plan) -> String {
    let metrics = Metrics::default();
    for _ in 0..2 {
        metrics.passed(&executed(snapshot.clone(), plan.clone()), Duration::ZERO);
    }
    metrics.text()
}

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
}

#[test]
fn withheld_targets_of_several_target_groups_are_added_up() {
    let withheld = |subject: &str, count| Withheld {
        budget: Budget::Targets,
        subject: Some(subject.to_owned()),
        count,
        total: 4,
        limit: 2,
        ids: Vec::new(),
        message: String::new(),
    };
    let plan = Plan {
        withheld: vec![withheld("albatross-one", 3), withheld("albatross-two", 4)],
        ..Plan::default()
    };
    has(&text(&example_snapshot(), &plan), r#"albatross_withheld{kind="targets"} 7"#);
}

#[test]
fn an_ingress_counts_once_for_each_reason_and_what_is_only_good_to_know_is_none() {
    let told = |code, severity| Diagnostic {
        code,
        severity,
        subject: "Ingress shop/checkout".to_owned(),
        field: None,
        message: String::new(),
        remedy: None,
    };
    let outcome = |name: &str, state, diagnostics| Outcome {
        object: ObjectName { namespace: "shop".to_owned(), name: name.to_owned(), kind: ObjectKind::Ingress },
        state,
        load_balancer: None,
        certificates: Vec::new(),
        hostname: None,
        status: StatusChange::Keep,
        diagnostics,
    };
    let none = || told(DiagnosticCode::CertificateNone, Severity::Warning);
    let plan = Plan {
        outcomes: vec![
            outcome("a", OutcomeState::Held, vec![none(), none()]),
            outcome("b", OutcomeState::Held, vec![none()]),
            outcome("c", OutcomeState::Placed, vec![told(DiagnosticCode::HostDuplicate, Severity::Info)]),
            outcome("d", OutcomeState::Ignored, vec![told(DiagnosticCode::ClassMissing, Severity::Warning)]),
        ],
        ..Plan::default()
    };
    let text = text(&example_snapshot(), &plan);
    has(&text, r#"albatross_ingress_problems{kind="held",code="certificate-none"} 2"#);
    assert_eq!(text.matches("albatross_ingress_problems{").count(), 1, "{text}");
}

#[test]
fn quotas_and_the_first_ends_of_certificates_in_use_are_those_of_the_plan() {
    let engine = albatross_engine::Engine::new(albatross_engine::Limits::default());
    let makers = crate::pass::Makers::load(None, &[], &engine).unwrap();
    let pass = makers.pass(example_snapshot()).unwrap();
    let used: Vec<&str> = pass
        .plan
        .load_balancers
        .iter()
        .flat_map(|it| &it.certificates)
        .map(|certificate| certificate.arn.rsplit('/').next().unwrap())
        .collect();
    let text = text(&pass.snapshot, &pass.plan);
    let shown: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix(r#"albatross_certificate_expiry_timestamp_seconds{certificate=""#)
        })
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(!shown.is_empty() && shown.iter().all(|id| used.contains(id)), "{shown:?} of {used:?}");
    let most = pass.plan.load_balancers.iter().map(|it| it.certificates.len()).max().unwrap();
    has(&text, &format!(r#"albatross_quota_used{{kind="certificates-on-a-load-balancer"}} {most}"#));
    has(&text, r#"albatross_quota_limit{kind="certificates-on-a-load-balancer"} 25"#);
}

#[test]
fn a_replica_that_no_longer_leads_shows_nothing_of_the_fleet() {
    let metrics = Metrics::default();
    let plan = Plan {
        withheld: vec![Withheld {
            budget: Budget::Targets,
            subject: None,
            count: 1,
            total: 4,
            limit: 0,
            ids: Vec::new(),
            message: String::new(),
        }],
        ..Plan::default()
    };
    metrics.passed(&executed(example_snapshot(), plan), Duration::ZERO);
    assert!(metrics.text().contains("albatross_withheld{"));
    metrics.follows();
    for gone in ["albatross_withheld{", "albatross_quota_used{", "albatross_planned_changes{"] {
        assert!(!metrics.text().contains(gone), "{gone}: {}", metrics.text());
    }
}
