//! Answers of S3.

use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, try_data};
use bytes::Bytes;
use percent_encoding::percent_decode_str;

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size.
    pub bytes: u64,
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) objects: Vec<Object>,
    /// Whether there are further pages.
    pub(super) goes_on: bool,
    /// The token of the next page.
    pub(super) next: Option<String>,
}

/// The body of an answer, or the error in it.
///
/// # Errors
/// S3 refuses the request.
pub(super) fn read(response: &HttpResponse) -> Result<Bytes, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return Ok(Bytes::copy_from_slice(body));
    }
    Err(OrchestratorError::operation(error(body)))
}

/// The body of a list, or the error in it. A list that is cut off counts as no answer, so that it is read again.
///
/// # Errors
/// S3 refuses the request, or the list is cut off.
pub(super) fn read_list(response: &HttpResponse) -> Result<Bytes, OrchestratorError<ErrorMetadata>> {
    let body = read(response)?;
    if body.trim_ascii_end().ends_with(END_OF_LIST) {
        return Ok(body);
    }
    Err(OrchestratorError::other("the list is cut off"))
}

/// How a list ends.
const END_OF_LIST: &[u8] = b"</ListBucketResult>";

/// What the region of the bucket is called in an error.
pub(super) const REGION: &str = "Region";

/// The code and the message of an error, and the region of the bucket, if it is another one. An answer without a body has none of
/// them.
fn error(body: &[u8]) -> ErrorMetadata {
    let mut metadata = ErrorMetadata::builder();
    let Ok(text) = std::str::from_utf8(body) else { return metadata.build() };
    let mut document = Document::new(text);
    if let Ok(mut root) = document.root_element() {
        while let Some(mut tag) = root.next_tag() {
            let name = tag.start_el().local().to_owned();
            let Ok(value) = try_data(&mut tag) else { continue };
            metadata = match name.as_str() {
                "Code" => metadata.code(value),
                "Message" => metadata.message(value),
                REGION => metadata.custom(REGION, value),
                _ => metadata,
            };
        }
    }
    metadata.build()
}

/// Reads a page of a list. `None`: it is none, or it is cut off.
pub(super) fn list(body: &[u8]) -> Option<Listed> {
    if !body.trim_ascii_end().ends_with(END_OF_LIST) {
        return None;
    }
    let mut document = Document::new(std::str::from_utf8(body).ok()?);
    let mut root = document.root_element().ok()?;
    let mut listed = Listed { objects: Vec::new(), goes_on: false, next: None };
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "Contents" => {
                let (mut key, mut bytes) = (None, None);
                while let Some(mut field) = tag.next_tag() {
                    match field.start_el().local() {
                        "Key" => key = Some(decoded(&try_data(&mut field).ok()?)?),
                        "Size" => bytes = try_data(&mut field).ok()?.parse().ok(),
                        _ => {}
                    }
                }
                listed.objects.push(Object { key: key?, bytes: bytes? });
            }
            "IsTruncated" => listed.goes_on = try_data(&mut tag).ok()? == "true",
            "NextContinuationToken" => listed.next = Some(try_data(&mut tag).ok()?.into_owned()),
            _ => {}
        }
    }
    Some(listed)
}

/// A key as it is. S3 encodes it as a form does, where a plus stands for a space.
fn decoded(key: &str) -> Option<String> {
    let key = key.replace('+', " ");
    Some(percent_decode_str(&key).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
        <Name>passes</Name><Prefix>a/</Prefix><IsTruncated>true</IsTruncated><NextContinuationToken>1ue&amp;x=</NextContinuationToken>\
        <Contents><Key>a/b+c%2B%01</Key><LastModified>2026-11-30T10:00:00.000Z</LastModified><Size>12</Size>\
        <Owner><ID>x</ID></Owner></Contents><Contents><Key>a/d</Key><Size>0</Size></Contents></ListBucketResult>\n";

    #[test]
    fn a_page_has_keys_sizes_and_the_token_of_the_next_page() {
        let object = |key: &str, bytes| Object { key: key.to_owned(), bytes };
        let listed = list(PAGE.as_bytes()).unwrap();
        assert_eq!(listed.objects, [object("a/b c+\u{1}", 12), object("a/d", 0)]);
        assert_eq!((listed.goes_on, listed.next.as_deref()), (true, Some("1ue&x=")));
    }

    #[test]
    fn a_page_that_is_cut_off_is_none() {
        for end in 0..PAGE.len() - 1 {
            assert_eq!(list(&PAGE.as_bytes()[..end]), None, "{}", &PAGE[..end]);
        }
        assert_eq!(list(b"<html></html>"), None);
    }

    #[test]
    fn an_error_has_a_code_and_a_message() {
        let found = error(b"<Error><Code>NoSuchBucket</Code><Message>It does not exist</Message><RequestId>1</RequestId></Error>");
        assert_eq!((found.code(), found.message()), (Some("NoSuchBucket"), Some("It does not exist")));
        assert_eq!(found.extra(REGION), None);
        let elsewhere =
            error(b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></Error>");
        assert_eq!(elsewhere.extra(REGION), Some("eu-north-1"));
        for body in [&b""[..], b"Bad Gateway", b"\xff"] {
            assert_eq!(error(body).code(), None);
        }
    }
}
