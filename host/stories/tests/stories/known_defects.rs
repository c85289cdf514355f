//! Defects that other controllers for Application Load Balancers have or had, and of which this one must be free: most are from
//! the AWS Load Balancer Controller, as read from its sources and from its issues (the numbers).

use albatross_contract::{
    ANNOTATION_DEFAULT_CLASS, Cluster, DiagnosticCode, Ingress, IngressBackend, IngressClass, ListenerAction,
    ObjectReference, OutcomeState, PathType, ServicePortReference, Tag,
};
use albatross_stories::{
    Certificates, Controller, annotated, certificate, ingress, outcome, service, take_something_away, tells,
    warns,
};

use super::routes::{row, rules, story, with_paths};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const ORDER: &str = "alb.ingress.kubernetes.io/group.order";
const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";
const BOTH: &str = r#"[{"HTTP": 80}, {"HTTPS": 443}]"#;

fn member(name: &str, host: &str, paths: &[(&str, &str)]) -> Ingress {
    annotated(with_paths(ingress(name, &[host]), paths), GROUP, "shop")
}

/// The only path of an Ingress has an action.
fn acting(ingress: Ingress, action: &str) -> Ingress {
    let mut acting = annotated(ingress, "alb.ingress.kubernetes.io/actions.act", action);
    if let IngressBackend::Service(service) = &mut acting.rules[0].paths[0].backend {
        service.name = "act".into();
        service.port = ServicePortReference::Name("use-annotation".into());
    }
    acting
}

fn two() -> Controller {
    let members = vec![
        member("web", "web.example.org", &[("/", "web")]),
        member("other", "other.example.org", &[("/", "other")]),
    ];
    let mut story = story(members, vec![service("web", 30_080), service("other", 30_081)]);
    story.converge();
    story
}

fn messages(story: &mut Controller, name: &str) -> Vec<String> {
    let plan = story.plan();
    outcome(&plan, name).unwrap().diagnostics.iter().map(|it| it.message.clone()).collect()
}

/// Group loading: an invalid class on one member stops the group (#2731).
#[test]
fn a_member_whose_class_is_deleted_keeps_its_rules_and_the_group_goes_on() {
    let class = IngressClass {
        metadata: albatross_contract::Metadata { name: "alb".into(), ..Default::default() },
        controller: "albatross.example/ingress".into(),
        parameters: None,
    };
    let mut story = two();
    story.settings.ingress_class_controller.clone_from(&class.controller);
    story
        .settings
        .classes
        .push(albatross_contract::ClassSetting { name: "alb".into(), mode: albatross_contract::Mode::Route });
    let now = story.cloud.now();
    let cluster = Cluster { ingress_classes: vec![class], ..story.cluster.cluster().clone() };
    story.cluster.apply(cluster, now);
    story.edit("web", |before| Ingress { ingress_class_name: Some("alb".into()), ..before });
    story.converge();

    story.settings.classes.retain(|class| class.name != "alb");
    story.cluster.cluster_mut().ingress_classes.clear();
    story.edit("other", |before| Ingress {
        rules: member("other", "other.example.org", &[("/new", "other")]).rules,
        ..before
    });
    story.converge();
    let expected =
        [row("other.example.org /new /new/*", "30081 with 1"), row("web.example.org", "30080 with 1")];
    assert!(expected.iter().all(|row| rules(&mut story, "other").contains(row)));
}

/// Group loading: two default IngressClasses and an Ingress without a class anywhere stop all groups.
#[test]
fn two_default_classes_change_nothing_for_a_group() {
    let default = |name: &str| IngressClass {
        metadata: albatross_contract::Metadata {
            name: name.into(),
            annotations: vec![Tag { key: ANNOTATION_DEFAULT_CLASS.into(), value: "true".into() }],
            ..Default::default()
        },
        controller: format!("{name}.example/controller"),
        parameters: None,
    };
    let mut story = two();
    let now = story.cloud.now();
    let cluster =
        Cluster { ingress_classes: vec![default("one"), default("two")], ..story.cluster.cluster().clone() };
    story.cluster.apply(cluster, now);
    story.edit("web", |before| Ingress {
        rules: member("web", "web.example.org", &[("/new", "web")]).rules,
        ..before
    });
    story.converge();
    assert!(rules(&mut story, "web").contains(&row("web.example.org /new /new/*", "30080 with 1")));
    assert_eq!(story.hostname("web"), story.hostname("other"));
}

