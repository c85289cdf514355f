//! Backends: servers on this machine that stand for a Service.

use std::{collections::BTreeMap, fmt, str::FromStr};

use hyper::{Uri, http::uri::Authority};

/// A server that speaks HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// The backends by Service, as `namespace/name`.
pub type Backends = BTreeMap<String, Backend>;

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Backend, String> {
        let url: Uri = text
            .parse()
            .map_err(|error| format!("'{text}' is not a URL such as http://127.0.0.1:3000: {error}"))?;
        if url.scheme_str() != Some("http") {
            return Err(format!("'{text}' does not begin with http://: backends are reached over HTTP"));
        }
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let is_host_and_port = url.authority().is_some_and(|it| !it.as_str().contains('@'));
        if !is_host_and_port || host.is_empty() || url.path() != "/" || url.query().is_some() {
            return Err(format!(
                "'{text}' has more than a host and a port: path and query of a request are those of the client"
            ));
        }
        // A port that is no number up to 65,535 is in the authority, and is not known as its port.
        let has_port = url.authority().map(Authority::as_str) != url.host();
        match url.port_u16() {
            None if !has_port => Ok(Backend { host, port: 80 }),
            Some(port) if port > 0 => Ok(Backend { host, port }),
            _ => Err(format!("'{text}' has no port that can be reached")),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "http://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_a_host_and_a_port() {
        for (text, expected) in [
            ("http://127.0.0.1:3000", Ok("http://127.0.0.1:3000")),
            ("http://localhost/", Ok("http://localhost:80")),
            ("http://[::1]:3000", Ok("http://[::1]:3000")),
            ("https://localhost", Err("does not begin with http://")),
            ("localhost:3000", Err("does not begin with http://")),
            ("http://localhost/app", Err("more than a host and a port")),
            ("http://u:p@localhost", Err("more than a host and a port")),
            ("http://localhost:99999", Err("no port that can be reached")),
            ("http://localhost:0", Err("no port that can be reached")),
            ("3000", Err("does not begin with http://")),
        ] {
            match (text.parse::<Backend>(), expected) {
                (Ok(backend), Ok(expected)) => assert_eq!(backend.to_string(), expected),
                (Err(error), Err(expected)) => {
                    assert!(error.contains(expected) && error.contains(text), "{error}");
                }
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
    }
}
