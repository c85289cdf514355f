//! Classes of errors and what people are told.

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
        assert_eq!(ErrorClass::of(code, status), class, "{code} {status}");
    }
}

#[test]
fn an_instance_refresh_is_waited_for() {
    assert!(!ErrorClass::of("InstanceRefreshInProgress", 400).stays());
}

#[test]
fn the_same_error_is_told_in_the_same_words_whatever_the_id_of_its_request() {
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
fn an_error_of_several_lines_is_told_in_one() {
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
        "AccessDenied: AWS refuses elasticloadbalancing:CreateLoadBalancer: the controller's IAM role lacks it; \
         see deploy/iam-policy.json (User arn:aws:sts::1:assumed-role/x is not authorized)"
    );
}
