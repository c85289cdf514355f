//! Reads the pages of a running controller.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Uri, body::Bytes};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::timeout;

use crate::error::Error;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest page: whatever answers at the address need not be a controller.
const MOST: usize = 16 << 20;

/// Gets a page, such as `/metrics`.
///
/// # Errors
/// There is no answer, or it says that there is no such page.
pub async fn get(address: &str, path: &'static str) -> Result<Vec<u8>, Error> {
    let failed = |problem: String| Error::ControllerPage { address: address.to_owned(), path, problem };
    let uri: Uri = format!("http://{address}{path}").parse().map_err(|error| failed(format!("{error}")))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let read = async {
        let answer = client.get(uri).await.map_err(|error| match std::error::Error::source(&error) {
            Some(cause) => cause.to_string(),
            None => error.to_string(),
        })?;
        let status = answer.status();
        let body =
            Limited::new(answer.into_body(), MOST).collect().await.map_err(|error| error.to_string())?;
        Ok::<_, String>((status, body.to_bytes()))
    };
    let (status, body) = timeout(PATIENCE, read)
        .await
        .map_err(|_| failed(format!("no answer within {} s", PATIENCE.as_secs())))?
        .map_err(failed)?;
    match status.is_success() {
        true => Ok(body.to_vec()),
        false => Err(failed(format!("{status}: {}", String::from_utf8_lossy(&body).trim()))),
    }
}
