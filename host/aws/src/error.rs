//! Errors of AWS, in a closed set of classes.

use std::{error::Error, fmt, time::Duration};

use albatross_contract::references::UnresolvedReference;
use aws_smithy_types::error::ErrorMetadata;

use crate::calls::{Call, Need};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// AWS answered and refused the call. The message begins with AWS's code.
    #[error("{code}: {}", told(.call, *.class, .code, .message))]
    Refused {
        /// The call.
        call: &'static Call,
        /// The kind of refusal.
        class: ErrorClass,
        /// AWS's code, such as `LoadBalancerNotFound`.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// AWS gave no answer, or an answer that could not be read.
    #[error(
        "{}: no readable answer from AWS in {region}: {}; check the network, the region and the endpoint",
        .call.action(), chain(.source.as_ref())
    )]
    Unanswered {
        /// The call.
        call: &'static Call,
        /// The region that was called.
        region: String,
        /// [`ErrorClass::Timeout`] or [`ErrorClass::Unavailable`].
        class: ErrorClass,
        /// What the SDK says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An answer lacks a field that, as AWS documents, is always present.
    #[error("{}: the answer from AWS has no {field}", .call.action())]
    Unreadable {
        /// The call.
        call: &'static Call,
        /// The missing field.
        field: &'static str,
    },
    /// There are no credentials, or AWS does not accept them.
    #[error(
        "no credentials that AWS accepts: {message}; give the Pod an IAM role (EKS Pod Identity, IRSA), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    Credentials {
        /// What the SDK or AWS says.
        message: String,
    },
    /// The clock of this machine is wrong: AWS accepts a signature from five minutes before its timestamp to five minutes
    /// after it ("Signature Version 4": "expired", "not yet current").
    #[error(
        "the clock of this machine is wrong{}: AWS rejects the timestamp of the request ({message}); synchronize the \
         clock, for example with chrony or systemd-timesyncd",
        .ahead.map(skew).unwrap_or_default()
    )]
    ClockWrong {
        /// How many seconds the clock is ahead of AWS, where AWS gives its time; negative: behind.
        ahead: Option<i64>,
        /// What AWS says.
        message: String,
    },
    /// No file defines the AWS profile that `AWS_PROFILE` names.
    #[error(
        "the AWS profile {profile:?} does not exist: it is not in {}; correct AWS_PROFILE, or unset it",
        .files.join(" or ")
    )]
    ProfileMissing {
        /// The name of the profile.
        profile: String,
        /// The files that were searched.
        files: Vec<String>,
    },
    /// The region is neither given nor discovered.
    #[error(
        "no region: neither --region nor AWS_REGION is set, and the instance metadata gives none; set --region"
    )]
    NoRegion,
    /// The given region is not a region name: those consist of lower-case letters, digits and hyphens.
    #[error("{region:?} is not a region; correct --region or AWS_REGION, for example eu-central-1")]
    RegionInvalid {
        /// The given value.
        region: String,
    },
    /// A URL for S3 is configured together with a kind of AWS's own endpoints.
    #[error(
        "{kind} is set, or what the profile calls it, together with AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL: S3 at that URL has \
         no such endpoint; unset one of them"
    )]
    EndpointContradicts {
        /// The variable that sets the kind.
        kind: &'static str,
    },
    /// The VPC or the cluster is not given, and cannot be discovered through the instance metadata.
    #[error("{what} is not known: {flag} is not set, and {message}; set {flag}")]
    NotDiscovered {
        /// What is not known, for example `the VPC`.
        what: &'static str,
        /// The flag that sets it.
        flag: &'static str,
        /// Why it could not be found.
        message: String,
    },
    /// The VPC does not exist.
    #[error(
        "VPC {vpc} does not exist in {region}, or belongs to another account; correct --vpc-id or --region"
    )]
    VpcMissing {
        /// The id of the VPC.
        vpc: String,
        /// The region that was searched.
        region: String,
    },
    /// An action would change, or take for ours, a resource that does not carry our tags.
    #[error("NotOurs: {resource} lacks this controller's tag {lacks}, so it is left alone; {remedy}")]
    NotOurs {
        /// The ARN or id of the resource.
        resource: String,
        /// The missing tag.
        lacks: String,
        /// What a person can do.
        remedy: &'static str,
    },
    /// AWS says that a resource does not exist that was created or first seen a short while ago.
    #[error(
        "{source}; a resource that the call names was created or first seen a short while ago and may not be visible \
         everywhere in AWS yet: the call is retried"
    )]
    NotKnownYet {
        /// What AWS says.
        source: Box<AwsError>,
    },
    /// AWS returns no tags for a resource that may be ours: it was created a short while ago, or had our tags a moment
    /// ago.
    #[error(
        "NotKnownYet: AWS returns no tags for {resource}, which may belong to this controller: the tags are read again"
    )]
    TagsNotKnownYet {
        /// The ARN of the resource.
        resource: String,
    },
    /// A create call found a resource of ours with the same name, whose create call succeeded without an answer, and which was
    /// not visible when the plan was made. It was created for other Ingresses than the plan creates it for.
    #[error(
        "NotKnownYet: {resource} has the name already and was created for others, as its tag {tag} says: \
         the next pass sees it"
    )]
    MadeForOthers {
        /// The ARN of the resource.
        resource: String,
        /// The key of the tag.
        tag: &'static str,
    },
    /// AWS still counts a resource to delete as used, as it does for some minutes after the load balancer was deleted.
    #[error(
        "StillInUse: AWS does not delete {resource} yet, because something still uses it: the call is retried"
    )]
    StillInUse {
        /// The ARN or id of the resource.
        resource: String,
        /// What AWS says.
        source: Box<AwsError>,
    },
    /// So many target groups of an Auto Scaling Group are being attached or detached that no more may be changed.
    #[error(
        "AutoScalingGroupBusy: target groups of {group} are still being attached or detached, and AWS changes at most ten of a \
         group at once: the change is left for a later pass"
    )]
    Busy {
        /// The Auto Scaling Group.
        group: String,
    },
    /// This replica may not write now: the Lease is lost or expires too soon, or the program is shutting down.
    #[error(
        "NotLeading: {} was not called: the Lease expires too soon for the call, or the program is shutting down",
        .call.action()
    )]
    NotLeading {
        /// The call.
        call: &'static Call,
    },
    /// AWS throttles so much that a read would wait too long for the rate budget, so the read was not made. The message
    /// does not say how long the wait would be: Events carry this text, and each different text is another Event.
    #[error(
        "AWS throttles {}: the call would wait more than {} s for the rate budget and is left for a later pass",
        .call.action(), .longest.as_secs()
    )]
    NoTurn {
        /// The call.
        call: &'static Call,
        /// The longest wait.
        longest: Duration,
    },
    /// An action refers to a resource that another action did not create.
    #[error(transparent)]
    Unresolved(#[from] UnresolvedReference),
    /// The same action failed before with an error that does not pass, and it is too early to retry. The message is that
    /// of the last attempt, so that people see the error once.
    #[error("{error}")]
    Kept {
        /// The error of the last attempt.
        error: String,
    },
    /// An operation that the planner never requests on this kind of resource.
    #[error("Unsupported: {what}; this is a bug in the planner, please report it")]
    Unsupported {
        /// The requested operation.
        what: String,
    },
}

