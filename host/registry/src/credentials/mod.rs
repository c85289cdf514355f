//! Credentials for registries, as docker keeps them.

mod config;
mod helper;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use albatross_files::read_at_most;
use config::Config;
use helper::Helper;

/// The largest configuration of docker.
const MOST: u64 = 4 << 20;

/// Credentials for a registry.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    Password {
        user: String,
        password: String,
    },
    /// It is exchanged for tokens.
    IdentityToken(String),
    /// It is a token.
    RegistryToken(String),
}

/// The configuration of docker: `config.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockerConfig {
    path: Option<PathBuf>,
    /// The folders of the credential helpers, as in `PATH`.
    programs: OsString,
}

/// Why the configuration of docker cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialFault {
    /// The file cannot be read.
    #[error("credentials: {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is too large.
    #[error("credentials: {}: larger than {} MiB, so it is no configuration of docker", path.display(), MOST >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what docker writes.
    // The message of serde would quote what is there, which may be a password.
    #[error(
        "credentials: {}: not a configuration of docker: line {}, column {}",
        path.display(), source.line(), source.column()
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: serde_json::Error,
    },
    /// An entry is not what docker writes.
    #[error("credentials: {}: auths.\"{entry}\".auth is not 'user:password' in base64", path.display())]
    Auth {
        /// The file.
        path: PathBuf,
        /// The entry.
        entry: String,
    },
    /// A credential helper does not start.
    #[error(
        "credentials: {} names the credential helper {program}, which does not start: {source}; install it, or write the \
         credentials into the file",
        path.display()
    )]
    HelperMissing {
        /// The file.
        path: PathBuf,
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A credential helper has no credentials, for a reason other than that there are none.
    #[error("credentials: {program} failed: {message}")]
    HelperFailed {
        /// The program.
        program: String,
        /// What it printed.
        message: String,
    },
    /// A credential helper does not end.
    #[error("credentials: {program} did not end within {} s", .waited.as_secs_f32())]
    HelperSilent {
        /// The program.
        program: String,
        /// How long.
        waited: Duration,
    },
}

impl DockerConfig {
    /// The file that docker would read: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. Credential helpers are
    /// searched for in the folders of `PATH`.
    pub fn of_environment(variable: impl Fn(&str) -> Option<OsString>) -> DockerConfig {
        let variable = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = variable("DOCKER_CONFIG").or_else(|| variable("HOME").map(|home| home.join(".docker")));
        let programs = variable("PATH").unwrap_or_default().into();
        DockerConfig { path: folder.map(|folder| folder.join("config.json")), programs }
    }

    /// The credentials for a repository; a credential helper may take `patience`.
    pub(crate) async fn find(
        &self,
        host: &str,
        repository: &str,
        patience: Duration,
    ) -> Result<Option<Credentials>, CredentialFault> {
        let Some(path) = &self.path else { return Ok(None) };
        let Some(config) = read(path)? else { return Ok(None) };
        if let Some(helper) = config.helper(host) {
            let helper = Helper::new(helper, path, &self.programs);
            let found = helper.ask(&config::server(host), patience).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        config.entry(host, repository).map_err(|entry| CredentialFault::Auth { path: path.clone(), entry })
    }

    /// Where no credentials for this host are.
    pub(crate) fn has_none(&self, host: &str) -> String {
        match &self.path {
            None => "neither DOCKER_CONFIG nor HOME says where docker keeps them".to_owned(),
            Some(path) if !path.exists() => format!("{} does not exist", path.display()),
            Some(path) => format!("{} has none for {host}", path.display()),
        }
    }

    /// Where credentials are.
    pub(crate) fn describe(&self, credentials: &Credentials) -> String {
        let place = self.path.as_deref().unwrap_or(Path::new("")).display();
        match credentials {
            Credentials::Password { user, .. } => format!("the credentials of user '{user}' from {place}"),
            _ => format!("the credentials from {place}"),
        }
    }
}

/// `None`: there is no such file.
fn read(path: &Path) -> Result<Option<Config>, CredentialFault> {
    let unreadable = |source| CredentialFault::Unreadable { path: path.to_owned(), source };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let text = read_at_most(file, MOST).map_err(unreadable)?;
    let text = text.ok_or_else(|| CredentialFault::TooLarge { path: path.to_owned() })?;
    let invalid = |source| CredentialFault::Invalid { path: path.to_owned(), source };
    serde_json::from_slice(&text).map(Some).map_err(invalid)
}
