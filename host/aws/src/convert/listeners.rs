//! Listeners and rules.

use albatross_contract::{Listener, MutualAuthentication, Rule, Tag};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::{actions, conditions, small, tags::sorted, transforms, words};

/// A listener without the properties that other calls return: further certificates, rules, attributes, tags.
pub(crate) fn from_sdk(found: &sdk::Listener) -> Option<Listener> {
    let default = found.certificates().iter().filter_map(|it| it.certificate_arn()).next();
    Some(Listener {
        arn: found.listener_arn()?.to_owned(),
        port: found.port().and_then(small)?,
        protocol: words::protocol(found.protocol()?.as_str())?,
        default_certificate: default.map(str::to_owned),
        certificates: Vec::new(),
        ssl_policy: found.ssl_policy().map(str::to_owned),
        default_actions: actions::from_sdk(found.default_actions()),
        rules: Vec::new(),
        attributes: Vec::new(),
        tags: Vec::new(),
        mutual_authentication: found.mutual_authentication().map(mutual_authentication),
        alpn_policy: found.alpn_policy().first().cloned(),
    })
}

fn mutual_authentication(found: &sdk::MutualAuthenticationAttributes) -> MutualAuthentication {
    MutualAuthentication {
        mode: found.mode().unwrap_or("off").to_owned(),
        trust_store_arn: found.trust_store_arn().map(str::to_owned),
        ignore_client_certificate_expiry: found.ignore_client_certificate_expiry(),
        advertise_trust_store_ca_names: found
            .advertise_trust_store_ca_names()
            .map(|it| *it == sdk::AdvertiseTrustStoreCaNamesEnum::On),
        trust_store_association_status: found
            .trust_store_association_status()
            .map(|status| status.as_str().to_owned()),
    }
}

/// A rule without its tags; `None` for the default rule.
pub(crate) fn rule_from_sdk(found: &sdk::Rule) -> Option<Rule> {
    Some(Rule {
        arn: found.rule_arn()?.to_owned(),
        priority: found.priority()?.parse().ok()?,
        conditions: found.conditions().iter().map(conditions::from_sdk).collect(),
        actions: actions::from_sdk(found.actions()),
        tags: Vec::new(),
        transforms: found.transforms().iter().map(transforms::from_sdk).collect(),
    })
}

/// Attributes of a listener, sorted.
pub(crate) fn attributes_from_sdk(found: &[sdk::ListenerAttribute]) -> Vec<Tag> {
    let pairs = found.iter().filter_map(|it| {
        Some(Tag { key: it.key()?.to_owned(), value: it.value().unwrap_or_default().to_owned() })
    });
    sorted(pairs)
}

/// Attributes for a listener.
pub(crate) fn attributes_to_sdk(attributes: &[Tag]) -> Vec<sdk::ListenerAttribute> {
    attributes
        .iter()
        .map(|it| sdk::ListenerAttribute::builder().key(&it.key).value(&it.value).build())
        .collect()
}
