//! Conversions between the types of the SDK and those of the contract, one each way.
//!
//! A value of AWS that this version does not know (such as a new protocol) becomes `None`, and the resource is left out. It
//! may be a resource of ours that a person changed, so a resource that is left out does not count as gone.

pub(crate) mod actions;
pub(crate) mod conditions;
pub(crate) mod instances;
pub(crate) mod listeners;
pub(crate) mod load_balancers;
pub(crate) mod network;
pub(crate) mod record_sets;
pub(crate) mod security_groups;
pub(crate) mod tags;
pub(crate) mod target_groups;
pub(crate) mod transforms;
mod words;

use albatross_contract::{ResourceReference, Timestamp, references::UnresolvedReference};
use aws_smithy_types::DateTime;

use crate::error::AwsError;

/// The ARN or id of a resource that exists.
///
/// # Errors
/// An action of the plan has yet to create the resource.
pub(crate) fn existing(reference: &ResourceReference) -> Result<&str, AwsError> {
    match reference {
        ResourceReference::Existing(resource) => Ok(resource),
        ResourceReference::CreatedBy(action) => {
            Err(AwsError::Unresolved(UnresolvedReference { action: action.clone() }))
        }
    }
}

/// Converts a time. Times before 1970 count as 1970.
pub(crate) fn timestamp(time: &DateTime) -> Timestamp {
    u64::try_from(time.secs()).unwrap_or(0)
}

/// Converts a port or another small number.
pub(crate) fn small(number: i32) -> Option<u16> {
    u16::try_from(number).ok()
}

/// Converts a count; negative counts become zero.
pub(crate) fn count(number: Option<i32>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}
