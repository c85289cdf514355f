//! A server that answers as a test says, byte for byte.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use albatross_registry::Digest;

use crate::support::{COMPONENT, good_manifest};

/// A request, without its body.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path with the query.
    pub line: String,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// The header `Authorization`.
    pub fn authorization(&self) -> Option<&str> {
        self.headers.get("authorization").map(String::as_str)
    }
}

/// A server on the loopback interface. It lives until the process of the test ends.
pub struct Server {
    /// Host and port.
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Calls `answer` for each request, which writes what it likes; then the connection ends.
    pub fn start(answer: impl Fn(&Asked, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, record) = (Arc::new(answer), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, answer, record) =
                    (stream.unwrap(), Arc::clone(&answer), Arc::clone(&record));
                thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    record.lock().unwrap().push(request.clone());
                    answer(&request, &mut stream);
                });
            }
        });
        Server { address, asked }
    }

    /// A server that has one manifest, and answers about its layer with this text.
    pub fn with_layer(manifest: String, layer: impl Into<Vec<u8>>) -> Server {
        let layer = layer.into();
        Server::start(move |asked, stream| {
            if asked.line.contains("/manifests/") {
                send(stream, "200 OK", &[], manifest.as_bytes());
            } else {
                // The client may stop reading.
                let _ = stream.write_all(&layer);
            }
        })
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    lines.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let line = line.trim_end().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        lines.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |it| it.parse().unwrap());
    let mut body = vec![0; length];
    std::io::Read::read_exact(&mut lines, &mut body).ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).unwrap() })
}

/// Sends an answer.
pub fn send(stream: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) {
    let _ = stream.write_all(&answer(status, headers, body));
}

/// The bytes of an answer.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Answers as a registry that has the component, to whom may ask.
pub fn serve_component(asked: &Asked, stream: &mut TcpStream) {
    let manifest = good_manifest();
    if asked.line.ends_with(&format!("/manifests/{}", Digest::of(manifest.as_bytes()))) {
        send(stream, "200 OK", &[], manifest.as_bytes());
    } else if asked.line.ends_with(&format!("/blobs/{}", Digest::of(COMPONENT))) {
        send(stream, "200 OK", &[], COMPONENT);
    } else {
        send(stream, "404 Not Found", &[], b"");
    }
}

/// Holds a connection open for longer than any test waits.
pub fn hang() {
    thread::sleep(Duration::from_secs(600));
}
