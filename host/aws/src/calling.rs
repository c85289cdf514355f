//! One call of AWS: its budget, its time limit, its attempts.
//!
//! The SDK's own retries are off. This module is the only layer that retries, because each attempt needs a token of the
//! budget, must be counted, and, if it writes, must ask whether this replica still may.

use std::{
    error::Error,
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{DateTime, date_time::Format, error::metadata::ProvideErrorMetadata};

use crate::{
    calls::Call,
    clients::Aws,
    counters::CallOutcome,
    error::{AwsError, ErrorClass, chain, is_clock_wrong},
};

/// How long an attempt may take. The slowest calls, CreateLoadBalancer and DeleteLoadBalancer, take some seconds.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);

/// How many attempts a call gets. A call that fails in all of them is left to the next pass.
const ATTEMPTS: u32 = 4;

/// How many attempts a delete gets while AWS still counts the resource as used: a target group counts as used for some
/// seconds after its load balancer was deleted. AWS's own controller waits 20 s
/// (`pkg/deploy/elbv2/target_group_manager.go`).
const ATTEMPTS_WHILE_IN_USE: u32 = 6;

/// The wait before the second attempt; it doubles with each further one. (No jitter: our own calls are spread by the
/// budget, which shrinks when AWS throttles.)
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// How long a read waits for the rate budget at most. While AWS throttles, calls are seconds apart: without this limit, a
/// pass would never end.
const LONGEST_TURN: Duration = Duration::from_secs(60);

/// How often a waiting write asks whether it still may: in a throttled account the waits are longer than the time that a
/// Pod has to terminate.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Says whether this replica may write. It is asked before every attempt, and every second while a write waits.
pub trait Permit: Send + Sync {
    /// Whether a write that can take this long may begin now, and will end while it is still allowed.
    fn may_write_for(&self, longest: Duration) -> bool;

    /// Whether the actions that have not begun are left to another plan, which is to be made for a change of the cluster.
    fn is_superseded(&self) -> bool {
        false
    }
}

/// How long a call may wait, and which errors it retries.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// Set for a write, and for a read that a write needs: when the permit ends, so does the waiting. Other reads wait for
    /// [`LONGEST_TURN`] at most.
    permit: Option<&'a dyn Permit>,
    passing: Passing<'a>,
    /// Adds up how long the calls wait for the rate budget.
    waited: Option<&'a Waited>,
}

/// How long calls have waited for the rate budget, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Waited(AtomicU64);

impl Waited {
    fn add(&self, turn: Duration) {
        self.0.fetch_add(u64::try_from(turn.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn total(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Errors that are retried in this case, besides those that are always retried.
#[derive(Clone, Copy, Default)]
pub(crate) struct Passing<'a> {
    /// The resource to delete was released a moment ago, and AWS may still count it as used.
    pub(crate) in_use: bool,
    /// Whether an error says that a resource does not exist that may only not be visible yet.
    pub(crate) not_known_yet: Option<&'a (dyn Fn(&AwsError) -> bool + Sync)>,
}

impl Passing<'_> {
    fn has(&self, error: &AwsError) -> bool {
        (self.in_use && error.class() == ErrorClass::InUse)
            || self.not_known_yet.is_some_and(|explains| explains(error))
    }
}

impl<'a> Terms<'a> {
    /// The terms of a read.
    const READ: Terms<'static> =
        Terms { permit: None, passing: Passing { in_use: false, not_known_yet: None }, waited: None };

    /// The terms of a write.
    pub(crate) fn write(permit: &'a dyn Permit, passing: Passing<'a>) -> Self {
        Terms { permit: Some(permit), passing, waited: None }
    }

    /// Adds up in `waited` how long the calls wait for the rate budget.
    pub(crate) fn adding_up(self, waited: &'a Waited) -> Self {
        Terms { waited: Some(waited), ..self }
    }

    /// The same, with these errors passing.
    pub(crate) fn with_passing(self, passing: Passing<'a>) -> Self {
        Terms { passing, ..self }
    }

    fn attempts(&self) -> u32 {
        if self.passing.in_use { ATTEMPTS_WHILE_IN_USE } else { ATTEMPTS }
    }

    fn longest_turn(&self) -> Duration {
        if self.permit.is_some() { Duration::MAX } else { LONGEST_TURN }
    }

    /// Waits that long, unless the permit ends.
    ///
    /// # Errors
    /// [`AwsError::NotLeading`]: the permit ended.
    pub(crate) async fn wait(&self, call: &'static Call, mut left: Duration) -> Result<(), AwsError> {
        loop {
            if self.permit.is_some_and(|permit| !permit.may_write_for(ATTEMPT_LIMIT)) {
                return Err(AwsError::NotLeading { call });
            }
            if left.is_zero() {
                return Ok(());
            }
            let slice = left.min(ASK_EVERY);
            tokio::time::sleep(slice).await;
            left -= slice;
        }
    }
}

impl Aws {
    /// Makes a call that reads.
    pub(crate) async fn read<T, E, F>(
        &self,
        call: &'static Call,
        attempt: impl Fn() -> F,
    ) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.call(call, Terms::READ, attempt).await
    }

    /// Makes a call until it succeeds, fails with an error that does not pass, or has used up its attempts.
    pub(crate) async fn call<T, E, F>(
        &self,
        call: &'static Call,
        terms: Terms<'_>,
        attempt: impl Fn() -> F,
    ) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let mut wait = FIRST_WAIT;
        let mut left = terms.attempts();
        loop {
            let longest = terms.longest_turn();
            let turn = self.budget.take(call.family, longest).ok_or(AwsError::NoTurn { call, longest })?;
            let waits = turn.wait;
            terms.wait(call, waits).await?;
            turn.begin();
            self.counters.waited(call, waits);
            if let Some(waited) = terms.waited {
                waited.add(waits);
            }
            let counted = self.counters.begin(call);
            let error = match tokio::time::timeout(ATTEMPT_LIMIT, attempt()).await {
                Ok(Ok(answer)) => {
                    counted.end(CallOutcome::Ok);
                    return Ok(answer);
                }
                Ok(Err(error)) => failure(call, self.region(), error),
                Err(elapsed) => AwsError::Unanswered {
                    call,
                    region: self.region().to_owned(),
                    class: ErrorClass::Timeout,
                    source: Box::new(elapsed),
                },
            };
            let class = error.class();
            counted.end(CallOutcome::Failed(class));
            if class == ErrorClass::Throttled {
                self.budget.throttled(call.family);
            }
            left -= 1;
            if left == 0 || !(class.passes() || terms.passing.has(&error)) {
                return Err(error);
            }
            tracing::debug!(call = call.action(), %class, %error, "AWS call failed, retrying");
            terms.wait(call, wait).await?;
            wait *= 2;
        }
    }
}

/// Converts an error of the SDK.
fn failure<E>(call: &'static Call, region: &str, error: SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let SdkError::ServiceError(context) = &error {
        let status = context.raw().status().as_u16();
        let code = context.err().code().map_or_else(|| format!("HTTP {status}"), str::to_owned);
        let message = context.err().message().unwrap_or("no message").to_owned();
        return match ErrorClass::of(&code, status, &message) {
            ErrorClass::Credentials => {
                let ahead = context.raw().headers().get("date").and_then(ahead_of);
                refused_credentials(&code, &message, ahead)
            }
            class => AwsError::Refused { call, class, code, message },
        };
    }
    if is_caused_by::<CredentialsError>(&error) {
        return AwsError::Credentials { message: chain(&error) };
    }
    let timeout = match &error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout(),
        _ => false,
    };
    let class = if timeout { ErrorClass::Timeout } else { ErrorClass::Unavailable };
    AwsError::Unanswered { call, region: region.to_owned(), class, source: Box::new(error) }
}

