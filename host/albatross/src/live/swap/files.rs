//! The files of policies, which may change while the controller runs: a volume with a ConfigMap, for example.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use albatross_contract::PolicySetting;
use albatross_engine::{Engine, Policy};
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

use crate::{
    error::Error,
    inputs::{MOST_OF_A_COMPONENT, MOST_OF_SETTINGS, parse_settings, read_bytes},
    pass::{Makers, file_name},
    swap::{Deciders, digest},
};

/// How often the files are read. A ConfigMap takes up to a minute to reach its volume, so more would not be noticed.
const LOOK: Duration = Duration::from_secs(5);
/// The longest text of a file beside a policy that allows it.
const MOST_OF_A_PERMISSION: u64 = 4096;
/// The fewest digits of a digest by which a policy is allowed.
const FEWEST_DIGITS: usize = 12;

/// What the files are at a time.
#[derive(Clone)]
pub struct Found {
    /// The policies, with whatever they decide, or in words why they cannot.
    pub deciders: Result<Deciders, String>,
    /// The digests of the contents, in the order of the files. A file that cannot be read has none. Empty: not read yet.
    digests: Vec<String>,
    /// The settings of policies, or in words why they cannot be read. Absent: not read yet.
    settings: Option<Result<Vec<PolicySetting>, String>>,
    /// The digests, or the first digits of digests, of policies that a person allows.
    pub allowed: BTreeSet<String>,
}

impl Found {
    /// What the files were when the program loaded these policies from them.
    pub fn loaded(deciders: Deciders) -> Found {
        Found { deciders: Ok(deciders), digests: Vec::new(), settings: None, allowed: BTreeSet::new() }
    }

    /// Nothing is read yet, or there is nothing to read.
    pub fn nothing() -> Found {
        let deciders = Err("not read yet".to_owned());
        Found { deciders, digests: Vec::new(), settings: None, allowed: BTreeSet::new() }
    }

    /// Whether the files were read.
    pub fn is_read(&self) -> bool {
        !self.digests.is_empty()
    }

    /// The policies that the program loaded at its start, if the files still have them, with the same settings.
    fn still_loaded(&self, digests: &[String], settings: &[PolicySetting]) -> Option<Deciders> {
        let loaded = self.deciders.as_ref().ok().filter(|_| !self.is_read())?;
        let is_loaded = |digest: &String| loaded.decided().components().any(|it| it == digest);
        let same = Deciders::all(Arc::clone(loaded.makers()), settings).ok()?;
        (digests.iter().all(is_loaded) && same.decided() == loaded.decided()).then_some(same)
    }

    /// Whether a person allows a policy with this digest.
    pub fn allows(&self, digest: &str) -> bool {
        self.allowed.iter().any(|allowed| digest.starts_with(allowed.as_str()))
    }
}

/// Files of policies that together are one candidate.
pub struct Files {
    /// The files.
    pub paths: Vec<PathBuf>,
    /// The planner, and policies that decide what no policy of the files decides.
    pub others: Makers,
    /// The settings file, which may have settings of the policies.
    pub settings: Option<PathBuf>,
    /// Compiles the policies.
    pub engine: Engine,
}

impl Files {
    /// Reads the files again and again. `first`: what they were at the start.
    pub fn watch(self, first: Found) -> watch::Receiver<Found> {
        let (sender, receiver) = watch::channel(first);
        if !self.paths.is_empty() {
            tokio::spawn(self.follow(sender));
        }
        receiver
    }

    async fn follow(self, sender: watch::Sender<Found>) {
        let files = Arc::new(self);
        while !sender.is_closed() {
            sleep(LOOK).await;
            let (files, before) = (Arc::clone(&files), sender.borrow().clone());
            // Compiling takes up to seconds, and the Lease must be renewed meanwhile.
            let Ok(now) = spawn_blocking(move || files.look(&before)).await else { continue };
            if let Some(now) = now {
                sender.send_replace(now);
            }
        }
    }

    /// What the files are now. `None`: the same as before.
    fn look(&self, before: &Found) -> Option<Found> {
        let contents: Vec<Result<Vec<u8>, Error>> =
            self.paths.iter().map(|path| read_bytes(path, MOST_OF_A_COMPONENT)).collect();
        let digests: Vec<String> =
            contents.iter().map(|it| it.as_deref().map(digest).unwrap_or_default()).collect();
        let settings = self.settings().map_err(|error| error.to_string());
        let allowed = allowed(&self.paths);
        if digests == before.digests && Some(&settings) == before.settings.as_ref() {
            let is_other = allowed != before.allowed;
            return is_other.then(|| Found { allowed, ..before.clone() });
        }
        let deciders = match &settings {
            Ok(settings) => match before.still_loaded(&digests, settings) {
                Some(deciders) => Ok(deciders),
                None => self.load(contents, settings).map_err(|error| error.to_string()),
            },
            Err(error) => Err(error.clone()),
        };
        Some(Found { deciders, digests, settings: Some(settings), allowed })
    }

    /// The settings of policies in the settings file.
    fn settings(&self) -> Result<Vec<PolicySetting>, Error> {
        let Some(path) = &self.settings else { return Ok(Vec::new()) };
        let text = read_bytes(path, MOST_OF_SETTINGS)?;
        Ok(parse_settings(&path.display().to_string(), &text)?.policies)
    }

