//! The registry of the distribution project, which most registries are made of.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::Agent;

use crate::{
    TestServerError,
    agent::agent,
    authority::{self, Authority},
    folder::{Folder, last_lines, new_log, text, write},
    parts,
    tether::Tethered,
};

/// How long the registry may take to become ready. On an idle machine it takes milliseconds.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How long it may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How it says in its log that it is ready.
const READY: &str = "listening on ";

/// A user of a registry.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    /// Its name.
    pub user: &'static str,
    /// Name and password, joined by a colon, in base64.
    pub auth: &'static str,
    /// The hash of the password, by bcrypt.
    hash: &'static str,
}

impl Login {
    /// A user whose password is `secret`.
    pub const ANN: Login = Login {
        user: "ann",
        auth: "YW5uOnNlY3JldA==",
        hash: "$2a$04$NblGCD4GIq9nODmdnS4kcuE1VKqpMTGOeMVR0zsz..rFfKsH3dRsu",
    };
}

/// Settings of a registry.
#[derive(Clone, Copy, Debug, Default)]
pub struct RegistrySettings {
    /// Who alone may do anything. Absent: everybody.
    pub login: Option<Login>,
    /// Whether it speaks only HTTPS.
    pub encrypted: bool,
}

/// An OCI registry that keeps everything in memory.
#[derive(Debug)]
pub struct Registry {
    address: String,
    url: String,
    agent: Agent,
    login: Option<Login>,
    authority: Option<Authority>,
    _process: Tethered,
    _folder: Folder,
}

impl Registry {
    /// Starts a registry without TLS, in which everybody may do everything.
    ///
    /// # Errors
    /// It is not installed, does not start, or is not ready in time; the message has the end of its output.
    pub fn start() -> Result<Registry, TestServerError> {
        Registry::start_with(RegistrySettings::default())
    }

    /// Starts a registry with these settings.
    ///
    /// # Errors
    /// Those of [`Registry::start`].
    pub fn start_with(settings: RegistrySettings) -> Result<Registry, TestServerError> {
        let RegistrySettings { login, encrypted } = settings;
        let program = parts::registry_program()?;
        let own_folder = Folder::new()?;
        let folder = own_folder.path();
        let mut configuration = json!({
            "version": "0.1",
            "log": { "level": "info", "formatter": "json", "accesslog": { "disabled": true } },
            "storage": { "inmemory": {} },
            "http": { "addr": "127.0.0.1:0" },
        });
        if let Some(Login { user, hash, .. }) = login {
            let passwords = folder.join("htpasswd");
            write(&passwords, &format!("{user}:{hash}\n"))?;
            configuration["auth"] = json!({ "htpasswd": { "realm": "registry", "path": passwords } });
        }
        let authority = if encrypted { Some(Authority::new(folder)?) } else { None };
        if encrypted {
            let file = |name| folder.join(name);
            let (certificate, key) = (file(authority::SERVER_CERTIFICATE), file(authority::SERVER_KEY));
            configuration["http"]["tls"] = json!({ "certificate": certificate, "key": key });
        }
        // Its configuration is YAML, which includes JSON.
        let file = folder.join("registry.yml");
        write(&file, &configuration.to_string())?;
        let mut log = new_log(&folder.join("registry.log"))?;
        let arguments = ["serve".as_ref(), file.as_os_str()];
        let mut process = Tethered::start_with_folder(folder, &program, &arguments, &log)?;
        let begin = Instant::now();
        let address = loop {
            let said = text(&mut log).map_err(TestServerError::io("cannot read the log of the registry"))?;
            if let Some(address) = address(&said) {
                break address;
            }
            if process.ended() || begin.elapsed() > READY_WITHIN {
                let after = format!("after {} s", begin.elapsed().as_secs());
                return Err(TestServerError::NotReady {
                    server: "the registry",
                    after,
                    detail: last_lines(&mut log),
                });
            }
            thread::sleep(Duration::from_millis(10));
        };
        let agent = agent(authority.as_ref().map(Authority::certificate), ANSWER_WITHIN)?;
        let url = format!("{}://{address}", if encrypted { "https" } else { "http" });
        Ok(Registry { address, url, agent, login, authority, _process: process, _folder: own_folder })
    }

    /// Its host and port, such as `127.0.0.1:41753`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL, such as `http://127.0.0.1:41753`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file with the certificate of the authority that signed the registry's. `None`: it has none.
    pub fn ca_certificate(&self) -> Option<&Path> {
        self.authority.as_ref().map(Authority::certificate_path)
    }

    /// Publishes a component as the CNCF's guide for Wasm artifacts says, and returns the digest of the manifest.
    ///
    /// # Errors
    /// The registry refuses it.
    pub fn publish(&self, repository: &str, component: &[u8]) -> Result<String, TestServerError> {
        let layer = self.push_blob(repository, component)?;
        let config = json!({ "architecture": "wasm", "os": "wasip2", "layerDigests": [layer] }).to_string();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": "application/vnd.wasm.config.v0+json",
                "digest": self.push_blob(repository, config.as_bytes())?,
                "size": config.len(),
            },
            "layers": [{ "mediaType": "application/wasm", "digest": layer, "size": component.len() }],
        });
        self.push_manifest(repository, &manifest)
    }

    /// Uploads a blob, and returns its digest.
    ///
    /// # Errors
    /// The registry refuses it.
    pub fn push_blob(&self, repository: &str, bytes: &[u8]) -> Result<String, TestServerError> {
        let request = format!("{repository}/blobs/uploads/");
        let url = format!("{}/v2/{request}", self.url);
        let refused =
            |source| TestServerError::Request { request: request.clone(), source: Box::new(source) };
        let begun = self.authorized(self.agent.post(url)).send_empty().map_err(refused)?;
        let location = begun.headers().get("Location").and_then(|it| it.to_str().ok());
        let location = location
            .ok_or_else(|| TestServerError::Answer { request: request.clone(), missing: "Location" })?;
        let digest = sha256(bytes);
        let upload = self.agent.put(format!("{location}&digest={digest}"));
        self.authorized(upload)
            .header("Content-Type", "application/octet-stream")
            .send(bytes)
            .map_err(refused)?;
        Ok(digest)
    }

    /// Uploads a manifest, and returns its digest.
    ///
    /// # Errors
    /// The registry refuses it.
    pub fn push_manifest(&self, repository: &str, manifest: &Value) -> Result<String, TestServerError> {
        let text = manifest.to_string();
        let digest = sha256(text.as_bytes());
        let request = format!("{repository}/manifests/{digest}");
        let upload = self.agent.put(format!("{}/v2/{request}", self.url));
        let media_type = manifest["mediaType"].as_str().unwrap_or(MANIFEST);
        self.authorized(upload)
            .header("Content-Type", media_type)
            .send(text)
            .map_err(|source| TestServerError::Request { request, source: Box::new(source) })?;
        Ok(digest)
    }

    fn authorized<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match self.login {
            Some(Login { auth, .. }) => request.header("Authorization", format!("Basic {auth}")),
            None => request,
        }
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The address in the log of a registry that is ready.
fn address(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains(READY))?;
    let line: Value = serde_json::from_str(line).ok()?;
    let address = line["msg"].as_str()?.strip_prefix(READY)?;
    Some(address.trim_end_matches(", tls").to_owned())
}

/// The digest of a blob, as registries write it.
fn sha256(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
