//! Truncated answers.
//!
//! The SDK reads a truncated XML answer as if it were complete: it returns two of four load balancers, and no error. If the
//! HTTP framing is intact (a proxy or a cache truncated the body), only the missing end tag shows it.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Rejects XML answers without their end tag. (A truncated JSON answer, as from ACM, cannot be parsed anyway.)
#[derive(Debug)]
pub(crate) struct WholeAnswers;

#[dyn_dispatch_hint]
impl Intercept for WholeAnswers {
    fn name(&self) -> &'static str {
        "WholeAnswers"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() && is_truncated(body) => {
                Err("the answer is truncated: its end tag is missing".into())
            }
            _ => Ok(()),
        }
    }
}

/// The outermost element is named after the operation: `DescribeVpcsResponse`.
fn is_truncated(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    let last_tag = body.iter().rposition(|byte| *byte == b'<').map_or(body, |start| &body[start..]);
    body.starts_with(b"<") && !(last_tag.starts_with(b"</") && last_tag.ends_with(b"Response>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_its_end_tag_is_truncated() {
        let whole = "<?xml version=\"1.0\"?>\n<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>\n";
        assert!(!is_truncated(whole.as_bytes()));
        for end in 1..whole.trim_end().len() {
            assert!(is_truncated(&whole.as_bytes()[..end]), "{}", &whole[..end]);
        }
        assert!(!is_truncated(b"{\"CertificateSummaryList\":[]}"));
        assert!(!is_truncated(b""));
    }
}
