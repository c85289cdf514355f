//! The notices for a sequence of plans.

use albatross_contract::{
    Action, ActionState, Budget, CertificateKind, CertificateStatus, DesiredLoadBalancer, Diagnostic,
    Disruption, HostCertificate, Ingress, IpAddressType, LoadBalancerFate, LoadBalancerKind, Metadata, Mode,
    ObjectName, Operation, ResourceReference, Scheme, Withheld,
};

use super::*;

mod certificates;
mod route_groups;

const ARN: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/1a2b3c4d";
const HOSTNAME: &str = "albatross-7c1e-1.eu-central-1.elb.amazonaws.com";

fn cluster() -> Cluster {
    let metadata = Metadata {
        namespace: Some("shop".to_owned()),
        name: "checkout".to_owned(),
        uid: Some("7a0c".to_owned()),
        created_at: None,
        deleted_at: None,
        annotations: Vec::new(),
        labels: Vec::new(),
    };
    let ingress = Ingress {
        metadata,
        ingress_class_name: None,
        default_backend: None,
        tls: Vec::new(),
        rules: Vec::new(),
        status: Vec::new(),
    };
    Cluster { ingresses: vec![ingress], ..Cluster::default() }
}

fn certificate() -> Certificate {
    Certificate {
        arn: ARN.to_owned(),
        kind: CertificateKind::AmazonIssued,
        names: vec!["shop.example.org".to_owned()],
        not_before: Some(1_772_323_200),
        not_after: Some(1_803_945_600),
        key_algorithm: "RSA_2048".to_owned(),
        status: CertificateStatus::Issued,
        publicly_trusted: Some(true),
        tags: Vec::new(),
    }
}

fn placed(status: StatusChange) -> Outcome {
    Outcome {
        object: ObjectName::ingress("shop", "checkout"),
        state: OutcomeState::Placed,
        load_balancer: Some("7c1e".to_owned()),
        certificates: vec![HostCertificate {
            host: "shop.example.org".to_owned(),
            certificate: ARN.to_owned(),
        }],
        hostname: matches!(status, StatusChange::Keep).then(|| HOSTNAME.to_owned()),
        status,
        diagnostics: Vec::new(),
    }
}

fn publish() -> StatusChange {
    StatusChange::Publish(HOSTNAME.to_owned())
}

fn diagnostic(code: DiagnosticCode, message: &str) -> Diagnostic {
    Diagnostic {
        code,
        severity: albatross_contract::Severity::Warning,
        subject: "Ingress shop/checkout".to_owned(),
        field: None,
        message: message.to_owned(),
        remedy: None,
    }
}

fn uncovered() -> Diagnostic {
    let mut diagnostic = diagnostic(
        DiagnosticCode::CertificateNone,
        "no certificate covers legacy.example.net: that host is left out",
    );
    diagnostic.remedy = Some("request one in ACM".to_owned());
    diagnostic
}

fn plan(outcome: Outcome) -> Plan {
    let load_balancer = DesiredLoadBalancer {
        id: "7c1e".to_owned(),
        name: "albatross-7c1e".to_owned(),
        arn: None,
        dns_name: Some(HOSTNAME.to_owned()),
        fate: LoadBalancerFate::Keep,
        mode: Mode::Proxy,
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        ip_address_type: IpAddressType::Ipv4,
        subnets: Vec::new(),
        security_groups: Vec::new(),
        group: None,
        group_reason: None,
        exclusive: false,
        http_only: false,
        members: Vec::new(),
        certificates: Vec::new(),
        certificate_limit: 25,
        listeners: Vec::new(),
        target_groups: Vec::new(),
    };
    Plan { load_balancers: vec![load_balancer], outcomes: vec![outcome], ..Plan::default() }
}

/// What is said about a plan for a cluster with one certificate, whose actions had these results.
fn said(announcer: &mut Announcer, cluster: &Cluster, plan: &Plan, results: &[ActionResult]) -> Vec<Notice> {
    let seen =
        Seen { cluster, certificates: &[certificate()], time: 0, failed_policies: &[], is_superseded: false };
    announcer.news(&seen, plan, results, &StatusReport::default())
}

/// Type, reason and note of what is said about a plan.
fn news(announcer: &mut Announcer, plan: &Plan) -> Vec<String> {
    said(announcer, &cluster(), plan, &[])
        .iter()
        .map(|notice| format!("{:?} {}: {}", notice.severity, notice.reason, notice.note))
        .collect()
}

