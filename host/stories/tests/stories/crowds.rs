//! Route mode: groups that ask for many times more rules than a load balancer can have.

use albatross_contract::{DiagnosticCode, Ingress, IngressPath};
use albatross_stories::{Controller, annotated};

use crate::route_settings::{key, routed, service, story, told};

/// A member of the group `all` with paths of a host.
fn member(name: &str, host: &str, paths: usize) -> Ingress {
    let mut ingress = annotated(routed(name, &[]), &key("group.name"), "all");
    let rule = &mut ingress.rules[0];
    rule.host = Some(host.to_owned());
    let first = rule.paths[0].clone();
    let path = |number| Some(format!("/{name}/{number}"));
    rule.paths = (0..paths).map(|number| IngressPath { path: path(number), ..first.clone() }).collect();
    ingress
}

fn group(members: Vec<Ingress>, rules: u32) -> Controller {
    let mut story = story(members, service("web", &[]));
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = rules;
    story.converge();
    story
}

fn rules(story: &mut Controller) -> usize {
    story.serving("shop").listeners.iter().map(|listener| listener.rules.len()).sum()
}

#[test]
fn ingresses_with_far_too_many_paths_of_one_host_take_no_room_from_others() {
    let mut story = group(vec![member("shop", "shop.example.org", 2)], 8);
    let crowd: Vec<String> = (0..12).map(|number| format!("m{number}")).collect();
    for name in &crowd {
        story.apply(member(name, "big.example.org", 8));
    }
    story.apply(member("wiki", "wiki.example.org", 2));
    story.converge();
    assert_eq!(rules(&mut story), 2, "one of the shop and one of the wiki, each for two paths");
    assert!(story.hostname("wiki").is_some());
    for name in &crowd {
        assert_eq!(story.hostname(name), None);
        let said = told(&mut story, name, DiagnosticCode::QuotaExhausted);
        let expected = "a load balancer can have 8 rules, but the Ingresses of this group ask for 100 combinations of \
                        host and path, and older Ingresses come first: it is not served";
        assert_eq!(said, [expected]);
    }
}

#[test]
fn rules_stay_when_the_ingresses_of_their_host_become_far_too_many() {
    let mut story = group(vec![member("shop", "shop.example.org", 2)], 8);
    let before = story.serving("shop").listeners;
    let crowd: Vec<String> = (0..12).map(|number| format!("m{number}")).collect();
    for name in &crowd {
        story.apply(member(name, "shop.example.org", 8));
    }
    assert!(story.plan().actions.is_empty());
    assert_eq!(story.serving("shop").listeners, before);
    let said = told(&mut story, "shop", DiagnosticCode::QuotaExhausted);
    assert!(said.len() == 1 && said[0].ends_with("its rules stay as they are"), "{said:?}");

    for name in &crowd {
        story.delete(name);
    }
    story.edit("shop", |_| member("shop", "shop.example.org", 3));
    story.converge();
    assert_eq!(rules(&mut story), 2, "five values fit into a rule: the host and two paths");
}
