//! Redaction: recordings without account ids, names, hosts and addresses, with which the planner decides the same.
//!
//! A recording is read twice. First everything that has to be redacted is collected ([`Collection`]); then each word gets a
//! pseudonym ([`Mapping`]), in the order of the words, so that all passes of a recording have the same pseudonyms. The planner
//! makes the plan of a redacted pass anew, from the redacted snapshot: nothing of the recorded plan is copied. Then both plans
//! are compared.

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

use albatross_contract::{ActionResult, Bundle, ComponentIdentity, Plan, Snapshot, shapes};
use serde_json::Value;

pub use files::{Redacted, Request, redact};
pub use kinds::{Keep, Kept};
pub use mapping::Mapping;
pub use translation::Translation;

use crate::{
    error::Error,
    pass::{Makers, Pass},
};
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
        for point in makers.policies().points() {
            let Some(policy) = makers.policies().get(point) else { continue };
            if let Some(schema) = policy.describe()?.settings_schema {
                let defined = settings_of_policies::defined(&serde_json::from_str(&schema)?);
                let words =
                    defined.iter().flat_map(|text| text.split(|found: char| !found.is_alphanumeric()));
                keep.words.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
            }
        }
        Ok(Redactor { shape: Shape::new(&shapes::schema_of_file::<Bundle>()), keep })
    }

    /// Notes what is in a pass. `place`: its place among the passes.
    fn collect(
        &self,
        snapshot: &Snapshot,
        plan: Option<&Plan>,
        place: usize,
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
    fn collect_components<'a>(
        &self,
        components: impl Iterator<Item = &'a ComponentIdentity>,
        into: &mut Collection,
    ) {
        for component in components {
            into.add(Kind::Name, &component.name, &self.keep);
        }
    }

    /// Replaces all texts of a value of a type.
    fn rename(&self, name: &str, value: &mut Value, mapping: &Mapping) {
        self.shape.visit(name, value, &mut |kind, text| match kind {
            Kind::Fixed => {}
            Kind::Name if DESCRIPTIONS.contains(&text.as_str()) => {}
            Kind::Prose => PROSE.clone_into(text),
            Kind::PolicySettings => {
                *text = settings_of_policies::visit(text, &mut |text| mapping.text(text));
            }
            _ => *text = mapping.text(text),
        });
    }

    /// A redacted snapshot.
    fn snapshot(&self, snapshot: &Snapshot, mapping: &Mapping) -> Result<Snapshot, Error> {
        let mut value = serde_json::to_value(snapshot)?;
        self.rename("snapshot", &mut value, mapping);
        Ok(serde_json::from_value(value)?)
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
        let (difference, results) =
            comparison::compare(self, mapping, (&pass.plan, results), &redacted.plan)?;
        let name = |component: &ComponentIdentity| ComponentIdentity {
            name: mapping.text(&component.name),
            sha256: component.sha256.clone(),
        };
        let mut policies = redacted.policies;
        for policy in &mut policies {
            policy.component = name(&policy.component);
        }
        let bundle = Bundle {
            snapshot: redacted.snapshot,
            planner: makers.planner().clone(),
            policies,
            limits: *makers.limits(),
            plan: redacted.plan,
            results,
        };
        Ok(RedactedPass { bundle, difference: failure.or(difference) })
    }
}
