//! The paths of the programs that the scripts in `scripts/test-servers/` install.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::TestServerError;

/// The folder of the programs: `test-servers` in cargo's target folder.
///
/// Cargo does not tell a library its target folder, but the program of every test is inside that folder.
pub(crate) fn folder() -> Result<PathBuf, TestServerError> {
    let program = env::current_exe().map_err(TestServerError::io("cannot find the path of this program"))?;
    let found = program.ancestors().skip(1).map(|it| it.join("test-servers")).find(|it| it.is_dir());
    found.ok_or(TestServerError::NoParts { program })
}

/// The Python of moto's environment.
pub(crate) fn moto_python() -> Result<PathBuf, TestServerError> {
    existing("moto", folder()?.join("moto/bin/python"), "scripts/test-servers/moto.sh")
}

/// The program that starts moto.
pub(crate) fn moto_server() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-servers/moto/server.py")
}

/// kube-apiserver or etcd: in the folder that the usual variable `KUBEBUILDER_ASSETS` names, or where the script builds
/// them.
pub(crate) fn kubernetes_program(name: &'static str) -> Result<PathBuf, TestServerError> {
    let bin = match env::var_os("KUBEBUILDER_ASSETS") {
        Some(assets) if !assets.is_empty() => PathBuf::from(assets),
        _ => folder()?.join("bin"),
    };
    existing(name, bin.join(name), "scripts/test-servers/kubernetes.sh")
}

/// The OCI registry.
pub(crate) fn registry_program() -> Result<PathBuf, TestServerError> {
    existing("the OCI registry", folder()?.join("bin/registry"), "scripts/test-servers/registry.sh")
}

/// external-dns.
pub(crate) fn external_dns() -> Result<PathBuf, TestServerError> {
    existing("external-dns", folder()?.join("bin/external-dns"), "scripts/test-servers/external-dns.sh")
}

/// Helm.
///
/// # Errors
/// It is not built.
pub fn helm() -> Result<PathBuf, TestServerError> {
    existing("Helm", folder()?.join("bin/helm"), "scripts/test-servers/helm.sh")
}

/// promtool, which checks and tests rules of Prometheus.
///
/// # Errors
/// It is not built.
pub fn promtool() -> Result<PathBuf, TestServerError> {
    existing("promtool", folder()?.join("bin/promtool"), "scripts/test-servers/promtool.sh")
}

/// The Python of the environment in which zig is installed, which is a C compiler for WebAssembly.
///
/// # Errors
/// zig is not installed.
pub fn zig_python() -> Result<PathBuf, TestServerError> {
    existing("zig", folder()?.join("zig/bin/python"), "scripts/test-servers/zig.sh")
}

/// Chromium, a browser without windows.
///
/// # Errors
/// It is not installed.
pub fn chromium() -> Result<PathBuf, TestServerError> {
    existing("Chromium", folder()?.join("bin/chromium"), "scripts/test-servers/chromium.sh")
}

fn existing(part: &'static str, path: PathBuf, script: &'static str) -> Result<PathBuf, TestServerError> {
    if path.exists() { Ok(path) } else { Err(TestServerError::MissingPart { part, path, script }) }
}
