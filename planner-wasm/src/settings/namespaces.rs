//! Checks of the settings that name a namespace.

use albatross_contract::PlanningError;

use super::invalid;

/// Longest name of a namespace: a DNS label.
const LONGEST: usize = 63;

/// Refuses the name of a namespace that cannot exist.
pub fn check(setting: &'static str, name: &str) -> Result<(), PlanningError> {
    if is_namespace(name) {
        return Ok(());
    }
    Err(invalid(setting, &format!("is {name:?}; it must be the name of a namespace, such as kube-system")))
}

fn is_namespace(name: &str) -> bool {
    let is_good = |found: char| found.is_ascii_lowercase() || found.is_ascii_digit() || found == '-';
    !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(is_good)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
