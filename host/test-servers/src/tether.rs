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

/// How long a server gets to end after its standard input was closed, before it is killed. It takes milliseconds, on a
/// machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_secs(120);

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

    /// Closes its standard input, and kills it with all that it started when it does not end.
    fn end_within(&mut self, patience: Duration) {
        self.tether.take();
        let begin = Instant::now();
        while !self.ended() {
            if begin.elapsed() > patience {
                // The group has the number of the process, which is nobody else's before it was waited for.
                let group = self.child.id().to_string();
                let _ = Command::new("sh").args(["-c", "kill -s KILL -- -\"$1\"", "kill", &group]).status();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Tethered {
    fn drop(&mut self) {
        self.end_within(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};

    use super::*;

    #[test]
    fn who_does_not_end_is_killed_with_all_that_it_started() {
        let mut command = Command::new("sh");
        command.args(["-c", "(sleep 60; echo it lived) & echo it began; wait"]).stdout(Stdio::piped());
        let mut stubborn = Tethered::start(&mut command).unwrap();
        let mut output = BufReader::new(stubborn.output().unwrap());
        let mut said = String::new();
        output.read_line(&mut said).unwrap();
        stubborn.end_within(Duration::ZERO);
        output.read_to_string(&mut said).unwrap(); // Until nobody holds the other end.
        assert_eq!(said, "it began\n");
    }
}
