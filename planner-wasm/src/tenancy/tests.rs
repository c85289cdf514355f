//! Unit tests in a small world: who is refused, held, or told.

use albatross_contract::{ClassSetting, DiagnosticCode, Mode, Plan, TenancyRule};
use serde_json::{Value, json};

use crate::{
    planning::plan,
    policies::NoPolicies,
    source::{Claim, Class, Wish},
    testing::{World, certificate_arn, dns_name, leak},
};

const PREFIX: &str = "alb.ingress.kubernetes.io/";

fn rules(rules: Value) -> Option<Vec<TenancyRule>> {
    let mut rules = rules;
    for rule in rules.as_array_mut().unwrap() {
        rule.as_object_mut().unwrap().entry("class").or_insert(json!(""));
    }
    Some(serde_json::from_value(rules).unwrap())
}

/// Ingresses without a class are ours, in route mode, under these rules.
fn in_route_mode(of: Value) -> World {
    World::new().with(|it| {
        it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        it.settings.tenancy = rules(of);
    })
}

fn in_proxy_mode(of: Value) -> World {
    World::new().with(|it| it.settings.tenancy = rules(of))
}

/// An Ingress in route mode whose hosts all have the path `/`.
fn with_paths(world: World) -> World {
    world.with(|it| {
        let path = json!({"path": "/", "path-type": "prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}});
        for rule in &mut it.cluster.ingresses.last_mut().unwrap().rules {
            rule.paths.push(serde_json::from_value(path.clone()).unwrap());
        }
    })
}

fn x(world: World) -> &'static Claim<'static> {
    world.read().claim("x")
}

fn codes(claim: &Claim<'_>) -> Vec<DiagnosticCode> {
    claim.diagnostics.iter().map(|it| it.code).collect()
}

fn message(claim: &Claim<'_>) -> String {
    claim
        .diagnostics
        .iter()
        .chain(&claim.remarks)
        .map(|it| it.message.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

fn planned(world: World) -> Plan {
    let mut snapshot = None;
    let _ = world.with(|it| snapshot = Some(it.clone()));
    plan(leak(snapshot.unwrap()), &NoPolicies).unwrap()
}

#[test]
fn a_namespace_without_a_rule_may_not_use_a_class_that_has_rules() {
    let of = || json!([{"namespaces": ["team-b"]}, {"namespaces": ["web-*"]}]);
    let refused = x(in_proxy_mode(of()).ingress("x", &["a.org"]));
    assert_eq!((refused.class, codes(refused)), (Class::Refused, vec![DiagnosticCode::NamespaceNotAllowed]));
    let expected =
        "namespace shop may not use the class \"\" (none): the settings allow its namespaces team-b, web-*";
    assert_eq!(message(refused), expected);
    let remedy = "name another class, or let a rule of the setting tenancy allow it";
    assert_eq!(refused.diagnostics[0].remedy.as_deref(), Some(remedy));
    let allowed = x(in_proxy_mode(json!([{"namespaces": ["sh*"]}])).ingress("x", &["a.org"]));
    assert!(allowed.is_ours() && allowed.diagnostics.is_empty());
}

#[test]
fn who_is_served_and_is_refused_is_held_with_the_hosts_that_are_served() {
    let world = in_proxy_mode(json!([{"namespaces": ["team-b"]}]))
        .certificate("a", &["a.org"])
        .certificate("b", &["b.org"])
        .load_balancer("one", &["a"])
        .published("x", &["a.org", "b.org"], "one");
    let scene = world.read();
    let held = scene.claim("x");
    assert!(held.is_ours() && held.is_refused && held.stays_as_it_is());
    assert_eq!(held.hosts, [scene.host("a.org")], "it gets no certificate for another host");
    assert_eq!(held.wishes, Wish::Unreadable);
    assert!(message(held).ends_with("; it is served as before, and nothing of it changes"));
    let remedy = held.diagnostics[0].remedy.as_deref().unwrap();
    assert!(remedy.ends_with("; --allow-release=shop/x ends what is not allowed"), "{remedy}");
}

#[test]
fn who_is_refused_is_released_only_if_a_person_names_it() {
    let world = || {
        in_proxy_mode(json!([{"namespaces": ["team-b"]}]))
            .certificate("a", &["a.org"])
            .load_balancer("one", &["a"])
            .published("x", &["a.org"], "one")
    };
    let states = |world: World| {
        let plan = planned(world);
        (plan.outcomes[0].state, plan.outcomes[0].diagnostics[0].message.clone())
    };
    assert_eq!(states(world()).0, albatross_contract::OutcomeState::Held);
    let (state, told) = states(world().with(|it| it.settings.allowances.release = vec!["shop/x".into()]));
    assert_eq!(state, albatross_contract::OutcomeState::Released);
    assert!(
        told.ends_with("web-*, so its status is emptied")
            || told.ends_with("team-b, so its status is emptied"),
        "{told}"
    );
}

#[test]
fn an_object_that_was_never_published_is_refused_although_a_tag_names_it() {
    let world = in_proxy_mode(json!([{"namespaces": ["team-b"]}]))
        .ingress("x", &["a.org"])
        .load_balancer("one", &[])
        .tagged("albatross/ingress", "shop/x");
    assert_eq!(x(world).class, Class::Refused);
}

#[test]
fn groups_schemes_certificates_and_annotations_are_refused_by_name() {
    let ask = |of: Value, key: &str, value: &str| {
        let claim = x(in_route_mode(of).ingress("x", &["a.org"]).annotated(&format!("{PREFIX}{key}"), value));
        (claim.class == Class::Refused).then(|| message(claim).lines().next().unwrap().to_owned())
    };
    let allows = |list: &str| format!("that the class \"\" (none) allows to namespace shop ({list})");
    let arn = certificate_arn("a");
    for (rule, key, value, expected) in [
        (json!([{"groups": ["web-*", "pay"]}]), "group.name", "web-a", None),
        (
            json!([{"groups": ["web-*", "pay"]}]),
            "group.name",
            "team-a",
            Some(format!("group team-a is not among the groups {}", allows("web-*, pay"))),
        ),
        (
            json!([{"groups": []}]),
            "group.name",
            "pay",
            Some(format!("group pay is not among the groups {}", allows("none"))),
        ),
        (json!([{"groups": []}]), "scheme", "internal", None),
        (json!([{"schemes": ["internal"]}]), "scheme", "internal", None),
        (
            json!([{"schemes": ["internal"]}]),
            "scheme",
            "internet-facing",
            Some(format!("scheme internet-facing is not among the schemes {}", allows("internal"))),
        ),
        (json!([{"certificates": ["arn:certificate/*"]}]), "certificate-arn", &arn, None),
        (
            json!([{"certificates": []}]),
            "certificate-arn",
            &arn,
            Some(format!("certificate {arn} is not among the certificates {}", allows("none"))),
        ),
        (json!([{"annotations": ["alb.ingress.kubernetes.io/tags"]}]), "tags", "a=b", None),
        (json!([{"annotations": ["zalando.org/aws-load-balancer-scheme"]}]), "scheme", "internal", None),
        (json!([{"annotations": []}]), "auth-type", "none", None),
        (
            json!([{"annotations": []}]),
            "tags",
            "a=b",
            Some(format!(
                "annotation alb.ingress.kubernetes.io/tags is not among the annotations {}",
                allows("none")
            )),
        ),
    ] {
        assert_eq!(ask(rule.clone(), key, value), expected, "{rule} {key}");
    }
}

#[test]
fn an_annotation_of_a_service_counts_like_that_of_the_ingress() {
    let claim = |allowed: Value| {
        x(with_paths(in_route_mode(json!([{"annotations": allowed}])).ingress("x", &["a.org"])).with(|it| {
            let service = json!({
                "kind": "cluster-ip", "metadata": {"namespace": "shop", "name": "web", "annotations": [
                    {"key": "alb.ingress.kubernetes.io/healthcheck-path", "value": "/up"},
                    {"key": "alb.ingress.kubernetes.io/scheme", "value": "internal"},
                ]},
                "ports": [{"port": 80, "protocol": "tcp"}],
            });
            it.cluster.services.push(serde_json::from_value(service).unwrap());
        }))
    };
    let refused = claim(json!([]));
    assert_eq!(
        codes(refused),
        [DiagnosticCode::AnnotationNotAllowed],
        "the scheme of a Service does nothing"
    );
    assert!(
        message(refused)
            .contains("annotation alb.ingress.kubernetes.io/healthcheck-path of Service shop/web is not")
    );
    assert!(claim(json!(["alb.ingress.kubernetes.io/healthcheck-*"])).is_ours());
}

#[test]
fn a_host_that_is_not_allowed_is_left_out_and_the_others_are_served() {
    let hosts = ["pay.example.org", "a.shop.org", "b.shop.org"];
    let of = || json!([{"hosts": ["*.shop.org"]}]);
    for world in [in_proxy_mode(of()), in_route_mode(of())] {
        let scene = with_paths(world.ingress("x", &hosts)).read();
        let claim = scene.claim("x");
        assert!(claim.is_ours() && claim.diagnostics.is_empty());
        let left: Vec<&str> = claim.hosts.iter().map(|host| scene.observed.hosts.text(*host)).collect();
        assert_eq!(left, ["a.shop.org", "b.shop.org"]);
        assert_eq!(claim.routing.as_ref().map_or(2, |routing| routing.routes.len()), 2);
        assert_eq!(
            message(claim).lines().last().unwrap(),
            "host pay.example.org is not among the hosts that the class \"\" (none) allows to namespace shop (*.shop.org): \
             that host is left out, its other 2 hosts are served"
        );
    }
}

#[test]
fn an_ingress_without_an_allowed_host_is_refused() {
    let of = || json!([{"hosts": ["*.shop.org"]}]);
    for world in [in_proxy_mode(of()), in_route_mode(of())] {
        let claim = x(with_paths(world.ingress("x", &["pay.org", "*.org"])));
        assert_eq!((claim.class, codes(claim)), (Class::Refused, vec![DiagnosticCode::HostNotAllowed]));
        assert!(message(claim).starts_with("hosts *.org, pay.org are not among the hosts that"));
    }
}

#[test]
fn a_rule_for_every_host_needs_all_hosts() {
    let claim = |allowed: &[&str], hosts: &[&str]| {
        x(with_paths(in_route_mode(json!([{"hosts": allowed}])).ingress("x", hosts)))
    };
    assert!(claim(&["*"], &[""]).is_ours());
    let refused = claim(&["*.org"], &[""]);
    assert_eq!((refused.class, codes(refused)), (Class::Refused, vec![DiagnosticCode::HostNotAllowed]));
    assert!(
        message(refused).starts_with("a rule for every host, or without a host, is not among"),
        "{}",
        message(refused)
    );
    let partly = claim(&["*.org"], &["a.org", ""]);
    assert!(partly.is_ours());
    let routing = partly.routing.as_ref().unwrap();
    assert!(routing.routes.iter().all(|route| route.hosts.len() == 1), "no route matches every host now");
    assert!(message(partly).contains("that rule is left out, its other host is served"));
    let in_proxy_mode = x(in_proxy_mode(json!([{"hosts": ["*.org"]}])).ingress("x", &[]));
    assert_eq!(in_proxy_mode.class, Class::Refused, "an Ingress without a host is for all hosts");
}

#[test]
fn a_default_backend_is_for_every_host() {
    let claim = x(in_route_mode(json!([{"hosts": ["*.org"]}])).ingress("x", &[]).with(|it| {
        let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
        it.cluster.ingresses[0].default_backend = Some(serde_json::from_value(backend).unwrap());
    }));
    assert_eq!((claim.class, codes(claim)), (Class::Refused, vec![DiagnosticCode::HostNotAllowed]));
}

#[test]
fn hosts_in_conditions_count_like_those_of_rules() {
    let claim = |config: Value| {
        let condition = json!([{"field": "host-header", "hostHeaderConfig": config}]).to_string();
        let world = with_paths(in_route_mode(json!([{"hosts": ["*.org"]}])).ingress("x", &["a.org"]));
        x(world.annotated(&format!("{PREFIX}conditions.web"), &condition))
    };
    let hosts = |claim: &Claim<'_>| claim.routing.as_ref().unwrap().routes[0].hosts.len();
    assert_eq!(hosts(claim(json!({"values": ["b.org", "pay.com"]}))), 2);
    assert_eq!(hosts(claim(json!({"values": ["b*.org", "pay.*"]}))), 2);
    assert_eq!(hosts(claim(json!({"regexValues": ["^b\\.org$"]}))), 1, "nobody knows what it matches");
}

#[test]
fn hosts_that_only_tls_names_get_no_certificate_if_they_are_not_allowed() {
    let scene =
        with_paths(in_route_mode(json!([{"hosts": ["*.org"]}])).ingress("x", &["a.org"])).with(|it| {
            let tls = json!({"hosts": ["b.org", "pay.com"]});
            it.cluster.ingresses[0].tls.push(serde_json::from_value(tls).unwrap());
        });
    let scene = scene.read();
    let claim = scene.claim("x");
    assert_eq!(claim.only_tls, [scene.host("b.org")]);
    assert_eq!(claim.hosts, [scene.host("a.org"), scene.host("b.org")]);
}

#[test]
fn in_proxy_mode_a_host_that_has_a_certificate_keeps_it_and_another_gets_none() {
    let world = |release: &[&str]| {
        in_proxy_mode(json!([{"hosts": ["*.shop.org"]}]))
            .certificate("shop", &["*.shop.org"])
            .certificate("pay", &["pay.org"])
            .certificate("new", &["new.org"])
            .load_balancer("one", &["shop", "pay"])
            .published("x", &["a.shop.org", "pay.org", "new.org"], "one")
            .with(|it| it.settings.allowances.release = release.iter().map(|it| (*it).to_owned()).collect())
    };
    let scene = world(&[]).read();
    let claim = scene.claim("x");
    assert!(claim.is_ours() && !claim.stays_as_it_is() && claim.diagnostics.is_empty());
    assert_eq!(claim.hosts, [scene.host("a.shop.org"), scene.host("pay.org")]);
    assert_eq!(claim.kept_hosts, [scene.host("pay.org")]);
    assert!(
        message(claim).contains("host pay.org is not among")
            && message(claim).contains("that host keeps the certificate that the load balancer has")
    );
    assert!(message(claim).contains("host new.org is not among"));
    let scene = world(&["shop/x"]).read();
    assert_eq!(scene.claim("x").hosts, [scene.host("a.shop.org")]);
}

#[test]
fn the_only_allowed_scheme_is_the_default() {
    let of = || json!([{"schemes": ["internal"]}]);
    let proxy = x(in_proxy_mode(of()).ingress("x", &["a.org"]));
    assert_eq!(proxy.scheme, Wish::Default(albatross_contract::Scheme::Internal));
    let of = || json!([{"schemes": ["internet-facing"]}]);
    let route = x(in_route_mode(of()).ingress("x", &["a.org"]));
    assert_eq!(route.scheme, Wish::Default(albatross_contract::Scheme::InternetFacing));
}

#[test]
fn a_refused_object_does_not_decide_the_scheme_of_its_group() {
    let group = format!("{PREFIX}group.name");
    let world = in_route_mode(
        json!([{"namespaces": ["shop"], "schemes": ["internal", "internet-facing"], "hosts": ["*.org"]}]),
    );
    let world = with_paths(
        world
            .ingress("other", &["pay.com"])
            .annotated(&group, "g")
            .annotated(&format!("{PREFIX}scheme"), "internet-facing"),
    );
    let world = with_paths(world.ingress("x", &["a.org"]).annotated(&group, "g"));
    assert_eq!(x(world).scheme, Wish::Default(albatross_contract::Scheme::Internal));
}

#[test]
fn a_paused_object_stays_as_it_is_and_a_new_one_is_not_placed() {
    let paused = |world: World| world.annotated("albatross/paused", "true");
    let served = || {
        World::new()
            .certificate("a", &["a.org"])
            .certificate("b", &["b.org"])
            .load_balancer("one", &["a"])
            .published("x", &["a.org", "b.org"], "one")
    };
    let scene = paused(served()).read();
    let claim = scene.claim("x");
    assert!(claim.is_ours() && claim.is_paused);
    assert_eq!((codes(claim), &claim.hosts), (vec![DiagnosticCode::Paused], &vec![scene.host("a.org")]));
    let plan = planned(paused(World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"])));
    assert!(plan.actions.is_empty());
    let outcome = &plan.outcomes[0];
    assert_eq!(outcome.state, albatross_contract::OutcomeState::Rejected);
    assert_eq!(outcome.diagnostics[0].code, DiagnosticCode::Paused);
    assert_eq!(outcome.diagnostics[0].severity, albatross_contract::Severity::Info, "it is nobody's mistake");
    assert!(!x(served().annotated("albatross/paused", "false")).is_paused);
}

#[test]
fn a_pause_that_cannot_be_understood_pauses_and_says_which_values_are_expected() {
    let claim = x(World::new()
        .load_balancer("one", &[])
        .published("x", &["a.org"], "one")
        .annotated("albatross/paused", "yes"));
    assert!(claim.stays_as_it_is());
    assert_eq!(codes(claim), [DiagnosticCode::AnnotationInvalid]);
    assert_eq!(message(claim), "annotation albatross/paused is \"yes\", expected true or false");
}

#[test]
fn a_paused_object_is_not_released_when_its_class_changes() {
    let world = |value: &str| {
        World::new()
            .with(|it| it.settings.classes = Vec::new())
            .load_balancer("one", &[])
            .published("x", &["a.org"], "one")
            .annotated("albatross/paused", value)
    };
    let state = |value| planned(world(value)).outcomes[0].state;
    assert_eq!(state("true"), albatross_contract::OutcomeState::Held);
    assert_eq!(state("false"), albatross_contract::OutcomeState::Released);
}

#[test]
fn nothing_of_a_paused_ingress_in_route_mode_counts_for_its_group() {
    let world = in_route_mode(json!([])).load_balancer("one", &[]);
    let world = with_paths(world.ingress("x", &["a.org"]).status(&dns_name("one")));
    let world =
        world.annotated(&format!("{PREFIX}load-balancer-attributes"), "idle_timeout.timeout_seconds=7");
    assert!(
        !x(world.annotated("albatross/paused", "true"))
            .routing
            .as_ref()
            .unwrap()
            .load_balancer
            .ask_for_something()
    );
}
