//! Ingresses that ask for HTTP only in generated worlds.

use albatross_contract::{ANNOTATION_HTTP_ONLY, Ingress, Tag};

use super::{Dice, annotate, routed::is_routed};
use crate::Controller;

/// Lets some Ingresses in proxy mode ask for HTTP only. Returns whether any does.
pub fn add(story: &mut Controller, dice: &mut Dice) -> bool {
    if dice.percent(50) {
        return false;
    }
    story.settings.proxy.redirect_http = dice.percent(30);
    let mut ingresses = story.cluster.cluster().ingresses.clone();
    for ingress in ingresses.iter_mut().filter(|ingress| !is_routed(ingress)) {
        if dice.percent(30) {
            annotate(ingress, ANNOTATION_HTTP_ONLY, "true");
        }
    }
    let any = ingresses.iter().any(|ingress| asks(&ingress.metadata.annotations));
    story.apply_all(ingresses);
    any
}

/// An Ingress begins or ceases to ask for HTTP only, or asks for something that cannot be understood.
pub fn ask(ingress: &mut Ingress, dice: &mut Dice) {
    annotate(ingress, ANNOTATION_HTTP_ONLY, dice.pick::<&str>(&["true", "true", "false", "yes"]));
}

/// Whether an object with these annotations asks for HTTP only.
pub fn asks(annotations: &[Tag]) -> bool {
    annotations.iter().any(|tag| tag.key == ANNOTATION_HTTP_ONLY && tag.value == "true")
}
