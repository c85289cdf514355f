//! Compiles the planner to machine code.

#[path = "../engine/src/config.rs"]
mod config;

use std::{env, error::Error, fs, path::PathBuf};

/// The one place of Albatross with `unsafe`: wasmtime cannot know that bytes are what it once compiled.
const LOADER: &str = r#"
/// The planner that is built beside this program.
pub const PLANNER: albatross_engine::BuiltIn =
    albatross_engine::BuiltIn { sha256: albatross_components::PLANNER_SHA256, load };

#[allow(unsafe_code)]
fn load(engine: &wasmtime::Engine) -> wasmtime::Result<wasmtime::component::Component> {
    const CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/planner.cwasm"));
    // SAFETY: wasmtime runs machine code without looking at it, so the bytes must be what it made itself, and nobody may
    // have changed them. The build script made them with the wasmtime of this build, and they are a part of the program.
    // What was compiled by another version, with other settings or for another processor, wasmtime refuses.
    unsafe { wasmtime::component::Component::deserialize(engine, CODE) }
}
"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../engine/src/config.rs");
    let component = env::var("DEP_ALBATROSS_COMPONENTS_PLANNER")?;
    println!("cargo:rerun-if-changed={component}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("planner.cwasm"), compile(&fs::read(component)?)?)?;
    fs::write(out.join("planner.rs"), LOADER)?;
    Ok(())
}

/// Machine code for the processors of the target: named, so that nothing is taken that only the one at hand has.
fn compile(component: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let mut config = config::config();
    let compiled = config
        .target(&target)
        .and_then(|config| wasmtime::Engine::new(config))
        .and_then(|engine| engine.precompile_component(component));
    compiled.map_err(|error| {
        format!(
            "the planner cannot be compiled for {target} here; build on a machine with processors of that kind: {error:#}"
        )
        .into()
    })
}
