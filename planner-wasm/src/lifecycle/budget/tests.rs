use albatross_contract::{Budget, LoadBalancerFate, TAG_UNNEEDED};

use crate::{
    lifecycle::Lifecycle,
    testing::{GRACE, NOW, World, group_id},
};

struct Told {
    fates: Vec<LoadBalancerFate>,
    unneeded: Vec<usize>,
    kept: Vec<usize>,
    budgets: Vec<(Budget, u32)>,
    messages: Vec<String>,
}

fn told(world: World) -> Told {
    let scene = world.read();
    let grouping = scene.grouping();
    let lifecycle = Lifecycle::new(&grouping, scene.claims, scene.observed);
    let of = |id: &str| lifecycle.of(group_id(&grouping.groups, id));
    let ids: Vec<&str> = scene.observed.owned.iter().map(|owned| owned.id).collect();
    Told {
        fates: ids.iter().map(|id| of(id).fate).collect(),
        unneeded: ids.iter().map(|id| of(id).unneeded.len()).collect(),
        kept: ids.iter().map(|id| of(id).kept.len()).collect(),
        budgets: lifecycle.withheld.iter().map(|it| (it.budget, it.count)).collect(),
        messages: lifecycle.withheld.iter().map(|it| it.message.clone()).collect(),
    }
}

/// This many unneeded load balancers, which have served before.
fn needless(count: usize) -> World {
    (0..count).fold(World::new().certificate("a", &["a.org"]), |world, number| {
        world.load_balancer(&format!("lb{number}"), &["a"])
    })
}

/// They share one certificate, which a member of the first of them asks for, so that no certificate is held back.
fn with_one_in_use(count: usize) -> World {
    needless(count).published("x", &["a.org"], "lb0")
}

#[test]
fn few_load_balancers_may_become_unneeded_at_once() {
    let told = told(with_one_in_use(6));
    assert_eq!(
        (told.fates[0], &told.fates[1..]),
        (LoadBalancerFate::Keep, &[LoadBalancerFate::Unneeded; 5][..])
    );
    assert_eq!(told.budgets, []);
}

#[test]
fn many_are_held_back_as_one_set() {
    let told = told(with_one_in_use(7));
    assert_eq!(told.fates, [LoadBalancerFate::Keep; 7]);
    assert_eq!(told.budgets, [(Budget::UnneededLoadBalancers, 6)]);
    let message = &told.messages[0];
    assert!(
        message.starts_with("6 of 7 load balancers in use would become unneeded (albatross-lb1 is lb1"),
        "{message}"
    );
}

#[test]
fn marked_or_allowed_ones_do_not_count() {
    let marked = with_one_in_use(7).tagged(TAG_UNNEEDED, &(NOW - GRACE).to_string());
    let told_of_marked = told(marked);
    assert_eq!(told_of_marked.fates[6], LoadBalancerFate::Delete);
    assert_eq!(
        (&told_of_marked.fates[1..6], told_of_marked.budgets),
        (&[LoadBalancerFate::Unneeded; 5][..], vec![])
    );
    let allowed = with_one_in_use(7).with(|it| it.settings.allowances.unneeded = vec!["lb3".into()]);
    assert_eq!(told(allowed).fates[1..], [LoadBalancerFate::Unneeded; 6]);
}

/// This many certificates on the load balancer `one`; an Ingress asks only for the first of them.
fn certificates(count: usize) -> World {
    let names: Vec<String> = (0..count).map(|number| format!("c{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world =
        names.iter().fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]));
    world.load_balancer("one", &names).published("x", &["c0.org"], "one")
}

#[test]
fn few_certificates_may_become_unneeded_at_once_and_many_are_held_back() {
    let few = told(certificates(6));
    assert_eq!((few.unneeded, few.kept, few.budgets), (vec![5], vec![0], vec![]));
    let many = told(certificates(7));
    assert_eq!((many.unneeded, many.kept), (vec![0], vec![6]));
    assert_eq!(many.budgets, [(Budget::UnneededCertificates, 6)]);
}

#[test]
fn a_load_balancer_stays_if_its_certificates_are_held_back() {
    let told = told(certificates(7).with(|snapshot| snapshot.cluster.ingresses.clear()));
    assert_eq!(told.fates, [LoadBalancerFate::Keep]);
    assert_eq!(told.budgets, [(Budget::UnneededCertificates, 7)]);
}
