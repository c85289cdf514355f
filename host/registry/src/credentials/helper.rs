//! Credential helpers: the programs `docker-credential-NAME` that docker gets credentials from.

use std::{
    ffi::OsStr,
    io::{self, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use albatross_files::read_at_most;
use serde::Deserialize;
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{CredentialFault, Credentials};
use crate::answer;

/// More than any helper prints.
const MOST: u64 = 1 << 20;
/// How often is looked whether it has ended. Usually it has when its output has.
const LOOK: Duration = Duration::from_millis(5);
/// How a helper says that it has no credentials for a server.
const NONE: &str = "credentials not found";
/// The user name with which a helper says that the secret is an identity token.
const TOKEN: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// A credential helper.
pub(super) struct Helper<'a> {
    program: String,
    /// The file that names it.
    config: &'a Path,
    /// The folders in which it is searched for.
    programs: &'a OsStr,
}

impl<'a> Helper<'a> {
    pub fn new(name: &str, config: &'a Path, programs: &'a OsStr) -> Helper<'a> {
        Helper { program: format!("docker-credential-{name}"), config, programs }
    }

    /// Asks for the credentials of a server.
    pub async fn ask(
        &self,
        server: &str,
        patience: Duration,
    ) -> Result<Option<Credentials>, CredentialFault> {
        let mut running = Running(self.start()?);
        let silent = |_| CredentialFault::HelperSilent { program: self.program.clone(), waited: patience };
        let ended = timeout(patience, talk(&mut running.0, server)).await.map_err(silent)?;
        let (status, printed) = ended.map_err(|error| self.failed(error.to_string()))?;
        if status.success() {
            let answer: Answer = serde_json::from_slice(&printed)
                .map_err(|_| self.failed("it did not print a user name and a secret in JSON".to_owned()))?;
            return Ok(Some(credentials(answer)));
        }
        let text = String::from_utf8_lossy(&printed);
        if text.contains(NONE) {
            return Ok(None);
        }
        let line = text.trim().lines().next();
        Err(self.failed(line.map_or_else(|| status.to_string(), answer::cut)))
    }

    fn start(&self) -> Result<Child, CredentialFault> {
        let mut command = Command::new(&self.program);
        command.arg("get").env("PATH", self.programs);
        // What it says on standard error is for people.
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        started.map_err(|source| CredentialFault::HelperMissing {
            path: self.config.to_owned(),
            program: self.program.clone(),
            source,
        })
    }

    fn failed(&self, message: String) -> CredentialFault {
        CredentialFault::HelperFailed { program: self.program.clone(), message }
    }
}

/// A helper that ends when nobody waits for it any more, also because the deadline of the whole pull is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already. Without waiting for it, it would stay as a zombie.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Passes the server to the helper, and reads what it prints until it ends.
async fn talk(child: &mut Child, server: &str) -> io::Result<(ExitStatus, Vec<u8>)> {
    if let Some(mut input) = child.stdin.take() {
        match input.write_all(server.as_bytes()) {
            // It knows without reading.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let printed = spawn_blocking(move || read_at_most(output, MOST)).await.map_err(io::Error::other)??;
    let printed = printed.ok_or_else(|| io::Error::other("it printed more than a mebibyte"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, printed));
        }
        sleep(LOOK).await;
    }
}

fn credentials(answer: Answer) -> Credentials {
    let Answer { username: user, secret } = answer;
    if user == TOKEN {
        return Credentials::IdentityToken(secret);
    }
    Credentials::Password { user, password: secret }
}
