//! Clients of all services, on one HTTP stack.

use std::{fmt, sync::Arc, time::Instant};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, imds, provider_config::ProviderConfig, retry::RetryConfig,
    sts::AssumeRoleProvider,
};
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError,
};
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::future::LocalBoxFuture;
use tokio::time::timeout;

use crate::{
    calling::ATTEMPT_LIMIT,
    calls,
    counters::{CallCount, CallWait, Counters},
    error::AwsError,
    exchange::Exchange,
    profile,
    rate::{Budget, SHARE},
    whole_answers::WholeAnswers,
};

/// AWS: one account, one region. A clone is cheap and shares connections, budget and counters. An
/// [`Observer`](crate::Observer) learns through it what an [`Executor`](crate::Executor) changed.
///
/// The endpoint is AWS's, or `AWS_ENDPOINT_URL`; credentials are found as the SDK finds them (environment, profile, web
/// identity, container, instance metadata).
#[derive(Clone)]
pub struct Aws {
    pub(crate) acm: aws_sdk_acm::Client,
    pub(crate) auto_scaling: aws_sdk_autoscaling::Client,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) elb: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    sts: aws_sdk_sts::Client,
    pub(crate) wafv2: aws_sdk_wafv2::Client,
    region: Region,
    http: Option<SharedHttpClient>,
    config: SdkConfig,
    pub(crate) budget: Arc<Budget>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) exchange: Arc<Exchange>,
}

impl Aws {
    /// Finds region and credentials. The region is the given one, else that of `AWS_REGION`, the profile or the instance
    /// metadata.
    ///
    /// # Errors
    /// [`AwsError::ProfileMissing`], [`AwsError::NoRegion`], [`AwsError::RegionInvalid`] and [`AwsError::Credentials`].
    /// AWS is not called, unless it provides the credentials.
    pub fn connect(region: Option<String>) -> LocalBoxFuture<'static, Result<Aws, AwsError>> {
        Box::pin(Aws::load(region))
    }

    async fn load(region: Option<String>) -> Result<Aws, AwsError> {
        profile::check()?;
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http);
        if let Some(region) = region {
            loader = loader.region(Region::new(region));
        }
        let config = loader.load().await;
        let credentials = credentials_provider(&config)?;
        // A program or an agent that provides them can hang.
        let found = timeout(ATTEMPT_LIMIT, credentials.provide_credentials()).await;
        found
            .unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(ATTEMPT_LIMIT)))
            .map_err(|error| AwsError::no_credentials(&error))?;
        Aws::new(&config)
    }

    /// Clients with this configuration, but without the SDK's retries: [`AwsError`] says which errors are retried.
    ///
    /// # Errors
    /// [`AwsError::NoRegion`] and [`AwsError::RegionInvalid`].
    pub fn new(config: &SdkConfig) -> Result<Aws, AwsError> {
        let config = config.to_builder().retry_config(RetryConfig::disabled()).build();
        let region = config.region().cloned().ok_or(AwsError::NoRegion)?;
        // Checked here: otherwise each call would fail with a different message.
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !region.as_ref().bytes().all(is_name) {
            return Err(AwsError::RegionInvalid { region: region.to_string() });
        }
        let auto_scaling = aws_sdk_autoscaling::config::Builder::from(&config).interceptor(WholeAnswers);
        let ec2 = aws_sdk_ec2::config::Builder::from(&config).interceptor(WholeAnswers);
        let elb = aws_sdk_elasticloadbalancingv2::config::Builder::from(&config).interceptor(WholeAnswers);
        let iam = aws_sdk_iam::config::Builder::from(&config).interceptor(WholeAnswers);
        let sts = aws_sdk_sts::config::Builder::from(&config).interceptor(WholeAnswers);
        Ok(Aws {
            acm: aws_sdk_acm::Client::new(&config),
            auto_scaling: aws_sdk_autoscaling::Client::from_conf(auto_scaling.build()),
            ec2: aws_sdk_ec2::Client::from_conf(ec2.build()),
            elb: aws_sdk_elasticloadbalancingv2::Client::from_conf(elb.build()),
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            route53: aws_sdk_route53::Client::from_conf(route53(&config).build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            wafv2: aws_sdk_wafv2::Client::new(&config),
            http: config.http_client(),
            config,
            region,
            budget: Arc::new(Budget::new(SHARE, Instant::now())),
            counters: Arc::default(),
            exchange: Arc::default(),
        })
    }

    /// Sets the share of AWS's published rate limits that is used. The default is a quarter.
    pub fn with_share(self, share: f64) -> Aws {
        Aws { budget: Arc::new(Budget::new(share, Instant::now())), ..self }
    }

    /// Reads and changes hosted zones with a role, which may be one of another account.
    pub async fn with_route53_role(self, role: &str) -> Aws {
        let role = AssumeRoleProvider::builder(role).session_name("albatross").configure(&self.config);
        let config = route53(&self.config).credentials_provider(role.build().await);
        Aws { route53: aws_sdk_route53::Client::from_conf(config.build()), ..self }
    }

    /// The region, such as `eu-central-1`.
    pub fn region(&self) -> &str {
        self.region.as_ref()
    }

    /// The account id: 12 digits.
    ///
    /// # Errors
    /// The error that STS returns.
    pub async fn account(&self) -> Result<String, AwsError> {
        let call = &calls::GET_CALLER_IDENTITY;
        let answer = self.read(call, || self.sts.get_caller_identity().send()).await?;
        answer.account.ok_or(AwsError::Unreadable { call, field: "Account" })
    }

    /// How many attempts of calls were made so far, sorted by operation.
    pub fn calls(&self) -> Vec<CallCount> {
        self.counters.read()
    }

    /// How long calls have waited for the rate budget so far, sorted by operation.
    pub fn waits(&self) -> Vec<CallWait> {
        self.counters.waits()
    }

    /// What the environment and the profile say.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// What finds the credentials.
    ///
    /// # Errors
    /// [`AwsError::Credentials`]: none are configured.
    pub(crate) fn credentials_provider(&self) -> Result<SharedCredentialsProvider, AwsError> {
        credentials_provider(&self.config)
    }

    /// The HTTP client that all clients share.
    pub(crate) fn http_client(&self) -> Option<SharedHttpClient> {
        self.http.clone()
    }

    /// The metadata of the instance that this program runs on.
    pub(crate) fn metadata(&self) -> imds::Client {
        let provider = ProviderConfig::without_region();
        let provider = match &self.http {
            Some(http) => provider.with_http_client(http.clone()),
            None => provider,
        };
        imds::Client::builder().configure(&provider).build()
    }
}

fn credentials_provider(config: &SdkConfig) -> Result<SharedCredentialsProvider, AwsError> {
    let provider = config.credentials_provider();
    provider.ok_or_else(|| AwsError::Credentials { message: "none are configured".to_owned() })
}

fn route53(config: &SdkConfig) -> aws_sdk_route53::config::Builder {
    aws_sdk_route53::config::Builder::from(config).interceptor(WholeAnswers)
}

impl fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Aws").field("region", &self.region).finish_non_exhaustive()
    }
}
