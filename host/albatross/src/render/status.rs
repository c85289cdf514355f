//! The fleet at a glance, for people.

use std::collections::BTreeMap;

use albatross_contract::{DesiredLoadBalancer, LoadBalancerState, Plan, Snapshot, Timestamp};

use super::{
    columns::{Row, write},
    load_balancer::facts,
    names::Names,
    plan::{Origin, header, last_line},
    problems::problems_text,
    style::Style,
    time::{date, length},
    words::{count, cut},
};
use crate::{
    status::{CertificateEnd, LoadBalancerStatus, QuotaStatus, Status},
    what_if::Quota,
};

/// The whole screen of `status`.
pub fn status(snapshot: &Snapshot, plan: &Plan, fleet: &Status, origin: &Origin<'_>, style: Style) -> String {
    let names = Names::new(&snapshot.inventory, plan);
    let mut out = header(snapshot, origin, style);
    let known: BTreeMap<&str, &LoadBalancerStatus> =
        fleet.load_balancers.iter().map(|it| (it.id.as_str(), it)).collect();
    let of = |wanted: &DesiredLoadBalancer| {
        let found = known.get(wanted.id.as_str())?;
        Some(load_balancer(wanted, found, &names, fleet.time))
    };
    let mut rows: Vec<Row> = plan.load_balancers.iter().filter_map(of).collect();
    if rows.is_empty() {
        rows.push(Row::plain(0, "no load balancer", ""));
    }
    for rows in [rows, ingresses(fleet), quotas(fleet)] {
        if !rows.is_empty() {
            out.push('\n');
            write(&rows, style, &mut out);
        }
    }
    let problems = problems_text(plan, &names, style);
    if !problems.is_empty() {
        out.push('\n');
        out.push_str(&problems);
    }
    out.push('\n');
    out.push_str(&last_line(snapshot, plan, style));
    out
}

fn load_balancer(
    wanted: &DesiredLoadBalancer,
    found: &LoadBalancerStatus,
    names: &Names<'_>,
    now: Timestamp,
) -> Row {
    let state = found.state.map_or("does not exist yet", LoadBalancerState::as_str);
    let mut all = vec![state.to_owned()];
    all.extend(facts(wanted));
    all.extend(found.first_end.as_ref().map(|end| in_words(end, names, now)));
    let targets: usize = found.targets.values().sum();
    if found.state.is_some() {
        all.push(match targets {
            0 => "no target".to_owned(),
            _ => format!("{} of {} healthy", found.healthy(), count(targets, "target")),
        });
    }
    Row::plain(0, found.name.clone(), all.join(" · "))
}

/// `shop.example.org is the first to end, on 2027-03-02 (in 101 days)`.
fn in_words(end: &CertificateEnd, names: &Names<'_>, now: Timestamp) -> String {
    let name = names.certificate(&end.certificate);
    match end.time.checked_sub(now) {
        Some(left) => {
            // Nobody counts the hours of a certificate that lasts for weeks.
            let left = if left >= 14 * 86_400 { left - left % 86_400 } else { left };
            format!("{name} is the first to end, on {} (in {})", date(end.time), length(left))
        }
        None => format!("{name} has ended on {}", date(end.time)),
    }
}

/// `Ingresses and RouteGroups   41 placed, 1 held, 1 rejected`.
fn ingresses(fleet: &Status) -> Vec<Row> {
    let states = ["placed", "held", "waiting", "rejected", "released", "ignored"];
    let number = |state: &&str| fleet.ingresses.get(*state).map(|number| format!("{number} {state}"));
    let all: Vec<String> = states.iter().filter_map(number).collect();
    if all.is_empty() {
        return Vec::new();
    }
    vec![Row::plain(0, "Ingresses and RouteGroups", all.join(", "))]
}

/// The quotas, with the resource that uses the largest share.
fn quotas(fleet: &Status) -> Vec<Row> {
    let row = |it: &QuotaStatus| {
        let Quota { resource, used, limit } = &it.use_of_it;
        Row::plain(2, it.quota, format!("{used} of {limit}, {}", cut(resource, 100)))
    };
    let rows: Vec<Row> = fleet.quotas.iter().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let title = Row::plain(0, "Quotas, each for the resource that uses the largest share", "");
    std::iter::once(title).chain(rows).collect()
}
