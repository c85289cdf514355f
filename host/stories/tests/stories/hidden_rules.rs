//! Route mode: Ingresses whose rules do nothing, since another Ingress has the same host and path.

use albatross_contract::{DiagnosticCode, Ingress};
use albatross_stories::{Controller, annotated, ingress, service};

use crate::routes::{story, with_paths};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";

/// A member of the group `shop` for the host `shop.example.org`.
fn member(name: &str, paths: &[(&str, &str)]) -> Ingress {
    annotated(with_paths(ingress(name, &["shop.example.org"]), paths), GROUP, "shop")
}

fn begin() -> Controller {
    let wiki = with_paths(ingress("wiki", &["wiki.example.org"]), &[("/", "web")]);
    let mut story = story(vec![annotated(wiki, GROUP, "shop")], vec![service("web", 30_080)]);
    story.converge();
    story
}

#[test]
fn an_ingress_without_rules_of_its_own_is_published_when_the_rules_of_the_other_ingress_exist() {
    let mut story = begin();
    story.apply(member("cart", &[("/cart", "web")]));
    story.apply(member("copy", &[("/cart", "web")]));

    story.pass();
    assert_eq!(story.hostname("copy"), None, "its host is not served yet");
    story.converge();
    assert_eq!(story.hostname("copy"), story.hostname("wiki"));
    assert!(story.pass().tells("copy", DiagnosticCode::RouteDuplicate));
}

#[test]
fn an_ingress_whose_rules_another_ingress_hides_is_left_out_together_with_it() {
    let mut story = begin();
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 4;
    story.apply(member("cart", &[("/a", "web"), ("/b", "web"), ("/c", "web")]));
    let mut copy = member("copy", &[("/a", "web")]);
    let other = with_paths(ingress("other", &["other.example.org"]), &[("/", "web")]);
    copy.rules.extend(other.rules);
    story.apply(copy);

    let passes = story.converge();
    let last = passes.last().map(|pass| pass.plan.clone()).unwrap_or_else(|| story.plan());
    for name in ["cart", "copy"] {
        let outcome = albatross_stories::outcome(&last, name).unwrap();
        assert!(albatross_stories::tells(outcome, DiagnosticCode::QuotaExhausted), "{outcome:#?}");
        assert_eq!(story.hostname(name), None, "{name}");
    }
}
