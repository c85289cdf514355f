//! Processes that end with the test that started them.

use std::{
    ffi::OsStr,
    fs::File,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::TestServerError;

/// What runs a server that does not watch its standard input itself.
const SCRIPT: &str = include_str!("tether.sh");

/// How long a server gets to end after its standard input was closed, before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that ends when its standard input closes, so at the latest with this process.
#[derive(Debug)]
pub(crate) struct Tethered {
    child: Child,
    /// Absent while it is being dropped.
    tether: Option<ChildStdin>,
}

impl Tethered {
    /// Starts a program that watches its standard input.
    ///
    /// It gets a process group of its own: ctrl-C in a terminal ends the test, and closing the pipe ends this.
    pub(crate) fn start(command: &mut Command) -> Result<Tethered, TestServerError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(TestServerError::io(format!("cannot start {program}")))?;
        let tether = child.stdin.take();
        Ok(Tethered { child, tether })
    }

    /// Starts any program, which writes to a log; `folder` is removed after its end.
    pub(crate) fn start_with_folder(
        folder: &Path,
        program: &Path,
        arguments: &[impl AsRef<OsStr>],
        log: &File,
    ) -> Result<Tethered, TestServerError> {
        let log = log.try_clone().map_err(TestServerError::io("cannot share a log"))?;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "tether"]).arg(folder).arg(program).args(arguments);
        Tethered::start(command.stdout(Stdio::null()).stderr(log))
    }

    /// Standard output, the first time.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether it has ended.
    pub(crate) fn ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)) | Err(_))
    }
}

impl Drop for Tethered {
    fn drop(&mut self) {
        self.tether.take();
        let begin = Instant::now();
        while !self.ended() {
            if begin.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}
