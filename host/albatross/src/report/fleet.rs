//! The picture of the fleet: each load balancer with its members, its certificates, and how full it is.

use std::collections::BTreeMap;

use albatross_contract::{
    DesiredCertificate, DesiredLoadBalancer, LoadBalancerFate, LoadBalancerKind, Mode, ObjectName, Plan,
};

use super::both::{Both, Titled, hosts, load_balancer_name, names, outcomes};
use crate::{
    comparison::place,
    difference::Side,
    html::{Element, element, table::left_out, text},
    render::{
        names::Names,
        words::{count, first_of, more_of, objects},
    },
};

/// The most load balancers of a side.
const LOAD_BALANCERS: usize = 60;
/// The most members of a load balancer that are named.
const MEMBERS: usize = 100;
/// The most hosts of a member.
const HOSTS: usize = 10;
/// The most members of a load balancer that are drawn.
const DRAWN: usize = 300;

/// One fleet.
pub fn fleet(titled: &Titled<'_>) -> Vec<Element> {
    vec![cards(titled, None, None)]
}

/// The address of a page about a load balancer.
pub type Address<'a> = &'a dyn Fn(&DesiredLoadBalancer) -> String;

/// One fleet, with a link to the page of each load balancer.
pub fn linked_fleet(side: Side<'_>, address: Address<'_>) -> Vec<Element> {
    vec![cards(&Titled { title: "", side }, None, Some(address))]
}

/// Two fleets side by side, in which members that are elsewhere on the other side stand out.
pub fn fleets(both: &Both<'_>) -> Vec<Element> {
    let Both { before, after } = both;
    let key = |moved: bool, meaning: &str| {
        element("span").with(dots([moved].into_iter())).with(text("span", meaning))
    };
    let legend = element("p")
        .class("note legend")
        .with(key(false, "on the same load balancer on both sides"))
        .with(key(true, "elsewhere on the other side"));
    let column = |titled: &Titled<'_>, other: &Titled<'_>| {
        element("div").with(text("h3", titled.title)).with(cards(titled, Some(other), None))
    };
    vec![legend, element("div").class("sides").with(column(before, after)).with(column(after, before))]
}

fn cards(titled: &Titled<'_>, other: Option<&Titled<'_>>, address: Option<Address<'_>>) -> Element {
    let plan = titled.side.plan;
    let context = Context {
        titled,
        names: names(titled.side),
        // Headings go down one level at a time.
        heading: if other.is_some() { "h4" } else { "h3" },
        hosts: hosts(titled.side),
        address,
        elsewhere: other.map(|other| elsewhere(plan, other)).unwrap_or_default(),
    };
    let all = &plan.load_balancers;
    let cards = all.iter().take(LOAD_BALANCERS).map(|found| element("li").with(context.card(found)));
    let list = element("ul").class("fleet").with_all(cards);
    let others = all.iter().skip(LOAD_BALANCERS);
    let more: Vec<Element> = match address {
        Some(address) => links(others, address),
        None => left_out(others.len(), "load balancer", "").into_iter().collect(),
    };
    let none = all.is_empty().then(|| text("p", "There is no load balancer.").class("note"));
    element("div").with(list).with_all(more).with_all(none)
}

/// Links to the load balancers for which there is no room.
fn links<'a>(
    others: impl ExactSizeIterator<Item = &'a DesiredLoadBalancer>,
    address: Address<'_>,
) -> Vec<Element> {
    if others.len() == 0 {
        return Vec::new();
    }
    let title = text("p", &format!("{}:", more_of(others.len(), "load balancer"))).class("note");
    let link = |found: &DesiredLoadBalancer| {
        element("li").with(text("a", &found.name).attribute("href", &address(found)))
    };
    vec![title, element("ul").class("columns").with_all(others.map(link))]
}

/// The members that the other side has on another load balancer, with its name there.
fn elsewhere(plan: &Plan, other: &Titled<'_>) -> BTreeMap<ObjectName, String> {
    let there = outcomes(other.side.plan);
    let moved = plan.outcomes.iter().filter_map(|outcome| {
        let before = there.get(&outcome.object)?;
        let place =
            || format!("{}: {}", other.title, place(other.side.plan, before.load_balancer.as_deref()));
        (before.load_balancer != outcome.load_balancer).then(|| (outcome.object.clone(), place()))
    });
    moved.collect()
}

struct Context<'a> {
    titled: &'a Titled<'a>,
    names: Names<'a>,
    heading: &'static str,
    hosts: BTreeMap<ObjectName, Vec<&'a str>>,
    elsewhere: BTreeMap<ObjectName, String>,
    address: Option<Address<'a>>,
}

