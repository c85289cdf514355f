//! A trial by months and regions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use albatross_contract::Timestamp;
use serde::{Serialize, Serializer};

use super::{
    changes::Changes,
    cost::Cost,
    kept::{Digest, Kept},
    report::Difference,
};
use crate::{
    comparison::{Extent, NameChanges},
    render::time::date,
};

/// A pass that was planned with other policies or settings.
pub(super) struct Tried {
    pub region: String,
    pub recorded: Extent,
    pub replayed: Extent,
    /// The first difference. Absent: the plans are equal.
    pub difference: Option<String>,
    /// What moves and is withheld.
    pub changes: Digest,
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
    /// Figures of the recorded plans: the most that there was at a time. Each Ingress that moves in any pass counts once, however
    /// often it moves: the history is the recorded one, in which a move that is tried is never done and so is planned again in
    /// each pass. An Ingress whose name change is withheld in one pass and done in another counts as both.
    pub recorded: Extent,
    /// Figures of the plans made now.
    pub replayed: Extent,
    /// What the load balancers cost. Absent: the price in the region is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// The first pass that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<Difference>,
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
    recorded: Extent,
    replayed: Extent,
    first_difference: Option<Difference>,
}

impl Gathered {
    fn add(&mut self, time: Timestamp, file: &str, tried: &Tried) {
        self.passes += 1;
        add(&mut self.recorded, &tried.recorded);
        add(&mut self.replayed, &tried.replayed);
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
            recorded: with_names(self.recorded, &names.recorded),
            replayed: with_names(self.replayed, &names.replayed),
            cost: None,
            first_difference: self.first_difference,
        }
    }
}

/// Takes the figures of a pass into those of its month.
fn add(month: &mut Extent, pass: &Extent) {
    month.load_balancers = month.load_balancers.max(pass.load_balancers);
    month.in_use = month.in_use.max(pass.in_use);
    if pass.most_certificates >= month.most_certificates {
        month.most_certificates = pass.most_certificates;
        month.certificate_limit = pass.certificate_limit;
    }
    if pass.application_load_balancers >= month.application_load_balancers {
        month.application_load_balancers = pass.application_load_balancers;
        month.application_load_balancer_quota = pass.application_load_balancer_quota;
    }
}

fn with_names(month: Extent, names: &OfSide) -> Extent {
    Extent { moves: names.done.len(), moves_withheld: names.withheld.len(), ..month }
}

/// The passes that differ, as spans, and the number of those whose changes were not kept although some should be.
pub(super) fn spans(passes: &[(Timestamp, String, Tried)], kept: &Kept) -> (Vec<Span>, usize) {
    let mut spans: Vec<Span> = Vec::new();
    let (mut is_open, mut left_out) = (false, 0);
    for (time, file, tried) in passes {
        let Some(difference) = &tried.difference else {
            is_open = false;
            continue;
        };
        let Some(changes) = kept.get(&tried.changes) else {
            is_open = false;
            left_out += usize::from(kept.is_wanted());
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
    (spans, left_out)
}
