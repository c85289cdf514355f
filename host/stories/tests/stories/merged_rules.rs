//! Route mode: hosts and paths of one Ingress share listener rules where they have the same answer.

use albatross_contract::{
    DiagnosticCode, Ingress, IngressBackend, IngressPath, IngressRule, Operation, PathType, RuleCondition,
    ServiceBackend, ServicePortReference, TargetHealth,
};
use albatross_stories::{Controller, Pass, actions, annotated, ingress, service, tells};

use crate::routes::{row, rules, story};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const CONDITIONS: &str = "alb.ingress.kubernetes.io/conditions.web";

/// An Ingress with paths, each with its type and its Service, for each of its hosts.
/// The paths of a host, each with its type and the Service that it leads to.
type Paths<'a> = &'a [(&'a str, PathType, &'a str)];

fn asking(name: &str, rules: &[(&str, Paths<'_>)]) -> Ingress {
    let path = |(path, path_type, service): &(&str, PathType, &str)| IngressPath {
        path: Some((*path).to_owned()),
        path_type: *path_type,
        backend: IngressBackend::Service(ServiceBackend {
            name: (*service).to_owned(),
            port: ServicePortReference::Number(80),
        }),
    };
    let rule = |(host, paths): &(&str, &[(&str, PathType, &str)])| IngressRule {
        host: Some((*host).to_owned()),
        paths: paths.iter().map(path).collect(),
    };
    let mut made = annotated(ingress(name, &[]), GROUP, "shop");
    made.rules = rules.iter().map(rule).collect();
    made
}

/// An Ingress with one path of the type Prefix on several hosts.
fn on_hosts(name: &str, hosts: &[String], path: &str) -> Ingress {
    let paths: &[_] = &[(path, PathType::Prefix, "web")];
    let rules: Vec<_> = hosts.iter().map(|host| (host.as_str(), paths)).collect();
    asking(name, &rules)
}

fn hosts(numbers: impl Iterator<Item = u32>) -> Vec<String> {
    numbers.map(|number| format!("h{number:02}.org")).collect()
}

fn converged(ingresses: Vec<Ingress>) -> Controller {
    let mut story = story(ingresses, vec![service("web", 30_080), service("other", 30_081)]);
    story.converge();
    assert!(story.plan().actions.is_empty(), "no action in a converged world");
    story
}

/// How many rules passes create, change and delete.
fn changes(passes: &[Pass]) -> [usize; 3] {
    let count = |is: fn(&Operation) -> bool| actions(passes).filter(|action| is(&action.operation)).count();
    [
        count(|it| matches!(it, Operation::CreateRule(_))),
        count(|it| matches!(it, Operation::ModifyRule(_) | Operation::SetRulePriorities(_))),
        count(|it| matches!(it, Operation::DeleteRule(_))),
    ]
}

#[test]
fn twenty_hosts_with_the_same_answer_need_as_few_rules_as_condition_values_allow() {
    let twenty = hosts(1..21);
    let mut story = converged(vec![on_hosts("shop", &twenty, "/")]);
    let told = rules(&mut story, "shop");
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[0], row("h01.org h02.org h03.org h04.org h05.org", "30080 with 1"));

    let mut story = converged(vec![on_hosts("shop", &twenty, "/cart")]);
    let told = rules(&mut story, "shop");
    assert_eq!(told.len(), 7, "two of the five values are for the path: {told:?}");
}

#[test]
fn paths_of_a_host_share_a_rule() {
    let paths: &[_] =
        &[("/a", PathType::Exact, "web"), ("/b", PathType::Prefix, "web"), ("/c", PathType::Prefix, "other")];
    let mut story = converged(vec![asking("shop", &[("a.org", paths)])]);
    let expected = [row("a.org /a /b /b/*", "30080 with 1"), row("a.org /c /c/*", "30081 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
}

#[test]
fn hosts_times_paths_must_be_what_is_asked() {
    let both: &[_] = &[("/a", PathType::Exact, "web"), ("/b", PathType::Exact, "web")];
    let mut story = converged(vec![asking("shop", &[("a.org", both), ("b.org", both)])]);
    assert_eq!(rules(&mut story, "shop"), [row("a.org b.org /a /b", "30080 with 1")]);

    let one: &[_] = &[("/a", PathType::Exact, "web")];
    let mut story = converged(vec![asking("shop", &[("a.org", both), ("b.org", one)])]);
    let expected = [row("a.org b.org /a", "30080 with 1"), row("a.org /b", "30080 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
}

#[test]
fn a_rule_for_several_hosts_stands_behind_the_special_paths_of_each_of_them() {
    let plain: &[_] = &[("/api", PathType::Prefix, "other"), ("/", PathType::Prefix, "web")];
    let special: &[_] = &[("/api/v2", PathType::Prefix, "web"), plain[0], plain[1]];
    let rules_of = [("a.org", plain), ("b.org", plain), ("c.org", special)];
    let mut story = converged(vec![asking("shop", &rules_of)]);
    let expected = [
        row("c.org /api/v2 /api/v2/*", "30080 with 1"),
        row("a.org b.org c.org /api /api/*", "30081 with 1"),
        row("a.org b.org c.org", "30080 with 1"),
    ];
    assert_eq!(rules(&mut story, "shop"), expected);
}

#[test]
fn paths_do_not_share_a_rule_across_a_rule_with_another_answer() {
    let paths: &[_] = &[
        ("/a/b/c", PathType::Prefix, "web"),
        ("/a/b", PathType::Prefix, "other"),
        ("/a", PathType::Prefix, "web"),
    ];
    let mut story = converged(vec![asking("shop", &[("a.org", paths)])]);
    assert_eq!(rules(&mut story, "shop").len(), 3);

    let older = asking("older", &[("a.org", &[("/a/b", PathType::Prefix, "other")])]);
    let shop = asking("shop", &[("a.org", &[paths[0], paths[2]])]);
    let mut story = converged(vec![older, shop]);
    assert_eq!(rules(&mut story, "shop").len(), 3, "of another Ingress");
}

#[test]
fn the_other_conditions_of_routes_that_share_a_rule_stay() {
    let paths: &[_] = &[("/a", PathType::Exact, "web"), ("/b", PathType::Exact, "other")];
    let method = r#"[{"field": "http-request-method", "httpRequestMethodConfig": {"values": ["GET"]}}]"#;
    let shop = asking("shop", &[("a.org", paths), ("b.org", paths)]);
    let mut story = converged(vec![annotated(shop, CONDITIONS, method)]);
    let expected = [row("a.org b.org /a", "30080 with 1"), row("a.org b.org /b", "30081 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
    let serving = story.serving("shop");
    let conditions = serving.listeners.iter().flat_map(|it| &it.rules).flat_map(|rule| &rule.conditions);
    let methods = conditions.filter(|it| matches!(it, RuleCondition::HttpRequestMethod(_))).count();
    assert_eq!(methods, 1);
}

#[test]
fn another_host_changes_one_rule_and_no_other() {
    let all = hosts(1..9);
    let mut story = converged(vec![on_hosts("shop", &all, "/")]);
    assert_eq!(rules(&mut story, "shop").len(), 2);

    let more = [vec!["a.org".to_owned()], all].concat();
    story.edit("shop", |before| Ingress { rules: on_hosts("shop", &more, "/").rules, ..before });
    let passes = story.converge();
    assert_eq!(changes(&passes), [1, 0, 1]);
    let told = rules(&mut story, "shop");
    assert_eq!(told.len(), 2);
    assert!(told.contains(&row("h01.org h02.org h03.org h04.org h05.org", "30080 with 1")), "{told:?}");
}

#[test]
fn a_host_that_leaves_changes_one_rule_and_is_served_for_the_grace_period() {
    let mut story = converged(vec![on_hosts("shop", &hosts(1..11), "/")]);
    let rest: Vec<String> = hosts(1..11).into_iter().filter(|host| host != "h03.org").collect();
    story.edit("shop", |before| Ingress { rules: on_hosts("shop", &rest, "/").rules, ..before });
    let passes = story.converge();
    assert_eq!(changes(&passes)[..1], [1]);
    assert_eq!(changes(&passes)[2], 0);
    story.wait_for_the_grace();
    assert_eq!(changes(&story.converge()), [0, 0, 1]);
    let expected = [
        row("h01.org h02.org h04.org h05.org", "30080 with 1"),
        row("h06.org h07.org h08.org h09.org h10.org", "30080 with 1"),
    ];
    assert_eq!(rules(&mut story, "shop"), expected);
}

#[test]
fn rules_that_say_what_is_asked_stay_even_if_fewer_would_do() {
    let mut story = converged(vec![on_hosts("shop", &hosts(1..2), "/")]);
    for number in 2..5 {
        // Each is created while the controller sees only the host before it.
        let hosts = hosts(number..number + 1);
        let other = on_hosts(&format!("shop{number}"), &hosts, "/");
        story.apply(other);
    }
    story.converge();
    let dns_name = story.hostname("shop").unwrap();
    story.in_the_console(&dns_name, |found| {
        let tags = found.listeners[0].rules.iter_mut().flat_map(|rule| &mut rule.tags);
        let tags = tags.filter(|tag| tag.key == "albatross/ingress");
        tags.for_each(|tag| {
            tag.value = tag.value.trim_end_matches(|it: char| it.is_ascii_digit()).to_owned();
        });
    });
    for number in 2..5 {
        story.delete(&format!("shop{number}"));
    }
    story.edit("shop", |before| Ingress { rules: on_hosts("shop", &hosts(1..5), "/").rules, ..before });
    assert_eq!(changes(&story.converge()), [0, 0, 0]);
    assert_eq!(rules(&mut story, "shop").len(), 4);

    story.edit("shop", |before| Ingress { rules: on_hosts("shop", &hosts(1..6), "/").rules, ..before });
    assert_eq!(changes(&story.converge()), [1, 0, 1]);
    assert_eq!(rules(&mut story, "shop").len(), 4, "the new host joins one of them");
}

#[test]
fn a_host_that_gets_another_service_waits_until_its_targets_are_healthy() {
    let web: &[_] = &[("/", PathType::Prefix, "web")];
    let other: &[_] = &[("/", PathType::Prefix, "other")];
    let mut story = converged(vec![asking("shop", &[("a.org", web), ("b.org", web)])]);
    let changed = asking("shop", &[("a.org", web), ("b.org", other)]);
    story.edit("shop", |before| Ingress { rules: changed.rules, ..before });
    story.pass();
    let told = rules(&mut story, "shop");
    assert!(told.contains(&row("b.org", "30080 with 1, 30081 with 0")), "{told:?}");

    story.wait(300);
    story.converge();
    assert_eq!(rules(&mut story, "shop"), [row("a.org", "30080 with 1"), row("b.org", "30081 with 1")]);
    let group = story.serving("shop");
    let groups = story.target_groups_of(&group);
    let is_healthy = |target: &albatross_contract::Target| target.health == TargetHealth::Healthy;
    assert!(groups.iter().all(|group| group.targets.iter().all(is_healthy)));
}

#[test]
fn of_a_rule_for_several_hosts_only_the_host_is_lost_that_an_older_ingress_has() {
    let mut story = converged(vec![on_hosts("shop", &hosts(1..4), "/")]);
    story.apply(asking("other/tools", &[("h02.org", &[("/", PathType::Prefix, "web")])]));
    let tools = story.cluster.cluster_mut().ingresses.iter_mut();
    tools.filter(|it| it.metadata.name == "tools").for_each(|it| it.metadata.created_at = Some(1));
    story.converge();
    assert!(story.pass().tells("shop", DiagnosticCode::RouteDuplicate));
    // The Service exists only in the namespace of the younger one.
    assert_eq!(rules(&mut story, "shop"), [row("h01.org h03.org", "30080 with 1"), row("h02.org", "503")]);
}

#[test]
fn an_existing_rule_that_another_pattern_hides_is_removed() {
    let web: &[_] = &[("/", PathType::Prefix, "web")];
    let mut story = converged(vec![asking("shop", &[("*.example.org", web), ("a.org", web)])]);
    assert_eq!(rules(&mut story, "shop").len(), 2);
    let pattern = r#"[{"field": "host-header", "hostHeaderConfig": {"values": ["*.example.org"]}}]"#;
    let wide = asking("wide", &[("z.org", &[("/", PathType::Prefix, "other")])]);
    let wide = annotated(wide, "alb.ingress.kubernetes.io/conditions.other", pattern);
    story.apply(annotated(wide, "alb.ingress.kubernetes.io/group.order", "-1"));
    let passes = story.converge();
    assert_eq!(changes(&passes), [2, 0, 1]);
    assert!(story.pass().tells("shop", DiagnosticCode::RouteDuplicate));
    let expected =
        [row("a.org", "30080 with 1"), row("z.org", "30081 with 1"), row("*.example.org", "30081 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
}

#[test]
fn two_rules_never_get_the_same_conditions() {
    let paths: Paths<'_> = &[
        ("/x", PathType::Exact, "web"),
        ("/x/*", PathType::ImplementationSpecific, "web"),
        ("/x", PathType::Prefix, "other"),
    ];
    converged(vec![asking("shop", &[("a.org", paths)])]);
}

#[test]
fn hosts_for_which_a_full_load_balancer_has_no_room_are_reported() {
    let every: Paths<'_> = &[("/*", PathType::ImplementationSpecific, "web")];
    let mut story = converged(vec![asking("shop", &[("wiki.org", every)])]);
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 1;
    let without_paths: (&str, Paths<'_>) = ("*.example.org", &[]);
    story.apply(asking("shop", &[("wiki.org", every), without_paths, ("a.org", every), ("b.org", every)]));
    let passes = story.converge();
    assert_eq!(changes(&passes), [0, 0, 0]);
    assert!(tells(story.plan().outcomes.first().unwrap(), DiagnosticCode::QuotaExhausted));
}
