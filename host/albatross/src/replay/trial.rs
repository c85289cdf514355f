//! What a recorded pass is planned with: the components and settings of the recording, or others.

use std::{
    borrow::Cow,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use albatross_contract::{Allowances, ComponentIdentity, PolicyPoint, PolicySetting, Settings, Snapshot};

use super::Components;
use crate::{
    error::Error,
    inputs::{
        MOST_OF_SETTINGS, Recorded, add_policies, allowances, keep_recorded_policies, merge_allowances,
        override_recorded, read_bytes,
    },
    pass::{Makers, Pass},
    render::words::short_digest,
};

/// What is tried on recorded passes.
pub struct Trial {
    components: Components,
    /// Settings that replace those of the recording.
    settings: Option<OtherSettings>,
    allowances: Allowances,
    /// Points that are frozen in each pass, in place of those of the recording.
    frozen: Option<Vec<PolicyPoint>>,
    /// Allowances whose ids were in none of the passes so far. `None`: there was no pass.
    unknown: Mutex<Option<Vec<Error>>>,
}

/// A settings file.
struct OtherSettings {
    name: String,
    text: Vec<u8>,
    /// Whether it has settings of policies, which then replace the recorded ones.
    has_policies: bool,
}

/// A recorded pass with what it is planned with.
pub struct Asked {
    makers: Arc<Makers>,
    snapshot: Snapshot,
    /// Whether other policies, settings or allowances are asked for: the plan may differ.
    pub is_trial: bool,
    other_policies: bool,
    remarks: Vec<String>,
}

/// A recorded pass that was planned again.
pub struct Replayed {
    /// The components.
    pub makers: Arc<Makers>,
    /// The plan.
    pub pass: Pass,
    /// Whether other policies, settings or allowances were asked for: the plan may differ.
    pub is_trial: bool,
    /// The policies that were asked are not those of the recording.
    pub other_policies: bool,
    /// What a person should know about it.
    pub remarks: Vec<String>,
}

impl Trial {
    /// Tries these components, settings (if there is a file) and allowances.
    ///
    /// # Errors
    /// A file that does not contain settings, settings that do not fit to the policies, or a component that cannot be loaded.
    pub fn new(
        components: Components,
        settings: Option<&Path>,
        allowances: Allowances,
    ) -> Result<Trial, Error> {
        allowances::check_form(&allowances)?;
        let makers = components.with(&(&albatross_engine::Limits::default()).into())?;
        // What is wrong with the file is said once, and not for each pass.
        let settings = settings.map(|path| OtherSettings::read(path, &makers)).transpose()?;
        Ok(Trial { components, settings, allowances, frozen: None, unknown: Mutex::default() })
    }

    /// Freezes these points in each pass, and no other. `None`: those that were frozen.
    pub fn with_frozen(self, frozen: Option<Vec<PolicyPoint>>) -> Trial {
        Trial { frozen, ..self }
    }

    /// The components with the default limits, to say what they are.
    ///
    /// # Errors
    /// A component that cannot be loaded.
    pub fn makers(&self) -> Result<Arc<Makers>, Error> {
        self.components.with(&(&albatross_engine::Limits::default()).into())
    }

    /// What is tried, in words. Empty: nothing but the components of the recordings.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        if let Ok(makers) = self.makers() {
            words.extend(makers.policy_names().into_iter().map(Cow::into_owned));
        }
        if self.settings.is_some() {
            words.push("other settings".to_owned());
        }
        if self.allowances != Allowances::default() {
            words.push("other allowances".to_owned());
        }
        match self.frozen.as_deref() {
            None => {}
            Some([]) => words.push("nothing frozen".to_owned()),
            Some(points) => {
                let points: Vec<&str> = points.iter().map(|point| point.as_str()).collect();
                words.push(format!("frozen: {}", points.join(", ")));
            }
        }
        words
    }

    /// Checks that each id of the allowances was in one of the passes: a misspelled id would allow nothing.
    ///
    /// # Errors
    /// The first id that was in none of them.
    pub fn check_allowances(&self) -> Result<(), Error> {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner).take();
        unknown.into_iter().flatten().next().map_or(Ok(()), Err)
    }

    fn allow(&self, snapshot: &mut Snapshot) {
        if self.allowances == Allowances::default() {
            return;
        }
        let known = snapshot.settings.allowances.clone();
        merge_allowances(&mut snapshot.settings, &self.allowances);
        let mut here = allowances::unknown(&known, snapshot);
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = unknown.take() {
            let before: Vec<String> = before.iter().map(ToString::to_string).collect();
            here.retain(|error| before.contains(&error.to_string()));
        }
        *unknown = Some(here);
    }

    /// Plans a recorded pass. `name`: its file.
    ///
    /// # Errors
    /// A policy of the recording is missing, or there is no plan.
    pub fn replay(&self, recorded: &Recorded, name: &str) -> Result<Replayed, Error> {
        self.question(recorded, name)?.plan()
    }

    /// What a recorded pass is planned with. `name`: its file.
    ///
    /// # Errors
    /// A policy of the recording is missing, or policies do not understand their settings.
    pub fn question(&self, recorded: &Recorded, name: &str) -> Result<Asked, Error> {
        let makers = self.components.with(&recorded.limits)?;
        let other_policies = !same_policies(recorded, &makers);
        let frozen = self.frozen.as_ref().unwrap_or(&recorded.snapshot.frozen);
        let missing = missing_policies(recorded, frozen, &makers);
        if !missing.is_empty() {
            return Err(Error::PolicyNotGiven { name: name.to_owned(), policies: missing.join(", ") });
        }
        let mut snapshot = recorded.snapshot.clone();
        let mut remarks = Vec::new();
        let has_policies = self.settings.as_ref().is_some_and(|settings| settings.has_policies);
        if other_policies && !has_policies {
            remarks = keep_recorded_policies(&mut snapshot.settings, &recorded.policies, makers.policies());
        }
        if let Some(OtherSettings { name, text, .. }) = &self.settings {
            snapshot.settings = override_recorded(snapshot.settings, name, text)?;
        }
        self.allow(&mut snapshot);
        if other_policies || snapshot.settings.policies != recorded.snapshot.settings.policies {
            add_policies(&mut snapshot.settings, makers.policies())?;
            // A point that was frozen, because its policy failed, is asked again: this is another policy.
            snapshot.frozen.retain(|point| makers.policies().get(*point).is_none());
        }
        if let Some(frozen) = &self.frozen {
            let is_there =
                |point: &&PolicyPoint| snapshot.settings.policies.iter().any(|it| it.point == **point);
            snapshot.frozen = frozen.iter().filter(is_there).copied().collect();
        }
        let is_trial = other_policies
            || snapshot.settings != recorded.snapshot.settings
            || (self.frozen.is_some() && snapshot.frozen != recorded.snapshot.frozen);
        Ok(Asked { makers, snapshot, is_trial, other_policies, remarks })
    }
}

