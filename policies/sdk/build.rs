//! Writes the macro [`export!`], which contains the WIT of the contract: `wit_bindgen::generate!` runs in the crate of a policy,
//! where only the files of that crate have a known path.

use std::{env, error::Error, fmt::Write, fs, path::PathBuf};

/// The files of the contract that a policy needs, in ../../wit.
const FILES: &[&str] = &["common.wit", "inventory.wit", "policies.wit"];

/// The points and their traits, in the order in which `export!` takes them.
const POINTS: &[(&str, &str)] =
    &[("grouping", "Grouping"), ("subnets", "Subnets"), ("certificates", "Certificates")];

/// Interfaces whose types come from the crate of the contract.
const SHARED: &[(&str, &str)] =
    &[("common", "common"), ("aws-inventory", "aws_inventory"), ("policy-types", "policy_types")];

fn main() -> Result<(), Box<dyn Error>> {
    let wit = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../wit");
    let mut contract = String::from("package albatross:planner@0.1.0;\n");
    for file in FILES {
        let path = wit.join(file);
        println!("cargo:rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        // Comments would only make the macro longer. The first statement names the package again.
        for line in text.lines().filter(|line| {
            let line = line.trim_start();
            !line.starts_with("//") && !line.starts_with("package ")
        }) {
            writeln!(contract, "{line}")?;
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("export.rs");
    fs::write(&out, export(&contract)?).map_err(|error| format!("{}: {error}", out.display()))?;
    Ok(())
}

/// The macro, with an arm for each set of points.
fn export(contract: &str) -> Result<String, Box<dyn Error>> {
    let mut arms = String::new();
    for set in 1..1_usize << POINTS.len() {
        let points: Vec<(&str, &str)> = POINTS
            .iter()
            .enumerate()
            .filter(|(bit, _)| set & (1 << bit) != 0)
            .map(|(_, point)| *point)
            .collect();
        write!(arms, "{}", arm(&points, contract)?)?;
    }
    Ok(format!(
        "/// Makes a component of a policy. The points follow the name of its type, in this order: `grouping`, `subnets`,\n\
         /// `certificates`. On other targets than WebAssembly, where the tests of a policy run, it only checks that the\n\
         /// policy has the traits of these points.\n\
         #[macro_export]\nmacro_rules! export {{\n{arms}}}\n"
    ))
}

fn arm(points: &[(&str, &str)], contract: &str) -> Result<String, Box<dyn Error>> {
    let mut world = String::from("world component { export policy; ");
    let (mut guests, mut names, mut traits) = (String::new(), Vec::new(), String::new());
    for (point, name) in points {
        write!(world, "export {point}; ")?;
        write!(guests, "$crate::{point}_guest!(); ")?;
        write!(traits, "const fn {point}<P: $crate::{point}::{name}>() {{}} {point}::<$policy>(); ")?;
        names.push(*point);
    }
    world.push('}');
    let mut with = String::new();
    for (interface, module) in SHARED {
        write!(
            with,
            "\"albatross:planner/{interface}@0.1.0\": ::albatross_policy::contract::interfaces::{module}, "
        )?;
    }
    Ok(format!(
        "    ($policy:ident: {points}) => {{\n\
        \x20       const _: () = {{ {traits}}};\n\
        \x20       #[cfg(target_arch = \"wasm32\")]\n\
        \x20       #[allow(unsafe_code, missing_docs, unused_qualifications, clippy::all)]\n\
        \x20       mod albatross_component {{\n\
        \x20           $crate::wit_bindgen::generate!({{\n\
        \x20               inline: r#\"{contract}{world}\"#,\n\
        \x20               world: \"component\",\n\
        \x20               runtime_path: \"::albatross_policy::wit_bindgen::rt\",\n\
        \x20               with: {{ {with} }},\n\
        \x20           }});\n\
        \x20           use self::exports::albatross::planner as points;\n\
        \x20           use super::$policy as Policy;\n\
        \x20           struct Component;\n\
        \x20           $crate::policy_guest!();\n\
        \x20           {guests}\n\
        \x20           export!(Component);\n\
        \x20       }}\n\
        \x20   }};\n",
        points = names.join(", ")
    ))
}
