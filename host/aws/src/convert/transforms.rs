//! Transforms of rules.

use albatross_contract::{Rewrite, RuleTransform};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::error::AwsError;

/// Converts a transform from the SDK.
pub(crate) fn from_sdk(found: &sdk::RuleTransform) -> RuleTransform {
    let kind = found.r#type().map_or("", sdk::TransformTypeEnum::as_str);
    let known = match kind {
        "host-header-rewrite" => found
            .host_header_rewrite_config()
            .map(|config| RuleTransform::HostHeaderRewrite(rewrites_from_sdk(config.rewrites()))),
        "url-rewrite" => found
            .url_rewrite_config()
            .map(|config| RuleTransform::UrlRewrite(rewrites_from_sdk(config.rewrites()))),
        _ => None,
    };
    known.unwrap_or_else(|| RuleTransform::Other(kind.to_owned()))
}

fn rewrites_from_sdk(found: &[sdk::RewriteConfig]) -> Vec<Rewrite> {
    let rewrite = |config: &sdk::RewriteConfig| Rewrite {
        regular_expression: config.regex().unwrap_or_default().to_owned(),
        replacement: config.replace().unwrap_or_default().to_owned(),
    };
    found.iter().map(rewrite).collect()
}

/// Converts the transforms of a rule to the SDK.
///
/// # Errors
/// A transform has a type that this version does not know.
pub(crate) fn to_sdk(transforms: &[RuleTransform]) -> Result<Vec<sdk::RuleTransform>, AwsError> {
    transforms.iter().map(one_to_sdk).collect()
}

fn one_to_sdk(transform: &RuleTransform) -> Result<sdk::RuleTransform, AwsError> {
    let builder = sdk::RuleTransform::builder();
    let transform = match transform {
        RuleTransform::HostHeaderRewrite(rewrites) => {
            let config =
                sdk::HostHeaderRewriteConfig::builder().set_rewrites(Some(rewrites_to_sdk(rewrites)));
            builder
                .r#type(sdk::TransformTypeEnum::HostHeaderRewrite)
                .host_header_rewrite_config(config.build())
        }
        RuleTransform::UrlRewrite(rewrites) => {
            let config = sdk::UrlRewriteConfig::builder().set_rewrites(Some(rewrites_to_sdk(rewrites)));
            builder.r#type(sdk::TransformTypeEnum::UrlRewrite).url_rewrite_config(config.build())
        }
        RuleTransform::Other(kind) => {
            return Err(AwsError::Unsupported { what: format!("writing a transform of type {kind}") });
        }
    };
    Ok(transform.build())
}

fn rewrites_to_sdk(rewrites: &[Rewrite]) -> Vec<sdk::RewriteConfig> {
    let rewrite = |it: &Rewrite| {
        sdk::RewriteConfig::builder().regex(&it.regular_expression).replace(&it.replacement).build()
    };
    rewrites.iter().map(rewrite).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_survive_a_round_trip() {
        let rewrite = |regular_expression: &str, replacement: &str| {
            vec![Rewrite {
                regular_expression: regular_expression.to_owned(),
                replacement: replacement.to_owned(),
            }]
        };
        let transforms = [
            RuleTransform::HostHeaderRewrite(rewrite("^(.*)$", "internal.example.org")),
            RuleTransform::UrlRewrite(rewrite("^/cart/", "")),
        ];
        let written = to_sdk(&transforms).unwrap();
        assert_eq!(written.iter().map(from_sdk).collect::<Vec<_>>(), transforms);
    }

    #[test]
    fn a_transform_of_an_unknown_type_is_not_written() {
        assert!(to_sdk(&[RuleTransform::Other("body-rewrite".into())]).is_err());
    }
}
