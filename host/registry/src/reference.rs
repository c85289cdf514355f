//! References to what is in a registry, in the form of docker, with a digest.

use std::{fmt, net::IpAddr};

use crate::Digest;

/// How a reference begins.
pub const SCHEME: &str = "oci://";

/// A component in a registry: `oci://HOST[:PORT]/REPOSITORY[:TAG]@sha256:DIGEST`.
///
/// The digest is that of the manifest, as all clients of registries print it. It alone decides what is pulled: the tag is
/// only for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    text: String,
    pub(crate) host: String,
    pub(crate) repository: String,
    pub(crate) digest: Digest,
}

/// Why a text is not a reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// There is no repository.
    #[error("'{text}' has no repository: write oci://HOST/REPOSITORY@sha256:DIGEST")]
    NoRepository {
        /// The reference.
        text: String,
    },
    /// The host cannot be one.
    #[error("'{host}' is not the host of a registry: write HOST or HOST:PORT")]
    Host {
        /// What stands there.
        host: String,
    },
    /// The name of the repository cannot be one.
    #[error(
        "'{repository}' is not the name of a repository: it has lower-case letters, digits, '.', '_' and '-', in parts that '/' \
         separates"
    )]
    Repository {
        /// What stands there.
        repository: String,
    },
    /// The tag cannot be one.
    #[error(
        "'{tag}' is not a tag: it has up to 128 letters, digits, '.', '_' and '-', and begins with none of '.' and '-'"
    )]
    Tag {
        /// What stands there.
        tag: String,
    },
    /// There is no digest.
    #[error(
        "'{text}' has no digest. What a tag names can change at any time, and the plan with it: append @sha256:DIGEST, \
         which `oras resolve {name}` and `crane digest {name}` print"
    )]
    NoDigest {
        /// The reference.
        text: String,
        /// The reference as other clients take it.
        name: String,
    },
    /// The digest cannot be one.
    #[error("'{digest}' is not a digest: write sha256: and 64 hexadecimal digits in lower case")]
    Digest {
        /// What stands there.
        digest: String,
    },
}

impl Reference {
    /// Whether a text claims to be a reference.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// Reads a reference.
    ///
    /// # Errors
    /// The first part that is wrong or missing.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        let name = text.strip_prefix(SCHEME).unwrap_or(text);
        let no_repository = || ReferenceError::NoRepository { text: text.to_owned() };
        let (host, path) = name.split_once('/').ok_or_else(no_repository)?;
        if !is_host(host) {
            return Err(ReferenceError::Host { host: host.to_owned() });
        }
        let (path, digest) = path.split_once('@').map_or((path, None), |(path, digest)| (path, Some(digest)));
        let (repository, tag) = path.split_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
        if repository.is_empty() {
            return Err(no_repository());
        }
        if !is_repository(repository) {
            return Err(ReferenceError::Repository { repository: repository.to_owned() });
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(ReferenceError::Tag { tag: tag.to_owned() });
        }
        let no_digest = || ReferenceError::NoDigest { text: text.to_owned(), name: name.to_owned() };
        let digest = digest.ok_or_else(no_digest)?;
        let digest =
            Digest::parse(digest).ok_or_else(|| ReferenceError::Digest { digest: digest.to_owned() })?;
        let (host, repository) = (host.to_owned(), repository.to_owned());
        Ok(Reference { text: text.to_owned(), host, repository, digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `localhost`, `registry.example.org:5000`, `[::1]:5000`.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            return address.parse::<std::net::Ipv6Addr>().is_ok() && (port.is_empty() || is_port(port));
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_allowed)
    };
    name.split('.').all(is_label) && (port.is_empty() || is_port(port))
}

