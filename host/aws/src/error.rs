//! What goes wrong at AWS, in a closed set of classes.

use std::{error::Error, fmt, time::Duration};

use albatross_contract::references::UnresolvedReference;
use aws_smithy_types::error::ErrorMetadata;

use crate::calls::Call;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// AWS answered, and refuses. The message begins with AWS's code.
    #[error("{code}: {}", told(.call, *.class, .message))]
    Refused {
        /// The call.
        call: &'static Call,
        /// What kind of refusal it is.
        class: ErrorClass,
        /// AWS's code, such as `LoadBalancerNotFound`.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// There was no answer, or none that could be read.
    #[error(
        "{}: no answer from AWS in {region} that could be read: {}; check the network, the region and the endpoint",
        .call.action(), chain(.source.as_ref())
    )]
    Unanswered {
        /// The call.
        call: &'static Call,
        /// The region that was asked.
        region: String,
        /// [`ErrorClass::Timeout`] or [`ErrorClass::Unavailable`].
        class: ErrorClass,
        /// What the SDK says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An answer lacks something that AWS documents as always there.
    #[error("{}: the answer of AWS has no {field}", .call.action())]
    Unreadable {
        /// The call.
        call: &'static Call,
        /// What it lacks.
        field: &'static str,
    },
    /// There are no credentials, or AWS does not take them.
    #[error(
        "no credentials that AWS takes: {message}; give the Pod an IAM role (EKS Pod Identity, IRSA), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    Credentials {
        /// What the SDK or AWS says.
        message: String,
    },
    /// The clock of this machine is wrong: AWS takes a signature for five minutes before and after its time ("Signature
    /// Version 4": "expired", "not yet current").
    #[error(
        "the clock of this machine is wrong{}: AWS refuses the time of the signature ({message}); set the clock, for \
         example with chrony or systemd-timesyncd",
        .ahead.map(skew).unwrap_or_default()
    )]
    ClockWrong {
        /// Seconds that the clock is ahead of AWS, where AWS says its time; negative: behind.
        ahead: Option<i64>,
        /// What AWS says.
        message: String,
    },
    /// The AWS profile that is asked for is in none of the files.
    #[error(
        "the AWS profile {profile:?} does not exist: neither {} has it; correct AWS_PROFILE, or unset it",
        .files.join(" nor ")
    )]
    ProfileMissing {
        /// Its name.
        profile: String,
        /// The files that were looked at.
        files: Vec<String>,
    },
    /// Nobody says which region.
    #[error(
        "no region: neither --region nor AWS_REGION is set, and the instance metadata gives none; set --region"
    )]
    NoRegion,
    /// What is given as the region cannot be one: their names are of lower-case letters, digits and hyphens.
    #[error("{region:?} is no region; correct --region or AWS_REGION, such as eu-central-1")]
    RegionInvalid {
        /// What is given.
        region: String,
    },
    /// Nobody says which VPC or cluster, and the instance metadata cannot be asked.
    #[error("{what} is not known: {flag} is not set, and {message}; set {flag}")]
    NotDiscovered {
        /// What is not known: `the VPC`.
        what: &'static str,
        /// The flag that says it.
        flag: &'static str,
        /// Why it could not be found.
        message: String,
    },
    /// The VPC does not exist.
    #[error(
        "VPC {vpc} does not exist in {region}, or belongs to another account; correct --vpc-id or --region"
    )]
    VpcMissing {
        /// Its id.
        vpc: String,
        /// The region that was asked.
        region: String,
    },
    /// A resource would be changed or taken for ours that does not carry our tags.
    #[error("NotOurs: {resource} does not carry our tags ({lacks}): it is left alone; {remedy}")]
    NotOurs {
        /// Its ARN or id.
        resource: String,
        /// What it lacks.
        lacks: String,
        /// What a person can do.
        remedy: &'static str,
    },
    /// AWS says that something does not exist which was made or first seen a short while ago.
    #[error(
        "{source}; what the call names was made or first seen a short while ago, and not all of AWS may know of it yet: the \
         call is made again"
    )]
    NotKnownYet {
        /// What AWS says.
        source: Box<AwsError>,
    },
    /// AWS gives no tags of a resource that may be ours: it was made a short while ago, or had our tags a moment ago.
    #[error("NotKnownYet: AWS gives no tags of {resource}, which may be ours: the tags are read again")]
    TagsNotKnownYet {
        /// Its ARN.
        resource: String,
    },
    /// Target groups of an Auto Scaling Group are still being attached or detached, so many that no more may be.
    #[error(
        "AutoScalingGroupBusy: the target groups of {group} that were attached or detached before are not done yet, and only          ten of a group change at once: it is left for a later pass"
    )]
    Busy {
        /// The Auto Scaling Group.
        group: String,
    },
    /// Nobody may write now: the lease is lost, or ends too soon, or the program is stopping.
    #[error("NotLeading: {} was not called: the Lease ends too soon for it, or the program is ending", .call.action())]
    NotLeading {
        /// The call.
        call: &'static Call,
    },
    /// AWS throttles so much that a read would wait too long for its turn. It was not made. The wait itself is not told:
    /// Events carry this text, and each other text is another Event.
    #[error(
        "AWS throttles {}: more than {} s to wait for a turn; it is left for a later pass",
        .call.action(), .longest.as_secs()
    )]
    NoTurn {
        /// The call.
        call: &'static Call,
        /// The longest wait.
        longest: Duration,
    },
    /// An action refers to what another one did not make.
    #[error(transparent)]
    Unresolved(#[from] UnresolvedReference),
    /// The same failed before for good, and it is too early to try again. The words are those of that attempt, so that
    /// people are told once.
    #[error("{error}")]
    Kept {
        /// The error of the last attempt.
        error: String,
    },
    /// An operation that the planner never asks for on this kind of resource.
    #[error("Unsupported: {what}; this is a defect of the planner, please report it")]
    Unsupported {
        /// What was asked.
        what: String,
    },
}

