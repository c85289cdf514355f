//! One load balancer: from its listeners over rules and target groups to targets and their health.

use albatross_contract::{DesiredLoadBalancer, LoadBalancerFate, LoadBalancerState};

use super::{Answer, Page, Shown, address::address, document, flow::Flow, ok, plain};
use crate::{
    html::{Element, element, frame::Section, table::left_out, text},
    render::words::{count, objects},
    report::fleet::certificates,
};

/// The most members.
const MEMBERS: usize = 500;

/// The page of a load balancer with this name.
pub fn page(page: &Page, shown: &Shown, name: &str) -> Answer {
    let Some(found) = shown.plan.load_balancers.iter().find(|found| found.name == name) else {
        return plain(
            404,
            "Not found",
            &format!("The last plan has no load balancer with the name {name:?}."),
        );
    };
    let flow = Flow::new(&shown.snapshot, &shown.plan);
    let sections = [
        Section::new(
            "listeners",
            "From listener to target, as planned",
            found.listeners.iter().map(|it| flow.listener(it)).collect(),
        ),
        Section::new("targets", "Target groups, as observed", flow.groups(&found.listeners)),
        Section::new("members", "Members", members(found)),
        Section::new("certificates", "Certificates", certificates(found, &flow.names).into_iter().collect()),
    ];
    let sections = sections.into_iter().filter(|section| !section.content.is_empty());
    let (verdict, is_problem) = verdict(found, shown);
    let undone = shown.undone();
    let is_problem = is_problem || undone.is_some();
    let verdict = [verdict].into_iter().chain(undone).collect::<Vec<_>>().join(" ");
    ok(document(
        page.head(shown, &found.name, &verdict, is_problem),
        "",
        sections.map(Section::element).collect(),
    ))
}

/// `It is active. It is internet-facing and has 12 Ingresses on 2 listeners. Its DNS name is a1.elb.amazonaws.com.`, and whether a
/// person should look at it.
fn verdict(found: &DesiredLoadBalancer, shown: &Shown) -> (String, bool) {
    let mut all = shown.snapshot.inventory.load_balancers.iter();
    let observed = all.find(|observed| found.arn.as_deref() == Some(observed.arn.as_str()));
    let (state, is_problem) = match (observed, found.fate) {
        (None, _) => ("It does not exist yet.".to_owned(), false),
        (Some(_), LoadBalancerFate::Unneeded) => {
            ("No member needs it. It is deleted after its grace period.".to_owned(), false)
        }
        (Some(_), LoadBalancerFate::Delete) => ("It is being deleted.".to_owned(), false),
        (Some(_), LoadBalancerFate::Release) => ("It is given up, and stays.".to_owned(), false),
        (Some(observed), _) => {
            let is_well =
                matches!(observed.state, LoadBalancerState::Active | LoadBalancerState::Provisioning);
            (format!("It is {}.", observed.state.as_str()), !is_well)
        }
    };
    let serves = format!(
        "It is {} and has {} on {}.",
        found.scheme.as_str(),
        objects(found.members.iter().map(|member| member.kind)),
        count(found.listeners.len(), "listener")
    );
    let name = found.dns_name.iter().map(|name| format!(" Its DNS name is {name}."));
    (format!("{state} {serves}{}", name.collect::<String>()), is_problem)
}

fn members(found: &DesiredLoadBalancer) -> Vec<Element> {
    let member = |name: String| {
        element("li").with(text("a", &name).attribute("href", &address("explain", "object", &name)))
    };
    let mut content: Vec<Element> = Vec::new();
    if let Some(group) = &found.group {
        let reason = found.group_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        content.push(text("p", &format!("They are the group {group}{reason}")).class("note"));
    }
    let items = found.members.iter().take(MEMBERS).map(|name| member(name.to_string()));
    if !found.members.is_empty() {
        content.push(element("ul").class("columns").with_all(items));
    }
    content.extend(left_out(found.members.len().saturating_sub(MEMBERS), "member", ""));
    content
}
