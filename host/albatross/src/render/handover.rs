//! Load balancers that are adopted or forgotten, for people.

use albatross_contract::{
    DesiredLoadBalancer, Diagnostic, DiagnosticCode, LoadBalancer, Operation, ResourceReference, Severity,
    TAG_STACK, TargetType,
};

use super::{
    columns::{Row, Sign, write},
    names::Names,
    plan,
    problems::problems_text,
    stacks,
    style::Style,
    words::{count, listed},
};
use crate::handover::{Direction, Preview};

/// The whole preview.
pub fn preview(preview: &Preview, style: Style) -> String {
    let mut out = String::new();
    let rows: Vec<Row> =
        preview.load_balancers().into_iter().flat_map(|found| rows_of(found, preview)).collect();
    write(&rows, style, &mut out);
    write(&problems_now(preview), style, &mut out);
    if rows.is_empty() {
        let is_one_unfit = refused(preview).any(|found| found.severity == Severity::Error);
        out.push_str(match preview.direction {
            Direction::Adopt if is_one_unfit => {
                "Nothing is adopted: either all that are named are adopted, or none.\n"
            }
            Direction::Adopt => "Nothing is adopted.\n",
            Direction::Forget => "Nothing is forgotten.\n",
        });
        return out;
    }
    out.push_str("\nThe next pass of the controller, with these settings:\n");
    let then = &preview.then;
    out.push_str(&plan::load_balancers(&then.snapshot, &then.plan, style));
    let problems = problems_text(&then.plan, &Names::new(&then.snapshot.inventory, &then.plan), style);
    if !problems.is_empty() {
        out.push('\n');
        out.push_str(&problems);
    }
    out.push('\n');
    out.push_str(&plan::last_line(&then.snapshot, &then.plan, style));
    if preview.direction == Direction::Adopt {
        out.push_str(&releases(preview));
    }
    out
}

/// The names that are refused, with the reasons.
pub fn refused(preview: &Preview) -> impl Iterator<Item = &Diagnostic> {
    let codes = [DiagnosticCode::AdoptionRefused, DiagnosticCode::ForgetRefused];
    preview.now.plan.diagnostics.iter().filter(move |found| codes.contains(&found.code))
}

/// The names that are refused, and a controller id that kube-ingress-aws-controller has too.
fn problems_now(preview: &Preview) -> Vec<Row> {
    let mut rows = Vec::new();
    let diagnostics = preview.now.plan.diagnostics.iter();
    let shared = diagnostics.filter(|found| found.code == DiagnosticCode::ControllerIdShared);
    for found in refused(preview).chain(shared) {
        let sign = if found.severity == Severity::Info { Sign::Note } else { Sign::Attention };
        rows.push(Row::signed(0, sign, found.subject.clone(), found.message.clone()));
        rows.extend(found.remedy.iter().map(|remedy| Row::plain(2, "", format!("to do: {remedy}"))));
    }
    rows
}

/// A load balancer with the objects that it serves, and its resources whose tags change.
fn rows_of(found: &LoadBalancer, preview: &Preview) -> Vec<Row> {
    let (sign, subject) = match preview.direction {
        Direction::Adopt => (Sign::Add, format!("adopt {}", found.name)),
        Direction::Forget => (Sign::Remove, format!("forget {}", found.name)),
    };
    let mut rows = vec![Row::signed(0, sign, subject, format!("keeps the name {}", found.dns_name))];
    let mut tell = |what: &str, text: String| rows.push(Row::plain(2, what, text));
    let stack = found.tags.iter().find(|tag| tag.key == TAG_STACK);
    stack.into_iter().for_each(|stack| tell("stack", stack.value.clone()));
    let members = members(found, preview);
    tell("serves", if members.is_empty() { "nothing of this cluster".to_owned() } else { listed(&members) });
    if preview.direction == Direction::Forget && !members.is_empty() {
        let text = "the statuses stay until the controller has another load balancer for these objects, or until their class changes";
        tell("then", text.to_owned());
    }
    if preview.direction == Direction::Forget && has_pods(found, preview) {
        let text =
            "nobody registers new pods and removes old ones from then on: give it another controller soon";
        tell("pods", text.to_owned());
    }
    let groups = target_groups(found, preview);
    tell("tags", format!("of the load balancer and {}, nothing else", count(groups, "target group")));
    rows
}

/// The Ingresses that a load balancer serves, before it is forgotten or after it is adopted.
fn members(found: &LoadBalancer, preview: &Preview) -> Vec<String> {
    let hostname = found.dns_name.as_str();
    let of_next = |it: &&DesiredLoadBalancer| it.arn.as_deref() == Some(&found.arn);
    if let (Direction::Adopt, Some(next)) =
        (preview.direction, preview.then.plan.load_balancers.iter().find(of_next))
    {
        return next.members.iter().map(ToString::to_string).collect();
    }
    let outcomes = preview.now.plan.outcomes.iter();
    let named =
        outcomes.filter(|it| it.hostname.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(hostname)));
    named.map(|outcome| outcome.object.to_string()).collect()
}

/// Whether the targets of a load balancer are pods, which come and go.
fn has_pods(found: &LoadBalancer, preview: &Preview) -> bool {
    let mut groups = preview.now.snapshot.inventory.target_groups.iter();
    groups.any(|group| group.target_type == TargetType::Ip && group.load_balancer_arns.contains(&found.arn))
}

/// How many target groups of a load balancer change their owner.
fn target_groups(found: &LoadBalancer, preview: &Preview) -> usize {
    let used = |reference: &ResourceReference| {
        let ResourceReference::Existing(arn) = reference else { return false };
        let groups = &preview.now.snapshot.inventory.target_groups;
        groups.iter().any(|group| group.arn == *arn && group.load_balancer_arns.contains(&found.arn))
    };
    let actions = preview.now.plan.actions.iter();
    actions
        .filter(|action| match &action.operation {
            Operation::AddTags(change) => used(&change.resource),
            Operation::RemoveTags(change) => used(&change.resource),
            _ => false,
        })
        .count()
}

/// The commands that release the stacks of the adopted load balancers.
fn releases(preview: &Preview) -> String {
    let adopted = preview.load_balancers();
    let stacks: Vec<&str> = adopted
        .iter()
        .filter_map(|found| found.tags.iter().find(|tag| tag.key == TAG_STACK))
        .map(|tag| tag.value.as_str())
        .collect();
    if stacks.is_empty() {
        return String::new();
    }
    let region = &preview.now.snapshot.inventory.region;
    format!(
        "\nAs long as its stack exists, kube-ingress-aws-controller or CloudFormation can delete what is adopted. When \
         kube-ingress-aws-controller is stopped, release the stacks:\n\n{}\n{}",
        stacks::release(&stacks, region),
        stacks::OTHER_STATES
    )
}