impl Asked {
    /// Makes the plan.
    ///
    /// # Errors
    /// There is no plan.
    pub fn plan(self) -> Result<Replayed, Error> {
        let Asked { makers, snapshot, is_trial, other_policies, remarks } = self;
        let pass = makers.pass(snapshot)?;
        Ok(Replayed { makers, pass, is_trial, other_policies, remarks })
    }
}

impl OtherSettings {
    fn read(path: &Path, makers: &Makers) -> Result<OtherSettings, Error> {
        let (name, text) = (path.display().to_string(), read_bytes(path, MOST_OF_SETTINGS)?);
        let points = makers.policies().points();
        let policies: Vec<PolicySetting> =
            points.map(|point| PolicySetting { point, settings: String::new() }).collect();
        let before = Settings { policies, ..Settings::default() };
        let mut after = override_recorded(before.clone(), &name, &text)?;
        let has_policies = after.policies != before.policies;
        if has_policies {
            let has = |settings: &Settings, point| settings.policies.iter().any(|it| it.point == point);
            let problem = |point: PolicyPoint, problem| Error::PoliciesOfSettings {
                name: name.clone(),
                point: point.as_str(),
                problem,
            };
            if let Some(left) = before.policies.iter().find(|it| !has(&after, it.point)) {
                return Err(problem(left.point, "is missing, although a policy for it is passed: add it"));
            }
            if let Some(more) = after.policies.iter().find(|it| !has(&before, it.point)) {
                return Err(problem(more.point, "needs a policy: pass it with --policy"));
            }
            add_policies(&mut after, makers.policies())?;
        }
        Ok(OtherSettings { name, text, has_policies })
    }
}

/// Whether the policies that are passed now are those of the recording. A policy that was not asked makes no difference.
fn same_policies(recorded: &Recorded, makers: &Makers) -> bool {
    let snapshot = &recorded.snapshot;
    let named: Vec<PolicyPoint> = snapshot.settings.policies.iter().map(|setting| setting.point).collect();
    let given = makers.policy_identities();
    let is_same = |(point, policy): &(PolicyPoint, &ComponentIdentity)| {
        let before = recorded.policies.iter().find(|before| before.point == *point);
        // Bundles of older versions do not say whose point was frozen.
        before.map_or(!snapshot.frozen.contains(point), |before| before.component.sha256 == policy.sha256)
    };
    given.iter().all(|given| named.contains(&given.0) && is_same(given))
        && asked(recorded, &snapshot.frozen).iter().all(|point| given.iter().any(|(given, _)| given == point))
}

/// The points that policies decide if some are frozen.
fn asked(recorded: &Recorded, frozen: &[PolicyPoint]) -> Vec<PolicyPoint> {
    let points = recorded.snapshot.settings.policies.iter().map(|setting| setting.point);
    points.filter(|point| !frozen.contains(point)).collect()
}

/// The policies of the recording that are asked if some points are frozen, and for whose points none is passed now.
fn missing_policies(recorded: &Recorded, frozen: &[PolicyPoint], makers: &Makers) -> Vec<String> {
    let asked = asked(recorded, frozen);
    let missing = recorded
        .policies
        .iter()
        .filter(|policy| asked.contains(&policy.point) && makers.policies().get(policy.point).is_none());
    missing.map(|policy| format!("{} for {}", component(&policy.component), policy.point.as_str())).collect()
}

/// `albatross 0.1.0 (sha256 3f2a91c0)`.
pub fn component(identity: &ComponentIdentity) -> String {
    format!("{} (sha256 {})", identity.name, short_digest(&identity.sha256))
}
