//! A new project for a policy: an example of this repository under another name, with the contract and the SDK beside it. It
//! needs nothing of this repository afterwards.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use albatross_contract::PolicyPoint;

use crate::error::Error;

/// Files of the repository, by their path in it.
macro_rules! repository {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../", $path)))),+]
    };
}

/// What is put beside the policy, in the folder `albatross`.
const BESIDE: &[(&str, &str)] = repository!(
    "wit/Cargo.toml",
    "wit/build.rs",
    "wit/bundle.wit",
    "wit/cluster.wit",
    "wit/common.wit",
    "wit/explanation.wit",
    "wit/inventory.wit",
    "wit/plan.wit",
    "wit/policies.wit",
    "wit/settings.wit",
    "wit/snapshot.wit",
    "wit/worlds.wit",
    "wit/src/certificates.rs",
    "wit/src/defaults.rs",
    "wit/src/file.rs",
    "wit/src/gaps.rs",
    "wit/src/gates.rs",
    "wit/src/handover.rs",
    "wit/src/json.rs",
    "wit/src/keys.rs",
    "wit/src/lengths.rs",
    "wit/src/lib.rs",
    "wit/src/names.rs",
    "wit/src/objects.rs",
    "wit/src/periods.rs",
    "wit/src/redirects.rs",
    "wit/src/references.rs",
    "wit/src/rules.rs",
    "wit/src/settings.rs",
    "wit/src/shapes.rs",
    "wit/src/sources.rs",
    "wit/src/terms.rs",
    "policies/sdk/Cargo.toml",
    "policies/sdk/build.rs",
    "policies/sdk/src/certificates.rs",
    "policies/sdk/src/component.rs",
    "policies/sdk/src/fixture.rs",
    "policies/sdk/src/grouping.rs",
    "policies/sdk/src/grouping/answer.rs",
    "policies/sdk/src/grouping/keep.rs",
    "policies/sdk/src/grouping/member.rs",
    "policies/sdk/src/grouping/spread.rs",
    "policies/sdk/src/grouping/unit.rs",
    "policies/sdk/src/lib.rs",
    "policies/sdk/src/panic.rs",
    "policies/sdk/src/settings.rs",
    "policies/sdk/src/subnets.rs",
);

/// The workspace of this repository, from which the workspace in the folder `albatross` takes its dependencies.
const WORKSPACE: &str = include_str!("../../../../Cargo.toml");
/// The releases of all dependencies: those that are not needed are removed by the first build.
const LOCK: &str = include_str!("../../../../Cargo.lock");
/// What the licences of the copied files ask to be copied with them.
const LICENSES: [&str; 2] =
    [include_str!("../../../../LICENSE-APACHE"), include_str!("../../../../LICENSE-MIT")];
/// The compiler.
const TOOLCHAIN: &str = include_str!("../../../../rust-toolchain.toml");

/// A policy of the repository, from which a project can begin.
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// The text of `src/lib.rs`.
    source: &'static str,
    /// The name of its test, and the text.
    test: (&'static str, &'static str),
    /// Its cases for `policy test`.
    cases: &'static str,
}

macro_rules! example {
    ($name:literal, $test:literal) => {
        Example {
            name: $name,
            source: include_str!(concat!("../../../../policies/", $name, "/src/lib.rs")),
            test: ($test, include_str!(concat!("../../../../policies/", $name, "/tests/", $test))),
            cases: include_str!(concat!("../../../../policies/", $name, "/policy-test.yaml")),
        }
    };
}

const BY_TEAM: Example = example!("by-team", "teams.rs");
const TAGGED_SUBNETS: Example = example!("tagged-subnets", "subnets.rs");
const STRICT_CERTIFICATES: Example = example!("strict-certificates", "certificates.rs");

/// All examples.
pub const EXAMPLES: [&Example; 6] = [
    &example!("one-per-namespace", "one_load_balancer_for_each_namespace.rs"),
    &BY_TEAM,
    &example!("blast-radius", "parts.rs"),
    &example!("dedicated-hosts", "hosts.rs"),
    &TAGGED_SUBNETS,
    &STRICT_CERTIFICATES,
];

