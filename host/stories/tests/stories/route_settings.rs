//! Route mode: properties of load balancers and target groups that annotations ask for, alone and in groups.

use albatross_contract::{
    ClassSetting, Cluster, DiagnosticCode, Ingress, IngressBackend, IngressPath, IpAddressType, LoadBalancer,
    Mode, OutcomeState, PathType, Service, ServiceBackend, ServicePortReference, ViewPart,
};
use albatross_stories::{
    Certificates, Controller, annotated, attribute, certificate, certificates_on, ingress, outcome, tag,
    world,
};

use crate::gaps::{plan, plan_without};

/// A Service of the namespace `shop` whose port has a name, with annotations of that controller.
pub fn service(name: &str, annotations: &[(&str, &str)]) -> Service {
    let mut made = albatross_stories::service(name, 30_080);
    made.metadata = with(ingress(name, &[]), annotations).metadata;
    made.ports[0].name = Some("http".to_owned());
    made
}

fn with(ingress: Ingress, annotations: &[(&str, &str)]) -> Ingress {
    annotations.iter().fold(ingress, |ingress, (name, value)| annotated(ingress, &key(name), value))
}

pub fn key(name: &str) -> String {
    format!("alb.ingress.kubernetes.io/{name}")
}

/// An Ingress `name` for the host `name.example.org`, whose requests go to the Service `web`.
pub fn routed(name: &str, annotations: &[(&str, &str)]) -> Ingress {
    let mut ingress = ingress(name, &[&format!("{name}.example.org")]);
    ingress.rules[0].paths = vec![IngressPath {
        path: Some("/".to_owned()),
        path_type: PathType::Prefix,
        backend: IngressBackend::Service(ServiceBackend {
            name: "web".to_owned(),
            port: ServicePortReference::Number(80),
        }),
    }];
    with(ingress, annotations)
}

pub fn story(ingresses: Vec<Ingress>, service: Service) -> Controller {
    let (settings, mut inventory) = world();
    for (number, subnet) in (0..).zip(&mut inventory.subnets) {
        subnet.ipv6_cidr_blocks = vec![format!("2001:db8:0:{number}::/64")];
    }
    let certificates = vec![certificate(1, &["*.example.org"]), certificate(2, &["shop.example.org"])];
    let mut story = Controller::new((settings, inventory), certificates, Vec::new());
    story.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    let now = story.cloud.now();
    story.cluster.apply(Cluster { ingresses, services: vec![service], ..Cluster::default() }, now);
    story
}

pub fn ports(load_balancer: &LoadBalancer) -> Vec<u16> {
    let mut ports: Vec<u16> = load_balancer.listeners.iter().map(|listener| listener.port).collect();
    ports.sort_unstable();
    ports
}

/// What an Ingress is told with a code.
pub fn told(story: &mut Controller, name: &str, code: DiagnosticCode) -> Vec<String> {
    let pass = story.pass();
    let diagnostics = pass.outcome(name).unwrap().diagnostics.iter();
    diagnostics.filter(|it| it.code == code).map(|it| it.message.clone()).collect()
}

#[test]
fn a_load_balancer_gets_the_attributes_tags_and_address_type_that_annotations_ask_for() {
    let asked = [
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=120,routing.http2.enabled=false"),
        ("target-group-attributes", "deregistration_delay.timeout_seconds=30,stickiness.enabled=true"),
        ("tags", "team=shop,cost center=17"),
        ("ip-address-type", "dualstack"),
    ];
    let mut story = story(vec![routed("shop", &asked)], service("web", &[]));
    story.converge();

    let load_balancer = story.serving("shop");
    assert_eq!(load_balancer.ip_address_type, IpAddressType::Dualstack);
    assert_eq!(attribute(&load_balancer.attributes, "idle_timeout.timeout_seconds"), Some("120"));
    assert_eq!(attribute(&load_balancer.attributes, "routing.http2.enabled"), Some("false"));
    let group = story.target_groups_of(&load_balancer).remove(0);
    assert_eq!(attribute(&group.attributes, "deregistration_delay.timeout_seconds"), Some("30"));
    for tags in [&load_balancer.tags, &group.tags] {
        assert_eq!((tag(tags, "team"), tag(tags, "cost center")), (Some("shop"), Some("17")));
    }
    assert!(story.plan().actions.is_empty(), "no action in a converged world");

    story.annotate("shop", &key("load-balancer-attributes"), "idle_timeout.timeout_seconds=90");
    story.annotate("shop", &key("ip-address-type"), "ipv4");
    story.converge();
    let load_balancer = story.serving("shop");
    assert_eq!(load_balancer.ip_address_type, IpAddressType::Ipv4);
    assert_eq!(attribute(&load_balancer.attributes, "idle_timeout.timeout_seconds"), Some("90"));
    assert_eq!(
        attribute(&load_balancer.attributes, "routing.http2.enabled"),
        Some("false"),
        "an attribute that nobody asks for stays"
    );
}

