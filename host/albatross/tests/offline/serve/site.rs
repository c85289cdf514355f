//! The program while it serves manifests in a folder.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::client::{Reply, http, https};
use crate::program::{Folder, albatross, quickstart};

/// Longer than any change takes, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program, with its manifests and what it has printed.
pub struct Site {
    pub folder: Folder,
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

impl Site {
    /// Starts the program on objects, which are in `shop.yaml`, and waits until it serves them.
    pub fn start(name: &str, objects: &[Value], more: &[&str]) -> Site {
        let folder = Folder::new(&format!("serve-{name}"));
        let settings = route_mode(&folder);
        let site = Site::on(folder, objects, &[&["--settings", &settings][..], more].concat());
        site.prints("Ctrl-C ends the program");
        site
    }

    /// Starts the program in a folder.
    pub fn on(folder: Folder, objects: &[Value], more: &[&str]) -> Site {
        let manifests = folder.path("manifests");
        fs::create_dir_all(&manifests).unwrap();
        write(&folder, "shop.yaml", objects);
        let (cloud, authority) = (quickstart("cloud.json"), folder.path("ca.pem"));
        let arguments = ["simulate", "--manifests", &manifests, "--cloud", &cloud];
        let serve = ["--serve", "--serve-port", "0", "--serve-ca", &authority];
        let mut command = albatross(&[&arguments, &serve[..], more].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = kept(child.stdout.take().unwrap());
        let err = kept(child.stderr.take().unwrap());
        Site { folder, child, out, err }
    }

    /// Writes a file with other objects.
    pub fn write(&self, file: &str, objects: &[Value]) {
        write(&self.folder, file, objects);
    }

    /// Standard output so far.
    pub fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    /// Messages so far.
    pub fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Waits until standard output has a text.
    pub fn prints(&self, text: &str) {
        self.waits(text, &self.out);
    }

    /// Waits until a message has a text.
    pub fn says(&self, text: &str) {
        self.waits(text, &self.err);
    }

    fn waits(&self, text: &str, from: &Mutex<String>) {
        let end = Instant::now() + PATIENCE;
        while !from.lock().unwrap().contains(text) {
            assert!(Instant::now() < end, "{text:?} is missing in:\n{}{}", self.out(), self.err());
            sleep(Duration::from_millis(20));
        }
    }

    /// The address of a listener, as printed last.
    pub fn address(&self, listener: u16) -> SocketAddr {
        let out = self.out();
        let mut lines = out.lines().rev();
        let line = lines.find_map(|line| line.split_once(&format!(", listener {listener}   "))).unwrap().1;
        line.split_once("://").unwrap().1.parse().unwrap()
    }

    /// The answer to a GET of a URL such as `https://shop.example.org/cart`.
    pub fn get(&self, url: &str) -> Reply {
        self.asks("GET", url, "")
            .unwrap_or_else(|error| panic!("{url}: {error}\n{}{}", self.out(), self.err()))
    }

    /// The answer to a request with more headers.
    pub fn asks(&self, method: &str, url: &str, headers: &str) -> Result<Reply, String> {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        let address = self.address(if scheme == "https" { 443 } else { 80 });
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n{headers}\r\n",
            address.port()
        );
        match scheme {
            "https" => {
                let authority = fs::read(self.folder.path("ca.pem")).unwrap();
                https(address, host, &authority, &request)
            }
            _ => http(address, &request),
        }
    }

    /// Waits until the answer to a GET has something.
    pub fn answers(&self, url: &str, is_it: impl Fn(&Reply) -> bool) -> Reply {
        let end = Instant::now() + PATIENCE;
        loop {
            let reply = self.get(url);
            if is_it(&reply) {
                return reply;
            }
            assert!(Instant::now() < end, "{url}: {reply:?}\n{}{}", self.out(), self.err());
            sleep(Duration::from_millis(50));
        }
    }

    /// Ends the program as Ctrl-C does.
    #[cfg(unix)]
    pub fn interrupt(&mut self) -> ExitStatus {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the program does not end");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Settings in which the class `alb` is in route mode.
pub fn route_mode(folder: &Folder) -> String {
    let settings = json!({
        "identity": {"cluster-id": "quickstart", "cluster-uid": "0b7c5d5e-8f0a-4f0e-9a52-2d6f7a3c1b42"},
        "classes": [{"name": "alb", "mode": "route"}],
    });
    folder.file("settings.json", settings.to_string())
}

/// Keeps what comes.
fn kept(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let kept: Arc<Mutex<String>> = Arc::default();
    let keeps = Arc::clone(&kept);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut keeps = keeps.lock().unwrap();
            keeps.push_str(&line);
            keeps.push('\n');
        }
    });
    kept
}

fn write(folder: &Folder, file: &str, objects: &[Value]) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let path = Path::new(&folder.path("manifests")).join(file);
    fs::write(path, list.to_string()).unwrap();
}
