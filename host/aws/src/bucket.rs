//! A bucket of S3: lists, reads, writes and deletes objects.
//!
//! Only four operations are needed, so they are written here, on the HTTP client, the credentials and the signer of the SDK. The
//! SDK's own client of S3 would make each service's client be built with other features, and adds eight packages (event streams
//! and checksums of five kinds) for operations that nobody calls. Unlike that client, this one finds the region of a bucket.

mod address;
mod answer;
mod request;
mod store;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use aws_config::BehaviorVersion;
use aws_credential_types::{Credentials, provider::ProvideCredentials};
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
use request::{Endpoint, Request, sign};

pub use address::{BucketAddress, InvalidAddress};
pub use answer::Object;
pub use store::BucketFolder;

/// Credentials are replaced this long before they expire, as the SDK does.
const BEFORE_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// A bucket. A clone is cheap and shares what is known of the bucket.
#[derive(Clone)]
pub struct Bucket {
    aws: Aws,
    name: String,
    endpoint: Endpoint,
    state: Arc<Mutex<State>>,
}

/// What is known of a bucket.
struct State {
    /// AWS says in which region a bucket is when it is asked in another one.
    region: String,
    /// Credentials that expire. Otherwise each request would ask AWS for new ones.
    credentials: Option<Credentials>,
}

impl Bucket {
    /// The bucket of this name, which is not asked yet. Its region need not be that of the clients.
    pub fn new(aws: Aws, name: impl Into<String>) -> Bucket {
        let region = aws.region().to_owned();
        let endpoint = Endpoint::of(aws.endpoint_url());
        Bucket {
            aws,
            name: name.into(),
            endpoint,
            state: Arc::new(Mutex::new(State { region, credentials: None })),
        }
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
            match answer.next.filter(|next| !next.is_empty()) {
                None => return Ok(objects),
                next if next == token => {
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
        let credentials = self.credentials().await?;
        self.aws.read(call, || self.attempt(call, request, &credentials)).await
    }

    /// If the bucket is in another region, AWS says in which, and is asked there.
    async fn attempt(
        &self,
        call: &'static Call,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Bytes, SdkError<ErrorMetadata, HttpResponse>> {
        let region = self.state().region.clone();
        let answer = self.send(call, request, credentials, &region).await;
        let Err(SdkError::ServiceError(refused)) = &answer else { return answer };
        match refused.raw().headers().get("x-amz-bucket-region") {
            Some(other) if other != region => {
                let other = other.to_owned();
                self.state().region.clone_from(&other);
                self.send(call, request, credentials, &other).await
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
            .deserializer(answer::read)
            .build();
        // Its future is large.
        Box::pin(operation.invoke(())).await
    }

    async fn credentials(&self) -> Result<Credentials, AwsError> {
        let kept = self.state().credentials.clone();
        let is_usable = |credentials: &Credentials| {
            credentials.expiry().is_some_and(|expiry| expiry > SystemTime::now() + BEFORE_EXPIRY)
        };
        if let Some(kept) = kept.filter(is_usable) {
            return Ok(kept);
        }
        let provider = self.aws.credentials_provider()?;
        let found = provider.provide_credentials().await.map_err(|error| AwsError::no_credentials(&error))?;
        self.state().credentials = Some(found.clone());
        Ok(found)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}
