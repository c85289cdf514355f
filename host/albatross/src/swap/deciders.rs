//! Who decides in a plan.

use std::{collections::BTreeSet, sync::Arc};

use albatross_contract::{PolicyPoint, PolicySetting, Settings, Snapshot};
use albatross_engine::Policy;

use super::Decided;
use crate::{
    error::Error,
    inputs::{add_policies, merge_name_changes},
    pass::{Makers, Pass},
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
    /// All policies of some components decide. `given`: their settings, from the file `name`.
    ///
    /// # Errors
    /// Settings for a point that no policy decides, or that a policy does not accept.
    pub fn all(makers: Arc<Makers>, name: &str, given: &[PolicySetting]) -> Result<Deciders, Error> {
        if let Some(more) = given.iter().find(|setting| makers.policies().get(setting.point).is_none()) {
            let problem = "needs a policy: pass it with --policy";
            let point = more.point.as_str();
            return Err(Error::PoliciesOfSettings { name: name.to_owned(), point, problem });
        }
        let mut settings = Settings { policies: given.to_vec(), ..Settings::default() };
        add_policies(&mut settings, makers.policies())?;
        let decided = Decided::by(policies(&makers), &settings.policies);
        Ok(Deciders { makers, policies: settings.policies, frozen: Vec::new(), decided })
    }

    /// As much as can be of what decided before, with these components. A point whose policy is not among them, or not with these
    /// settings, is frozen, and a point that the planner itself decided is decided by the planner.
    pub fn as_before(&self, before: Decided) -> Deciders {
        let is_kept = |setting: &&PolicySetting| before.has(setting.point);
        Deciders {
            makers: Arc::clone(&self.makers),
            policies: self.policies.iter().filter(is_kept).cloned().collect(),
            frozen: before
                .components()
                .map(|(point, _)| point)
                .filter(|point| !before.agrees(&self.decided, *point))
                .collect(),
            decided: before,
        }
    }

    /// Other policies instead of these, with the same planner. `given`: their settings, from the file `name`.
    ///
    /// # Errors
    /// As for [`Deciders::all`], and two policies for one point.
    pub fn instead(
        &self,
        policies: &[Policy],
        name: &str,
        given: &[PolicySetting],
    ) -> Result<Deciders, Error> {
        Deciders::all(Arc::new(self.makers.with_policies(policies.to_vec())?), name, given)
    }

    /// Other policies, with these of here for what they do not decide. `given`: settings of the other policies, from the file `name`;
    /// settings for other points are left out.
    ///
    /// # Errors
    /// Two policies for one point, or settings that a policy does not accept.
    pub fn with(&self, policies: &[Policy], name: &str, given: &[PolicySetting]) -> Result<Deciders, Error> {
        let taken: BTreeSet<PolicyPoint> = policies.iter().flat_map(Policy::points).collect();
        let is_taken = |point: &PolicyPoint| taken.contains(point);
        let mut all = policies.to_vec();
        all.extend(
            self::policies(&self.makers).filter(|policy| !policy.points().any(|it| is_taken(&it))).cloned(),
        );
        let of_here = self.policies.iter().filter(|setting| !is_taken(&setting.point));
        let settings = given.iter().filter(|setting| is_taken(&setting.point)).chain(of_here);
        let settings: Vec<PolicySetting> = settings.cloned().collect();
        Deciders::all(Arc::new(self.makers.with_policies(all)?), name, &settings)
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
        let policies: Vec<Policy> = policies(&self.makers).cloned().collect();
        self.decided.words(&policies, &Decided::default())
    }

    /// The points that nobody decides, since the policy that decided last is not there.
    pub fn frozen(&self) -> &[PolicyPoint] {
        &self.frozen
    }

    /// Makes the plan of a snapshot, whose policies are replaced by these. `allowed_names`: objects whose names may change beyond the
    /// budget, `namespace/name`.
    ///
    /// # Errors
    /// The planner has no plan, or the guard refuses it.
    pub fn pass(&self, mut snapshot: Snapshot, allowed_names: &[String]) -> Result<Pass, Error> {
        snapshot.settings.policies.clone_from(&self.policies);
        snapshot.frozen.clone_from(&self.frozen);
        merge_name_changes(&mut snapshot.settings, allowed_names);
        self.makers.pass(snapshot)
    }
}

/// The policies of some components, each once.
fn policies(makers: &Makers) -> impl Iterator<Item = &Policy> {
    let policies = makers.policies();
    let is_first = |(point, policy): &(PolicyPoint, &Policy)| policy.points().next() == Some(*point);
    let all = policies.points().filter_map(|point| Some((point, policies.get(point)?)));
    all.filter(is_first).map(|(_, policy)| policy)
}