const SERVED: &str =
    "Normal Placed: served by albatross-7c1e with certificate shop.example.org (ACM, until 2027-03-02)";

#[test]
fn which_load_balancer_serves_an_ingress_is_announced_once() {
    let mut announcer = Announcer::default();
    let mut waiting = placed(StatusChange::Keep);
    waiting.hostname = None;
    assert_eq!(news(&mut announcer, &plan(waiting)), [""; 0]);
    assert_eq!(news(&mut announcer, &plan(placed(publish()))), [SERVED]);
    assert_eq!(news(&mut announcer, &plan(placed(StatusChange::Keep))), [""; 0]);
}

#[test]
fn the_reason_of_a_policy_is_told_with_the_place_and_is_no_news_itself() {
    let mut announcer = Announcer::default();
    let because = |status: StatusChange, reason: Option<&str>| {
        let mut plan = plan(placed(status));
        plan.load_balancers[0].group = Some("team/red".to_owned());
        plan.load_balancers[0].group_reason = reason.map(str::to_owned);
        plan
    };
    let told = news(&mut announcer, &because(publish(), Some("team red has its own load balancers")));
    assert_eq!(told, [format!("{SERVED}; group team/red: team red has its own load balancers")]);
    for reason in [None, Some("team red has its own load balancers"), Some("red is alone")] {
        assert_eq!(news(&mut announcer, &because(StatusChange::Keep, reason)), [""; 0], "{reason:?}");
    }
    let long = "because ".repeat(200);
    let told = said(&mut Announcer::default(), &cluster(), &because(publish(), Some(&long)), &[]);
    assert!(told[0].note.len() <= 1024 && told[0].note.ends_with('…'), "{}", told[0].note);
}

#[test]
fn a_policy_that_failed_is_announced_once_to_the_operator_with_its_reason() {
    let mut announcer = Announcer::default();
    let failure = "policy by-team.wasm failed in grouping: it panicked: src/lib.rs:12:9: no team".to_owned();
    let mut told = |failed_policies: &[String]| {
        let seen =
            Seen { cluster: &cluster(), certificates: &[], time: 0, failed_policies, is_superseded: false };
        announcer.news(&seen, &plan(placed(StatusChange::Keep)), &[], &StatusReport::default())
    };
    let notices = told(std::slice::from_ref(&failure));
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    assert_eq!((&notice.regarding, notice.severity), (&Regarding::Controller, Severity::Warning));
    assert_eq!(notice.reason, "PolicyFailed");
    assert_eq!(notice.note, format!("{failure}. Existing decisions are kept, and new Ingresses wait"));
    assert_eq!(told(std::slice::from_ref(&failure)), []);
    assert_eq!(told(&[]), []);
    assert_eq!(told(&[failure]).len(), 1, "again, after it had worked");
}

#[test]
fn after_a_start_problems_are_announced_again_and_served_ingresses_are_not() {
    let mut outcome = placed(StatusChange::Keep);
    outcome.diagnostics.push(uncovered());
    assert_eq!(
        news(&mut Announcer::default(), &plan(outcome)),
        ["Warning CertificateNone: no certificate covers legacy.example.net: that host is left out. \
             To do: request one in ACM"]
    );
}

#[test]
fn another_certificate_is_news() {
    let mut announcer = Announcer::default();
    news(&mut announcer, &plan(placed(publish())));
    let mut changed = placed(StatusChange::Keep);
    changed.certificates[0].certificate = "arn:aws:iam::123456789012:server-certificate/old".to_owned();
    assert_eq!(
        news(&mut announcer, &plan(changed)),
        ["Normal Placed: served by albatross-7c1e with certificate \
             arn:aws:iam::123456789012:server-certificate/old"]
    );
}

#[test]
fn an_unknown_annotation_is_not_the_reason_why_an_ingress_is_held_or_rejected() {
    let mut outcome = placed(StatusChange::Keep);
    outcome.diagnostics = vec![
        diagnostic(DiagnosticCode::AnnotationUnknown, "annotation a does nothing"),
        diagnostic(DiagnosticCode::CertificateMissing, "certificate b does not exist"),
    ];
    outcome.state = OutcomeState::Held;
    assert_eq!(
        news(&mut Announcer::default(), &plan(outcome.clone())),
        [
            "Warning AnnotationUnknown: annotation a does nothing",
            "Warning Held: certificate b does not exist; still served as before",
        ]
    );
    outcome.state = OutcomeState::Rejected;
    assert_eq!(
        news(&mut Announcer::default(), &plan(outcome)),
        [
            "Warning AnnotationUnknown: annotation a does nothing",
            "Warning CertificateMissing: certificate b does not exist; not served",
        ]
    );
}

