//! The first page: all load balancers, what to look at, how full everything is, and when certificates end.

use std::collections::BTreeMap;

use albatross_contract::{
    Certificate, DesiredLoadBalancer, LoadBalancerFate, OutcomeState, Timestamp, ViewPart,
};

use super::{Answer, Page, Shown, address::address, attention::attention, document, ok};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, left_out, number, numbers, table, title},
        text,
    },
    render::{
        names::Names,
        terms,
        time::{date, length},
        words::{count, objects},
    },
    report::fleet::linked_fleet,
    status::{QuotaStatus, Status},
};

/// The most certificates.
const CERTIFICATES: usize = 500;
/// The percentage of a quota from which on little is left.
const NEARLY_FULL: usize = 90;

/// The page.
pub fn page(page: &Page, shown: &Shown) -> Answer {
    let link = |found: &DesiredLoadBalancer| address("load-balancer", "name", &found.name);
    let mut look = attention(shown);
    if look.is_empty() {
        look.push(text("p", "Nothing.").class("note"));
    }
    let sections = [
        Section::new("look", "What to look at", look),
        Section::new("fleet", "Load balancers", linked_fleet(shown.side(), &link)),
        Section::new("quotas", "Quotas", quotas(shown)),
        Section::new("certificates", "Certificates", certificates(shown)),
    ];
    let title = format!("Load balancers of {}", shown.snapshot.settings.identity.cluster_id);
    let head = page.head(shown, &title, &verdict(shown), shown.needs_a_look());
    ok(document(head, "./", sections.map(Section::element).into_iter().collect()))
}

/// `3 load balancers serve 41 Ingresses. 2 are held, 1 is rejected. 1 change is withheld by a budget.`
fn verdict(shown: &Shown) -> String {
    let plan = &shown.plan;
    let exists = |found: &&DesiredLoadBalancer| found.fate == LoadBalancerFate::Keep && found.arn.is_some();
    let load_balancers = plan.load_balancers.iter().filter(exists).count();
    let of_state = |state: OutcomeState| plan.outcomes.iter().filter(move |outcome| outcome.state == state);
    let served = of_state(OutcomeState::Placed).chain(of_state(OutcomeState::Held));
    let served = served.filter(|outcome| outcome.hostname.is_some());
    let served = objects(served.map(|outcome| outcome.object.kind));
    let serve = if load_balancers == 1 { "serves" } else { "serve" };
    let mut sentences = vec![format!("{} {serve} {served}.", count(load_balancers, "load balancer"))];
    let are = |number: usize| if number == 1 { "is" } else { "are" };
    let new = plan.load_balancers.iter().filter(|found| found.fate == LoadBalancerFate::Create).count();
    if new > 0 {
        sentences.push(format!("{} {} new or incomplete.", count(new, "load balancer"), are(new)));
    }
    let others = [OutcomeState::Held, OutcomeState::Waiting, OutcomeState::Rejected].map(|state| {
        let number = of_state(state).count();
        (number > 0).then(|| format!("{number} {} {}", are(number), terms::outcome(state)))
    });
    let others: Vec<String> = others.into_iter().flatten().collect();
    if !others.is_empty() {
        sentences.push(format!("{}.", others.join(", ")));
    }
    if !plan.withheld.is_empty() {
        let number = plan.withheld.len();
        sentences.push(format!("{} {} withheld by a budget.", count(number, "change"), are(number)));
    }
    sentences.extend(shown.undone());
    sentences.join(" ")
}

/// How much of each quota is used, the fullest first.
fn quotas(shown: &Shown) -> Vec<Element> {
    let quotas = Status::new(&shown.snapshot, &shown.plan).quotas;
    let row = |quota: &QuotaStatus| {
        let used = &quota.use_of_it;
        let left = match used.limit.saturating_sub(used.used) {
            0 => "nothing left",
            _ if used.used.saturating_mul(100) >= used.limit.saturating_mul(NEARLY_FULL) => "nearly full",
            _ => "",
        };
        vec![
            title(quota.quota),
            cell(&used.resource),
            number(&used.used.to_string()),
            number(&used.limit.to_string()),
            cell(left),
        ]
    };
    if quotas.is_empty() {
        return vec![text("p", "Nothing is used.").class("note")];
    }
    let columns =
        vec![column("quota"), column("used most by"), numbers("used"), numbers("allowed"), column("note")];
    vec![table("Quotas of AWS, the fullest first", columns, quotas.iter().map(row).collect())]
}

/// The certificates in use, the first that ends first.
fn certificates(shown: &Shown) -> Vec<Element> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for found in shown.plan.load_balancers.iter().flat_map(|found| &found.certificates) {
        *uses.entry(&found.arn).or_default() += 1;
    }
    let inventory = &shown.snapshot.inventory;
    let mut used: Vec<&Certificate> =
        inventory.certificates.iter().filter(|found| uses.contains_key(found.arn.as_str())).collect();
    used.sort_by_key(|found| (found.not_after.unwrap_or(Timestamp::MAX), &found.arn));
    if used.is_empty() {
        let is_unread = inventory
            .incomplete
            .iter()
            .any(|gap| matches!(gap.part, ViewPart::CertificatesAcm | ViewPart::CertificatesIam));
        let why = if is_unread { "They could not be read." } else { "None is in use." };
        return vec![text("p", why).class("note")];
    }
    let names = Names::new(inventory, &shown.plan);
    let row = |found: &&Certificate| {
        let (until, left) = match found.not_after {
            None => ("unknown".to_owned(), String::new()),
            Some(end) if end <= shown.snapshot.time => (date(end), "expired".to_owned()),
            Some(end) => (date(end), length(end - shown.snapshot.time)),
        };
        let uses = uses.get(found.arn.as_str()).copied().unwrap_or_default();
        vec![title(&names.certificate(&found.arn)), cell(&until), cell(&left), number(&uses.to_string())]
    };
    let columns =
        vec![column("certificate"), column("valid until"), column("left"), numbers("load balancers")];
    let rows = used.iter().take(CERTIFICATES).map(row).collect();
    let mut content = vec![table("Certificates in use, the first that ends first", columns, rows)];
    content.extend(left_out(used.len().saturating_sub(CERTIFICATES), "certificate", ""));
    vec![element("div").with_all(content)]
}