impl Context<'_> {
    fn card(&self, found: &DesiredLoadBalancer) -> Element {
        let plan = self.titled.side.plan;
        let name = load_balancer_name(plan, &found.id);
        let members = found.members.iter();
        let drawn = members.map(|member| self.elsewhere.contains_key(member)).take(DRAWN);
        element("article")
            .class(if fate(found).is_some() { "card changing" } else { "card" })
            .with(
                element(self.heading)
                    .class("name")
                    .with(match self.address {
                        Some(address) => text("a", name).attribute("href", &address(found)),
                        None => text("span", name),
                    })
                    .with_all(fate(found).map(|fate| text("span", fate).class("badge"))),
            )
            .with(text("p", &facts(found)).class("faint"))
            .with(dots(drawn))
            .with(element("div").class("bars").with_all(self.bars(found)))
            .with_all(self.members(found))
            .with_all(certificates(found, &self.names))
    }

    fn bars(&self, found: &DesiredLoadBalancer) -> Vec<Element> {
        let limit = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        let mut bars = vec![bar("certificates", found.certificates.len(), limit(found.certificate_limit))];
        if let Some(snapshot) = self.titled.side.snapshot.filter(|_| found.mode == Mode::Route) {
            let quotas = &snapshot.inventory.quotas;
            let rules = found.listeners.iter().map(|listener| listener.rules.len()).sum();
            let groups = found.target_groups.len();
            bars.push(bar("rules", rules, limit(quotas.rules_per_load_balancer)));
            bars.push(bar("target groups", groups, limit(quotas.target_groups_per_load_balancer)));
        }
        bars
    }

    fn members(&self, found: &DesiredLoadBalancer) -> Option<Element> {
        let member = |member: &ObjectName| {
            let hosts = self.hosts.get(member).map(|hosts| first_of(hosts, HOSTS)).unwrap_or_default();
            element("li")
                .with(text("span", &member.to_string()))
                .with_all((!hosts.is_empty()).then(|| text("span", &hosts).class("faint")))
                .with_all(self.elsewhere.get(member).map(|place| text("span", place).class("moved")))
        };
        let named = found.members.iter().take(MEMBERS).map(member);
        let details = element("details")
            .with(text("summary", &objects(found.members.iter().map(|member| member.kind))))
            .with(element("ul").with_all(named))
            .with_all(left_out(found.members.len().saturating_sub(MEMBERS), "member", ""));
        (!found.members.is_empty()).then_some(details)
    }
}

/// The certificates of a load balancer. `None`: it has none.
pub fn certificates(found: &DesiredLoadBalancer, names: &Names<'_>) -> Option<Element> {
    let certificate = |certificate: &DesiredCertificate| {
        let mut notes: Vec<String> = names.validity(&certificate.arn).into_iter().collect();
        if certificate.default {
            notes.push("default".to_owned());
        }
        if certificate.unneeded_since.is_some() {
            notes.push("no longer needed".to_owned());
        }
        element("li")
            .with(text("span", &names.certificate(&certificate.arn)))
            .with(text("span", &notes.join(", ")).class("faint"))
    };
    let details = element("details")
        .with(text("summary", &count(found.certificates.len(), "certificate")))
        .with(element("ul").with_all(found.certificates.iter().take(MEMBERS).map(certificate)))
        .with_all(left_out(found.certificates.len().saturating_sub(MEMBERS), "certificate", ""));
    (!found.certificates.is_empty()).then_some(details)
}

/// What becomes of it. `None`: it stays as it is.
fn fate(found: &DesiredLoadBalancer) -> Option<&'static str> {
    match found.fate {
        LoadBalancerFate::Create => Some("new"),
        LoadBalancerFate::Keep => None,
        LoadBalancerFate::Unneeded => Some("no longer needed"),
        LoadBalancerFate::Delete => Some("deleted"),
        LoadBalancerFate::Release => Some("given up"),
    }
}

fn facts(found: &DesiredLoadBalancer) -> String {
    let kind = match found.kind {
        LoadBalancerKind::Application => "Application Load Balancer",
        LoadBalancerKind::Network => "Network Load Balancer",
        LoadBalancerKind::Gateway => "Gateway Load Balancer",
    };
    let mode = match found.mode {
        Mode::Proxy => "proxy mode",
        Mode::Route => "route mode",
    };
    let mut facts = vec![kind.to_owned(), found.scheme.as_str().to_owned(), mode.to_owned()];
    facts.extend(found.group.iter().map(|group| format!("group {group}")));
    facts.join(" · ")
}

/// How much of a quota is used, as a number and as a bar.
fn bar(what: &str, used: usize, limit: usize) -> Element {
    const WIDTH: usize = 100;
    let width = used.saturating_mul(WIDTH).checked_div(limit).unwrap_or(WIDTH).min(WIDTH);
    let rectangle = |class: &'static str, width: usize| {
        element("rect").class(class).attribute("width", &width.to_string()).attribute("height", "6")
    };
    let picture = element("svg")
        .attribute("viewBox", "0 0 100 6")
        .attribute("preserveAspectRatio", "none")
        .attribute("aria-hidden", "true")
        .with(rectangle("whole", WIDTH))
        .with(rectangle(if used * 10 >= limit * 9 { "used nearly-full" } else { "used" }, width));
    element("div").class("bar").with(text("span", &format!("{used} of {limit} {what}"))).with(picture)
}

/// A square for each member; a diamond for one that is elsewhere on the other side.
fn dots(moved: impl Iterator<Item = bool>) -> Element {
    const ROW: usize = 30;
    const STEP: usize = 10;
    let moved: Vec<bool> = moved.collect();
    let (columns, rows) = (moved.len().min(ROW), moved.len().div_ceil(ROW));
    let dot = |(at, moved): (usize, bool)| {
        let (x, y) = (at % ROW * STEP, at / ROW * STEP);
        let path = if moved {
            format!("M{} {y}l4 4-4 4-4-4z", x + 4)
        } else {
            format!("M{} {}h6v6h-6z", x + 1, y + 1)
        };
        element("path").class(if moved { "moved" } else { "stays" }).attribute("d", &path)
    };
    let (width, height) = (columns * STEP, rows * STEP);
    element("svg")
        .class("dots")
        .attribute("viewBox", &format!("0 0 {width} {height}"))
        .attribute("width", &(width * 3 / 2).to_string())
        .attribute("height", &(height * 3 / 2).to_string())
        .attribute("aria-hidden", "true")
        .with_all(moved.into_iter().enumerate().map(dot))
}
