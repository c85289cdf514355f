//! What the exports of a component do. The macro [`crate::export`] calls this.

use albatross_contract::{PolicyDescription, PolicyError};

use crate::{Policy, panic, settings};

/// The answer to a question of the planner.
pub type Answered<T> = Result<T, PolicyError>;

/// The description of a policy. Name and version are those of its crate.
pub fn describe<P: Policy>(name: &str, version: &str) -> PolicyDescription {
    panic::keep_texts();
    PolicyDescription {
        name: name.to_owned(),
        version: version.to_owned(),
        summary: P::SUMMARY.to_owned(),
        settings_schema: Some(settings::schema::<P::Settings>()),
    }
}

/// Whether a policy understands these settings.
///
/// # Errors
/// What is wrong with them.
pub fn validate_settings<P: Policy>(text: &str) -> Answered<()> {
    checked::<P>(text).map(drop)
}

/// Reads the settings and asks the policy.
///
/// # Errors
/// What is wrong with the settings, or why the policy refuses.
pub fn answer<P: Policy, T>(text: &str, ask: impl FnOnce(&P::Settings) -> Result<T, String>) -> Answered<T> {
    let settings = checked::<P>(text)?;
    ask(&settings).map_err(|message| PolicyError { message })
}

fn checked<P: Policy>(text: &str) -> Answered<P::Settings> {
    panic::keep_texts();
    let read = settings::read::<P::Settings>(text).and_then(|settings| {
        P::check(&settings)?;
        Ok(settings)
    });
    read.map_err(|message| PolicyError { message })
}

/// The exports that every policy has. Only [`crate::export`] uses it.
#[doc(hidden)]
#[macro_export]
macro_rules! policy_guest {
    () => {
        impl points::policy::Guest for Component {
            fn describe() -> $crate::contract::PolicyDescription {
                $crate::describe::<Policy>(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            }

            fn validate_settings(settings: String) -> $crate::Answered<()> {
                $crate::validate_settings::<Policy>(&settings)
            }
        }
    };
}

/// The exports of the point `grouping`.
#[doc(hidden)]
#[macro_export]
macro_rules! grouping_guest {
    () => {
        impl points::grouping::Guest for Component {
            fn group(
                input: $crate::contract::GroupingInput,
            ) -> $crate::Answered<$crate::contract::GroupingAnswer> {
                $crate::grouping::answer::<Policy>(input)
            }
        }
    };
}

/// The exports of the point `subnets`.
#[doc(hidden)]
#[macro_export]
macro_rules! subnets_guest {
    () => {
        impl points::subnets::Guest for Component {
            fn select(
                input: $crate::contract::SubnetInput,
            ) -> $crate::Answered<$crate::contract::SubnetAnswer> {
                $crate::subnets::answer::<Policy>(input)
            }
        }
    };
}

/// The exports of the point `certificates`.
#[doc(hidden)]
#[macro_export]
macro_rules! certificates_guest {
    () => {
        impl points::certificates::Guest for Component {
            fn choose(
                input: $crate::contract::CertificateInput,
            ) -> $crate::Answered<$crate::contract::CertificateAnswer> {
                $crate::certificates::answer::<Policy>(input)
            }
        }
    };
}