/// The example with a name.
pub fn example(name: &str) -> Option<&'static Example> {
    EXAMPLES.into_iter().find(|example| example.name == name)
}

/// The example from which most can be learnt about a point.
pub fn example_for(point: PolicyPoint) -> &'static Example {
    match point {
        PolicyPoint::Grouping => &BY_TEAM,
        PolicyPoint::Subnets => &TAGGED_SUBNETS,
        PolicyPoint::Certificates => &STRICT_CERTIFICATES,
    }
}

/// Names of packages that a project depends on; as the name of a policy they would mean two crates.
const TAKEN: &[&str] =
    &["albatross-policy", "schemars", "serde", "alloc", "core", "proc-macro", "std", "test"];

/// Words that cannot be the name of a crate (The Rust Reference, "Keywords").
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Why a text cannot be the name of a policy, and what can. `None`: it can be one.
pub fn unfit_name(text: &str) -> Option<String> {
    let is_name = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_name {
        let rule = "write at most 64 lower case letters, digits and hyphens, beginning with a letter, such as by-team";
        return Some(rule.to_owned());
    }
    if KEYWORDS.contains(&text) {
        return Some("this is a word of Rust; write another name, such as by-team".to_owned());
    }
    let is_taken = TAKEN.contains(&text) || NEEDED.contains(&text);
    is_taken.then(|| "the project uses a crate of this name; write another name, such as by-team".to_owned())
}

/// All files of a new project, by their path in it.
pub fn files(name: &str, example: &Example) -> Vec<(String, String)> {
    let Example { name: example, source, test: (test, test_source), cases } = *example;
    let crate_of = |name: &str| name.replace('-', "_");
    let (type_of_example, type_of_policy) = (type_name(example), free_type_name(name, example, source));
    let renamed = |text: &str| {
        text.replace(&format!("albatross_policy_{}", crate_of(example)), &crate_of(name))
            .replace(&type_of_example, &type_of_policy)
    };
    let own = [
        ("Cargo.toml", manifest(name)),
        ("Cargo.lock", LOCK.to_owned()),
        ("rust-toolchain.toml", TOOLCHAIN.lines().filter(|line| !line.starts_with('#')).map(line).collect()),
        (".cargo/config.toml", CONFIG.to_owned()),
        (".gitignore", "/target\n".to_owned()),
        ("README.md", readme(name)),
        ("src/lib.rs", renamed(source)),
        (CASES, with_component(cases, &component(name))),
        ("albatross/Cargo.toml", workspace()),
        ("albatross/LICENSE-APACHE", LICENSES[0].to_owned()),
        ("albatross/LICENSE-MIT", LICENSES[1].to_owned()),
    ];
    let own = own.into_iter().map(|(path, text)| (path.to_owned(), text));
    let test = [(format!("tests/{test}"), renamed(test_source))];
    let beside = BESIDE.iter().map(|(path, text)| (format!("albatross/{path}"), (*text).to_owned()));
    own.chain(test).chain(beside).collect()
}

/// The name of the type of a policy: `ByTeam` for `by-team`.
fn type_name(policy: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    policy.split('-').map(capital).collect()
}

/// The same for a new policy, if the source of the example does not have the name already, as it has `Settings`.
fn free_type_name(policy: &str, example: &str, source: &str) -> String {
    let name = type_name(policy);
    let mut words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
    if policy != example && words.any(|word| word == name) { format!("{name}Policy") } else { name }
}

/// The file of cases for `policy test`.
const CASES: &str = "policy-test.yaml";

/// The component that a project builds, as a path in it.
fn component(name: &str) -> String {
    format!("target/wasm32-unknown-unknown/release/{}.wasm", name.replace('-', "_"))
}

