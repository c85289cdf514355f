//! If a controller is killed after any of its actions in route mode, the next controller repairs what it has left.
//!
//! The group is small: every action costs a start of the controller.

use std::{path::PathBuf, thread};

use tokio::runtime::Runtime;

use super::manifests::{Ingress, SETTINGS, service_at};
use crate::{
    availability::killed::{Chapter, Story},
    support::{World, objects::delete_ingress},
};

/// The same calls as at the default rate, in less time.
const ARGUMENTS: &[&str] = &["--aws-rate=100"];

#[test]
fn controllers_killed_after_every_action_in_route_mode_reach_the_same_result_with_the_same_actions() {
    let killed = thread::spawn(|| tell("routes-killed", Some(1)));
    let expected = tell("routes-uninterrupted", None);
    let killed = killed.join().unwrap();
    let mut deaths = 0;
    for (chapter, expected) in killed.iter().zip(&expected) {
        chapter.must_equal(expected);
        let (_, writes) = chapter.marks_and_other_writes();
        let (_, expected) = expected.marks_and_other_writes();
        assert_eq!(writes, expected, "{}: nothing is done twice or left out", chapter.name);
        let mut died_after = chapter.died_after.clone();
        died_after.sort();
        assert_eq!(died_after, chapter.writes, "{}: it died after every action", chapter.name);
        deaths += died_after.len();
    }
    eprintln!("killed {deaths} times");
    assert!(deaths >= 30, "only {deaths} deaths: {killed:#?}");
}

/// Tells the story in a new world. `writes` is the number of writes that each controller makes before it is killed.
fn tell(name: &'static str, writes: Option<usize>) -> [Chapter; 3] {
    Runtime::new().unwrap().block_on(tell_all(name, writes))
}

async fn tell_all(name: &'static str, writes: Option<usize>) -> [Chapter; 3] {
    let world = World::new(name).await;
    let settings: PathBuf = world.file("settings.json", SETTINGS);
    let mut story = Story::new(&world, writes, ARGUMENTS);

    world.apply(&service_at("shop", "web", 30_001)).await;
    world.apply(&service_at("shop", "api", 30_002)).await;
    let mut cart = ingress("cart", &[("/", "web"), ("/api", "api")]);
    let mut wiki = ingress("wiki", &[("/", "web")]);
    world.apply(&cart.manifest()).await;
    world.apply(&wiki.manifest()).await;
    let create = story.chapter("create", &settings, &["cart", "wiki"]).await;

    // A path, another Service behind a path, a host instead of another one, and an attribute of a target group.
    world.apply(&service_at("shop", "pages", 30_003)).await;
    cart.hosts[0].1 = vec![("/", "web"), ("/api", "api"), ("/cart", "api")];
    cart.annotate("target-group-attributes", "deregistration_delay.timeout_seconds=2");
    world.apply(&cart.manifest()).await;
    wiki.hosts = vec![("pages.example.org".to_owned(), vec![("/", "pages")])];
    world.apply(&wiki.manifest()).await;
    let change = story.chapter("change", &settings, &["cart", "wiki"]).await;

    for name in ["cart", "wiki"] {
        delete_ingress(&world.administrator, name).await;
    }
    let delete = story.chapter("delete", &settings, &[]).await;
    [create, change, delete]
}

/// A member of a group whose host has its name.
fn ingress(name: &str, paths: &[(&'static str, &'static str)]) -> Ingress {
    Ingress {
        namespace: "shop".to_owned(),
        name: name.to_owned(),
        annotations: vec![("group.name", "shop".to_owned())],
        hosts: vec![(format!("{name}.example.org"), paths.to_vec())],
    }
}
