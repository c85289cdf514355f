//! The smallest world that is served.

use albatross_stories::{Controller, certificate, ingress, world};

/// `shop/checkout` for shop.example.org, converged, with a certificate for this name.
pub fn one_shop(name: &str) -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &[name])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    story
}
