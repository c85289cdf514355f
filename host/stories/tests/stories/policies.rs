//! Policies: each policy point is taken over; a policy begins to fail and recovers.

use std::{cell::Cell, rc::Rc};

use albatross_contract::{
    CertificateAnswer, CertificateChoice, CertificateInput, DiagnosticCode, GroupingAnswer, GroupingInput,
    MemberGroup, MemberRejection, ObjectName, OutcomeState, PolicyError, PolicyPoint, PolicySetting,
    Question, SubnetAnswer, SubnetInput, TAG_GROUP,
};
use albatross_planner::{Policies, explain};
use albatross_stories::{
    Certificates, Controller, Pass, actions, certificate, certificates_on, ingress, internal, is_unneeded,
    pinned, renewal, tag, unneeded_certificates, world,
};

/// Policies of a story: one load balancer for each namespace, subnets in zones a and b only, wildcards before exact
/// names. While they are `broken` they refuse every question.
#[derive(Clone, Default)]
pub struct HousePolicies {
    /// Whether they refuse.
    pub broken: Rc<Cell<bool>>,
}

impl HousePolicies {
    fn works(&self) -> Result<(), PolicyError> {
        if self.broken.get() { Err(PolicyError { message: "out of order".into() }) } else { Ok(()) }
    }
}

impl Policies for HousePolicies {
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        self.works()?;
        let covers = |name: &str, host: &str| {
            name == host || host.split_once('.').is_some_and(|(_, rest)| name == format!("*.{rest}"))
        };
        let choose = |host: &String| {
            let mut fitting: Vec<(bool, u32)> = (0..)
                .zip(&input.certificates)
                .filter(|(_, certificate)| certificate.names.iter().any(|name| covers(name, host)))
                .map(|(index, certificate)| (!certificate.names[0].starts_with("*."), index))
                .collect();
            fitting.sort_unstable();
            fitting.first().map(|(_, index)| *index)
        };
        let choices = (0..).zip(&input.hosts).filter_map(|(host, name)| {
            let certificate = choose(name)?;
            Some(CertificateChoice { host, certificate, reason: "wildcards first".into() })
        });
        Ok(CertificateAnswer { choices: choices.collect() })
    }

    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        self.works()?;
        let wanted = (0..).zip(&input.candidates).filter(|(_, candidate)| !candidate.zone.ends_with('c'));
        let mut zones = std::collections::BTreeMap::new();
        for (index, candidate) in wanted {
            zones.entry(candidate.zone.clone()).or_insert(index);
        }
        Ok(SubnetAnswer { subnets: zones.into_values().collect(), reason: "zone c is dear".into() })
    }

    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        self.works()?;
        let mut groups: Vec<MemberGroup> = Vec::new();
        let mut rejected = Vec::new();
        for (index, member) in (0..).zip(&input.members) {
            if member.object.namespace == "forbidden" {
                rejected.push(MemberRejection {
                    member: index,
                    reason: "this namespace has no load balancer".into(),
                });
                continue;
            }
            match groups.iter_mut().find(|group| group.key == member.object.namespace) {
                Some(group) => group.members.push(index),
                None => groups.push(MemberGroup {
                    key: member.object.namespace.clone(),
                    members: vec![index],
                    reason: "its namespace".into(),
                }),
            }
        }
        Ok(GroupingAnswer { groups, rejected, by_default: Vec::new() })
    }
}

/// Lets these policies decide one policy point.
pub fn take_over(story: &mut Controller, point: PolicyPoint) -> HousePolicies {
    let policies = HousePolicies::default();
    story.settings.policies = vec![PolicySetting { point, settings: String::new() }];
    story.policies = Box::new(policies.clone());
    policies
}

/// A pass as the host runs it: a policy point whose policy fails is frozen, and the plan is made again at once.
fn pass_as_the_host_does(story: &mut Controller) -> Pass {
    story.frozen.clear();
    if let Err(error) = story.try_plan() {
        assert_eq!(error.code, DiagnosticCode::PolicyRefused, "{}", error.message);
        story.frozen = story.settings.policies.iter().map(|policy| policy.point).collect();
    }
    story.pass()
}

