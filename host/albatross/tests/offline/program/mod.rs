//! Runs the program as a person or a pipeline does.

#[cfg(unix)]
pub mod browser;
pub mod history;
pub mod world;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The result of a run of the program.
pub struct Answer {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The program with these arguments, and an environment that cannot influence its output.
pub fn albatross(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_albatross"));
    command.args(arguments).env_remove("NO_COLOR").env("TERM", "xterm-256color");
    command
}

/// Runs the program.
pub fn run(arguments: &[&str]) -> Answer {
    answer(albatross(arguments).stdin(Stdio::null()))
}

/// Runs the program with a text on standard input.
pub fn run_with_input(arguments: &[&str], input: &str) -> Answer {
    let mut command = albatross(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("it has an input").write_all(input.as_bytes()).expect("it reads its input");
    decode(&child.wait_with_output().expect("it ends"))
}

/// What a command answers.
pub fn answer(command: &mut Command) -> Answer {
    decode(&command.output().expect("the program starts"))
}

fn decode(output: &std::process::Output) -> Answer {
    Answer {
        code: output.status.code().expect("the program ends by itself"),
        stdout: String::from_utf8(output.stdout.clone()).expect("output is UTF-8"),
        stderr: String::from_utf8(output.stderr.clone()).expect("messages are UTF-8"),
    }
}

/// A file of the quickstart.
pub fn quickstart(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
    folder.join(path).to_str().expect("the path is UTF-8").to_owned()
}

/// `command --manifests (the quickstart's) --cloud … --settings …`, and more arguments.
pub fn on_quickstart(command: &[&str], more: &[&str]) -> Answer {
    let (manifests, cloud, settings) =
        (quickstart("first"), quickstart("cloud.json"), quickstart("settings.json"));
    let inputs = ["--manifests", &manifests, "--cloud", &cloud, "--settings", &settings];
    run(&[command, &inputs, more].concat())
}

/// The example policy of this repository, as a file.
pub fn one_per_namespace(folder: &Folder) -> String {
    folder.file("one-per-namespace.wasm", albatross_components::ONE_PER_NAMESPACE)
}

/// A folder for one test.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one with this name.
    pub fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            fs::remove_dir_all(&path).expect("the folder of the last run can be removed");
        }
        fs::create_dir_all(&path).expect("the folder can be made");
        Folder(path)
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("the path is UTF-8").to_owned()
    }

    /// Writes a file.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("the file can be written");
        path
    }
}
