//! Settings: the file, what flags say over it, and the policies that take over a decision.

use albatross_contract::{Allowances, PolicyPoint, PolicySetting, RecordedPolicy, Settings, file};
use albatross_engine::PolicySet;

use crate::{error::Error, render::terms};

/// Whose resources these are, where a flag says so.
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
/// What is not as it should be, with the name of the file.
pub fn parse_settings(name: &str, text: &[u8]) -> Result<Settings, Error> {
    file::read_settings(text).map_err(|source| Error::File { name: name.to_owned(), source })
}

/// Puts the flags over the settings.
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

/// Looks for the uid of the cluster where no cluster is asked for it.
///
/// # Errors
/// [`Error::ClusterUidMissing`].
pub fn require_cluster_uid(settings: &Settings) -> Result<(), Error> {
    if settings.identity.cluster_uid.is_empty() { Err(Error::ClusterUidMissing) } else { Ok(()) }
}

/// Adds what flags allow to what the settings allow, each id once.
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
}

/// Makes recorded settings fit the policies at hand. Of a point whose policy is not given the planner decides itself. A
/// text that was recorded for another policy, and that the policy at hand does not understand, is left out. Gives what a
/// person should know of that.
///
/// # Errors
/// What a policy says of an empty text.
pub fn adopt_recorded_policies(
    settings: &mut Settings,
    recorded: &[RecordedPolicy],
    policies: &PolicySet,
) -> Result<Vec<String>, Error> {
    let mut remarks = Vec::new();
    settings.policies.retain_mut(|setting| {
        let point = terms::policy_point(setting.point);
        let before = recorded.iter().find(|found| found.point == setting.point);
        let name = before.map_or("a policy", |found| found.component.name.as_str());
        let Some(policy) = policies.get(setting.point) else {
            remarks.push(format!(
                "{name} decided {point} when this was recorded, and is not given: the planner decides {point} itself; give \
                 the policy with --policy to plan as it was"
            ));
            return false;
        };
        let is_another = before.is_none_or(|found| found.component.sha256 != policy.identity().sha256);
        if is_another && !setting.settings.is_empty() && policy.validate_settings(&setting.settings).is_err() {
            remarks.push(format!(
                "the settings that were recorded for {name} are not understood by {}: it gets none",
                policy.identity().name
            ));
            setting.settings.clear();
        }
        true
    });
    add_policies(settings, policies)?;
    Ok(remarks)
}

/// Names every policy in the settings, for each point that it decides, with the text that the settings have for that
/// point, else an empty one; and asks each whether it understands the text.
///
/// # Errors
/// What a policy says of its settings.
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