fn passes_as_the_host_does(story: &mut Controller) -> Vec<Pass> {
    let mut passes = Vec::new();
    loop {
        let pass = pass_as_the_host_does(story);
        if pass.plan.actions.is_empty() && pass.statuses.is_empty() {
            return passes;
        }
        passes.push(pass);
        assert!(passes.len() <= 4, "not converged: {:#?}", passes.last());
        story.wait(albatross_stories::WAITING);
    }
}

#[test]
fn a_grouping_policy_decides_which_ingresses_share() {
    let mut story = two_teams();
    take_over(&mut story, PolicyPoint::Grouping);

    story.converge();

    assert_eq!(tag(&story.serving("blue/checkout").tags, TAG_GROUP), Some("blue"));
    assert_eq!(tag(&story.serving("green/wiki").tags, TAG_GROUP), Some("green"));
    assert_eq!(story.hostname("blue/checkout"), story.hostname("blue/returns"));
    assert_ne!(story.hostname("blue/checkout"), story.hostname("green/wiki"));
}

#[test]
fn the_reason_of_a_group_is_told_in_the_plan_and_in_an_explanation() {
    let mut story = two_teams();
    let policies = take_over(&mut story, PolicyPoint::Grouping);
    story.converge();

    let plan = story.plan();
    let told =
        plan.load_balancers.iter().map(|found| (found.group.as_deref(), found.group_reason.as_deref()));
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    assert_eq!(told, [(Some("blue"), Some("its namespace")), (Some("green"), Some("its namespace"))]);
    let question = Question::Object(ObjectName::ingress("blue", "checkout"));
    let explained = explain(&story.snapshot().unwrap(), &question, &policies).unwrap();
    let group = explained.decisions.iter().find(|decision| decision.title == "Group").unwrap();
    assert_eq!(
        (group.candidates[0].name.as_str(), group.candidates[0].reason.as_str()),
        ("blue", "the grouping policy says: its namespace")
    );
}

#[test]
fn a_key_is_a_wish_and_members_that_cannot_share_are_split() {
    let mut story = two_teams();
    story.edit("blue/returns", internal);
    take_over(&mut story, PolicyPoint::Grouping);

    story.converge();

    assert_eq!(story.load_balancers().len(), 3, "blue has two schemes");
    assert_eq!(tag(&story.serving("blue/returns").tags, TAG_GROUP), Some("blue"));
}

#[test]
fn a_newcomer_that_a_grouping_policy_rejects_is_rejected_and_told_why() {
    let mut story = two_teams();
    take_over(&mut story, PolicyPoint::Grouping);
    story.apply(ingress("forbidden/game", &["game.example.org"]));

    story.converge();

    let pass = story.pass();
    let outcome = pass.outcome("forbidden/game").unwrap();
    assert_eq!(outcome.state, OutcomeState::Rejected);
    assert!(outcome.diagnostics[0].message.contains("this namespace has no load balancer"));
}

#[test]
fn a_member_that_a_grouping_policy_rejects_is_held_where_it_is() {
    let mut story = two_teams();
    story.apply(ingress("forbidden/game", &["game.example.org"]));
    story.converge();
    let name = story.hostname("forbidden/game");
    assert!(name.is_some());

    take_over(&mut story, PolicyPoint::Grouping);
    story.converge();
    story.edit("forbidden/game", internal);
    story.converge();

    assert_eq!(story.hostname("forbidden/game"), name);
    let pass = story.pass();
    assert_eq!(pass.outcome("forbidden/game").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("forbidden/game", DiagnosticCode::PolicyRejected));
}

#[test]
fn a_subnet_policy_decides_where_new_load_balancers_stand() {
    let mut story = two_teams();
    take_over(&mut story, PolicyPoint::Subnets);

    story.converge();

    assert_eq!(story.serving("blue/checkout").subnets, ["subnet-public-a", "subnet-public-b"]);
}

