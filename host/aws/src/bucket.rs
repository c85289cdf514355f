//! A bucket of S3: lists, reads, writes and deletes objects.
//!
//! Only four operations are needed, so they are written here, on the HTTP client, the credentials and the signer of the SDK.
//! The SDK's own client of S3 is not used: it would make each service's client be built with other features, and adds eight
//! packages (event streams and checksums of five kinds) for operations that nobody calls. The price is that what it would give is
//! ours to keep right:
//!
//! - endpoints of all partitions, of FIPS and of IPv6, and those that are configured for S3 alone: `endpoint`, without access
//!   points that are named by an ARN and without directory buckets, which [`BucketAddress`] refuses;
//! - credentials that are asked for once, in time: `credentials`, with the times of the SDK;
//! - checksums: the signature covers the content, and a written object carries its SHA-256, which Object Lock wants;
//! - retries, time limits and classes of errors: [`Aws`], as for every other service;
//! - uploads in parts: not needed, since S3 takes 5 GiB at once and a pass has far less.
//!
//! When AWS adds a partition or a requirement, an update of the SDK does not bring it: it must be added here. On the other hand, this
//! client finds the region of a bucket, which the SDK's does not.

mod address;
mod answer;
mod credentials;
mod endpoint;
mod request;
mod store;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_config::BehaviorVersion;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::{
    client::{orchestrator::HttpResponse, result::SdkError},
    http::Request as HttpRequest,
};
use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};
use bytes::Bytes;

use crate::{
    calls::{self, Call},
    clients::Aws,
    error::AwsError,
};
use credentials::Kept;
use endpoint::Endpoint;
use request::{Request, sign};

pub use address::{BucketAddress, InvalidAddress};
pub use answer::Object;
pub use store::BucketFolder;

/// A bucket. A clone is cheap and shares what is known of the bucket.
#[derive(Clone)]
pub struct Bucket {
    aws: Aws,
    name: String,
    endpoint: Endpoint,
    /// AWS says in which region a bucket is when it is asked in another one.
    region: Arc<Mutex<String>>,
    credentials: Arc<Kept>,
    /// Whether the region of the clients is only a guess.
    is_region_guessed: bool,
}

impl Bucket {
    /// The bucket of this name, which is not asked yet. Its region need not be that of the clients.
    ///
    /// # Errors
    /// [`AwsError::EndpointContradicts`].
    pub fn new(aws: Aws, name: impl Into<String>) -> Result<Bucket, AwsError> {
        let region = Arc::new(Mutex::new(aws.region().to_owned()));
        let endpoint = Endpoint::of(aws.config())?;
        let credentials = Arc::default();
        Ok(Bucket { aws, name: name.into(), endpoint, region, credentials, is_region_guessed: false })
    }

    /// The same bucket, if nobody has configured a region and that of the clients is only a guess: then AWS refuses the
    /// credentials of another partition, and the error says why.
    #[must_use]
    pub fn in_guessed_region(self) -> Bucket {
        Bucket { is_region_guessed: true, ..self }
    }

