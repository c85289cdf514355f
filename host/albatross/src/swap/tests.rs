//! Candidates in a cluster with 80 Ingresses, which share a load balancer.

use std::sync::Arc;

use albatross_contract::{Action, ActionResult, Budget, PolicyPoint, PolicySetting, Seconds, Snapshot};
use albatross_engine::{Engine, Limits, Policy};
use albatross_manifests::Source;

use super::{Decided, Deciders, Hold, Shadow, judge};
use crate::{
    example,
    pass::{Makers, Pass},
    simulation::{Applied, PassEnd, Settled, Simulation, Watcher},
};

/// Keeps the end of a simulation.
#[derive(Default)]
struct End(Option<Snapshot>);

impl Watcher for End {
    fn applied(&mut self, _: &Applied) {}
    fn swapped(&mut self, _: &Deciders, _: &Shadow) {}
    fn waited(&mut self, _: Seconds) {}
    fn planned(&mut self, _: &Pass) {}
    fn executed(&mut self, _: &Action, _: &ActionResult) {}
    fn ended(&mut self, _: &PassEnd<'_>) {}
    fn settled(&mut self, settled: &Settled<'_>) {
        assert!(settled.converged);
        self.0 = Some(settled.pass.snapshot.clone());
    }
}

fn makers(policies: &[&[u8]]) -> Arc<Makers> {
    let engine = Engine::new(Limits::default());
    let policies = policies.iter().map(|bytes| Policy::load(&engine, "policy.wasm", bytes).unwrap());
    let without = Makers::load(None, &[], &engine).unwrap();
    Arc::new(without.with_policies(policies.collect()).unwrap())
}

fn deciders(policies: &[&[u8]]) -> Deciders {
    Deciders::all(makers(policies), "settings", &[]).unwrap()
}

fn nobody() -> Deciders {
    deciders(&[])
}

fn one_per_namespace() -> Deciders {
    deciders(&[albatross_components::ONE_PER_NAMESPACE])
}

/// So many Ingresses in each namespace, placed by the planner itself.
fn placed(namespaces: &[(&str, usize)]) -> Snapshot {
    let mut text = String::from(
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: albatross }\nspec: { controller: albatross/ingress }\n",
    );
    for (namespace, count) in namespaces {
        for number in 0..*count {
            text.push_str(&format!(
                "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n\
                 metadata: {{ name: app-{number}, namespace: {namespace} }}\n\
                 spec: {{ ingressClassName: albatross, rules: [{{ host: app-{number}-{namespace}.example.org }}] }}\n"
            ));
        }
    }
    let source = Source::Text { name: "ingresses.yaml".to_owned(), bytes: text.into_bytes() };
    let cluster = albatross_manifests::read(&[source]).unwrap().cluster;
    let mut end = End::default();
    let mut simulation = Simulation::new(nobody(), example::settings().unwrap(), example::cloud().unwrap());
    assert!(simulation.step(cluster, &mut end).unwrap());
    end.0.unwrap()
}

fn setting(point: PolicyPoint, settings: &str) -> PolicySetting {
    PolicySetting { point, settings: settings.to_owned() }
}

#[test]
fn a_policy_that_would_move_60_of_80_ingresses_is_held_by_the_budget() {
    let snapshot = placed(&[("a", 20), ("b", 20), ("c", 20), ("d", 20)]);
    let now = nobody().pass(snapshot.clone(), &[]).unwrap();
    let shadow = judge(&now.plan, &one_per_namespace(), &snapshot, false);
    let [Hold::Budget(message)] = shadow.holds.as_slice() else { panic!("{shadow:?}") };
    assert!(message.contains("60 of 80"), "{message}");
    let difference = shadow.difference.unwrap();
    assert_eq!(difference.name_changes, 0, "all of them are withheld as one set: {difference:?}");
    assert!(difference.withheld.iter().any(|it| it.budget == Budget::NameChanges && it.ids.len() == 60));
}

#[test]
fn a_policy_that_would_move_3_of_80_ingresses_may_take_over() {
    let snapshot = placed(&[("shop", 77), ("tools", 3)]);
    let now = nobody().pass(snapshot.clone(), &[]).unwrap();
    let shadow = judge(&now.plan, &one_per_namespace(), &snapshot, false);
    assert_eq!(shadow.holds, []);
    let difference = shadow.difference.unwrap();
    assert_eq!((difference.objects, difference.placed_elsewhere), (80, 3), "{difference:?}");
}

