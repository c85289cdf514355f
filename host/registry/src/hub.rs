//! Docker Hub, whose registry is not at the host that names it.

/// What docker calls Docker Hub where it keeps credentials.
pub(crate) const SERVER: &str = "https://index.docker.io/v1/";

/// Whether this host means Docker Hub.
pub(crate) fn is_meant(host: &str) -> bool {
    ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(&host)
}

/// Where the registry with this name is.
pub(crate) fn registry(host: &str) -> &str {
    if is_meant(host) { "registry-1.docker.io" } else { host }
}
