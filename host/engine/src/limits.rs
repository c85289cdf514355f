//! The limits of guests.

use std::time::Duration;

use albatross_contract::GuestLimits;

/// The resources that a guest may use in one call, and the largest component.
///
/// 10,000 Ingresses stay far below the defaults. A recorded bundle contains the limits, since they can influence a guest:
/// with other limits, a replay could have another result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory and tables in bytes. Default 512 MiB: a plan of 10,000 Ingresses takes 20 MiB.
    pub memory: u64,
    /// Fuel, about one unit for each WebAssembly instruction. Default 50,000,000,000: 10,000 Ingresses take a tenth, and an
    /// endless loop ends after some seconds, before the deadline and so with the same error on every machine. The fuel of
    /// the built-in planner is not counted.
    pub fuel: u64,
    /// Wall-clock time. Default 30 s: it ends what fuel does not count, also on a slow machine.
    pub deadline: Duration,
    /// Data that the guest returns to the host, in bytes of the host's memory. Default 256 MiB: a memory limit alone is not
    /// enough, since 1,000 strings of an answer can share one MiB of the guest's memory.
    pub returned_data: u64,
    /// Size of a policy in bytes. Default 2 MiB: compiling has no other limit, and one large function takes long
    /// (785 KB in one function: 2.4 s).
    pub policy_size: usize,
    /// Size of a planner in bytes. Default 8 MiB: the built-in planner has more than 2 MiB.
    pub planner_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 512 << 20,
            fuel: 50_000_000_000,
            deadline: Duration::from_secs(30),
            returned_data: 256 << 20,
            policy_size: 2 << 20,
            planner_size: 8 << 20,
        }
    }
}

impl From<&GuestLimits> for Limits {
    /// The limits of a bundle. A bundle does not contain the size limits of components, which have their defaults.
    fn from(recorded: &GuestLimits) -> Self {
        Limits {
            memory: recorded.memory,
            fuel: recorded.fuel,
            deadline: Duration::from_millis(recorded.deadline),
            returned_data: recorded.returned_data,
            ..Limits::default()
        }
    }
}

impl From<&Limits> for GuestLimits {
    fn from(limits: &Limits) -> Self {
        GuestLimits {
            memory: limits.memory,
            fuel: limits.fuel,
            deadline: u64::try_from(limits.deadline.as_millis()).unwrap_or(u64::MAX),
            returned_data: limits.returned_data,
        }
    }
}
