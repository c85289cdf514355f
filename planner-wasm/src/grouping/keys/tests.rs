use std::cell::RefCell;

use albatross_contract::{
    ANNOTATION_SCHEME, ANNOTATION_SHARED, CertificateAnswer, CertificateInput, ClassSetting, GroupingAnswer,
    GroupingInput, Mode, PolicyError, PolicyPoint, SettledMember, SubnetAnswer, SubnetInput,
};
use serde_json::{from_value, json};

use super::{Asked, Key, Keys};
use crate::{
    policies::{NoPolicies, Points, Policies},
    testing::{World, leak},
};

/// A grouping policy that gives an answer and keeps the question.
struct Answers {
    answer: GroupingAnswer,
    asked: RefCell<Vec<GroupingInput>>,
}

impl Policies for Answers {
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        NoPolicies.certificates(input)
    }
    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        NoPolicies.subnets(input)
    }
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        self.asked.borrow_mut().push(input.clone());
        Ok(self.answer.clone())
    }
}

/// Three Ingresses, of which the second is on the load balancer `one`.
fn world() -> World {
    World::new()
        .certificate("a", &["a.org"])
        .load_balancer("one", &["a"])
        .ingress("x", &["a.org"])
        .published("y", &["a.org"], "one")
        .ingress("z", &["a.org"])
}

fn overridden(world: World) -> World {
    world.with(|snapshot| {
        let policy = json!({"point": "grouping", "settings": "by team"});
        snapshot.settings.policies.push(from_value(policy).unwrap());
    })
}

fn asked(world: World) -> (Vec<Key<'static>>, Vec<GroupingInput>) {
    let answer = json!({
        "groups": [{"key": "red", "members": [1, 9], "reason": ""}], "rejected": [{"member": 2, "reason": "no team"}],
    });
    answered(world, answer)
}

/// The keys of all members with this answer, and the question.
fn answered(world: World, answer: serde_json::Value) -> (Vec<Key<'static>>, Vec<GroupingInput>) {
    let scene = world.read();
    let policies = Answers { answer: from_value(answer).unwrap(), asked: RefCell::default() };
    let points = Points::new(scene.snapshot, &policies);
    let members = scene.members();
    let decisions: Vec<_> = members.iter().map(|member| member.certificates.clone()).collect();
    let claims: Vec<_> = scene.claims.iter().collect();
    let standings = scene.standings();
    let asked = Asked {
        claims: &claims,
        decisions: &decisions,
        standings: &standings,
        rules_of: crate::wanted::rules_of,
    };
    let keys = leak(Keys::ask(&asked, scene.observed, &points).unwrap());
    (keys.of_members(&claims), policies.asked.into_inner())
}

/// The annotation that names a group in route mode.
const GROUP: &str = "alb.ingress.kubernetes.io/group.name";

fn routed(world: World) -> World {
    world.with(|it| it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }])
}

#[test]
fn without_a_policy_no_member_has_a_key() {
    let (keys, questions) = asked(world());
    assert_eq!((keys.clone(), questions.len()), (vec![Key::Free; 3], 0));
}

#[test]
fn a_policy_that_failed_is_not_asked() {
    let (keys, questions) = asked(overridden(world()).with(|it| it.frozen.push(PolicyPoint::Grouping)));
    assert_eq!((keys.clone(), questions.len()), (vec![Key::Frozen; 3], 0));
    assert!(keys[0].keeps());
}

#[test]
fn each_member_has_the_answer_of_the_policy() {
    let (keys, questions) = asked(overridden(world()));
    let unmentioned = Key::Rejected("the answer of the policy does not mention it");
    assert_eq!(keys, [unmentioned, Key::Given("red"), Key::Rejected("no team")]);
    let stands: Vec<_> = questions[0].members.iter().map(|member| member.load_balancer).collect();
    assert_eq!((stands, questions[0].load_balancers.len()), (vec![None, Some(0), None], 1));
    assert_eq!(questions[0].settings, "by team");
    assert!(!Key::Given("red").keeps() && !Key::Free.keeps());
}

