//! Limits and their record in a bundle.

use std::time::Duration;

use albatross_contract::GuestLimits;
use albatross_engine::Limits;

#[test]
fn limits_survive_a_bundle() {
    let limits = Limits { deadline: Duration::from_millis(1_500), fuel: 7, ..Limits::default() };
    let recorded = GuestLimits::from(&limits);
    assert_eq!(recorded.deadline, 1_500, "milliseconds");
    assert_eq!(Limits::from(&recorded), limits);
}

#[test]
fn a_bundle_with_the_longest_possible_deadline_is_read() {
    let recorded =
        GuestLimits { memory: u64::MAX, fuel: u64::MAX, deadline: u64::MAX, returned_data: u64::MAX };
    let limits = Limits::from(&recorded);
    assert_eq!(GuestLimits::from(&limits), recorded);
}
