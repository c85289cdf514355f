//! The planner gives the same bytes as a native library, as the built-in planner, and compiled at run time with its fuel
//! counted, for a corpus of generated worlds: each at its first plan, converged, and after a change.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use albatross_components::PLANNER;
use albatross_contract::{ObjectName, Plan, PlanningError, Question, Snapshot, file};
use albatross_engine::{Engine, EngineError, Limits, Planned, Planner, PolicySet};
use albatross_planner::NoPolicies;
use albatross_stories::generated::{Oddities, change_one, generate};
use serde_json::Value;

const WORLDS: u64 = 100;

/// Snapshots of a world: before anything exists, when it has converged, and after a change.
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
    let engine = Engine::new(Limits::default());
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
            let question = Question::Object(ObjectName::of_ingress(ingress));
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

/// The guest has 32 bits, and numbers of a snapshot come from outside.
#[test]
fn a_number_at_the_edge_of_its_type_in_any_field_gives_the_same_answer_everywhere() {
    let engine = Engine::new(Limits::default());
    let planner = Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap();
    let (mut fields, mut plans) = (0, 0);
    for snapshot in snapshots(7) {
        let value = serde_json::to_value(&snapshot).unwrap();
        for pointer in numbers(&value) {
            fields += 1;
            for extreme in [0, u64::from(u16::MAX), u64::from(u32::MAX), u64::MAX] {
                let mut changed = value.clone();
                *changed.pointer_mut(&pointer).unwrap() = extreme.into();
                let Ok(changed) = serde_json::from_value::<Snapshot>(changed) else { continue };
                let native = albatross_planner::plan(&changed, &NoPolicies);
                let guest = planner.plan(&changed, &PolicySet::default());
                assert!(same(&native, guest), "{pointer} = {extreme}");
                plans += usize::from(native.is_ok());
            }
        }
    }
    println!("{fields} fields, {plans} plans");
    assert!(fields > 100 && plans > 300, "{fields} fields and {plans} plans show little");
}

fn same(native: &Result<Plan, PlanningError>, guest: Result<Planned, EngineError>) -> bool {
    match (native, guest) {
        (Ok(native), Ok(guest)) => *native == guest.plan,
        (Err(native), Err(EngineError::Planning { source })) => *native == source,
        _ => false,
    }
}

/// JSON pointers to numbers; of a list, only to those in its first entry.
fn numbers(value: &Value) -> Vec<String> {
    let below = |name: &str, value: &Value| -> Vec<String> {
        numbers(value).into_iter().map(|pointer| format!("/{name}{pointer}")).collect()
    };
    match value {
        Value::Number(_) => vec![String::new()],
        Value::Array(entries) => entries.first().map(|entry| below("0", entry)).unwrap_or_default(),
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| below(name, value)).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => Vec::new(),
    }
}