/// Cases for another component.
fn with_component(cases: &str, component: &str) -> String {
    let line = |line: &str| match line.starts_with("policy: ") {
        true => format!("policy: {component}\n"),
        false => format!("{line}\n"),
    };
    cases.lines().map(line).collect()
}

/// Writes a new project into a folder that does not exist yet.
///
/// # Errors
/// The folder exists, or a file cannot be written.
pub fn write(folder: &Path, name: &str, example: &Example) -> Result<(), Error> {
    if folder.exists() {
        return Err(Error::ProjectExists { path: folder.to_owned() });
    }
    for (path, text) in files(name, example) {
        let path = folder.join(path);
        write_file(&path, &text).map_err(|source| Error::Unwritable { path: path.clone(), source })?;
    }
    Ok(())
}

fn write_file(path: &PathBuf, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

fn line(line: &str) -> String {
    format!("{line}\n")
}

fn manifest(name: &str) -> String {
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false

[lib]
# `cdylib` is the component, `lib` is what the tests use.
crate-type = ["cdylib", "lib"]

[dependencies]
albatross-policy = {{ path = "albatross/policies/sdk" }}
schemars = {{ version = "1", default-features = false, features = ["derive"] }}
serde = {{ version = "1", features = ["derive"] }}

[profile.release]
opt-level = "s"
lto = true
codegen-units = 1
panic = "abort"
strip = "debuginfo"

[workspace]
exclude = ["albatross"]
"#
    )
}

/// rustc brings this linker, for its own targets that are components: it makes a component of the linked module.
const CONFIG: &str = r#"[target.wasm32-unknown-unknown]
linker = "wasm-component-ld"
"#;

fn readme(name: &str) -> String {
    let file = component(name);
    format!(
        r#"# {name}

A policy for Albatross.

```sh
cargo test
cargo build --release --target wasm32-unknown-unknown
albatross policy test
albatross policy check {file}
albatross plan --policy {file} --snapshot SNAPSHOT
```

`src/lib.rs` is the policy, and `tests` says what it promises for questions. `policy-test.yaml` says what the component decides about
snapshots and manifests. `albatross` is a copy of the contract and of the SDK, from the
release of Albatross that made this project; `albatross/wit/policies.wit` says what a policy is asked.
"#
    )
}

/// The dependencies of the contract and of the SDK.
const NEEDED: &[&str] = &[
    "albatross-contract",
    "serde",
    "serde_json",
    "schemars",
    "thiserror",
    "wasmtime",
    "wit-bindgen",
    "wit-bindgen-core",
    "wit-bindgen-rust",
];

/// The manifest of the workspace in the folder `albatross`: the parts of this repository's manifest that it needs.
fn workspace() -> String {
    let mut text = String::from("[workspace]\nresolver = \"3\"\nmembers = [\"wit\", \"policies/sdk\"]\n");
    let mut table = "";
    for line in WORKSPACE.lines() {
        if line.starts_with('[') {
            table = line;
        }
        let is_wanted = match table {
            "[workspace.package]" | "[workspace.lints.rust]" | "[workspace.lints.clippy]" => true,
            "[workspace.dependencies]" => {
                line.starts_with('[')
                    || line.split_once(" = ").is_some_and(|(name, _)| NEEDED.contains(&name))
            }
            _ => false,
        };
        if is_wanted {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_new_policy_has_its_name_and_no_other_type_of_the_source_has() {
        for (policy, expected) in [
            ("shop-teams", "ShopTeams"),
            ("v-2", "V2"),
            ("settings", "SettingsPolicy"),
            ("by-team", "ByTeam"),
        ] {
            let files = files(policy, &BY_TEAM);
            let source = &files.iter().find(|(path, _)| path == "src/lib.rs").unwrap().1;
            assert!(source.contains(&format!("pub struct {expected};")), "{policy}");
            assert!(source.contains(&format!("export!({expected}: grouping)")), "{policy}");
            assert!(policy == "by-team" || !source.contains("ByTeam"), "{policy}");
        }
    }
}
