//! A trial by months and regions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use albatross_contract::{Timestamp, Withheld};
use serde::Serialize;

use super::{
    changes::{Changes, Move, NameChanges},
    report::Difference,
};
use crate::{comparison::Figures, render::time::date};

/// A pass that was planned with other policies or settings.
pub(super) struct Tried {
    pub region: String,
    pub recorded: Figures,
    pub replayed: Figures,
    /// The first difference. Absent: the plans are equal.
    pub difference: Option<String>,
    pub changes: Arc<Changes>,
}

/// The passes of a month in a region.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Month {
    /// Such as `2026-11`.
    pub month: String,
    /// The region.
    pub region: String,
    /// How many passes there are.
    pub passes: usize,
    /// In how many of them the plans differ.
    pub differing: usize,
    /// Figures of the recorded plans.
    pub recorded: MonthFigures,
    /// Figures of the plans made now.
    pub replayed: MonthFigures,
    /// The first pass that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<Difference>,
}

/// Key figures of all passes of a month.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MonthFigures {
    /// The most load balancers of ours that there were at a time.
    pub load_balancers: usize,
    /// Ingresses whose published DNS name changes in any pass. The history is the recorded one: a move is asked for in each
    /// pass until it is done, and counts once.
    pub moves: usize,
    /// Ingresses whose name change a budget withholds in any pass.
    pub moves_withheld: usize,
    /// The most certificates that a load balancer had at a time.
    pub most_certificates: usize,
    /// The certificate limit of that load balancer.
    pub certificate_limit: u32,
    /// The most Application Load Balancers that there were in the account at a time, including those of others.
    pub application_load_balancers: usize,
    /// How many AWS allows in the region.
    pub application_load_balancer_quota: u32,
}

/// Consecutive passes with the same changes for Ingresses.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Span {
    /// The first of the passes, and its first difference.
    pub begin: Difference,
    /// The time of the last of the passes.
    pub last: Timestamp,
    /// How many passes there are.
    pub passes: usize,
    /// Ingresses that move, or that are placed elsewhere than in the recorded plan.
    pub moves: Vec<Move>,
    /// What the budgets withhold.
    pub withheld: Vec<Withheld>,
}

/// The months and regions of passes in their order, with the file and time of each.
pub(super) fn months(passes: &[(Timestamp, String, Tried)]) -> Vec<Month> {
    let mut months: BTreeMap<(String, &str), Gathered<'_>> = BTreeMap::new();
    for (time, file, tried) in passes {
        let month = date(*time).chars().take(7).collect();
        months.entry((month, tried.region.as_str())).or_default().add(*time, file, tried);
    }
    let finished =
        months.into_iter().map(|((month, region), gathered)| gathered.finish(month, region.to_owned()));
    finished.collect()
}

#[derive(Default)]
struct Gathered<'a> {
    passes: usize,
    differing: usize,
    recorded: Side<'a>,
    replayed: Side<'a>,
    first_difference: Option<Difference>,
}

#[derive(Default)]
struct Side<'a> {
    figures: MonthFigures,
    moves: BTreeSet<&'a str>,
    withheld: BTreeSet<&'a str>,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, time: Timestamp, file: &str, tried: &'a Tried) {
        self.passes += 1;
        self.recorded.add(&tried.recorded, &tried.changes.recorded);
        self.replayed.add(&tried.replayed, &tried.changes.replayed);
        if let Some(difference) = &tried.difference {
            self.differing += 1;
            self.first_difference.get_or_insert_with(|| Difference::new(time, file, difference));
        }
    }

    fn finish(self, month: String, region: String) -> Month {
        Month {
            month,
            region,
            passes: self.passes,
            differing: self.differing,
            recorded: self.recorded.finish(),
            replayed: self.replayed.finish(),
            first_difference: self.first_difference,
        }
    }
}

impl<'a> Side<'a> {
    fn add(&mut self, found: &Figures, names: &'a NameChanges) {
        let most = &mut self.figures;
        most.load_balancers = most.load_balancers.max(found.load_balancers);
        if found.most_certificates >= most.most_certificates {
            most.most_certificates = found.most_certificates;
            most.certificate_limit = found.certificate_limit;
        }
        if found.application_load_balancers >= most.application_load_balancers {
            most.application_load_balancers = found.application_load_balancers;
            most.application_load_balancer_quota = found.application_load_balancer_quota;
        }
        self.moves.extend(names.done.iter().map(String::as_str));
        self.withheld.extend(names.withheld.iter().map(String::as_str));
    }

    fn finish(self) -> MonthFigures {
        MonthFigures { moves: self.moves.len(), moves_withheld: self.withheld.len(), ..self.figures }
    }
}

/// The passes that differ, as spans.
pub(super) fn spans(passes: &[(Timestamp, String, Tried)]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Option<&Arc<Changes>> = None;
    for (time, file, tried) in passes {
        let Some(difference) = &tried.difference else {
            open = None;
            continue;
        };
        match spans.last_mut().filter(|_| open.is_some_and(|changes| Arc::ptr_eq(changes, &tried.changes))) {
            Some(span) => {
                span.last = *time;
                span.passes += 1;
            }
            None => spans.push(Span {
                begin: Difference::new(*time, file, difference),
                last: *time,
                passes: 1,
                moves: tried.changes.moves.clone(),
                withheld: tried.changes.withheld.clone(),
            }),
        }
        open = Some(&tried.changes);
    }
    spans
}
