//! One load balancer: from its listeners over rules and target groups to targets and their health.

use albatross_contract::{DesiredListener, DesiredLoadBalancer, LoadBalancerFate};

use super::{
    Answer, Shown,
    address::address,
    document,
    flow::{Flow, step},
    not_found, ok,
};
use crate::{
    html::{Element, element, frame::Section, table::left_out, text},
    render::{
        names::Names,
        terms,
        words::{count, objects},
    },
    report::fleet::certificates,
};

/// The most rules of a listener.
const RULES: usize = 200;
/// The most members.
const MEMBERS: usize = 500;

/// The page of a load balancer with this name.
pub fn page(shown: &Shown, name: &str) -> Answer {
    let Some(found) = shown.plan.load_balancers.iter().find(|found| found.name == name) else {
        return not_found(&format!("The plan has no load balancer with the name {name:?}."));
    };
    let flow = Flow::new(&shown.snapshot, &shown.plan);
    let listeners = found.listeners.iter().map(|it| listener(it, &flow)).collect();
    let names = Names::new(&shown.snapshot.inventory, &shown.plan);
    let sections = [
        Section::new("listeners", "From listener to target", listeners),
        Section::new("members", "Members", members(found)),
        Section::new("certificates", "Certificates", certificates(found, &names).into_iter().collect()),
    ];
    let sections = sections.into_iter().filter(|section| !section.content.is_empty());
    let verdict = verdict(found, shown);
    let is_problem = !matches!(found.fate, LoadBalancerFate::Keep | LoadBalancerFate::Create);
    let head = shown.head(&found.name, verdict, is_problem);
    ok(document(head, "", sections.map(Section::element).collect()))
}

/// `Active, internet-facing, serves 12 Ingresses on 2 listeners. Its name is a1.elb.amazonaws.com.`
fn verdict(found: &DesiredLoadBalancer, shown: &Shown) -> String {
    let observed = shown
        .snapshot
        .inventory
        .load_balancers
        .iter()
        .find(|observed| found.arn.as_deref() == Some(observed.arn.as_str()));
    let state = match (observed, found.fate) {
        (None, _) => "It does not exist yet",
        (Some(_), LoadBalancerFate::Unneeded) => {
            "No member needs it, and it is deleted after its grace period"
        }
        (Some(_), LoadBalancerFate::Delete) => "It is being deleted",
        (Some(_), LoadBalancerFate::Release) => "It is given up, and stays",
        (Some(observed), _) => {
            return with_name(
                format!("It is {}, {}", terms::load_balancer_state(observed.state), serves(found)),
                found,
            );
        }
    };
    with_name(format!("{state}, {}", serves(found)), found)
}

fn serves(found: &DesiredLoadBalancer) -> String {
    format!(
        "{}: {} on {}",
        terms::scheme(found.scheme),
        objects(found.members.iter().map(|member| member.kind)),
        count(found.listeners.len(), "listener")
    )
}

fn with_name(text: String, found: &DesiredLoadBalancer) -> String {
    match &found.dns_name {
        Some(name) => format!("{text}. Its DNS name is {name}."),
        None => format!("{text}."),
    }
}

/// A listener with its rules. A request goes through them from top to bottom.
fn listener(listener: &DesiredListener, flow: &Flow<'_>) -> Element {
    let heading = format!("listener-{}", listener.port);
    let rules = listener.rules.iter().take(RULES).map(|rule| flow.rule(rule));
    let otherwise = step("otherwise", "all other requests", flow.destination(&listener.default_actions));
    element("section")
        .class("listener")
        .attribute("aria-labelledby", &heading)
        .with(
            text("h3", &format!("{} on port {}", terms::protocol(listener.protocol), listener.port))
                .attribute("id", &heading),
        )
        .with(element("ol").class("flow").with_all(rules).with(otherwise))
        .with_all(left_out(listener.rules.len().saturating_sub(RULES), "rule", ""))
}

fn members(found: &DesiredLoadBalancer) -> Vec<Element> {
    let member = |name: String| {
        let link = text("a", &name).attribute("href", &address("explain", "object", &name));
        element("li").with(link)
    };
    let items = found.members.iter().take(MEMBERS).map(|member| member.to_string()).map(member);
    let mut content: Vec<Element> = found
        .group
        .iter()
        .map(|group| {
            let reason = found.group_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            text("p", &format!("They are the group {group}{reason}")).class("note")
        })
        .collect();
    if !found.members.is_empty() {
        content.push(element("ul").class("columns").with_all(items));
    }
    content.extend(left_out(found.members.len().saturating_sub(MEMBERS), "member", ""));
    content
}
