//! The planner is ready when the program starts.

#![allow(clippy::unwrap_used)]

#[path = "../../engine/src/config.rs"]
mod config;

use albatross_engine::{Engine, Limits, Planner};

#[test]
fn an_engine_that_cannot_compile_loads_the_planner() {
    let engine = wasmtime::Engine::new(config::config().enable_compiler(false)).unwrap();
    (albatross_compiled::PLANNER.load)(&engine).unwrap();
}

#[test]
fn the_planner_is_known_by_the_digest_of_its_component() {
    let engine = Engine::new(Limits::default()).unwrap();
    let planner = Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap();
    assert_eq!(planner.identity().sha256, albatross_components::PLANNER_SHA256);
}

#[test]
fn machine_code_for_other_settings_is_refused() {
    let engine = wasmtime::Engine::new(config::config().consume_fuel(true)).unwrap();
    let refusal = (albatross_compiled::PLANNER.load)(&engine).unwrap_err();
    assert!(refusal.to_string().contains("fuel"), "{refusal:#}");
}
