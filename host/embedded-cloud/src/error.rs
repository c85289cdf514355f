//! AWS's refusals.

/// The code of the error that every call gets after a crash ([`Faults::crash_before`](crate::Faults::crash_before)).
/// AWS has no such code, so a crash cannot be mistaken for a refusal.
pub const CRASHED: &str = "ControllerCrashed";

/// Auto Scaling's message while ten target groups of a group are changing (seen in kubernetes/kops issue 14646).
pub(crate) const TOO_MANY_CHANGES: &str = "Trying to update too many Load Balancers/Target Groups at once";

/// An error of AWS: its code, and its message, in AWS's wording where that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The code, such as `LoadBalancerNotFound`.
    pub code: String,
    /// The message for people.
    pub message: String,
}

impl AwsError {
    /// An error with this code and message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> AwsError {
        AwsError { code: code.into(), message: message.into() }
    }

    /// Whether the same call may succeed in a moment, after changes in progress have ended.
    pub(crate) fn says_to_wait(&self) -> bool {
        self.code == "ValidationError" && self.message.contains(TOO_MANY_CHANGES)
    }

    /// The error for a value that is invalid in any state of the account; common to all operations (API_CommonErrors).
    pub(crate) fn validation(message: impl Into<String>) -> AwsError {
        AwsError::new("ValidationError", message)
    }

    /// The error for a request that contradicts itself or the state of the account.
    pub(crate) fn configuration(message: impl Into<String>) -> AwsError {
        AwsError::new("InvalidConfigurationRequest", message)
    }
}
