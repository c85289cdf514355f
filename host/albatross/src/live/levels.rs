//! The levels of the log, which change while the program runs.
//!
//! They are read from a file again and again, such as one that the kubelet keeps in sync with a ConfigMap. So the right to change them
//! is a right that the cluster checks: whoever reaches the port of the controller can read it without a password, and an endpoint that
//! changes something there would let anybody fill the log or silence it. A signal would need a shell in the container.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::sleep};
use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::{error::Error, inputs::read_bytes};

/// How often the file is read.
const LOOK: Duration = Duration::from_secs(5);

/// The largest file: longer lists of levels are a mistake.
const MOST: u64 = 4 << 10;

/// Sets the levels of the running log.
type Set = Box<dyn Fn(Targets) + Send>;

/// The levels of the running log.
pub struct Levels {
    /// Those of the start, which apply while there is no file.
    begin: String,
    now: String,
    set: Set,
    /// What was wrong with the file when it was read last.
    problem: Option<String>,
}

/// Why a text is no list of levels.
type Wrong = Box<dyn std::error::Error + Send + Sync>;

/// Reads levels. A single level is that of the program's own messages, and of libraries only warnings are logged: kube logs every
/// refused connection and every watch that ends, which the watches already report once in their own words.
///
/// # Errors
/// What is wrong.
pub fn filter(levels: &str) -> Result<Targets, Wrong> {
    let text = levels.parse().map_or_else(|_| levels.to_owned(), at_level);
    Ok(text.parse::<Targets>()?)
}

fn at_level(level: LevelFilter) -> String {
    let libraries = level.min(LevelFilter::WARN);
    format!("{libraries},kube_client=off,kube_runtime=off,albatross={level}")
}

impl Levels {
    /// Levels that a log has begun with.
    pub fn new(begin: String, set: Set) -> Levels {
        Levels { now: begin.clone(), begin, set, problem: None }
    }

    /// Takes the levels from a file from now on. Needs a runtime.
    pub fn follow(mut self, file: PathBuf) {
        tokio::spawn(async move {
            loop {
                let path = file.clone();
                // A volume in the network can hang.
                let read = spawn_blocking(move || read(&path)).await;
                if let Ok(read) = read {
                    self.take(read, &file);
                }
                sleep(LOOK).await;
            }
        });
    }

    /// Applies what was read. An unusable file changes nothing, and is reported once.
    fn take(&mut self, read: Result<Option<String>, String>, file: &Path) {
        let applied = read.and_then(|levels| self.apply(levels.unwrap_or_else(|| self.begin.clone())));
        let problem = applied.err();
        if let Some(problem) = problem.as_ref().filter(|problem| self.problem.as_ref() != Some(*problem)) {
            let now = &self.now;
            tracing::warn!(file = %file.display(), problem, now, "the log levels stay as they are");
        }
        self.problem = problem;
    }

    fn apply(&mut self, levels: String) -> Result<(), String> {
        if levels == self.now {
            return Ok(());
        }
        let wanted = filter(&levels).map_err(|error| {
            format!("'{levels}': {error}; expected levels such as debug or albatross=debug,kube=warn")
        })?;
        let before = std::mem::replace(&mut self.now, levels);
        // Before, so that the last line of a log that ends says why it does.
        tracing::info!(before, now = self.now, "log levels change");
        (self.set)(wanted);
        Ok(())
    }
}

/// The levels in a file. `None`: there is no file, or it is empty.
fn read(file: &Path) -> Result<Option<String>, String> {
    match read_bytes(file, MOST) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).trim().to_owned();
            Ok(Some(text).filter(|text| !text.is_empty()))
        }
        Err(Error::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Levels, and the filters that were set.
    fn levels() -> (Levels, Arc<Mutex<Vec<String>>>) {
        let all = Arc::new(Mutex::new(Vec::new()));
        let set = Arc::clone(&all);
        let levels = Levels::new(
            "info".to_owned(),
            Box::new(move |filter| {
                set.lock().unwrap().push(filter.to_string());
            }),
        );
        (levels, all)
    }

    #[test]
    fn a_file_sets_the_levels_once_and_without_it_those_of_the_start_apply_again() {
        let (mut levels, set) = levels();
        let file = Path::new("level");
        for found in [None, Some("debug"), Some("debug"), Some("albatross_aws=trace"), None] {
            levels.take(Ok(found.map(str::to_owned)), file);
        }
        let set = set.lock().unwrap();
        let [debug, aws, begin] = set.as_slice() else { panic!("three changes: {set:?}") };
        assert!(debug.contains("albatross=debug") && debug.contains("kube_client=off"), "{debug}");
        assert_eq!(aws, "albatross_aws=trace");
        assert!(begin.contains("albatross=info"), "{begin}");
    }

    #[test]
    fn an_unusable_file_changes_nothing() {
        let (mut levels, set) = levels();
        for found in [Ok(Some("albatross=loud".to_owned())), Err("permission denied".to_owned())] {
            levels.take(found, Path::new("level"));
            assert!(levels.problem.is_some());
        }
        assert!(set.lock().unwrap().is_empty());
        levels.take(Ok(None), Path::new("level"));
        assert_eq!((levels.problem.as_deref(), levels.now.as_str()), (None, "info"));
    }
}
