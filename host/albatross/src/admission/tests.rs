//! Warnings in whole fleets, with the planner that is built in.

use std::sync::Arc;

use albatross_contract::{
    ANNOTATION_GROUP, ClassSetting, Cluster, Ingress, IngressBackend, IngressPath, Mode, ObjectName,
    PathType, ServiceBackend, ServicePortReference, Snapshot, SourceObject,
};
use albatross_engine::{Engine, Limits};
use albatross_stories::{Controller, annotated, certificate, ingress, service, world};

use super::{
    View,
    neighbourhood::{Index, Neighbourhood},
};
use crate::pass::Makers;

const GROUPS: usize = 6;
/// The only class in these worlds: Ingresses without one.
const CLASS: &str = "";

/// A fleet in route mode: groups of three Ingresses, each with a host of its own and a path.
fn groups(change: impl FnOnce(&mut Controller)) -> View {
    let (mut settings, inventory) = world();
    settings.classes = vec![ClassSetting { name: CLASS.to_owned(), mode: Mode::Route }];
    let mut story = Controller::new((settings, inventory), Vec::new(), Vec::new());
    let of_group = |group: usize| (0..3).map(move |number| of_group(group, &format!("i{number}")));
    let all = Cluster {
        ingresses: (0..GROUPS).flat_map(of_group).collect(),
        services: (0..GROUPS).map(|group| service(&format!("team-{group}/web"), 30_000)).collect(),
        ..Cluster::default()
    };
    let now = story.cloud.now();
    story.cluster.apply(all, now);
    change(&mut story);
    story.converge_within(10);
    view(story.snapshot().unwrap())
}

/// A fleet in proxy mode, with a certificate for the hosts under `example.org`.
fn shared(names: &[&str]) -> View {
    let ingresses = names.iter().map(|name| ingress(name, &[&format!("{}.example.org", host(name))]));
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new(world(), certificates, ingresses.collect());
    story.converge_within(10);
    view(story.snapshot().unwrap())
}

fn view(snapshot: Snapshot) -> View {
    let makers = Arc::new(Makers::load(None, &[], &Engine::new(Limits::default())).unwrap());
    let pass = makers.pass(snapshot).unwrap();
    View::new(pass.snapshot, pass.plan, makers)
}

fn host(name: &str) -> &str {
    name.split('/').next_back().unwrap()
}

fn of_group(group: usize, name: &str) -> Ingress {
    let host = format!("{name}.g{group}.example.org");
    annotated(
        routed(ingress(&format!("team-{group}/{name}"), &[&host]), 1),
        ANNOTATION_GROUP,
        &format!("g{group}"),
    )
}

/// An Ingress with this many paths of its Service.
fn routed(mut ingress: Ingress, paths: usize) -> Ingress {
    let path = |number: usize| IngressPath {
        path: Some(if number == 0 { "/".to_owned() } else { format!("/p{number}") }),
        path_type: PathType::Prefix,
        backend: IngressBackend::Service(ServiceBackend {
            name: "web".to_owned(),
            port: ServicePortReference::Number(80),
        }),
    };
    ingress.rules[0].paths = (0..paths).map(path).collect();
    ingress
}

/// The names of the objects in the neighbourhood of an Ingress. Empty: it is the whole fleet.
fn around(view: &View, new: &Ingress) -> Vec<String> {
    match Index::new(&view.snapshot, &view.plan).around(new, &view.plan) {
        Neighbourhood::Whole => Vec::new(),
        Neighbourhood::Part(numbers) => {
            numbers.iter().map(|number| view.plan.outcomes[*number].object.to_string()).collect()
        }
    }
}

#[test]
fn an_ingress_that_only_adds_something_gets_no_warning() {
    assert_eq!(
        shared(&["shop/a", "shop/b"]).warnings(ingress("shop/c", &["c.example.org"])).unwrap(),
        [""; 0]
    );
    let view = groups(|_| {});
    assert_eq!(view.warnings(of_group(2, "new")).unwrap(), [""; 0]);
    let changed = routed(of_group(2, "i1"), 3);
    assert_eq!(view.warnings(changed).unwrap(), [""; 0]);
}