/// #3560: an Ingress beyond the quota of target groups cannot be deleted either.
#[test]
fn at_the_quota_of_target_groups_an_ingress_can_be_deleted() {
    let mut story = two();
    story.cloud.inventory_mut().quotas.target_groups_per_load_balancer = 3;
    story.apply(member("young", "young.example.org", &[("/a", "a"), ("/b", "b")]));
    for (name, port) in [("a", 30_090), ("b", 30_091)] {
        let services =
            story.cluster.cluster().services.iter().cloned().chain([service(name, port)]).collect();
        let cluster = Cluster { services, ..story.cluster.cluster().clone() };
        let now = story.cloud.now();
        story.cluster.apply(cluster, now);
    }
    story.converge();
    let plan = story.plan();
    assert!(tells(outcome(&plan, "young").unwrap(), DiagnosticCode::QuotaExhausted));
    assert_eq!(story.hostname("young"), None);

    for name in ["young", "other"] {
        story.delete(name);
        story.converge();
    }
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(rules(&mut story, "web"), [row("web.example.org", "30080 with 1")]);
    let load_balancer = story.serving("web");
    assert_eq!(story.target_groups_of(&load_balancer).len(), 1);
}

/// More targets than a load balancer may have: a negative slice bound stops the target group for ever.
#[test]
fn with_more_targets_than_the_quota_everything_stays_and_newcomers_are_left_out() {
    let mut story = two();
    story.cloud.inventory_mut().quotas.targets_per_load_balancer = 5;
    story.apply(member("young", "young.example.org", &[("/", "third")]));
    let services =
        story.cluster.cluster().services.iter().cloned().chain([service("third", 30_082)]).collect();
    let now = story.cloud.now();
    let cluster = Cluster { services, ..story.cluster.cluster().clone() };
    story.cluster.apply(cluster, now);
    let passes = story.converge();
    assert!(!take_something_away(&passes));
    assert_eq!(rules(&mut story, "web").len(), 2);
    let told = messages(&mut story, "young");
    assert!(told.iter().any(|it| it.contains("a load balancer can have 5 targets")), "{told:?}");
}

/// #2763, #2203, #3033: rules in the order of manifests and names instead of the more specific one first.
#[test]
fn the_more_specific_rule_comes_first_whatever_the_names_and_places() {
    let members = vec![
        member("a", "*.example.org", &[("/", "web")]),
        member("b", "shop.example.org", &[("/", "web"), ("/cart", "other"), ("/cart/items", "web")]),
    ];
    let mut story = story(members, vec![service("web", 30_080), service("other", 30_081)]);
    story.converge();
    let expected = [
        row("shop.example.org /cart/items /cart/items/*", "30080 with 1"),
        row("shop.example.org /cart /cart/*", "30081 with 1"),
        row("shop.example.org", "30080 with 1"),
    ];
    assert_eq!(rules(&mut story, "b")[..3], expected);
}

