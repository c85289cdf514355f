//! Load balancers in their grace: nobody needs them, and they are not deleted yet.

use albatross_contract::{
    DesiredLoadBalancer, LoadBalancerFate, Plan, Snapshot, TAG_UNNEEDED, Timestamp, ViewPart,
};

use super::{
    columns::{Row, Sign, write},
    style::Style,
    time::{length, moment},
};

/// Writes a line for each: since when nobody needs it, and when it goes. One that gets its mark by an action of this
/// plan is not among them: what changes on it is told with it.
pub fn write_graces(snapshot: &Snapshot, plan: &Plan, style: Style, out: &mut String) {
    let unneeded = plan.load_balancers.iter().filter(|found| found.fate == LoadBalancerFate::Unneeded);
    let rows: Vec<Row> = unneeded
        .filter_map(|found| {
            let since = unneeded_since(found, snapshot)?;
            Some(Row::signed(0, Sign::Note, found.name.as_str(), sentence(since, snapshot)))
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        write(&rows, style, out);
    }
}

/// The mark in AWS.
fn unneeded_since(load_balancer: &DesiredLoadBalancer, snapshot: &Snapshot) -> Option<Timestamp> {
    let arn = load_balancer.arn.as_ref()?;
    let found = snapshot.inventory.load_balancers.iter().find(|found| found.arn == *arn)?;
    found.tags.iter().find(|tag| tag.key == TAG_UNNEEDED)?.value.parse().ok()
}

fn sentence(since: Timestamp, snapshot: &Snapshot) -> String {
    let is_kept = snapshot.cluster.incomplete.iter().any(|it| it.part == ViewPart::IngressStatuses)
        && !snapshot.settings.allowances.prune;
    let left = match since.checked_add(snapshot.settings.load_balancer_grace()) {
        _ if is_kept => "is deleted only with --prune".to_owned(),
        None => "stays, since the grace has no end".to_owned(),
        // Only an incomplete view keeps it then.
        Some(end) if end <= snapshot.time => "is deleted once all can be read".to_owned(),
        Some(end) => format!("is deleted in {}", length(end - snapshot.time)),
    };
    format!("unneeded since {}, {left}", moment(since))
}
