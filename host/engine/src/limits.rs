//! What a guest may use.

use std::time::Duration;

use albatross_contract::GuestLimits;

/// What a guest may use in one call, and how large a component may be.
///
/// The defaults are what 10,000 Ingresses never reach. They are part of a recorded bundle, since a guest can notice
/// where they are: with other limits a replay could end in another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory and tables in bytes. Default 512 MiB: a plan of 10,000 Ingresses takes 20 MiB.
    pub memory: u64,
    /// Fuel, about one for each WebAssembly instruction. Default 50,000,000,000: 10,000 Ingresses take a tenth, and an
    /// endless loop ends after some seconds, before the deadline, so with the same verdict on every machine. The built-in
    /// planner has none to pay.
    pub fuel: u64,
    /// Wall-clock time. Default 30 s: the backstop for what fuel does not count, on a machine however slow.
    pub deadline: Duration,
    /// Data that crosses from the guest to the host, in bytes as the host holds them. Default 256 MiB: a memory limit
    /// alone is not enough, since 1,000 strings of an answer can share one MiB of the guest's memory.
    pub returned_data: u64,
    /// Size of a component in bytes. Default 2 MiB: compilation has no limit of its own, and one large function takes
    /// more than its share (785 KB in one function: 2.4 s).
    pub component_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 512 << 20,
            fuel: 50_000_000_000,
            deadline: Duration::from_secs(30),
            returned_data: 256 << 20,
            component_size: 2 << 20,
        }
    }
}

impl From<&GuestLimits> for Limits {
    /// The limits of a bundle. It says nothing of the size of a component, which has its default.
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