#[test]
fn a_change_of_the_protocol_version_makes_another_target_group_and_a_change_of_the_health_check_does_not() {
    let both = [("listen-ports", r#"[{"HTTPS": 443}]"#)];
    let mut story = story(vec![routed("shop", &both)], service("web", &[]));
    story.converge();
    let load_balancer = story.serving("shop");
    let before = story.target_groups_of(&load_balancer).remove(0);

    story.annotate("shop", &key("healthcheck-path"), "/ready");
    story.annotate("shop", &key("success-codes"), "200-299,404");
    story.converge();
    let changed = story.target_groups_of(&load_balancer).remove(0);
    assert_eq!(
        (changed.arn.as_str(), changed.health_check.path.as_deref()),
        (before.arn.as_str(), Some("/ready"))
    );

    story.annotate("shop", &key("success-codes"), "12");
    story.annotate("shop", &key("backend-protocol-version"), "GRPC");
    story.converge();
    let versions: Vec<Option<String>> =
        story.target_groups_of(&load_balancer).into_iter().map(|group| group.protocol_version).collect();
    assert!(versions.contains(&Some("GRPC".to_owned())), "{versions:?}");
}

#[test]
fn grpc_works_only_over_https() {
    let both = [("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#), ("backend-protocol-version", "GRPC")];
    let mut story = story(vec![routed("shop", &both)], service("web", &[]));
    story.converge();

    let load_balancer = story.serving("shop");
    assert_eq!(ports(&load_balancer), [80, 443]);
    let said = told(&mut story, "shop", DiagnosticCode::BackendInvalid);
    assert_eq!(said.len(), 1);
    let expected = "AWS forwards requests with protocol version GRPC only from HTTPS listeners";
    assert!(said[0].contains(expected), "{said:?}");
}

#[test]
fn each_https_listener_has_the_certificates_of_the_load_balancer() {
    let two =
        [("listen-ports", r#"[{"HTTPS": 8443}]"#), ("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06")];
    let mut story = story(vec![routed("shop", &two)], service("web", &[]));
    story.converge();
    let load_balancer = story.serving("shop");
    assert_eq!(ports(&load_balancer), [8443]);
    let listener = &load_balancer.listeners[0];
    assert_eq!(listener.ssl_policy.as_deref(), Some("ELBSecurityPolicy-TLS13-1-2-2021-06"));
    assert_eq!(listener.default_certificate.as_deref(), Some(Certificates::arn(2).as_str()));
    assert!(story.hostname("shop").is_some());

    story.annotate("shop", &key("listen-ports"), r#"[{"HTTPS": 8443}, {"HTTPS": 9443}]"#);
    let both = [Certificates::arn(2), Certificates::arn(1)].join(",");
    story.annotate("shop", &key("certificate-arn"), &both);
    story.converge();
    let load_balancer = story.serving("shop");
    assert_eq!(ports(&load_balancer), [8443, 9443]);
    for listener in &load_balancer.listeners {
        let others = listener.certificates.iter().chain(&listener.default_certificate);
        assert_eq!(others.count(), 2, "{listener:?}");
    }
    assert!(story.plan().actions.is_empty(), "no action in a converged world");

    story.annotate("shop", &key("certificate-arn"), &Certificates::arn(2));
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    let load_balancer = story.serving("shop");
    assert_eq!(certificates_on(&load_balancer).len(), 1);
    assert!(story.plan().actions.is_empty(), "no action in a converged world");
}

#[test]
fn the_first_certificate_of_the_first_member_is_the_default() {
    let group = ("group.name", "shop");
    let (one, two) = (Certificates::arn(1), Certificates::arn(2));
    let members = vec![
        routed("a", &[group, ("certificate-arn", &one)]),
        routed(
            "shop",
            &[group, ("group.order", "-1"), ("certificate-arn", &[two.clone(), one.clone()].join(", "))],
        ),
    ];
    let mut story = story(members, service("web", &[]));
    story.converge();
    let load_balancer = story.serving("shop");
    assert_eq!(load_balancer.listeners[0].default_certificate, Some(two));
    assert_eq!(certificates_on(&load_balancer).len(), 2);
}

#[test]
fn members_that_contradict_each_other_share_a_load_balancer_and_the_first_one_counts() {
    let group = ("group.name", "shop");
    let first = routed(
        "first",
        &[
            group,
            ("group.order", "-1"),
            ("load-balancer-attributes", "idle_timeout.timeout_seconds=120"),
            ("tags", "team=a"),
        ],
    );
    let second = routed(
        "second",
        &[
            group,
            ("load-balancer-attributes", "idle_timeout.timeout_seconds=180"),
            ("tags", "team=b,env=test"),
        ],
    );
    let mut story = story(vec![first, second], service("web", &[]));
    story.converge();

    assert_eq!(story.hostname("first"), story.hostname("second"));
    let load_balancer = story.serving("first");
    assert_eq!(attribute(&load_balancer.attributes, "idle_timeout.timeout_seconds"), Some("120"));
    assert_eq!(
        (tag(&load_balancer.tags, "team"), tag(&load_balancer.tags, "env")),
        (Some("a"), Some("test"))
    );
    assert_eq!(told(&mut story, "second", DiagnosticCode::GroupConflict).len(), 2);
    assert!(told(&mut story, "first", DiagnosticCode::GroupConflict).is_empty());
    assert_eq!(story.pass().outcome("second").unwrap().state, OutcomeState::Placed);
}

#[test]
fn bad_input_of_one_member_holds_that_member_and_no_other() {
    let group = ("group.name", "shop");
    let good = routed("good", &[group]);
    let mut story = story(vec![good, routed("shop", &[group, ("tags", "team=a")])], service("web", &[]));
    story.converge();
    let name = story.hostname("shop");
    for (annotation, value, expected) in [
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=0", "expected 1 to 4000"),
        ("load-balancer-attributes", "idle_timeout", "expected pairs such as key=value"),
        ("target-group-attributes", "stickiness.enabled=yes", "expected true or false"),
        ("tags", "albatross/id=x", "expected another key"),
        ("ip-address-type", "ipv6", "expected ipv4, dualstack or dualstack-without-public-ipv4"),
        ("ssl-policy", "ELBSecurityPolicy-2016-8", "such as ELBSecurityPolicy-2016-08"),
        ("listen-ports", "443", "expected a JSON list such as"),
        ("target-node-labels", "pool", "expected pairs such as key=value"),
        ("success-codes", "2xx", "expected codes such as 200"),
        ("healthcheck-interval-seconds", "4", "expected 5 to 300"),
        ("healthcheck-timeout-seconds", "20", "must be less than its interval of 15 s"),
        ("healthcheck-port", "admin", "neither a port number nor the name of a port of the Service"),
        ("target-type", "pod", "expected instance or ip"),
        ("backend-protocol-version", "HTTP3", "expected HTTP1, HTTP2 or GRPC"),
    ] {
        let mut story = story.fork();
        story.annotate("shop", &key(annotation), value);
        let passes = story.converge();
        assert!(passes.iter().all(|pass| pass.plan.actions.is_empty()), "{annotation}: {value}");
        let pass = story.pass();
        let outcome = pass.outcome("shop").unwrap();
        assert_eq!(outcome.state, OutcomeState::Held, "{annotation}");
        let said = &outcome.diagnostics[0];
        assert_eq!(said.code, DiagnosticCode::AnnotationInvalid);
        assert!(said.message.contains(expected), "{annotation}: {}", said.message);
        assert!(said.message.contains(annotation) || said.field.as_ref().unwrap().contains(annotation));
        assert_eq!((story.hostname("shop"), story.hostname("good")), (name.clone(), name.clone()));
    }
}

#[test]
fn the_targets_of_a_held_member_follow_the_nodes() {
    let mut story = story(vec![routed("shop", &[])], service("web", &[]));
    story.converge();
    story.annotate("shop", &key("tags"), "team");
    story.start_node_group("nodes-3", &["a", "b"]);
    story.converge();

    let load_balancer = story.serving("shop");
    let group = story.target_groups_of(&load_balancer).remove(0);
    assert_eq!(group.targets.len(), 9, "7 nodes and 2 new ones");
    assert_eq!(story.pass().outcome("shop").unwrap().state, OutcomeState::Held);
}

#[test]
fn an_invalid_annotation_of_a_service_holds_its_ingress_and_names_the_service() {
    let mut story = story(vec![routed("shop", &[])], service("web", &[("target-type", "pods")]));
    let pass = story.pass();
    let outcome = pass.outcome("shop").unwrap();
    assert_eq!(outcome.state, OutcomeState::Rejected);
    let expected = "annotation alb.ingress.kubernetes.io/target-type of Service shop/web is \"pods\", expected instance or ip";
    assert_eq!(outcome.diagnostics[0].message, expected);
    assert!(pass.plan.actions.is_empty());
}

#[test]
fn an_unsupported_annotation_changes_nothing_and_is_told() {
    let asked = [("waf-acl-id", "1a2b"), ("load-balancer-name", "mine"), ("target-typ", "ip")];
    let mut story = story(vec![routed("shop", &asked)], service("web", &[]));
    story.converge();
    let said = told(&mut story, "shop", DiagnosticCode::AnnotationUnknown);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(story.serving("shop").name.starts_with("albatross-"));
    assert_eq!(story.pass().outcome("shop").unwrap().state, OutcomeState::Placed);
}

#[test]
fn a_name_that_is_not_found_in_an_incomplete_list_makes_a_newcomer_wait_and_changes_no_member() {
    for (part, annotation) in [(ViewPart::Subnets, "subnets"), (ViewPart::SecurityGroups, "security-groups")]
    {
        let mut story = story(vec![routed("shop", &[])], service("web", &[]));
        story.converge();
        story.apply(routed("wiki", &[(annotation, "nowhere")]));
        let snapshot = story.snapshot().unwrap();
        let complete = plan(&snapshot);
        assert_eq!(outcome(&complete, "wiki").unwrap().state, OutcomeState::Rejected, "{part:?}");

        let incomplete = plan_without(&snapshot, part, false);
        let wiki = outcome(&incomplete, "wiki").unwrap();
        assert_eq!(wiki.state, OutcomeState::Waiting, "{part:?}");
        let told = &wiki.diagnostics[0];
        assert_eq!(told.code, DiagnosticCode::ViewIncomplete);
        assert!(told.message.contains("names nowhere, which cannot be found: not all"), "{}", told.message);
        assert!(told.message.ends_with("(the connection was reset)"), "{}", told.message);

        story.annotate("shop", &key(annotation), "nowhere");
        let held = plan_without(&story.snapshot().unwrap(), part, false);
        assert_eq!(outcome(&held, "shop").unwrap().state, OutcomeState::Held);
        assert!(held.actions.is_empty(), "{:#?}", held.actions);
    }
}

#[test]
fn settings_of_a_group_stay_while_the_ingress_that_asks_for_them_cannot_be_read() {
    let (group, arn) = (("group.name", "shop"), Certificates::arn(1));
    let asked = [
        group,
        ("ip-address-type", "dualstack"),
        ("certificate-arn", arn.as_str()),
        ("ssl-policy", "ELBSecurityPolicy-FS-1-2-Res-2020-10"),
    ];
    let plain = [group, ("certificate-arn", arn.as_str())];
    let mut story = story(vec![routed("shop", &asked), routed("blog", &plain)], service("web", &[]));
    story.converge();
    assert_eq!(story.hostname("shop"), story.hostname("blog"));
    let mut snapshot = story.snapshot().unwrap();
    snapshot.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned());
    snapshot.cluster.ingresses.retain(|ingress| ingress.metadata.name == "blog");

    let plan = plan_without(&snapshot, ViewPart::Ingresses, false);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}
