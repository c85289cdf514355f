//! The planner gives the same bytes natively, as it is built into the program, and compiled here with its fuel counted; for
//! a corpus of generated worlds, each at its first plan, converged, and after a change.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use albatross_components::PLANNER;
use albatross_contract::{IngressName, Question, Snapshot, file};
use albatross_engine::{Engine, Limits, Planner, PolicySet};
use albatross_planner::NoPolicies;
use albatross_stories::generated::{Oddities, change_one, generate};

const WORLDS: u64 = 100;

/// Snapshots of a world: before anything is there, when all is done, and after something has changed.
fn snapshots(world: u64) -> [Snapshot; 3] {
    let (mut story, mut dice) = generate(world, &mut Oddities::default());
    let first = story.snapshot().unwrap();
    story.converge();
    let converged = story.snapshot().unwrap();
    change_one(&mut story, &mut dice);
    [first, converged, story.snapshot().unwrap()]
}

#[test]
fn a_plan_has_the_same_bytes_however_the_planner_is_compiled() {
    let engine = Engine::new(Limits::default()).unwrap();
    let planners = [
        Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap(),
        Planner::load(&engine, "planner.wasm", PLANNER).unwrap(),
    ];
    let (mut plans, mut actions, mut explanations) = (0, 0, 0);
    for world in 0..WORLDS {
        for snapshot in snapshots(world) {
            let native = albatross_planner::plan(&snapshot, &NoPolicies).unwrap();
            let bytes = file::write(&native).unwrap();
            plans += 1;
            actions += native.actions.len();
            for planner in &planners {
                let planned = planner.plan(&snapshot, &PolicySet::default()).unwrap();
                assert!(file::write(&planned.plan).unwrap() == bytes, "world {world}");
            }
            let Some(ingress) = snapshot.cluster.ingresses.first() else { continue };
            let question = Question::Ingress(IngressName {
                namespace: ingress.metadata.namespace.clone().unwrap(),
                name: ingress.metadata.name.clone(),
            });
            let native = albatross_planner::explain(&snapshot, &question, &NoPolicies).unwrap();
            explanations += 1;
            for planner in &planners {
                let explained = planner.explain(&snapshot, &question, &PolicySet::default()).unwrap();
                assert!(explained.explanation == native, "world {world}");
            }
        }
    }
    println!("{plans} plans with {actions} actions, {explanations} explanations");
    assert!(actions > 1_000, "a corpus that asks for little shows little");
}
