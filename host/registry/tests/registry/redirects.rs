//! Registries that keep layers on another server.

use crate::{
    server::{Asked, Server, send, serve_component},
    support::{COMPONENT, docker_config, folder, good_manifest, pull, puller, reason, reference},
};

/// A registry that redirects requests for layers. `to` is what it redirects to.
fn redirecting(to: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Server {
    Server::start(move |asked, stream| {
        if asked.authorization().is_none() {
            return send(stream, "401 Unauthorized", &["WWW-Authenticate: Basic realm=\"registry\""], b"");
        }
        if asked.line.contains("/manifests/") {
            return serve_component(asked, stream);
        }
        let location = format!("Location: {}", to(asked));
        send(stream, "307 Temporary Redirect", &[&location], b"");
    })
}

#[test]
fn a_layer_on_another_server_is_pulled_without_the_credentials() {
    let folder = folder("redirect");
    let storage = Server::start(|_, stream| send(stream, "200 OK", &[], COMPONENT));
    let address = storage.address.clone();
    let registry = redirecting(move |_| format!("http://{address}/bucket/layer?signature=1"));
    docker_config(&folder, &registry.address, r#"{"username": "ann", "password": "secret"}"#);
    let (pulled, _) = pull(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
    let [asked] = storage.asked().try_into().unwrap();
    assert_eq!(asked.line, "GET /bucket/layer?signature=1");
    assert_eq!(asked.authorization(), None, "the credentials are for the registry");
    assert!(registry.asked().iter().skip(1).all(|asked| asked.authorization().is_some()));
}

#[test]
fn a_redirect_within_the_registry_may_be_relative_and_keeps_the_credentials() {
    let folder = folder("redirect-relative");
    let registry = Server::start(|asked, stream| {
        if asked.authorization() != Some("Basic YW5uOnNlY3JldA==") {
            return send(stream, "401 Unauthorized", &["WWW-Authenticate: Basic"], b"");
        }
        match asked.line.as_str() {
            "GET /storage/layer" => send(stream, "200 OK", &[], COMPONENT),
            line if line.contains("/blobs/") => send(stream, "302 Found", &["Location: /storage/layer"], b""),
            _ => serve_component(asked, stream),
        }
    });
    docker_config(&folder, &registry.address, r#"{"username": "ann", "password": "secret"}"#);
    let (pulled, _) = pull(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
}

#[test]
fn another_server_that_asks_for_credentials_gets_none() {
    let folder = folder("redirect-phishing");
    let storage =
        Server::start(|_, stream| send(stream, "401 Unauthorized", &["WWW-Authenticate: Basic"], b""));
    let address = storage.address.clone();
    let registry = redirecting(move |_| format!("http://{address}/layer?signature=1"));
    docker_config(&folder, &registry.address, r#"{"username": "ann", "password": "secret"}"#);
    let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
    let expected = format!("http://{}/layer answered 401 Unauthorized", storage.address);
    assert_eq!(reason, expected, "a signature is not told");
    assert!(storage.asked().iter().all(|asked| asked.authorization().is_none()));
}

#[test]
fn a_redirect_that_cannot_be_followed_is_named() {
    let folder = folder("redirect-wrong");
    for (location, problem) in [
        ("http://storage.example.org/layer?signature=1", "which is not encrypted"),
        ("file:///etc/passwd", "which is not a URL of the web"),
        ("http://[::1", "which is not a URL"),
        ("", "which is no address"),
    ] {
        let registry = redirecting(move |_| location.to_owned());
        docker_config(&folder, &registry.address, r#"{"username": "ann", "password": "secret"}"#);
        let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
        let address = location.trim_end_matches("?signature=1");
        assert_eq!(reason, format!("{} refers to '{address}', {problem}", registry.address));
    }
}

#[test]
fn redirects_have_an_end() {
    let folder = folder("redirect-loop");
    let registry = redirecting(|asked| asked.line.trim_start_matches("GET ").to_owned());
    docker_config(&folder, &registry.address, r#"{"username": "ann", "password": "secret"}"#);
    let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(reason, format!("{} redirects more than 5 times", registry.address));
    assert_eq!(registry.asked().len(), 2 + 6, "the manifest twice, and six requests for the layer");
}
