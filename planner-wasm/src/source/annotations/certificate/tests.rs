use albatross_contract::ANNOTATION_CERTIFICATE;

use super::certificate;
use crate::identity::tag;

#[test]
fn an_empty_value_names_no_certificate() {
    for (value, expected) in [("arn:a", Some("arn:a")), (" arn:a\n", Some("arn:a")), ("", None), (" ", None)]
    {
        assert_eq!(certificate(&[tag(ANNOTATION_CERTIFICATE, value)]), expected, "{value:?}");
    }
    assert_eq!(certificate(&[]), None);
}
