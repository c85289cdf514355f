//! Deletion protection for which an Ingress asks, beside that of the settings and of other people.

use albatross_contract::{DiagnosticCode, LoadBalancer, TAG_DELETION_PROTECTION, Tag};
use albatross_stories::{Controller, actions, annotated, attribute, ingress, service, tag};

use super::routes::{story, with_paths};

const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";
const PROTECTION: &str = "deletion_protection.enabled";

/// The Ingress asks for deletion protection, or for none.
fn ask(story: &mut Controller, on: bool) {
    story.edit("web", |ingress| annotated(ingress, ATTRIBUTES, &format!("{PROTECTION}={on}")));
}

fn without_load_balancer() -> Controller {
    let web = with_paths(ingress("web", &["web.example.org"]), &[("/", "web")]);
    story(vec![web], vec![service("web", 30_080)])
}

fn with_load_balancer() -> Controller {
    let mut story = without_load_balancer();
    story.converge();
    story
}

fn serving(story: &mut Controller) -> LoadBalancer {
    story.serving("web")
}

/// Whether the load balancer has deletion protection, and whether our tag says that we turned it on.
fn is_on_and_ours(story: &mut Controller) -> (bool, bool) {
    let found = serving(story);
    let is_on = attribute(&found.attributes, PROTECTION) == Some("true");
    (is_on, tag(&found.tags, TAG_DELETION_PROTECTION).is_some())
}

fn a_person_protects(story: &mut Controller) {
    let name = serving(story).dns_name;
    story.in_the_console(&name, |found| {
        found.attributes.retain(|attribute| attribute.key != PROTECTION);
        found.attributes.push(Tag { key: PROTECTION.into(), value: "true".into() });
    });
}

#[test]
fn an_annotation_that_asks_for_what_the_settings_ask_for_stops_nobody() {
    for is_new in [true, false] {
        let mut story = if is_new { without_load_balancer() } else { with_load_balancer() };
        story.settings.deletion_protection = Some(true);
        ask(&mut story, true);
        story.converge();
        assert_eq!(is_on_and_ours(&mut story), (true, true));
        assert!(story.converge().is_empty());
    }
}

#[test]
fn protection_for_which_an_annotation_asks_is_turned_off_by_the_annotation() {
    let mut story = with_load_balancer();
    ask(&mut story, true);
    story.converge();
    assert_eq!(is_on_and_ours(&mut story), (true, true));
    ask(&mut story, false);
    story.converge();
    assert_eq!(is_on_and_ours(&mut story), (false, false));
}

#[test]
fn protection_that_the_annotation_turned_off_is_not_ours_when_a_person_turns_it_on() {
    let mut story = with_load_balancer();
    story.settings.deletion_protection = Some(true);
    story.converge();
    story.settings.deletion_protection = None;
    ask(&mut story, false);
    story.converge();
    assert_eq!(is_on_and_ours(&mut story), (false, false), "no tag stays behind");
    a_person_protects(&mut story);
    assert!(actions(&story.converge()).next().is_none());
    assert_eq!(is_on_and_ours(&mut story), (true, false));
    let pass = story.pass();
    assert!(pass.tells("web", DiagnosticCode::GroupConflict), "the annotation does nothing here");
}

#[test]
fn the_settings_win_over_an_annotation_which_is_told() {
    let mut story = with_load_balancer();
    story.settings.deletion_protection = Some(true);
    ask(&mut story, false);
    story.converge();
    assert_eq!(is_on_and_ours(&mut story), (true, true));
    assert!(story.pass().tells("web", DiagnosticCode::GroupConflict));
}

#[test]
fn an_ingress_that_no_longer_says_anything_leaves_the_protection_for_which_it_asked() {
    let mut story = with_load_balancer();
    ask(&mut story, true);
    story.converge();
    story.edit("web", |ingress| annotated(ingress, ATTRIBUTES, "idle_timeout.timeout_seconds=61"));
    story.converge();
    assert_eq!(is_on_and_ours(&mut story), (true, true));
}
