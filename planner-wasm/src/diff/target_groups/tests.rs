use albatross_contract::{Action, AttributeChange, ModifyTargetGroup, Operation, ResourceReference};

use super::compare;
use crate::{
    diff::testing::{FORM, MEMBER, actions, form, health_check, target_group, wanted},
    identity::tag,
    testing::{self, told},
    wanted::TargetGroup,
};

fn compared(group: &TargetGroup<'_>) -> Vec<Action> {
    actions(|actions| compare(group, &wanted(None), &[MEMBER.owned()], actions))
}

#[test]
fn a_target_group_as_it_should_be_needs_nothing() {
    assert_eq!(compared(&target_group(Some(testing::target_group("one")))), []);
}

#[test]
fn a_missing_target_group_is_created_in_its_form_for_the_ingresses_that_wait() {
    let made = compared(&target_group(None));
    assert_eq!(told(&made), ["target-group/group/create"]);
    assert_eq!(made[0].objects, ["shop/checkout"]);
    assert_eq!(made[0].depends_on, Vec::<String>::new());
    let Operation::CreateTargetGroup(create) = &made[0].operation else { panic!("{made:?}") };
    assert_eq!(
        (create.name.as_str(), create.port, create.vpc_id.as_deref()),
        ("group", Some(9999), Some("vpc-1"))
    );
    assert_eq!((create.protocol, create.target_type), (FORM.protocol, FORM.target_type));
    assert_eq!(create.health_check, health_check());
    assert_eq!(create.tags, wanted(None).ownership);
}

#[test]
fn attributes_of_a_new_resource_are_set_after_its_creation() {
    let mut form = form();
    form.attributes[0].value = "30".into();
    let made = compared(&TargetGroup { form: Some(testing::leak(form)), ..target_group(None) });
    assert_eq!(told(&made), ["target-group/group/create", "target-group/group/attributes"]);
    assert_eq!(made[1].depends_on, ["one/target-group/group/create"]);
    let change = AttributeChange {
        resource: ResourceReference::CreatedBy("one/target-group/group/create".into()),
        attributes: vec![tag("deregistration_delay.timeout_seconds", "30")],
    };
    assert_eq!(made[1].operation, Operation::ModifyTargetGroupAttributes(change));
}

#[test]
fn another_health_check_and_other_attributes_are_changed_in_place() {
    let mut there = testing::target_group("one");
    there.health_check.path = Some("/other".into());
    there.attributes.push(tag("deregistration_delay.timeout_seconds", "5"));
    let name = there.name.clone();
    let changed = compared(&target_group(Some(there)));
    let ends = ["health-check", "attributes"].map(|end| format!("target-group/{name}/{end}"));
    assert_eq!(told(&changed), ends);
    let target_group = ResourceReference::Existing(testing::target_group_arn("one"));
    let modify = ModifyTargetGroup { target_group, health_check: health_check() };
    assert_eq!(changed[0].operation, Operation::ModifyTargetGroup(modify));
}

#[test]
fn attributes_that_we_do_not_set_stay() {
    let mut there = testing::target_group("one");
    there.attributes.push(tag("stickiness.enabled", "true"));
    assert_eq!(compared(&target_group(Some(there))), []);
}

#[test]
fn a_target_group_without_a_wanted_form_stays_as_it_is() {
    let mut there = testing::target_group("one");
    there.health_check.path = Some("/other".into());
    assert_eq!(compared(&TargetGroup { form: None, ..target_group(Some(there)) }), []);
}
