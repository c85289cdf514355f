//! Builds the guests in a separate cargo process and makes components from them.

use std::{
    env,
    error::Error,
    ffi::{OsStr, OsString},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};
use wit_component::ComponentEncoder;

/// A guest crate and its component.
struct Guest {
    package: &'static str,
    folder: &'static str,
    /// Name of the constants.
    constant: &'static str,
    /// Name of the file, without its ending.
    file: &'static str,
    /// A description, for the documentation of the constants.
    what: &'static str,
    /// Whether people use the component as a file.
    policy: bool,
}

const GUESTS: &[Guest] = &[
    Guest {
        package: "albatross-planner",
        folder: "planner-wasm",
        constant: "PLANNER",
        file: "planner",
        what: "The planner",
        policy: false,
    },
    Guest {
        package: "albatross-policy-one-per-namespace",
        folder: "policies/one-per-namespace",
        constant: "ONE_PER_NAMESPACE",
        file: "one-per-namespace",
        what: "The grouping policy that gives each namespace a load balancer",
        policy: true,
    },
    Guest {
        package: "albatross-policy-by-team",
        folder: "policies/by-team",
        constant: "BY_TEAM",
        file: "by-team",
        what: "The grouping policy that gives each team a load balancer, up to a number",
        policy: true,
    },
];

const TARGET: &str = "wasm32-unknown-unknown";

/// Variables of the outer build that must not influence the guest: another compiler driver (clippy, a cache), flags for
/// another machine, another folder, another profile, code coverage.
const NOT_INHERITED: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET",
    "LLVM_PROFILE_FILE",
];

/// Prefixes of further such variables.
const NOT_INHERITED_PREFIXES: &[&str] = &["CARGO_PROFILE_", "CARGO_FEATURE_", "CARGO_CFG_", "CLIPPY_"];

fn main() -> Result<(), Box<dyn Error>> {
    let repository = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let target = target_folder(&out)?;
    rerun_if_sources_change(&repository);
    require_wasm_target()?;

    let mut constants = String::new();
    for guest in GUESTS {
        let core = build(guest, &repository, &target)?;
        let component = ComponentEncoder::default()
            .validate(true)
            .module(&fs::read(&core)?)
            .and_then(|encoder| encoder.encode())
            .map_err(|error| format!("{} does not fit the contract in wit/: {error:#}", guest.package))?;
        let name = format!("{}.wasm", guest.file);
        write_if_changed(&out.join(&name), &component)?;
        // For the build scripts of dependent crates: DEP_ALBATROSS_COMPONENTS_PLANNER.
        println!("cargo:{}={}", guest.constant, out.join(&name).display());
        if guest.policy {
            write_if_changed(&target.join("policies").join(&name), &component)?;
        }
        let Guest { constant, what, .. } = guest;
        writeln!(constants, "/// {what}, a WebAssembly component.")?;
        writeln!(
            constants,
            "pub const {constant}: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"));"
        )?;
        writeln!(constants, "/// SHA-256 of [`{constant}`], 64 hexadecimal digits.")?;
        writeln!(constants, "pub const {constant}_SHA256: &str = \"{}\";", hexadecimal(&component)?)?;
    }
    fs::write(out.join("components.rs"), constants)?;
    Ok(())
}

/// The target folder of the outer build: two levels above the folder `build` that contains OUT_DIR (Cargo book, "Build
/// cache").
///
/// All profiles share this folder and the guests in it; in OUT_DIR each profile would build them again. CACHEDIR.TAG does
/// not identify it: cargo writes that file only into a folder that it created itself, and the servers for the tests may
/// have been put there before.
fn target_folder(out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    out.ancestors()
        .find(|folder| folder.file_name() == Some(OsStr::new("build")))
        .and_then(|build| build.ancestors().nth(2))
        .map(Path::to_owned)
        .ok_or_else(|| format!("cargo put OUT_DIR, {}, not into target/PROFILE/build", out.display()).into())
}

/// Runs this script again when a file changes that influences the bytes of a guest.
fn rerun_if_sources_change(repository: &Path) {
    let shared =
        ["wit", "policies/sdk", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"].map(str::to_owned);
    let own =
        GUESTS.iter().flat_map(|guest| ["src", "Cargo.toml"].map(|part| format!("{}/{part}", guest.folder)));
    for path in shared.into_iter().chain(own) {
        println!("cargo:rerun-if-changed={}", repository.join(path).display());
    }
    println!("cargo:rerun-if-changed=build.rs");
}

/// Says what to do if the standard library for guests is missing, which cargo would report in a hundred errors.
fn require_wasm_target() -> Result<(), Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").ok_or("cargo did not set RUSTC")?;
    let asked = Command::new(&rustc).args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let folder = String::from_utf8(asked.stdout)?;
    if asked.status.success() && Path::new(folder.trim()).exists() {
        return Ok(());
    }
    Err(format!(
        "the planner is built for {TARGET}, and this Rust has no standard library for it: run `rustup target add {TARGET}`"
    )
    .into())
}

/// Builds the core module of a guest and returns its path.
fn build(guest: &Guest, repository: &Path, target: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let folder = target.join("guest");
    let mut cargo = Command::new(env::var_os("CARGO").ok_or("cargo did not set CARGO")?);
    // With this crate type in the manifest, the native build would link a library with imports that do not exist.
    cargo
        .current_dir(repository)
        .args(["rustc", "--locked", "--lib", "--crate-type", "cdylib", "--profile", "guest"])
        .args(["--package", guest.package, "--target", TARGET])
        .arg("--target-dir")
        .arg(&folder);
    for (name, _) in env::vars_os() {
        if let Some(known) = name.to_str()
            && (NOT_INHERITED.contains(&known) || NOT_INHERITED_PREFIXES.iter().any(|p| known.starts_with(p)))
        {
            cargo.env_remove(name);
        }
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", same_bytes_in_any_folder(repository, target)?);
    let status = cargo.status()?;
    if !status.success() {
        return Err(format!(
            "building {} for {TARGET} failed ({status}); its errors are above",
            guest.package
        )
        .into());
    }
    let name = format!("{}.wasm", guest.package.replace('-', "_"));
    Ok(folder.join(TARGET).join("guest").join(name))
}

/// Panic messages contain paths of sources; this makes them the same on every machine. The last mapping that matches
/// applies.
fn same_bytes_in_any_folder(repository: &Path, target: &Path) -> Result<OsString, Box<dyn Error>> {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or("neither CARGO_HOME nor a home folder is known")?;
    let mut flags = OsString::new();
    for (folder, name) in [(repository, "/albatross"), (target, "/target"), (&cargo_home, "/cargo")] {
        if !flags.is_empty() {
            flags.push("\x1f");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(OsStr::new(name));
    }
    Ok(flags)
}

/// Writes a file only if its content changes, so that its modification time does not cause another build.
fn write_if_changed(path: &Path, contents: &[u8]) -> Result<(), Box<dyn Error>> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, contents).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// SHA-256 in hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> Result<String, std::fmt::Error> {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        write!(digits, "{byte:02x}")?;
    }
    Ok(digits)
}
