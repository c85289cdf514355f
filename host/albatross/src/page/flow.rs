//! Where requests go: rules, target groups, and the health of targets.

use std::collections::BTreeMap;

use albatross_contract::{
    DesiredRule, ListenerAction, Plan, ResourceReference, Snapshot, Target, TargetGroup, TargetHealth,
    rules::requests,
};

use crate::{
    html::{Element, element, table::left_out, text},
    render::{
        forwarding::{destination, transform},
        names::Names,
        terms,
        words::count,
    },
};

/// The most targets of a target group that are named.
const TARGETS: usize = 200;
/// The most targets that are drawn.
const DRAWN: usize = 100;

/// Knows the target groups.
pub struct Flow<'a> {
    names: Names<'a>,
    groups: BTreeMap<&'a str, &'a TargetGroup>,
}

impl<'a> Flow<'a> {
    /// For a plan.
    pub fn new(snapshot: &'a Snapshot, plan: &'a Plan) -> Flow<'a> {
        let groups = snapshot.inventory.target_groups.iter();
        Flow {
            names: Names::new(&snapshot.inventory, plan),
            groups: groups.map(|group| (group.arn.as_str(), group)).collect(),
        }
    }

    /// A rule: which requests, and where they go.
    pub fn rule(&self, rule: &DesiredRule) -> Element {
        let mut destination = self.destination(&rule.actions);
        destination.extend(rule.transforms.iter().map(|it| text("p", &transform(it)).class("faint")));
        step(&rule.priority.to_string(), &requests(&rule.conditions), destination)
    }

    /// Where actions send a request.
    pub fn destination(&self, actions: &[ListenerAction]) -> Vec<Element> {
        let mut content = vec![text("p", &destination(actions, &self.names)).class("destination")];
        let forwards = actions.iter().filter_map(|action| match action {
            ListenerAction::Forward(forward) => Some(&forward.target_groups),
            _ => None,
        });
        content.extend(forwards.flatten().map(|weighted| self.group(&weighted.target_group)));
        content
    }

    fn group(&self, reference: &ResourceReference) -> Element {
        let name = self.names.resource(reference);
        let observed = match reference {
            ResourceReference::Existing(arn) => self.groups.get(arn.as_str()),
            ResourceReference::CreatedBy(_) => None,
        };
        let Some(group) = observed else {
            return text("p", &format!("{name}: this target group does not exist yet")).class("faint");
        };
        let by_health = by_health(&group.targets);
        let counted: Vec<String> = by_health
            .iter()
            .map(|(health, targets)| format!("{} {}", targets.len(), terms::target_health(*health)))
            .collect();
        let counted = if counted.is_empty() { "no targets".to_owned() } else { counted.join(", ") };
        let summary =
            element("summary").with(dots(&group.targets)).with(text("span", &format!("{name}: {counted}")));
        let named = group.targets.iter().take(TARGETS).map(target);
        element("details")
            .class("targets")
            .with(summary)
            .with(element("ul").with_all(named))
            .with_all(left_out(group.targets.len().saturating_sub(TARGETS), "target", ""))
    }
}

/// A step on the way of requests: by which number it is tried, which requests it is for, and where they go.
pub fn step(number: &str, requests: &str, destination: Vec<Element>) -> Element {
    element("li")
        .with(text("span", number).class("priority"))
        .with(text("span", requests).class("requests"))
        .with(element("div").class("to").with_all(destination))
}

fn by_health(targets: &[Target]) -> Vec<(TargetHealth, Vec<&Target>)> {
    const ORDER: [TargetHealth; 6] = [
        TargetHealth::Healthy,
        TargetHealth::Unhealthy,
        TargetHealth::Initial,
        TargetHealth::Draining,
        TargetHealth::Unused,
        TargetHealth::Unavailable,
    ];
    let of = |health| (health, targets.iter().filter(|target| target.health == health).collect::<Vec<_>>());
    ORDER.map(of).into_iter().filter(|(_, targets)| !targets.is_empty()).collect()
}

fn target(target: &Target) -> Element {
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let reason = target.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let health = format!("{}{reason}", terms::target_health(target.health));
    element("li")
        .with(text("span", &format!("{}{port}", target.id)))
        .with(text("span", &health).class("faint"))
}

/// A mark for each target: a disc for a healthy one, a cross for an unhealthy one, a ring for any other. The text beside it says
/// the same.
fn dots(targets: &[Target]) -> Element {
    const STEP: usize = 12;
    let mark = |(at, target): (usize, &Target)| {
        let x = at * STEP + 2;
        let (class, path) = match target.health {
            TargetHealth::Healthy => ("healthy", format!("M{x} 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z")),
            TargetHealth::Unhealthy => ("unhealthy", format!("M{x} 2l8 8m0-8l-8 8")),
            _ => ("other", format!("M{x} 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z")),
        };
        element("path").class(class).attribute("d", &path)
    };
    let drawn = targets.len().min(DRAWN);
    element("svg")
        .class("health")
        .attribute("viewBox", &format!("0 0 {} 12", (drawn * STEP).max(1)))
        .attribute("width", &(drawn * STEP).to_string())
        .attribute("height", "12")
        .attribute("role", "img")
        .attribute("aria-label", &count(targets.len(), "target"))
        .with_all(targets.iter().take(DRAWN).enumerate().map(mark))
}
