use super::*;

/// Whether a selector selects an object with labels such as `app=skipper,tier=edge`.
fn selects(selector: &str, labels: &str) -> bool {
    let label = |text: &str| {
        let (key, value) = text.split_once('=').unwrap();
        Tag { key: key.into(), value: value.into() }
    };
    let labels: Vec<Tag> = labels.split_terminator(',').map(label).collect();
    Selector::read(selector).unwrap_or_else(|error| panic!("{selector}: {error}")).matches(&labels)
}

/// Cases of `TestSelectorMatches` and `TestSetSelectorParser` of `k8s.io/apimachinery/pkg/labels`, among others.
#[test]
fn a_selector_selects_the_same_objects_as_in_kubernetes() {
    for (selector, labels, expected) in [
        ("x=y", "x=y", true),
        ("x==y", "x=y", true),
        ("x = y , z = w", "x=y,z=w", true),
        ("x=y,z=w", "x=y", false),
        ("x=", "x=", true),
        ("x=", "", false),
        ("x=,z=w", "x=,z=w", true),
        ("x!=y,z!=w", "x=z,z=a", true),
        ("x!=y", "", true),
        ("x!=y", "x=y", false),
        ("notin=in", "notin=in", true),
        ("in in (in, notin)", "in=notin", true),
        ("x", "x=z", true),
        ("x", "z=x", false),
        ("!x", "z=x", true),
        ("! x", "x=z", false),
        ("x in (a,b)", "x=b", true),
        ("x in (a,b)", "x=c", false),
        ("x in (a,b)", "", false),
        ("x in (,b)", "x=", true),
        ("x in (b,)", "x=", true),
        ("x in (a,,b)", "x=", true),
        ("x in(a)", "x=a", true),
        ("x notin (a,b)", "x=c", true),
        ("x notin (a,b)", "", true),
        ("x notin (a,b)", "x=a", false),
        ("x>1", "x=2", true),
        ("x>1", "x=1", false),
        ("x<1", "x=0", true),
        ("x<1", "x=one", false),
        ("x<1", "", false),
        (
            "app.kubernetes.io/name=skipper,tier in (edge),!canary",
            "app.kubernetes.io/name=skipper,tier=edge",
            true,
        ),
    ] {
        assert_eq!(selects(selector, labels), expected, "{selector} on {labels}");
    }
}

#[test]
fn what_is_wrong_with_a_selector_is_said() {
    for (selector, expected) in [
        ("", "is blank, which would select everything"),
        (" \t", "is blank, which would select everything"),
        ("x=y,", "the key of a label is missing: it ends there"),
        (",x=y", "the key of a label is missing: found \",\""),
        ("x y", "=, ==, !=, in, notin, < or > is missing after \"x\": found \"y\""),
        ("!x=y", "a comma is missing after a requirement: found \"=\""),
        ("x=y z", "a comma is missing after a requirement: found \"z\""),
        ("x=(y)", "the value for \"x\" is missing: found \"(\""),
        ("x==!y", "the value for \"x\" is missing: found \"!\""),
        ("x in y", "the values for \"x\" must be in parentheses: found \"y\""),
        ("x in ()", "the list of values for \"x\" is empty"),
        ("x in (a b)", "a comma or a closing parenthesis is missing in the values for \"x\": found \"b\""),
        ("x in (a", "a comma or a closing parenthesis is missing in the values for \"x\": it ends there"),
        ("x>one", "\"x\" is compared with \"one\", which is not a whole number"),
        ("-x=y", "\"-x\" is not the key of a label"),
        ("Example.org/x=y", "\"Example.org/x\" is not the key of a label"),
        ("example.org/=y", "\"example.org/\" is not the key of a label"),
        ("x=y.", "\"y.\" is not a value that the label \"x\" can have"),
        ("x=é", "\"é\" is not a value that the label \"x\" can have"),
    ] {
        assert_eq!(Selector::read(selector).unwrap_err(), expected, "{selector}");
    }
    let long = "x".repeat(64);
    assert!(Selector::read(&format!("{long}=y")).is_err());
    assert!(Selector::read(&format!("x={long}")).is_err());
}
