//! The attributes of load balancers that we set.

use albatross_contract::Settings;

use crate::attributes::Attribute;

/// The attributes for which members ask, and the others with the values of the settings (ELBv2 LoadBalancerAttribute).
pub fn of(settings: &Settings, asked: &[Attribute]) -> Vec<Attribute> {
    let idle_timeout = Attribute {
        key: "idle_timeout.timeout_seconds".into(),
        value: settings.idle_timeout.to_string(),
        default: Some("60"),
        reason: "the settings ask for another idle timeout".into(),
    };
    let is_asked = asked.iter().any(|attribute| attribute.key == idle_timeout.key);
    let of_settings = (!is_asked).then_some(idle_timeout);
    of_settings.into_iter().chain(asked.iter().cloned()).collect()
}
