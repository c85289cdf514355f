//! What a change of nodes, Ingresses, zones or certificates would do, for people.

use std::collections::BTreeSet;

use albatross_contract::{Plan, Snapshot};

use super::{
    columns::{Row as Line, wrap, write},
    difference::rows,
    plan::{Origin, contents, introduction, last_line},
    replay::{Row, numbers, share, table, texts},
    style::{Style, Tint},
    words::{count, cut},
};
use crate::{
    difference::Kind,
    what_if::{Amounts, Change, Quota, QuotaChange, first_hit, nearest},
};

/// One of the numbers.
type Amount = fn(&Amounts) -> usize;

/// The titles of both sides.
pub const SIDES: [&str; 2] = ["now", "then"];

/// What a change would do.
pub struct Shown<'a> {
    /// The change.
    pub change: &'a Change,
    /// The snapshot as it is.
    pub now: &'a Snapshot,
    /// The snapshot with the change.
    pub then: &'a Snapshot,
    /// The plan of the snapshot with the change.
    pub plan: &'a Plan,
    /// What there is as it is, and with the change.
    pub amounts: [&'a Amounts; 2],
    /// The quotas.
    pub quotas: &'a [QuotaChange],
    /// Problems and withheld changes that only one of the plans has. What only takes its time is none.
    pub problems: &'a [Kind],
    /// The policies that failed, so that nobody decided their points.
    pub failures: &'a BTreeSet<String>,
    /// The components that made the plans.
    pub origin: &'a Origin<'a>,
}

impl Shown<'_> {
    /// The whole screen.
    pub fn text(&self, style: Style) -> String {
        let mut out = String::new();
        let titled =
            [Line::plain(0, "What if", self.change.words()), Line::plain(0, "Snapshot", contents(self.now))];
        // The width of the titles of a plan.
        write(&titled.map(|line| Line { subject: format!("{:<9}", line.subject), ..line }), style, &mut out);
        out.push_str(&introduction(self.origin, style));
        out.push('\n');
        out.push_str(&table("", SIDES, &self.amount_rows()));
        out.push('\n');
        out.push_str(&table("quotas", SIDES, &self.quota_rows()));
        out.push('\n');
        write_wrapped(&self.first(), style, &mut out);
        let problems = self.problem_rows();
        if !problems.is_empty() {
            out.push('\n');
            write(&problems, style, &mut out);
        }
        out.push('\n');
        out.push_str(&last_line(self.then, self.plan, style));
        out
    }

    /// Problems and withheld changes that come or go.
    pub fn problem_rows(&self) -> Vec<Line> {
        self.problems.iter().flat_map(rows).collect()
    }

    /// What there is.
    pub(super) fn amount_rows(&self) -> Vec<Row> {
        let [now, then] = self.amounts;
        let of: [(&'static str, Amount); 9] = [
            ("nodes", |it| it.nodes),
            ("Ingresses with a load balancer", |it| it.placed),
            ("Ingresses without one", |it| it.unplaced),
            ("Ingresses without room", |it| it.without_room),
            ("load balancers", |it| it.load_balancers),
            ("listener rules", |it| it.rules),
            ("target groups", |it| it.target_groups),
            ("targets", |it| it.targets),
            ("certificates on load balancers", |it| it.certificates),
        ];
        let rows = of.into_iter().map(|(title, of)| (title, of(now), of(then)));
        rows.filter(|(_, now, then)| now + then > 0)
            .map(|(title, now, then)| numbers(title, now, then))
            .collect()
    }

    /// How much of each quota is used.
    pub(super) fn quota_rows(&self) -> Vec<Row> {
        let used = |quota: &Quota| share(quota.used, quota.limit);
        let row = |change: &QuotaChange| {
            let before = change.before.as_ref().map_or_else(|| "none".to_owned(), used);
            texts(change.quota, before, used(&change.after))
        };
        self.quotas.iter().map(row).collect()
    }

    /// The quota that is hit first, or else the one that is nearest.
    pub fn first(&self) -> String {
        let headroom = |change: &QuotaChange| {
            let left = |quota: &Quota| match quota.used.checked_sub(quota.limit) {
                Some(excess @ 1..) => format!("{excess} too many"),
                _ => format!("{} left", quota.limit.saturating_sub(quota.used)),
            };
            let before = change.before.as_ref().map_or_else(|| "all left".to_owned(), left);
            let resource = cut(&change.after.resource, 100);
            let (limit, after) = (change.after.limit, left(&change.after));
            format!("{} ({resource}), {limit}: {before} now, {after} then", change.quota)
        };
        let [now, then] = self.amounts;
        let left_out = then.unplaced.saturating_sub(now.unplaced);
        let find_no_room = then.without_room > now.without_room;
        let quota = match (first_hit(self.quotas, find_no_room), nearest(self.quotas)) {
            (Some(first), _) => format!("The first quota that is hit: {}.", headroom(first)),
            (None, Some(nearest)) => format!("No quota is hit. The nearest: {}.", headroom(nearest)),
            (None, None) => "No quota is used.".to_owned(),
        };
        match left_out {
            0 => quota,
            left_out => {
                format!(
                    "{} more would be without a load balancer: the problems say why. {quota}",
                    count(left_out, "Ingress")
                )
            }
        }
    }
}

fn write_wrapped(text: &str, style: Style, out: &mut String) {
    for line in wrap(text, style.width()) {
        out.push_str(&format!("{}\n", style.paint(Tint::Name, &line)));
    }
}
