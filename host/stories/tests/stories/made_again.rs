//! All Ingresses are deleted by accident and created again: nothing in the cluster says which load balancers they had.

use albatross_stories::{
    Controller, Pass, certificate, generated::Dice, ingress, take_something_away, world,
};

#[test]
fn made_again_at_once_everybody_has_the_name_as_before() {
    let mut story = sixty_shops_of_many_ages();
    let before = story.whereabouts();
    let all = story.cluster.cluster().ingresses.clone();
    delete_all(&mut story);

    story.apply_all(all);

    let passes = story.converge();
    assert!(!take_something_away(&passes), "no certificate leaves");
    assert_eq!(story.whereabouts(), before);
}

#[test]
fn made_again_in_three_batches_everybody_has_the_name_as_before() {
    let mut story = sixty_shops_of_many_ages();
    let before = story.whereabouts();
    let mut all = story.cluster.cluster().ingresses.clone();
    all.sort_by(|left, right| left.metadata.name.cmp(&right.metadata.name));
    delete_all(&mut story);

    let mut passes: Vec<Pass> = Vec::new();
    for there in [20, 40, 60] {
        story.apply_all(all[..there].to_vec());
        passes.extend(story.converge());
    }

    assert!(!take_something_away(&passes), "no certificate leaves");
    assert_eq!(story.whereabouts(), before);
}

/// Ingresses, each with its own host and certificate, created one after the other. Their order by age differs from that by
/// name.
fn sixty_shops_of_many_ages() -> Controller {
    let host = |number: u32| format!("shop-{number:02}.example.org");
    let certificates = (0..60).map(|number| certificate(number, &[&host(number)])).collect();
    let mut story = Controller::new(world(), certificates, Vec::new());
    let mut numbers: Vec<u32> = (0..60).collect();
    Dice::new(1).shuffle(&mut numbers);
    for number in numbers {
        story.apply(ingress(&format!("shop-{number:02}"), &[&host(number)]));
        story.converge();
        story.wait(86_400);
    }
    assert_eq!(story.load_balancers().len(), 3);
    story
}

fn delete_all(story: &mut Controller) {
    story.apply_all(Vec::new());
    story.converge();
    story.wait_for_the_grace();
    story.converge();
}