/// The closed set of kinds of errors: what metrics count and what decides about another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// Too many calls.
    Throttled,
    /// No credentials, or none that AWS takes.
    Credentials,
    /// The role may not do this.
    Denied,
    /// What is named does not exist.
    NotFound,
    /// Something else still uses it.
    InUse,
    /// A quota is used up.
    Limit,
    /// It contradicts what is there.
    Conflict,
    /// A value that AWS does not take.
    Invalid,
    /// AWS or the way to it has a fault.
    Unavailable,
    /// No answer in time; the call may have been executed.
    Timeout,
    /// This replica may not write.
    NotLeading,
    /// It was not called at all.
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

    /// Whether the same call may well succeed in a moment.
    pub(crate) fn passes(self) -> bool {
        matches!(self, ErrorClass::Throttled | ErrorClass::Unavailable | ErrorClass::Timeout)
    }

    /// Whether the same call fails until somebody changes something.
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

    /// The class of an error of AWS. Codes: the pages "Common Errors" of the API references of EC2, Elastic Load
    /// Balancing, Auto Scaling, ACM, IAM and STS, and the errors of each operation there.
    pub(crate) fn of(code: &str, status: u16, message: &str) -> ErrorClass {
        match code {
            // Ten target groups of an Auto Scaling Group may be changing at once, however many calls that takes; Auto
            // Scaling has no code of its own for it (aws/aws-sdk-java issue 746, kubernetes/kops issue 14646).
            "ValidationError" if message.contains(TOO_MANY_CHANGES) => ErrorClass::Unavailable,
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "BandwidthLimitExceeded"
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
            | "InvalidAccessKeyId" => ErrorClass::Credentials,
            "ResourceInUse" | "DependencyViolation" | "ResourceInUseException" => ErrorClass::InUse,
            // The Auto Scaling Group has a pending update, or replaces its instances
            // (API_AttachLoadBalancerTargetGroups, Errors).
            "ResourceContention"
            | "InstanceRefreshInProgress"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "InternalFailure"
            | "InternalError"
            | "ServiceUnavailable"
            | "Unavailable" => ErrorClass::Unavailable,
            "OperationNotPermitted"
            | "PriorityInUse"
            | "IncompatibleProtocols"
            | "TargetGroupAssociationLimit" => ErrorClass::Conflict,
            "NoSuchEntity" | "ResourceNotFoundException" => ErrorClass::NotFound,
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
    /// What kind of error it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            AwsError::Refused { class, .. } | AwsError::Unanswered { class, .. } => *class,
            AwsError::Unreadable { .. } => ErrorClass::Unavailable,
            AwsError::Credentials { .. } | AwsError::ClockWrong { .. } | AwsError::ProfileMissing { .. } => {
                ErrorClass::Credentials
            }
            AwsError::NotKnownYet { .. } | AwsError::TagsNotKnownYet { .. } | AwsError::Busy { .. } => {
                ErrorClass::Unavailable
            }
            AwsError::NoRegion | AwsError::RegionInvalid { .. } | AwsError::NotDiscovered { .. } => {
                ErrorClass::Invalid
            }
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

    /// The same error for another action that the same call was made for.
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

/// What AWS says, and what to do about it.
fn told(call: &Call, class: ErrorClass, message: &str) -> String {
    let action = call.action();
    match class {
        ErrorClass::Denied => denied(&action, message),
        ErrorClass::Throttled => format!("AWS refuses {action} for now: {message}"),
        ErrorClass::Limit => format!("{action}: {message}; raise the quota, or free some of it"),
        _ => format!("{action}: {message}"),
    }
}

/// AWS checks a call for more rights than the one of its name: what it names is what is missing.
fn denied(action: &str, message: &str) -> String {
    let named = message.split_once("not authorized to perform: ").map(|(_, rest)| rest);
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '-');
    let named = named.map(|rest| rest.split(|letter| !is_letter(letter)).next().unwrap_or_default());
    let refused = match named.filter(|named| named.contains(':') && *named != action) {
        Some(named) => format!("AWS refuses {named}, which {action} needs"),
        None => format!("AWS refuses {action}"),
    };
    if message.contains("explicit deny") {
        return format!("{refused}: a policy denies it, whatever another one allows ({message})");
    }
    format!("{refused}: the controller's IAM role lacks it; see deploy/iam-policy.json ({message})")
}

/// What Auto Scaling says while ten target groups of a group are changing.
pub(crate) const TOO_MANY_CHANGES: &str = "too many Load Balancers/Target Groups at once";

/// How far a clock is off that AWS refuses: five minutes, less the seconds that an answer takes.
const SKEW: i64 = 4 * 60;

/// Whether AWS refuses credentials since the clock of this machine is wrong. `ahead` is how many seconds it is ahead of
/// the time that AWS says in its answer.
pub(crate) fn is_clock_wrong(code: &str, message: &str, ahead: Option<i64>) -> bool {
    let says_so = ["Signature expired", "Signature not yet current", "Request has expired", "too skewed"];
    matches!(code, "RequestTimeTooSkewed" | "RequestInTheFuture")
        || says_so.iter().any(|words| message.contains(words))
        // EC2 says of a wrong time only that the credentials could not be validated.
        || ahead.is_some_and(|ahead| ahead.abs() > SKEW)
}

fn skew(ahead: i64) -> String {
    let (minutes, side) = (ahead.unsigned_abs() / 60, if ahead < 0 { "behind" } else { "ahead of" });
    if minutes == 0 { String::new() } else { format!(" ({minutes} min {side} AWS)") }
}

/// An error with all that it was caused by, in one line: the SDK's own messages say only "dispatch failure", or tell of
/// each credential provider in a line of its own.
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

/// What one error says of itself. AWS's own errors also give the id of the request, which is another one each time: what
/// is told once for each reason would be told for ever.
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
