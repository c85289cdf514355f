//! Redaction: recordings without account ids, names, hosts and addresses, with which the planner decides the same.
//!
//! A recording is read twice. First everything that has to be redacted is collected (`Collection`); then each word gets a
//! pseudonym ([`Mapping`]), in the order of the words, so that all passes of a recording have the same pseudonyms. The planner
//! makes the plan of a redacted pass anew, from the redacted snapshot: nothing of the recorded plan is copied. Then both plans
//! are compared. A text that was not collected ends the redaction, so that none leaves this machine as it is.

mod addresses;
mod comparison;
mod derived;
mod files;
mod kinds;
mod mapping;
mod settings_of_policies;
mod shape;
#[cfg(test)]
mod tests;
mod texts;
mod translation;
mod trie;
mod vocabulary;
mod words;

use std::collections::BTreeSet;

use albatross_contract::{ActionResult, Bundle, ComponentIdentity, Plan, Snapshot, shapes};
use serde_json::Value;

pub use files::{Redacted, Request, redact, redact_one};
pub use kinds::{Keep, Kept};
pub use mapping::Mapping;
pub use translation::Translation;

use crate::{
    error::Error,
    pass::{Makers, Pass},
};
use comparison::Comparison;
use kinds::Kind;
use mapping::Collection;
use shape::Shape;

/// What takes the place of words for people.
const PROSE: &str = "redacted";

/// Descriptions that the controller gives to security groups and their rules, and by which it recognizes these rules.
const DESCRIPTIONS: [&str; 4] = [
    "Managed by Albatross: targets admit the load balancers in this group",
    "Managed by Albatross: admits clients to a load balancer",
    "albatross: clients of the load balancer",
    "albatross: load balancers of the cluster",
];

/// Knows which texts of a recording are redacted.
pub(super) struct Redactor {
    shape: Shape,
    keep: Keep,
    /// Words that stay since policies define them.
    of_policies: Vec<String>,
}

/// A redacted pass.
struct RedactedPass {
    bundle: Bundle,
    /// The first difference of its plan from the redacted plan of the recording.
    difference: Option<String>,
}

impl Redactor {
    /// `makers`: what the given policies define stays.
    fn new(mut keep: Keep, makers: &Makers) -> Result<Redactor, Error> {
        let mut of_policies = BTreeSet::new();
        for point in makers.policies().points() {
            let Some(policy) = makers.policies().get(point) else { continue };
            if let Some(schema) = policy.describe()?.settings_schema {
                let defined = settings_of_policies::defined(&serde_json::from_str(&schema)?);
                let words =
                    defined.iter().flat_map(|text| text.split(|found: char| !found.is_alphanumeric()));
                of_policies.extend(words.filter(|word| !word.is_empty()).map(str::to_lowercase));
            }
        }
        keep.words.extend(of_policies.iter().cloned());
        let of_others: BTreeSet<&str> = vocabulary::words().collect();
        let of_policies = of_policies.into_iter().filter(|word| !of_others.contains(word.as_str())).collect();
        Ok(Redactor { shape: Shape::new(&shapes::schema_of_file::<Bundle>()), keep, of_policies })
    }

    /// Notes what is in a pass. `place`: its place among the passes.
    fn collect(
        &self,
        snapshot: &Snapshot,
        plan: Option<&Plan>,
        place: u32,
        into: &mut Collection,
    ) -> Result<(), Error> {
        let mut value = serde_json::to_value(snapshot)?;
        self.shape.visit("snapshot", &mut value, &mut |kind, text| match kind {
            Kind::Fixed | Kind::Prose => {}
            Kind::Name if DESCRIPTIONS.contains(&text.as_str()) => {}
            Kind::PolicySettings => {
                settings_of_policies::visit(text, &mut |text| {
                    into.add(kind, text, &self.keep);
                    String::new()
                });
            }
            kind => into.add(kind, text, &self.keep),
        });
        into.add_derived(snapshot, plan, (snapshot.time, place));
        Ok(())
    }

    /// Notes the names of components, which are those of files.
    fn collect_components(&self, makers: &Makers, into: &mut Collection) {
        let policies = makers.policy_identities().into_iter().map(|(_, policy)| policy);
        for component in policies.chain([makers.planner()]) {
            into.add(Kind::Name, &component.name, &self.keep);
        }
    }

    /// Replaces all texts of a value of a type.
    fn rename(&self, name: &str, value: &mut Value, pseudonym: &mut dyn FnMut(&str) -> String) {
        self.shape.visit(name, value, &mut |kind, text| match kind {
            Kind::Fixed => {}
            Kind::Name if DESCRIPTIONS.contains(&text.as_str()) => {}
            Kind::Prose => PROSE.clone_into(text),
            Kind::PolicySettings => *text = settings_of_policies::visit(text, pseudonym),
            _ => *text = pseudonym(text),
        });
    }

    /// A redacted snapshot.
    fn snapshot(&self, snapshot: &Snapshot, mapping: &Mapping) -> Result<Snapshot, Error> {
        let mut value = serde_json::to_value(snapshot)?;
        let mut is_complete = true;
        self.rename("snapshot", &mut value, &mut |text| {
            let redacted = mapping.collected(text);
            is_complete &= redacted.is_some();
            redacted.unwrap_or_default()
        });
        if is_complete { Ok(serde_json::from_value(value)?) } else { Err(Error::NotCollected) }
    }

    /// A redacted pass. `results`: what the execution of its plan came to.
    fn pass(
        &self,
        makers: &Makers,
        pass: &Pass,
        results: &[ActionResult],
        mapping: &Mapping,
    ) -> Result<RedactedPass, Error> {
        let redacted = makers.pass(self.snapshot(&pass.snapshot, mapping)?)?;
        let failure = redacted.failures.first().map(|failure| format!("a policy fails: {failure}"));
        let Comparison { difference, results } =
            Comparison::of(self, mapping, (&pass.plan, &pass.policies, results), &redacted)?;
        let name = |component: &ComponentIdentity| {
            let name = mapping.collected(&component.name).ok_or(Error::NotCollected)?;
            Ok::<_, Error>(ComponentIdentity { name, sha256: component.sha256.clone() })
        };
        let mut policies = redacted.policies;
        for policy in &mut policies {
            policy.component = name(&policy.component)?;
        }
        let bundle = Bundle {
            snapshot: redacted.snapshot,
            planner: name(makers.planner())?,
            policies,
            limits: *makers.limits(),
            plan: redacted.plan,
            results,
        };
        Ok(RedactedPass { bundle, difference: failure.or(difference) })
    }
}
