//! The attributes of load balancers that we set.

use albatross_contract::Settings;

use crate::attributes::Attribute;

/// The attributes with the values of the settings (ELBv2 LoadBalancerAttribute).
pub fn of(settings: &Settings) -> Vec<Attribute> {
    vec![Attribute {
        key: "idle_timeout.timeout_seconds",
        value: settings.idle_timeout.to_string(),
        default: "60",
        reason: "the settings ask for another idle timeout",
    }]
}
