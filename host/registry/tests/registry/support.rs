//! What the tests pull, and how.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use albatross_registry::{Cache, Digest, DockerConfig, NotPulled, Patience, Puller, Reference};

/// Stands for a component: what is in it does not matter here.
pub const COMPONENT: &[u8] = b"\0asm a component";
/// The limit for components.
pub const MOST: u64 = 2 << 20;

/// A manifest that leads to a layer.
pub fn manifest(layer: Digest, size: usize) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[
            {{"mediaType":"application/wasm","digest":"{layer}","size":{size}}}]}}"#
    )
}

/// The manifest of [`COMPONENT`].
pub fn good_manifest() -> String {
    manifest(Digest::of(COMPONENT), COMPONENT.len())
}

/// The reference to a manifest in the registry at this address.
pub fn reference(address: &str, manifest: &str) -> Reference {
    Reference::parse(&format!("oci://{address}/shop/by-team@{}", Digest::of(manifest.as_bytes()))).unwrap()
}

/// A folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("registry").join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// Pulls into a cache in this folder, with the credentials and the credential helpers in it.
pub fn puller(folder: &Path) -> Puller {
    Puller {
        cache: Cache::at(folder.join("cache")),
        credentials: DockerConfig::of_environment(|name| match name {
            "DOCKER_CONFIG" => Some(folder.as_os_str().to_owned()),
            // Credential helpers are in the folder too.
            "PATH" => Some(format!("{}:/usr/bin:/bin", folder.display()).into()),
            _ => None,
        }),
        most: MOST,
        // Long enough for a busy machine.
        patience: Patience { wait: Duration::from_secs(60), whole: Duration::from_secs(120) },
    }
}

/// Writes the configuration of docker, with this entry for a registry.
pub fn docker_config(folder: &Path, host: &str, entry: &str) {
    fs::write(folder.join("config.json"), format!(r#"{{"auths": {{"{host}": {entry}}}}}"#)).unwrap();
}

/// Pulls, and returns what a person was told as well.
pub fn pull(puller: &Puller, reference: &Reference) -> (Result<Vec<u8>, NotPulled>, Vec<String>) {
    let mut told = Vec::new();
    let pulled = puller.pull(reference, &mut |message| told.push(message.to_owned()));
    (pulled, told)
}

/// Pulls, which must fail, and returns the reason.
pub fn reason(puller: &Puller, reference: &Reference) -> String {
    let error = pull(puller, reference).0.expect_err("it cannot be pulled").to_string();
    let reason = error.strip_prefix(&format!("{reference}: "));
    reason.unwrap_or_else(|| panic!("it does not begin with the reference: {error}")).to_owned()
}
