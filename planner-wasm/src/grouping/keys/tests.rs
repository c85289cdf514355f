use std::cell::RefCell;

use albatross_contract::{
    ANNOTATION_SCHEME, ANNOTATION_SHARED, CertificateAnswer, CertificateInput, ClassSetting, GroupingAnswer,
    GroupingInput, Mode, PolicyError, PolicyPoint, SubnetAnswer, SubnetInput,
};
use serde_json::{from_value, json};

use super::{Key, Keys};
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
    let keys = leak(Keys::ask(&claims, &decisions, &scene.standings(), scene.observed, &points).unwrap());
    (keys.of_members(&claims), policies.asked.into_inner())
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
fn the_answer_changes_nothing_for_members_that_stay_or_are_in_route_mode() {
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
    let in_route_mode = || {
        overridden(on_one()).with(|it| {
            it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        })
    };
    assert_eq!(answered(in_route_mode(), reject_all()).0, [Key::Free]);
    let frozen = in_route_mode().with(|it| it.frozen.push(PolicyPoint::Grouping));
    assert_eq!(answered(frozen, reject_all()).0, [Key::Free]);
}
