//! Compiles the planner to machine code.

#[path = "../engine/src/config.rs"]
mod config;

use std::{env, error::Error, fs, path::PathBuf};

/// The only place in Albatross with `unsafe`: wasmtime cannot know that it compiled these bytes itself.
const LOADER: &str = include_str!("loader.rs");

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=loader.rs");
    println!("cargo:rerun-if-changed=../engine/src/config.rs");
    let component = env::var("DEP_ALBATROSS_COMPONENTS_PLANNER")?;
    println!("cargo:rerun-if-changed={component}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("planner.cwasm"), compile(&fs::read(component)?)?)?;
    fs::write(out.join("planner.rs"), LOADER)?;
    Ok(())
}

/// Machine code for the processors of the target. The target is set explicitly, so that the code uses no feature that only
/// the processor of this machine has.
fn compile(component: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let mut config = config::config();
    let compiled = config
        .target(&target)
        .and_then(|config| wasmtime::Engine::new(config))
        .and_then(|engine| engine.precompile_component(component));
    compiled.map_err(|error| {
        format!(
            "the planner cannot be compiled for {target} on this machine: build with --features albatross-compiled/cross-compile, or \
             on a machine with that processor: {error:#}"
        )
        .into()
    })
}
