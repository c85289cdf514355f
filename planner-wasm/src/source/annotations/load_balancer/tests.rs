use albatross_contract::{ANNOTATION_RETAIN, ANNOTATION_SCHEME, ANNOTATION_SHARED, Scheme};

use super::{retained, scheme, shared};
use crate::{identity::tag, source::Wish};

#[test]
fn a_scheme_is_asked_for_or_the_default() {
    let read = |value: &str| scheme(&[tag(ANNOTATION_SCHEME, value)], Scheme::Internal).ok();
    assert_eq!(scheme(&[], Scheme::Internal).ok(), Some(Wish::Default(Scheme::Internal)));
    for (value, expected) in [
        ("internal", Some(Wish::Own(Scheme::Internal))),
        (" internet-facing ", Some(Wish::Own(Scheme::InternetFacing))),
        ("Internal", None),
        ("", None),
    ] {
        assert_eq!(read(value), expected, "{value}");
    }
}

#[test]
fn a_load_balancer_is_shared_unless_the_annotation_says_otherwise() {
    let read = |value: &str| shared(&[tag(ANNOTATION_SHARED, value)]).ok();
    assert_eq!(shared(&[]).ok(), Some(Wish::Default(true)));
    for (value, expected) in
        [("true", Some(Wish::Own(true))), ("false ", Some(Wish::Own(false))), ("no", None)]
    {
        assert_eq!(read(value), expected, "{value}");
    }
}

#[test]
fn a_load_balancer_is_retained_if_the_annotation_or_else_the_class_says_so() {
    let read = |value: &str, of_class| retained(&[tag(ANNOTATION_RETAIN, value)], of_class).ok();
    assert_eq!(retained(&[], true).ok(), Some(Wish::Default(true)));
    assert_eq!(read("false", true), Some(Wish::Own(false)));
    assert_eq!(read(" true", false), Some(Wish::Own(true)));
    assert_eq!(read("yes", true), None);
}