#[test]
fn a_host_without_a_certificate_is_told_with_what_to_do() {
    let warnings = shared(&["shop/a"]).warnings(ingress("shop/b", &["b.example.net"])).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("Albatross: rejected: no certificate covers b.example.net"),
        "{warnings:?}"
    );
}

#[test]
fn a_host_and_path_of_another_team_is_told_with_the_name_of_the_other_ingress() {
    let view = groups(|_| {});
    let taken = annotated(routed(ingress("team-9/thief", &["i1.g2.example.org"]), 1), ANNOTATION_GROUP, "g2");
    let warnings = view.warnings(taken).unwrap();
    assert!(
        warnings.iter().any(|it| it.contains("team-2/i1") && it.contains("takes precedence")),
        "{warnings:?}"
    );
}

#[test]
fn what_another_ingress_loses_is_told_by_its_name() {
    let view = groups(|_| {});
    let first = annotated(
        routed(ingress("team-2/i0", &["i0.g2.example.org", "i1.g2.example.org"]), 1),
        ANNOTATION_GROUP,
        "g2",
    );
    let mut first = annotated(first, "alb.ingress.kubernetes.io/group.order", "-5");
    first.rules[1].paths = first.rules[0].paths.clone();
    let warnings = view.warnings(first).unwrap();
    assert!(warnings.iter().any(|it| it.starts_with("Albatross: team-2/i1: ")), "{warnings:?}");
}

#[test]
fn more_rules_than_a_load_balancer_may_have_are_told_before_they_are_left_out() {
    let warnings = groups(|_| {}).warnings(routed(of_group(1, "large"), 400)).unwrap();
    assert!(
        warnings.iter().any(|it| it.contains("100 rules") || it.contains("needs another load balancer")),
        "{warnings:?}"
    );
}

#[test]
fn an_ingress_that_would_be_served_no_longer_is_told() {
    let view = shared(&["shop/a", "shop/b"]);
    let other = annotated(ingress("shop/a", &["a.example.org"]), "kubernetes.io/ingress.class", "nginx");
    let warnings = view.warnings(other).unwrap();
    assert!(warnings[0].ends_with("is served now, and would be served no longer"), "{warnings:?}");
}

#[test]
fn an_ingress_whose_dns_name_would_change_is_told() {
    let view = shared(&["shop/a", "shop/b"]);
    let moved = albatross_stories::internal(ingress("shop/a", &["a.example.org"]));
    let warnings = view.warnings(moved).unwrap();
    assert!(warnings.iter().any(|it| it.contains("moves to another load balancer")), "{warnings:?}");
}

#[test]
fn problems_that_are_there_without_the_ingress_are_not_told() {
    let view = groups(|story| {
        story.apply(annotated(
            routed(ingress("team-8/b", &["i0.g1.example.org"]), 1),
            ANNOTATION_GROUP,
            "g1",
        ));
    });
    let has_problems =
        view.plan.outcomes.iter().any(|it| it.diagnostics.iter().any(super::warnings::is_told));
    assert!(has_problems, "the second Ingress has the host and path of the first");
    assert_eq!(view.warnings(of_group(1, "new")).unwrap(), [""; 0]);
}

#[test]
fn only_the_group_of_an_ingress_and_whoever_has_its_hosts_are_planned() {
    let view = groups(|_| {});
    assert_eq!(around(&view, &of_group(2, "new")), ["team-2/i0", "team-2/i1", "team-2/i2"]);
    let alone = routed(ingress("team-9/alone", &["alone.example.org"]), 1);
    assert_eq!(around(&view, &alone), [""; 0]);
    let mut both = of_group(2, "new");
    both.rules[0].host = Some("i1.g4.example.org".to_owned());
    assert_eq!(around(&view, &both).len(), 6, "both groups");
    let fleet = shared(&["shop/a", "shop/b", "shop/c", "shop/d", "shop/e"]);
    let expected = ["shop/a", "shop/b"];
    assert_eq!(around(&fleet, &ingress("shop/x", &["x.example.org"])), expected, "all ask for the same");
}