#[test]
fn a_problem_is_announced_when_it_appears_and_when_it_reappears() {
    let mut announcer = Announcer::default();
    let well = plan(placed(StatusChange::Keep));
    let mut outcome = placed(StatusChange::Keep);
    outcome.diagnostics.push(uncovered());
    let ill = plan(outcome);
    assert_eq!(news(&mut announcer, &well).len(), 0);
    assert_eq!(news(&mut announcer, &ill).len(), 1);
    assert_eq!(news(&mut announcer, &ill).len(), 0);
    assert_eq!(news(&mut announcer, &well).len(), 0);
    assert_eq!(news(&mut announcer, &ill).len(), 1);
}

#[test]
fn a_held_ingress_is_told_that_it_is_served_as_before_and_the_rest_by_its_code() {
    let mut outcome = placed(StatusChange::Keep);
    outcome.state = OutcomeState::Held;
    outcome.diagnostics.push(diagnostic(
        DiagnosticCode::AnnotationInvalid,
        "annotation zalando.org/aws-load-balancer-scheme is \"external\", expected internet-facing or internal",
    ));
    outcome.diagnostics.push(uncovered());
    let said = news(&mut Announcer::default(), &plan(outcome));
    assert_eq!(
        said,
        [
            "Warning CertificateNone: no certificate covers legacy.example.net: that host is left out. \
             To do: request one in ACM",
            "Warning Held: annotation zalando.org/aws-load-balancer-scheme is \"external\", expected \
             internet-facing or internal; still served as before",
        ]
    );
}

#[test]
fn a_rejected_ingress_is_told_that_it_is_not_served() {
    let mut outcome = placed(StatusChange::Keep);
    outcome.state = OutcomeState::Rejected;
    outcome.load_balancer = None;
    outcome.hostname = None;
    outcome.diagnostics.push(uncovered());
    let said = news(&mut Announcer::default(), &plan(outcome));
    assert_eq!(
        said,
        [
            "Warning CertificateNone: no certificate covers legacy.example.net: that host is left out; not served. \
             To do: request one in ACM"
        ]
    );
}

#[test]
fn an_ingress_that_is_not_ours_or_is_gone_gets_no_notice() {
    let mut ignored = placed(StatusChange::Keep);
    ignored.state = OutcomeState::Ignored;
    ignored.diagnostics.push(uncovered());
    assert_eq!(news(&mut Announcer::default(), &plan(ignored)).len(), 0);
    let mut gone = placed(StatusChange::Withdraw);
    gone.state = OutcomeState::Released;
    gone.object.name = "gone".to_owned();
    assert_eq!(news(&mut Announcer::default(), &plan(gone)).len(), 0);
}

#[test]
fn a_released_ingress_is_told_why() {
    let mut outcome = placed(StatusChange::Withdraw);
    outcome.state = OutcomeState::Released;
    outcome
        .diagnostics
        .push(diagnostic(DiagnosticCode::ClassNotOurs, "its class is nginx, which is not ours"));
    assert_eq!(
        news(&mut Announcer::default(), &plan(outcome)),
        ["Normal Released: no longer served: its class is nginx, which is not ours"]
    );
}

#[test]
fn a_withheld_change_is_announced_once_with_the_flag_that_allows_it() {
    let mut announcer = Announcer::default();
    let mut plan = plan(placed(StatusChange::Keep));
    plan.withheld.push(Withheld {
        budget: Budget::UnneededCertificates,
        subject: None,
        count: 9,
        total: 20,
        limit: 5,
        ids: Vec::new(),
        message:
            "9 of 20 certificates would become unneeded. Withheld. If this is intended: --allow-unneeded=a,b"
                .to_owned(),
    });
    let told = said(&mut announcer, &cluster(), &plan, &[]);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].regarding, Regarding::Controller);
    assert_eq!(told[0].reason, "WithheldUnneeded");
    assert!(told[0].note.ends_with("--allow-unneeded=a,b"));
    assert_eq!(said(&mut announcer, &cluster(), &plan, &[]), []);
}

