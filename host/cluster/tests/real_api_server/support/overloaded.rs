//! An API server without its etcd.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::json;

/// A server that answers every request with 503, and counts the requests. It ends with the test program.
pub struct Overloaded {
    /// The kubeconfig of a client.
    pub kubeconfig: PathBuf,
    requests: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Overloaded {
    /// Starts it.
    pub fn start() -> Overloaded {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let counted = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let resource = answer(stream.unwrap());
                *counted.lock().unwrap().entry(resource).or_default() += 1;
            }
        });
        Overloaded { kubeconfig: kubeconfig(port), requests }
    }

    /// The number of requests for each resource, such as `/api/v1/nodes`.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        self.requests.lock().unwrap().clone()
    }
}

/// Answers a request, and returns the path of its resource.
fn answer(mut stream: TcpStream) -> String {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).unwrap();
    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"overloaded","reason":"ServiceUnavailable","code":503}"#;
    write!(
        stream,
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let request = String::from_utf8_lossy(&request[..length]);
    let target = request.split_whitespace().nth(1).unwrap_or_default();
    target.split('?').next().unwrap_or_default().to_owned()
}

fn kubeconfig(port: u16) -> PathBuf {
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "overloaded",
        "clusters": [{ "name": "overloaded", "cluster": { "server": format!("http://127.0.0.1:{port}") } }],
        "contexts": [{ "name": "overloaded", "context": { "cluster": "overloaded", "user": "nobody" } }],
        "users": [{ "name": "nobody", "user": {} }],
    });
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("overloaded-{port}.kubeconfig"));
    fs::write(&path, kubeconfig.to_string()).unwrap();
    path
}