/// #2903: Exact and Prefix before every pattern, so that a pattern for one file type was never reached.
#[test]
fn a_pattern_is_reached_before_a_shorter_prefix() {
    let mut shop = member("shop", "shop.example.org", &[("/", "web"), ("/static/*.png", "other")]);
    shop.rules[0].paths[1].path_type = PathType::ImplementationSpecific;
    let mut story = story(vec![shop], vec![service("web", 30_080), service("other", 30_081)]);
    story.converge();
    let expected =
        [row("shop.example.org /static/*.png", "30081 with 1"), row("shop.example.org", "30080 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
}

/// #4325: the controller switches deletion protection off and deletes the load balancer.
#[test]
fn deletion_protection_that_an_ingress_asks_for_outlives_the_ingress_and_is_told() {
    let protected = annotated(
        member("web", "web.example.org", &[("/", "web")]),
        ATTRIBUTES,
        "deletion_protection.enabled=true",
    );
    let mut story = story(vec![protected], vec![service("web", 30_080)]);
    story.converge();
    story.delete("web");
    story.converge();
    story.wait_for_the_grace();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
    assert!(
        warns(&story.plan(), DiagnosticCode::DeletionProtected),
        "not even the last member is gone in silence"
    );
}

/// #2451: a member with the smallest order takes the default certificate over, whatever its namespace.
#[test]
fn no_member_takes_over_the_default_certificate_of_others() {
    let https = |ingress: Ingress| annotated(ingress, PORTS, r#"[{"HTTPS": 443}]"#);
    let mut story = two();
    story.add_certificate(certificate(1, &["web.example.org"]));
    story.add_certificate(certificate(2, &["young.example.org"]));
    story.edit("web", https);
    story.converge();
    let young = with_paths(ingress("zoo/young", &["young.example.org"]), &[("/", "web")]);
    story.apply(annotated(annotated(https(young), GROUP, "shop"), ORDER, "-1000"));
    story.converge();
    let load_balancer = story.serving("web");
    let listener = load_balancer.listeners.iter().find(|it| it.port == 443).unwrap();
    assert_eq!(listener.default_certificate, Some(Certificates::arn(1)));
    assert!(listener.certificates.contains(&Certificates::arn(2)));
}

/// Certificates of hosts that only `spec.tls` names: found as in that controller, which several guides rely on.
#[test]
fn a_rule_without_a_host_is_served_over_https_for_the_hosts_of_tls() {
    let mut shop = annotated(with_paths(ingress("shop", &["unused"]), &[("/", "web")]), PORTS, BOTH);
    shop.rules[0].host = None;
    shop.tls = vec![albatross_contract::IngressTls {
        hosts: vec!["Shop.example.org".into(), "lost.example.net".into()],
        secret_name: None,
    }];
    let mut story = story(vec![shop], vec![service("web", 30_080)]);
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge();
    let load_balancer = story.serving("shop");
    let listener = load_balancer.listeners.iter().find(|it| it.port == 443).unwrap();
    assert_eq!(listener.default_certificate, Some(Certificates::arn(1)));
    let told = messages(&mut story, "shop");
    let [only] = told.as_slice() else { panic!("{told:?}") };
    assert!(only.starts_with("no certificate covers lost.example.net"), "{only}");
}

/// Rule optimizer: a redirect for hosts that match a regular expression counts as one for every host and removes later rules.
#[test]
fn a_redirect_for_hosts_of_a_regular_expression_hides_no_rule_of_another_host() {
    let to_https =
        r##"{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}"##;
    let mut first = acting(member("first", "unused", &[("/", "act")]), to_https);
    first.rules[0].host = None;
    let hosts = r#"[{"field":"host-header","hostHeaderConfig":{"regexValues":["^old\\.example\\.org$"]}}]"#;
    first = annotated(first, "alb.ingress.kubernetes.io/conditions.act", hosts);
    let mut story = two();
    story.apply(annotated(first, ORDER, "-1000"));
    story.converge();
    let said = rules(&mut story, "web");
    for expected in [row("web.example.org", "30080 with 1"), row("other.example.org", "30081 with 1")] {
        assert!(said.contains(&expected), "{said:?}");
    }
    assert_eq!(said.len(), 3);
}

/// Rule optimizer: the redirect of every path to `/login` is a loop unless a rule answers `/login`.
#[test]
fn a_redirect_of_all_paths_to_one_of_them_is_told_as_a_loop_unless_that_path_has_a_backend() {
    let login = r##"{"type":"redirect","redirectConfig":{"path":"/login","statusCode":"HTTP_302"}}"##;
    let is_told =
        |story: &mut Controller| messages(story, "shop").iter().any(|it| it.contains("in an endless loop"));
    let mut story = story(
        vec![acting(member("shop", "shop.example.org", &[("/", "act")]), login)],
        vec![service("web", 30_080)],
    );
    assert!(is_told(&mut story));
    story.converge();
    assert_eq!(rules(&mut story, "shop").len(), 1, "other paths are redirected all the same");

    story.apply(member("login", "shop.example.org", &[("/login", "web")]));
    assert!(!is_told(&mut story));
}

/// AWS refuses a redirect from HTTPS to HTTP, and that controller tries it in every pass.
#[test]
fn a_redirect_to_http_is_told_on_the_https_listener_and_works_on_the_http_listener() {
    let to_http = r##"{"type":"redirect","redirectConfig":{"protocol":"HTTP","host":"old.example.org","port":"80","statusCode":"HTTP_302"}}"##;
    let shop = acting(member("shop", "shop.example.org", &[("/", "act")]), to_http);
    let mut story = story(vec![annotated(shop, PORTS, BOTH)], Vec::new());
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge();
    let load_balancer = story.serving("shop");
    for listener in &load_balancer.listeners {
        let is_redirect = matches!(listener.rules[0].actions[..], [ListenerAction::Redirect(_)]);
        assert_eq!(is_redirect, listener.port == 80, "{listener:?}");
    }
    let told = messages(&mut story, "shop");
    let expected = "shop.example.org: AWS does not redirect from HTTPS to HTTP; the rule answers with 503";
    assert!(told.iter().any(|it| it == expected), "{told:?}");
}

/// While one load balancer is provisioned, that controller postpones everything else of the group for two minutes.
#[test]
fn a_member_that_joins_while_the_load_balancer_is_provisioned_is_planned_at_once() {
    let mut story = story(
        vec![member("web", "web.example.org", &[("/", "web")])],
        vec![service("web", 30_080), service("other", 30_081)],
    );
    story.pass();
    story.apply(member("other", "other.example.org", &[("/", "other")]));
    let pass = story.pass();
    assert!(!pass.plan.actions.is_empty());
    assert_eq!(pass.plan.load_balancers.len(), 1, "one load balancer for both");
    let placed = outcome(&pass.plan, "other").unwrap();
    assert_eq!(placed.state, OutcomeState::Placed);
    assert_eq!(placed.load_balancer, outcome(&pass.plan, "web").unwrap().load_balancer);
}

/// The webhook panics on a backend that is no Service.
#[test]
fn a_backend_that_is_no_service_is_answered_with_503_and_told() {
    let mut shop = member("shop", "shop.example.org", &[("/", "web"), ("/static", "web")]);
    shop.rules[0].paths[1].backend = IngressBackend::Object(ObjectReference {
        api_group: Some("k8s.example.com".into()),
        kind: "StorageBucket".into(),
        name: "bucket".into(),
        namespace: None,
    });
    let mut story = story(vec![shop], vec![service("web", 30_080)]);
    story.converge();
    let expected =
        [row("shop.example.org /static /static/*", "503"), row("shop.example.org", "30080 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
    let told = messages(&mut story, "shop");
    let expected = "shop.example.org /static or /static/*: StorageBucket bucket is not a Service; the rule answers with 503";
    assert_eq!(told, [expected]);
}

/// #2011, #3512: a rule that no request can reach uses up the quota all the same.
#[test]
fn a_rule_that_no_request_can_reach_takes_no_room() {
    let wide = member("wide", "shop.example.org", &[("/", "web")]);
    let source =
        |block: &str| format!(r#"[{{"field":"source-ip","sourceIpConfig":{{"values":["{block}"]}}}}]"#);
    let key = "alb.ingress.kubernetes.io/conditions.web";
    let wide = annotated(annotated(wide, key, &source("10.0.0.0/8")), ORDER, "-1");
    let narrow = member("narrow", "shop.example.org", &[("/", "web")]);
    let narrow = annotated(narrow, key, &source("10.1.0.0/16"));
    let mut story = story(vec![wide, narrow], vec![service("web", 30_080)]);
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 2;
    story.converge();
    assert_eq!(story.serving("wide").listeners[0].rules.len(), 1);
    let told = messages(&mut story, "narrow");
    let expected = "a rule of shop/wide (shop.example.org, source 10.0.0.0/8) matches all these requests and comes first";
    assert!(told.iter().any(|it| it.contains(expected)), "{told:?}");
    assert_eq!(story.hostname("narrow"), story.hostname("wide"));
}
