//! Registries that are broken or lie. Each has its own reason.

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use albatross_registry::{Digest, Patience, Puller};

use crate::{
    server::{Server, answer, hang, send},
    support::{COMPONENT, folder, good_manifest, manifest, puller, reason, reference},
};

/// The reason why the component cannot be pulled from a server that has its manifest, and answers so about its layer.
fn with_layer(name: &str, answer: Vec<u8>) -> String {
    let server = Server::with_layer(good_manifest(), answer);
    reason(&puller(&folder(name)), &reference(&server.address, &good_manifest()))
}

#[test]
fn a_manifest_with_another_digest_is_refused() {
    let server = Server::with_layer(manifest(Digest::of(b"other"), 5), "");
    let named = reference(&server.address, &good_manifest());
    let reason = reason(&puller(&folder("other-manifest")), &named);
    let expected = Digest::of(good_manifest().as_bytes());
    assert!(
        reason.starts_with("what the registry returned as its manifest has the digest sha256:"),
        "{reason}"
    );
    assert!(reason.ends_with(&format!("and not {expected}: it was changed")), "{reason}");
}

#[test]
fn a_layer_with_another_digest_is_refused_and_not_kept() {
    let other = b"\0asm another one";
    assert_eq!(other.len(), COMPONENT.len());
    let folder = folder("other-layer");
    let server = Server::with_layer(good_manifest(), answer("200 OK", &[], other));
    for _ in 0..2 {
        let reason = reason(&puller(&folder), &reference(&server.address, &good_manifest()));
        let found = Digest::of(other);
        assert!(
            reason.starts_with(&format!("what the registry returned as its layer has the digest {found}")),
            "{reason}"
        );
    }
}

#[test]
fn a_missing_layer_is_named() {
    let refusal = br#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#;
    let reason = with_layer("missing-layer", answer("404 Not Found", &[], refusal));
    let layer = Digest::of(COMPONENT);
    let expected = format!(
        "the registry has the manifest, but not its layer {layer}: BLOB_UNKNOWN: blob unknown to registry: publish the policy again"
    );
    assert_eq!(reason, expected);
}

#[test]
fn a_layer_that_is_longer_than_stated_is_not_read_to_its_end() {
    // It says how long it is.
    let too_long = with_layer("long-layer", answer("200 OK", &[], &[0; 1 << 16]));
    assert_eq!(too_long, format!("the layer has more than the {} bytes that it may have", COMPONENT.len()));
    // It has no end.
    let server = Server::start(|asked, stream| {
        if asked.line.contains("/manifests/") {
            return send(stream, "200 OK", &[], good_manifest().as_bytes());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        while stream.write_all(b"4\r\n\0asm\r\n").is_ok() {}
    });
    let too_long = reason(&puller(&folder("endless-layer")), &reference(&server.address, &good_manifest()));
    assert_eq!(too_long, format!("the layer has more than the {} bytes that it may have", COMPONENT.len()));
}

#[test]
fn an_endless_manifest_is_not_read_to_its_end() {
    let server = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
        while stream.write_all(&[b' '; 1 << 16]).is_ok() {}
    });
    let reason = reason(&puller(&folder("endless-manifest")), &reference(&server.address, &good_manifest()));
    assert_eq!(reason, "the manifest has more than the 4194304 bytes that it may have");
}

#[test]
fn a_layer_that_is_cut_off_is_refused() {
    // The connection ends before what the head announces.
    let whole = answer("200 OK", &[], COMPONENT);
    let reason = with_layer("cut-layer", whole[..whole.len() - 7].to_vec());
    assert!(reason.starts_with("the connection ended after 9 bytes of the layer: "), "{reason}");
    // The head announces less than the manifest.
    let reason = with_layer("short-layer", answer("200 OK", &[], &COMPONENT[..10]));
    assert_eq!(reason, "the layer ended after 10 of 16 bytes");
    // The head announces nothing.
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let reason = with_layer("short-layer-2", [head.as_slice(), &COMPONENT[..10]].concat());
    assert_eq!(reason, "the layer ended after 10 of 16 bytes");
}

