//! The files of policies, which may change while the controller runs: a volume with a ConfigMap, for example.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use albatross_contract::PolicySetting;
use albatross_engine::{Engine, Policy};
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

use crate::{
    error::Error,
    inputs::{
        MOST_OF_A_COMPONENT, MOST_OF_SETTINGS, PolicyComponent, PolicyReader, PolicySource, file_name,
        parse_settings, read_bytes,
    },
    swap::digest,
};

/// How often the files are read. A change counts when two readings in a row found the same: component and settings may arrive one
/// after the other, and a file may be copied while it is read. A ConfigMap takes up to a minute to reach its volume anyway.
const LOOK: Duration = Duration::from_secs(5);
/// How often a policy that could not be loaded is tried again although nothing has changed: a registry may have been away.
const AGAIN: Duration = Duration::from_secs(60);
/// The longest text of a file beside a policy that allows it.
const MOST_OF_A_PERMISSION: u64 = 4096;

/// What the files had at a time, when it did not change any more.
#[derive(Clone)]
pub struct Found {
    content: Content,
    /// The policies, or in words why they cannot be used.
    pub policies: Result<Vec<Policy>, String>,
}

/// What decides whether something has changed.
#[derive(Clone, Default, PartialEq)]
struct Content {
    /// What says whether a source has changed, in the order of the sources: the digest of a file, which is empty if the file cannot be
    /// read, or the reference into a registry, which names a digest.
    digests: Vec<String>,
    /// The settings of policies, or in words why they cannot be read. Absent: there is no settings file.
    settings: Option<Result<Vec<PolicySetting>, String>>,
    /// What a person allows.
    allowed: BTreeSet<String>,
}

impl Found {
    /// What the program loaded from these sources at its start.
    pub fn loaded(
        sources: &[PolicySource],
        policies: Vec<Policy>,
        settings: Option<Vec<PolicySetting>>,
    ) -> Found {
        let digest = |(source, policy): (&PolicySource, &Policy)| match source {
            PolicySource::File(_) => policy.identity().sha256.clone(),
            PolicySource::Registry(reference) => reference.to_string(),
        };
        let digests = sources.iter().zip(&policies).map(digest).collect();
        let content = Content { digests, settings: settings.map(Ok), allowed: BTreeSet::new() };
        Found { content, policies: Ok(policies) }
    }

    /// What could not be loaded at the start.
    pub fn unfit(reason: String) -> Found {
        Found {
            content: Content { digests: vec![String::new()], ..Content::default() },
            policies: Err(reason),
        }
    }

    /// Nothing is read yet, or there is nothing to read.
    pub fn nothing() -> Found {
        Found { content: Content::default(), policies: Err("not read yet".to_owned()) }
    }

    /// Whether the files were read.
    pub fn is_read(&self) -> bool {
        !self.content.digests.is_empty()
    }

    /// The settings of policies.
    pub fn settings(&self) -> &[PolicySetting] {
        self.content.settings.as_ref().and_then(|settings| settings.as_deref().ok()).unwrap_or_default()
    }

    /// Whether a person allows the policies with this [token](crate::swap::Decided::token).
    pub fn allows(&self, token: &str) -> bool {
        self.content.allowed.contains(token)
    }
}

/// Files of policies that together are one candidate.
pub struct Files {
    /// The files, and references into registries.
    pub sources: Vec<PolicySource>,
    /// Reads them.
    pub reader: PolicyReader,
    /// The settings file, which may have settings of the policies.
    pub settings: Option<PathBuf>,
    /// What a person allows, besides what is in files.
    pub allowed: Vec<String>,
    /// Compiles the policies.
    pub engine: Engine,
}

/// The bytes of the files, in the order of the sources. Those in registries are read when they are loaded.
type Bytes = Vec<Option<Result<Vec<u8>, Error>>>;

impl Files {
    /// Reads the files again and again. `first`: what they had at the start.
    pub fn watch(self, first: Found) -> watch::Receiver<Found> {
        let (sender, receiver) = watch::channel(first);
        if !self.sources.is_empty() {
            tokio::spawn(self.follow(sender));
        }
        receiver
    }

    async fn follow(self, sender: watch::Sender<Found>) {
        let files = Arc::new(self);
        let (mut seen, mut loaded) = (None, Instant::now());
        while !sender.is_closed() {
            sleep(LOOK).await;
            let (files, before) = (Arc::clone(&files), sender.borrow().clone());
            // Compiling takes up to seconds, and the Lease must be renewed meanwhile.
            let is_over = before.policies.is_err() && loaded.elapsed() >= AGAIN;
            let last: Option<Content> = seen.take();
            let looked = spawn_blocking(move || files.look(&before, last.as_ref(), is_over)).await;
            let Ok((now, found)) = looked else { return };
            seen = Some(now);
            if let Some(found) = found {
                loaded = Instant::now();
                // What fails in the same way as before is no news.
                let is_news = |before: &Found| found.content != before.content || found.policies.is_ok();
                sender.send_if_modified(|before| {
                    let is_news = is_news(before);
                    if is_news {
                        before.clone_from(&found);
                    }
                    is_news
                });
            }
        }
    }

    /// What is in the files, and what they have if that is new and was there last time too, or is to be tried `again`.
    fn look(&self, before: &Found, seen: Option<&Content>, again: bool) -> (Content, Option<Found>) {
        let (now, bytes) = self.read();
        if (now == before.content && !again) || seen != Some(&now) {
            return (now, None);
        }
        let is_same = now.digests == before.content.digests && before.policies.is_ok();
        let policies = match (&now.settings, is_same) {
            (Some(Err(error)), _) => Err(error.clone()),
            (_, true) => before.policies.clone(),
            (_, false) => self.load(bytes).map_err(|error| error.to_string()),
        };
        (now.clone(), Some(Found { content: now, policies }))
    }

