//! Route mode with a grouping policy: which Ingresses share a load balancer if their annotations do not say it.

use albatross_contract::{Budget, DiagnosticCode, Ingress, OutcomeState, PolicyPoint, Tag};
use albatross_policy::{
    NoSettings, Policy,
    grouping::{Answer, Grouping, Place, Question},
};
use albatross_policy_by_team::ByTeam;
use albatross_policy_one_per_namespace::OnePerNamespace;
use albatross_stories::{
    Controller, annotated, ingress, is_unneeded, make_a_load_balancer, outcome, service, take_something_away,
    tells, withheld,
};

use crate::{
    group_split::{CIDRS, places},
    routes::{rules, story, with_paths},
};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";

/// An Ingress with its own host, whose requests go to the Service `web` of its namespace.
fn routed(namespace: &str, name: &str) -> Ingress {
    let mut routed = with_paths(ingress(name, &[&format!("{name}.example.org")]), &[("/", "web")]);
    routed.metadata.namespace = Some(namespace.to_owned());
    routed
}

/// Ingresses of several namespaces, each of which has the Service `web`.
fn begin(ingresses: Vec<Ingress>) -> Controller {
    let mut namespaces: Vec<Option<String>> =
        ingresses.iter().map(|it| it.metadata.namespace.clone()).collect();
    namespaces.sort();
    namespaces.dedup();
    let services = (30_080..).zip(namespaces).map(|(port, namespace)| {
        let mut web = service("web", port);
        web.metadata.namespace = namespace;
        web
    });
    story(ingresses, services.collect())
}

fn shop_and_blog() -> Controller {
    begin(vec![routed("shop", "cart"), routed("shop", "pay"), routed("blog", "news")])
}

const ALL: [&str; 3] = ["shop/cart", "shop/pay", "blog/news"];

#[test]
fn the_ingresses_of_a_namespace_share_a_load_balancer() {
    let mut story = shop_and_blog();
    story.group_by::<OnePerNamespace>("");

    story.converge();

    assert_eq!(places(&mut story, &ALL), ["policy/shop/1", "policy/shop/1", "policy/blog/1"]);
    assert_eq!(story.load_balancers().len(), 2);
    assert_eq!(rules(&mut story, "shop/cart").len(), 2);
    let plan = story.plan();
    assert!(plan.actions.is_empty());
    let groups: Vec<_> = plan.load_balancers.iter().map(|it| it.group.as_deref().unwrap()).collect();
    assert!(groups.contains(&"shop") && groups.contains(&"blog"), "{groups:?}");
    assert!(plan.load_balancers.iter().all(|it| it.group_reason.is_some()));
}

#[test]
fn a_key_with_slashes_and_numbers_is_a_key_like_any_other() {
    let mut story = shop_and_blog();
    for name in ALL {
        story.edit(name, |mut ingress| {
            ingress.metadata.labels.push(Tag { key: "team".into(), value: "2".into() });
            ingress
        });
    }
    story.group_by::<ByTeam>("");
    story.converge();
    assert_eq!(places(&mut story, &ALL), ["policy/team/2/1"; 3]);
    assert!(story.plan().actions.is_empty());
}

#[test]
fn ingresses_with_load_balancers_of_their_own_move_to_the_oldest_one_make_before_break() {
    let mut story = shop_and_blog();
    story.converge();
    assert_eq!(story.load_balancers().len(), 3);
    let before = story.hostname("shop/cart");

    story.group_by::<OnePerNamespace>("");
    let passes = story.converge();

    assert!(!make_a_load_balancer(&passes), "one of both becomes the load balancer of the group");
    assert_eq!(story.hostname("shop/cart"), before);
    assert_eq!(story.hostname("shop/pay"), before);
    let replaced = story.load_balancers().iter().filter(|it| is_unneeded(it)).count();
    assert_eq!(replaced, 1, "the load balancer that is left serves until the grace is over");
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 2);
}

/// Fifteen Ingresses of one namespace.
fn fifteen() -> (Vec<String>, Controller) {
    let names: Vec<String> = (10..25).map(|number| format!("web-{number}")).collect();
    let story = begin(names.iter().map(|name| routed("shop", name)).collect());
    (names.iter().map(|name| format!("shop/{name}")).collect(), story)
}

