//! A running `albatross run`.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{SOON, World, eventually};
use tokio::time::sleep;

/// What a process holds.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    pub own_mebibytes: u64,
    /// Open files, connections among them.
    pub files: u64,
    pub threads: u64,
}

/// A process, which is killed when the test ends.
pub struct Replica {
    child: Child,
    log: PathBuf,
    address: String,
}

impl Replica {
    /// Starts a replica with these additional arguments; returns when it serves the health endpoints. Its log is a file with
    /// this name.
    pub fn start(world: &World, name: &str, arguments: &[&str]) -> Replica {
        Replica::start_with(world, name, &world.kubeconfig(), arguments)
    }

    /// Starts a replica with this kubeconfig.
    pub fn start_with(world: &World, name: &str, kubeconfig: &Path, arguments: &[&str]) -> Replica {
        let mut command = world.program(name);
        command.args(["run", "--listen=127.0.0.1:0", "--lease-namespace=kube-system", "--interval=5"]);
        command.arg("--kubeconfig").arg(kubeconfig).args(arguments).env("POD_NAME", name);
        Replica::spawn(world, name, &mut command)
    }

    /// Starts a command that runs the controller.
    pub fn spawn(world: &World, name: &str, command: &mut Command) -> Replica {
        let log = world.path(&format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).expect("the log can be written");
        let begin = fs::metadata(&log).map_or(0, |file| file.len());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let child = child.spawn().expect("the program starts");
        let mut replica = Replica { child, log, address: String::new() };
        let started = Instant::now();
        while replica.address.is_empty() {
            let ended = replica.child.try_wait().expect("its state can be read");
            let log = replica.log();
            let new = &log[usize::try_from(begin).expect("a short log")..];
            assert!(ended.is_none() && started.elapsed() < SOON, "{name} does not start: {new}");
            replica.address = new
                .lines()
                .find_map(|line| Some(line.split_once("serving the health endpoints address=")?.1.to_owned()))
                .unwrap_or_default();
            thread::sleep(Duration::from_millis(20));
        }
        replica
    }

    /// Its log, and the logs of earlier replicas with this name.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }

    /// The address of the health endpoints.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The answer of a health endpoint: status and text.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("the endpoint can be reached");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        (status, body.to_owned())
    }

    /// The value of a metric, such as `albatross_leader`.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics");
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// How many passes had this result. `None`: none had.
    pub fn passed(&self, kind: &str) -> Option<f64> {
        self.metric(&format!(r#"albatross_passes_total{{kind="{kind}"}}"#)).filter(|passes| *passes > 0.0)
    }

    /// Waits for this many more passes with this result: `converged`, `changed`, `incomplete`, `failed`.
    pub async fn passes(&self, kind: &str, more: f64) {
        let count = || self.passed(kind).unwrap_or_default();
        let until = count() + more;
        eventually(&format!("{kind} passes"), async || (count() >= until).then_some(())).await;
    }

    /// The id of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `VmRSS` of the process: proc_pid_status(5).
    pub fn resident_mebibytes(&self) -> u64 {
        self.mebibytes("VmRSS:")
    }

    /// The most that was resident at any time.
    pub fn highest_mebibytes(&self) -> u64 {
        self.mebibytes("VmHWM:")
    }

    /// The resident memory without pages of files, which the kernel can reclaim.
    pub fn own_mebibytes(&self) -> u64 {
        self.mebibytes("RssAnon:")
    }

    /// What it holds now.
    pub fn footprint(&self) -> Footprint {
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("the process runs").count();
        Footprint {
            own_mebibytes: self.own_mebibytes(),
            files: u64::try_from(files).expect("a small number"),
            threads: self.told("Threads:"),
        }
    }

    fn mebibytes(&self, field: &str) -> u64 {
        self.told(field) / 1024
    }

    /// A number of proc_pid_status(5); of memory, in KiB.
    fn told(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the kernel tells it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Stops it for a while, as a machine that stalls does.
    pub async fn stall(&self, length: Duration) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::STOP).expect("a signal can be sent");
        sleep(length).await;
        kill_process(pid, Signal::CONT).expect("a signal can be sent");
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("its state can be read").is_none()
    }

    /// Ends it without a warning.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end, as the kubelet does, and gives its exit code.
    pub fn terminate(mut self) -> i32 {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).expect("a signal can be sent");
        let begin = Instant::now();
        while self.runs() {
            assert!(begin.elapsed() < SOON, "it does not end: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
        self.child.wait().expect("it has ended").code().expect("it ended by itself")
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- {}\n{}", self.log.display(), fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}
