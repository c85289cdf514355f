//! `albatross replay`: makes the plan of a recorded pass again, or shows the plan of another policy.

use albatross_contract::{Bundle, ComponentIdentity, PolicyPoint, Snapshot, file};
use albatross_engine::{Engine, Limits};
use serde::Serialize;

use super::{
    Verdict,
    arguments::{OutputFormat, ReplayArguments},
    console::Console,
    messages::{remark, report},
};
use crate::{
    comparison::Comparison,
    error::Error,
    inputs::{adopt_recorded_policies, read_bundle},
    json,
    pass::{Makers, Pass},
    render::{
        replay::{comparison, identical},
        terms,
        words::short_digest,
    },
};

/// What a replay found, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Replay<'a> {
    /// Whether the plan equals the recorded plan, byte for byte.
    identical: bool,
    /// The planner of the recording.
    recorded_planner: &'a ComponentIdentity,
    /// The planner that made the plan now.
    planner: &'a ComponentIdentity,
    /// The policies that were asked now.
    policies: Vec<ReplayedPolicy<'a>>,
    /// Both plans side by side.
    comparison: Comparison,
}

/// A policy that was asked.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ReplayedPolicy<'a> {
    /// What it decided.
    point: PolicyPoint,
    /// The component.
    component: &'a ComponentIdentity,
}

/// Runs the command.
///
/// # Errors
/// The bundle cannot be read, or no plan can be made from it.
pub fn run(arguments: &ReplayArguments, console: &mut Console) -> Result<Verdict, Error> {
    let name = arguments.bundle.display().to_string();
    let bundle = read_bundle(&arguments.bundle)?;
    let components = &arguments.components;
    let limits = Limits::from(&bundle.limits);
    let makers = Makers::load(components.planner.as_deref(), &components.policy, &Engine::new(limits))?;
    let other_policies = !same_policies(&bundle, &makers);
    let (snapshot, remarks) = snapshot(&bundle, &makers, other_policies, &name)?;
    remark(&remarks, console);
    let pass = makers.pass(snapshot)?;
    let same = file::write(&bundle.plan)? == file::write(&pass.plan)?;

    match arguments.output.output {
        OutputFormat::Json => {
            let replay = Replay {
                identical: same,
                recorded_planner: &bundle.planner,
                planner: makers.planner(),
                policies: makers
                    .policy_identities()
                    .into_iter()
                    .map(|(point, component)| ReplayedPolicy { point, component })
                    .collect(),
                comparison: Comparison::new(&bundle.snapshot, &bundle.plan, &pass.plan),
            };
            console.write_json(&json::write("replay", &replay)?);
        }
        OutputFormat::Text if same => {
            let asked = if other_policies { names(&makers) } else { Vec::new() };
            console.write(&identical(&bundle.snapshot, makers.planner(), &asked));
        }
        OutputFormat::Text => console.write(&differing(&bundle, &makers, &pass, console)),
    }

    let verdict = report(&[], &[], &pass.failures, console);
    if bundle.planner.sha256 != makers.planner().sha256 {
        console.warning(&format!(
            "{name} was recorded with planner {}, and replayed with another planner, {}",
            component(&bundle.planner),
            component(makers.planner())
        ));
    }
    if same || other_policies {
        return Ok(verdict);
    }
    console.error(&format!("{name}: the plan differs from the recorded plan"));
    Ok(Verdict::Problems)
}

/// The names of the policies that are passed now, each once.
fn names(makers: &Makers) -> Vec<&str> {
    let mut names: Vec<&str> =
        makers.policy_identities().into_iter().map(|(_, policy)| policy.name.as_str()).collect();
    names.dedup();
    names
}

fn differing(bundle: &Bundle, makers: &Makers, pass: &Pass, console: &Console) -> String {
    let policies = names(makers);
    let title = if policies.is_empty() { "replayed".to_owned() } else { policies.join(", ") };
    comparison(&Comparison::new(&bundle.snapshot, &bundle.plan, &pass.plan), &title, console.style())
}

/// Whether the policies that are passed now are those that decided when the pass was recorded.
fn same_policies(bundle: &Bundle, makers: &Makers) -> bool {
    let given = makers.policy_identities();
    let recorded = asked(bundle);
    given.iter().all(|(point, policy)| {
        bundle
            .policies
            .iter()
            .any(|before| before.point == *point && before.component.sha256 == policy.sha256)
    }) && recorded.iter().all(|point| given.iter().any(|(given, _)| given == point))
}

/// The points that were decided by policies when the pass was recorded.
fn asked(bundle: &Bundle) -> Vec<PolicyPoint> {
    let snapshot = &bundle.snapshot;
    let points = snapshot.settings.policies.iter().map(|setting| setting.point);
    points.filter(|point| !snapshot.frozen.contains(point)).collect()
}

/// The recorded snapshot; its settings name the policies that are passed now, where those are different.
fn snapshot(
    bundle: &Bundle,
    makers: &Makers,
    other_policies: bool,
    name: &str,
) -> Result<(Snapshot, Vec<String>), Error> {
    let missing: Vec<String> = bundle
        .policies
        .iter()
        .filter(|policy| {
            asked(bundle).contains(&policy.point) && makers.policies().get(policy.point).is_none()
        })
        .map(|policy| format!("{} for {}", component(&policy.component), terms::policy_point(policy.point)))
        .collect();
    if !missing.is_empty() {
        return Err(Error::PolicyNotGiven { name: name.to_owned(), policies: missing.join(", ") });
    }
    let mut snapshot = bundle.snapshot.clone();
    let mut remarks = Vec::new();
    if other_policies {
        remarks = adopt_recorded_policies(&mut snapshot.settings, &bundle.policies, makers.policies())?;
        // A point that was frozen, because its policy failed, is asked again: this is another policy.
        snapshot.frozen.retain(|point| makers.policies().get(*point).is_none());
    }
    Ok((snapshot, remarks))
}

fn component(identity: &ComponentIdentity) -> String {
    format!("{} (sha256 {})", identity.name, short_digest(&identity.sha256))
}
