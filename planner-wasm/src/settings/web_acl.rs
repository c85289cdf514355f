//! ARNs of web ACLs, and the setting that names one.

use albatross_contract::{PlanningError, Settings};

use super::invalid;

/// Refuses a web ACL that load balancers of the region cannot have.
pub fn check(settings: &Settings, region: &str) -> Result<(), PlanningError> {
    match settings.web_acl.as_deref().filter(|arn| !is_regional(arn, region)) {
        Some(arn) => {
            let what = format!("is {arn:?}; it must be {}", expected(arn, region));
            Err(invalid("web-acl", &what))
        }
        None => Ok(()),
    }
}

/// Whether this is the ARN of a web ACL that load balancers of the region can have. Web ACLs with the scope `CLOUDFRONT` have
/// `global` in the place of `regional`.
pub fn is_regional(arn: &str, region: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "wafv2", of, account, resource] = parts.as_slice() else { return false };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let resource: Vec<&str> = resource.split('/').collect();
    partition.starts_with("aws")
        && *of == region
        && is_account
        && matches!(resource.as_slice(), ["regional", "webacl", name, id] if !name.is_empty() && !id.is_empty())
}

/// In words, what to write instead. An id without an ARN, and the ARN of another service, are of AWS WAF Classic, which AWS has
/// shut down (AWS WAF developer guide, "AWS WAF Classic").
pub fn expected(value: &str, region: &str) -> String {
    let example = example(region);
    let is_classic = !value.starts_with("arn:") || value.split(':').nth(2) == Some("waf-regional");
    match is_classic {
        true => format!("the ARN of a web ACL, such as {example}, since AWS has shut down AWS WAF Classic"),
        false => format!("the ARN of a web ACL of AWS WAF in this region, such as {example}"),
    }
}

/// An ARN as an example.
pub fn example(region: &str) -> String {
    format!("arn:aws:wafv2:{region}:123456789012:regional/webacl/NAME/ID")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_of(web_acl: &str, region: &str) -> Result<(), String> {
        let settings = Settings { web_acl: Some(web_acl.to_owned()), ..Settings::default() };
        check(&settings, region).map_err(|error| error.message)
    }

    #[test]
    fn a_web_acl_of_the_region_is_accepted_in_every_partition() {
        for (partition, region) in
            [("aws", "eu-central-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")]
        {
            let arn = format!("arn:{partition}:wafv2:{region}:123456789012:regional/webacl/shop/1a2b");
            assert_eq!(check_of(&arn, region), Ok(()));
        }
        assert_eq!(check(&Settings::default(), "eu-central-1"), Ok(()));
    }

    #[test]
    fn a_web_acl_of_waf_classic_or_of_another_region_is_refused_with_the_reason() {
        for (arn, expected) in [
            ("", "since AWS has shut down AWS WAF Classic"),
            ("1a2b3c4d-0000-4000-8000-000000000000", "since AWS has shut down AWS WAF Classic"),
            (
                "arn:aws:waf-regional:eu-central-1:123456789012:webacl/1a2b",
                "since AWS has shut down AWS WAF Classic",
            ),
            ("arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1a2b", "of AWS WAF in this region"),
            ("arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1a2b", "of AWS WAF in this region"),
        ] {
            let message = check_of(arn, "eu-central-1").unwrap_err();
            assert!(message.starts_with(&format!("settings: web-acl is {arn:?}; it must be")), "{message}");
            assert!(message.contains(expected), "{message}");
        }
    }
}