#[test]
fn a_certificate_policy_decides_which_certificate_serves() {
    let mut story = two_teams();
    story.add_certificate(certificate(2, &["shop.example.org"]));
    story.converge();
    assert_eq!(
        certificates_on(&story.serving("blue/checkout")).len(),
        2,
        "by default the exact name is better"
    );

    take_over(&mut story, PolicyPoint::Certificates);

    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(
        certificates_on(&story.serving("blue/checkout")),
        [Certificates::arn(1)].into(),
        "now the wildcard is"
    );
}

#[test]
fn while_the_grouping_policy_fails_members_stay_newcomers_wait_and_targets_follow() {
    let mut story = two_teams();
    let policies = take_over(&mut story, PolicyPoint::Grouping);
    passes_as_the_host_does(&mut story);
    let before = story.whereabouts();

    policies.broken.set(true);
    story.apply(ingress("red/late", &["late.example.org"]));
    story.start_node_group("nodes-3", &["a", "b"]);
    let passes = passes_as_the_host_does(&mut story);

    let pass = pass_as_the_host_does(&mut story);
    assert_eq!(pass.outcome("red/late").unwrap().state, OutcomeState::Waiting);
    assert!(pass.tells("red/late", DiagnosticCode::PolicyFrozen));
    assert_eq!(pass.outcome("blue/checkout").unwrap().state, OutcomeState::Held);
    assert_eq!(story.auto_scaling_group("nodes-3").target_groups.len(), 2, "targets follow");
    assert_eq!(actions(&passes).count(), 2, "and nothing else happens");
    let frozen = story.whereabouts();
    assert!(before.iter().all(|(name, place)| frozen.get(name) == Some(place)), "nobody moves to a default");

    policies.broken.set(false);
    passes_as_the_host_does(&mut story);
    assert_eq!(
        tag(&story.serving("red/late").tags, TAG_GROUP),
        Some("red"),
        "recovered, newcomers are placed"
    );
    let after = story.whereabouts();
    assert!(before.iter().all(|(name, place)| after.get(name) == Some(place)));
    assert!(pass_as_the_host_does(&mut story).plan.actions.is_empty());
}

#[test]
fn a_member_that_asks_for_another_scheme_while_the_grouping_policy_fails_stays_until_it_recovers() {
    let mut story = two_teams();
    let policies = take_over(&mut story, PolicyPoint::Grouping);
    passes_as_the_host_does(&mut story);
    let name = story.hostname("green/wiki");

    policies.broken.set(true);
    story.edit("green/wiki", internal);
    let passes = passes_as_the_host_does(&mut story);
    assert!(actions(&passes).next().is_none());
    assert_eq!(story.hostname("green/wiki"), name);

    policies.broken.set(false);
    passes_as_the_host_does(&mut story);
    assert_ne!(story.hostname("green/wiki"), name);
    assert_eq!(tag(&story.serving("green/wiki").tags, TAG_GROUP), Some("green"));
}

#[test]
fn while_the_certificate_policy_fails_no_certificate_becomes_unneeded() {
    let (mut story, policies) = two_teams_and_a_game();

    policies.broken.set(true);
    story.delete("blue/game");
    story.apply(ingress("red/late", &["late.example.org"]));
    story.add_certificate(renewal(3, &["*.example.org"], story.cloud.now()));
    passes_as_the_host_does(&mut story);

    let pass = pass_as_the_host_does(&mut story);
    let load_balancer = story.serving("blue/checkout");
    assert_eq!(unneeded_certificates(&load_balancer), 0);
    assert_eq!(certificates_on(&load_balancer), [1, 2].map(Certificates::arn).into());
    assert_eq!(pass.outcome("red/late").unwrap().state, OutcomeState::Waiting);

    policies.broken.set(false);
    passes_as_the_host_does(&mut story);
    assert_eq!(unneeded_certificates(&story.serving("blue/checkout")), 1);
    assert!(story.hostname("red/late").is_some());
}

