//! Attributes of load balancers that we set.

use albatross_contract::Settings;

use crate::attributes::Attribute;

/// What the settings say of them (ELBv2 LoadBalancerAttribute).
pub fn of(settings: &Settings) -> Vec<Attribute> {
    vec![Attribute {
        key: "idle_timeout.timeout_seconds",
        value: settings.idle_timeout.to_string(),
        default: "60",
        reason: "the settings ask for another idle timeout",
    }]
}
