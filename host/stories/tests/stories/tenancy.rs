//! Tenancy: what the settings allow to a namespace, and what becomes of an Ingress that they do not allow.

use albatross_contract::{
    Budget, ClassSetting, DiagnosticCode, Ingress, Mode, Outcome, OutcomeState, Scheme, TenancyRule,
};
use albatross_stories::{
    Controller, actions, annotated, certificate, certificates_on, ingress, route_group, service,
    take_something_away, withheld, world,
};

use crate::{
    one_shop::one_shop,
    routes::{row, rules, story, with_paths},
};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const SECURITY_GROUPS: &str = "alb.ingress.kubernetes.io/security-groups";

fn texts(all: &[&str]) -> Option<Vec<String>> {
    Some(all.iter().map(|text| (*text).to_owned()).collect())
}

/// A rule for Ingresses without a class.
fn rule() -> TenancyRule {
    TenancyRule::default()
}

fn hosts(allowed: &[&str]) -> Option<Vec<TenancyRule>> {
    Some(vec![TenancyRule { hosts: texts(allowed), ..rule() }])
}

fn only_for(namespace: &str) -> Option<Vec<TenancyRule>> {
    Some(vec![TenancyRule { namespaces: texts(&[namespace]), ..rule() }])
}

/// An Ingress in route mode whose hosts have the path `/` of the Service `web`.
fn member(name: &str, hosts: &[&str]) -> Ingress {
    let mut member = with_paths(ingress(name, hosts), &[("/", "web")]);
    let paths = member.rules[0].paths.clone();
    member.rules.iter_mut().for_each(|rule| rule.paths.clone_from(&paths));
    annotated(member, GROUP, "shop")
}

fn in_route_mode(ingresses: Vec<Ingress>, tenancy: Option<Vec<TenancyRule>>) -> Controller {
    let mut story = story(ingresses, vec![service("web", 30_080)]);
    story.settings.tenancy = tenancy;
    story
}

fn messages(outcome: &Outcome, code: DiagnosticCode) -> Vec<&str> {
    outcome.diagnostics.iter().filter(|it| it.code == code).map(|it| it.message.as_str()).collect()
}

#[test]
fn a_new_ingress_of_another_namespace_gets_nothing_and_is_told_why() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.settings.tenancy = only_for("team-b");

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty() && pass.plan.load_balancers.is_empty());
    let outcome = pass.outcome("checkout").unwrap();
    assert_eq!(outcome.state, OutcomeState::Rejected);
    assert_eq!(
        messages(outcome, DiagnosticCode::NamespaceNotAllowed),
        ["namespace shop may not use the class \"\" (none): the settings allow its namespaces team-b"]
    );
    story.settings.tenancy = only_for("sh*");
    story.converge();
    assert!(story.hostname("checkout").is_some(), "the settings allow it now");
}

#[test]
fn a_setting_that_refuses_every_ingress_takes_nothing_from_anybody() {
    let names: Vec<String> = (0..15).map(|number| format!("shop-{number:02}")).collect();
    let host = |name: &String| format!("{name}.example.org");
    let ingresses = names.iter().map(|name| ingress(name, &[&host(name)])).collect();
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    story.converge();
    let before = story.load_balancers();

    story.settings.tenancy = only_for("team-b");

    let passes = story.converge();
    assert!(actions(&passes).next().is_none());
    let pass = story.pass();
    assert!(pass.statuses.is_empty() && pass.plan.withheld.is_empty());
    for name in &names {
        assert_eq!(pass.outcome(name).unwrap().state, OutcomeState::Held, "{name}");
    }
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers(), before);
}

#[test]
fn who_is_named_by_a_person_is_released_and_stays_released() {
    let mut story = one_shop("*.example.org");
    story.settings.tenancy = only_for("team-b");
    story.settings.allowances.release = vec!["shop/checkout".to_owned()];

    let pass = story.pass();

    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Released);
    assert_eq!(story.hostname("checkout"), None);
    story.settings.allowances.release.clear();
    story.converge();
    assert_eq!(story.pass().outcome("checkout").unwrap().state, OutcomeState::Rejected);
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty());
}

#[test]
fn the_budget_for_releases_does_not_count_who_is_held() {
    let mut story = one_shop("*.example.org");
    story.settings.tenancy = only_for("team-b");
    let plan = story.plan();
    assert!(withheld(&plan, Budget::Release).is_none());
}

