//! Where requests go: rules, target groups, and the health of targets.

use std::collections::BTreeMap;

use albatross_contract::{
    DesiredListener, DesiredRule, ListenerAction, Plan, ResourceReference, Snapshot, Target, TargetGroup,
    TargetHealth, rules::requests,
};

use crate::{
    html::{Element, element, table::left_out, text},
    render::{
        forwarding::{destination, transform},
        names::Names,
    },
};

/// The most rules of a listener.
const RULES: usize = 200;
/// The most targets of a target group that are named.
const TARGETS: usize = 200;
/// The most targets that are drawn.
const DRAWN: usize = 30;
/// The most target groups.
const GROUPS: usize = 200;

/// Knows the target groups.
pub struct Flow<'a> {
    /// The names of resources.
    pub names: Names<'a>,
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

    /// A listener with its rules. A request goes through them from top to bottom.
    pub fn listener(&self, listener: &DesiredListener) -> Element {
        let heading = format!("listener-{}", listener.port);
        let title = format!("{} on port {}", listener.protocol.as_str(), listener.port);
        let rules = listener.rules.iter().take(RULES).map(|rule| self.rule(rule));
        let otherwise = step("otherwise", "all other requests", self.destination(&listener.default_actions));
        element("section")
            .class("listener")
            .attribute("aria-labelledby", &heading)
            .with(text("h3", &title).attribute("id", &heading))
            .with(element("ol").class("flow").with_all(rules).with(otherwise))
            .with_all(left_out(listener.rules.len().saturating_sub(RULES), "rule", ""))
    }

    fn rule(&self, rule: &DesiredRule) -> Element {
        let mut destination = self.destination(&rule.actions);
        destination.extend(rule.transforms.iter().map(|it| text("p", &transform(it)).class("faint")));
        step(&rule.priority.to_string(), &requests(&rule.conditions), destination)
    }

    /// Where actions send a request, with the health of what is there.
    fn destination(&self, actions: &[ListenerAction]) -> Vec<Element> {
        let mut content = vec![text("p", &destination(actions, &self.names))];
        content.extend(forwards(actions).map(|reference| self.health(reference)));
        content
    }

    /// The health of the targets of a target group, with a link to it.
    fn health(&self, reference: &ResourceReference) -> Element {
        let Some(group) = self.observed(reference) else {
            return text("p", "this target group does not exist yet").class("faint");
        };
        let link = text("a", &counted(&group.targets)).attribute("href", &format!("#{}", group.name));
        element("p").class("group").with(dots(&group.targets)).with(link)
    }

    fn observed(&self, reference: &ResourceReference) -> Option<&'a TargetGroup> {
        match reference {
            ResourceReference::Existing(arn) => self.groups.get(arn.as_str()).copied(),
            ResourceReference::CreatedBy(_) => None,
        }
    }

    /// The target groups to which listeners forward, each once, with their targets.
    pub fn groups(&self, listeners: &[DesiredListener]) -> Vec<Element> {
        let of = |listener: &'_ DesiredListener| -> Vec<&'a TargetGroup> {
            let of_rules = listener.rules.iter().flat_map(|rule| forwards(&rule.actions));
            let all = forwards(&listener.default_actions).chain(of_rules);
            all.filter_map(|reference| self.observed(reference)).collect()
        };
        let used: BTreeMap<&str, &TargetGroup> =
            listeners.iter().flat_map(of).map(|group| (group.name.as_str(), group)).collect();
        let mut content: Vec<Element> = used.values().take(GROUPS).map(|group| self.group(group)).collect();
        content.extend(left_out(used.len().saturating_sub(GROUPS), "target group", ""));
        content
    }

    fn group(&self, group: &TargetGroup) -> Element {
        let name = self.names.resource(&ResourceReference::Existing(group.arn.clone()));
        let summary = format!("{name}: {}", counted(&group.targets));
        element("details")
            .class("targets")
            .attribute("id", &group.name)
            .with(text("summary", &summary))
            .with(element("ul").with_all(group.targets.iter().take(TARGETS).map(target)))
            .with_all(left_out(group.targets.len().saturating_sub(TARGETS), "target", ""))
    }
}

/// The target groups to which actions forward.
fn forwards(actions: &[ListenerAction]) -> impl Iterator<Item = &ResourceReference> {
    let groups = actions.iter().filter_map(|action| match action {
        ListenerAction::Forward(forward) => Some(&forward.target_groups),
        _ => None,
    });
    groups.flatten().map(|weighted| &weighted.target_group)
}

/// A step on the way of requests: by which number it is tried, which requests it is for, and where they go.
fn step(number: &str, requests: &str, destination: Vec<Element>) -> Element {
    element("li")
        .with(text("span", number).class("priority"))
        .with(text("span", requests).class("requests"))
        .with(element("div").class("to").with_all(destination))
}

/// `3 healthy, 1 unhealthy`.
fn counted(targets: &[Target]) -> String {
    const ORDER: [TargetHealth; 6] = [
        TargetHealth::Healthy,
        TargetHealth::Unhealthy,
        TargetHealth::Initial,
        TargetHealth::Draining,
        TargetHealth::Unused,
        TargetHealth::Unavailable,
    ];
    let counted = ORDER.into_iter().filter_map(|health| {
        let number = targets.iter().filter(|target| target.health == health).count();
        (number > 0).then(|| format!("{number} {}", health.as_str()))
    });
    let counted: Vec<String> = counted.collect();
    if counted.is_empty() { "no targets".to_owned() } else { counted.join(", ") }
}

fn target(target: &Target) -> Element {
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let reason = target.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let health = format!("{}{reason}", target.health.as_str());
    element("li")
        .with(text("span", &format!("{}{port}", target.id)))
        .with(text("span", &health).class("faint"))
}

/// A mark for each target: a disc for a healthy one, a cross for an unhealthy one, a ring for any other. The text beside it says
/// more, so it is only for the eye.
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
        .attribute("aria-hidden", "true")
        .with_all(targets.iter().take(DRAWN).enumerate().map(mark))
}
