//! The planner is ready when the program starts.

#![allow(clippy::unwrap_used)]

#[path = "../../engine/src/config.rs"]
mod config;

use albatross_engine::{Engine, Limits, Planner};

/// An engine that executes the machine code at its place in the program.
fn engine(config: &mut wasmtime::Config) -> wasmtime::Engine {
    let config = config.with_custom_code_memory((albatross_compiled::PLANNER.code_memory)());
    wasmtime::Engine::new(config).unwrap()
}

#[test]
fn an_engine_that_cannot_compile_loads_the_planner() {
    let engine = engine(config::config().enable_compiler(false));
    (albatross_compiled::PLANNER.load)(&engine).unwrap();
}

#[test]
fn the_planner_is_known_by_the_digest_of_its_component() {
    let engine = Engine::new(Limits::default());
    let planner = Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap();
    assert_eq!(planner.identity().sha256, albatross_components::PLANNER_SHA256);
}

#[test]
fn machine_code_for_other_settings_is_refused() {
    let engine = engine(config::config().consume_fuel(true));
    let refusal = (albatross_compiled::PLANNER.load)(&engine).unwrap_err();
    assert!(refusal.to_string().contains("fuel"), "{refusal:#}");
}