#[test]
fn a_certificate_that_is_needed_during_such_a_failure_has_its_whole_grace_period_afterwards() {
    let (mut story, policies) = two_teams_and_a_game();
    let game = Certificates::arn(2);
    story.delete("blue/game");
    passes_as_the_host_does(&mut story);
    assert_eq!(unneeded_certificates(&story.serving("blue/checkout")), 1);

    policies.broken.set(true);
    story.apply(pinned(ingress("blue/game", &["game.example.net"]), &game));
    passes_as_the_host_does(&mut story);
    assert_eq!(unneeded_certificates(&story.serving("blue/checkout")), 0);
    story.delete("blue/game");
    passes_as_the_host_does(&mut story);
    story.wait_for_the_grace();
    policies.broken.set(false);
    passes_as_the_host_does(&mut story);

    assert!(certificates_on(&story.serving("blue/checkout")).contains(&game));
    assert_eq!(unneeded_certificates(&story.serving("blue/checkout")), 1);
}

#[test]
fn while_the_certificate_policy_fails_no_certificate_becomes_unneeded_where_a_member_should_leave() {
    let (mut story, policies) = two_teams_and_a_game();

    policies.broken.set(true);
    story.delete("blue/game");
    for name in ["blue/checkout", "blue/returns", "green/wiki"] {
        story.edit(name, internal);
    }
    passes_as_the_host_does(&mut story);

    assert_eq!(unneeded_certificates(&story.serving("blue/checkout")), 0);
}

#[test]
fn while_the_subnet_policy_fails_no_load_balancer_is_created_and_members_stay() {
    let mut story = two_teams();
    let policies = take_over(&mut story, PolicyPoint::Subnets);
    passes_as_the_host_does(&mut story);
    let before = story.serving("blue/checkout");

    policies.broken.set(true);
    story.apply(internal(ingress("red/inside", &["inside.example.org"])));
    story.apply(ingress("red/late", &["late.example.org"]));
    passes_as_the_host_does(&mut story);

    let pass = pass_as_the_host_does(&mut story);
    assert_eq!(pass.outcome("red/inside").unwrap().state, OutcomeState::Waiting);
    assert_eq!(story.serving("blue/checkout").subnets, before.subnets);
    assert_eq!(
        story.hostname("red/late"),
        story.hostname("blue/checkout"),
        "who needs no new subnet is served"
    );

    policies.broken.set(false);
    passes_as_the_host_does(&mut story);
    assert_eq!(story.serving("red/inside").subnets, ["subnet-private-a", "subnet-private-b"]);
}

#[test]
fn a_deleted_ingress_is_seen_while_the_grouping_policy_fails() {
    let mut story = two_teams();
    let policies = take_over(&mut story, PolicyPoint::Grouping);
    passes_as_the_host_does(&mut story);

    policies.broken.set(true);
    story.delete("green/wiki");
    passes_as_the_host_does(&mut story);

    assert_eq!(story.load_balancers().iter().filter(|found| is_unneeded(found)).count(), 1);
}

/// The two teams with a game, which has a certificate of its own, and a policy that chooses certificates.
fn two_teams_and_a_game() -> (Controller, HousePolicies) {
    let mut story = two_teams();
    story.add_certificate(certificate(2, &["game.example.net"]));
    story.apply(ingress("blue/game", &["game.example.net"]));
    let policies = take_over(&mut story, PolicyPoint::Certificates);
    passes_as_the_host_does(&mut story);
    (story, policies)
}

/// Two teams, blue with two Ingresses and green with one, and a wildcard for all.
pub fn two_teams() -> Controller {
    Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![
            ingress("blue/checkout", &["shop.example.org"]),
            ingress("blue/returns", &["returns.example.org"]),
            ingress("green/wiki", &["wiki.example.org"]),
        ],
    )
}