/// For every Ingress of the fleet, the part alone gives the same warnings as the whole.
#[test]
fn the_plan_of_a_part_warns_as_the_plan_of_the_whole() {
    let view = groups(|_| {});
    let sources = view.snapshot.cluster.sources().filter_map(SourceObject::ingress).cloned();
    let ingresses: Vec<Ingress> = sources.collect();
    for (number, mut changed) in ingresses.into_iter().enumerate() {
        changed.rules[0].host = Some(format!("i{}.g{}.example.org", number % 3, number % GROUPS));
        let object = ObjectName::of_ingress(&changed);
        assert!(!around(&view, &changed).is_empty(), "{object}");
        let of_part = view.warnings(changed.clone()).unwrap();
        let after = view.makers.pass(super::view::with(view.snapshot.clone(), changed)).unwrap();
        let of_whole = super::warnings::warnings(&view.plan, &after.plan, &object);
        assert_eq!(of_part, of_whole, "{object}");
    }
}

/// In proxy mode two Ingresses stand for all that ask for the same, and an Ingress that shares a host is there too.
#[test]
fn in_proxy_mode_a_part_warns_as_the_whole_fleet() {
    let named =
        |number: usize| ingress(&format!("shop/i{number}"), &[&format!("i{number}.d{}.org", number % 3)]);
    let certificates = (0..3).map(|number| certificate(number, &[&format!("*.d{number}.org")]));
    let mut ingresses: Vec<Ingress> = (0..30).map(named).collect();
    ingresses.push(albatross_stories::internal(ingress("shop/internal", &["i1.d1.org"])));
    let mut story = Controller::new(world(), certificates.collect(), ingresses);
    story.converge_within(10);
    let view = view(story.snapshot().unwrap());
    let changes = [
        ingress("shop/new", &["new.d1.org"]),
        ingress("shop/new", &["new.d9.org"]),
        ingress("shop/new", &["i7.d1.org"]),
        ingress("shop/i7", &["i7.d1.org", "i7.d9.org"]),
        albatross_stories::internal(ingress("shop/i7", &["i7.d1.org"])),
        // Those that stand for others change themselves.
        albatross_stories::internal(ingress("shop/i0", &["i0.d0.org"])),
        albatross_stories::alone(ingress("shop/i0", &["i0.d0.org"])),
        albatross_stories::alone(ingress("shop/i1", &["i1.d1.org"])),
        albatross_stories::alone(ingress("shop/i4", &["i4.d1.org"])),
        albatross_stories::internal(ingress("shop/new", &["i4.d1.org"])),
        albatross_stories::alone(ingress("shop/new", &["i4.d1.org"])),
        annotated(ingress("shop/i1", &["i1.d1.org"]), "zalando.org/aws-load-balancer-scheme", "public"),
    ];
    let mut warned = 0;
    for changed in changes {
        let object = ObjectName::of_ingress(&changed);
        let part = around(&view, &changed);
        assert!((4..=10).contains(&part.len()), "{object}: {part:?}");
        let of_part = view.warnings(changed.clone()).unwrap();
        let after = view.makers.pass(super::view::with(view.snapshot.clone(), changed)).unwrap();
        assert_eq!(of_part, super::warnings::warnings(&view.plan, &after.plan, &object), "{object}");
        warned += usize::from(!of_part.is_empty());
    }
    assert!(warned >= 4, "{warned}");
}

#[test]
fn a_view_with_a_status_that_was_not_looked_up_is_refused() {
    let view = shared(&["shop/a"]);
    let mut cluster = view.snapshot.cluster.clone();
    assert!(view.with_cluster(cluster.clone()).unwrap().is_some());
    cluster.ingresses[0].status[0].hostname = Some("other.eu-central-1.elb.amazonaws.com".to_owned());
    assert!(view.with_cluster(cluster).unwrap().is_none());
}

#[test]
fn nobody_is_warned_of_an_ingress_that_is_not_served() {
    let mut snapshot = shared(&["shop/a", "shop/b"]).snapshot;
    let new = || ingress("blog/posts", &["nowhere.example.net"]);
    assert!(!view(snapshot.clone()).warnings(new()).unwrap().is_empty(), "no certificate covers its host");
    snapshot.settings.watch_namespace = Some("shop".to_owned());
    assert_eq!(view(snapshot).warnings(new()).unwrap(), [""; 0]);
}