/// Why AWS refuses credentials.
fn refused_credentials(code: &str, message: &str, ahead: Option<i64>) -> AwsError {
    let told = format!("{code}: {message}");
    match is_clock_wrong(code, message, ahead) {
        true => AwsError::ClockWrong { ahead, message: told },
        false => AwsError::Credentials { message: told },
    }
}

/// How many seconds this machine's clock is ahead of the time in an answer.
fn ahead_of(date: &str) -> Option<i64> {
    let there = DateTime::from_str(date, Format::HttpDate).ok()?.secs();
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(i64::try_from(here).ok()?.saturating_sub(there))
}

fn is_caused_by<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<T>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A list as far as it could be read.
pub(crate) struct List<T> {
    /// The items that were read.
    pub(crate) items: Vec<T>,
    /// Why the list is incomplete.
    pub(crate) broken: Option<AwsError>,
}

impl<T> List<T> {
    /// The whole list.
    ///
    /// # Errors
    /// Why the list is incomplete.
    pub(crate) fn complete(self) -> Result<Vec<T>, AwsError> {
        self.broken.map_or(Ok(self.items), Err)
    }
}

/// A page of a list.
pub(crate) struct Page<T> {
    items: Vec<T>,
    /// Why the page is incomplete.
    broken: Option<AwsError>,
    /// The token of the next page.
    next: Option<String>,
}

impl<T> Page<T> {
    /// A page of items that need no check.
    pub(crate) fn new(items: Vec<T>, next: Option<String>) -> Self {
        Page { items, broken: None, next }
    }

    /// A page of resources that have a name. A resource that this version cannot read is left out. A resource without a
    /// name may be one of ours, so the list counts as broken.
    pub(crate) fn of_named<'s, S: 's>(
        call: &'static Call,
        field: &'static str,
        found: impl IntoIterator<Item = &'s S>,
        read: impl Fn(&S) -> Option<T>,
        name: impl Fn(&S) -> Option<&str>,
    ) -> Self {
        let mut page = Page { items: Vec::new(), broken: None, next: None };
        for it in found {
            match name(it).filter(|name| !name.is_empty()) {
                Some(_) => page.items.extend(read(it)),
                None => page.broken = Some(AwsError::Unreadable { call, field }),
            }
        }
        page
    }

    /// The only page of a list.
    pub(crate) fn into_list(self) -> List<T> {
        List { items: self.items, broken: self.broken }
    }

    /// The page, with the token of the next one.
    pub(crate) fn before(self, next: Option<String>) -> Self {
        Page { next, ..self }
    }
}

/// Reads a list page by page. `page` receives the token of the page to read.
pub(crate) async fn pages<T>(
    call: &'static Call,
    page: impl AsyncFn(Option<String>) -> Result<Page<T>, AwsError>,
) -> List<T> {
    let mut list = List { items: Vec::new(), broken: None };
    let mut token = None;
    loop {
        match page(token.clone()).await {
            Ok(page) => {
                list.items.extend(page.items);
                list.broken = list.broken.or(page.broken);
                let next = page.next.filter(|next| !next.is_empty());
                if next.is_none() {
                    return list;
                }
                if next == token {
                    let broken = Some(AwsError::Unreadable { call, field: "new token for the next page" });
                    return List { broken, ..list };
                }
                token = next;
            }
            Err(error) => return List { broken: Some(error), ..list },
        }
    }
}

#[cfg(test)]
mod tests;
