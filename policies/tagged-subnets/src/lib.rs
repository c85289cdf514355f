//! A subnet policy: only subnets with a tag.
//!
//! For VPCs in which a network team says by a tag which subnets load balancers may use, for each scheme on its own.

use albatross_policy::{
    Policy,
    contract::Scheme,
    subnets::{Answer, Question, Subnets, tag},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The key of the tag.
    pub key: String,
    /// Its value on subnets for internet-facing load balancers.
    pub internet_facing: String,
    /// Its value on subnets for internal load balancers.
    pub internal: String,
}

impl Default for Settings {
    fn default() -> Self {
        let [key, internet_facing, internal] =
            ["load-balancers", "internet-facing", "internal"].map(str::to_owned);
        Settings { key, internet_facing, internal }
    }
}

/// The policy.
pub struct TaggedSubnets;

impl Policy for TaggedSubnets {
    type Settings = Settings;
    const SUMMARY: &'static str = "Only subnets with a tag.";
}

impl Subnets for TaggedSubnets {
    fn select(settings: &Settings, question: &Question) -> Result<Answer, String> {
        let (key, value) = match question.scheme() {
            Scheme::InternetFacing => (&settings.key, &settings.internet_facing),
            Scheme::Internal => (&settings.key, &settings.internal),
        };
        Ok(question.of_each_zone(|subnet| tag(subnet, key) == Some(value), format!("tag {key}={value}")))
    }
}

albatross_policy::export!(TaggedSubnets: subnets);
