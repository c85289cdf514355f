//! Checks of the settings for certificates.

use albatross_contract::{PlanningError, Settings};

use super::invalid;

/// Refuses limits that no load balancer can keep, and excluded certificates that cannot exist.
pub fn check(settings: &Settings) -> Result<(), PlanningError> {
    if settings.certificates_per_load_balancer == Some(0) {
        let what = "is 0; it must be 1 or more, or absent for as many as the AWS quota allows";
        return Err(invalid("certificates-per-load-balancer", what));
    }
    if settings.certificate_tag.as_ref().is_some_and(|tag| tag.key.trim().is_empty()) {
        return Err(invalid("certificate-tag.key", "is empty; name the key of a tag, or remove the setting"));
    }
    match settings.excluded_certificates.iter().find(|arn| !is_certificate(arn)) {
        Some(arn) => {
            let what = format!(
                "has {arn:?}, which is not the ARN of a certificate; write it as \
                 arn:aws:acm:REGION:ACCOUNT:certificate/ID or arn:aws:iam::ACCOUNT:server-certificate/NAME"
            );
            Err(invalid("excluded-certificates", &what))
        }
        None => Ok(()),
    }
}

/// Whether a text is the ARN of a certificate in ACM or IAM (service authorization reference, "Resource types defined by AWS
/// Certificate Manager" and "by AWS Identity and Access Management").
fn is_certificate(arn: &str) -> bool {
    match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, service, region, account, resource] => {
            let kind = match (*service, region.is_empty()) {
                ("acm", false) => "certificate/",
                ("iam", true) => "server-certificate/",
                _ => return false,
            };
            !partition.is_empty()
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && resource.strip_prefix(kind).is_some_and(|name| !name.is_empty())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_of(excluded: &str) -> Result<(), String> {
        let excluded_certificates = vec![excluded.to_owned()];
        check(&Settings { excluded_certificates, ..Settings::default() }).map_err(|error| error.message)
    }

    #[test]
    fn certificates_of_acm_and_iam_can_be_excluded_in_every_partition() {
        for arn in [
            "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
            "arn:aws-cn:iam::123456789012:server-certificate/team/shop",
        ] {
            assert_eq!(check_of(arn), Ok(()));
        }
    }

    #[test]
    fn a_text_that_is_no_arn_of_a_certificate_is_refused_with_the_name_of_the_setting() {
        for text in [
            "",
            "shop.example.org",
            "arn:aws:acm:eu-central-1:123456789012:certificate/",
            "arn:aws:acm::123456789012:certificate/1",
            "arn:aws:iam::123456789012:role/shop",
        ] {
            let message = check_of(text).unwrap_err();
            let expected = format!("settings: excluded-certificates has {text:?}, which is not the ARN");
            assert!(message.starts_with(&expected), "{message}");
        }
    }

    #[test]
    fn a_load_balancer_needs_at_least_one_certificate() {
        let of = |most| Settings { certificates_per_load_balancer: Some(most), ..Settings::default() };
        let message = check(&of(0)).unwrap_err().message;
        assert!(message.contains("certificates-per-load-balancer is 0; it must be 1 or more"), "{message}");
        assert_eq!(check(&of(1)), Ok(()));
    }
}
