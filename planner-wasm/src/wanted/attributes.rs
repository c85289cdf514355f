//! The attributes of load balancers that we set.

use albatross_contract::{AccessLogSettings, Settings};

use crate::attributes::{Attribute, known};

/// The attributes of access logs begin with this.
const ACCESS_LOGS: &str = "access_logs.s3.";

/// The attributes for which members ask, and the others with the values of the settings (ELBv2 LoadBalancerAttribute). Without
/// settings, the others stay as they are.
pub fn of(settings: Option<&Settings>, asked: &[Attribute]) -> Vec<Attribute> {
    let idle_timeout = settings.map(|settings| Attribute {
        key: "idle_timeout.timeout_seconds".into(),
        value: settings.idle_timeout.to_string(),
        default: Some("60"),
        reason: "the settings ask for another idle timeout".into(),
    });
    let access_logs = settings.and_then(|settings| settings.access_logs.as_ref());
    let asks_for_logs = asked.iter().any(|attribute| attribute.key.starts_with(ACCESS_LOGS));
    let access_logs = access_logs.filter(|_| !asks_for_logs).map(of_access_logs);
    let is_asked = |key: &str| asked.iter().any(|attribute| attribute.key == key);
    let of_settings = idle_timeout.filter(|attribute| !is_asked(&attribute.key));
    of_settings.into_iter().chain(access_logs.into_iter().flatten()).chain(asked.iter().cloned()).collect()
}

fn of_access_logs(settings: &AccessLogSettings) -> [Attribute; 3] {
    let prefix = settings.prefix.as_deref().unwrap_or_default();
    [("enabled", "true"), ("bucket", &settings.bucket), ("prefix", prefix)].map(|(key, value)| {
        let reason = "the settings ask for access logs".to_owned();
        Attribute::asked(known::LOAD_BALANCER, &format!("{ACCESS_LOGS}{key}"), value, reason)
    })
}