#[test]
fn too_many_that_would_move_stay_until_a_person_allows_it_and_the_way_back_is_withheld_too() {
    let (names, mut story) = fifteen();
    story.converge();
    let before: Vec<_> = names.iter().map(|name| story.hostname(name)).collect();

    story.group_by::<OnePerNamespace>("");
    story.converge();
    let kept = withheld(&story.plan(), Budget::NameChanges).unwrap().clone();
    assert_eq!(kept.ids.len(), 14);
    assert_eq!(names.iter().map(|name| story.hostname(name)).collect::<Vec<_>>(), before);

    story.settings.allowances.name_change = kept.ids;
    story.converge();
    let together: Vec<_> = names.iter().map(|name| story.hostname(name)).collect();
    assert!(together.iter().all(|name| *name == before[0]));

    story.settings.allowances.name_change.clear();
    story.settings.policies.clear();
    story.converge();
    assert_eq!(withheld(&story.plan(), Budget::NameChanges).unwrap().ids.len(), 14);
    assert_eq!(names.iter().map(|name| story.hostname(name)).collect::<Vec<_>>(), together);
}

#[test]
fn while_the_policy_fails_everybody_stays_new_ingresses_wait_and_rules_follow_their_manifests() {
    let mut story = shop_and_blog();
    story.group_by::<OnePerNamespace>("");
    story.converge();
    let before = ALL.map(|name| story.hostname(name));

    story.frozen = vec![PolicyPoint::Grouping];
    story.apply(routed("shop", "new"));
    story.apply(annotated(routed("shop", "named"), GROUP, "tools"));
    story.edit("shop/cart", |ingress| with_paths(ingress, &[("/", "web"), ("/basket", "web")]));
    let passes = story.converge();

    assert_eq!(ALL.map(|name| story.hostname(name)), before);
    assert!(!take_something_away(&passes));
    assert_eq!(rules(&mut story, "shop/cart").len(), 3, "the new path has a rule");
    let plan = story.plan();
    assert!(tells(outcome(&plan, "shop/new").unwrap(), DiagnosticCode::PolicyFrozen));
    assert_eq!(story.hostname("shop/new"), None);
    let named = outcome(&plan, "shop/named").unwrap();
    assert_eq!(named.state, OutcomeState::Placed, "annotations name its group");

    story.frozen.clear();
    story.converge();
    assert_eq!(story.hostname("shop/new"), before[0]);
}

#[test]
fn no_ingress_joins_a_group_of_a_policy_by_its_name() {
    let mut story = shop_and_blog();
    story.group_by::<OnePerNamespace>("");
    story.converge();
    for name in ["shop", "policy"] {
        story.apply(annotated(routed("evil", name), GROUP, name));
    }
    story.converge();
    assert_eq!(places(&mut story, &["evil/shop", "evil/policy"]), ["shop", "policy"]);
    assert_ne!(story.hostname("evil/shop"), story.hostname("shop/cart"));
}

/// An Ingress of a namespace for a host that it shares with others.
fn sharing(namespace: &str, name: &str) -> Ingress {
    let mut sharing = routed(namespace, name);
    sharing.rules[0].host = Some("both.example.org".to_owned());
    sharing
}

#[test]
fn what_becomes_of_one_ingress_moves_nobody_with_whom_it_shares_a_host() {
    let mut story = begin(vec![sharing("shop", "a"), sharing("blog", "b"), routed("blog", "news")]);
    story.group_by::<OnePerNamespace>("");
    story.converge();
    let all = ["shop/a", "blog/b", "blog/news"];
    let before = places(&mut story, &all);
    assert_eq!(before, ["policy/shop/1", "policy/blog/1", "policy/blog/1"]);
    story.annotate("shop/a", "alb.ingress.kubernetes.io/scheme", "secret");
    story.converge();
    assert_eq!(places(&mut story, &all), before);
    story.apply(sharing("evil", "x"));
    story.converge();
    assert_eq!(places(&mut story, &all), before);
    story.delete("shop/a");
    story.converge();
    assert_eq!(places(&mut story, &all[1..]), before[1..]);
}

#[test]
fn ingresses_that_ask_for_different_properties_of_the_load_balancer_do_not_share_one() {
    let inside = annotated(routed("shop", "a-inside"), CIDRS, "10.0.0.0/8");
    let everybody = routed("shop", "cart");
    let other_clients = annotated(routed("shop", "pay"), CIDRS, "192.168.0.0/16");
    let same_clients = annotated(routed("shop", "z-inside"), CIDRS, "10.0.0.0/8");
    let mut story = begin(vec![inside, everybody, other_clients, same_clients]);
    story.group_by::<OnePerNamespace>("");
    story.converge();
    let all = ["shop/a-inside", "shop/cart", "shop/pay", "shop/z-inside"];
    let at = places(&mut story, &all);
    assert_eq!(at[1], "policy/shop/1");
    assert!(
        at[0].starts_with("policy/shop@") && at[0] == at[3] && at[2] != at[0] && at[2] != at[1],
        "{at:?}"
    );
    let plan = story.plan();
    assert!(plan.outcomes.iter().all(|outcome| outcome.state == OutcomeState::Placed));
    assert!(plan.load_balancers.iter().all(|found| found.group.as_deref() == Some("shop")), "one key");

    story.remove_annotation("shop/pay", CIDRS);
    story.converge();
    assert_eq!(places(&mut story, &["shop/pay"]), ["policy/shop/1"]);
}