#[test]
fn a_host_that_is_not_allowed_gets_no_rule_and_no_certificate_and_takes_nothing_from_others() {
    // The first Ingress is older, so that it would win the host from the second.
    let older = member("greedy", &["pay.example.org", "greedy.example.org"]);
    let mut younger = member("team-b/pay", &["pay.example.org"]);
    younger.metadata.created_at = older.metadata.created_at.map(|at| at + 60);
    let tenancy = Some(vec![
        TenancyRule { namespaces: texts(&["shop"]), hosts: texts(&["greedy.example.org"]), ..rule() },
        TenancyRule { hosts: texts(&["*.example.org"]), ..rule() },
    ]);
    let services = vec![service("web", 30_080), service("team-b/web", 30_081)];
    let mut story = story(vec![older, younger], services);
    story.settings.tenancy = tenancy;

    story.converge();

    assert_eq!(
        rules(&mut story, "greedy"),
        [row("greedy.example.org", "30080 with 1"), row("pay.example.org", "30081 with 1")]
    );
    let pass = story.pass();
    assert_eq!(pass.outcome("greedy").unwrap().state, OutcomeState::Placed);
    assert_eq!(
        messages(pass.outcome("greedy").unwrap(), DiagnosticCode::HostNotAllowed),
        ["host pay.example.org is not among the hosts that the class \"\" (none) allows to namespace shop \
          (greedy.example.org): that host is left out, its other host is served"]
    );
}

#[test]
fn an_ingress_that_is_served_with_a_host_that_is_no_longer_allowed_stays_as_it_is() {
    let mut story = in_route_mode(vec![member("shop", &["shop.example.org", "pay.example.org"])], None);
    story.converge();
    let before = rules(&mut story, "shop");

    story.settings.tenancy = hosts(&["shop.example.org"]);
    story.edit("shop", |shop| Ingress {
        rules: member("shop", &["shop.example.org", "pay.example.org", "more.example.org"]).rules,
        ..shop
    });

    assert!(actions(&story.converge()).next().is_none());
    assert_eq!(story.pass().outcome("shop").unwrap().state, OutcomeState::Held);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(rules(&mut story, "shop"), before);

    story.edit("shop", |shop| Ingress { rules: member("shop", &["shop.example.org"]).rules, ..shop });
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(
        rules(&mut story, "shop"),
        [row("shop.example.org", "30080 with 1")],
        "its owner has removed the host"
    );
    assert_eq!(story.pass().outcome("shop").unwrap().state, OutcomeState::Placed);
}

#[test]
fn a_person_ends_a_host_that_is_no_longer_allowed() {
    let mut story = in_route_mode(vec![member("shop", &["shop.example.org", "pay.example.org"])], None);
    story.converge();
    story.settings.tenancy = hosts(&["shop.example.org"]);
    story.settings.allowances.release = vec!["shop/shop".to_owned()];
    story.converge();
    story.settings.allowances.release.clear();
    assert_eq!(story.pass().outcome("shop").unwrap().state, OutcomeState::Placed, "the rule is about to go");
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(rules(&mut story, "shop"), [row("shop.example.org", "30080 with 1")]);
    assert!(story.hostname("shop").is_some());
}

#[test]
fn a_wildcard_host_is_served_and_held_like_any_other() {
    let mut story = in_route_mode(vec![member("shop", &["*.shop.example.org", "shop.example.org"])], None);
    story.settings.tenancy = hosts(&["*.example.org"]);
    story.converge();
    let before = rules(&mut story, "shop");
    assert_eq!(before.len(), 2);
    story.settings.tenancy = hosts(&["shop.example.org"]);
    assert!(actions(&story.converge()).next().is_none());
    assert_eq!(story.pass().outcome("shop").unwrap().state, OutcomeState::Held);
    assert_eq!(rules(&mut story, "shop"), before);
}

#[test]
fn in_proxy_mode_a_host_that_is_no_longer_allowed_keeps_its_certificate_and_its_neighbours_are_free() {
    let mut story = Controller::new(
        world(),
        vec![
            certificate(1, &["shop.example.org"]),
            certificate(2, &["pay.example.org"]),
            certificate(3, &["new.example.org"]),
        ],
        vec![ingress("checkout", &["shop.example.org", "pay.example.org"])],
    );
    story.converge();
    let before = certificates_on(&story.serving("checkout"));
    assert_eq!(before.len(), 2);

    story.settings.tenancy = hosts(&["shop.example.org"]);
    story.edit("checkout", |_| {
        ingress("checkout", &["shop.example.org", "pay.example.org", "new.example.org"])
    });

    assert!(!take_something_away(&story.converge()));
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), before);
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Placed);
    let told = messages(pass.outcome("checkout").unwrap(), DiagnosticCode::HostNotAllowed);
    assert!(
        told.iter()
            .any(|it| it.starts_with("host pay.example.org is not") && it.contains("keeps the certificate")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|it| it.starts_with("host new.example.org is not") && it.contains("left out")),
        "{told:?}"
    );
}