    fn read(&self) -> (Content, Bytes) {
        let read = |source: &PolicySource| match source {
            PolicySource::File(path) => Some(read_bytes(path, MOST_OF_A_COMPONENT)),
            PolicySource::Registry(_) => None,
        };
        let bytes: Bytes = self.sources.iter().map(read).collect();
        let digest = |(source, bytes): (&PolicySource, &Option<Result<Vec<u8>, Error>>)| match (source, bytes)
        {
            (PolicySource::Registry(reference), _) => reference.to_string(),
            (PolicySource::File(_), Some(Ok(bytes))) => digest(bytes),
            (PolicySource::File(_), _) => String::new(),
        };
        let digests = self.sources.iter().zip(&bytes).map(digest).collect();
        let settings = self.settings.as_deref().map(|path| settings(path).map_err(|error| error.to_string()));
        let allowed = allowed(&self.sources).into_iter().chain(self.allowed.iter().cloned());
        (Content { digests, settings, allowed: allowed.collect() }, bytes)
    }

    fn load(&self, bytes: Bytes) -> Result<Vec<Policy>, Error> {
        let mut policies = Vec::new();
        for (source, bytes) in self.sources.iter().zip(bytes) {
            let component = match (source, bytes) {
                (PolicySource::File(path), Some(bytes)) => {
                    PolicyComponent { name: file_name(path), bytes: bytes? }
                }
                (source, _) => self.reader.read(source, &mut |message| tracing::warn!("{message}"))?,
            };
            policies.push(Policy::load(&self.engine, &component.name, &component.bytes)?);
        }
        Ok(policies)
    }
}

/// The settings of policies in a settings file.
fn settings(path: &Path) -> Result<Vec<PolicySetting>, Error> {
    let text = read_bytes(path, MOST_OF_SETTINGS)?;
    Ok(parse_settings(&path.display().to_string(), &text)?.policies)
}

/// What is in the files beside policies that are called as the policy with `.allow` at the end.
fn allowed(sources: &[PolicySource]) -> BTreeSet<String> {
    let permission = |source: &PolicySource| {
        let PolicySource::File(path) = source else { return None };
        let mut name = OsString::from(path);
        name.push(".allow");
        let path = Path::new(&name);
        // A pipe or a device may never end.
        let bytes = path.is_file().then(|| read_bytes(path, MOST_OF_A_PERMISSION))?;
        String::from_utf8(bytes.ok()?).ok()
    };
    let texts: Vec<String> = sources.iter().filter_map(permission).collect();
    texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
            Files {
                sources: vec![PolicySource::File(self.0.join("policy.wasm"))],
                reader: PolicyReader::new(None),
                allowed: Vec::new(),
                settings: Some(self.0.join("settings.json")),
                engine: Engine::new(Limits::default()),
            }
        }
    }

    impl Drop for Volume {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// What two readings find that is new.
    fn twice(files: &Files, before: &Found) -> Option<Found> {
        let (seen, nothing) = files.look(before, None, false);
        assert!(nothing.is_none(), "one reading is not enough");
        files.look(before, Some(&seen), false).1
    }

    fn components(found: &Found) -> Vec<String> {
        found.policies.as_ref().unwrap().iter().map(|policy| policy.identity().sha256.clone()).collect()
    }

    #[test]
    fn another_component_other_settings_and_a_permission_are_found_and_nothing_else() {
        let volume = Volume::new("files-change");
        let files = volume.files();
        let first = twice(&files, &Found::nothing()).unwrap();
        assert!(twice(&files, &first).is_none());

        volume.put(
            "settings.json",
            br#"{ "policies": [{ "point": "grouping", "settings": "{\"most\": 3}" }] }"#,
        );
        let settings = twice(&files, &first).unwrap();
        assert_eq!((first.settings().len(), settings.settings().len()), (0, 1));

        volume.put("policy.wasm", albatross_components::ONE_PER_NAMESPACE);
        let other = twice(&files, &settings).unwrap();
        assert_eq!(components(&other), [digest(albatross_components::ONE_PER_NAMESPACE)]);

        volume.put("policy.wasm.allow", b"  0123456789AB\n");
        let allowed = twice(&files, &other).unwrap();
        assert!(allowed.allows("0123456789ab") && !other.allows("0123456789ab"));
        assert!(!allowed.allows("0123456789ac"));
    }

    #[test]
    fn a_file_that_changes_between_two_readings_does_not_count_yet() {
        let volume = Volume::new("files-moving");
        let files = volume.files();
        let first = twice(&files, &Found::nothing()).unwrap();
        volume.put("policy.wasm", b"half of a component");
        let (half, _) = files.look(&first, None, false);
        volume.put("policy.wasm", albatross_components::ONE_PER_NAMESPACE);
        let (whole, nothing) = files.look(&first, Some(&half), false);
        assert!(nothing.is_none());
        assert!(files.look(&first, Some(&whole), false).1.unwrap().policies.is_ok());
    }

    #[test]
    fn what_cannot_be_read_or_loaded_says_why() {
        let volume = Volume::new("files-wrong");
        let files = volume.files();
        let why = || twice(&files, &Found::nothing()).unwrap().policies.err().unwrap();
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
        let policies = twice(&files, &Found::nothing()).unwrap().policies.unwrap();
        let loaded = Found::loaded(&files.sources, policies, Some(Vec::new()));
        assert!(twice(&files, &loaded).is_none());
        volume.put("policy.wasm", albatross_components::ONE_PER_NAMESPACE);
        assert!(twice(&files, &loaded).is_some());
    }
}
