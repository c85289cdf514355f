//! What clients get that mean no good, over real connections.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use albatross_cluster::Viewer;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::{
    super::{Desk, Identity, authority::make},
    serve,
};
use crate::live::metrics::Admission;

const NAME: &str = "albatross-webhook.kube-system.svc";

/// A server that has seen no pass yet.
struct Server {
    address: SocketAddr,
    trusted: Arc<ClientConfig>,
    _runtime: tokio::runtime::Runtime,
}

fn server() -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let pair = make(NAME, crate::live::pass::now(), &[]).unwrap();
    let identity = Arc::new(Identity::default());
    identity.set(&pair.certificate, &pair.key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pair.authorities).unwrap()).unwrap();
    let trusted = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let desk = Arc::new(Desk::new(Viewer::default(), Admission::default()));
    let address = runtime.block_on(serve(([127, 0, 0, 1], 0).into(), identity, desk)).unwrap();
    Server { address, trusted: Arc::new(trusted), _runtime: runtime }
}

impl Server {
    fn send(&self, request: &[u8]) -> String {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let connection =
            ClientConnection::new(Arc::clone(&self.trusted), ServerName::try_from(NAME).unwrap());
        let mut stream = StreamOwned::new(connection.unwrap(), stream);
        // A server that refuses in the middle of a request may reset the connection after its answer.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn post(&self, path: &str, form: &str, body: &str) -> String {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {form}\r\nContent-Length: {length}\r\n\r\n"
        );
        self.send(format!("{head}{body}").as_bytes())
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

const QUESTION: &str = r#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "7",
    "kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"}, "operation": "CREATE", "namespace": "shop",
    "object": {"metadata": {"name": "a"}, "spec": {"rules": [{"host": "a.example.org"}]}}}}"#;

#[test]
fn before_the_first_pass_everything_is_allowed_without_a_warning() {
    let answer = server().post("/validate", "application/json", QUESTION);
    assert!(
        status(&answer) == "200" && answer.contains(r#""response":{"allowed":true,"uid":"7"}"#),
        "{answer}"
    );
}

#[test]
fn an_ingress_that_cannot_be_read_is_allowed_and_its_field_is_named() {
    let question = QUESTION.replace(r#""a.example.org""#, "7");
    let answer = server().post("/validate", "application/json; charset=utf-8", &question);
    assert!(answer.contains(r#""allowed":true"#) && answer.contains("spec.rules[0].host: "), "{answer}");
}

#[test]
fn whatever_is_no_question_gets_a_status_that_says_why() {
    let server = server();
    for (path, form, body, expected, why) in [
        ("/", "application/json", QUESTION, "404", "the path is /validate"),
        ("/validate", "text/plain", QUESTION, "415", "as application/json"),
        ("/validate", "application/json", "{", "400", "no AdmissionReview"),
    ] {
        let answer = server.post(path, form, body);
        assert!(status(&answer) == expected && answer.contains(why), "{expected}: {answer}");
    }
    // Only the head is sent: a client that is refused in the middle of a body may not get the answer.
    let large = b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n";
    let large = server.send(large);
    assert!(status(&large) == "413" && large.contains("at most 4 MiB"), "{large}");
    let get = server.send(b"GET /validate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(status(&get) == "405" && get.to_lowercase().contains("allow: post"), "{get}");
    let large = format!("GET /validate HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(40_000));
    assert_eq!(status(&server.send(large.as_bytes())), "431");
    assert_eq!(status(&server.post("/validate", "application/json", QUESTION)), "200", "it lives on");
}

#[test]
fn a_question_that_does_not_arrive_and_plain_http_are_refused() {
    let server = server();
    let half = b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{";
    assert_eq!(status(&server.send(half)), "408");
    let mut plain = TcpStream::connect(server.address).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[test]
fn handshakes_that_never_end_hold_up_nobody_else_for_long() {
    let server = server();
    let begin = Instant::now();
    let slow: Vec<TcpStream> = (0..80).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    // There is no room for another connection until the slow ones have used up their time.
    assert_eq!(status(&server.post("/validate", "application/json", QUESTION)), "200");
    assert!(begin.elapsed() < Duration::from_secs(50), "{:?}", begin.elapsed());
    drop(slow);
}
