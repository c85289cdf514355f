//! Who decides in a plan.

use std::sync::Arc;

use albatross_contract::{Budget, Plan, PolicyPoint, PolicySetting, Settings, Snapshot};

use super::Decided;
use crate::{
    error::Error,
    inputs::{add_policies, merge_name_changes},
    pass::{Makers, Pass},
    render::words::short_digest,
};

/// The components that plan, with the settings of their policies, and the points that nobody decides for now. Cheap to clone.
#[derive(Clone)]
pub struct Deciders {
    makers: Arc<Makers>,
    policies: Vec<PolicySetting>,
    frozen: Vec<PolicyPoint>,
    decided: Decided,
}

impl Deciders {
    /// All policies of some components decide. `given`: settings of policies; those of policies that are not here are left out.
    ///
    /// # Errors
    /// A policy does not accept its settings.
    pub fn all(makers: Arc<Makers>, given: &[PolicySetting]) -> Result<Deciders, Error> {
        let is_here = |setting: &&PolicySetting| makers.policies().get(setting.point).is_some();
        let policies = given.iter().filter(is_here).cloned().collect();
        let mut settings = Settings { policies, ..Settings::default() };
        add_policies(&mut settings, makers.policies())?;
        let decided = Decided::by(&makers, &settings.policies);
        Ok(Deciders { makers, policies: settings.policies, frozen: Vec::new(), decided })
    }

    /// As much as can be of what decided before, with these components. A point whose policy is not among them, or not with these
    /// settings, is frozen, and a point that the planner itself decided is decided by the planner.
    pub fn as_before(&self, before: Decided) -> Deciders {
        let is_kept = |setting: &&PolicySetting| before.has(setting.point);
        Deciders {
            makers: Arc::clone(&self.makers),
            policies: self.policies.iter().filter(is_kept).cloned().collect(),
            frozen: before.points().filter(|point| !before.agrees(&self.decided, *point)).collect(),
            decided: before,
        }
    }

    /// The components.
    pub fn makers(&self) -> &Arc<Makers> {
        &self.makers
    }

    /// The policies that decide; for a frozen point, the policy that decided last.
    pub fn decided(&self) -> &Decided {
        &self.decided
    }

    /// The policies in words: `by_team.wasm (sha256 3f2a91c0)`.
    pub fn words(&self) -> String {
        self.words_beyond(&Decided::default())
    }

    /// The policies in words, without those that decided before with the same settings.
    pub fn words_beyond(&self, before: &Decided) -> String {
        let policies = self.makers.policy_identities().into_iter();
        let new = policies.filter(|(point, _)| !self.decided.agrees(before, *point));
        let mut names: Vec<String> =
            new.map(|(_, it)| format!("{} (sha256 {})", it.name, short_digest(&it.sha256))).collect();
        names.dedup();
        match names.is_empty() {
            true => "the planner without a policy".to_owned(),
            false => names.join(", "),
        }
    }

    /// The points that nobody decides, since the policy that decided last is not there.
    pub fn frozen(&self) -> &[PolicyPoint] {
        &self.frozen
    }

    /// Makes the plan of a snapshot, whose policies are replaced by these. `allows_names`: a person allows the name changes that
    /// these policies bring about, so that the budget does not withhold them.
    ///
    /// # Errors
    /// The planner has no plan, or the guard refuses it.
    pub fn pass(&self, mut snapshot: Snapshot, allows_names: bool) -> Result<Pass, Error> {
        snapshot.settings.policies.clone_from(&self.policies);
        snapshot.frozen.clone_from(&self.frozen);
        if !allows_names {
            return self.makers.pass(snapshot);
        }
        let pass = self.makers.pass(snapshot.clone())?;
        let withheld = withheld_names(&pass.plan);
        if withheld.is_empty() {
            return Ok(pass);
        }
        merge_name_changes(&mut snapshot.settings, &withheld);
        self.makers.pass(snapshot)
    }
}

fn withheld_names(plan: &Plan) -> Vec<String> {
    let of_names = plan.withheld.iter().filter(|withheld| withheld.budget == Budget::NameChanges);
    of_names.flat_map(|withheld| withheld.ids.iter().cloned()).collect()
}
