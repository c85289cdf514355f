//! Policies in C: the same steps as in the README of `policies/one-per-namespace-in-c`, with the generator and the encoder as
//! libraries.

use std::{fs, path::Path, process::Command};

use wit_bindgen_c::Opts;
use wit_bindgen_core::{Files, wit_parser::Resolve};
use wit_component::ComponentEncoder;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The text of the policy in C.
pub fn one_per_namespace() -> String {
    fs::read_to_string(Path::new(REPOSITORY).join("policies/one-per-namespace-in-c/policy.c")).unwrap()
}

/// Makes a component of a grouping policy in C, in an empty folder. `python`: the Python that has zig, a C compiler for
/// WebAssembly.
pub fn component(python: &Path, folder: &Path, source: &str) -> Vec<u8> {
    let gen_folder = folder.join("gen");
    fs::create_dir_all(&gen_folder).unwrap();
    for (name, bytes) in bindings().iter() {
        fs::write(gen_folder.join(name), bytes).unwrap();
    }
    fs::write(folder.join("policy.c"), source).unwrap();
    let built = Command::new(python)
        .args(["-m", "ziglang", "cc", "-target", "wasm32-wasi", "-mexec-model=reactor", "-Oz", "-s"])
        .args(["-Wall", "-Wextra", "-Werror", "-o", "core.wasm", "policy.c", "gen/grouping_policy.c"])
        .arg("gen/grouping_policy_component_type.o")
        .current_dir(folder)
        // zig builds wasi-libc once, and keeps it here.
        .env("ZIG_GLOBAL_CACHE_DIR", python.parent().unwrap().join("../cache"))
        .env("ZIG_LOCAL_CACHE_DIR", folder.join("cache"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let core = fs::read(folder.join("core.wasm")).unwrap();
    ComponentEncoder::default().validate(true).module(&core).and_then(|encoder| encoder.encode()).unwrap()
}

/// What `wit-bindgen c wit --world grouping-policy` writes.
fn bindings() -> Files {
    let mut resolve = Resolve::default();
    let (contract, _) = resolve.push_dir(Path::new(REPOSITORY).join("wit")).unwrap();
    let world = resolve.select_world(&[contract], Some("grouping-policy")).unwrap();
    let mut files = Files::default();
    Opts::default().build().generate(&mut resolve, world, &mut files).unwrap();
    files
}
