//! Conditions of rules.

use albatross_contract::{HeaderMatch, QueryMatch, RuleCondition, TextMatch};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::words;
use crate::error::AwsError;

/// Converts a condition from the SDK. AWS returns the values in the configuration of the field; for older rules, beside it.
pub(crate) fn from_sdk(found: &sdk::RuleCondition) -> RuleCondition {
    let field = found.field().unwrap_or_default();
    let known = match field {
        "host-header" => {
            let config = found.host_header_config();
            let parts = config.map(|config| (config.values(), config.regex_values()));
            Some(RuleCondition::HostHeader(text(parts, found)))
        }
        "path-pattern" => {
            let config = found.path_pattern_config();
            let parts = config.map(|config| (config.values(), config.regex_values()));
            Some(RuleCondition::PathPattern(text(parts, found)))
        }
        "http-header" => found.http_header_config().map(|config| {
            RuleCondition::HttpHeader(HeaderMatch {
                name: config.http_header_name().unwrap_or_default().to_owned(),
                value: text(Some((config.values(), config.regex_values())), found),
            })
        }),
        "query-string" => found.query_string_config().map(|config| {
            let pairs = config.values().iter().map(|pair| QueryMatch {
                key: pair.key().map(str::to_owned),
                value: pair.value().unwrap_or_default().to_owned(),
            });
            RuleCondition::QueryString(pairs.collect())
        }),
        "source-ip" => found.source_ip_config().and_then(source_from_sdk),
        "http-request-method" => found
            .http_request_method_config()
            .map(|config| RuleCondition::HttpRequestMethod(config.values().to_vec())),
        _ => None,
    };
    known.unwrap_or_else(|| RuleCondition::Other(field.to_owned()))
}

/// Reads the source condition: CIDR blocks on an Application Load Balancer, an address type on a Network Load Balancer
/// (API_SourceIpConditionConfig).
fn source_from_sdk(config: &sdk::SourceIpConditionConfig) -> Option<RuleCondition> {
    match config.ip_address_type() {
        None => Some(RuleCondition::SourceIp(config.values().to_vec())),
        Some(kind) => words::address_type(kind.as_str()).map(RuleCondition::SourceIpAddressType),
    }
}

fn text(config: Option<(&[String], &[String])>, found: &sdk::RuleCondition) -> TextMatch {
    let (values, regular_expressions) = config.unwrap_or((found.values(), found.regex_values()));
    TextMatch { values: values.to_vec(), regular_expressions: regular_expressions.to_vec() }
}

/// Converts the conditions of a rule to the SDK.
///
/// # Errors
/// A condition is on a field that this version does not know.
pub(crate) fn to_sdk(conditions: &[RuleCondition]) -> Result<Vec<sdk::RuleCondition>, AwsError> {
    conditions.iter().map(one_to_sdk).collect()
}

fn one_to_sdk(condition: &RuleCondition) -> Result<sdk::RuleCondition, AwsError> {
    let builder = sdk::RuleCondition::builder();
    Ok(match condition {
        RuleCondition::HostHeader(text) => {
            let config = sdk::HostHeaderConditionConfig::builder()
                .set_values(some(&text.values))
                .set_regex_values(some(&text.regular_expressions));
            builder.field("host-header").host_header_config(config.build())
        }
        RuleCondition::PathPattern(text) => {
            let config = sdk::PathPatternConditionConfig::builder()
                .set_values(some(&text.values))
                .set_regex_values(some(&text.regular_expressions));
            builder.field("path-pattern").path_pattern_config(config.build())
        }
        RuleCondition::HttpHeader(header) => {
            let config = sdk::HttpHeaderConditionConfig::builder()
                .http_header_name(&header.name)
                .set_values(some(&header.value.values))
                .set_regex_values(some(&header.value.regular_expressions));
            builder.field("http-header").http_header_config(config.build())
        }
        RuleCondition::QueryString(pairs) => {
            let pair = |pair: &QueryMatch| {
                sdk::QueryStringKeyValuePair::builder().set_key(pair.key.clone()).value(&pair.value).build()
            };
            let config =
                sdk::QueryStringConditionConfig::builder().set_values(Some(pairs.iter().map(pair).collect()));
            builder.field("query-string").query_string_config(config.build())
        }
        RuleCondition::SourceIp(blocks) => {
            let config = sdk::SourceIpConditionConfig::builder().set_values(some(blocks));
            builder.field("source-ip").source_ip_config(config.build())
        }
        RuleCondition::SourceIpAddressType(kind) => {
            let kind = kind.as_str().into();
            let config = sdk::SourceIpConditionConfig::builder().ip_address_type(kind);
            builder.field("source-ip").source_ip_config(config.build())
        }
        RuleCondition::HttpRequestMethod(methods) => {
            let config = sdk::HttpRequestMethodConditionConfig::builder().set_values(some(methods));
            builder.field("http-request-method").http_request_method_config(config.build())
        }
        RuleCondition::Other(field) => {
            return Err(AwsError::Unsupported { what: format!("writing a condition on {field}") });
        }
    }
    .build())
}

/// An empty list is left out: AWS refuses one.
fn some(values: &[String]) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_survive_a_round_trip() {
        let text = |values: &[&str]| TextMatch {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            regular_expressions: Vec::new(),
        };
        let conditions = [
            RuleCondition::HostHeader(text(&["shop.example.org", "*.example.net"])),
            RuleCondition::PathPattern(TextMatch {
                values: Vec::new(),
                regular_expressions: vec!["^/api".into()],
            }),
            RuleCondition::HttpHeader(HeaderMatch { name: "X-Canary".into(), value: text(&["yes"]) }),
            RuleCondition::HttpHeader(HeaderMatch {
                name: "X-Version".into(),
                value: TextMatch { values: Vec::new(), regular_expressions: vec!["^v[0-9]+$".into()] },
            }),
            RuleCondition::QueryString(vec![QueryMatch { key: None, value: "a".into() }]),
            RuleCondition::SourceIp(vec!["10.0.0.0/8".into()]),
            RuleCondition::SourceIpAddressType(albatross_contract::IpAddressType::Ipv6),
            RuleCondition::HttpRequestMethod(vec!["GET".into()]),
        ];
        let written = to_sdk(&conditions).unwrap();
        assert_eq!(written.iter().map(from_sdk).collect::<Vec<_>>(), conditions);
    }

    #[test]
    fn the_values_of_older_rules_are_read_from_beside_the_configuration() {
        let old = sdk::RuleCondition::builder().field("host-header").values("shop.example.org").build();
        assert_eq!(
            from_sdk(&old),
            RuleCondition::HostHeader(TextMatch {
                values: vec!["shop.example.org".into()],
                regular_expressions: Vec::new()
            })
        );
    }
}
