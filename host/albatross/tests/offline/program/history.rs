//! A folder of recorded passes, as `run --record` writes it.

use std::{fs, path::PathBuf};

use albatross_recordings::{Bounds, Folder as Recordings, Recorder};
use serde_json::Value;

use super::{Answer, world::World};

const NO_BOUNDS: Bounds = Bounds { passes: usize::MAX, bytes: u64::MAX, age: u64::MAX };
/// 2026-11-21 09:30 UTC, the time of the quickstart.
pub const START: u64 = 1_795_253_400;

/// A world whose passes are recorded.
pub struct History {
    /// The world, for changes between passes.
    pub world: World,
    /// The folder.
    pub folder: String,
    /// Absent: no process records.
    recorder: Option<Recorder>,
    /// Minutes since the first pass.
    minutes: u64,
}

impl History {
    /// Nothing is recorded yet.
    pub fn new(world: World) -> History {
        let folder = world.path("recordings");
        let mut history = History { world, folder, recorder: None, minutes: 0 };
        history.restart();
        history
    }

    /// Another process records from now on: it begins a group.
    pub fn restart(&mut self) {
        // The folder is locked until the last process has ended.
        self.recorder = None;
        let recorder = Recorder::open(self.folder.as_ref(), NO_BOUNDS).expect("the folder can be made");
        self.recorder = Some(recorder);
    }

    /// Records a pass of the world, a minute after the last one. Returns its file.
    pub fn pass(&mut self) -> PathBuf {
        self.pass_of(|_| {})
    }

    /// Records a pass that somebody has changed.
    pub fn pass_of(&mut self, change: impl FnOnce(&mut String)) -> PathBuf {
        let (file, answer) = self.attempt(change);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
        file
    }

    /// Records a pass in which a policy fails.
    pub fn frozen_pass(&mut self) -> PathBuf {
        let (file, answer) = self.attempt(|_| {});
        assert!(answer.stderr.contains(" is frozen: "), "{}", answer.stderr);
        file
    }

    fn attempt(&mut self, change: impl FnOnce(&mut String)) -> (PathBuf, Answer) {
        let time = START + 60 * self.minutes;
        self.minutes += 1;
        let bundle = self.world.path("pass.json");
        let answer = self.world.run(&["plan"], &["--record", &bundle, "--time", &time.to_string()]);
        let mut text = fs::read_to_string(&bundle).expect("it was recorded");
        change(&mut text);
        let file = self
            .recorder
            .as_mut()
            .expect("a process records")
            .record(time, text.as_bytes())
            .expect("the folder can be written");
        (file, answer)
    }

    /// Nothing is recorded for some days.
    pub fn pause(&mut self, days: u64) {
        self.minutes += days * 24 * 60;
    }

    /// The files of the passes in their order.
    pub fn files(&self) -> Vec<PathBuf> {
        Recordings::open(self.folder.as_ref()).expect("the folder can be read").files()
    }

    /// What is in the folder.
    pub fn passes(&self) -> usize {
        Recordings::open(self.folder.as_ref()).expect("the folder can be read").passes()
    }
}

/// The part of a JSON answer under a key.
pub fn json(answer: &str, key: &str) -> Value {
    let mut document: Value = serde_json::from_str(answer).expect("it is JSON");
    assert_eq!(document["format-version"], 1);
    document[key].take()
}
