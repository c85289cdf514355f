//! Leaving: which targets may leave a target group now. Running targets leave only when the targets that stay are healthy.
//! Removing the last target, or more than half of them, is withheld.

use albatross_contract::{Budget, DiagnosticCode, Target, Withheld};

use super::{Leaver, TargetChanges};
use crate::{
    budgets::{allowance, number},
    diagnostics::{Subject, info},
    observed::Observed,
    words,
};

/// A target group that some of its targets should leave.
pub struct Parting<'a, 'b> {
    /// Its name.
    pub name: &'b str,
    /// All its running targets.
    pub running: &'b [&'a Target],
    /// The first running target that stays and is not healthy.
    pub sick: Option<&'a Target>,
}

/// Decides which of the leavers leave now.
pub fn decide<'a>(
    parting: &Parting<'_, '_>,
    leavers: Vec<Leaver<'a>>,
    changes: &mut TargetChanges<'a>,
    observed: &Observed<'_>,
) {
    if leavers.is_empty() {
        return;
    }
    let allowances = &observed.settings.allowances.targets;
    let (allowed, asked): (Vec<_>, Vec<_>) = leavers
        .into_iter()
        .partition(|leaver| leaver.running == 0 || allowances.iter().any(|id| id == leaver.id));
    let leaving: usize = asked.iter().map(|leaver| leaver.running).sum();
    let all_leaving: usize = leaving + allowed.iter().map(|leaver| leaver.running).sum::<usize>();
    let too_many =
        leaving > 0 && (all_leaving >= parting.running.len() || leaving * 2 > parting.running.len());
    let ids: Vec<String> = asked.iter().map(|leaver| leaver.id.to_owned()).collect();
    changes.leave = allowed;
    if too_many {
        changes.withheld = Some(Withheld {
            budget: Budget::Targets,
            subject: Some(parting.name.to_owned()),
            count: number(leaving),
            total: number(parting.running.len()),
            limit: number(parting.running.len() / 2),
            message: format!(
                "{leaving} of {} running targets would leave {}. Withheld, since that is more than half of them, \
                 or the last one. {}",
                parting.running.len(),
                parting.name,
                allowance("--allow-targets", &ids)
            ),
            ids,
        });
    } else if let Some(sick) = parting.sick.filter(|_| leaving > 0) {
        let message = format!(
            "{} should leave, but not before all targets that stay are healthy ({} is not)",
            words::list(ids.iter().map(String::as_str)),
            sick.id
        );
        changes.diagnostics.push(info(
            DiagnosticCode::TargetsUnhealthy,
            Subject::Resource(parting.name),
            message,
        ));
    } else {
        changes.leave.extend(asked);
    }
}