#[test]
fn an_ingress_that_cannot_go_where_it_should_has_no_say_on_the_load_balancer_of_others() {
    let mut story = begin(vec![routed("shop", "a"), routed("shop", "b")]);
    story.group_by::<OnePerNamespace>("");
    story.converge();
    let admitted = |story: &mut Controller| {
        let groups = story.cloud.inventory().security_groups.clone();
        groups.into_iter().flat_map(|group| group.rules).collect::<Vec<_>>()
    };
    let before = admitted(&mut story);
    story.frozen = vec![PolicyPoint::Grouping];
    story.annotate("shop/b", CIDRS, "10.0.0.0/8");
    story.converge();
    assert_eq!(places(&mut story, &["shop/a", "shop/b"]), ["policy/shop/1", "policy/shop/1"]);
    assert_eq!(admitted(&mut story), before, "everybody reaches shop/a");

    story.frozen.clear();
    story.cloud.inventory_mut().quotas.load_balancers = 1;
    story.converge();
    assert_eq!(admitted(&mut story), before, "there is no room for another load balancer");

    story.cloud.inventory_mut().quotas.load_balancers = 50;
    story.converge();
    assert_ne!(places(&mut story, &["shop/b"]), ["policy/shop/1"]);
}

#[test]
fn a_group_of_a_policy_that_needs_more_than_a_load_balancer_may_have_is_split() {
    let names: Vec<String> = (0..4).map(|number| format!("web-{number}")).collect();
    let many =
        |name: &String| with_paths(routed("shop", name), &[("/", "web"), ("/x", "web"), ("/y", "web")]);
    let mut story = begin(names.iter().map(many).collect());
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 10;
    story.cloud.inventory_mut().quotas.condition_values_per_rule = 3;
    story.group_by::<OnePerNamespace>("");
    story.converge();
    let names: Vec<String> = names.iter().map(|name| format!("shop/{name}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let at = places(&mut story, &names);
    assert_eq!(at, ["policy/shop/1", "policy/shop/1", "policy/shop/1", "policy/shop/2"]);
}

#[test]
fn an_ingress_whose_annotations_no_longer_name_its_group_asked_to_leave_it() {
    let names: Vec<String> = (10..25).map(|number| format!("web-{number}")).collect();
    let grouped = names.iter().map(|name| annotated(routed("shop", name), GROUP, "tools")).collect();
    let mut story = begin(grouped);
    story.group_by::<OnePerNamespace>("");
    story.converge();
    for name in &names[1..] {
        story.remove_annotation(&format!("shop/{name}"), GROUP);
    }
    story.converge();
    assert_eq!(withheld(&story.plan(), Budget::NameChanges), None);
    assert_eq!(places(&mut story, &["shop/web-10", "shop/web-24"]), ["tools", "policy/shop/1"]);
}

#[test]
fn an_empty_load_balancer_of_a_group_is_used_before_another_one_becomes_that_of_the_group() {
    let mut story = begin(vec![routed("shop", "first"), annotated(routed("blog", "later"), GROUP, "alone")]);
    story.group_by::<OnePerNamespace>("");
    story.converge();
    let of_the_group = story.hostname("shop/first");
    story.delete("shop/first");
    story.converge();
    story.delete("blog/later");
    story.apply(routed("shop", "second"));
    story.converge();
    assert_eq!(story.hostname("shop/second"), of_the_group);
}

/// At most four listener rules on a load balancer.
struct FewRules;

impl Policy for FewRules {
    type Settings = NoSettings;
    const SUMMARY: &'static str = "At most four listener rules on a load balancer.";
}

impl Grouping for FewRules {
    fn group(_: &NoSettings, question: &Question) -> Result<Answer, String> {
        let mut rules = 0;
        Ok(question.place_units(|unit| {
            rules += unit.rules();
            Place::group(format!("rules/{}", rules.div_ceil(4)), "at most four rules")
        }))
    }
}

#[test]
fn a_policy_can_count_the_rules_of_units() {
    let two = |name: &str| with_paths(routed("shop", name), &[("/", "web"), ("/x", "web")]);
    let mut story = begin(vec![two("a"), two("b"), two("c")]);
    story.group_by::<FewRules>("");
    story.converge();
    let all = places(&mut story, &["shop/a", "shop/b", "shop/c"]);
    assert_eq!(all, ["policy/rules/1/1", "policy/rules/1/1", "policy/rules/2/1"]);
}