#[test]
fn a_web_page_instead_of_a_manifest_is_called_one() {
    let server = Server::start(|_, stream| {
        send(stream, "200 OK", &["Content-Type: text/html; charset=utf-8"], b"<html>Please log in</html>");
    });
    let named = reference(&server.address, &good_manifest());
    let reason = reason(&puller(&folder("web-page")), &named);
    assert!(
        reason.starts_with(&format!("http://{}/v2/shop/by-team/manifests/sha256:", server.address)),
        "{reason}"
    );
    assert!(
        reason.contains("answered with a web page: it is no registry, or a proxy or a login page"),
        "{reason}"
    );
}

#[test]
fn a_digest_of_something_else_is_no_manifest() {
    let page = "<html></html>";
    let server = Server::with_layer(page.to_owned(), "");
    let reason = reason(&puller(&folder("no-manifest")), &reference(&server.address, page));
    assert!(
        reason.starts_with("the digest is that of something else than a manifest (expected value"),
        "{reason}"
    );
}

#[test]
fn an_answer_that_is_an_error_is_told_with_its_reason() {
    for (status, headers, body, told) in [
        ("500 Internal Server Error", vec![], "oops", "500 Internal Server Error"),
        (
            "429 Too Many Requests",
            vec![],
            r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}"#,
            "429 Too Many Requests: TOOMANYREQUESTS: You have reached your pull rate limit",
        ),
        ("502 Bad Gateway", vec!["Content-Type: text/html"], "<html>", "502 Bad Gateway with a web page"),
        ("403 Forbidden", vec![], r#"{"errors":[{"code":"DENIED"}]}"#, "403 Forbidden: DENIED"),
        ("206 Partial Content", vec![], "", "206 Partial Content"),
    ] {
        let server = Server::start(move |_, stream| send(stream, status, &headers, body.as_bytes()));
        let reason = reason(&puller(&folder("errors")), &reference(&server.address, &good_manifest()));
        assert!(reason.ends_with(&format!(" answered {told}")), "{reason}");
    }
}

#[test]
fn a_long_story_of_a_registry_is_cut() {
    let story = format!(r#"{{"errors":[{{"message":"{}"}}]}}"#, "a".repeat(10_000));
    let server =
        Server::start(move |_, stream| send(stream, "500 Internal Server Error", &[], story.as_bytes()));
    let reason = reason(&puller(&folder("story")), &reference(&server.address, &good_manifest()));
    assert!(reason.ends_with("aaa…") && reason.len() < 500, "{reason}");
}

#[test]
fn a_server_that_speaks_another_protocol_is_unreachable() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
    });
    let reason = reason(&puller(&folder("ssh")), &reference(&server.address, &good_manifest()));
    assert!(reason.starts_with(&format!("{} cannot be reached: ", server.address)), "{reason}");
}

/// Waits less than a registry that hangs.
fn impatient(name: &str) -> Puller {
    let patience = Patience { wait: Duration::from_millis(300), whole: Duration::from_secs(60) };
    Puller { patience, ..puller(&folder(name)) }
}

#[test]
fn a_registry_that_hangs_is_given_up() {
    let begin = Instant::now();
    let server = Server::start(|_, _| hang());
    let hangs = reason(&impatient("hangs"), &reference(&server.address, &good_manifest()));
    assert_eq!(hangs, format!("{} sent nothing for 0.3 s", server.address));
    // In the middle of the layer.
    let server = Server::start(|asked, stream| {
        if asked.line.contains("/manifests/") {
            return send(stream, "200 OK", &[], good_manifest().as_bytes());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n\0asm").unwrap();
        hang();
    });
    let hangs = reason(&impatient("hangs-later"), &reference(&server.address, &good_manifest()));
    assert_eq!(hangs, format!("{} sent nothing for 0.3 s", server.address));
    assert!(begin.elapsed() < Duration::from_secs(60), "the deadlines end the pulls");
}

#[test]
fn a_registry_that_trickles_is_given_up() {
    let server = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").unwrap();
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let patience = Patience { wait: Duration::from_secs(60), whole: Duration::from_millis(500) };
    let puller = Puller { patience, ..puller(&folder("trickles")) };
    let begin = Instant::now();
    assert_eq!(
        reason(&puller, &reference(&server.address, &good_manifest())),
        "it was not pulled within 0.5 s"
    );
    assert!(begin.elapsed() < Duration::from_secs(60));
}
