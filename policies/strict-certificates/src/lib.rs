//! A certificate policy: elliptic curve keys first, and no wildcards for listed hosts.
//!
//! Certificates with elliptic curve keys make TLS handshakes cheaper. And a host that is worth a certificate of its own, such as
//! that of a payment page, gets none that many others share. A certificate that ends within a week comes last in any case.

use albatross_policy::{
    Policy,
    certificates::{Answer, Certificates, Question},
    contract::Certificate,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The settings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Hosts for which no wildcard is used, such as `pay.example.org`.
    pub no_wildcards: Vec<String>,
}

/// Seconds of a week: a certificate that ends sooner is not renewed in time, as far as anybody knows.
const WEEK: u64 = 7 * 86_400;

/// The policy.
pub struct StrictCertificates;

impl Policy for StrictCertificates {
    type Settings = Settings;
    const SUMMARY: &'static str = "Elliptic curve keys first, and no wildcards for listed hosts.";
}

impl Certificates for StrictCertificates {
    fn choose(settings: &Settings, question: &Question) -> Result<Answer, String> {
        Ok(question.for_each_host(|host, covering, by_default| {
            let names_it = |it: &Certificate| it.names.iter().any(|name| name.eq_ignore_ascii_case(host));
            let is_listed = settings.no_wildcards.iter().any(|listed| listed.eq_ignore_ascii_case(host));
            let is_fit = |it: &Certificate| !is_listed || names_it(it);
            let has_curve = |it: &Certificate| it.key_algorithm.starts_with("EC_");
            let is_default = |it: &Certificate| by_default.is_some_and(|chosen| chosen.arn == it.arn);
            let lasts = |it: &Certificate| {
                it.not_after.is_some_and(|end| end >= question.time().saturating_add(WEEK))
            };
            // Of those that are alike the one that the planner chooses, else the one that lasts longest, else the first ARN.
            let rank =
                |it: &Certificate| (lasts(it), has_curve(it), names_it(it), is_default(it), it.not_after);
            let fit = || covering.iter().filter(|it| is_fit(it));
            let chosen =
                fit().max_by(|one, other| rank(one).cmp(&rank(other)).then(other.arn.cmp(&one.arn)))?;
            let reason = match (has_curve(chosen), is_listed) {
                (true, true) => "it has an elliptic curve key, and names the host itself",
                (true, false) => "it has an elliptic curve key",
                (false, _) if fit().any(|it| has_curve(it)) => {
                    "the certificates with elliptic curve keys end within a week"
                }
                (false, true) => "it names the host itself",
                (false, false) => "no certificate with an elliptic curve key covers the host",
            };
            Some((*chosen, reason.to_owned()))
        }))
    }
}

albatross_policy::export!(StrictCertificates: certificates);
