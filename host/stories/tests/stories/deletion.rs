//! Ingresses are deleted, and created again.

use albatross_contract::{DiagnosticCode, Disruption, Inventory, Operation, Severity, TAG_UNNEEDED, Tag};
use albatross_stories::{
    Certificates, Controller, actions, certificate, certificates_on, ingress, is_unneeded,
    make_a_load_balancer, tag, take_something_away, unneeded_certificates, warns, world,
};

use crate::one_shop::one_shop;

#[test]
fn created_again_within_the_grace_period_it_gets_the_same_name() {
    let mut story = one_shop("*.example.org");
    let before = story.hostname("checkout");

    story.delete("checkout");
    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]), "nobody needs it: the grace begins");
    story.wait(story.settings.grace - 600);
    story.apply(ingress("checkout", &["shop.example.org"]));

    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.hostname("checkout"), before);
    assert!(!is_unneeded(&story.load_balancers()[0]), "the mark is taken off");
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.hostname("checkout"), before, "and nothing is removed later");
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn the_first_ingress_that_is_created_again_takes_the_unneeded_load_balancer_with_all_its_certificates() {
    let host = |number: u32| format!("shop-{number}.example.org");
    let certificates: Vec<_> = (0..8).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..8).map(|number| ingress(&format!("shop-{number}"), &[&host(number)])).collect();
    let mut story = Controller::new(world(), certificates.clone(), ingresses);
    story.converge();
    let before = story.hostname("shop-0");
    story.wait(86_400);
    story.settings.allowances.unneeded =
        certificates.into_iter().map(|certificate| certificate.arn).collect();
    story.apply_all(Vec::new());
    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]));
    story.settings.allowances.unneeded.clear();

    story.apply(ingress("shop-0", &[&host(0)]));

    let passes = story.converge();
    assert_eq!(story.hostname("shop-0"), before);
    assert!(passes.iter().all(|pass| pass.plan.withheld.is_empty()), "they became unneeded before");
    assert_eq!(unneeded_certificates(&story.load_balancers()[0]), 7);
}

#[test]
fn a_grace_period_after_the_last_ingress_is_deleted_nothing_of_ours_is_left() {
    let (settings, inventory) = world();
    let untouched = sorted(inventory.clone());
    let mut story = Controller::new((settings, inventory), shop_certificates(), shops());
    story.converge();

    story.delete("checkout");
    story.delete("wiki");
    story.converge();
    let marked: u64 = tag(&story.load_balancers()[0].tags, TAG_UNNEEDED).unwrap().parse().unwrap();
    let end = story.plan().next_change_at;
    assert_eq!(end, Some(marked + story.settings.grace), "the plan says when the grace ends");
    story.wait(end.unwrap() - story.cloud.now() - 1);
    assert!(story.plan().actions.is_empty(), "not one second earlier");
    story.wait(1);
    let passes = story.converge();

    let order: Vec<&str> = actions(&passes)
        .map(|action| match action.operation {
            Operation::DeleteLoadBalancer(_) => "load balancer",
            Operation::DetachTargetGroup(_) => "detach",
            Operation::DeleteTargetGroup(_) => "target group",
            _ => "something else",
        })
        .collect();
    assert_eq!(order, ["load balancer", "detach", "detach", "target group"], "the order that AWS needs");
    assert!(actions(&passes).any(|action| action.disruption == Disruption::Removal));
    let mut after = sorted(story.cloud.inventory().clone());
    after.certificates.clear();
    after.observed_at = untouched.observed_at;
    assert_eq!(after, untouched, "AWS is as it was before the first Ingress");
}

#[test]
fn of_one_deleted_ingress_among_many_only_the_certificate_is_removed_after_the_grace_period() {
    let mut story = Controller::new(world(), shop_certificates(), shops());
    story.converge();
    let before = story.hostname("wiki");

    story.delete("checkout");

    let passes = story.converge();
    assert!(!take_something_away(&passes), "its certificate is marked, nothing else happens");
    let load_balancer = story.serving("wiki");
    assert_eq!(unneeded_certificates(&load_balancer), 1);
    assert_eq!(certificates_on(&load_balancer).len(), 2);
    story.wait_for_the_grace();
    story.converge();
    let load_balancer = story.serving("wiki");
    assert_eq!(certificates_on(&load_balancer), [Certificates::arn(2)].into());
    assert_eq!(unneeded_certificates(&load_balancer), 0, "the mark goes with it");
    assert_eq!(story.hostname("wiki"), before);
}

#[test]
fn whose_certificate_is_the_default_one_gives_way_to_another_first() {
    let mut story = Controller::new(world(), shop_certificates(), shops());
    story.converge();
    let default = |story: &mut Controller, name: &str| {
        let listeners = story.serving(name).listeners;
        listeners.into_iter().find(|listener| listener.port == 443).unwrap().default_certificate.unwrap()
    };
    let (first, other) = match default(&mut story, "wiki") == Certificates::arn(1) {
        true => ("checkout", ("wiki", Certificates::arn(2))),
        false => ("wiki", ("checkout", Certificates::arn(1))),
    };

    story.delete(first);
    story.converge();
    assert_ne!(default(&mut story, other.0), other.1, "it stays the default one for its grace");
    story.wait_for_the_grace();
    story.converge();

    assert_eq!(default(&mut story, other.0), other.1);
    assert_eq!(certificates_on(&story.serving(other.0)), [other.1].into());
}

#[test]
fn a_load_balancer_with_deletion_protection_stays() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| {
        found.attributes.retain(|attribute| attribute.key != "deletion_protection.enabled");
        found.attributes.push(Tag { key: "deletion_protection.enabled".into(), value: "true".into() });
    });

    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    story.wait_for_the_grace();

    let passes = story.converge();
    assert!(!take_something_away(&passes));
    assert!(warns(&story.plan(), DiagnosticCode::DeletionProtected));
    assert_eq!(story.load_balancers().len(), 1);

    story.in_the_console(&name, |found| {
        found.attributes.retain(|attribute| attribute.key != "deletion_protection.enabled");
    });
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty(), "without the protection it goes, a grace later");
}

#[test]
fn an_ingress_that_stays_keeps_the_load_balancer_however_long_another_is_gone() {
    let mut story = Controller::new(world(), shop_certificates(), shops());
    story.converge();

    story.delete("checkout");
    for _ in 0..5 {
        story.converge();
        story.wait_for_the_grace();
    }

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert_eq!(story.load_balancers().len(), 1);
    assert!(story.hostname("wiki").is_some());
    assert!(!pass.plan.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error));
}

fn shop_certificates() -> Vec<albatross_contract::Certificate> {
    vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])]
}

fn shops() -> Vec<albatross_contract::Ingress> {
    vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org"])]
}

fn sorted(mut inventory: Inventory) -> Inventory {
    inventory.auto_scaling_groups.sort_by(|left, right| left.name.cmp(&right.name));
    inventory
}
