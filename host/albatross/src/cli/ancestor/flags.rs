//! The flags of kube-ingress-aws-controller (versions 0.7 to 0.18), in one table: each with what it is in Albatross.
//!
//! `deploy/moving-from-kube-ingress-aws-controller.md` has a row for each of them, which a test compares.

use super::values::{
    Read, address, address_type, classes, domain, entry, https, kind, number, object, one, other_port, pods,
    port, seconds, status, tag, tag_entry, target_address_type, text, yes, zone_affinity,
};

/// A flag of kube-ingress-aws-controller.
#[derive(Debug)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: &'static str,
    /// The environment variable with the same meaning.
    pub variable: Option<&'static str>,
    /// What it is in Albatross.
    pub meaning: Meaning,
    /// The flag without which it does nothing, with its value if only that one will do.
    pub needs: Option<&'static str>,
}

/// What a flag is in Albatross.
#[derive(Debug)]
pub enum Meaning {
    /// A setting, by its path.
    Setting {
        /// Such as `proxy.target-port`.
        path: &'static str,
        /// Reads the value.
        read: Read,
    },
    /// The same flag, but only with two dashes.
    Same,
    /// Another flag.
    Flag {
        /// With its dashes.
        name: &'static str,
        /// Reads the value.
        read: fn(&str) -> Result<String, String>,
    },
    /// A level of the log.
    Log(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// Refused: without it, the controller would do something else than before. In words, why, and what to do.
    Refused(&'static str),
}

/// Flags that are `true` when they have no value.
const SWITCHES: [&str; 11] = [
    "debug",
    "quiet",
    "disable-sni-support",
    "disable-instrumented-http-client",
    "stack-termination-protection",
    "target-https",
    "redirect-http-to-https",
    "nlb-cross-zone",
    "nlb-http-enabled",
    "deny-internal-domains",
    "version",
];

/// Flags whose empty value is not the default: a blank filter selects all instances of the account there, which must not pass for
/// the default, and an empty response is one.
const COUNT_WHEN_EMPTY: [&str; 2] = ["custom-filters", "deny-internal-domains-response"];

impl Flag {
    /// Whether the flag is `true` when it has no value.
    pub fn is_switch(&self) -> bool {
        SWITCHES.contains(&self.name)
    }

    /// Whether the flag says anything when its value is empty.
    pub fn counts_when_empty(&self) -> bool {
        COUNT_WHEN_EMPTY.contains(&self.name)
    }
}

const fn flag(name: &'static str, meaning: Meaning) -> Flag {
    Flag { name, variable: None, meaning, needs: None }
}

const fn with_variable(name: &'static str, variable: &'static str, meaning: Meaning) -> Flag {
    Flag { name, variable: Some(variable), meaning, needs: None }
}

const fn part(name: &'static str, needs: &'static str, meaning: Meaning) -> Flag {
    Flag { name, variable: None, meaning, needs: Some(needs) }
}

const fn setting(path: &'static str, read: Read) -> Meaning {
    Meaning::Setting { path, read }
}

/// The flag with which pods are the targets.
const OF_PODS: &str = "target-access-mode=AWSCNI";

const NO_STACKS: Meaning = Meaning::Nothing("there are no CloudFormation stacks");

/// All flags, and the variable that has no flag. Of two flags for one setting, the later one counts.
pub static ALL: &[Flag] = &[
    flag("version", Meaning::Refused("write `albatross --version`")),
    flag("quiet", Meaning::Log("warn")),
    flag("debug", Meaning::Log("debug")),
    flag("ingress-api-version", Meaning::Nothing("Ingresses are read as networking.k8s.io/v1")),
    with_variable(
        "api-server-base-url",
        "API_SERVER_BASE_URL",
        Meaning::Refused(
            "a Pod finds the API server by its service account; elsewhere write --kubeconfig and --context",
        ),
    ),
    with_variable(
        "polling-interval",
        "POLLING_INTERVAL",
        Meaning::Nothing(
            "the cluster is watched; --interval says how often AWS is checked for changes that others make",
        ),
    ),
    with_variable(
        "creation-timeout",
        "CREATION_TIMEOUT",
        Meaning::Nothing("a load balancer that AWS has not provisioned after 15 minutes is replaced once"),
    ),
    with_variable(
        "cert-polling-interval",
        "CERT_POLLING_INTERVAL",
        Meaning::Nothing("certificates of ACM are listed every minute, those of IAM every five minutes"),
    ),
    flag("cert-ttl-timeout", setting("grace", seconds)),
    flag("cert-filter-tag", setting("certificate-tag", tag)),
    flag("blacklist-certificate-arns", setting("excluded-certificates", entry)),
    flag("max-certs-alb", setting("certificates-per-load-balancer", number)),
    flag("disable-sni-support", setting("certificates-per-load-balancer", one)),
    flag("disable-instrumented-http-client", Meaning::Nothing("calls are always counted")),
    flag("stack-termination-protection", setting("deletion-protection", yes)),
    flag("additional-stack-tags", setting("tags", tag_entry)),
    flag("cf-custom-template", NO_STACKS),
    flag("health-check-path", setting("proxy.health-check-path", text)),
    flag("health-check-port", setting("proxy.health-check-port", port)),
    flag("health-check-interval", setting("proxy.health-check-interval", seconds)),
    flag("health-check-timeout", setting("proxy.health-check-timeout", seconds)),
    flag("target-port", setting("proxy.target-port", port)),
    flag("alb-http-target-port", setting("proxy.http-target-port", other_port)),
    flag("target-https", setting("proxy.target-protocol", https)),
    flag("target-group-ip-addr-type", setting("proxy.target-ip-address-type", target_address_type)),
    flag("target-group-ip-address-type", setting("proxy.target-ip-address-type", target_address_type)),
    flag("alb-healthy-threshold-count", setting("proxy.healthy-threshold", number)),
    flag("alb-unhealthy-threshold-count", setting("proxy.unhealthy-threshold", number)),
    flag("idle-connection-timeout", setting("idle-timeout", seconds)),
    flag("deregistration-delay-timeout", setting("proxy.deregistration-delay", seconds)),
    flag("min-load-balancer-age", setting("minimum-age", seconds)),
    flag("metrics-address", Meaning::Flag { name: "--listen", read: address }),
    flag("ingress-class-filter", setting("classes", classes)),
    flag("controller-id", Meaning::Same),
    flag("cluster-id", Meaning::Same),
    flag("vpc-id", Meaning::Same),
    flag("cluster-local-domain", setting("cluster-local-domains", domain)),
    flag("ssl-policy", setting("ssl-policy", text)),
    flag("ip-addr-type", setting("ip-address-type", address_type)),
    flag("logs-s3-bucket", setting("access-logs.bucket", text)),
    part("logs-s3-prefix", "logs-s3-bucket", setting("access-logs.prefix", text)),
    flag("aws-waf-web-acl-id", setting("web-acl", text)),
    flag(
        "cloudwatch-alarms-config-map",
        Meaning::Refused(
            "Albatross creates no alarms; create them with the script in moving-from-kube-ingress-aws-controller.md, and remove \
             the flag",
        ),
    ),
    flag("redirect-http-to-https", setting("proxy.redirect-http", yes)),
    flag("deny-internal-domains", setting("proxy.deny", object)),
    part("internal-domains", "deny-internal-domains", setting("proxy.deny.domains", entry)),
    part("deny-internal-domains-response", "deny-internal-domains", setting("proxy.deny.response", text)),
    part(
        "deny-internal-domains-response-content-type",
        "deny-internal-domains",
        setting("proxy.deny.content-type", text),
    ),
    part(
        "deny-internal-domains-response-status-code",
        "deny-internal-domains",
        setting("proxy.deny.status-code", status),
    ),
    flag("load-balancer-type", setting("proxy.default-kind", kind)),
    flag("nlb-zone-affinity", setting("proxy.network.zone-affinity", zone_affinity)),
    flag("nlb-cross-zone", setting("proxy.network.cross-zone", yes)),
    flag("nlb-http-enabled", setting("proxy.network.http", yes)),
    part("nlb-http-target-port", "nlb-http-enabled", setting("proxy.network.http-target-port", other_port)),
    flag("nlb-healthy-threshold-count", setting("proxy.network.threshold", number)),
    flag("target-access-mode", setting("proxy.pods", pods)),
    part("target-cni-namespace", OF_PODS, setting("proxy.pods.namespace", text)),
    part("target-cni-pod-labelselector", OF_PODS, setting("proxy.pods.label-selector", text)),
    // Its only setting without a flag.
    with_variable("custom-filters", "CUSTOM_FILTERS", setting("proxy.node-filters", text)),
];
