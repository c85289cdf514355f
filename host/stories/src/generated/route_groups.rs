//! RouteGroups beside the Ingresses of a world.

use albatross_contract::{ANNOTATION_CLASS, ANNOTATION_SCHEME, ANNOTATION_SHARED, RouteGroup, Tag};

use super::{Dice, host};
use crate::{Controller, route_group};

/// Adds RouteGroups to some worlds. Returns whether there are any.
pub fn add(story: &mut Controller, dice: &mut Dice) -> bool {
    if !dice.percent(30) {
        return false;
    }
    let count = dice.between(1, 5);
    story.apply_route_groups(Some((0..count).map(|number| some_route_group(number, dice)).collect()));
    true
}

/// A RouteGroup with the name that an Ingress of the world may have too.
fn some_route_group(number: usize, dice: &mut Dice) -> RouteGroup {
    let namespace = dice.pick(&["shop", "tools"]);
    let hosts: Vec<String> = (0..dice.between(1, 3)).map(|_| host(dice)).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let mut made = route_group(&format!("{namespace}/i{number}"), &hosts);
    let mut annotate = |key: &str, value: &str| {
        made.metadata.annotations.push(Tag { key: key.to_owned(), value: value.to_owned() });
    };
    for (key, value, percent) in [
        (ANNOTATION_SCHEME, "internal", 20),
        (ANNOTATION_SHARED, "false", 10),
        (ANNOTATION_CLASS, "somebody-else", 8),
    ] {
        if dice.percent(percent) {
            annotate(key, value);
        }
    }
    made
}
