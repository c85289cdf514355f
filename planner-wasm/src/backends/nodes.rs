//! Nodes: the targets of proxy mode.
//!
//! EC2 selects the instances with the filters of the settings. Only the form of the filters is checked here; the instances
//! of the inventory are the result, as far as they are in its VPC: a target group accepts no other instances (ELBv2
//! RegisterTargets).

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, Instance, InstanceState, Settings};

use crate::{
    diagnostics::{Details, Subject, error, warning},
    observed::{Concern, Observed},
};

/// The nodes that load balancers send requests to.
pub struct Nodes<'a> {
    /// Auto Scaling Groups of nodes, which register and deregister their instances themselves.
    pub auto_scaling_groups: BTreeSet<&'a str>,
    /// Running nodes outside any Auto Scaling Group, by instance id.
    pub singles: BTreeSet<&'a str>,
    /// The nodes that run, as the inventory has them.
    pub running: Vec<&'a Instance>,
    /// How many nodes run.
    pub count: u32,
    /// Their zones.
    pub zones: BTreeSet<&'a str>,
    /// Problems with the nodes.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the nodes are known: filters that are not valid select nothing and remove nothing.
    pub usable: bool,
}

/// Reads the nodes from the inventory.
pub fn read<'a>(observed: &Observed<'a>) -> Nodes<'a> {
    let mut nodes = Nodes {
        auto_scaling_groups: BTreeSet::new(),
        singles: BTreeSet::new(),
        running: Vec::new(),
        count: 0,
        zones: BTreeSet::new(),
        diagnostics: Vec::new(),
        usable: true,
    };
    if let Err(message) = check_filters(observed.settings) {
        nodes.usable = false;
        let message = format!("{message}; targets stay as they are");
        let diagnostic = error(DiagnosticCode::NodeFiltersInvalid, Subject::Settings, message);
        nodes.diagnostics.push(
            diagnostic.field("proxy.node-filters").remedy(
                "write terms of the form name=value[,value], separated by spaces, such as tag-key=k8s.io/role/node",
            ),
        );
        return nodes;
    }
    let vpc = observed.inventory.vpc.id.as_str();
    let is_here = |instance: &&Instance| instance.vpc_id.as_deref().is_none_or(|id| id == vpc);
    for instance in observed.inventory.instances.iter().filter(is_here) {
        // A group stays attached even if its instances are not running: they are about to be replaced.
        if let Some(group) = instance.auto_scaling_group.as_deref()
            && observed.auto_scaling_groups.group(group).is_some()
        {
            nodes.auto_scaling_groups.insert(group);
        } else if is_running(instance) && instance.auto_scaling_group.is_none() {
            nodes.singles.insert(&instance.id);
        }
        if is_running(instance) {
            nodes.count += 1;
            nodes.running.push(instance);
            nodes.zones.insert(&instance.zone);
        }
    }
    let are_targets = observed.settings.proxy.pods.is_none();
    if nodes.count == 0 && are_targets && observed.completeness.allows(Concern::CallNodeless) {
        let diagnostic = warning(DiagnosticCode::NodesNone, Subject::Settings, nobody(observed));
        nodes.diagnostics.push(diagnostic.field("proxy.node-filters").remedy(
            match &observed.settings.proxy.node_filters {
                Some(_) => "correct the filters, or tag the instances".to_owned(),
                None => format!(
                    "check the cluster id ({}); if it is right, tag the instances, or set proxy.node-filters",
                    observed.settings.identity.cluster_id
                ),
            },
        ));
    }
    nodes
}

/// In words, that no node is running, with the filters that should select nodes.
fn nobody(observed: &Observed<'_>) -> String {
    let filters = observed.settings.node_filters();
    match observed.inventory.instances.len() {
        0 => format!("no instance matches the node filters {filters}"),
        1 => format!("the instance that matches the node filters {filters} is not running"),
        found => format!("none of the {found} instances that match the node filters {filters} is running"),
    }
}

fn is_running(instance: &Instance) -> bool {
    instance.state == InstanceState::Running
}

/// Every term is `name=value[,value]`. Without terms, every instance of the account would be selected.
fn check_filters(settings: &Settings) -> Result<(), String> {
    let Some(filters) = &settings.proxy.node_filters else { return Ok(()) };
    let mut terms = 0;
    for term in filters.split_whitespace() {
        terms += 1;
        match term.split_once('=') {
            Some((name, values)) if !name.is_empty() && values.split(',').all(|value| !value.is_empty()) => {}
            _ => return Err(format!("the node filter \"{term}\" is not of the form name=value[,value]")),
        }
    }
    if terms == 0 {
        Err("the node filters are blank, which would select every instance".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_have_the_form_of_kube_ingress_aws_controller() {
        for (filters, good) in [
            (None, true),
            (Some("tag:kubernetes.io/cluster/x=owned tag-key=k8s.io/role/node"), true),
            (Some("tag:Role=worker,ingress"), true),
            (Some("tag:Expression=a=b"), true),
            (Some("   "), false),
            (Some(""), false),
            (Some("worker"), false),
            (Some("=worker"), false),
            (Some("tag:Role=a,,b"), false),
        ] {
            let mut settings = Settings::default();
            settings.proxy.node_filters = filters.map(str::to_owned);
            assert_eq!(check_filters(&settings).is_ok(), good, "{filters:?}");
        }
    }
}
