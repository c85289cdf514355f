//! `albatross what-if`: what would be planned with more nodes or Ingresses, without a zone, or after a renewal of certificates,
//! and which quota is hit first.

use std::io::Read;

use albatross_contract::Severity;
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
    let now = makers.pass(planning.snapshot)?;
    let change = arguments.change.change();
    let then = makers.pass(change.apply(now.snapshot.clone(), &now.plan)?)?;
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
                plan: Summary::new(&then.snapshot, &then.plan),
            };
            console.write_json(&json::write("what-if", &answer)?);
        }
    }
    Ok(report(&planning.problems, &planning.unread, &then.failures, console))
}
