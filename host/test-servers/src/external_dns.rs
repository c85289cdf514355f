//! external-dns, which makes DNS records of the hosts of Ingresses, as their statuses say.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Seek, SeekFrom},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    TestServerError,
    folder::{Folder, last_lines, new_log},
    parts,
    tether::Tethered,
};

/// How long external-dns may take to become ready. On an idle machine it takes seconds.
const READY_WITHIN: Duration = Duration::from_secs(120);
const UNREADABLE: &str = "cannot read the log of external-dns";
/// What external-dns says when it has nothing to do.
const READY: &str = "All records are already up to date";

/// A change of a record, with the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordChange {
    /// The host gets a record.
    Created(String),
    /// The host loses its record.
    Deleted(String),
}

/// external-dns for the Ingresses of a cluster. Its records are only in its memory: it says in its log what it changes.
#[derive(Debug)]
pub struct ExternalDns {
    /// Opened separately from the file that the process writes to: they would share the position.
    log: BufReader<File>,
    _process: Tethered,
    _folder: Folder,
}

impl ExternalDns {
    /// Starts external-dns, which looks at the Ingresses every second and keeps the records in this zone. There must be no Ingress
    /// with an address yet: it is ready when it has nothing to do.
    ///
    /// # Errors
    /// It is not built, or it does not become ready.
    pub fn start(kubeconfig: &Path, zone: &str) -> Result<ExternalDns, TestServerError> {
        let program = parts::external_dns()?;
        let own_folder = Folder::new()?;
        let folder = own_folder.path();
        let path = folder.join("external-dns.log");
        let mut log = new_log(&path)?;
        let arguments = [
            format!("--kubeconfig={}", kubeconfig.display()),
            format!("--inmemory-zone={zone}"),
            "--provider=inmemory".to_owned(),
            // Every record in the zone is its own.
            "--registry=noop".to_owned(),
            "--policy=sync".to_owned(),
            "--source=ingress".to_owned(),
            "--interval=1s".to_owned(),
            "--log-format=json".to_owned(),
            "--metrics-address=127.0.0.1:0".to_owned(),
        ];
        let mut process = Tethered::start_with_folder(folder, &program, &arguments, &log)?;
        let begin = Instant::now();
        loop {
            let said = fs::read_to_string(&path).map_err(TestServerError::io(UNREADABLE))?;
            if said.contains(READY) {
                let log = File::open(&path).map_err(TestServerError::io(UNREADABLE))?;
                return Ok(ExternalDns { log: BufReader::new(log), _process: process, _folder: own_folder });
            }
            if process.ended() || begin.elapsed() > READY_WITHIN {
                return Err(TestServerError::NotReady {
                    server: "external-dns",
                    after: format!("after {} s", begin.elapsed().as_secs()),
                    detail: last_lines(&mut log),
                });
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The changes of records since the last call, in their order.
    ///
    /// # Errors
    /// Its log cannot be read.
    pub fn changes(&mut self) -> Result<Vec<RecordChange>, TestServerError> {
        let mut changes = Vec::new();
        let mut line = String::new();
        loop {
            let begin = self.log.stream_position().map_err(TestServerError::io(UNREADABLE))?;
            line.clear();
            self.log.read_line(&mut line).map_err(TestServerError::io(UNREADABLE))?;
            if !line.ends_with('\n') {
                // The rest is still to be written.
                self.log.seek(SeekFrom::Start(begin)).map_err(TestServerError::io(UNREADABLE))?;
                return Ok(changes);
            }
            changes.extend(change(&line));
        }
    }
}

/// The change that a line of the log tells, such as `{"msg": "CREATE: shop.example.org 0 IN CNAME …"}`.
fn change(line: &str) -> Option<RecordChange> {
    let line: Value = serde_json::from_str(line).ok()?;
    let (kind, record) = line["msg"].as_str()?.split_once(": ")?;
    let host = || record.split(' ').next().unwrap_or_default().to_owned();
    match kind {
        "CREATE" => Some(RecordChange::Created(host())),
        "DELETE" => Some(RecordChange::Deleted(host())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn created_and_deleted_records_are_found_in_the_log() {
        let line =
            |message: &str| format!(r#"{{"level":"info","msg":"{message}","time":"2026-11-30T22:54:57Z"}}"#);
        let host = || "shop.example.org".to_owned();
        for (message, expected) in [
            (
                "CREATE: shop.example.org 0 IN CNAME  a.elb.amazonaws.com []",
                Some(RecordChange::Created(host())),
            ),
            (
                "DELETE: shop.example.org 0 IN CNAME  a.elb.amazonaws.com []",
                Some(RecordChange::Deleted(host())),
            ),
            ("UPDATE (new): shop.example.org 0 IN CNAME  b.elb.amazonaws.com []", None),
            (READY, None),
        ] {
            assert_eq!(change(&line(message)), expected, "{message}");
        }
        assert_eq!(change("not JSON"), None);
    }
}
