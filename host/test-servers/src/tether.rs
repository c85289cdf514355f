//! Processes that end together with the test that started them.

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

/// The script that runs a server which does not watch its standard input itself.
const SCRIPT: &str = include_str!("tether.sh");

/// How long a server may take to end after its standard input was closed, before it is killed. On an idle machine it takes
/// milliseconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that ends when its standard input closes, and therefore at the latest when this process ends.
#[derive(Debug)]
pub(crate) struct Tethered {
    child: Child,
    /// Absent while the process is being ended.
    tether: Option<ChildStdin>,
}

impl Tethered {
    /// Starts a program that watches its standard input.
    ///
    /// The program gets a separate process group: ctrl-C in a terminal ends only the test, and closing the pipe then ends
    /// the program.
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

    /// Starts any program, with its output in a log; `folder` is removed after the program has ended.
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

    /// Takes the standard output; `None` after the first call.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether the process has ended.
    pub(crate) fn ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)) | Err(_))
    }

    /// Closes the standard input of the process; if the process does not end, kills it and its children.
    fn end_within(&mut self, patience: Duration) {
        self.tether.take();
        let begin = Instant::now();
        while !self.ended() {
            if begin.elapsed() > patience {
                // The group has the id of the process, which is not reused before the process has been waited for.
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
    fn a_process_that_does_not_end_is_killed_with_its_children() {
        let mut command = Command::new("sh");
        command.args(["-c", "(sleep 60; echo it lived) & echo it began; wait"]).stdout(Stdio::piped());
        let mut stubborn = Tethered::start(&mut command).unwrap();
        let mut output = BufReader::new(stubborn.output().unwrap());
        let mut said = String::new();
        output.read_line(&mut said).unwrap();
        stubborn.end_within(Duration::ZERO);
        output.read_to_string(&mut said).unwrap(); // Until no process holds the other end.
        assert_eq!(said, "it began\n");
    }
}