#[test]
fn a_person_allows_what_the_budgets_would_withhold() {
    let snapshot = placed(&[("a", 20), ("b", 20), ("c", 20), ("d", 20)]);
    let now = nobody().pass(snapshot.clone(), &[]).unwrap();
    let shadow = judge(&now.plan, &one_per_namespace(), &snapshot, true);
    assert_eq!(shadow.holds, []);
    assert_eq!(shadow.difference.unwrap().placed_elsewhere, 60);
    assert_eq!(shadow.allowed_names.len(), 60);
    let pass = one_per_namespace().pass(snapshot, &shadow.allowed_names).unwrap();
    assert_eq!(pass.plan.withheld, []);
    assert_eq!(pass.snapshot.settings.allowances.name_change.len(), 60, "the recording says so");
}

#[test]
fn a_permission_is_not_for_what_was_withheld_before() {
    let snapshot = placed(&[("a", 20), ("b", 20), ("c", 20), ("d", 20)]);
    let now = one_per_namespace().pass(snapshot.clone(), &[]).unwrap();
    let shadow = judge(&now.plan, &one_per_namespace(), &snapshot, true);
    assert_eq!(shadow.allowed_names, Vec::<String>::new());
    assert_eq!(shadow.difference.unwrap().placed_elsewhere, 0);
}

#[test]
fn a_policy_that_leaves_placed_ingresses_without_a_load_balancer_is_held() {
    let snapshot = placed(&[("shop", 2)]);
    let now = nobody().pass(snapshot.clone(), &[]).unwrap();
    let rejects = albatross_test_guests::guests::groups(&[], &[0, 1]);
    let shadow = judge(&now.plan, &deciders(&[rejects.as_slice()]), &snapshot, false);
    let [Hold::Unserved(message)] = shadow.holds.as_slice() else { panic!("{shadow:?}") };
    assert!(message.contains("2 of 2") && message.contains("shop/app-0"), "{message}");
}

#[test]
fn what_is_withheld_already_holds_no_candidate() {
    let snapshot = placed(&[("a", 20), ("b", 20), ("c", 20), ("d", 20)]);
    let now = one_per_namespace().pass(snapshot.clone(), &[]).unwrap();
    assert_eq!(judge(&now.plan, &one_per_namespace(), &snapshot, false).holds, []);
}

#[test]
fn a_policy_that_fails_is_held_with_the_reason() {
    let snapshot = placed(&[("shop", 2)]);
    let now = nobody().pass(snapshot.clone(), &[]).unwrap();
    let refuses = albatross_test_guests::guests::refuses("not today");
    let candidate = deciders(&[refuses.as_slice()]);
    let shadow = judge(&now.plan, &candidate, &snapshot, false);
    assert!(
        matches!(shadow.holds.as_slice(), [Hold::Failed(message)] if message.contains("not today")),
        "{shadow:?}"
    );
}

#[test]
fn settings_that_the_policy_does_not_accept_are_named() {
    let by_team = makers(&[albatross_components::BY_TEAM]);
    let wrong = setting(PolicyPoint::Grouping, "{\"mots\": 3}");
    let Err(error) = Deciders::all(by_team, "settings", &[wrong]) else { panic!("mots is no setting") };
    assert!(error.to_string().contains("mots"), "{error}");
}

#[test]
fn a_policy_that_decided_and_is_not_here_is_frozen_and_everything_stays() {
    let snapshot = placed(&[("shop", 4), ("tools", 3)]);
    let before: Decided = one_per_namespace().decided().to_string().parse().unwrap();
    let deciders = deciders(&[albatross_components::BY_TEAM]).as_before(before.clone());
    assert_eq!(deciders.frozen(), [PolicyPoint::Grouping]);
    assert_eq!(deciders.decided(), &before, "what decided last is still what decided last");
    let pass = deciders.pass(snapshot, &[]).unwrap();
    assert_eq!(pass.failures.len(), 0, "the other policy is not asked");
    assert_eq!(pass.plan.actions, []);
}

#[test]
fn what_the_planner_decided_is_decided_by_the_planner_until_a_policy_takes_over() {
    let before = nobody().decided().clone();
    let deciders = one_per_namespace().as_before(before);
    assert_eq!(deciders.frozen(), []);
    let pass = deciders.pass(placed(&[("shop", 4), ("tools", 3)]), &[]).unwrap();
    assert_eq!(pass.snapshot.settings.policies, []);
    assert_eq!(pass.plan.actions, []);
}

#[test]
fn settings_of_a_policy_that_is_not_here_are_refused() {
    let given = [setting(PolicyPoint::Subnets, "{}")];
    let makers = makers(&[albatross_components::ONE_PER_NAMESPACE]);
    let Err(error) = Deciders::all(makers, "settings.json", &given) else { panic!("who should they reach?") };
    assert_eq!(error.to_string(), "settings.json: policies: subnets needs a policy: pass it with --policy");
}

/// A cluster without Ingresses.
#[cfg(feature = "live")]
pub(crate) fn nothing_placed() -> Snapshot {
    placed(&[])
}
