use albatross_stories::*;
#[test]
fn smoke() {
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"]), certificate(2, &["shop.example.org"])], vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org", "nope.example.net"])]);
    let pass = story.pass();
    for a in &pass.plan.actions { println!("{} after {:?}: {}", a.id, a.depends_on, a.reason); }
    println!("{:#?}", pass.plan.outcomes);
    println!("{:?}", pass.results);
    story.cloud.advance(WAITING);
    let passes = story.converge();
    println!("{}", passes.len());
    println!("{:#?}", story.hostname("checkout"));
}
