use super::Attachments;
use crate::testing::{auto_scaling_group, target_group};

#[test]
fn auto_scaling_groups_are_found_by_name_and_by_target_group() {
    let groups = [
        auto_scaling_group(
            "b",
            &[],
            &["arn:target-group/one", "arn:target-group/two", "arn:target-group/one"],
        ),
        auto_scaling_group("a", &[], &["arn:target-group/one"]),
        auto_scaling_group("c", &[], &[]),
    ];
    let attachments = Attachments::new(&groups);
    let of =
        |id| attachments.of(&target_group(id)).iter().map(|group| group.name.as_str()).collect::<Vec<_>>();
    assert_eq!([of("one"), of("two"), of("three")], [vec!["a", "b"], vec!["b"], vec![]]);
    assert_eq!(attachments.groups().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(attachments.group("c").is_some() && attachments.group("d").is_none());
    assert!(attachments.has("a", &target_group("one")) && !attachments.has("a", &target_group("two")));
}
