//! Classes of errors, and their messages.

use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;

use super::*;
use crate::calls;

#[test]
fn every_refusal_belongs_to_one_class() {
    for (code, status, class) in [
        ("Throttling", 400, ErrorClass::Throttled),
        ("RequestLimitExceeded", 503, ErrorClass::Throttled),
        ("AccessDenied", 403, ErrorClass::Denied),
        ("UnauthorizedOperation", 403, ErrorClass::Denied),
        ("ExpiredToken", 403, ErrorClass::Credentials),
        ("InvalidSignatureException", 403, ErrorClass::Credentials),
        ("RequestTimeTooSkewed", 403, ErrorClass::Credentials),
        ("LoadBalancerNotFound", 400, ErrorClass::NotFound),
        ("InvalidGroup.NotFound", 400, ErrorClass::NotFound),
        ("ResourceInUse", 400, ErrorClass::InUse),
        ("DependencyViolation", 400, ErrorClass::InUse),
        ("TooManyCertificates", 400, ErrorClass::Limit),
        ("SecurityGroupLimitExceeded", 400, ErrorClass::Limit),
        ("DuplicateLoadBalancerName", 400, ErrorClass::Conflict),
        ("PriorityInUse", 400, ErrorClass::Conflict),
        ("InvalidConfigurationRequest", 400, ErrorClass::Invalid),
        ("ValidationError", 400, ErrorClass::Invalid),
        ("ResourceContention", 500, ErrorClass::Unavailable),
        ("InstanceRefreshInProgress", 400, ErrorClass::Unavailable),
        ("InternalFailure", 500, ErrorClass::Unavailable),
        ("", 502, ErrorClass::Unavailable),
        ("", 429, ErrorClass::Throttled),
    ] {
        assert_eq!(ErrorClass::of(code, status, ""), class, "{code} {status}");
    }
}

#[test]
fn an_instance_refresh_is_an_error_that_passes() {
    assert!(!ErrorClass::of("InstanceRefreshInProgress", 400, "").stays());
}

#[test]
fn the_message_of_an_error_does_not_depend_on_the_request_id() {
    let answer = ErrorMetadata::builder()
        .code("AccessDenied")
        .message("Not authorized to perform sts:AssumeRoleWithWebIdentity")
        .custom("aws_request_id", "0c5f9d7e-1b2a-4c3d-8e9f-000000000001")
        .build();
    assert_eq!(
        chain(&AssumeRoleWithWebIdentityError::generic(answer)),
        "unhandled error (AccessDenied): AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    );
}

#[test]
fn an_error_of_several_lines_becomes_one_line() {
    let error = std::io::Error::other(
        "no credentials found in chain. Attempted:\n  Environment: not set\n  Profile: none",
    );
    assert_eq!(
        chain(&error),
        "no credentials found in chain. Attempted: Environment: not set; Profile: none"
    );
}

#[test]
fn a_denied_call_says_which_right_is_missing_and_where_to_find_it() {
    let error = AwsError::Refused {
        call: &calls::CREATE_LOAD_BALANCER,
        class: ErrorClass::Denied,
        code: "AccessDenied".into(),
        message: "User arn:aws:sts::1:assumed-role/x is not authorized".into(),
    };
    assert_eq!(
        error.to_string(),
        "AccessDenied: AWS refuses elasticloadbalancing:CreateLoadBalancer: the controller's IAM role does not allow it; \
         see deploy/iam-policy.json (User arn:aws:sts::1:assumed-role/x is not authorized)"
    );
}

#[test]
fn a_denied_call_leads_with_the_right_that_aws_names() {
    let denied = |message: &str| {
        let (call, code) = (&calls::CREATE_LOAD_BALANCER, "AccessDenied".to_owned());
        AwsError::Refused { call, class: ErrorClass::Denied, code, message: message.into() }.to_string()
    };
    let of_another = "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ec2:GetSecurityGroupsForVpc \
                      because no identity-based policy allows the ec2:GetSecurityGroupsForVpc action";
    assert_eq!(
        denied(of_another),
        format!(
            "AccessDenied: AWS refuses ec2:GetSecurityGroupsForVpc, which elasticloadbalancing:CreateLoadBalancer needs: \
             the controller's IAM role does not allow it; see deploy/iam-policy.json ({of_another})"
        )
    );
    let of_its_own =
        "User: x is not authorized to perform: elasticloadbalancing:CreateLoadBalancer on resource: arn:y";
    assert!(
        denied(of_its_own).starts_with(
            "AccessDenied: AWS refuses elasticloadbalancing:CreateLoadBalancer: the controller's"
        )
    );
    let explicit = "User: x is not authorized to perform: elasticloadbalancing:AddTags on resource: arn:y with an \
                    explicit deny in a service control policy";
    assert!(
        denied(explicit).starts_with(
            "AccessDenied: AWS refuses elasticloadbalancing:AddTags, which elasticloadbalancing:CreateLoadBalancer \
             needs: an explicit deny in a policy"
        ),
        "{}",
        denied(explicit)
    );
}

#[test]
fn too_many_changes_of_an_auto_scaling_group_is_an_error_that_passes() {
    let words = "Trying to update too many Load Balancers/Target Groups at once. The limit is 10";
    assert_eq!(ErrorClass::of("ValidationError", 400, words), ErrorClass::Unavailable);
    let other = "Too many Target Groups specified for this group. The limit is 50";
    assert_eq!(ErrorClass::of("ValidationError", 400, other), ErrorClass::Invalid);
}

#[test]
fn a_wrong_clock_is_distinguished_from_wrong_credentials() {
    for (code, message, ahead, expected) in [
        (
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            None,
            true,
        ),
        (
            "InvalidSignatureException",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z",
            None,
            true,
        ),
        (
            "SignatureDoesNotMatch",
            "Signature not yet current: 20260101T010000Z is still later than …",
            None,
            true,
        ),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match", Some(2), false),
        ("InvalidSignatureException", "The request signature we calculated does not match", None, false),
        ("AuthFailure", "AWS was not able to validate the provided access credentials", Some(-900), true),
        ("AuthFailure", "AWS was not able to validate the provided access credentials", Some(30), false),
        ("ExpiredToken", "The security token included in the request is expired", Some(0), false),
    ] {
        assert_eq!(is_clock_wrong(code, message, ahead), expected, "{code} {message} {ahead:?}");
    }
    let told = AwsError::ClockWrong { ahead: Some(-900), message: "RequestTimeTooSkewed: x".into() };
    assert!(
        told.to_string()
            .starts_with("the clock of this machine is wrong (15 min behind AWS): AWS rejects the timestamp"),
        "{told}"
    );
}
