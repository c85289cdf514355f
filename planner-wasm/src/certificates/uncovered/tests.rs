use super::{OtherHosts, uncovered};
use crate::testing::World;

#[test]
fn who_has_a_host_without_a_certificate_hears_what_becomes_of_the_others() {
    let scene = World::new().ingress("x", &["a.org"]).read();
    for (others, expected) in [
        (OtherHosts::Lacking, "no certificate covers a.org: that leaves none"),
        (OtherHosts::Unplaced, "no certificate covers a.org: that host is left out"),
        (
            OtherHosts::Served(1),
            "no certificate covers a.org: that host is left out, its other one is served",
        ),
        (OtherHosts::Served(3), "no certificate covers a.org: that host is left out, its other 3 are served"),
    ] {
        let told = uncovered(scene.claim("x"), "a.org", others);
        assert_eq!((told.message.as_str(), told.subject.as_str()), (expected, "Ingress shop/x"));
    }
}
