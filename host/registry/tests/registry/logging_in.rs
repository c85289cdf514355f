//! Registries that ask for credentials.

use std::net::TcpStream;

use crate::{
    server::{Asked, Server, send, serve_component},
    support::{COMPONENT, docker_config, folder, good_manifest, pull, puller, reason, reference},
};

const PASSWORD: &str = r#"{"username": "ann", "password": "secret"}"#;

/// A registry that serves who has the token `t`, and its token server, which answers as `give` says.
fn with_tokens(give: impl Fn(&Asked, &mut TcpStream) + Send + Sync + 'static) -> Server {
    Server::start(move |asked, stream| {
        if asked.line.contains(" /token") {
            return give(asked, stream);
        }
        if asked.authorization() == Some("Bearer t") {
            return serve_component(asked, stream);
        }
        let challenge = format!(
            "WWW-Authenticate: Bearer realm=\"http://{}/token\",service=\"registry\",scope=\"repository:shop/by-team:pull\"",
            asked.headers["host"]
        );
        send(stream, "401 Unauthorized", &[&challenge], br#"{"errors":[{"code":"UNAUTHORIZED"}]}"#);
    })
}

fn give(stream: &mut TcpStream, answer: &str) {
    send(stream, "200 OK", &["Content-Type: application/json"], answer.as_bytes());
}

#[test]
fn a_token_is_asked_for_once_and_without_credentials_anonymously() {
    let registry = with_tokens(|_, stream| give(stream, r#"{"token": "t", "expires_in": 300}"#));
    let (pulled, _) = pull(&puller(&folder("token")), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
    let asked: Vec<Asked> =
        registry.asked().into_iter().filter(|asked| asked.line.contains(" /token")).collect();
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(asked.line, "GET /token?service=registry&scope=repository%3Ashop%2Fby-team%3Apull");
    assert_eq!(asked.authorization(), None);
}

#[test]
fn a_password_is_exchanged_for_a_token() {
    let folder = folder("token-password");
    let registry = with_tokens(|asked, stream| match asked.authorization() {
        Some("Basic YW5uOnNlY3JldA==") => give(stream, r#"{"access_token": "t"}"#),
        _ => send(
            stream,
            "401 Unauthorized",
            &[],
            br#"{"errors":[{"code":"DENIED","message":"unknown user"}]}"#,
        ),
    });
    let named = reference(&registry.address, &good_manifest());
    let host = &registry.address;
    assert!(reason(&puller(&folder), &named).starts_with(&format!("{host} asks for credentials, and ")));
    docker_config(&folder, host, r#"{"username": "ann", "password": "wrong"}"#);
    let refused = reason(&puller(&folder), &named);
    assert!(refused.starts_with(&format!("{host} refuses the credentials of user 'ann' from ")), "{refused}");
    assert!(refused.contains(": DENIED: unknown user; "), "{refused}");
    docker_config(&folder, host, PASSWORD);
    assert_eq!(pull(&puller(&folder), &named).0.unwrap(), COMPONENT);
}

#[test]
fn an_identity_token_is_exchanged_for_a_token() {
    let folder = folder("identity-token");
    let registry = with_tokens(|_, stream| give(stream, r#"{"access_token": "t"}"#));
    docker_config(&folder, &registry.address, r#"{"identitytoken": "i&d"}"#);
    let (pulled, _) = pull(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
    let asked = registry.asked().into_iter().find(|asked| asked.line == "POST /token").unwrap();
    let expected = "grant_type=refresh_token&client_id=albatross&scope=repository%3Ashop%2Fby-team%3Apull&\
        refresh_token=i%26d&service=registry";
    assert_eq!(asked.body, expected);
}

#[test]
fn a_registry_token_is_used_as_it_is() {
    let folder = folder("registry-token");
    let registry = with_tokens(|_, _| panic!("nobody asks for a token"));
    docker_config(&folder, &registry.address, r#"{"registrytoken": "t"}"#);
    let (pulled, _) = pull(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
}

#[test]
fn a_registry_that_always_asks_again_is_given_up() {
    let folder = folder("always-401");
    for challenge in ["Basic realm=\"x\"", "Bearer realm=\"http://HOST/token\""] {
        let registry = Server::start(move |asked, stream| {
            if asked.line.contains(" /token") {
                return give(stream, r#"{"token": "another"}"#);
            }
            let challenge =
                format!("WWW-Authenticate: {}", challenge.replace("HOST", &asked.headers["host"]));
            send(stream, "401 Unauthorized", &[&challenge], b"");
        });
        docker_config(&folder, &registry.address, PASSWORD);
        let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
        assert!(reason.contains(" refuses the credentials of user 'ann' from "), "{reason}");
        assert!(registry.asked().len() <= 3, "{:?}", registry.asked());
    }
}

#[test]
fn a_token_server_that_gives_no_token_is_named() {
    let folder = folder("no-token");
    for (status, answer, told) in [
        ("200 OK", "{}", "its answer has none"),
        ("200 OK", r#"{"token": ""}"#, "its answer has none"),
        ("200 OK", "<html>", "its answer is not as expected in line 1, column"),
        ("200 OK", r#""eyJhbGciOi""#, "its answer is not as expected in line 1, column"),
        ("500 Internal Server Error", "", "it answered 500 Internal Server Error"),
        ("302 Found", "", "it answered 302 Found"),
    ] {
        let registry = with_tokens(move |_, stream| send(stream, status, &[], answer.as_bytes()));
        let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
        let expected = format!("http://{}/token gave no token: {told}", registry.address);
        assert!(reason.starts_with(&expected) && !reason.contains("eyJ"), "{reason}");
    }
    let registry = with_tokens(|_, stream| give(stream, r#"{"token": "a\nb"}"#));
    let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert!(reason.contains("it has characters that no header can have"), "{reason}");
}

#[test]
fn a_password_is_not_sent_to_a_token_server_without_encryption() {
    let folder = folder("plain-realm");
    for (realm, problem) in [
        ("http://auth.example.org/token", "which is not encrypted"),
        ("auth", "which is not a URL"),
        ("ftp://auth.example.org", "which is not a URL of the web"),
    ] {
        let registry = Server::start(move |_, stream| {
            let challenge = format!("WWW-Authenticate: Bearer realm=\"{realm}\"");
            send(stream, "401 Unauthorized", &[&challenge], b"");
        });
        docker_config(&folder, &registry.address, PASSWORD);
        let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
        assert_eq!(reason, format!("{} refers to '{realm}', {problem}", registry.address));
    }
}

#[test]
fn a_registry_that_asks_in_another_way_is_named() {
    let folder = folder("other-challenge");
    for (header, told) in [("WWW-Authenticate: Negotiate", ": Negotiate"), ("X-Nothing: 1", "")] {
        let registry = Server::start(move |_, stream| send(stream, "401 Unauthorized", &[header], b""));
        let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
        assert!(
            reason.ends_with(&format!("neither for a user and a password nor for a token{told}")),
            "{reason}"
        );
    }
    let registry =
        Server::start(|_, stream| send(stream, "401 Unauthorized", &["WWW-Authenticate: Basic"], b""));
    docker_config(&folder, &registry.address, r#"{"identitytoken": "i"}"#);
    let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert!(reason.contains("asks for a user and a password, but the credentials from "), "{reason}");
}

#[test]
fn credentials_that_may_not_read_the_repository_are_named() {
    let folder = folder("forbidden");
    let registry = Server::start(|asked, stream| match asked.authorization() {
        None => send(stream, "401 Unauthorized", &["WWW-Authenticate: Basic"], b""),
        Some(_) => send(stream, "403 Forbidden", &[], br#"{"errors":[{"code":"DENIED"}]}"#),
    });
    docker_config(&folder, &registry.address, PASSWORD);
    let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert!(reason.contains("refuses the credentials of user 'ann'"), "{reason}");
    assert!(reason.ends_with(": DENIED; if they are right, they may not read this repository"), "{reason}");
}