#[test]
fn a_member_that_asks_for_what_is_not_allowed_is_held_and_changes_nothing_for_its_group() {
    let tenancy =
        Some(vec![TenancyRule { annotations: texts(&["alb.ingress.kubernetes.io/group.*"]), ..rule() }]);
    let mut story = in_route_mode(
        vec![member("cart", &["cart.example.org"]), member("pay", &["pay.example.org"])],
        tenancy,
    );
    story.converge();
    let before = story.serving("cart");

    story.annotate("cart", SECURITY_GROUPS, "sg-1");
    story.annotate("cart", SCHEME, "internet-facing");

    assert!(actions(&story.converge()).next().is_none());
    assert_eq!(story.serving("cart").security_groups, before.security_groups);
    let pass = story.pass();
    assert_eq!(pass.outcome("cart").unwrap().state, OutcomeState::Held);
    assert_eq!(pass.outcome("pay").unwrap().state, OutcomeState::Placed);
    assert_eq!(messages(pass.outcome("cart").unwrap(), DiagnosticCode::AnnotationNotAllowed).len(), 2);
}

#[test]
fn a_group_is_only_for_namespaces_that_may_join_it() {
    let intruder = member("team-b/intruder", &["intruder.example.org"]);
    let tenancy = Some(vec![
        TenancyRule { namespaces: texts(&["team-b"]), groups: texts(&["team-b-*"]), ..rule() },
        rule(),
    ]);
    let mut story = in_route_mode(vec![intruder, member("cart", &["cart.example.org"])], tenancy);
    story.converge();
    let plan = story.plan();
    let outcome = plan.outcomes.iter().find(|it| it.object.name == "intruder").unwrap();
    assert_eq!(outcome.state, OutcomeState::Rejected);
    assert_eq!(
        messages(outcome, DiagnosticCode::GroupNotAllowed),
        [
            "group shop is not among the groups that the class \"\" (none) allows to namespace team-b (team-b-*)"
        ]
    );
    assert_eq!(rules(&mut story, "cart").len(), 1);
}

#[test]
fn a_class_with_one_scheme_gives_it_to_who_names_none_and_refuses_the_other() {
    let plain = ingress("plain", &["plain.example.org"]);
    let public = annotated(ingress("public", &["public.example.org"]), SCHEME, "internet-facing");
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], vec![plain, public]);
    story.settings.tenancy = Some(vec![TenancyRule { schemes: Some(vec![Scheme::Internal]), ..rule() }]);
    story.converge();
    assert_eq!(story.serving("plain").scheme, Scheme::Internal);
    assert_eq!(story.hostname("public"), None);
    let pass = story.pass();
    assert_eq!(
        messages(pass.outcome("public").unwrap(), DiagnosticCode::SchemeNotAllowed),
        [
            "scheme internet-facing is not among the schemes that the class \"\" (none) allows to namespace shop (internal)"
        ]
    );
}

fn schemes(allowed: &[Scheme]) -> Option<Vec<TenancyRule>> {
    Some(vec![TenancyRule { schemes: Some(allowed.to_vec()), ..rule() }])
}

#[test]
fn a_rule_about_schemes_moves_nobody_who_is_served_and_names_none() {
    let all = || vec![certificate(1, &["*.example.org"])];
    let shop = || vec![ingress("shop", &["shop.example.org"])];
    let mut story = Controller::new(world(), all(), shop());
    story.converge();
    let (name, scheme) = (story.hostname("shop"), story.serving("shop").scheme);
    assert_eq!(scheme, Scheme::InternetFacing);

    // Only the other scheme is allowed: a public site does not become internal.
    story.settings.tenancy = schemes(&[Scheme::Internal]);
    story.converge();
    let pass = story.pass();
    let outcome = pass.outcome("shop").unwrap();
    assert_eq!((outcome.state, story.hostname("shop")), (OutcomeState::Held, name.clone()));
    assert_eq!(messages(outcome, DiagnosticCode::SchemeNotAllowed).len(), 1);

    // Both are allowed: it stays where it is, too, and so it does if the rule has another default.
    story.settings.tenancy = schemes(&[Scheme::InternetFacing, Scheme::Internal]);
    story.converge();
    assert_eq!(story.hostname("shop"), name);
}

