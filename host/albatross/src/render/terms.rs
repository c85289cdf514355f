//! Words for the enums of the contract on screens and in metrics.

use albatross_contract::{
    ActionState, Budget, DiagnosticCode, LoadBalancerKind, Operation, OutcomeState, TargetType, ViewPart,
};
use serde::Serialize;

/// The word for an enum in the contract's JSON, such as `certificate-none`.
fn contract_word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// `certificate-none`: the same word as in JSON, Events and metrics.
pub fn diagnostic_code(code: DiagnosticCode) -> String {
    contract_word(&code)
}

/// `load-balancers`.
pub fn view_part(part: ViewPart) -> String {
    contract_word(&part)
}

/// `unneeded-certificates`.
pub fn budget(budget: Budget) -> String {
    contract_word(&budget)
}

/// The flag that allows what a budget withholds.
pub const fn allowing_flag(budget: Budget) -> &'static str {
    match budget {
        Budget::Release => "--allow-release",
        Budget::UnneededCertificates
        | Budget::UnneededRules
        | Budget::UnneededLoadBalancers
        | Budget::UnneededRecords => "--allow-unneeded",
        Budget::NameChanges => "--allow-name-change",
        Budget::Targets => "--allow-targets",
    }
}

/// `network load balancer`. An application load balancer is the usual kind and is not named.
pub fn unusual_kind(kind: LoadBalancerKind) -> Option<&'static str> {
    match kind {
        LoadBalancerKind::Application => None,
        LoadBalancerKind::Network => Some("network load balancer"),
        LoadBalancerKind::Gateway => Some("gateway load balancer"),
    }
}

/// What a target of a target group is called.
pub fn target(target_type: TargetType) -> &'static str {
    match target_type {
        TargetType::Instance => "node",
        TargetType::Ip => "address",
        TargetType::Lambda => "function",
        TargetType::Alb => "load balancer",
    }
}

/// The state of an Ingress, in one word.
pub fn outcome(state: OutcomeState) -> String {
    contract_word(&state)
}

/// `create-listener`: the word of the contract's JSON for the kind of a change.
pub fn operation(operation: &Operation) -> String {
    match serde_json::to_value(operation) {
        Ok(serde_json::Value::Object(only)) => {
            only.into_iter().next().map_or_else(String::new, |(word, _)| word)
        }
        _ => String::new(),
    }
}

/// `done`, `failed`, `skipped`.
pub fn action_state(state: ActionState) -> String {
    contract_word(&state)
}

/// The port of the targets of a target group, such as ` on port 8080`. Port 1 of addresses stands for a port that may differ
/// between targets: the target port of the Service has a name.
pub fn target_port(target_type: TargetType, port: Option<u16>) -> String {
    match port {
        Some(1) if target_type == TargetType::Ip => " on its own port".to_owned(),
        Some(port) => format!(" on port {port}"),
        None => String::new(),
    }
}
