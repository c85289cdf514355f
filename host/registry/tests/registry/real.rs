//! The registry of the distribution project.

use albatross_registry::{Digest, Reference};
use albatross_test_servers::{Login, Registry, RegistrySettings};
use serde_json::json;

use crate::{
    server::{Server, send, serve_component},
    support::{COMPONENT, MOST, docker_config, folder, good_manifest, pull, puller, reason},
};

fn reference(registry: &Registry, name: &str, digest: &str) -> Reference {
    Reference::parse(&format!("oci://{}/{name}@{digest}", registry.address())).unwrap()
}

#[test]
fn a_published_component_is_pulled_by_its_digest_and_later_without_the_registry() {
    let folder = folder("real");
    let puller = puller(&folder);
    let registry = Registry::start().unwrap();
    let digest = registry.publish("shop/by-team", COMPONENT).unwrap();
    let named = reference(&registry, "shop/by-team:1.2.0", &digest);
    let (pulled, told) = pull(&puller, &named);
    assert_eq!((pulled.unwrap(), told), (COMPONENT.to_vec(), Vec::new()));

    let other = reference(&registry, "shop/by-team", &Digest::of(b"something else").to_string());
    let host = registry.address().to_owned();
    drop(registry);
    let (pulled, told) = pull(&puller, &named);
    assert_eq!((pulled.unwrap(), told), (COMPONENT.to_vec(), Vec::new()));
    // What is not in the cache cannot be pulled any more.
    let reason = reason(&puller, &other);
    let expected = format!("{host} cannot be reached: tcp connect error: Connection refused");
    assert!(reason.starts_with(&expected), "{reason}");
}

#[test]
fn what_a_registry_does_not_have_is_said_in_its_words() {
    let folder = folder("real-missing");
    let registry = Registry::start().unwrap();
    registry.publish("shop/by-team", COMPONENT).unwrap();
    let layer = Digest::of(COMPONENT).to_string();
    let reason = reason(&puller(&folder), &reference(&registry, "shop/by-team", &layer));
    assert!(
        reason.starts_with("the registry does not have it: MANIFEST_UNKNOWN: manifest unknown;"),
        "{reason}"
    );
}

#[test]
fn an_index_is_refused_with_the_manifest_to_name_instead() {
    let folder = folder("real-index");
    let registry = Registry::start().unwrap();
    let digest = registry.publish("shop/by-team", COMPONENT).unwrap();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let size = 1; // The registry checks only that the manifest exists.
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest,
            "size": size,
            "platform": { "architecture": "wasm", "os": "wasip2" },
        }],
    });
    let index = registry.push_manifest("shop/by-team", &index).unwrap();
    let reason = reason(&puller(&folder), &reference(&registry, "shop/by-team", &index));
    let expected = format!(
        "this is an index, which lists several manifests: take the digest of one of them: {digest} (wasip2/wasm)"
    );
    assert_eq!(reason, expected);
}

#[test]
fn a_container_image_is_no_component() {
    let folder = folder("real-image");
    let registry = Registry::start().unwrap();
    let blob = registry.push_blob("shop/web", b"layer").unwrap();
    let media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    let image = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": blob, "size": 5 },
        "layers": [{ "mediaType": media_type, "digest": blob, "size": 5 }],
    });
    let image = registry.push_manifest("shop/web", &image).unwrap();
    let reason = reason(&puller(&folder), &reference(&registry, "shop/web", &image));
    assert!(reason.contains("no component") && reason.ends_with(media_type), "{reason}");
}

#[test]
fn a_component_over_the_limit_is_not_pulled() {
    let folder = folder("real-large");
    let registry = Registry::start().unwrap();
    let digest = registry.publish("shop/large", &vec![0; MOST as usize + 1]).unwrap();
    let reason = reason(&puller(&folder), &reference(&registry, "shop/large", &digest));
    assert_eq!(reason, "the component has 2097153 bytes; a policy may have 2097152");
    let digest = registry.publish("shop/just-fits", &vec![0; MOST as usize]).unwrap();
    let (pulled, _) = pull(&puller(&folder), &reference(&registry, "shop/just-fits", &digest));
    assert_eq!(pulled.unwrap().len() as u64, MOST);
}

#[test]
fn credentials_of_docker_open_a_registry_and_wrong_ones_do_not() {
    let folder = folder("real-login");
    let puller = puller(&folder);
    let registry =
        Registry::start_with(RegistrySettings { login: Some(Login::ANN), ..RegistrySettings::default() })
            .unwrap();
    let digest = registry.publish("shop/by-team", COMPONENT).unwrap();
    let named = reference(&registry, "shop/by-team", &digest);
    let (host, config) = (registry.address(), folder.join("config.json"));

    let missing = format!(
        "{host} asks for credentials, and {} does not exist: run `docker login {host}`",
        config.display()
    );
    assert_eq!(reason(&puller, &named), missing);
    docker_config(&folder, "ghcr.io", r#"{"auth": "YW5uOnNlY3JldA=="}"#);
    let missing = format!("{host} asks for credentials, and {} has none for {host}", config.display());
    assert!(reason(&puller, &named).starts_with(&missing), "{}", reason(&puller, &named));

    // `ann:wrong`.
    docker_config(&folder, host, r#"{"auth": "YW5uOndyb25n"}"#);
    let refused =
        format!("{host} refuses the credentials of user 'ann' from {}: UNAUTHORIZED", config.display());
    assert!(reason(&puller, &named).starts_with(&refused), "{}", reason(&puller, &named));

    docker_config(&folder, host, &format!(r#"{{"auth": "{}"}}"#, Login::ANN.auth));
    assert_eq!(pull(&puller, &named).0.unwrap(), COMPONENT);
}

#[test]
fn a_server_with_a_certificate_of_nobody_known_is_refused() {
    let folder = folder("real-untrusted");
    let storage =
        Registry::start_with(RegistrySettings { encrypted: true, ..RegistrySettings::default() }).unwrap();
    storage.publish("shop/by-team", COMPONENT).unwrap();
    let layer = format!("{}/v2/shop/by-team/blobs/{}", storage.url(), Digest::of(COMPONENT));
    let registry = Server::start(move |asked, stream| match asked.line.contains("/blobs/") {
        true => send(stream, "307 Temporary Redirect", &[&format!("Location: {layer}")], b""),
        false => serve_component(asked, stream),
    });
    let reason = reason(&puller(&folder), &crate::support::reference(&registry.address, &good_manifest()));
    let expected = format!("{} cannot be reached: ", storage.address());
    assert!(reason.starts_with(&expected) && reason.contains("UnknownIssuer"), "{reason}");
}
