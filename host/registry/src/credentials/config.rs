//! What is in the configuration of docker.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::Credentials;
use crate::hub;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Config {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// What docker calls the registry at this host.
pub(super) fn server(host: &str) -> String {
    if hub::is_meant(host) { hub::SERVER.to_owned() } else { host.to_owned() }
}

impl Config {
    /// The credential helper for this host, without `docker-credential-`.
    pub(super) fn helper(&self, host: &str) -> Option<&str> {
        let own = [host, &server(host)].into_iter().find_map(|name| self.cred_helpers.get(name));
        own.or(self.creds_store.as_ref()).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// The credentials in the file: those of the repository or its closest parent, else those of the host. `Err`: the entry
    /// cannot be read.
    pub(super) fn entry(&self, host: &str, repository: &str) -> Result<Option<Credentials>, String> {
        let matches = |key: &str| {
            let (of, path) = split(key);
            let is_host = of == host || (hub::is_meant(of) && hub::is_meant(host));
            let below =
                repository.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            is_host.then_some(path.len()).filter(|_| path.is_empty() || below)
        };
        let found = self.auths.iter().filter_map(|(key, entry)| Some((matches(key)?, key, entry)));
        let Some((_, key, entry)) = found.max_by_key(|(length, _, _)| *length) else { return Ok(None) };
        entry.credentials().map_err(|()| key.clone())
    }
}

/// The host and the path of an entry, whose name is a host, a URL of older versions, or has a path as podman's and those of
/// Kubernetes can have.
fn split(key: &str) -> (&str, &str) {
    let name = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    match path.trim_end_matches('/') {
        // The path of the API, which is the same for all repositories.
        "v1" | "v2" => (host, ""),
        path => (host, path),
    }
}

impl Entry {
    /// `None`: it is empty, as docker writes it when a helper has the credentials. `Err`: `auth` cannot be read.
    fn credentials(&self) -> Result<Option<Credentials>, ()> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.identitytoken) {
            return Ok(Some(Credentials::IdentityToken(token)));
        }
        if let Some(token) = given(&self.registrytoken) {
            return Ok(Some(Credentials::RegistryToken(token)));
        }
        let (user, password) = match given(&self.auth) {
            Some(auth) => decode(&auth).ok_or(())?,
            None => match (given(&self.username), given(&self.password)) {
                (Some(user), Some(password)) => (user, password),
                _ => return Ok(None),
            },
        };
        Ok(Some(Credentials::Password { user, password }))
    }
}

/// `user:password` in base64.
fn decode(auth: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(auth.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    // Some versions of docker pad the password.
    Some((user.to_owned(), password.trim_end_matches('\0').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        serde_json::from_str(text).unwrap()
    }

    fn user(config: &Config, host: &str, repository: &str) -> Option<String> {
        match config.entry(host, repository).unwrap()? {
            Credentials::Password { user, password } => {
                assert_eq!(password, "secret");
                Some(user)
            }
            Credentials::IdentityToken(token) => Some(format!("identity {token}")),
            Credentials::RegistryToken(token) => Some(format!("registry {token}")),
        }
    }

    #[test]
    fn credentials_are_found_in_every_form_that_docker_and_kubernetes_write() {
        // The first is `ann:secret` in base64.
        let config = config(
            r#"{"auths": {
                "a.example.org": {"auth": "YW5uOnNlY3JldA=="},
                "https://b.example.org/v1/": {"username": "bob", "password": "secret", "email": "b@example.org"},
                "c.example.org:5000": {"auth": "YW5uOnNlY3JldA==", "identitytoken": "t"},
                "d.example.org": {"registrytoken": "r"},
                "e.example.org": {},
                "https://index.docker.io/v1/": {"username": "hub", "password": "secret"}
            }, "HttpHeaders": {"User-Agent": "Docker-Client"}}"#,
        );
        let found = |host: &str| user(&config, host, "shop/by-team");
        assert_eq!(found("a.example.org").as_deref(), Some("ann"));
        assert_eq!(found("b.example.org").as_deref(), Some("bob"));
        assert_eq!(found("c.example.org:5000").as_deref(), Some("identity t"));
        assert_eq!(found("d.example.org").as_deref(), Some("registry r"));
        assert_eq!(found("docker.io").as_deref(), Some("hub"));
        for host in ["e.example.org", "f.example.org", "c.example.org", "example.org"] {
            assert_eq!(found(host), None, "{host}");
        }
    }

    #[test]
    fn the_credentials_of_the_closest_parent_count() {
        let entry = |user: &str| format!(r#"{{"username": "{user}", "password": "secret"}}"#);
        let config = config(&format!(
            r#"{{"auths": {{"a.org": {}, "a.org/shop": {}, "a.org/shop/by-team": {}}}}}"#,
            entry("all"),
            entry("shop"),
            entry("team")
        ));
        assert_eq!(user(&config, "a.org", "shop/by-team").as_deref(), Some("team"));
        assert_eq!(user(&config, "a.org", "shop/by-team2").as_deref(), Some("shop"));
        assert_eq!(user(&config, "a.org", "shopping/x").as_deref(), Some("all"));
    }

    #[test]
    fn the_helper_of_a_host_counts_more_than_that_of_all() {
        let config = config(r#"{"credsStore": "pass", "credHelpers": {"a.org": "ecr-login"}}"#);
        assert_eq!(config.helper("a.org"), Some("ecr-login"));
        assert_eq!(config.helper("b.org"), Some("pass"));
        assert_eq!(Config::default().helper("a.org"), None);
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_named() {
        for auth in ["%", "YW5u", "/w=="] {
            let config = config(&format!(r#"{{"auths": {{"a.org": {{"auth": "{auth}"}}}}}}"#));
            assert_eq!(config.entry("a.org", "x").err(), Some("a.org".to_owned()), "{auth}");
        }
    }
}
