//! What a recorded pass is planned with: the components and settings of the recording, or others.

use std::{path::Path, sync::Arc};

use albatross_contract::{Allowances, ComponentIdentity, PolicyPoint, Settings};

use super::{Components, Recorded};
use crate::{
    error::Error,
    inputs::{MOST_OF_SETTINGS, adopt_recorded_policies, merge_allowances, override_recorded, read_bytes},
    pass::{Makers, Pass},
    render::{terms, words::short_digest},
};

/// What is tried on recorded passes.
pub struct Trial {
    components: Components,
    /// Settings that replace those of the recording: the file and its text.
    settings: Option<(String, Vec<u8>)>,
    allowances: Allowances,
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
    /// A file that does not contain settings, or a component that cannot be loaded.
    pub fn new(
        components: Components,
        settings: Option<&Path>,
        allowances: Allowances,
    ) -> Result<Trial, Error> {
        let read = |path: &Path| -> Result<(String, Vec<u8>), Error> {
            let (name, text) = (path.display().to_string(), read_bytes(path, MOST_OF_SETTINGS)?);
            // What is wrong with the file is said once, and not for each pass.
            override_recorded(Settings::default(), &name, &text)?;
            Ok((name, text))
        };
        let settings = settings.map(read).transpose()?;
        crate::inputs::allowances::check_form(&allowances)?;
        components.with(&(&albatross_engine::Limits::default()).into())?;
        Ok(Trial { components, settings, allowances })
    }

    /// The components with the default limits, to say what they are.
    ///
    /// # Errors
    /// A component that cannot be loaded.
    pub fn makers(&self) -> Result<Arc<Makers>, Error> {
        self.components.with(&(&albatross_engine::Limits::default()).into())
    }

    /// Plans a recorded pass. `name`: its file.
    ///
    /// # Errors
    /// A policy of the recording is missing, or there is no plan.
    pub fn replay(&self, recorded: &Recorded, name: &str) -> Result<Replayed, Error> {
        let makers = self.components.with(&recorded.limits)?;
        let other_policies = !same_policies(recorded, &makers);
        let missing = missing_policies(recorded, &makers);
        if !missing.is_empty() {
            return Err(Error::PolicyNotGiven { name: name.to_owned(), policies: missing.join(", ") });
        }
        let mut snapshot = recorded.snapshot.clone();
        if let Some((file, text)) = &self.settings {
            snapshot.settings = override_recorded(snapshot.settings, file, text)?;
        }
        merge_allowances(&mut snapshot.settings, &self.allowances);
        let mut remarks = Vec::new();
        if other_policies {
            remarks = adopt_recorded_policies(&mut snapshot.settings, &recorded.policies, makers.policies())?;
            // A point that was frozen, because its policy failed, is asked again: this is another policy.
            snapshot.frozen.retain(|point| makers.policies().get(*point).is_none());
        }
        let is_trial = other_policies || snapshot.settings != recorded.snapshot.settings;
        let pass = makers.pass(snapshot)?;
        Ok(Replayed { makers, pass, is_trial, other_policies, remarks })
    }
}

/// Whether the policies that are passed now are those that decided when the pass was recorded.
fn same_policies(recorded: &Recorded, makers: &Makers) -> bool {
    let given = makers.policy_identities();
    given.iter().all(|(point, policy)| {
        recorded
            .policies
            .iter()
            .any(|before| before.point == *point && before.component.sha256 == policy.sha256)
    }) && asked(recorded).iter().all(|point| given.iter().any(|(given, _)| given == point))
}

/// The points that were decided by policies when the pass was recorded.
fn asked(recorded: &Recorded) -> Vec<PolicyPoint> {
    let snapshot = &recorded.snapshot;
    let points = snapshot.settings.policies.iter().map(|setting| setting.point);
    points.filter(|point| !snapshot.frozen.contains(point)).collect()
}

/// The policies that decided when the pass was recorded, and for whose points none is passed now.
fn missing_policies(recorded: &Recorded, makers: &Makers) -> Vec<String> {
    let asked = asked(recorded);
    let missing = recorded
        .policies
        .iter()
        .filter(|policy| asked.contains(&policy.point) && makers.policies().get(policy.point).is_none());
    missing
        .map(|policy| format!("{} for {}", component(&policy.component), terms::policy_point(policy.point)))
        .collect()
}

/// `albatross 0.1.0 (sha256 3f2a91c0)`.
pub fn component(identity: &ComponentIdentity) -> String {
    format!("{} (sha256 {})", identity.name, short_digest(&identity.sha256))
}
