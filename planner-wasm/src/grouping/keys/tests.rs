use std::cell::RefCell;

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, PolicyError, PolicyPoint,
    SubnetAnswer, SubnetInput,
};
use serde_json::{from_value, json};

use super::{Key, Keys};
use crate::{
    policies::{NoPolicies, Points, Policies},
    testing::World,
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
    World::new().load_balancer("one", &[]).ingress("x", &[]).published("y", &[], "one").ingress("z", &[])
}

fn overridden(world: World) -> World {
    world.with(|snapshot| {
        let policy = json!({"point": "grouping", "settings": "by team"});
        snapshot.settings.policies.push(from_value(policy).unwrap());
    })
}

fn asked(world: World) -> (Keys, Vec<GroupingInput>) {
    let scene = world.read();
    let answer = json!({
        "groups": [{"key": "red", "members": [1, 9], "reason": ""}], "rejected": [{"member": 2, "reason": "no team"}],
    });
    let policies = Answers { answer: from_value(answer).unwrap(), asked: RefCell::default() };
    let points = Points::new(scene.snapshot, &policies);
    let members = scene.members();
    let decisions: Vec<_> = members.iter().map(|member| member.certificates.clone()).collect();
    let claims: Vec<_> = scene.claims.iter().collect();
    let keys = Keys::ask(&claims, &decisions, &scene.standings(), scene.observed, &points).unwrap();
    (keys, policies.asked.into_inner())
}

#[test]
fn without_a_policy_no_member_has_a_key() {
    let (keys, questions) = asked(world());
    assert_eq!((keys.of_members(3), questions.len()), (vec![Key::Free; 3], 0));
}

#[test]
fn a_policy_that_failed_is_not_asked() {
    let (keys, questions) = asked(overridden(world()).with(|it| it.frozen.push(PolicyPoint::Grouping)));
    assert_eq!((keys.of_members(3), questions.len()), (vec![Key::Frozen; 3], 0));
    assert!(keys.of_members(1)[0].keeps());
}

#[test]
fn each_member_has_the_answer_of_the_policy() {
    let (keys, questions) = asked(overridden(world()));
    let unmentioned = Key::Rejected("the answer of the policy does not mention it");
    assert_eq!(keys.of_members(3), [unmentioned, Key::Given("red"), Key::Rejected("no team")]);
    let stands: Vec<_> = questions[0].members.iter().map(|member| member.load_balancer).collect();
    assert_eq!((stands, questions[0].load_balancers.len()), (vec![None, Some(0), None], 1));
    assert_eq!(questions[0].settings, "by team");
    assert!(!Key::Given("red").keeps() && !Key::Free.keeps());
}