const DENIED: &str = "AccessDenied: AWS refuses elasticloadbalancing:CreateLoadBalancer";

/// A plan with one action that these Ingresses wait for.
fn plan_with_action(ingresses: &[&str]) -> Plan {
    let mut plan = plan(placed(StatusChange::Keep));
    plan.actions.push(Action {
        id: "delete-load-balancer".to_owned(),
        depends_on: Vec::new(),
        load_balancer: "7c1e".to_owned(),
        objects: ingresses.iter().filter_map(|&ingress| ObjectName::parse(ingress)).collect(),
        reason: "nobody needs it".to_owned(),
        disruption: Disruption::Removal,
        operation: Operation::DeleteLoadBalancer(ResourceReference::Existing(ARN.to_owned())),
    });
    plan
}

fn came_of_it(state: ActionState, error: Option<&str>) -> [ActionResult; 1] {
    [ActionResult { action: "delete-load-balancer".to_owned(), state, error: error.map(str::to_owned) }]
}

#[test]
fn a_failed_action_is_announced_once_to_the_waiting_ingresses_and_again_when_the_error_changes() {
    let mut announcer = Announcer::default();
    let plan = plan_with_action(&["shop/checkout", "shop/gone"]);
    let mut told = |results: &[ActionResult]| -> Vec<(Regarding, String)> {
        let said = said(&mut announcer, &cluster(), &plan, results);
        let failed = said.into_iter().filter(|notice| notice.reason == "ActionFailed");
        failed.map(|notice| (notice.regarding, notice.note)).collect()
    };
    let checkout =
        Regarding::Object { name: ObjectName::ingress("shop", "checkout"), uid: Some("7a0c".to_owned()) };
    let failed = came_of_it(ActionState::Failed, Some(DENIED));
    assert_eq!(told(&failed), [(checkout.clone(), format!("{DENIED}. Albatross will retry"))]);
    assert_eq!(told(&failed), []);
    let otherwise = came_of_it(ActionState::Failed, Some("Throttling: too many calls"));
    assert_eq!(told(&otherwise), [(checkout, "Throttling: too many calls. Albatross will retry".to_owned())]);
    assert_eq!(told(&came_of_it(ActionState::Done, None)), []);
    assert_eq!(told(&failed).len(), 1);
}

#[test]
fn what_is_expected_to_be_unknown_for_a_while_is_no_news_and_a_fault_is() {
    let mut announcer = Announcer::default();
    let mut plan = plan(placed(StatusChange::Keep));
    news(&mut announcer, &plan);
    let missing = diagnostic(DiagnosticCode::ViewIncomplete, "RouteGroups are not known");
    let expected = Diagnostic { severity: albatross_contract::Severity::Info, ..missing.clone() };
    plan.diagnostics = vec![expected];
    assert_eq!(news(&mut announcer, &plan), [""; 0]);
    plan.diagnostics = vec![missing];
    assert_eq!(news(&mut announcer, &plan), ["Warning ViewIncomplete: RouteGroups are not known"]);
}

#[test]
fn a_failure_that_no_existing_ingress_waits_for_is_announced_for_the_controller() {
    for ingresses in [&[] as &[&str], &["shop/gone"]] {
        let plan = plan_with_action(ingresses);
        let failed = came_of_it(ActionState::Failed, Some(DENIED));
        let said = said(&mut Announcer::default(), &cluster(), &plan, &failed);
        let told: Vec<_> = said.iter().map(|notice| (&notice.regarding, notice.reason.as_str())).collect();
        assert_eq!(told, [(&Regarding::Controller, "ActionFailed")]);
    }
}

#[test]
fn a_pass_without_a_plan_is_announced_once_for_each_reason_until_there_is_a_plan_again() {
    let mut announcer = Announcer::default();
    let told = announcer.no_plan("VPC vpc-0 does not exist");
    assert_eq!(told[0].note, "nothing is changed until there is a plan again: VPC vpc-0 does not exist");
    assert_eq!((told[0].regarding.clone(), told[0].reason.as_str()), (Regarding::Controller, "NoPlan"));
    assert!(announcer.no_plan("VPC vpc-0 does not exist").is_empty());
    assert_eq!(announcer.no_plan("no credentials").len(), 1);
    news(&mut announcer, &plan(placed(StatusChange::Keep)));
    assert_eq!(announcer.no_plan("VPC vpc-0 does not exist"), told);
}
