//! The setting for access logs.

use albatross_contract::{AccessLogSettings, PlanningError};

use super::invalid;

/// Refuses names of buckets that S3 does not allow (S3 user guide, "General purpose bucket naming rules"), and prefixes that load
/// balancers do not (ELB user guide, "Enable access logs for your Application Load Balancer").
pub fn check(access_logs: &AccessLogSettings) -> Result<(), PlanningError> {
    let bucket = &access_logs.bucket;
    let is_letter = |found: char| found.is_ascii_lowercase() || found.is_ascii_digit();
    let is_bucket = (3..=63).contains(&bucket.len())
        && bucket.chars().all(|found| is_letter(found) || ".-".contains(found))
        && bucket.starts_with(is_letter)
        && bucket.ends_with(is_letter);
    if !is_bucket {
        let what = format!(
            "is {bucket:?}; it must be the name of an S3 bucket: 3 to 63 lowercase letters, digits, points and hyphens"
        );
        return Err(invalid("access-logs.bucket", &what));
    }
    let is_wrong = |prefix: &&str| {
        let has_slash = prefix.starts_with('/') || prefix.ends_with('/');
        prefix.is_empty()
            || prefix.len() > 255
            || has_slash
            || prefix.contains("AWSLogs")
            || prefix.contains(bucket)
    };
    match access_logs.prefix.as_deref().filter(is_wrong) {
        Some(prefix) => {
            let what = format!(
                "is {prefix:?}; it must have 1 to 255 characters, not begin or end with /, and contain neither AWSLogs nor the \
                 name of the bucket"
            );
            Err(invalid("access-logs.prefix", &what))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_of(bucket: &str, prefix: Option<&str>) -> Result<(), String> {
        let settings = AccessLogSettings { bucket: bucket.to_owned(), prefix: prefix.map(str::to_owned) };
        check(&settings).map_err(|error| error.message)
    }

    #[test]
    fn a_bucket_with_or_without_a_prefix_is_accepted() {
        for (bucket, prefix) in [("shop-logs", None), ("logs.shop.2026", Some("ingress/blue"))] {
            assert_eq!(check_of(bucket, prefix), Ok(()));
        }
    }

    #[test]
    fn names_that_aws_would_refuse_are_refused_with_the_name_of_the_setting() {
        for bucket in ["", "ab", "Shop", "s3://logs", "-logs", "logs/shop"] {
            let message = check_of(bucket, None).unwrap_err();
            assert!(
                message.starts_with(&format!("settings: access-logs.bucket is {bucket:?};")),
                "{message}"
            );
        }
        for prefix in ["", "/a", "a/", "AWSLogs/a", "of/shop-logs"] {
            let message = check_of("shop-logs", Some(prefix)).unwrap_err();
            assert!(
                message.starts_with(&format!("settings: access-logs.prefix is {prefix:?};")),
                "{message}"
            );
        }
    }
}