    fn load(
        &self,
        contents: Vec<Result<Vec<u8>, Error>>,
        settings: &[PolicySetting],
    ) -> Result<Deciders, Error> {
        let mut policies = Vec::new();
        for (path, content) in self.paths.iter().zip(contents) {
            policies.push(Policy::load(&self.engine, &file_name(path), &content?)?);
        }
        let taken: BTreeSet<_> = policies.iter().flat_map(Policy::points).collect();
        let others = self.others.policies();
        let mut seen = BTreeSet::new();
        for policy in others.points().filter_map(|point| others.get(point)) {
            let is_first = seen.insert(policy.identity().sha256.clone());
            if is_first && !policy.points().any(|point| taken.contains(&point)) {
                policies.push(policy.clone());
            }
        }
        Deciders::all(Arc::new(self.others.with_policies(policies)?), settings)
    }
}

/// The digests in the files beside policies, called as the policy with `.allow` at the end.
fn allowed(paths: &[PathBuf]) -> BTreeSet<String> {
    let permission = |path: &PathBuf| {
        let mut name = OsString::from(path);
        name.push(".allow");
        let path = Path::new(&name);
        if fs::metadata(path).ok()?.len() > MOST_OF_A_PERMISSION {
            return None;
        }
        String::from_utf8(fs::read(path).ok()?).ok()
    };
    let texts: Vec<String> = paths.iter().filter_map(permission).collect();
    let words = texts.iter().flat_map(|text| text.split_whitespace());
    let digits = words.filter(|word| word.len() >= FEWEST_DIGITS).map(str::to_ascii_lowercase);
    digits.collect()
}

#[cfg(test)]
mod tests {
    use albatross_contract::PolicyPoint;
    use albatross_engine::Limits;

    use super::*;

    /// A folder with the policy `policy.wasm` and settings.
    struct Volume(PathBuf);

    impl Volume {
        fn new(name: &str) -> Volume {
            let folder = std::env::temp_dir().join(format!("albatross-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            let volume = Volume(folder);
            volume.put("policy.wasm", albatross_components::BY_TEAM);
            volume.put("settings.json", b"{}");
            volume
        }

        fn put(&self, name: &str, content: &[u8]) {
            fs::write(self.0.join(name), content).unwrap();
        }

        fn files(&self) -> Files {
            let engine = Engine::new(Limits::default());
            Files {
                paths: vec![self.0.join("policy.wasm")],
                others: Makers::load(None, &[], &engine).unwrap(),
                settings: Some(self.0.join("settings.json")),
                engine,
            }
        }
    }

    impl Drop for Volume {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn another_component_other_settings_and_a_permission_are_found_and_nothing_else() {
        let volume = Volume::new("files-change");
        let files = volume.files();
        let first = files.look(&Found::nothing()).unwrap();
        let decided = |found: &Found| found.deciders.as_ref().unwrap().decided().clone();
        assert!(files.look(&first).is_none());

        volume.put(
            "settings.json",
            br#"{ "policies": [{ "point": "grouping", "settings": "{\"most\": 3}" }] }"#,
        );
        let other_settings = files.look(&first).unwrap();
        assert!(!decided(&first).agrees(&decided(&other_settings), PolicyPoint::Grouping));

        volume.put("settings.json", b"{}");
        volume.put("policy.wasm", albatross_components::ONE_PER_NAMESPACE);
        let other = files.look(&other_settings).unwrap();
        assert_eq!(
            decided(&other).components().collect::<Vec<_>>(),
            [digest(albatross_components::ONE_PER_NAMESPACE)]
        );

        let sha256 = digest(albatross_components::ONE_PER_NAMESPACE);
        volume.put("policy.wasm.allow", format!("  {}\n", sha256[..12].to_uppercase()).as_bytes());
        let allowed = files.look(&other).unwrap();
        assert!(allowed.allows(&sha256) && !other.allows(&sha256));
        assert!(!allowed.allows(&digest(albatross_components::BY_TEAM)));
        volume.put("policy.wasm.allow", sha256[..11].as_bytes());
        assert!(
            !files.look(&allowed).unwrap().allows(&sha256),
            "a short beginning could be that of another policy"
        );
    }

    #[test]
    fn what_cannot_be_read_or_loaded_says_why() {
        let volume = Volume::new("files-wrong");
        let files = volume.files();
        let why = || files.look(&Found::nothing()).unwrap().deciders.err().unwrap();
        volume.put("settings.json", b"{ \"policies\": 3 }");
        assert!(why().contains("settings.json"), "{}", why());
        volume.put("settings.json", b"{}");
        volume.put("policy.wasm", b"\0asm");
        assert!(why().contains("policy.wasm"), "{}", why());
        fs::remove_file(volume.0.join("policy.wasm")).unwrap();
        assert!(why().contains("policy.wasm"), "{}", why());
    }

    #[test]
    fn what_was_loaded_at_the_start_is_not_compiled_again() {
        let volume = Volume::new("files-start");
        let files = volume.files();
        let loaded = files.look(&Found::nothing()).unwrap().deciders.unwrap();
        let found = files.look(&Found::loaded(loaded.clone())).unwrap().deciders.unwrap();
        assert!(Arc::ptr_eq(found.makers(), loaded.makers()));
        volume.put("policy.wasm", albatross_components::ONE_PER_NAMESPACE);
        let changed = files.look(&Found::loaded(loaded.clone())).unwrap().deciders.unwrap();
        assert_ne!(changed.decided(), loaded.decided());
    }
}
