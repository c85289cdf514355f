//! The attributes of load balancers that we set.

use albatross_contract::Settings;

use crate::attributes::Attribute;

/// The attributes for which members ask, and the others with the values of the settings (ELBv2 LoadBalancerAttribute). Without
/// settings, the others stay as they are.
pub fn of(settings: Option<&Settings>, asked: &[Attribute]) -> Vec<Attribute> {
    let idle_timeout = settings.map(|settings| Attribute {
        key: "idle_timeout.timeout_seconds".into(),
        value: settings.idle_timeout.to_string(),
        default: Some("60"),
        reason: "the settings ask for another idle timeout".into(),
    });
    let is_asked = |key: &str| asked.iter().any(|attribute| attribute.key == key);
    let of_settings = idle_timeout.filter(|attribute| !is_asked(&attribute.key));
    of_settings.into_iter().chain(asked.iter().cloned()).collect()
}
