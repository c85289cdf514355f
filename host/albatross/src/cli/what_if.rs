//! `albatross what-if`: what would be planned with more nodes or Ingresses, without a zone, or after a renewal of certificates,
//! and which quota is hit first.

use std::{collections::BTreeSet, io::Read, mem::take};

use albatross_contract::{Severity, Snapshot};
use albatross_engine::PolicyFailed;
use serde::Serialize;

use super::{
    Verdict,
    arguments::CommentFormat,
    console::Console,
    messages::{remark, report},
    planning,
    what_if_arguments::WhatIfArguments,
};
use crate::{
    difference::{Kind, problem_differences},
    error::Error,
    json,
    recorder::record,
    render::{markdown, plan::Origin, summary::Summary, what_if::Shown},
    what_if::{Amounts, Change, QuotaChange, first_hit, nearest, quota_changes},
};

/// What would be, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct WhatIf<'a> {
    /// The change.
    change: &'a Change,
    /// What there is without the change.
    before: &'a Amounts,
    /// What there is with it.
    after: &'a Amounts,
    /// The quotas.
    quotas: &'a [QuotaChange],
    /// The quota that is hit first. Absent: none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_hit: Option<&'static str>,
    /// The quota of which the largest share is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'static str>,
    /// Problems and withheld changes that come or go.
    problems: &'a [Kind],
    /// The policies that failed, so that nobody decided their points.
    failures: &'a BTreeSet<String>,
    /// The summary of the plan with the change.
    plan: Summary,
}

/// Runs the command.
///
/// # Errors
/// The input cannot be used, the change cannot be made, or no plan can be made.
pub fn run(
    arguments: &WhatIfArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    remark(&planning.remarks, console);
    let makers = &planning.makers;
    // A policy that fails now is asked again about the change.
    let frozen = planning.snapshot.frozen.clone();
    let mut now = makers.pass(planning.snapshot)?;
    let change = arguments.change.change();
    let changed = Snapshot { frozen, ..change.apply(now.snapshot.clone(), &now.plan)? };
    let mut then = makers.pass(changed)?;
    let mut failures = take(&mut now.failures);
    let is_new = |failure: &PolicyFailed| failures.iter().all(|it| it.to_string() != failure.to_string());
    let more: Vec<PolicyFailed> = take(&mut then.failures).into_iter().filter(is_new).collect();
    failures.extend(more);
    let failed: BTreeSet<String> = failures.iter().map(ToString::to_string).collect();
    if let Some(path) = &arguments.record {
        record(path, makers, &then, Vec::new())?;
    }
    let (before, after) = (Amounts::new(&now.snapshot, &now.plan), Amounts::new(&then.snapshot, &then.plan));
    let quotas = quota_changes((&now.snapshot, &now.plan), (&then.snapshot, &then.plan));
    let problems = problem_differences(&now.plan, &then.plan, Severity::Warning);
    let shown = Shown {
        change: &change,
        now: &now.snapshot,
        then: &then.snapshot,
        plan: &then.plan,
        amounts: [&before, &after],
        quotas: &quotas,
        problems: &problems,
        failures: &failed,
        origin: &Origin { planner: makers.planner(), policies: makers.policy_identities(), took: None },
    };
    match arguments.output.output {
        CommentFormat::Text => console.write(&shown.text(console.style())),
        CommentFormat::Markdown => console.write(&markdown::what_if::what_if(&shown)),
        CommentFormat::Json => {
            let answer = WhatIf {
                change: &change,
                before: &before,
                after: &after,
                quotas: &quotas,
                first_hit: first_hit(&quotas, after.without_room > before.without_room).map(|it| it.quota),
                nearest: nearest(&quotas).map(|it| it.quota),
                problems: &problems,
                failures: &failed,
                plan: Summary::new(&then.snapshot, &then.plan),
            };
            console.write_json(&json::write("what-if", &answer)?);
        }
    }
    Ok(report(&planning.problems, &planning.unread, &failures, console))
}