/// `:5000`.
fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| {
        digits.bytes().all(|it| it.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

/// The grammar of the OCI distribution specification, except that separators may repeat.
fn is_repository(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.split('/').all(|part| {
        let ends = [part.bytes().next(), part.bytes().last()];
        ends.iter().all(|end| end.is_some_and(is_alphanumeric))
            && part.bytes().all(|byte| is_alphanumeric(byte) || b"._-".contains(&byte))
    })
}

fn is_tag(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=128).contains(&text.len()) && !text.starts_with(['.', '-']) && text.bytes().all(is_allowed)
}

/// Whether a host, with or without a port, is this machine: as docker, such registries are asked without TLS.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_reference_has_a_host_a_repository_and_a_digest() {
        for (name, host, repository) in [
            ("ghcr.io/shop/policies/by-team", "ghcr.io", "shop/policies/by-team"),
            ("ghcr.io/shop/by-team:1.2.0", "ghcr.io", "shop/by-team"),
            ("localhost:5000/by_team", "localhost:5000", "by_team"),
            ("[::1]:5000/a/b-c__d.e:latest", "[::1]:5000", "a/b-c__d.e"),
        ] {
            let text = format!("oci://{name}@{DIGEST}");
            let reference = Reference::parse(&text).unwrap();
            assert_eq!((reference.host.as_str(), reference.repository.as_str()), (host, repository));
            assert_eq!(reference.digest, Digest::of(b""));
            assert_eq!(reference.to_string(), text);
        }
    }

    #[test]
    fn a_tag_alone_is_refused_with_the_way_to_the_digest() {
        let error = Reference::parse("oci://ghcr.io/shop/by-team:1.2.0").unwrap_err().to_string();
        assert!(error.contains("`oras resolve ghcr.io/shop/by-team:1.2.0`"), "{error}");
        let error = Reference::parse("oci://ghcr.io/shop/by-team").unwrap_err();
        assert!(matches!(error, ReferenceError::NoDigest { .. }), "{error}");
    }

    #[test]
    fn each_part_that_is_wrong_is_named() {
        let wrong = |text: &str| Reference::parse(text).unwrap_err();
        assert!(matches!(wrong("oci://ghcr.io"), ReferenceError::NoRepository { .. }));
        assert!(matches!(wrong("oci://ghcr.io/"), ReferenceError::NoRepository { .. }));
        assert!(matches!(wrong(&format!("oci://ghcr.io/@{DIGEST}")), ReferenceError::NoRepository { .. }));
        for host in [
            "",
            "a b",
            "-a.org",
            "ghcr.io:",
            "ghcr.io:99999",
            "user:pass@ghcr.io",
            "[::1",
            "[1.2.3.4]",
            "a..b",
        ] {
            let error = wrong(&format!("oci://{host}/by-team@{DIGEST}"));
            assert_eq!(error, ReferenceError::Host { host: host.to_owned() });
        }
        for repository in ["Shop/by-team", "shop//by-team", "shop/", "../by-team", "by team", "é", "-a"] {
            let error = wrong(&format!("oci://ghcr.io/{repository}@{DIGEST}"));
            assert_eq!(error, ReferenceError::Repository { repository: repository.to_owned() });
        }
        for tag in ["", "-1", "1/2", "a:b", &"a".repeat(129)] {
            let error = wrong(&format!("oci://ghcr.io/by-team:{tag}@{DIGEST}"));
            assert_eq!(error, ReferenceError::Tag { tag: tag.to_owned() });
        }
        for digest in ["", "latest", "sha512:00", &DIGEST[..70], &DIGEST.to_uppercase()] {
            let error = wrong(&format!("oci://ghcr.io/by-team@{digest}"));
            assert_eq!(error, ReferenceError::Digest { digest: digest.to_owned() });
        }
    }

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        for host in
            ["localhost", "localhost:5000", "LocalHost:1", "127.0.0.1", "127.1.2.3:80", "[::1]:5000", "[::1]"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "ghcr.io",
            "localhost.example.org",
            "10.0.0.1:5000",
            "[fe80::1]",
            "127.0.0.1.example.org",
            "registry",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
