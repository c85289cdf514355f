//! Calls whose attempts end as each test says: AWS is never called. The clock is the real one.

use std::{
    cell::Cell,
    future::{Future, pending},
    sync::Mutex,
    time::{Duration, Instant},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

use super::*;
use crate::{
    calls,
    counters::{CallCount, CallOutcome},
    rate::Family,
};

type Failure = SdkError<ErrorMetadata, HttpResponse>;
type Outcome = Result<(), Failure>;

/// AWS with this share of its published rates.
fn aws(share: f64) -> Aws {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .build();
    Aws::new(&config).unwrap().with_share(share)
}

/// With this share, a bucket holds one token, and the next token arrives an hour later.
const ONE_AN_HOUR: f64 = 0.000_1;

fn throttled() -> Failure {
    let error = ErrorMetadata::builder().code("Throttling").message("Rate exceeded").build();
    let answer = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
    SdkError::service_error(error, answer)
}

/// Allows a number of writes, and records how long each of them could have taken.
struct Lease {
    allows: usize,
    asked: Mutex<Vec<Duration>>,
}

impl Lease {
    fn that_allows(allows: usize) -> Lease {
        Lease { allows, asked: Mutex::default() }
    }
}

impl Permit for Lease {
    fn may_write_for(&self, longest: Duration) -> bool {
        let mut asked = self.asked.lock().unwrap();
        asked.push(longest);
        asked.len() <= self.allows
    }
}

/// The result of `work`, which must come within this limit. The limit is measured in short pauses, so that a stall of the
/// machine counts as one pause only.
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> T {
    const PAUSE: Duration = Duration::from_millis(100);
    let pauses = async {
        for _ in 0..limit.as_millis() / PAUSE.as_millis() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        () = pauses => panic!("not within {limit:?}"),
    }
}

#[tokio::test]
async fn a_write_asks_for_a_permit_that_lasts_as_long_as_an_attempt_can_take() {
    let lease = Lease::that_allows(9);
    let attempt = || async { Outcome::Ok(()) };
    aws(1.0).call(&calls::SET_SUBNETS, Terms::write(&lease, Passing::default()), attempt).await.unwrap();
    assert_eq!(*lease.asked.lock().unwrap(), [ATTEMPT_LIMIT]);
}

#[tokio::test]
async fn a_write_that_waits_for_the_budget_stops_soon_after_the_permit_ends() {
    let aws = aws(ONE_AN_HOUR);
    let attempts = Cell::new(0);
    let attempt = || async {
        attempts.set(attempts.get() + 1);
        Outcome::Ok(())
    };
    aws.call(&calls::SET_SUBNETS, Terms::write(&Lease::that_allows(1), Passing::default()), attempt)
        .await
        .unwrap();

    let lease = Lease::that_allows(1); // Used up when the wait begins.
    let waiting = aws.call(&calls::SET_SUBNETS, Terms::write(&lease, Passing::default()), attempt);
    let error = within(Duration::from_secs(3), waiting).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotLeading);
    assert_eq!(attempts.get(), 1, "the second was not made");
}

#[tokio::test]
async fn a_read_that_would_wait_too_long_for_the_budget_is_not_made() {
    let aws = aws(ONE_AN_HOUR);
    let attempts = Cell::new(0);
    let attempt = || async {
        attempts.set(attempts.get() + 1);
        Outcome::Ok(())
    };
    aws.read(&calls::DESCRIBE_TAGS, attempt).await.unwrap();

    let waiting = aws.read(&calls::DESCRIBE_TAGS, attempt);
    let error = within(Duration::from_secs(3), waiting).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Throttled);
    assert_eq!(
        error.to_string(),
        "AWS throttles elasticloadbalancing:DescribeTags: the call would wait more than 60 s for the rate budget and is \
         left for a later pass"
    );
    assert_eq!(attempts.get(), 1, "the second was not made");
}

#[tokio::test]
async fn the_time_that_calls_wait_for_the_budget_is_added_up() {
    // Twenty tokens at first, and then five in a second.
    let aws = aws(0.5);
    let attempt = || async { Outcome::Ok(()) };
    for _ in 0..22 {
        within(Duration::from_secs(20), aws.read(&calls::DESCRIBE_TAGS, attempt)).await.unwrap();
    }
    let waits = aws.waits();
    let [tags] = waits.as_slice() else { panic!("one operation has waited: {waits:?}") };
    assert_eq!((tags.service, tags.operation), (calls::DESCRIBE_TAGS.service, "DescribeTags"));
    assert!(tags.waited >= Duration::from_millis(200), "{:?}", tags.waited);
}

#[tokio::test]
async fn an_attempt_without_an_answer_ends_and_another_is_made() {
    let aws = aws(1.0);
    let first = Cell::new(true);
    let attempt = || async { if first.replace(false) { pending().await } else { Outcome::Ok(()) } };
    let begun = Instant::now();
    within(Duration::from_secs(20), aws.read(&calls::DESCRIBE_TAGS, attempt)).await.unwrap();
    assert!(begun.elapsed() >= ATTEMPT_LIMIT, "{:?}", begun.elapsed());
    assert_eq!(aws.calls(), [one(CallOutcome::Ok), one(CallOutcome::Failed(ErrorClass::Timeout))]);
}

#[tokio::test]
async fn an_attempt_that_is_dropped_is_counted_too() {
    let aws = aws(1.0);
    let read = aws.read(&calls::DESCRIBE_TAGS, pending::<Outcome>);
    tokio::time::timeout(Duration::from_millis(50), read).await.unwrap_err();
    assert_eq!(aws.calls(), [one(CallOutcome::Dropped)]);
}

/// One attempt to describe tags.
fn one(outcome: CallOutcome) -> CallCount {
    CallCount { service: calls::DESCRIBE_TAGS.service, operation: "DescribeTags", outcome, count: 1 }
}

#[tokio::test]
async fn throttling_slows_down_the_calls_that_share_a_budget_and_no_others() {
    let aws = aws(1.0);
    let first = Cell::new(true);
    let attempt = || async { if first.replace(false) { Err(throttled()) } else { Ok(()) } };
    aws.read(&calls::DESCRIBE_CERTIFICATE, attempt).await.unwrap();

    let turn = |family| {
        let turn = aws.budget.take(family, Duration::MAX).unwrap();
        let wait = turn.wait;
        turn.begin();
        wait
    };
    for _ in 0..999 {
        turn(Family::AcmGet);
    }
    // At the full rate of 10 a second the wait would be at most 100 s. At half the rate it is 200 s, less the tokens that
    // the bucket gains if the machine stalls.
    let far = turn(Family::AcmGet);
    assert!(far > Duration::from_secs(100), "1,000 turns are 100 s away at most: {far:?}");
    assert!((0..8).all(|_| turn(Family::AcmList).is_zero()), "the bucket of the others is full");
}
