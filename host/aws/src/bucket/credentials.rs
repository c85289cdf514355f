//! The credentials for a bucket, which are asked for once and not with each request.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError},
};
use tokio::time::timeout;

/// How long a provider may take. The SDK's clients wait as long. It is shorter than an attempt, so that the error says who did
/// not answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Credentials are replaced this long before they expire. The SDK's clients do it as early, and providers rely on that: some
/// return the same credentials until shortly before they expire.
const BEFORE_EXPIRY: Duration = Duration::from_secs(10);

/// How long credentials are kept that do not expire, as the SDK's clients do: a process may provide them.
const WITHOUT_EXPIRY: Duration = Duration::from_secs(15 * 60);

/// The credentials that were found last.
#[derive(Default)]
pub(super) struct Kept {
    last: Mutex<Option<Found>>,
    /// One request at a time asks, and the others wait for its answer: AWS throttles those who ask often.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Found {
    credentials: Credentials,
    /// When a provider is asked again.
    until: SystemTime,
}

impl Kept {
    /// Credentials that are still valid, for which the provider is asked if those that are kept expire soon. If it then has
    /// none, the kept ones are used to their end.
    ///
    /// # Errors
    /// The provider has none, or does not answer.
    pub(super) async fn get(
        &self,
        provider: &impl ProvideCredentials,
    ) -> Result<Credentials, CredentialsError> {
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let asked = timeout(LIMIT, self.ask(provider)).await;
        let found = asked.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(LIMIT)));
        found.or_else(|error| self.still_valid().ok_or(error))
    }

    async fn ask(&self, provider: &impl ProvideCredentials) -> Result<Credentials, CredentialsError> {
        let _turn = self.turn.lock().await;
        // Another request may have asked meanwhile.
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let credentials = provider.provide_credentials().await?;
        let now = SystemTime::now();
        let until = match credentials.expiry() {
            Some(expiry) => expiry.checked_sub(BEFORE_EXPIRY).unwrap_or(now),
            None => now + WITHOUT_EXPIRY,
        };
        let found = Found { credentials: credentials.clone(), until };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(credentials)
    }

    fn last(&self) -> Option<Found> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self) -> Option<Credentials> {
        let last = self.last().filter(|last| last.until > SystemTime::now())?;
        Some(last.credentials)
    }

    fn still_valid(&self) -> Option<Credentials> {
        let now = SystemTime::now();
        let last = self.last().filter(|last| last.credentials.expiry().is_none_or(|expiry| expiry > now))?;
        Some(last.credentials)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use aws_credential_types::provider::future;
    use tokio::time::sleep;

    use super::*;

    /// What a provider does when it is asked.
    #[derive(Clone, Copy, Debug)]
    enum Does {
        /// It has credentials that expire after this time.
        Expiring(Duration),
        Lasting,
        Fail,
        Hang,
    }

    /// A provider that numbers what it returns.
    #[derive(Debug)]
    struct Provider {
        does: Mutex<Does>,
        asked: AtomicUsize,
    }

    impl Provider {
        fn new(does: Does) -> Provider {
            Provider { does: Mutex::new(does), asked: AtomicUsize::new(0) }
        }

        fn now(&self, does: Does) {
            *self.does.lock().unwrap() = does;
        }
    }

    impl ProvideCredentials for Provider {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            let does = *self.does.lock().unwrap();
            let found = move |expiry| Ok(Credentials::new(format!("KEY{number}"), "s", None, expiry, "test"));
            future::ProvideCredentials::new(async move {
                // Others that ask at the same time come here before the first has its answer.
                sleep(Duration::from_millis(10)).await;
                match does {
                    Does::Expiring(after) => found(Some(SystemTime::now() + after)),
                    Does::Lasting => found(None),
                    Does::Fail => Err(CredentialsError::provider_error("the agent is restarted")),
                    Does::Hang => std::future::pending().await,
                }
            })
        }
    }

    async fn key(kept: &Kept, provider: &Provider) -> Result<String, String> {
        let found = kept.get(provider).await;
        found.map(|found| found.access_key_id().to_owned()).map_err(|error| format!("{error:?}"))
    }

    #[tokio::test]
    async fn credentials_are_replaced_only_shortly_before_they_expire() {
        for (after, keys) in [(60, ["KEY1", "KEY1"]), (5, ["KEY1", "KEY2"])] {
            let (kept, provider) =
                (Kept::default(), Provider::new(Does::Expiring(Duration::from_secs(after))));
            for expected in keys {
                assert_eq!(key(&kept, &provider).await.unwrap(), expected, "{after} s");
            }
        }
        let (kept, provider) = (Kept::default(), Provider::new(Does::Lasting));
        for _ in 0..2 {
            assert_eq!(key(&kept, &provider).await.unwrap(), "KEY1", "a process may provide them");
        }
    }

    #[tokio::test]
    async fn requests_at_the_same_time_ask_once() {
        let kept = Arc::new(Kept::default());
        let provider = Arc::new(Provider::new(Does::Expiring(Duration::from_secs(3_600))));
        let requests: Vec<_> = (0..64)
            .map(|_| {
                let (kept, provider) = (Arc::clone(&kept), Arc::clone(&provider));
                tokio::spawn(async move { key(&kept, &provider).await })
            })
            .collect();
        for request in requests {
            assert_eq!(request.await.unwrap().unwrap(), "KEY1");
        }
        assert_eq!(provider.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn valid_credentials_are_used_while_the_provider_fails_and_expired_ones_are_not() {
        let (kept, provider) = (Kept::default(), Provider::new(Does::Expiring(Duration::from_secs(2))));
        assert_eq!(key(&kept, &provider).await.unwrap(), "KEY1");
        provider.now(Does::Fail);
        assert_eq!(key(&kept, &provider).await.unwrap(), "KEY1", "they are valid for some seconds");
        sleep(Duration::from_millis(2_100)).await;
        let error = key(&kept, &provider).await.unwrap_err();
        assert!(error.contains("the agent is restarted"), "{error}");
        provider.now(Does::Lasting);
        assert!(key(&kept, &provider).await.is_ok(), "an error is not kept");
    }

    #[tokio::test]
    async fn all_who_wait_for_a_provider_that_hangs_get_its_error_at_the_same_time() {
        let (kept, provider) = (Kept::default(), Provider::new(Does::Hang));
        let begin = std::time::Instant::now();
        let asked = (0..8).map(|_| key(&kept, &provider));
        for answer in futures::future::join_all(asked).await {
            let error = answer.unwrap_err();
            assert!(error.contains("ProviderTimedOut"), "{error}");
        }
        assert!(begin.elapsed() < 2 * LIMIT, "{:?}", begin.elapsed());
    }
}