    /// The objects whose keys begin with a prefix and have no further slash.
    ///
    /// # Errors
    /// Those of [`Aws`]. A list that cannot be read to its end is an error.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Object>, AwsError> {
        let call = &calls::LIST_OBJECTS;
        let (mut objects, mut token) = (Vec::new(), None::<String>);
        // `pages` cannot be used in a task: futures of its closure are not `Send`.
        loop {
            let body = self.call(call, &Request::list(prefix, token.as_deref())).await?;
            let answer =
                answer::list(&body).ok_or(AwsError::Unreadable { call, field: "ListBucketResult" })?;
            objects.extend(answer.objects);
            if !answer.goes_on {
                return Ok(objects);
            }
            match answer.next.filter(|next| !next.is_empty()) {
                next if next.is_none() || next == token => {
                    return Err(AwsError::Unreadable { call, field: "new token for the next page" });
                }
                next => token = next,
            }
        }
    }

    /// Reads an object, but not more than so many bytes of it.
    ///
    /// # Errors
    /// Those of [`Aws`].
    pub async fn get(&self, key: &str, most: u64) -> Result<Vec<u8>, AwsError> {
        match self.call(&calls::GET_OBJECT, &Request::get(key, most)).await {
            Ok(body) => Ok(body.to_vec()),
            // An empty object has no first byte.
            Err(error) if error.is(&["InvalidRange"]) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Writes an object that does not exist yet.
    ///
    /// # Errors
    /// Those of [`Aws`]. [`ErrorClass::Conflict`](crate::ErrorClass::Conflict): it exists, with another content.
    pub async fn put_new(&self, key: &str, content: Bytes) -> Result<(), AwsError> {
        let size = content.len() as u64;
        match self.call(&calls::PUT_OBJECT, &Request::put_new(key, content.clone())).await {
            // The answer to an earlier attempt may have been lost.
            Err(error) if error.is(&["PreconditionFailed"]) => match self.get(key, size).await {
                Ok(there) if there == content => Ok(()),
                _ => Err(error),
            },
            answer => answer.map(|_| ()),
        }
    }

    /// Deletes an object. One that does not exist counts as deleted.
    ///
    /// # Errors
    /// Those of [`Aws`].
    pub async fn delete(&self, key: &str) -> Result<(), AwsError> {
        self.call(&calls::DELETE_OBJECT, &Request::delete(key)).await.map(|_| ())
    }

    async fn call(&self, call: &'static Call, request: &Request) -> Result<Bytes, AwsError> {
        let provider = self.aws.credentials_provider()?;
        let answer = self.aws.read(call, || self.attempt(call, request, &provider)).await;
        answer.map_err(|error| match error {
            AwsError::Credentials { message } if self.is_region_guessed && is_unknown_key(&message) => {
                let region = self.aws.region();
                let told = format!(
                    "{message} (no region is configured, so AWS was asked in {region}, where the credentials of another partition \
                     are unknown: set AWS_REGION if the bucket is in China or GovCloud)"
                );
                AwsError::Credentials { message: told }
            }
            error => error,
        })
    }

    /// If the bucket is in another region, AWS says in which, and is asked there.
    async fn attempt(
        &self,
        call: &'static Call,
        request: &Request,
        provider: &SharedCredentialsProvider,
    ) -> Result<Bytes, SdkError<ErrorMetadata, HttpResponse>> {
        let credentials = self.credentials.get(provider).await.map_err(SdkError::construction_failure)?;
        let region = self.region().clone();
        let answer = self.send(call, request, &credentials, &region).await;
        let Err(SdkError::ServiceError(refused)) = &answer else { return answer };
        let of_header = refused.raw().headers().get("x-amz-bucket-region");
        match of_header.or_else(|| refused.err().extra(answer::REGION)) {
            Some(other) if other != region => {
                let other = other.to_owned();
                self.region().clone_from(&other);
                self.send(call, request, &credentials, &other).await
            }
            _ => answer,
        }
    }

    async fn send(
        &self,
        call: &'static Call,
        request: &Request,
        credentials: &Credentials,
        region: &str,
    ) -> Result<Bytes, SdkError<ErrorMetadata, HttpResponse>> {
        let origin = self.endpoint.origin(&self.name, region);
        let url = format!("{origin}{}", request.target(&self.endpoint, &self.name));
        let headers = sign(request, &url, region, credentials).map_err(SdkError::construction_failure)?;
        let (method, content) = (request.method, request.content.clone());
        let operation = Operation::builder()
            .service_name("s3")
            .operation_name(call.operation)
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&origin)
            .no_auth()
            .no_retry();
        let operation = match self.aws.http_client() {
            Some(http) => operation.http_client(http),
            None => operation,
        };
        let operation = operation
            .serializer(move |(): ()| {
                let mut sent = HttpRequest::new(SdkBody::from(content.clone()));
                sent.set_method(method)?;
                sent.set_uri(url.as_str())?;
                for (name, value) in &headers {
                    sent.headers_mut().try_insert(name.clone(), value.clone())?;
                }
                Ok(sent)
            })
            .deserializer(if call.operation == calls::LIST_OBJECTS.operation {
                answer::read_list
            } else {
                answer::read
            })
            .build();
        // Its future is large.
        Box::pin(operation.invoke(())).await
    }

    fn region(&self) -> MutexGuard<'_, String> {
        self.region.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether AWS knows no such credentials.
fn is_unknown_key(message: &str) -> bool {
    message.starts_with("InvalidAccessKeyId") || message.starts_with("InvalidToken")
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}