/// The closed set of error classes: metrics count by class, and the class decides whether a call is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// Too many calls.
    Throttled,
    /// No credentials, or none that AWS accepts.
    Credentials,
    /// The IAM role does not allow the call.
    Denied,
    /// A resource that the call names does not exist.
    NotFound,
    /// Another resource still uses this one.
    InUse,
    /// A quota is used up.
    Limit,
    /// The call contradicts an existing resource.
    Conflict,
    /// AWS does not accept a value.
    Invalid,
    /// AWS, or the network on the way to AWS, has a fault.
    Unavailable,
    /// No answer in time; the call may have been executed.
    Timeout,
    /// This replica may not write.
    NotLeading,
    /// The call was not made at all.
    NotCalled,
}

impl ErrorClass {
    /// The class as metrics and logs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorClass::Throttled => "throttled",
            ErrorClass::Credentials => "credentials",
            ErrorClass::Denied => "denied",
            ErrorClass::NotFound => "not-found",
            ErrorClass::InUse => "in-use",
            ErrorClass::Limit => "limit",
            ErrorClass::Conflict => "conflict",
            ErrorClass::Invalid => "invalid",
            ErrorClass::Unavailable => "unavailable",
            ErrorClass::Timeout => "timeout",
            ErrorClass::NotLeading => "not-leading",
            ErrorClass::NotCalled => "not-called",
        }
    }

    /// Whether a retry of the same call is likely to succeed in a moment.
    pub(crate) fn passes(self) -> bool {
        matches!(self, ErrorClass::Throttled | ErrorClass::Unavailable | ErrorClass::Timeout)
    }

    /// Whether the same call fails until a person or another action changes something.
    pub(crate) fn stays(self) -> bool {
        matches!(
            self,
            ErrorClass::Denied
                | ErrorClass::NotFound
                | ErrorClass::Limit
                | ErrorClass::Conflict
                | ErrorClass::Invalid
        )
    }

    /// The class of an error that AWS returned. Codes: the pages "Common Errors" of the API references of EC2, Elastic
    /// Load Balancing, Auto Scaling, ACM, IAM and STS, and the errors of each operation there.
    pub(crate) fn of(code: &str, status: u16, message: &str) -> ErrorClass {
        match code {
            // At most ten target groups of an Auto Scaling Group may be changing at once, over all calls; Auto Scaling has
            // no separate code for this error (aws/aws-sdk-java issue 746, kubernetes/kops issue 14646).
            "ValidationError" if message.contains(TOO_MANY_CHANGES) => ErrorClass::Unavailable,
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "BandwidthLimitExceeded"
            // Route 53 changes a hosted zone one batch after the other (API_ChangeResourceRecordSets, Errors).
            | "PriorRequestNotComplete"
            | "SlowDown" => ErrorClass::Throttled,
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "Client.UnauthorizedOperation" => ErrorClass::Denied,
            "AuthFailure"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "RequestTimeTooSkewed"
            | "RequestInTheFuture"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "OptInRequired"
            | "InvalidAccessKeyId"
            | "InvalidToken" => ErrorClass::Credentials,
            "ResourceInUse" | "DependencyViolation" | "ResourceInUseException" => ErrorClass::InUse,
            // The Auto Scaling Group has a pending update, or is replacing its instances
            // (API_AttachLoadBalancerTargetGroups, Errors).
            "ResourceContention"
            | "InstanceRefreshInProgress"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "InternalFailure"
            | "InternalError"
            | "ServiceUnavailable"
            | "Unavailable"
            // S3 writes or deletes the object at the moment (API_PutObject, "If-None-Match").
            | "ConditionalRequestConflict"
            // S3 changes the bucket at the moment ("Error responses").
            | "OperationAborted"
            // A new load balancer is not known to AWS WAF at once (WAFv2 API_AssociateWebACL, Errors).
            | "WAFUnavailableEntityException"
            | "WAFInternalErrorException" => ErrorClass::Unavailable,
            "OperationNotPermitted"
            | "PriorityInUse"
            | "IncompatibleProtocols"
            // S3 has the object already.
            | "PreconditionFailed"
            | "TargetGroupAssociationLimit" => ErrorClass::Conflict,
            "NoSuchBucket" | "NoSuchKey" | "NoSuchEntity" | "NoSuchHostedZone" | "ResourceNotFoundException" | "WAFNonexistentItemException" => {
                ErrorClass::NotFound
            }
            "WAFLimitsExceededException" => ErrorClass::Limit,
            _ if code.contains("NotFound") => ErrorClass::NotFound,
            _ if code.starts_with("TooMany") || code.contains("LimitExceeded") => ErrorClass::Limit,
            _ if code.contains("Duplicate") => ErrorClass::Conflict,
            _ if status >= 500 => ErrorClass::Unavailable,
            _ if status == 403 => ErrorClass::Denied,
            _ if status == 429 => ErrorClass::Throttled,
            _ => ErrorClass::Invalid,
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl AwsError {
    /// The class of the error.
    pub fn class(&self) -> ErrorClass {
        match self {
            AwsError::Refused { class, .. } | AwsError::Unanswered { class, .. } => *class,
            AwsError::Unreadable { .. } => ErrorClass::Unavailable,
            AwsError::Credentials { .. } | AwsError::ClockWrong { .. } | AwsError::ProfileMissing { .. } => {
                ErrorClass::Credentials
            }
            AwsError::NotKnownYet { .. }
            | AwsError::TagsNotKnownYet { .. }
            | AwsError::MadeForOthers { .. }
            | AwsError::Busy { .. } => ErrorClass::Unavailable,
            AwsError::NoRegion
            | AwsError::RegionInvalid { .. }
            | AwsError::EndpointContradicts { .. }
            | AwsError::NotDiscovered { .. } => ErrorClass::Invalid,
            AwsError::StillInUse { .. } => ErrorClass::InUse,
            AwsError::VpcMissing { .. } => ErrorClass::NotFound,
            AwsError::NotOurs { .. } => ErrorClass::Conflict,
            AwsError::NotLeading { .. } => ErrorClass::NotLeading,
            AwsError::NoTurn { .. } => ErrorClass::Throttled,
            AwsError::Unresolved(_) | AwsError::Kept { .. } => ErrorClass::NotCalled,
            AwsError::Unsupported { .. } => ErrorClass::Invalid,
        }
    }

    /// AWS's code, where AWS answered.
    pub fn code(&self) -> Option<&str> {
        match self {
            AwsError::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// No credentials were found.
    pub(crate) fn no_credentials(error: &(dyn Error + 'static)) -> AwsError {
        AwsError::Credentials { message: chain(error) }
    }

    /// The same error, for another action of the same call.
    pub(crate) fn again(&self) -> AwsError {
        match self {
            AwsError::NotLeading { call } => AwsError::NotLeading { call },
            AwsError::Busy { group } => AwsError::Busy { group: group.clone() },
            error => AwsError::Kept { error: error.to_string() },
        }
    }

    /// Whether AWS answered with one of these codes.
    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        self.code().is_some_and(|code| codes.contains(&code))
    }
}

/// AWS's message, and what to do about it.
fn told(call: &Call, class: ErrorClass, code: &str, message: &str) -> String {
    let action = call.action();
    match class {
        ErrorClass::Denied => denied(call, message),
        _ if code == "PreconditionFailed" => format!(
            "{action}: the object exists already, with another content: another process records there; give each process a \
             prefix of its own"
        ),
        _ if code == "NoSuchBucket" => {
            format!("{action}: {message}; create the bucket, or correct its name")
        }
        ErrorClass::Throttled => format!("AWS throttles {action}: {message}"),
        ErrorClass::Limit => format!("{action}: {message}; raise the quota, or free up part of it"),
        _ => format!("{action}: {message}"),
    }
}

/// AWS checks more rights for a call than the one that bears its name: the missing right is the one that the message names.
fn denied(call: &Call, message: &str) -> String {
    let action = call.action();
    let named = message.split_once("not authorized to perform: ").map(|(_, rest)| rest);
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '-');
    let named = named.map(|rest| rest.split(|letter| !is_letter(letter)).next().unwrap_or_default());
    let refused = match named.filter(|named| named.contains(':') && *named != action) {
        Some(named) => format!("AWS refuses {named}, which {action} needs"),
        None => format!("AWS refuses {action}"),
    };
    if message.contains("explicit deny") {
        return format!("{refused}: an explicit deny in a policy overrides every allow ({message})");
    }
    if call.need == Need::Recordings {
        return format!(
            "{refused}: neither the IAM role nor the policy of the bucket allows it; see deploy/iam-policy-recordings.json \
             ({message})"
        );
    }
    format!("{refused}: the controller's IAM role does not allow it; see deploy/iam-policy.json ({message})")
}

/// Part of Auto Scaling's message while ten target groups of a group are changing.
pub(crate) const TOO_MANY_CHANGES: &str = "too many Load Balancers/Target Groups at once";

/// From how many seconds of skew a refusal is blamed on the clock: AWS allows five minutes, and an answer takes seconds.
const SKEW: i64 = 4 * 60;

/// Whether AWS refuses the credentials because the clock of this machine is wrong. `ahead` is how many seconds the clock
/// is ahead of the time in AWS's answer.
pub(crate) fn is_clock_wrong(code: &str, message: &str, ahead: Option<i64>) -> bool {
    let says_so = ["Signature expired", "Signature not yet current", "Request has expired", "too skewed"];
    matches!(code, "RequestTimeTooSkewed" | "RequestInTheFuture")
        || says_so.iter().any(|words| message.contains(words))
        // For a wrong timestamp, EC2 says only that the credentials could not be validated.
        || ahead.is_some_and(|ahead| ahead.abs() > SKEW)
}

fn skew(ahead: i64) -> String {
    let (minutes, side) = (ahead.unsigned_abs() / 60, if ahead < 0 { "behind" } else { "ahead of" });
    if minutes == 0 { String::new() } else { format!(" ({minutes} min {side} AWS)") }
}

/// An error with all its causes, on one line: the SDK's own messages say only "dispatch failure", or list the credential
/// providers on separate lines.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = words(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = words(error);
        if !told.contains(&next) {
            told.push_str(": ");
            told.push_str(&next);
        }
        cause = error.source();
    }
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    lines.join("; ").replace(":; ", ": ")
}

/// The message of a single error. The request id of AWS's errors is left out: it differs each time, and messages that are
/// reported once for each text would be reported for ever.
fn words(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<ErrorMetadata>() {
        Some(answer) => {
            [answer.code(), answer.message()].into_iter().flatten().collect::<Vec<_>>().join(": ")
        }
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
