//! With the setting `consolidate`, half-empty load balancers are emptied one after the other, and no host is without its
//! certificate at any call.

use std::cell::Cell;

use albatross_stories::generated::generate;

use crate::{for_all, http_only::watched_pass, services::assert_everybody_is_served};

#[test]
fn load_balancers_that_deletions_leave_half_empty_are_emptied_and_everybody_is_served_at_every_call() {
    let emptied = Cell::new(0);
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.converge();
        let all = story.cluster.cluster().ingresses.clone();
        let share = *dice.pick(&[40, 60, 80]);
        story.apply_all(all.into_iter().filter(|_| dice.percent(share)).collect());
        for _ in 0..2 {
            story.converge();
            story.wait_for_the_grace();
        }
        story.converge();
        if dice.percent(50) {
            story.cloud.inventory_mut().quotas.certificates_per_load_balancer = 25;
        }
        let before = story.load_balancers().len();
        story.settings.consolidate = Some(true);
        for _ in 0..=before {
            for _ in 0..5 {
                watched_pass(&mut story);
            }
            story.wait_for_the_grace();
        }
        story.converge();
        story.wait_for_the_grace();
        let plan = story.plan();
        assert!(
            plan.actions.is_empty(),
            "one is emptied after the other, and then there is nothing to do: {plan:#?}"
        );
        assert_everybody_is_served(&mut story, &plan);
        emptied.set(emptied.get() + before - story.load_balancers().len());
    });
    println!("{} load balancers were emptied", emptied.get());
    assert_ne!(emptied.get(), 0, "some can be emptied");
}
