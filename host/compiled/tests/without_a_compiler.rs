//! The planner is ready when the program starts.

#![allow(clippy::unwrap_used)]

#[path = "../../engine/src/config.rs"]
mod config;

use std::thread;

use albatross_contract::{Cluster, Settings, Snapshot, file};
use albatross_engine::{Engine, EngineError, Limits, Planner, PolicySet};

#[test]
fn several_planners_run_at_once_without_a_compiler() {
    let load = || {
        Planner::built_in(&Engine::new(Limits::default()), "albatross", &albatross_compiled::PLANNER).unwrap()
    };
    let planners: Vec<Planner> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let snapshot = Snapshot {
        time: 0,
        frozen: Vec::new(),
        settings: Settings::default(),
        cluster: Cluster::default(),
        inventory: file::read(include_bytes!("../../../examples/quickstart/cloud.json")).unwrap(),
    };
    for planner in planners.iter().chain([&load()]) {
        let refused = planner.plan(&snapshot, &PolicySet::default()).unwrap_err();
        assert!(matches!(refused, EngineError::Planning { .. }), "{refused}");
    }
}

#[test]
fn the_planner_is_known_by_the_digest_of_its_component() {
    let engine = Engine::new(Limits::default());
    let planner = Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap();
    assert_eq!(planner.identity().sha256, albatross_components::PLANNER_SHA256);
}

#[test]
fn machine_code_for_other_settings_is_refused() {
    let engine = wasmtime::Engine::new(config::config().consume_fuel(true)).unwrap();
    let refusal = (albatross_compiled::PLANNER.load)(&engine).unwrap_err();
    assert!(refusal.to_string().contains("fuel"), "{refusal:#}");
}
