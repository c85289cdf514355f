//! RouteGroups beside the Ingresses of a world.

use albatross_contract::{ANNOTATION_CLASS, ANNOTATION_SCHEME, ANNOTATION_SHARED, RouteGroup, Tag};

use super::{Dice, host};
use crate::{Controller, route_group};

/// The annotation for HTTP/2.
const HTTP2: &str = "zalando.org/aws-load-balancer-http2";

/// Adds RouteGroups to some worlds. Returns whether there are any.
pub fn add(story: &mut Controller, dice: &mut Dice) -> bool {
    if !dice.percent(30) {
        return false;
    }
    let count = dice.between(1, 5);
    story.apply_route_groups(Some((0..count).map(|number| some_route_group(number, dice)).collect()));
    true
}

/// RouteGroups are deleted, changed, or created again; or the kind is removed from the cluster.
pub fn change(story: &mut Controller, dice: &mut Dice) {
    if dice.percent(10) {
        return story.apply_route_groups(None);
    }
    let mut all = story.cluster.cluster().route_groups.clone().unwrap_or_default();
    all.retain(|_| dice.percent(80));
    for number in 0..dice.between(1, 5) {
        let made = some_route_group(number, dice);
        let name = |found: &RouteGroup| (found.metadata.namespace.clone(), found.metadata.name.clone());
        if dice.percent(30) {
            all.retain(|other| name(other) != name(&made));
            all.push(made);
        }
    }
    story.apply_route_groups(Some(all));
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
        (HTTP2, "false", 10),
        (HTTP2, "perhaps", 4),
    ] {
        if dice.percent(percent) {
            annotate(key, value);
        }
    }
    made
}
