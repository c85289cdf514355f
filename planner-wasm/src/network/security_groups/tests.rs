use albatross_contract::{TAG_APPLICATION, ViewPart};

use super::{ANCESTOR, Lack, choose};
use crate::{identity::ownership_tags, kind::Kind, testing::World};

fn chosen(world: World, in_use: &[&str]) -> Result<Vec<&'static str>, Lack> {
    let in_use: Vec<String> = in_use.iter().map(|id| (*id).to_owned()).collect();
    choose(Kind::APPLICATION, world.read().observed, &in_use)
}

/// With a second security group that is tagged for this controller.
fn two(controller: &str) -> World {
    World::new().with(|snapshot| {
        let mut second = snapshot.inventory.security_groups[0].clone();
        second.id = "sg-0".into();
        let tags = second.tags.iter_mut().filter(|tag| tag.key == TAG_APPLICATION);
        tags.for_each(|tag| tag.value = controller.into());
        snapshot.inventory.security_groups.push(second);
    })
}

#[test]
fn of_several_tagged_security_groups_the_one_in_use_stays_else_the_smallest_id_is_chosen() {
    assert_eq!(chosen(two("albatross"), &[]), Ok(vec!["sg-0"]));
    assert_eq!(chosen(two("albatross"), &["sg-1"]), Ok(vec!["sg-1"]));
}

#[test]
fn those_that_we_create_are_not_chosen() {
    let world = two("albatross").with(|snapshot| {
        snapshot.inventory.security_groups[1].tags = ownership_tags(&snapshot.settings.identity, "one");
    });
    assert_eq!(chosen(world, &["sg-0"]), Ok(vec!["sg-1"]));
}

#[test]
fn those_of_the_ancestor_serve_where_none_is_ours() {
    assert_eq!(chosen(two(ANCESTOR), &["sg-0"]), Ok(vec!["sg-1"]));
    let only = two(ANCESTOR).with(|it| drop(it.inventory.security_groups.remove(0)));
    assert_eq!(chosen(only, &[]), Ok(vec!["sg-0"]));
}

#[test]
fn those_of_the_settings_must_exist_or_may_not_be_known() {
    let named = |ids: &[&str]| {
        World::new().with(|it| it.settings.security_groups = ids.iter().map(|id| (*id).to_owned()).collect())
    };
    assert_eq!(chosen(named(&["sg-1", "sg-1"]), &[]), Ok(vec!["sg-1"]));
    let lack = chosen(named(&["sg-9"]), &[]);
    assert_eq!(lack, Err(Lack::None("security group sg-9 of the settings does not exist".into())));
    let unknown = chosen(named(&["sg-9"]).missing(ViewPart::SecurityGroups), &[]);
    assert!(matches!(unknown, Err(Lack::Unknown(_))), "{unknown:?}");
}

#[test]
fn a_missing_security_group_is_reported_with_the_required_tags() {
    let none = || World::new().with(|it| it.inventory.security_groups[0].tags.clear());
    let expected = "no security group of vpc-1 carries the tags kubernetes.io/cluster/test=owned and \
                    kubernetes:application=albatross";
    assert_eq!(chosen(none(), &[]), Err(Lack::None(expected.into())));
    assert!(matches!(chosen(none().missing(ViewPart::SecurityGroups), &[]), Err(Lack::Unknown(_))));
}
