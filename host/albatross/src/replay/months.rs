//! A trial by months and regions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use albatross_contract::Timestamp;
use serde::{Serialize, Serializer};

use super::{
    changes::{Changes, NameChanges},
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
    /// What moves and is withheld, if that is kept.
    pub changes: Option<Arc<Changes>>,
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
    /// Ingresses whose published DNS name changes in any pass. Each counts once, however often it moves: the history is the
    /// recorded one, in which a move that is tried is never done and so is planned again in each pass.
    pub moves: usize,
    /// Ingresses whose name change a budget withholds in any pass. Those that move in another pass count as moves too.
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
    /// What they are.
    #[serde(flatten, serialize_with = "shared")]
    pub changes: Arc<Changes>,
}

fn shared<S: Serializer>(changes: &Arc<Changes>, serializer: S) -> Result<S::Ok, S::Error> {
    changes.as_ref().serialize(serializer)
}

/// The month and region of a table.
pub(super) type TableKey = (String, String);

/// The table that a pass is part of.
pub(super) fn table_key(time: Timestamp, region: &str) -> TableKey {
    (date(time).chars().take(7).collect(), region.to_owned())
}

/// The Ingresses whose names change in the passes of a month in a region, each once.
#[derive(Default)]
pub(super) struct Names {
    recorded: OfSide,
    replayed: OfSide,
}

#[derive(Default)]
struct OfSide {
    done: BTreeSet<String>,
    withheld: BTreeSet<String>,
}

impl Names {
    pub fn add(&mut self, recorded: NameChanges, replayed: NameChanges) {
        for (side, names) in [(&mut self.recorded, recorded), (&mut self.replayed, replayed)] {
            side.done.extend(names.done);
            side.withheld.extend(names.withheld);
        }
    }
}

/// The months and regions of passes in their order, with the file and time of each.
pub(super) fn months(
    passes: &[(Timestamp, String, Tried)],
    mut names: BTreeMap<TableKey, Names>,
) -> Vec<Month> {
    let mut months: BTreeMap<TableKey, Gathered> = BTreeMap::new();
    for (time, file, tried) in passes {
        months.entry(table_key(*time, &tried.region)).or_default().add(*time, file, tried);
    }
    let finished = months.into_iter().map(|(key, gathered)| {
        let names = names.remove(&key).unwrap_or_default();
        gathered.finish(key, &names)
    });
    finished.collect()
}

#[derive(Default)]
struct Gathered {
    passes: usize,
    differing: usize,
    recorded: MonthFigures,
    replayed: MonthFigures,
    first_difference: Option<Difference>,
}

impl Gathered {
    fn add(&mut self, time: Timestamp, file: &str, tried: &Tried) {
        self.passes += 1;
        self.recorded.add(&tried.recorded);
        self.replayed.add(&tried.replayed);
        if let Some(difference) = &tried.difference {
            self.differing += 1;
            self.first_difference.get_or_insert_with(|| Difference::new(time, file, difference));
        }
    }

    fn finish(self, (month, region): TableKey, names: &Names) -> Month {
        Month {
            month,
            region,
            passes: self.passes,
            differing: self.differing,
            recorded: self.recorded.with(&names.recorded),
            replayed: self.replayed.with(&names.replayed),
            first_difference: self.first_difference,
        }
    }
}

impl MonthFigures {
    fn add(&mut self, found: &Figures) {
        self.load_balancers = self.load_balancers.max(found.load_balancers);
        if found.most_certificates >= self.most_certificates {
            self.most_certificates = found.most_certificates;
            self.certificate_limit = found.certificate_limit;
        }
        if found.application_load_balancers >= self.application_load_balancers {
            self.application_load_balancers = found.application_load_balancers;
            self.application_load_balancer_quota = found.application_load_balancer_quota;
        }
    }

    fn with(self, names: &OfSide) -> MonthFigures {
        MonthFigures { moves: names.done.len(), moves_withheld: names.withheld.len(), ..self }
    }
}

/// The passes that differ, as spans, if what moves was kept.
pub(super) fn spans(passes: &[(Timestamp, String, Tried)]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut is_open = false;
    for (time, file, tried) in passes {
        let (Some(difference), Some(changes)) = (&tried.difference, &tried.changes) else {
            is_open = false;
            continue;
        };
        match spans.last_mut().filter(|span| is_open && Arc::ptr_eq(&span.changes, changes)) {
            Some(span) => {
                span.last = *time;
                span.passes += 1;
            }
            None => spans.push(Span {
                begin: Difference::new(*time, file, difference),
                last: *time,
                passes: 1,
                changes: Arc::clone(changes),
            }),
        }
        is_open = true;
    }
    spans
}
