//! Where the programs are that `scripts/test-servers/` brings.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::TestServerError;

/// The folder of the parts: `test-servers` in cargo's target folder.
///
/// Cargo tells a library nothing about its target folder, but every test runs from inside it.
pub(crate) fn folder() -> Result<PathBuf, TestServerError> {
    let program = env::current_exe().map_err(TestServerError::io("cannot tell what program this is"))?;
    let found = program.ancestors().skip(1).map(|it| it.join("test-servers")).find(|it| it.is_dir());
    found.ok_or(TestServerError::NoParts { program })
}

/// The Python of the environment that has moto.
pub(crate) fn moto_python() -> Result<PathBuf, TestServerError> {
    existing("moto", folder()?.join("moto/bin/python"), "scripts/test-servers/moto.sh")
}

/// The program that starts moto.
pub(crate) fn moto_server() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-servers/moto/server.py")
}

/// kube-apiserver or etcd: from the folder that `KUBEBUILDER_ASSETS` names, as everywhere in the ecosystem, or from
/// where the script builds them.
pub(crate) fn kubernetes_program(name: &'static str) -> Result<PathBuf, TestServerError> {
    let bin = match env::var_os("KUBEBUILDER_ASSETS") {
        Some(assets) if !assets.is_empty() => PathBuf::from(assets),
        _ => folder()?.join("bin"),
    };
    existing(name, bin.join(name), "scripts/test-servers/kubernetes.sh")
}

fn existing(part: &'static str, path: PathBuf, script: &'static str) -> Result<PathBuf, TestServerError> {
    if path.exists() { Ok(path) } else { Err(TestServerError::MissingPart { part, path, script }) }
}
