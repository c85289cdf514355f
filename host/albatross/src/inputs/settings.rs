//! Settings: the file, the flags that override it, and the policies that take over a decision.

use albatross_contract::{Allowances, PolicyPoint, PolicySetting, RecordedPolicy, Settings, file};
use albatross_engine::PolicySet;

use super::files::{Expected, refused};
use crate::error::Error;

/// The parts of the identity that flags set.
#[derive(Clone, Debug, Default)]
pub struct IdentityOverrides {
    /// `--cluster-id`.
    pub cluster_id: Option<String>,
    /// `--cluster-uid`.
    pub cluster_uid: Option<String>,
    /// `--controller-id`.
    pub controller_id: Option<String>,
}

/// Reads the text of a settings file.
///
/// # Errors
/// The first invalid field, with the name of the file.
pub fn parse_settings(name: &str, text: &[u8]) -> Result<Settings, Error> {
    file::read_settings(text).map_err(|source| refused(name, text, Expected::Settings, source))
}

/// Puts the settings of a file over recorded ones: what the file does not mention stays.
///
/// # Errors
/// The first invalid field, with the name of the file.
pub fn override_recorded(recorded: Settings, name: &str, text: &[u8]) -> Result<Settings, Error> {
    file::override_settings(recorded, text).map_err(|source| refused(name, text, Expected::Settings, source))
}

/// Overrides the settings with the flags.
pub fn apply_overrides(settings: &mut Settings, overrides: &IdentityOverrides) {
    let identity = &mut settings.identity;
    let fields = [
        (&mut identity.cluster_id, &overrides.cluster_id),
        (&mut identity.cluster_uid, &overrides.cluster_uid),
        (&mut identity.controller_id, &overrides.controller_id),
    ];
    for (field, given) in fields {
        if let Some(given) = given {
            field.clone_from(given);
        }
    }
}

/// Where the id of the cluster can come from, if neither a flag nor the settings give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterIdSource {
    /// The environment, or the tags of the instance that the program runs on.
    Discovered,
    /// Nowhere else.
    Settings,
}

/// Checks that the settings identify the cluster, for commands that read no cluster.
///
/// # Errors
/// [`Error::IdentityMissing`] with everything that is missing.
pub fn require_identity(settings: &Settings, id: ClusterIdSource) -> Result<(), Error> {
    let identity = &settings.identity;
    let id_is_missing = id == ClusterIdSource::Settings && identity.cluster_id.is_empty();
    let missing = [
        (id_is_missing, "--cluster-id (identity.cluster-id in the settings)"),
        (identity.cluster_uid.is_empty(), "--cluster-uid (identity.cluster-uid)"),
    ];
    let missing: Vec<&str> =
        missing.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what).collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::IdentityMissing { missing }) }
}

/// Allows objects to change their names, each id once.
pub fn merge_name_changes(settings: &mut Settings, ids: &[String]) {
    merge_allowances(settings, &Allowances { name_change: ids.to_vec(), ..Allowances::default() });
}

/// Adds the allowances of the flags to those of the settings, each id once.
pub fn merge_allowances(settings: &mut Settings, given: &Allowances) {
    let merge = |into: &mut Vec<String>, from: &[String]| {
        for id in from {
            if !into.contains(id) {
                into.push(id.clone());
            }
        }
    };
    let allowances = &mut settings.allowances;
    merge(&mut allowances.release, &given.release);
    merge(&mut allowances.unneeded, &given.unneeded);
    merge(&mut allowances.name_change, &given.name_change);
    merge(&mut allowances.targets, &given.targets);
    merge(&mut allowances.take_over_cluster, &given.take_over_cluster);
    for (into, from) in [(&mut allowances.adopt, &given.adopt), (&mut allowances.forget, &given.forget)] {
        if let Some(from) = from {
            merge(into.get_or_insert_default(), from);
        }
    }
}

/// Adapts recorded settings to the policies that are passed now, and adds those that are new. Returns remarks, as
/// [`keep_recorded_policies`].
///
/// # Errors
/// A policy does not accept its settings, such as empty ones.
pub fn adopt_recorded_policies(
    settings: &mut Settings,
    recorded: &[RecordedPolicy],
    policies: &PolicySet,
) -> Result<Vec<String>, Error> {
    let remarks = keep_recorded_policies(settings, recorded, policies);
    add_policies(settings, policies)?;
    Ok(remarks)
}

/// Keeps what the policies that are passed now can use of recorded settings. The planner itself decides a point whose policy is
/// not passed. Settings that were recorded for another policy, and that the policy passed now does not understand, are
/// dropped. Returns remarks about both.
pub fn keep_recorded_policies(
    settings: &mut Settings,
    recorded: &[RecordedPolicy],
    policies: &PolicySet,
) -> Vec<String> {
    let mut remarks = Vec::new();
    settings.policies.retain_mut(|setting| {
        let point = setting.point.as_str();
        let before = recorded.iter().find(|found| found.point == setting.point);
        let name = before.map_or("a policy", |found| found.component.name.as_str());
        let Some(policy) = policies.get(setting.point) else {
            remarks.push(format!(
                "{name} decided {point} in this recording and was not passed, so the planner itself decides {point}; to get \
                 the recorded plan, pass that policy with --policy"
            ));
            return false;
        };
        let is_another = before.is_none_or(|found| found.component.sha256 != policy.identity().sha256);
        if is_another && !setting.settings.is_empty() && policy.validate_settings(&setting.settings).is_err() {
            remarks.push(format!(
                "policy {} does not understand the settings recorded for {name}, and runs without settings",
                policy.identity().name
            ));
            setting.settings.clear();
        }
        true
    });
    remarks
}

/// Adds each policy to the settings, once for each point that it decides, with empty settings where there are none; then
/// each policy validates its settings.
///
/// # Errors
/// A policy does not understand its settings.
pub fn add_policies(settings: &mut Settings, policies: &PolicySet) -> Result<(), Error> {
    for point in policies.points() {
        if !settings.policies.iter().any(|setting| setting.point == point) {
            settings.policies.push(PolicySetting { point, settings: String::new() });
        }
        validate(settings, policies, point)?;
    }
    settings.policies.sort_by_key(|setting| setting.point);
    Ok(())
}

fn validate(settings: &Settings, policies: &PolicySet, point: PolicyPoint) -> Result<(), Error> {
    let text = settings.policies.iter().find(|setting| setting.point == point);
    let (Some(setting), Some(policy)) = (text, policies.get(point)) else { return Ok(()) };
    policy.validate_settings(&setting.settings).map_err(|source| Error::PolicySettings { point, source })
}