#[test]
fn an_internal_ingress_stays_internal_when_its_rule_allows_both_schemes() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("shop", &["shop.example.org"])],
    );
    story.settings.tenancy = schemes(&[Scheme::Internal]);
    story.converge();
    let name = story.hostname("shop");
    assert_eq!(story.serving("shop").scheme, Scheme::Internal);
    story.settings.tenancy = schemes(&[Scheme::InternetFacing, Scheme::Internal]);
    story.converge();
    assert_eq!((story.hostname("shop"), story.serving("shop").scheme), (name, Scheme::Internal));
}

#[test]
fn in_route_mode_a_rule_about_schemes_moves_no_member_of_a_group() {
    let members = || vec![member("a", &["a.example.org"]), member("b", &["b.example.org"])];
    let mut story = in_route_mode(members(), None);
    story.converge();
    let name = story.hostname("a");
    let present = story.serving("a").scheme;
    let other = if present == Scheme::Internal { Scheme::InternetFacing } else { Scheme::Internal };
    story.settings.tenancy = schemes(&[other]);
    story.converge();
    for member in ["a", "b"] {
        assert_eq!(story.hostname(member), name, "{member}");
        assert!(story.pass().tells(member, DiagnosticCode::SchemeNotAllowed), "{member}");
    }
}

#[test]
fn the_certificates_that_an_ingress_may_name_are_those_of_the_rule() {
    let certificates = vec![certificate(1, &["shop.example.org"]), certificate(2, &["shop.example.org"])];
    let arns: Vec<String> = certificates.iter().map(|it| it.arn.clone()).collect();
    let named = |name: &str, arn: &str| albatross_stories::pinned(ingress(name, &["shop.example.org"]), arn);
    let ingresses =
        vec![named("first", &arns[0]), named("second", &arns[1]), ingress("third", &["shop.example.org"])];
    let mut story = Controller::new(world(), certificates, ingresses);
    story.settings.tenancy = Some(vec![TenancyRule { certificates: texts(&[&arns[0]]), ..rule() }]);
    story.converge();
    assert!(story.hostname("first").is_some() && story.hostname("second").is_none());
    assert!(
        story.hostname("third").is_some(),
        "a certificate that is found for an allowed host needs no rule"
    );
    assert!(story.pass().tells("second", DiagnosticCode::CertificateNotAllowed));
}

#[test]
fn rules_hold_for_route_groups_too() {
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], Vec::new());
    story.settings.tenancy = hosts(&["shop.example.org"]);
    story.apply_route_groups(Some(vec![
        route_group("good", &["shop.example.org"]),
        route_group("bad", &["pay.example.org"]),
    ]));
    story.converge();
    let plan = story.plan();
    let state = |name: &str| plan.outcomes.iter().find(|it| it.object.name == name).unwrap();
    assert_eq!(state("good").state, OutcomeState::Placed);
    assert_eq!(state("bad").state, OutcomeState::Rejected);
    let told = &state("bad").diagnostics[0];
    assert_eq!((told.code, told.field.as_deref()), (DiagnosticCode::HostNotAllowed, Some("spec.hosts")));
}

#[test]
fn rules_are_for_their_class_and_others_are_free() {
    let of_class = |name: &str, class: &str| {
        let mut found = ingress(name, &["shop.example.org"]);
        found.ingress_class_name = Some(class.to_owned());
        found
    };
    let ingresses = vec![of_class("open", "open"), of_class("strict", "strict")];
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    let class = |name: &str| ClassSetting { name: name.to_owned(), mode: Mode::Proxy };
    story.settings.classes = vec![class("open"), class("strict")];
    story.settings.tenancy =
        Some(vec![TenancyRule { class: "strict".to_owned(), namespaces: texts(&["team-b"]), ..rule() }]);
    story.converge();
    assert!(story.hostname("open").is_some() && story.hostname("strict").is_none());
    let pass = story.pass();
    let told = messages(pass.outcome("strict").unwrap(), DiagnosticCode::NamespaceNotAllowed);
    assert_eq!(told, ["namespace shop may not use class strict: the settings allow its namespaces team-b"]);
}