#[test]
fn the_answer_changes_nothing_for_members_that_stay_or_whose_annotations_name_their_group() {
    let reject_all = || {
        let rejected = (0..2).map(|member| json!({"member": member, "reason": "no team"}));
        json!({"groups": [], "rejected": rejected.collect::<Vec<_>>()})
    };
    let on_one = || World::new().load_balancer("one", &[]).published("x", &[], "one");
    let unreadable = overridden(on_one().annotated(ANNOTATION_SCHEME, "secret"));
    assert_eq!(answered(unreadable, reject_all()).0, [Key::Stays]);
    let unshared = overridden(on_one().annotated(ANNOTATION_SHARED, "maybe"));
    assert_eq!(answered(unshared, reject_all()).0, [Key::Stays]);
    let going = overridden(on_one()).with(|it| it.cluster.ingresses[0].metadata.deleted_at = Some(1));
    assert_eq!(answered(going, reject_all()).0, [Key::Stays]);
    let alone = overridden(on_one().annotated(ANNOTATION_SHARED, "false"));
    assert_eq!(answered(alone, reject_all()).0, [Key::Rejected("no team")], "a rejection counts");
    let in_a_named_group = || overridden(routed(on_one().annotated(GROUP, "tools")));
    assert_eq!(answered(in_a_named_group(), reject_all()).0, [Key::Free]);
    let frozen = in_a_named_group().with(|it| it.frozen.push(PolicyPoint::Grouping));
    assert_eq!(answered(frozen, reject_all()).0, [Key::Free]);
}

/// In route mode, Ingresses with these names, ages and hosts.
fn with_hosts(ingresses: &[(&str, u64, &[&str])]) -> World {
    ingresses.iter().fold(overridden(routed(World::new())), |world, (name, age, hosts)| {
        let world = world.ingress(name, hosts);
        world.with(|it| it.cluster.ingresses.last_mut().unwrap().metadata.created_at = Some(*age))
    })
}

/// The answer that gives each member the key of its place, `0` to `9`.
fn each_its_own(count: u32) -> serde_json::Value {
    let groups = (0..count).map(|it| json!({"key": it.to_string(), "members": [it], "reason": ""}));
    json!({"groups": groups.collect::<Vec<_>>(), "rejected": []})
}

fn given(keys: &[Key<'static>]) -> Vec<&'static str> {
    keys.iter().map(|key| key.asked().flatten().unwrap_or("none")).collect()
}

#[test]
fn members_in_route_mode_of_one_scheme_that_share_a_host_are_a_unit() {
    let world = with_hosts(&[
        ("a", 3, &["a.org", "b.org"]),
        ("b", 2, &["b.org", "c.org"]),
        ("c", 4, &["c.org"]),
        ("d", 1, &["d.org", "*.org"]),
        ("e", 5, &[""]),
        ("f", 6, &["a.org"]),
    ]);
    let world = world.annotated("alb.ingress.kubernetes.io/scheme", "internet-facing");
    let world = world.ingress("g", &["a.org"]).annotated(GROUP, "tools");
    let (keys, questions) = answered(world, each_its_own(7));
    assert_eq!(given(&keys), ["0", "1", "2", "3", "4", "5", "none"], "the answer counts as it is");
    let units: Vec<_> = questions[0].members.iter().map(|member| member.unit.as_deref()).collect();
    assert_eq!(units, [Some("a.org"), Some("a.org"), Some("a.org"), None, None, None, None]);
}

#[test]
fn a_long_chain_of_shared_hosts_is_one_unit() {
    let names: Vec<String> = (0..200).map(|number| format!("h{:03}.org", 200 - number)).collect();
    let world =
        names.windows(2).enumerate().fold(overridden(routed(World::new())), |world, (number, hosts)| {
            world.ingress(&format!("i{number:03}"), &[&hosts[0], &hosts[1]])
        });
    let (_, questions) = answered(world, json!({"groups": [], "rejected": []}));
    assert!(questions[0].members.iter().all(|member| member.unit.as_deref() == Some("h001.org")));
}

#[test]
fn a_policy_sees_what_members_in_route_mode_need() {
    let world = overridden(routed(World::new()))
        .ingress("x", &["a.org"])
        .with(|it| {
            let path = |path: &str, service: &str| {
                let backend = json!({"service": {"name": service, "port": {"number": 80}}});
                json!({"path": path, "path-type": "prefix", "backend": backend})
            };
            let rule = json!({"host": "a.org", "paths": [path("/", "web"), path("/cart", "cart"), path("/pay", "web")]});
            it.cluster.ingresses[0].rules = vec![from_value(rule).unwrap()];
        })
        .annotated("alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTP": 80}, {"HTTP": 8080}]"#)
        .ingress("y", &["b.org"])
        .annotated(GROUP, "tools");
    let (_, questions) = answered(world, json!({"groups": [], "rejected": [], "by-default": [0, 1]}));
    let [x, y] = questions[0].members.as_slice() else { panic!("two") };
    assert_eq!((x.rules, x.group.as_deref()), (6, None));
    assert_eq!(x.target_groups, ["shop/cart:80", "shop/web:80"]);
    assert_eq!((x.settled, y.settled), (None, Some(SettledMember::NamedGroup)));
    assert_eq!(y.group.as_deref(), Some("tools"));
}
