//! The attributes of load balancers that we set.

use albatross_contract::{AccessLogSettings, LoadBalancerKind, Settings, ZoneAffinity};

use crate::attributes::{Attribute, known};

/// The attributes of access logs begin with this.
const ACCESS_LOGS: &str = "access_logs.s3.";

/// The attributes for which members ask, and the others with the values of the settings (ELBv2 LoadBalancerAttribute). Without
/// settings, the others stay as they are.
pub fn of(kind: LoadBalancerKind, settings: Option<&Settings>, asked: &[Attribute]) -> Vec<Attribute> {
    let of_settings = settings.into_iter().flat_map(|settings| match kind {
        LoadBalancerKind::Network => of_network(settings),
        _ => vec![idle_timeout(settings)],
    });
    let is_asked = |key: &str| asked.iter().any(|attribute| attribute.key == key);
    let of_settings = of_settings.filter(|attribute| !is_asked(&attribute.key));
    let asks_for_logs = asked.iter().any(|attribute| attribute.key.starts_with(ACCESS_LOGS));
    let access_logs = settings.and_then(|settings| settings.access_logs.as_ref());
    let access_logs = access_logs.filter(|_| !asks_for_logs).into_iter().flat_map(of_access_logs);
    of_settings.chain(access_logs).chain(asked.iter().cloned()).collect()
}

fn idle_timeout(settings: &Settings) -> Attribute {
    Attribute {
        key: "idle_timeout.timeout_seconds".into(),
        value: settings.idle_timeout.to_string(),
        default: Some("60"),
        reason: "the settings ask for another idle timeout".into(),
    }
}

/// The attributes of a Network Load Balancer.
fn of_network(settings: &Settings) -> Vec<Attribute> {
    let network = settings.proxy.network.clone().unwrap_or_default();
    let affinity = match network.zone_affinity {
        None | Some(ZoneAffinity::AnyAvailabilityZone) => "any_availability_zone",
        Some(ZoneAffinity::PartialAvailabilityZoneAffinity) => "partial_availability_zone_affinity",
        Some(ZoneAffinity::AvailabilityZoneAffinity) => "availability_zone_affinity",
    };
    vec![
        Attribute {
            key: "load_balancing.cross_zone.enabled".into(),
            value: network.cross_zone.unwrap_or(false).to_string(),
            default: Some("false"),
            reason: "the settings say whether requests cross zones".into(),
        },
        Attribute {
            key: "dns_record.client_routing_policy".into(),
            value: affinity.to_owned(),
            default: Some("any_availability_zone"),
            reason: "the settings ask for another zone affinity".into(),
        },
    ]
}

fn of_access_logs(settings: &AccessLogSettings) -> [Attribute; 3] {
    let prefix = settings.prefix.as_deref().unwrap_or_default();
    [("enabled", "true"), ("bucket", &settings.bucket), ("prefix", prefix)].map(|(key, value)| {
        let reason = "the settings ask for access logs".to_owned();
        Attribute::asked(known::LOAD_BALANCER, &format!("{ACCESS_LOGS}{key}"), value, reason)
    })
}
